#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "sandbox/dialect/blocks.h"
#include "sandbox/dialect/rules.h"
#include "spark/base/mem.h"

/* Names: quoted ones fold to lower case unless the session says otherwise, words that only PostgreSQL reserves get
 * quotes, aliases that PostgreSQL wants AS for get it, and names of more bytes than PostgreSQL keeps become short ones.
 */

/* ---- words that PostgreSQL reserves and Redshift does not: is this one the keyword? ---- */

static bool begins_operand(const struct tokens *t, int i)
{
	enum clause c;

	return (token_is_name(t, i) && !block_is_clause(t, i, &c)) || token_is_char(t, i, '*') ||
	       token_is_char(t, i, '(');
}

static int statement_begin(const struct tokens *t, int i)
{
	while (i > 0 && !token_is_char(t, i - 1, ';'))
		i--;
	return i;
}

static bool is_lateral(const struct tokens *t, int i)
{
	enum clause c;

	return token_is_char(t, i + 1, '(') ||
	       (token_is_name(t, i + 1) && token_is_char(t, i + 2, '(') && !block_is_clause(t, i + 1, &c));
}

static bool is_window(const struct tokens *t, int i)
{
	return token_is_name(t, i + 1) && token_is(t, i + 2, "as") && token_is_char(t, i + 3, '(');
}

static bool is_fetch(const struct tokens *t, int i)
{
	static const char *const before[] = { "begin", "then", "else", "loop", NULL };

	return i == 0 || token_is_char(t, i - 1, ';') || token_in(t, i - 1, before) || token_is(t, i + 1, "first") ||
	       token_is(t, i + 1, "next");
}

static bool is_returning(const struct tokens *t, int i)
{
	return block_ends_operand(t, i - 1) && begins_operand(t, i + 1);
}

static bool is_symmetric(const struct tokens *t, int i)
{
	return token_is(t, i - 1, "between");
}

static bool is_variadic(const struct tokens *t, int i)
{
	static const char *const first[] = { "create", "alter", NULL };

	return (token_is_char(t, i - 1, '(') || token_is_char(t, i - 1, ',')) && begins_operand(t, i + 1) &&
	       !token_in(t, statement_begin(t, i), first);
}

static bool is_concurrently(const struct tokens *t, int i)
{
	return token_is(t, i - 1, "index") || token_is(t, i - 1, "view");
}

static bool is_tablesample(const struct tokens *t, int i)
{
	return token_is_name(t, i + 1) && token_is_char(t, i + 2, '(');
}

static bool is_authorization(const struct tokens *t, int i)
{
	static const char *const first[] = { "set", "reset", "show", NULL };

	int begin = statement_begin(t, i);

	return token_is(t, i - 1, "session") || token_in(t, begin, first) ||
	       (token_is(t, begin, "create") && token_is(t, begin + 1, "schema"));
}

static bool is_collation(const struct tokens *t, int i)
{
	static const char *const before[] = { "create", "drop", "alter", "on", "for", NULL };

	return token_in(t, i - 1, before);
}

static const struct {
	const char *word;
	bool (*is_keyword)(const struct tokens *t, int i);
} reserved[] = {
	{ "lateral", is_lateral },
	{ "window", is_window },
	{ "fetch", is_fetch },
	{ "returning", is_returning },
	{ "symmetric", is_symmetric },
	{ "asymmetric", is_symmetric },
	{ "variadic", is_variadic },
	{ "concurrently", is_concurrently },
	{ "tablesample", is_tablesample },
	{ "authorization", is_authorization },
	{ "collation", is_collation },
};

static void quote_reserved(struct rules *r, int i)
{
	for (size_t k = 0; k < sizeof reserved / sizeof *reserved; k++) {
		if (!token_is(r->t, i, reserved[k].word))
			continue;
		if (!token_is_char(r->t, i - 1, '.') && !reserved[k].is_keyword(r->t, i))
			edit_replace(r->e, r->t->items[i].from, r->t->items[i].to, "\"%s\"", reserved[k].word);
		return;
	}
}

/* ---- aliases without AS ---- */

static const char *const need_as[] = { "year", "month",     "day",     "hour",     "minute",    "second",
				       "over", "within",    "without", "overlaps", "precision", "varying",
				       "char", "character", "filter",  NULL };
