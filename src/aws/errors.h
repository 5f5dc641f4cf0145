#ifndef SPARK_AWS_ERRORS_PRIVATE_H
#define SPARK_AWS_ERRORS_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/http.h"
#include "spark/base/err.h"

/* What a service says when it refuses: query `<ErrorResponse><Error>`, ec2 `<Response><Errors><Error>`, s3 `<Error>`.
 */
struct service_error {
	char code[64], message[1024], request_id[80];
	char region[32]; /* S3: where the bucket really is */
};

/* Whose call it was, for the message. */
struct call_context {
	const char *service, *action; /* "redshift", "CreateCluster" */
	const char *subject;          /* "s3://bucket/key"; NULL: none */
	const char *source;           /* the credentials', for hints */
};

/* Takes an error document apart; false when the text is none. */
bool service_error_parse(const char *text, size_t len, struct service_error *out);
/* The same for a whole reply. One without a document (HEAD has none) gets S3's code for its status. */
void service_error_read(const struct http_answer *answer, struct service_error *out);
/* Fills err: text, codes, and a hint for what a user can mend. Returns -1. */
int service_error_tell(const struct service_error *e, const struct call_context *ctx, int http_status, struct err *err);
/* Does the service call the credentials expired, or not know them (any more)? */
bool service_error_is_stale_credentials(const struct service_error *e);
/* Does the refusal come from a wrong clock? Then *offset_ms is what to add to ours, from the reply's Date header. */
bool service_error_is_skew(const struct service_error *e, const struct http_answer *answer, int64_t now_ms,
			   int64_t *offset_ms);

#endif
