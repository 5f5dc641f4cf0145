#include <stdio.h>
#include <string.h>

#include "sandbox/dialect/statements.h"

/* SHOW of objects: a query of a function of the catalogue. */

/* Names separated by dots at i, each a literal, `count` of them from the right; what is not there is ''. Returns behind
 * them. */
static int put_names(struct rules *r, int i, int end, int count, struct buf *b)
{
	int parts[3], n = 0, skip;
	char name[ATTRIBUTE_NAME];

	while (i < end && n < 3 && token_is_name(r->t, i)) {
		parts[n++] = i++;
		if (i >= end || !token_is_char(r->t, i, '.'))
			break;
		i++;
	}
	skip = n > count ? n - count : 0;
	for (int k = 0; k < count; k++) {
		int at = k - (count - (n - skip)) + skip;

		name[0] = 0;
		if (at >= skip && at < n)
			token_name(r->t, parts[at], name, sizeof name);
		if (k)
			buf_puts(b, ", ");
		statement_literal(b, name);
	}
	return i;
}

/* [LIKE 'pattern'] [LIMIT n], which all that list something take. */
static int put_filter(struct rules *r, int i, int end, const char *column, struct buf *b)
{
	char pattern[256];

	if (i + 1 < end && token_is(r->t, i, "like") && statement_string(r, i + 1, pattern, sizeof pattern)) {
		buf_printf(b, " WHERE %s LIKE ", column);
		statement_literal(b, pattern);
		i += 2;
	}
	if (i + 1 < end && token_is(r->t, i, "limit")) {
		buf_printf(b, " LIMIT %.*s", (int)token_len(r->t, i + 1), r->t->text + r->t->items[i + 1].from);
		i += 2;
	}
	return i;
}

/* SHOW <what> [FROM ...] name ...; what follows the name of a procedure is its signature. */
static const struct shown {
	const char *word;
	const char *before; /* words between it and the name: "from table" */
	const char *function;
	int names;          /* parts of the name that the function takes */
	const char *filter; /* the column for LIKE, NULL: takes none */
} shown[] = {
	{ "table", "", "sparkctl_show_table", 2, NULL },
	{ "view", "", "sparkctl_show_view", 2, NULL },
	{ "procedure", "", "sparkctl_show_procedure", 2, NULL },
	{ "columns", "from table", "sparkctl_show_columns", 3, "column_name" },
	{ "tables", "from schema", "sparkctl_show_tables", 2, "table_name" },
	{ "schemas", "from database", "sparkctl_show_schemas", 1, "schema_name" },
	{ "databases", "", "sparkctl_show_databases", 0, "database_name" },
};

/* Steps over the words of `before`; -1 when one of them is not there. */
static int skip_words(const struct rules *r, int i, int end, const char *before)
{
	while (*before) {
		size_t len = strcspn(before, " ");
		char word[16];

		snprintf(word, sizeof word, "%.*s", (int)len, before);
		if (i >= end || !token_is(r->t, i, word))
			return -1;
		i++;
		before += len + (before[len] == ' ');
	}
	return i;
}

static int show_object(struct rules *r, int i, int end, const struct shown *s)
{
	int at = skip_words(r, i + 2, end, s->before);
	struct buf b;

	if (at < 0 || (at >= end && s->names))
		return statement_syntax_error(r, i + 2 < end ? i + 2 : end);
	buf_init(&b, 65536);
	buf_printf(&b, "SELECT * FROM pg_catalog.%s(", s->function);
	at = put_names(r, at, end, s->names, &b);
	if (s->names == 2 && strcmp(s->word, "procedure") == 0 && at < end && token_is_char(r->t, at, '(')) {
		int close = r->t->items[at].pair > at ? r->t->items[at].pair : at + 1;

		buf_printf(&b, ", %s", "E'");
		for (size_t k = r->t->items[at].to; k < r->t->items[close].from; k++) {
			if (r->t->text[k] != '\'' && r->t->text[k] != '\\')
				buf_putc(&b, r->t->text[k]);
		}
		buf_puts(&b, "'");
		at = close + 1;
	}
	buf_putc(&b, ')');
	if (s->filter)
		at = put_filter(r, at, end, s->filter, &b);
	if (at < end) {
		buf_clear(&b);
		return statement_syntax_error(r, at);
	}
	return statement_become(r, i, end, "SHOW", &b);
}

int statement_show(struct rules *r, int i, int end)
{
	static const char *const refused[] = { "external", "model", "datashares", "grants", "parameters", NULL };
	char what[64];

	if (setting_is_ours(r, i + 1) && i + 2 == end)
		return setting_show(r, i, end);
	if (token_is(r->t, i + 1, "all") && i + 2 == end)
		return setting_show_all(r, i, end);
	for (size_t k = 0; k < sizeof shown / sizeof *shown; k++) {
		if (token_is(r->t, i + 1, shown[k].word))
			return show_object(r, i, end, &shown[k]);
	}
	if (!token_in(r->t, i + 1, refused))
		return 0;
	snprintf(what, sizeof what, "SHOW %.*s", (int)token_len(r->t, i + 1), r->t->text + r->t->items[i + 1].from);
	return rules_refuse(r, i + 1, what);
}
