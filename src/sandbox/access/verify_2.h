#ifndef SPARK_SANDBOX_ACCESS_VERIFY_2_H
#define SPARK_SANDBOX_ACCESS_VERIFY_2_H

#include "sandbox/access/verify.h"
#include "spark/base/secret.h"

/* S3's links of signature version 2: AWSAccessKeyId, Expires and Signature in the query. */

#define SIGN_2_FIELD 1024 /* of a header that such a link may hold */

bool sign_2_is_claimed(const char *query);
/* Fills the claim: version_2, presigned, key_id, service, signature, expires, expires_s (since 1970), token. */
int sign_2_parse(const struct http_request *r, struct sign_claim *c, struct err *err) MUST_CHECK;
/* Time and signature; S3's members for the error document go to detail. */
int sign_2_check(const struct world *w, const struct http_request *r, const struct sign_claim *c,
		 const struct secret *secret, struct buf *detail, struct err *err) MUST_CHECK;

#endif
