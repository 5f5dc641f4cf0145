#include "sandbox/copy/convert.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sandbox/copy/binary.h"
#include "sandbox/copy/decimal.h"
#include "sandbox/copy/json_scan.h"
#include "sandbox/copy/utf8.h"

/* Codes of stl_load_errors. */
enum {
	CODE_RANGE = 1204,
	CODE_DATE = 1205,
	CODE_TIMESTAMP = 1206,
	CODE_DIGIT = 1207,
	CODE_FLOAT = 1208,
	CODE_BOOLEAN = 1210,
	CODE_NOT_NULL = 1213,
	CODE_CHAR = 1215,
	CODE_OVERFLOW = 1216,
	CODE_UTF8 = 1220,
};

#define FLOAT_TEXT_MAX 400

struct field {
	struct copy_convert *c;
	const struct copy_column *col;
	const char *text;
	size_t len;
	struct buf *row;
	struct copy_problem *problem;
};

void copy_convert_init(struct copy_convert *c, const struct copy_statement *s)
{
	memset(c, 0, sizeof *c);
	c->s = s;
	datetime_format_init(&c->date, s->date_format, true);
	datetime_format_init(&c->time, s->time_format, false);
	buf_init(&c->scratch, BUF_MAX_DEFAULT);
}

void copy_convert_clear(struct copy_convert *c)
{
	buf_clear(&c->scratch);
}

static int fail(struct field *f, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);
static int fail(struct field *f, int code, const char *fmt, ...)
{
	va_list ap;

	f->problem->code = code;
	va_start(ap, fmt);
	vsnprintf(f->problem->reason, sizeof f->problem->reason, fmt, ap);
	va_end(ap);
	return -1;
}

static int put_null(struct field *f)
{
	if (f->col->not_null)
		return fail(f, CODE_NOT_NULL, "Missing data for not-null field");
	binary_put_null(f->row);
	return 0;
}

static void put_bytes(struct field *f, const char *bytes, size_t len)
{
	binary_put_i32(f->row, (int32_t)len);
	buf_add(f->row, bytes, len);
}

static int fail_digit(struct field *f, size_t at)
{
	const char *label = copy_type_label(f->col->type);

	if (at >= f->len)
		return fail(f, CODE_DIGIT, "Invalid digit, Value '', Pos %zu, Type: %s", at, label);
	return fail(f, CODE_DIGIT, "Invalid digit, Value '%c', Pos %zu, Type: %s", f->text[at], at, label);
}

static int fail_overflow(struct field *f)
{
	return fail(f, CODE_OVERFLOW, "Overflow, Column type: %s", copy_type_label(f->col->type));
}

static int convert_integer(struct field *f)
{
	int64_t n = 0;
	size_t bad_at = 0;

	switch (decimal_read_integer(f->text, f->len, &n, &bad_at)) {
	case DECIMAL_BAD_DIGIT:
		return fail_digit(f, bad_at);
	case DECIMAL_OVERFLOW:
		return fail_overflow(f);
	case DECIMAL_OK:
		break;
	}
	if (f->col->type == COPY_INT8) {
		binary_put_i32(f->row, 8);
		binary_put_i64(f->row, n);
	} else if (f->col->type == COPY_INT4) {
		if (n < INT32_MIN || n > INT32_MAX)
			return fail_overflow(f);
		binary_put_i32(f->row, 4);
		binary_put_i32(f->row, (int32_t)n);
	} else {
		if (n < INT16_MIN || n > INT16_MAX)
			return fail_overflow(f);
		binary_put_i32(f->row, 2);
		binary_put_i16(f->row, (int16_t)n);
	}
	return 0;
}

