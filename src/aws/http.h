#ifndef SPARK_AWS_HTTP_PRIVATE_H
#define SPARK_AWS_HTTP_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "spark/aws/sigv4.h"
#include "spark/base/buf.h"
#include "spark/base/err.h"

/* One request, ready to go. Everything is lent. */
struct http_call {
	const char *method, *url;
	const char *target; /* "host:port", for messages */
	const struct sign_header *headers;
	size_t header_count;
	const void *body; /* in memory, or ... */
	size_t body_len;
	int body_fd; /* ... body_len bytes of a file from offset body_offset; -1: none */
	int64_t body_offset;
	int sink_fd;           /* the body of a 2xx reply goes there; -1: into the answer */
	size_t body_max;       /* bound of an answer in memory, bytes; 0: BUF_MAX_DEFAULT */
	bool bulk;             /* an object's data: time runs out only while nothing moves */
	bool small;            /* neither body is larger than a buffer of libcurl's usual size */
	bool fresh_connection; /* libcurl repeats a request silently when a kept connection turns out dead;
				* on a fresh one it never does */
};

/* A reply, or what is known when none came. */
struct http_answer {
	int status;
	struct buf body;
	char request_id[80], date[64], bucket_region[32], etag[80];
	int retry_after_s;      /* 0: none */
	int64_t content_length; /* -1: not told */
	bool may_have_arrived;  /* on failure: bytes of the request had left */
	int64_t sink_bytes;     /* written to sink_fd */
};
void http_answer_init(struct http_answer *a);
void http_answer_clear(struct http_answer *a);

/* The network as a function, so that tests can take its place. send returns 0 when a whole reply came, whatever its
 * status; -1 with err otherwise (ERR_TIMEOUT, ERR_UNREACHABLE, ERR_INTERRUPTED, ERR_PARSE when the reply is longer
 * than body_max, ERR_IO of the sink); err->retryable: a connection error. */
struct transport {
	int (*send)(void *arg, const struct http_call *call, struct http_answer *answer, struct err *err);
	void *arg;
};

struct http_options {
	const char *ca_bundle, *user_agent; /* lent */
	const char *unix_socket;            /* lent; NULL, or the way to the server that every URL means */
	int timeout_ms;
	bool no_proxy; /* whatever the environment says: the service is beside this machine */
	const volatile int *stop;
};

/* libcurl behind a pool of handles: each keeps its connections, so that calls of any thread find one open. */
struct http;
struct http *http_new(const struct http_options *o, struct err *err) MUST_CHECK;
void http_free(struct http *h);
int http_send(void *http, const struct http_call *call, struct http_answer *answer, struct err *err);

#endif
