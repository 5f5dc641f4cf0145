#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sandbox/dialect/rules.h"

/* The server's catalogue as Redshift shows it: keys that are declared and not enforced, no checks of ours, columns that
 * PostgreSQL 15 has not. catalog/68_keys.sql makes views of it, which take the place of the tables. */

/* Columns that are written without a table in front of them; behind an alias functions stand in for them. */
static const char *const class_columns[] = {
	"reldiststyle", "releffectivediststyle", "relcreationtime", "relhasoids", "relhaspkey", "reltriggers", NULL
};
static const char *const attribute_columns[] = { "attisdistkey", "attsortkeyord", "attencodingtype", NULL };
static const char *const default_columns[] = { "adsrc", NULL };

/* Tables with keys as rows: what is joined to them must have the same rows. */
static const char *const key_tables[] = { "pg_constraint", "pg_index", "pg_depend", NULL };

static bool names_key_table(const struct rules *r)
{
	for (int i = r->from; i < r->to; i++)
		if (token_in(r->t, i, key_tables))
			return true;
	return false;
}

/* psql's \d and drivers ask for keys of tables only that have this flag. */
static bool names_index_flag(const struct rules *r)
{
	for (int i = r->from; i < r->to; i++)
		if (token_is(r->t, i, "relhasindex"))
			return true;
	return false;
}

static bool names_bare(const struct rules *r, const char *const *columns)
{
	for (int i = r->from; i < r->to; i++)
		if (!token_is_char(r->t, i - 1, '.') && token_in(r->t, i, columns))
			return true;
	return false;
}

static bool wants_view(const struct rules *r, int i)
{
	if (token_in(r->t, i, key_tables))
		return true;
	if (token_is(r->t, i, "pg_class"))
		return names_key_table(r) || names_bare(r, class_columns) || names_index_flag(r);
	if (token_is(r->t, i, "pg_attribute"))
		return names_bare(r, attribute_columns);
	return token_is(r->t, i, "pg_attrdef") && names_bare(r, default_columns);
}

/* Is it a relation of FROM, or such a relation's name in front of a column? */
static bool is_relation(const struct rules *r, int i)
{
	static const char *const before[] = { "from", "join", NULL };
	int first = i;

	if (token_is_char(r->t, i - 1, '.')) {
		if (!token_is(r->t, i - 2, "pg_catalog"))
			return false;
		first = i - 2;
	}
	return token_in(r->t, first - 1, before) || token_is_char(r->t, first - 1, ',') ||
	       token_is_char(r->t, first - 1, '(') || token_is_char(r->t, i + 1, '.');
}

int rule_catalogue(struct rules *r, int i)
{
	char view[64], name[32];

	if (r->t->items[i].kind != TOKEN_WORD || token_len(r->t, i) < 8 || token_len(r->t, i) > 13 ||
	    strncasecmp(r->t->text + r->t->items[i].from, "pg_", 3) != 0 || token_is_char(r->t, i + 1, '(') ||
	    !wants_view(r, i) || !is_relation(r, i))
		return 0;
	token_name(r->t, i, name, sizeof name);
	snprintf(view, sizeof view, "sparkctl_%s", name);
	rules_replace(r, i, view);
	return 0;
}
