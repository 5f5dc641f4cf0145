#include <string.h>

#include "sandbox/dialect/columns.h"

/* SELECT * EXCLUDE (a, b): stars become the columns that stay. */

bool exclude_wanted(const struct tokens *t)
{
	for (int i = 1; i < t->count; i++) {
		enum clause c;

		if (token_is(t, i, "exclude") && block_is_clause(t, i, &c))
			return true;
	}
	return false;
}

static bool is_excluded(const struct pass *p, const struct clause_range *names, const char *column)
{
	char name[192];

	for (int i = names->first; i <= names->last; i++) {
		if (!token_is_name(&p->t, i))
			continue;
		token_name(&p->t, i, name, sizeof name);
		if (strcmp(name, column) == 0)
			return true;
	}
	return false;
}

/* The first name of the list that no relation has; -1: all are there. */
static int unknown_name(const struct pass *p, const struct clause_range *names, const struct columns *from)
{
	char name[192];

	for (int i = names->first; i <= names->last; i++) {
		if (!token_is_name(&p->t, i))
			continue;
		token_name(&p->t, i, name, sizeof name);
		if (!columns_find(from, NULL, name))
			return i;
	}
	return -1;
}

static void put_columns(const struct pass *p, const struct clause_range *names, const struct columns *from,
			const char *table, struct buf *out)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct column *c = &from->items[i];

		if ((table && (!c->table || strcmp(c->table, table) != 0)) || is_excluded(p, names, c->name))
			continue;
		if (out->len)
			buf_puts(out, ", ");
		if (c->table) {
			pass_put_name(out, c->table);
			buf_putc(out, '.');
		}
		pass_put_name(out, c->name);
	}
}

static int expand(struct pass *p, const struct site *s, const struct columns *from)
{
	const struct clause_range *names = &s->b.c[CLAUSE_EXCLUDE];
	int left = 0;

	for (const struct json *t = json_first(json_get(s->node, "targetList")); t; t = json_next(t)) {
		const struct json *target = json_get(t, "ResTarget");
		const struct json *fields = json_get(json_get(json_get(target, "val"), "ColumnRef"), "fields");
		int first = pass_token_at(p, (long)json_int(target, "location", -1));
		const char *table = NULL;
		struct buf out;

		if (pass_label(target) || first < 0) {
			left++;
			continue;
		}
		if (json_count(fields) > 1)
			table = json_str(json_get(json_at(fields, json_count(fields) - 2), "String"), "sval", NULL);
		buf_init(&out, BUF_MAX_DEFAULT);
		put_columns(p, names, from, table, &out);
		if (out.len == 0) {
			p->e.failed = p->e.failed || out.failed;
			buf_clear(&out);
			return pass_fail(p, names->word, "42601", "EXCLUDE leaves no column of the *");
		}
		left++;
		pass_replace(p, first, block_item_end(&p->t, first, s->b.c[CLAUSE_LIST].last), &out);
	}
	pass_blank(p, names->word, names->last);
	return left ? 0 : pass_fail(p, names->word, "42601", "EXCLUDE leaves no column");
}

static int one_select(struct pass *p, const struct site *s)
{
	const struct clause_range *names = &s->b.c[CLAUSE_EXCLUDE];
	struct columns from = { 0 };
	char name[192];
	int rc, unknown;

	if (names->word < 0)
		return 0;
	if (token_is_char(&p->t, names->first, '(') && p->t.items[names->first].pair != names->last)
		return pass_fail(p, names->word, "42601", "EXCLUDE (...) stands at the end of the select list");
	if (!columns_of_from(p, json_get(s->node, "fromClause"), s->with, &from)) {
		rc = pass_refuse(p, names->word, "EXCLUDE from a * whose columns cannot be told");
	} else if ((unknown = unknown_name(p, names, &from)) >= 0) {
		token_name(&p->t, unknown, name, sizeof name);
		rc = pass_fail(p, unknown, "42703", "column \"%s\" does not exist", name);
	} else {
		rc = expand(p, s, &from);
	}
	columns_clear(&from);
	return rc;
}

int exclude_apply(struct pass *p)
{
	return pass_each_select(p, one_select);
}