static int convert_numeric(struct field *f)
{
	struct decimal d;
	size_t bad_at;

	if (decimal_read(f->text, f->len, &d, &bad_at) != DECIMAL_OK)
		return fail_digit(f, bad_at);
	if (decimal_put_numeric(&d, f->col->precision, f->col->scale, f->c->s->round_decimals, f->row) != DECIMAL_OK)
		return fail_overflow(f);
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

static int convert_float(struct field *f)
{
	char copy[FLOAT_TEXT_MAX + 1], *end;
	double n = 0;
	float single;
	uint64_t bits;
	uint32_t bits32;

	if (f->len > FLOAT_TEXT_MAX || strspn(f->text, "+-.0123456789eE") < f->len)
		return fail_digit(f, strspn(f->text, "+-.0123456789eE"));
	if (!read_short_double(f->text, f->len, &n)) {
		memcpy(copy, f->text, f->len);
		copy[f->len] = 0;
		n = strtod(copy, &end);
		if (*end || end == copy)
			return fail(f, CODE_FLOAT, "Invalid digit, Value '%c', Pos %zu, Type: %s", *end ? *end : ' ',
				    (size_t)(end - copy), copy_type_label(f->col->type));
	}
	single = (float)n;
	if (!isfinite(n) || (f->col->type == COPY_FLOAT4 && !isfinite(single)))
		return fail_overflow(f);
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

static int convert_bool(struct field *f)
{
	static const struct {
		const char *text;
		char value;
	} words[] = { { "true", 1 }, { "false", 0 }, { "t", 1 },  { "f", 0 }, { "1", 1 },
		      { "0", 0 },    { "yes", 1 },   { "no", 0 }, { "y", 1 }, { "n", 0 } };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strlen(words[i].text) == f->len && strncasecmp(words[i].text, f->text, f->len) == 0) {
			put_bytes(f, &words[i].value, 1);
			return 0;
		}
	}
	return fail(f, CODE_BOOLEAN, "Unknown boolean format");
}

/* Replaces what is no UTF-8, byte by byte. f->text may lie in the scratch buffer already. */
static int replace_invalid(struct field *f)
{
	struct buf *b = &f->c->scratch;
	size_t len = f->len, at;

	if (f->text != b->data) {
		buf_reset(b);
		buf_add(b, f->text, len);
		if (b->failed)
			return fail(f, CODE_RANGE, "String length exceeds DDL length");
		f->text = b->data;
	}
	while ((at = copy_utf8_length(b->data, len)) < len)
		b->data[at] = f->c->s->replacement;
	f->c->replaced = true;
	return 0;
}

static int check_utf8(struct field *f)
{
	size_t at = copy_utf8_length(f->text, f->len);
	char hex[16] = "";
	size_t used = 0;

	if (at == f->len)
		return 0;
	if (f->c->s->accept_inv_chars && f->col->type != COPY_CHAR)
		return replace_invalid(f);
	for (size_t i = at; i < f->len && i < at + 4 && (i == at || (f->text[i] & 0xC0) == 0x80); i++)
		used += (size_t)snprintf(hex + used, sizeof hex - used, "%s%02x", i > at ? " " : "",
					 (unsigned char)f->text[i]);
	return fail(f, CODE_UTF8,
		    "String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: %s (error 3)", hex);
}

static size_t trim_right(const char *text, size_t len)
{
	while (len > 0 && text[len - 1] == ' ')
		len--;
	return len;
}

static int convert_text(struct field *f)
{
	const struct copy_statement *s = f->c->s;
	size_t max = f->col->max_bytes, solid;

	if ((f->len == 0 && s->empty_as_null) || (s->blanks_as_null && trim_right(f->text, f->len) == 0))
		return put_null(f);
	if (check_utf8(f) < 0)
		return -1;
	if (s->trim_blanks && f->col->type != COPY_CHAR)
		f->len = trim_right(f->text, f->len);
	if (f->col->type == COPY_CHAR) {
		solid = copy_utf8_ascii(f->text, f->len);
		if (solid < f->len)
			return fail(f, CODE_CHAR,
				    "Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid "
				    "char: %02x",
				    (unsigned char)f->text[solid]);
		f->len = trim_right(f->text, f->len);
	}
	if (f->len > max) {
		if (!s->truncate_columns)
			return fail(f, CODE_RANGE, "%s length exceeds DDL length",
				    f->col->type == COPY_CHAR ? "Char" : "String");
		f->len = copy_utf8_cut(f->text, f->len, max);
	}
	put_bytes(f, f->text, f->len);
	return 0;
}

