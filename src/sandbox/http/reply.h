#ifndef SPARK_SANDBOX_HTTP_REPLY_H
#define SPARK_SANDBOX_HTTP_REPLY_H

#include "spark/sandbox/http.h"

/* The envelopes of the three protocols: query, ec2 and S3's REST. */

/* What a handler appended, wrapped as the service does it. Nothing appended: the action has no output. */
int reply_result(struct http_reply *r, const struct service *s, const char *action, const struct buf *result,
		 struct err *err) MUST_CHECK;
/* An error document in the service's own form; s NULL: S3's. For S3, members in r->body go into the document, and
 * `resource` (may be NULL) is named. Never fails: without memory the body stays empty. */
void reply_error(struct http_reply *r, const struct service *s, const char *resource, const struct err *failure);

#endif
