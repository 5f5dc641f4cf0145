#include "sandbox/unload/row.h"

#include <string.h>

#include "sandbox/copy/fail.h"
#include "spark/base/json.h"

static char decoded(char c)
{
	static const char letters[] = "bfnrtv", bytes[] = "\b\f\n\r\t\v";
	const char *found = c ? strchr(letters, c) : NULL;

	return found ? bytes[found - letters] : c;
}

/* The server's text form: columns end with tabs, \N is NULL, a backslash escapes. */
bool unload_row_split(const char *bytes, size_t len, struct unload_value *values, size_t count, struct buf *scratch)
{
	const char *p = bytes, *end = bytes + len;

	if (len > 0 && end[-1] == '\n')
		end--;
	buf_reset(scratch);
	/* Room for all first: the texts must not move while they are pointed at. */
	if (!buf_reserve(scratch, len + 1))
		return false;
	for (size_t i = 0; i < count; i++) {
		const char *tab = memchr(p, '\t', (size_t)(end - p)), *to = tab ? tab : end;

		if (!tab != (i + 1 == count))
			return false;
		values[i] = (struct unload_value){ p, (size_t)(to - p) };
		if (to - p == 2 && memcmp(p, "\\N", 2) == 0) {
			values[i] = (struct unload_value){ NULL, 0 };
		} else if (memchr(p, '\\', (size_t)(to - p))) {
			size_t from = scratch->len;

			for (; p < to; p++)
				buf_putc(scratch, *p == '\\' && p + 1 < to ? decoded(*++p) : *p);
			values[i] = (struct unload_value){ scratch->data + from, scratch->len - from };
		}
		p = to + 1;
	}
	return true;
}

/* SUPER without the blanks that the server puts between values. */
static void put_compact(struct buf *out, const char *text, size_t len)
{
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"')
			quoted = !quoted;
		if (quoted && text[i] == '\\' && i + 1 < len)
			buf_putc(out, text[i++]);
		if (quoted || text[i] != ' ')
			buf_putc(out, text[i]);
	}
}

/* The value as text, whatever the file's format does to it then. A NULL of SUPER is JSON's. */
static struct unload_value plain(const struct unload_column *c, const struct unload_value *v, struct buf *scratch)
{
	if (c->kind == UNLOAD_SUPER && !v->text)
		return (struct unload_value){ "null", 4 };
	if (c->kind == UNLOAD_SUPER) {
		buf_reset(scratch);
		put_compact(scratch, v->text, v->len);
		return (struct unload_value){ scratch->data, scratch->len };
	}
	if (c->kind == UNLOAD_BYTES && v->text && v->len >= 2 && memcmp(v->text, "\\x", 2) == 0)
		return (struct unload_value){ v->text + 2, v->len - 2 };
	return *v;
}

static char delimiter(const struct unload_statement *s)
{
	return s->to->delimiter ? s->to->delimiter : s->format == UNLOAD_CSV ? ',' : '|';
}

static void put_escaped(const struct unload_statement *s, struct buf *out, const struct unload_value *v)
{
	char between = delimiter(s);

	for (size_t i = 0; i < v->len; i++) {
		char c = v->text[i];

		if (c == '\n' || c == '\r' || c == '\\' || c == between || (s->add_quotes && (c == '"' || c == '\'')))
			buf_putc(out, '\\');
		buf_putc(out, c);
	}
}

static void put_null(const struct unload_statement *s, struct buf *out)
{
	if (s->to->null_as)
		buf_add(out, s->to->null_as, s->to->null_len);
}

static void put_text(const struct unload_statement *s, const struct unload_column *c, struct buf *out,
		     const struct unload_value *v)
{
	if (s->add_quotes)
		buf_putc(out, '"');
	if (!v->text)
		put_null(s, out);
	else if (s->to->escape && c->kind != UNLOAD_NUMBER)
		put_escaped(s, out, v);
	else
		buf_add(out, v->text, v->len);
	if (s->add_quotes)
		buf_putc(out, '"');
}

