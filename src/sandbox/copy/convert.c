#include "sandbox/copy/convert.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sandbox/copy/binary.h"
#include "sandbox/copy/convert_field.h"
#include "sandbox/copy/json_scan.h"

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

int field_fail(struct field *f, enum copy_code code, const char *fmt, ...)
{
	va_list ap;

	f->problem->code = (int)code;
	va_start(ap, fmt);
	vsnprintf(f->problem->reason, sizeof f->problem->reason, fmt, ap);
	va_end(ap);
	return -1;
}

int field_put_null(struct field *f)
{
	if (f->col->not_null)
		return field_fail(f, COPY_CODE_NOT_NULL, "Missing data for not-null field");
	binary_put_null(f->row);
	return 0;
}

int field_fail_digit(struct field *f, size_t at)
{
	const char *label = copy_type_label(f->col->type);

	if (at >= f->len)
		return field_fail(f, COPY_CODE_DIGIT, "Invalid digit, Value '', Pos %zu, Type: %s", at, label);
	return field_fail(f, COPY_CODE_DIGIT, "Invalid digit, Value '%c', Pos %zu, Type: %s", f->text[at], at, label);
}

int field_fail_overflow(struct field *f)
{
	return field_fail(f, COPY_CODE_INVALID, "Overflow, Column type: %s", copy_type_label(f->col->type));
}

static int (*const converters[COPY_TYPES])(struct field *f) = {
	[COPY_INT2] = convert_integer,        [COPY_INT4] = convert_integer,
	[COPY_INT8] = convert_integer,        [COPY_NUMERIC] = convert_numeric,
	[COPY_FLOAT4] = convert_float,        [COPY_FLOAT8] = convert_float,
	[COPY_BOOL] = convert_bool,           [COPY_VARCHAR] = convert_text,
	[COPY_CHAR] = convert_text,           [COPY_TEXT] = convert_text,
	[COPY_VARBYTE] = convert_varbyte,     [COPY_DATE] = convert_date,
	[COPY_TIME] = convert_time,           [COPY_TIMETZ] = convert_time,
	[COPY_TIMESTAMP] = convert_timestamp, [COPY_TIMESTAMPTZ] = convert_timestamp,
	[COPY_SUPER] = convert_super,
};

static bool is_text(enum copy_type type)
{
	return type == COPY_VARCHAR || type == COPY_CHAR || type == COPY_TEXT;
}

/* Every `mark` is left out, and what follows it is itself. */
static void unmark(const struct copy_value *v, char mark, struct buf *out)
{
	const char *p = v->text, *end = v->text + v->len;

	while (p < end) {
		const char *found = memchr(p, mark, (size_t)(end - p));

		buf_add(out, p, (size_t)((found ? found : end) - p));
		if (!found)
			return;
		if (found + 1 < end)
			buf_putc(out, found[1]);
		p = found + 1 < end ? found + 2 : end;
	}
}

/* Unescaped or compacted text lives in the scratch buffer until the next field. */
static int plain_text(struct field *f)
{
	const struct copy_value *v = f->value;
	struct buf *b = &f->c->scratch;

	buf_reset(b);
	if (v->kind == COPY_VALUE_NESTED)
		json_scan_compact(v, b);
	else if (v->escape == COPY_ESCAPE_BACKSLASH)
		unmark(v, '\\', b);
	else if (v->escape == COPY_ESCAPE_QUOTE)
		unmark(v, f->c->s->quote, b);
	else if (json_scan_unescape(v, b) < 0)
		return field_fail(f, COPY_CODE_UTF8, "String contains invalid or unsupported UTF8 codepoints.");
	if (b->failed)
		return field_fail(f, COPY_CODE_RANGE, "String length exceeds DDL length");
	f->text = b->data;
	f->len = b->len;
	return 0;
}

static void trim(struct field *f)
{
	while (f->len > 0 && f->text[f->len - 1] == ' ')
		f->len--;
	while (f->len > 0 && *f->text == ' ') {
		f->text++;
		f->len--;
	}
}

int copy_convert_field(struct copy_convert *c, const struct copy_column *col, const struct copy_value *v,
		       struct buf *row, struct copy_problem *problem)
{
	struct field f = { c, col, v, v->text, v->len, row, problem };
	bool text = is_text(col->type);

	c->replaced = false;
	if (v->kind == COPY_VALUE_MISSING || v->kind == COPY_VALUE_NULL)
		return field_put_null(&f);
	if (col->type == COPY_SUPER && v->kind != COPY_VALUE_FIELD)
		return convert_super(&f);
	if ((v->escape || (v->kind == COPY_VALUE_NESTED && text)) && plain_text(&f) < 0)
		return -1;
	if (!text) {
		trim(&f);
		if (f.len == 0)
			return field_put_null(&f);
	}
	return converters[col->type](&f);
}
