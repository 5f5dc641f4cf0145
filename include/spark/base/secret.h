#ifndef SPARK_BASE_SECRET_H
#define SPARK_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "spark/base/err.h"

/* A text that must not be seen: wiped when freed, kept out of core dumps as far as the kernel allows
 * (MADV_DONTDUMP), never passed to printf. Use secret_value() only where the bytes are really needed. */
struct secret {
	char *value; /* private to secret.c; NULL when not set */
	size_t len;
};

int secret_set(struct secret *s, const char *text, struct err *err) MUST_CHECK;
int secret_set_bytes(struct secret *s, const void *bytes, size_t len, struct err *err) MUST_CHECK;
int secret_copy(struct secret *to, const struct secret *from, struct err *err) MUST_CHECK;
void secret_clear(struct secret *s);
bool secret_is_set(const struct secret *s);
const char *secret_value(const struct secret *s); /* lends; "" when not set */
/* Takes the same time wherever the two differ. */
bool secret_equal(const void *a, size_t a_len, const void *b, size_t b_len);
/* What may be shown of it: "***", or "" when not set. */
const char *secret_mask(const struct secret *s);
/* A random password of `len` characters that satisfies Redshift's rules (8 to 64, upper, lower, digit; none
 * of ' " \ / @ or blank). */
int secret_random_password(struct secret *s, size_t len, struct err *err) MUST_CHECK;
/* len random bytes from the kernel. */
int secret_random_bytes(void *out, size_t len, struct err *err) MUST_CHECK;

#endif
