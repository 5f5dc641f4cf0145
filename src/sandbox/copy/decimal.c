#include "sandbox/copy/decimal.h"

#include <string.h>

#include "sandbox/copy/binary.h"

#define EXPONENT_MAX 100000

static void add_digit(struct decimal *d, unsigned char digit, size_t *zeros)
{
	if (digit == 0) {
		++*zeros; /* kept back: only a later digit makes them count */
		return;
	}
	for (; *zeros > 0 && d->count > 0 && d->count < DECIMAL_DIGITS; --*zeros)
		d->digits[d->count++] = 0;
	*zeros = 0;
	if (d->count < DECIMAL_DIGITS)
		d->digits[d->count++] = digit;
}

static bool read_exponent(const char *text, size_t len, size_t *pos, long *out)
{
	size_t i = *pos + 1, start;
	bool negative = false;
	long e = 0;

	if (i < len && (text[i] == '+' || text[i] == '-'))
		negative = text[i++] == '-';
	start = i;
	for (; i < len && text[i] >= '0' && text[i] <= '9'; i++) {
		if (e < EXPONENT_MAX)
			e = e * 10 + (text[i] - '0');
	}
	*pos = i;
	*out = negative ? -e : e;
	return i > start;
}

enum decimal_result decimal_read(const char *text, size_t len, struct decimal *d, size_t *bad_at)
{
	size_t i = 0, zeros = 0, seen = 0;
	bool fraction = false;
	long exponent = 0;

	memset(d, 0, sizeof *d);
	if (i < len && (text[i] == '-' || text[i] == '+'))
		d->negative = text[i++] == '-';
	for (; i < len; i++) {
		char c = text[i];

		if (c == '.' && !fraction) {
			fraction = true;
		} else if (c >= '0' && c <= '9') {
			bool leading = d->count == 0 && c == '0';

			seen++;
			if (leading)
				d->point -= fraction;
			else
				add_digit(d, (unsigned char)(c - '0'), &zeros);
			if (!leading && !fraction)
				d->point++;
		} else {
			break;
		}
	}
	*bad_at = i;
	if (seen == 0)
		return DECIMAL_BAD_DIGIT;
	if (i < len && (text[i] == 'e' || text[i] == 'E') && !read_exponent(text, len, &i, &exponent)) {
		*bad_at = i;
		return DECIMAL_BAD_DIGIT;
	}
	*bad_at = i;
	d->point = d->count ? d->point + exponent : 0;
	if (d->count == 0)
		d->negative = false;
	return i == len ? DECIMAL_OK : DECIMAL_BAD_DIGIT;
}

/* Signed, up to 18 digits without anything else, or with ".0" behind them: what nearly all integers are. */
static bool read_plain(const char *text, size_t len, int64_t *out)
{
	size_t i = 0;
	uint64_t n = 0;
	bool negative = false;

	if (i < len && (text[i] == '-' || text[i] == '+'))
		negative = text[i++] == '-';
	if (len - i > 2 && text[len - 1] == '0' && text[len - 2] == '.')
		len -= 2;
	if (i == len || len - i > 18)
		return false;
	for (; i < len; i++) {
		unsigned digit = (unsigned)(unsigned char)text[i] - '0';

		if (digit > 9)
			return false;
		n = n * 10 + digit;
	}
	*out = negative ? -(int64_t)n : (int64_t)n;
	return true;
}

enum decimal_result decimal_read_integer(const char *text, size_t len, int64_t *out, size_t *bad_at)
{
	struct decimal d;
	enum decimal_result rc;
	uint64_t n = 0, limit;
	const char *point;

	if (read_plain(text, len, out))
		return DECIMAL_OK;
	rc = decimal_read(text, len, &d, bad_at);
	if (rc != DECIMAL_OK)
		return rc;
	if (d.count > 0 && d.point < (long)d.count) {
		point = memchr(text, '.', len);
		*bad_at = point ? (size_t)(point - text) : 0;
		return DECIMAL_BAD_DIGIT;
	}
	if (d.point > 19)
		return DECIMAL_OVERFLOW;
	for (long i = 0; i < d.point; i++)
		n = n * 10 + (i < (long)d.count ? d.digits[i] : 0U); /* 19 digits fit 64 bits without a sign */
	limit = d.negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
	if (n > limit)
		return DECIMAL_OVERFLOW;
	*out = d.negative ? (int64_t)(0 - n) : (int64_t)n;
	return DECIMAL_OK;
}

static void cut_digits(struct decimal *d, int scale, bool round)
{
	long keep = d->point + scale;
	bool up;

	if (keep >= (long)d->count)
		return;
	up = round && keep >= 0 && d->digits[keep] >= 5;
	d->count = keep > 0 ? (size_t)keep : 0;
	if (up) {
		while (d->count > 0 && d->digits[d->count - 1] == 9)
			d->count--;
		if (d->count > 0) {
			d->digits[d->count - 1]++;
		} else {
			d->digits[d->count++] = 1;
			d->point = keep > 0 ? d->point + 1 : 1 - scale;
		}
	}
	while (d->count > 0 && d->digits[d->count - 1] == 0)
		d->count--;
	if (d->count == 0) {
		d->point = 0;
		d->negative = false;
	}
}

static int digit_at(const struct decimal *d, long place)
{
	return place >= 0 && place < (long)d->count ? d->digits[place] : 0;
}

enum decimal_result decimal_put_numeric(struct decimal *d, int precision, int scale, bool round, struct buf *out)
{
	long weight = 0, groups = 0, first;

	cut_digits(d, scale, round);
	if (d->count > 0 && d->point > precision - scale)
		return DECIMAL_OVERFLOW;
	if (d->count > 0) {
		/* Groups of four digits, aligned at the point: the first holds places [4 * weight + 4, 4 * weight]. */
		weight = d->point > 0 ? (d->point - 1) / 4 : -((4 - d->point) / 4);
		first = d->point - 4 * (weight + 1); /* index of the first group's first digit, 0 or less */
		groups = ((long)d->count - first + 3) / 4;
	} else {
		first = 0;
	}
	binary_put_i32(out, (int32_t)(8 + 2 * groups));
	binary_put_i16(out, (int16_t)groups);
	binary_put_i16(out, (int16_t)weight);
	binary_put_i16(out, d->negative ? 0x4000 : 0);
	binary_put_i16(out, (int16_t)scale);
	for (long g = 0; g < groups; g++) {
		int n = 0;

		for (long i = 0; i < 4; i++)
			n = n * 10 + digit_at(d, first + 4 * g + i);
		binary_put_i16(out, (int16_t)n);
	}
	return DECIMAL_OK;
}
