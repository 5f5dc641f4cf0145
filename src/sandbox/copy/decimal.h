#ifndef SPARK_SANDBOX_COPY_DECIMAL_H
#define SPARK_SANDBOX_COPY_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spark/base/buf.h"

#define DECIMAL_DIGITS 80

/* A decimal number: 0.d1d2d3... times ten to the `point`. */
struct decimal {
	bool negative;
	unsigned char digits[DECIMAL_DIGITS]; /* no leading and no trailing zero; digits beyond the room are dropped */
	size_t count;                         /* 0: the number is zero */
	long point;
};

enum decimal_result { DECIMAL_OK, DECIMAL_BAD_DIGIT, DECIMAL_OVERFLOW };

/* Sign, digits, fraction, exponent. *bad_at: the byte that does not belong. */
enum decimal_result decimal_read(const char *text, size_t len, struct decimal *d, size_t *bad_at);
/* An integer: 39, -7, also 1540919166796.0 and 1.5e3, but no number with a fraction (BAD_DIGIT at its point). */
enum decimal_result decimal_read_integer(const char *text, size_t len, int64_t *out, size_t *bad_at);
/* Cuts to `scale` digits behind the point (or rounds half away from zero) and appends PostgreSQL's binary numeric;
 * OVERFLOW when more than precision - scale digits stand before the point. */
enum decimal_result decimal_put_numeric(struct decimal *d, int precision, int scale, bool round, struct buf *out);

#endif
