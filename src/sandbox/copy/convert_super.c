#include <string.h>

#include "sandbox/copy/binary.h"
#include "sandbox/copy/convert_field.h"
#include "sandbox/copy/json_scan.h"
#include "sandbox/copy/utf8.h"

#define JSONB_VERSION  1
#define EXPONENT_LIMIT 400 /* a greater one needs a number that the server may not hold */

static int fail_super(struct field *f, const char *why)
{
	return field_fail(f, COPY_CODE_SUPER, "Invalid JSON for SUPER: %s", why);
}

/* May all numbers of the text be held? Strings are stepped over. */
static bool has_great_exponent(const char *p, const char *end)
{
	while (p < end) {
		struct copy_value s;
		long exponent = 0;

		if (*p == '"') {
			if (json_scan_string(&p, end, &s) != JSON_SCAN_OK)
				return false;
			continue;
		}
		if ((*p == 'e' || *p == 'E') && p + 1 < end &&
		    (p[1] == '+' || p[1] == '-' || (p[1] >= '0' && p[1] <= '9'))) {
			for (p += 1 + (p[1] == '+' || p[1] == '-'); p < end && *p >= '0' && *p <= '9'; p++)
				exponent = exponent < EXPONENT_LIMIT ? exponent * 10 + (*p - '0') : exponent;
			if (exponent >= EXPONENT_LIMIT)
				return true;
			continue;
		}
		p++;
	}
	return false;
}

/* Escapes that are well written may still name what is no character. */
static bool strings_are_good(struct field *f, const char *p, const char *end)
{
	while (p < end) {
		struct copy_value s;

		if (*p != '"') {
			p++;
			continue;
		}
		if (json_scan_string(&p, end, &s) != JSON_SCAN_OK)
			return false;
		if (s.escape) {
			buf_reset(&f->c->scratch);
			if (json_scan_unescape(&s, &f->c->scratch) < 0)
				return false;
		}
	}
	return true;
}

/* The text of one JSON value as the server's jsonb. */
static int put_json(struct field *f, const char *text, size_t len)
{
	if (len > f->col->max_bytes)
		return field_fail(f, COPY_CODE_RANGE, "The size of the SUPER value exceeds the limit of %zu bytes",
				  f->col->max_bytes);
	if (copy_utf8_length(text, len) < len)
		return field_fail(f, COPY_CODE_UTF8, "String contains invalid or unsupported UTF8 codepoints.");
	if (memchr(text, '\\', len) && !strings_are_good(f, text, text + len))
		return fail_super(f, "an escape names no character");
	if (has_great_exponent(text, text + len))
		return fail_super(f, "a number is out of range");
	binary_put_i32(f->row, (int32_t)len + 1);
	buf_putc(f->row, JSONB_VERSION);
	buf_add(f->row, text, len);
	return 0;
}

/* A value of a JSON record is put as it stands there, a string with its quotes; a field of another file is JSON text
 * itself. */
int convert_super(struct field *f)
{
	const struct copy_value *v = f->value;
	struct copy_value whole;
	struct buf terminated;
	const char *p, *end;
	enum json_scan scanned;
	int rc;

	if (v->kind == COPY_VALUE_STRING)
		return put_json(f, v->text - 1, v->len + 2);
	if (v->kind != COPY_VALUE_FIELD)
		return put_json(f, v->text, v->len);
	/* A number is only over at a byte that is none of it. The text may lie in the scratch buffer. */
	buf_init(&terminated, f->col->max_bytes + 2);
	buf_add(&terminated, f->text, f->len);
	buf_putc(&terminated, ' ');
	if (terminated.failed) {
		buf_clear(&terminated);
		return field_fail(f, COPY_CODE_RANGE, "The size of the SUPER value exceeds the limit of %zu bytes",
				  f->col->max_bytes);
	}
	p = terminated.data;
	end = p + terminated.len;
	json_scan_blank(&p, end);
	scanned = json_scan_value(&p, end, 0, &whole);
	json_scan_blank(&p, end);
	rc = scanned == JSON_SCAN_OK && p == end ? put_json(f, terminated.data, terminated.len - 1)
						 : fail_super(f, "the text is not JSON");
	buf_clear(&terminated);
	return rc;
}
