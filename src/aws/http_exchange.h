#ifndef SPARK_AWS_HTTP_EXCHANGE_PRIVATE_H
#define SPARK_AWS_HTTP_EXCHANGE_PRIVATE_H

#include "aws/curl_api.h"
#include "aws/http.h"

/* One request on one libcurl handle, for callers that drive the handle themselves. */
struct http_exchange {
	const struct curl_api *api;
	const struct http_call *call;
	struct http_answer *answer;
	const volatile int *stop;
	struct curl_slist *headers;
	int64_t body_sent;
	bool too_long;    /* the reply is longer than call->body_max */
	struct err local; /* the sink or the body's file failed */
	char message[CURL_ERROR_SIZE];
};

/* Sets all of the handle's options. The exchange must stay where it is until http_exchange_end(). */
int http_exchange_begin(struct http_exchange *x, CURL *handle, const struct curl_api *api, const struct http_options *o,
			const struct http_call *call, struct http_answer *answer, struct err *err) MUST_CHECK;
/* Turns libcurl's result into ours, as transport.send. Frees what begin made. */
int http_exchange_end(struct http_exchange *x, CURL *handle, CURLcode result, struct err *err) MUST_CHECK;

#endif
