#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sandbox/copy/binary.h"
#include "sandbox/copy/convert_field.h"
#include "sandbox/copy/decimal.h"

#define FLOAT_TEXT_MAX 400

int convert_integer(struct field *f)
{
	int64_t n = 0;
	size_t bad_at = 0;

	switch (decimal_read_integer(f->text, f->len, &n, &bad_at)) {
	case DECIMAL_BAD_DIGIT:
		return field_fail_digit(f, bad_at);
	case DECIMAL_OVERFLOW:
		return field_fail_overflow(f);
	case DECIMAL_OK:
		break;
	}
	if (f->col->type == COPY_INT8) {
		binary_put_i32(f->row, 8);
		binary_put_i64(f->row, n);
	} else if (f->col->type == COPY_INT4) {
		if (n < INT32_MIN || n > INT32_MAX)
			return field_fail_overflow(f);
		binary_put_i32(f->row, 4);
		binary_put_i32(f->row, (int32_t)n);
	} else {
		if (n < INT16_MIN || n > INT16_MAX)
			return field_fail_overflow(f);
		binary_put_i32(f->row, 2);
		binary_put_i16(f->row, (int16_t)n);
	}
	return 0;
}

int convert_numeric(struct field *f)
{
	struct decimal d;
	size_t bad_at;

	if (decimal_read(f->text, f->len, &d, &bad_at) != DECIMAL_OK)
		return field_fail_digit(f, bad_at);
	if (decimal_put_numeric(&d, f->col->precision, f->col->scale, f->c->s->round_decimals, f->row) != DECIMAL_OK)
		return field_fail_overflow(f);
	return 0;
}

/* Up to 15 digits and a small power of ten are exact in doubles, and so is their quotient's rounding. */
static bool read_short_double(const char *text, size_t len, double *out)
{
	static const double powers[] = { 1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
					 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
	uint64_t n = 0;
	size_t i = text[0] == '-', digits = 0, fraction = 0;
	bool point = false;

	for (; i < len; i++) {
		if (text[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (text[i] < '0' || text[i] > '9' || ++digits > 15)
			return false;
		n = n * 10 + (unsigned)(text[i] - '0');
		fraction += point;
	}
	if (digits == 0)
		return false;
	*out = (double)n / powers[fraction];
	if (text[0] == '-')
		*out = -*out;
	return true;
}

static int put_float(struct field *f, double n)
{
	float single = (float)n;
	uint64_t bits;
	uint32_t bits32;

	if (f->col->type == COPY_FLOAT4) {
		memcpy(&bits32, &single, sizeof bits32);
		binary_put_i32(f->row, 4);
		binary_put_i32(f->row, (int32_t)bits32);
	} else {
		memcpy(&bits, &n, sizeof bits);
		binary_put_i32(f->row, 8);
		binary_put_i64(f->row, (int64_t)bits);
	}
	return 0;
}

static bool read_special_float(const struct field *f, double *out)
{
	static const struct {
		const char *text;
		double value;
	} words[] = {
		{ "nan", NAN },      { "infinity", INFINITY }, { "+infinity", INFINITY }, { "-infinity", -INFINITY },
		{ "inf", INFINITY }, { "-inf", -INFINITY }
	};

	if (f->text[f->len - 1] < 'A') /* it ends like a number */
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strlen(words[i].text) == f->len && strncasecmp(words[i].text, f->text, f->len) == 0) {
			*out = words[i].value;
			return true;
		}
	}
	return false;
}

int convert_float(struct field *f)
{
	char copy[FLOAT_TEXT_MAX + 1], *end;
	double n = 0;

	if (read_short_double(f->text, f->len, &n) || read_special_float(f, &n))
		return put_float(f, n);
	if (f->len > FLOAT_TEXT_MAX || strspn(f->text, "+-.0123456789eE") < f->len)
		return field_fail_digit(f, strspn(f->text, "+-.0123456789eE"));
	memcpy(copy, f->text, f->len);
	copy[f->len] = 0;
	n = strtod(copy, &end);
	if (*end || end == copy)
		return field_fail(f, COPY_CODE_FLOAT, "Invalid digit, Value '%c', Pos %zu, Type: %s", *end ? *end : ' ',
				  (size_t)(end - copy), copy_type_label(f->col->type));
	if (!isfinite(n) || (f->col->type == COPY_FLOAT4 && !isfinite((float)n)))
		return field_fail_overflow(f);
	return put_float(f, n);
}

int convert_bool(struct field *f)
{
	static const struct {
		const char *text;
		char value;
	} words[] = { { "true", 1 }, { "false", 0 }, { "t", 1 },  { "f", 0 }, { "1", 1 },
		      { "0", 0 },    { "yes", 1 },   { "no", 0 }, { "y", 1 }, { "n", 0 } };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strlen(words[i].text) == f->len && strncasecmp(words[i].text, f->text, f->len) == 0) {
			binary_put_text(f->row, &words[i].value, 1);
			return 0;
		}
	}
	return field_fail(f, COPY_CODE_BOOLEAN, "Unknown boolean format");
}