/* Behind these such a word belongs to a type. */
static const char *const types[] = { "interval", "double", "national", "character", "char", "nchar", "bit", NULL };

/* Longer lists are taken for what they look like. */
#define LIST_MAX 5000

/* Are we in a select list? Back to its SELECT on this level. */
static bool in_select_list(const struct rules *r, int i)
{
	int stop = i > LIST_MAX ? i - LIST_MAX : 0;

	for (i--; i >= r->from && i >= stop; i--) {
		enum clause c;

		if (token_is_char(r->t, i, ')') && r->t->items[i].pair >= 0)
			i = r->t->items[i].pair;
		else if (token_is_char(r->t, i, '(') || token_is_char(r->t, i, ';'))
			return false;
		else if (token_is(r->t, i, "select"))
			return true;
		else if (block_is_clause(r->t, i, &c))
			return false;
	}
	return stop > 0;
}

static void add_as(struct rules *r, int i)
{
	enum clause c;

	if (!token_in(r->t, i, need_as) || !block_ends_operand(r->t, i - 1) || token_in(r->t, i - 1, types) ||
	    (r->t->items[i - 1].kind == TOKEN_STRING && token_is(r->t, i - 2, "interval")))
		return;
	if (i + 1 < r->to && !token_is_char(r->t, i + 1, ',') && !token_is_char(r->t, i + 1, ')') &&
	    !token_is_char(r->t, i + 1, ';') && !block_is_clause(r->t, i + 1, &c) && !token_is(r->t, i + 1, "union") &&
	    !token_is(r->t, i + 1, "except") && !token_is(r->t, i + 1, "minus") && !token_is(r->t, i + 1, "intersect"))
		return;
	if (in_select_list(r, i))
		edit_insert_before(r->e, r->t->items[i].from, "AS ");
}

/* ---- long names ---- */

static bool shorten(struct rules *r, int i)
{
	size_t len = token_len(r->t, i);
	char name[TOKEN_NAME_BYTES + 1];

	if (len <= TOKEN_NAME_BYTES)
		return false;
	if (r->t->items[i].kind == TOKEN_QUOTED)
		len -= 2;
	if (len <= TOKEN_NAME_BYTES || memchr(r->t->text + r->t->items[i].from + 1, '"', len))
		return false;
	token_name(r->t, i, name, sizeof name);
	edit_replace(r->e, r->t->items[i].from, r->t->items[i].to, "\"%s\"", name);
	return true;
}

/* ---- quoted and temporary names ---- */

static int quoted_name(struct rules *r, int i)
{
	size_t len = token_len(r->t, i);
	char *copy;
	bool changed = false;

	if (r->t->keep_case)
		return 0;
	copy = mem_strndup(r->t->text + r->t->items[i].from, len);
	if (!copy)
		return err_nomem(r->err);
	for (size_t k = 0; k < len; k++) {
		char low = (char)tolower((unsigned char)copy[k]);

		changed = changed || low != copy[k];
		copy[k] = low;
	}
	if (changed)
		rules_replace(r, i, copy);
	mem_free(copy);
	return 0;
}

/* #name is a temporary table; PostgreSQL takes it as a quoted name. SELECT INTO makes it temporary there. */
static int temp_name(struct rules *r, int i)
{
	char name[192];

	token_name(r->t, i, name, sizeof name);
	edit_replace(r->e, r->t->items[i].from, r->t->items[i].to, "\"%s\"", name);
	if (token_is(r->t, i - 1, "into") && !token_is(r->t, i - 2, "insert") && !token_is(r->t, i - 2, "merge"))
		edit_insert_before(r->e, r->t->items[i].from, "TEMP ");
	return 0;
}

int rule_name(struct rules *r, int i)
{
	switch (r->t->items[i].kind) {
	case TOKEN_QUOTED:
		return shorten(r, i) ? 0 : quoted_name(r, i);
	case TOKEN_TEMP_NAME:
		return temp_name(r, i);
	case TOKEN_WORD:
		if (shorten(r, i))
			return 0;
		quote_reserved(r, i);
		add_as(r, i);
		return 0;
	default:
		return 0;
	}
}
