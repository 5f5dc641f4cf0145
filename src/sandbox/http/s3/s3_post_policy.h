#ifndef SPARK_SANDBOX_HTTP_S3_POST_POLICY_H
#define SPARK_SANDBOX_HTTP_S3_POST_POLICY_H

#include "sandbox/http/s3/s3.h"
#include "sandbox/http/s3/s3_form.h"

/* The policy document of a form: until when it may be sent, and what its fields must be. `key` is the object's, with
 * the file's name put in. AccessDenied, InvalidPolicyDocument, EntityTooLarge, EntityTooSmall. */
int s3_post_policy_check(struct s3_call *c, const char *base64, const struct s3_form *f, const char *key,
			 struct err *err) MUST_CHECK;

#endif
