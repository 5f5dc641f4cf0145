#ifndef SPARK_AWS_REQUEST_PRIVATE_H
#define SPARK_AWS_REQUEST_PRIVATE_H

#include "aws/client.h"
#include "aws/errors.h"

/* A call to a service, before it is signed. Everything is lent. */
struct aws_request {
	const char *service, *action; /* "s3", "GetObject" */
	const char *subject;          /* for messages, "s3://bucket/key"; NULL: none */
	const char *method;
	const char *bucket; /* S3 only */
	const char *path;   /* encoded, below the bucket: "/key"; NULL: "/" */
	const char *query;  /* encoded; NULL: none */
	struct sign_header extra[6];
	size_t extra_count;
	const void *body;
	size_t body_len;
	const char *payload_hash; /* hex; NULL: worked out from body */
	int body_fd;              /* -1: none, see http_call */
	int64_t body_offset;
	int sink_fd; /* -1: none */
	size_t body_max;
	bool bulk, small; /* see http_call */
	bool idempotent;
};
void aws_request_init(struct aws_request *r, const char *service, const char *action, const char *method);
void aws_request_header(struct aws_request *r, const char *name, const char *value);

/* The call as it goes out: signed for one moment. */
struct signed_request {
	struct buf url, authorization;
	char hash[65], date[40];
	struct address address;
	struct sign_header headers[12];
	size_t header_count;
	struct http_call call;
	struct held_credentials *credentials; /* whose token the headers lend; NULL of an anonymous client */
};
int aws_request_sign(struct aws_client *c, const struct aws_request *r, struct signed_request *out,
		     struct err *err) MUST_CHECK;
void signed_request_clear(struct signed_request *s);

/* How a row of attempts stands. Begin with { 0 }. */
struct attempts {
	int number; /* made so far */
	bool clock_learned, region_learned, credentials_renewed;
	uint64_t serial;  /* of the credentials that the last one was signed with; 0: none */
	int retry_cost;   /* of the last repeat */
	int64_t delay_ms; /* before the next one */
};
enum verdict { VERDICT_DONE, VERDICT_AGAIN, VERDICT_FAILED };
/* What follows from an attempt. rc and err: transport.send's. VERDICT_FAILED leaves err complete. */
enum verdict aws_request_judge(struct aws_client *c, const struct aws_request *r, struct attempts *a, int rc,
			       const struct http_answer *answer, struct err *err);

/* Signs, sends, retries. 0: *answer holds a 2xx reply (clear it also on failure). */
int aws_request_send(struct aws_client *c, const struct aws_request *r, struct http_answer *answer,
		     struct err *err) MUST_CHECK;

#endif
