/* JSON out. Not cJSON's printer: that one indents by tabs and writes bytes that are no UTF-8 as they are. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_item.h"
#include "spark/base/json.h"
#include "spark/base/utf8.h"

static void put_escape(struct buf *out, unsigned char c)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *at = c ? strchr(plain, c) : NULL;

	if (at)
		buf_printf(out, "\\%c", letters[at - plain]);
	else
		buf_printf(out, "\\u%04x", c);
}

/* Most bytes are, and need no more than this look. */
static bool is_plain(char c)
{
	return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

void json_quote(struct buf *out, const char *text, size_t len)
{
	buf_putc(out, '"');
	for (size_t i = 0; i < len;) {
		size_t plain = i, size = 0;
		uint32_t c;

		while (i < len && is_plain(text[i]))
			i++;
		while (i < len && (size = utf8_decode(text + i, len - i, &c)) > 0 && c >= ' ' && c != '"' && c != '\\')
			i += size;
		buf_add(out, text + plain, i - plain);
		if (i >= len)
			break;
		if (size == 0)
			buf_puts(out, "\xEF\xBF\xBD");
		else
			put_escape(out, (unsigned char)text[i]);
		i++;
	}
	buf_putc(out, '"');
}

/* The shortest of two forms that reads back as the same number. */
static void put_number(struct buf *out, double n)
{
	char text[40];

	if (!isfinite(n)) {
		buf_puts(out, "null");
		return;
	}
	if (n == floor(n) && fabs(n) < 1e15) {
		buf_printf(out, "%.0f", n == 0 ? 0.0 : n);
		return;
	}
	snprintf(text, sizeof(text), "%.15g", n);
	if (strtod(text, NULL) != n)
		snprintf(text, sizeof(text), "%.17g", n);
	buf_puts(out, text);
}

static void put_line(struct buf *out, bool pretty, int depth)
{
	if (pretty)
		buf_printf(out, "\n%*s", depth * 2, "");
}

static void put_value(struct buf *out, const struct json *j, bool pretty, int depth);

static void put_container(struct buf *out, const struct json *j, bool pretty, int depth)
{
	bool is_object = json_is_object(j);

	buf_putc(out, is_object ? '{' : '[');
	for (const struct json *m = json_first(j); m && !out->failed; m = json_next(m)) {
		put_line(out, pretty, depth + 1);
		if (is_object) {
			json_quote(out, json_name(m), strlen(json_name(m)));
			buf_puts(out, pretty ? ": " : ":");
		}
		put_value(out, m, pretty, depth + 1);
		if (json_next(m))
			buf_putc(out, ',');
	}
	if (json_first(j))
		put_line(out, pretty, depth);
	buf_putc(out, is_object ? '}' : ']');
}

static void put_value(struct buf *out, const struct json *j, bool pretty, int depth)
{
	const char *text = json_text(j);

	if (json_is_object(j) || json_is_array(j))
		put_container(out, j, pretty, depth);
	else if (text)
		json_quote(out, text, strlen(text));
	else if (json_raw(j))
		buf_puts(out, json_raw(j));
	else if (json_is_number(j))
		put_number(out, json_number(j));
	else if (json_is_bool(j))
		buf_puts(out, json_is_true(j) ? "true" : "false");
	else
		buf_puts(out, "null");
}

int json_print(const struct json *j, bool pretty, struct buf *out, struct err *err)
{
	put_value(out, j, pretty, 0);
	return buf_check(out, "a JSON text", err);
}
