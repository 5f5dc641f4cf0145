#ifndef SPARK_AWS_SIGV4_KEY_PRIVATE_H
#define SPARK_AWS_SIGV4_KEY_PRIVATE_H

#include "spark/aws/sigv4.h"
#include "spark/base/hash.h"

/* The signing key serves a whole day, so a client derives it once and keeps it. Wipe it after use. */
int sigv4_derive_key(const struct secret *secret_key, const struct sign_scope *s, unsigned char out[SHA256_SIZE],
		     struct err *err) MUST_CHECK;
/* sigv4_authorization() with the key derived before. */
int sigv4_authorization_with(const struct sign_request *r, const struct sign_scope *s, const char *access_key_id,
			     const unsigned char key[SHA256_SIZE], struct buf *out, struct err *err) MUST_CHECK;

#endif
