#include "sandbox/wire/composite.h"

#include <string.h>

#include "spark/base/mem.h"

/* One field from p, which is behind ( or a comma, to the comma or parenthesis that ends it, which is returned. NULL:
 * there is none. *out moves behind what it is; there is room for all that is left. */
static const char *read_field(const char *p, const char *end, char **out)
{
	bool quoted = false;
	char *o = *out;

	for (; p < end; p++) {
		if (!quoted && (*p == ',' || *p == ')')) {
			*out = o;
			return p;
		}
		if (*p == '"' && quoted && p + 1 < end && p[1] == '"') {
			p++;
		} else if (*p == '"') {
			quoted = !quoted;
			continue;
		} else if (*p == '\\' && p + 1 < end) {
			p++;
		}
		*o++ = *p;
	}
	return NULL;
}

int composite_read(struct composite *r, const char **at, const char *end)
{
	const char *p = *at;
	char *text;

	r->count = 0;
	if (p == end)
		return 0;
	if (*p != '(')
		return -1;
	if (!r->text.max)
		buf_init(&r->text, (size_t)1024 * 1024 * 1024);
	buf_reset(&r->text);
	/* Each field is followed by a character more than it has itself, in whose place is its zero byte. */
	text = buf_reserve(&r->text, (size_t)(end - p));
	do {
		const char *begin = p + 1;
		bool null = begin < end && (*begin == ',' || *begin == ')');

		if (!text || mem_grow(&r->values, &r->cap, r->count, sizeof *r->values) < 0)
			return -1;
		r->values[r->count++] = null ? NULL : text;
		p = read_field(begin, end, &text);
		if (!p)
			return -1;
		*text++ = 0;
	} while (*p == ',');
	*at = p + 1;
	return 1;
}

void composite_put_line(const struct composite *r, struct buf *out)
{
	static const char special[] = "\b\f\n\r\t\v\\", letters[] = "bfnrtv\\";

	for (size_t i = 0; i < r->count; i++) {
		const char *p = r->values[i];

		if (i)
			buf_putc(out, '\t');
		if (!p)
			buf_puts(out, "\\N");
		while (p && *p) {
			size_t plain = strcspn(p, special);

			buf_add(out, p, plain);
			p += plain;
			if (!*p)
				break;
			buf_putc(out, '\\');
			buf_putc(out, letters[strchr(special, *p) - special]);
			p++;
		}
	}
	buf_putc(out, '\n');
}

void composite_clear(struct composite *r)
{
	mem_free(r->values);
	buf_clear(&r->text);
	memset(r, 0, sizeof *r);
}
