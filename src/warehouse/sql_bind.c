#include <string.h>

#include "spark/base/mem.h"
#include "spark/warehouse/sql.h"
#include "warehouse/sql_lex.h"

/* A backslash is an escape in Redshift's ordinary strings, so it is doubled like the quote. */
static void add_literal(struct buf *out, const char *value)
{
	buf_putc(out, '\'');
	for (; *value; value++) {
		if (*value == '\'' || *value == '\\')
			buf_putc(out, *value);
		buf_putc(out, *value);
	}
	buf_putc(out, '\'');
}

static void add_identifier(struct buf *out, const char *value)
{
	buf_putc(out, '"');
	for (; *value; value++) {
		if (*value == '"')
			buf_putc(out, '"');
		buf_putc(out, *value);
	}
	buf_putc(out, '"');
}

static const struct sql_value *find_value(const struct sql_value *values, size_t count, const char *name, size_t len)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(values[i].name) == len && memcmp(values[i].name, name, len) == 0)
			return &values[i];
	}
	return NULL;
}

static int unknown_placeholder(const struct sql_file *f, const struct sql_token *t, const struct sql_value *values,
			       size_t count, struct err *err)
{
	struct buf known;

	err_set(err, ERR_CONFIG, "unknown placeholder '%.*s' in '%s', line %zu", (int)(t->len < 100 ? t->len : 100),
		f->text + t->start, f->name, sql_lex_line(f->text, t->start));
	buf_init(&known, 512);
	for (size_t i = 0; i < count; i++)
		buf_printf(&known, "%s:%s", i ? ", " : "", values[i].name);
	if (count > 0 && !known.failed)
		err_hint(err, "known are %s", known.data);
	buf_clear(&known);
	return -1;
}

static int bind_token(const struct sql_file *f, const struct sql_token *t, const struct sql_value *values, size_t count,
		      struct buf *out, struct err *err)
{
	bool identifier = t->kind == SQL_TOKEN_PLACEHOLDER_ID;
	const char *name = f->text + t->start + (identifier ? 2 : 1);
	size_t len = t->len - (identifier ? 3 : 1);
	const struct sql_value *v = find_value(values, count, name, len);

	if (!v)
		return unknown_placeholder(f, t, values, count, err);
	if (!v->value) {
		err_set(err, ERR_CONFIG, "placeholder ':%s' in '%s', line %zu, has no value", v->name, f->name,
			sql_lex_line(f->text, t->start));
		return -1;
	}
	if (identifier)
		add_identifier(out, v->value);
	else
		add_literal(out, v->value);
	return 0;
}

int sql_bind(const struct sql_file *f, const struct sql_value *values, size_t count, struct buf *out, struct err *err)
{
	size_t pos = 0;

	for (;;) {
		struct sql_token t = sql_lex_next(f->text, f->len, pos);

		if (t.kind == SQL_TOKEN_END)
			break;
		if (t.kind == SQL_TOKEN_PLACEHOLDER || t.kind == SQL_TOKEN_PLACEHOLDER_ID) {
			if (bind_token(f, &t, values, count, out, err) < 0)
				return -1;
		} else {
			buf_add(out, f->text + t.start, t.len);
		}
		pos = t.start + t.len;
	}
	return buf_check(out, f->name, err);
}