static int convert_date(struct field *f)
{
	struct datetime t;

	if (!datetime_read(&f->c->date, f->text, f->len, &t)) {
		/* A time behind the day is cut off. */
		if (f->c->date.mode != DATETIME_PATTERN || strcmp(f->c->date.pattern, DATETIME_DEFAULT_DATE) != 0 ||
		    f->len <= 10 || (f->text[10] != ' ' && f->text[10] != 'T') ||
		    !datetime_read(&f->c->date, f->text, 10, &t)) {
			if (f->c->s->accept_any_date)
				return put_null(f);
			if (f->len < 10 && f->c->date.mode == DATETIME_PATTERN && strlen(f->c->date.pattern) >= 10)
				return fail(f, CODE_DATE, "Invalid date format - length must be 10 or more");
			return fail(f, CODE_DATE, "Invalid date format or value [%.40s]", f->c->date.pattern);
		}
	}
	binary_put_i32(f->row, 4);
	binary_put_i32(f->row, datetime_days(&t));
	return 0;
}

static int convert_timestamp(struct field *f)
{
	const struct datetime_format *format = &f->c->time;
	struct datetime t;
	int64_t micros;

	if (format->mode == DATETIME_EPOCH_SECONDS || format->mode == DATETIME_EPOCH_MILLISECONDS) {
		if (!datetime_from_epoch(format->mode, f->text, f->len, &micros))
			return fail(f, CODE_TIMESTAMP, "Invalid timestamp format or value [%s]", format->pattern);
	} else if (datetime_read(format, f->text, f->len, &t)) {
		micros = datetime_micros(&t, f->col->type == COPY_TIMESTAMPTZ);
	} else {
		const char *pattern =
			strcmp(format->pattern, DATETIME_DEFAULT_TIME) == 0 ? "YYYY-MM-DD HH24:MI:SS" : format->pattern;

		if (f->c->s->accept_any_date)
			return put_null(f);
		return fail(f, CODE_TIMESTAMP, "Invalid timestamp format or value [%.40s]", pattern);
	}
	binary_put_i32(f->row, 8);
	binary_put_i64(f->row, micros);
	return 0;
}

static int (*const converters[COPY_TYPES])(struct field *f) = {
	[COPY_INT2] = convert_integer,
	[COPY_INT4] = convert_integer,
	[COPY_INT8] = convert_integer,
	[COPY_NUMERIC] = convert_numeric,
	[COPY_FLOAT4] = convert_float,
	[COPY_FLOAT8] = convert_float,
	[COPY_BOOL] = convert_bool,
	[COPY_VARCHAR] = convert_text,
	[COPY_CHAR] = convert_text,
	[COPY_TEXT] = convert_text,
	[COPY_DATE] = convert_date,
	[COPY_TIMESTAMP] = convert_timestamp,
	[COPY_TIMESTAMPTZ] = convert_timestamp,
};

static bool is_text(enum copy_type type)
{
	return type == COPY_VARCHAR || type == COPY_CHAR || type == COPY_TEXT;
}

/* Unescaped or compacted text lives in the scratch buffer until the next field. */
static int plain_text(struct field *f, const struct copy_value *v)
{
	struct buf *b = &f->c->scratch;

	buf_reset(b);
	if (v->kind == COPY_VALUE_NESTED) {
		json_scan_compact(v, b);
	} else if (json_scan_unescape(v, b) < 0) {
		return fail(f, CODE_UTF8, "String contains invalid or unsupported UTF8 codepoints.");
	}
	if (b->failed)
		return fail(f, CODE_RANGE, "String length exceeds DDL length");
	f->text = b->data;
	f->len = b->len;
	return 0;
}

int copy_convert_field(struct copy_convert *c, const struct copy_column *col, const struct copy_value *v,
		       struct buf *row, struct copy_problem *problem)
{
	struct field f = { c, col, v->text, v->len, row, problem };

	c->replaced = false;
	if (v->kind == COPY_VALUE_MISSING || v->kind == COPY_VALUE_NULL)
		return put_null(&f);
	if ((v->escaped || (v->kind == COPY_VALUE_NESTED && is_text(col->type))) && plain_text(&f, v) < 0)
		return -1;
	if (!is_text(col->type)) {
		f.len = trim_right(f.text, f.len);
		while (f.len > 0 && *f.text == ' ') {
			f.text++;
			f.len--;
		}
		if (f.len == 0)
			return put_null(&f);
	}
	return converters[col->type](&f);
}
