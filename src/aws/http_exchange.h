#ifndef SPARK_AWS_HTTP_EXCHANGE_PRIVATE_H
#define SPARK_AWS_HTTP_EXCHANGE_PRIVATE_H

#include "aws/curl_api.h"
#include "aws/http.h"

#define EXCHANGE_HEADERS 16

enum exchange_body { BODY_NONE, BODY_MEMORY, BODY_FILE };
/* What a handle is set for. Requests of one kind differ in URL, headers and body only. */
struct exchange_kind {
	enum exchange_body body;
	char method[16];
	char origin[400]; /* "http://host:port" */
	bool bulk, small, fresh_connection;
};

/* Requests on one libcurl handle, one after the other, for callers that drive the handle themselves. Begin with { 0 }.
 * It must stay where it is: the handle points at it. */
struct http_exchange {
	const struct curl_api *api;
	const struct http_call *call;
	struct http_answer *answer;
	const volatile int *stop;
	struct exchange_kind kind; /* method "": the handle is not set */
	struct buf lines;          /* the headers, each ended by a zero byte */
	struct curl_slist headers[EXCHANGE_HEADERS];
	int64_t body_sent;
	bool too_long;    /* the reply is longer than call->body_max */
	struct err local; /* the sink or the body's file failed */
	char message[CURL_ERROR_SIZE];
};

/* Sets the handle's options, all of them when the request is of another kind than the one before. A failure leaves
 * nothing to end. */
int http_exchange_begin(struct http_exchange *x, CURL *handle, const struct curl_api *api, const struct http_options *o,
			const struct http_call *call, struct http_answer *answer, struct err *err) MUST_CHECK;
/* Turns libcurl's result into ours, as transport.send, and wipes the headers. */
int http_exchange_end(struct http_exchange *x, CURL *handle, CURLcode result, struct err *err) MUST_CHECK;
/* After the last request. */
void http_exchange_clear(struct http_exchange *x);

/* The length of "http://host:port" in front of the path; 0 when the URL has no such form. */
size_t http_origin_length(const char *url);
/* What libcurl's failures mean; false when that one is not known. os_errno 0: none. */
bool http_tell_failure(const char *target, CURLcode result, int os_errno, struct http_answer *answer, struct err *err);
/* sent: bytes of the request had left. -1. */
int http_tell_timeout(const char *target, bool sent, struct http_answer *answer, struct err *err);

#endif
