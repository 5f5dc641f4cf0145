#ifndef SPARK_TESTS_AWS_CANNED_H
#define SPARK_TESTS_AWS_CANNED_H

#include "aws/client.h"
#include "spark/base/mem.h"

#include "unit/cm.h"

/* A network that answers from a script and notes what was sent, and a clock that only moves when told. */
struct canned_reply {
	int status; /* 0: no reply came, as `failure` says */
	const char *body, *date, *region, *etag;
	int retry_after_s;
	int64_t content_length;
	enum err_kind failure;
	bool retryable, may_have_arrived;
};
struct canned_request {
	char *method, *url, *body, *headers; /* headers: "name: value\n" each, names in lower case */
	bool fresh_connection;
};
#define CANNED_MAX 16
struct canned {
	const struct canned_reply *replies;
	size_t reply_count, sent;
	struct canned_request requests[CANNED_MAX];
	int64_t now_ms, slept_ms;
	int sleeps;
	struct clock clock;
	volatile int stop;
};

static inline int64_t canned_now(void *arg)
{
	return ((struct canned *)arg)->now_ms;
}

static inline int canned_sleep(void *arg, int64_t ms, const volatile int *stop)
{
	struct canned *c = arg;

	c->slept_ms += ms;
	c->sleeps += ms > 0;
	return stop && *stop ? -1 : 0;
}

static inline int canned_send(void *arg, const struct http_call *call, struct http_answer *answer, struct err *err)
{
	struct canned *c = arg;
	struct buf headers;

	assert_true(c->sent < c->reply_count);
	const struct canned_reply *r = &c->replies[c->sent];
	struct canned_request *q = &c->requests[c->sent++];
	buf_init(&headers, 65536);
	for (size_t i = 0; i < call->header_count; i++) {
		for (const char *p = call->headers[i].name; *p; p++)
			buf_putc(&headers, *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p);
		buf_printf(&headers, ": %s\n", call->headers[i].value);
	}
	q->method = mem_strdup(call->method);
	q->url = mem_strdup(call->url);
	q->body = mem_strndup(call->body ? call->body : "", call->body ? call->body_len : 0);
	q->headers = buf_take(&headers);
	q->fresh_connection = call->fresh_connection;
	if (r->status == 0) {
		answer->may_have_arrived = r->may_have_arrived;
		err_set(err, r->failure, "the network said no to '%s'", call->target);
		err->retryable = r->retryable;
		return -1;
	}
	answer->status = r->status;
	answer->retry_after_s = r->retry_after_s;
	answer->content_length = r->content_length;
	if (r->body)
		buf_puts(&answer->body, r->body);
	if (r->date)
		snprintf(answer->date, sizeof(answer->date), "%s", r->date);
	if (r->region)
		snprintf(answer->bucket_region, sizeof(answer->bucket_region), "%s", r->region);
	return 0;
}

/* A client whose network is the script. Time stands at 2026-11-21T10:06:32Z. */
static inline struct aws_client *canned_open(struct canned *c, const struct canned_reply *replies, size_t count,
					     const char *endpoint, const char *region)
{
	struct aws_client_options o = { .region = region, .endpoint_url = endpoint, .timeout_ms = 5000 };
	struct err err = { 0 };

	*c = (struct canned){ .replies = replies, .reply_count = count, .now_ms = 1795255592000 };
	c->clock = (struct clock){ canned_now, canned_now, canned_sleep, c };
	o.clock = &c->clock;
	o.stop = &c->stop;
	snprintf(o.credentials.access_key_id, sizeof(o.credentials.access_key_id), "AKIDEXAMPLE");
	snprintf(o.credentials.source, sizeof(o.credentials.source), "dwh.cfg:3");
	assert_int_equal(secret_set(&o.credentials.secret_access_key, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", &err),
			 0);
	struct aws_client *client = aws_client_new(&o, &err);
	aws_credentials_clear(&o.credentials);
	assert_non_null(client);
	aws_client_set_transport(client, &(struct transport){ canned_send, c });
	return client;
}

static inline void canned_close(struct canned *c, struct aws_client *client)
{
	aws_client_free(client);
	for (size_t i = 0; i < c->sent; i++) {
		mem_free(c->requests[i].method);
		mem_free(c->requests[i].url);
		mem_free(c->requests[i].body);
		mem_free(c->requests[i].headers);
	}
}

#define ASSERT_HAS(text, part)                                        \
	do {                                                          \
		if (!strstr((text), (part)))                          \
			fail_msg("'%s' has no '%s'", (text), (part)); \
	} while (0)

#endif