static void put_csv(const struct unload_statement *s, const struct unload_column *c, struct buf *out,
		    const struct unload_value *v)
{
	char between = delimiter(s);
	bool quoted = false;

	(void)c;
	if (!v->text) {
		put_null(s, out);
		return;
	}
	for (size_t i = 0; i < v->len && !quoted; i++)
		quoted = v->text[i] == between || strchr("\"\n\r", v->text[i]) != NULL;
	if (!quoted) {
		buf_add(out, v->text, v->len);
		return;
	}
	buf_putc(out, '"');
	for (size_t i = 0; i < v->len; i++) {
		if (v->text[i] == '"')
			buf_putc(out, '"');
		buf_putc(out, v->text[i]);
	}
	buf_putc(out, '"');
}

static void put_json(const struct unload_column *c, struct buf *out, const struct unload_value *v)
{
	bool bare =
		c->kind == UNLOAD_SUPER || (c->kind == UNLOAD_NUMBER && v->len > 0 &&
					    strchr("-0123456789", v->text[0]) && !(v->len > 1 && v->text[1] == 'I'));

	if (!v->text)
		buf_puts(out, "null");
	else if (bare)
		buf_add(out, v->text, v->len);
	else
		json_quote(out, v->text, v->len);
}

static int put_fixed(const struct unload_column *c, size_t width, const struct unload_statement *s, struct buf *out,
		     struct unload_value v, struct err *err)
{
	if (!v.text && s->to->null_as && (s->to->null_len <= width || c->kind == UNLOAD_CHARACTER))
		v = (struct unload_value){ s->to->null_as, s->to->null_len };
	if (v.text && v.len > width)
		return copy_fail_state(err, "XX000",
				       "a value of column \"%s\" has %zu bytes, and FIXEDWIDTH gives it %zu", c->name,
				       v.len, width);
	if (v.text)
		buf_add(out, v.text, v.len);
	for (size_t i = v.text ? v.len : 0; i < width; i++)
		buf_putc(out, ' ');
	return 0;
}

/* One column's value, with what stands before it. */
static int put_value(const struct unload_statement *s, const struct unload_columns *c, size_t i, bool first,
		     const struct unload_value *v, struct buf *out, struct err *err)
{
	const struct unload_column *column = &c->items[i];

	switch (s->format) {
	case UNLOAD_FIXED:
		return put_fixed(column, s->to->widths[i], s, out, *v, err);
	case UNLOAD_JSON:
		buf_putc(out, first ? '{' : ',');
		json_quote(out, column->name, strlen(column->name));
		buf_putc(out, ':');
		put_json(column, out, v);
		return 0;
	case UNLOAD_CSV:
	case UNLOAD_TEXT:
		if (!first)
			buf_putc(out, delimiter(s));
		(s->format == UNLOAD_CSV ? put_csv : put_text)(s, column, out, v);
		return 0;
	}
	return 0;
}

int unload_row_put(const struct unload_statement *s, const struct unload_columns *c, const struct unload_value *values,
		   struct buf *out, struct err *err)
{
	struct buf scratch;
	bool first = true;
	int rc = 0;

	buf_init(&scratch, out->max);
	for (size_t i = 0; rc == 0 && i < c->count; i++) {
		struct unload_value v;

		if (c->items[i].hidden)
			continue;
		v = plain(&c->items[i], &values[i], &scratch);
		if (scratch.failed)
			rc = buf_check(&scratch, "a value", err);
		else
			rc = put_value(s, c, i, first, &v, out, err);
		first = false;
	}
	buf_clear(&scratch);
	if (s->format == UNLOAD_JSON)
		buf_putc(out, '}');
	buf_putc(out, '\n');
	return rc < 0 ? -1 : buf_check(out, "a row", err);
}

int unload_row_header(const struct unload_statement *s, const struct unload_columns *c, struct buf *out,
		      struct err *err)
{
	static const struct unload_column name = { .kind = UNLOAD_CHARACTER };
	bool first = true;

	for (size_t i = 0; i < c->count; i++) {
		struct unload_value v = { c->items[i].name, strlen(c->items[i].name) };

		if (c->items[i].hidden)
			continue;
		if (!first)
			buf_putc(out, delimiter(s));
		(s->format == UNLOAD_CSV ? put_csv : put_text)(s, &name, out, &v);
		first = false;
	}
	buf_putc(out, '\n');
	return buf_check(out, "the header", err);
}
