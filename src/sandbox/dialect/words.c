#include <stdio.h>
#include <string.h>

#include "sandbox/dialect/rules.h"

/* Single words and strings. */

static bool after_dot(const struct rules *r, int i)
{
	return token_is_char(r->t, i - 1, '.');
}

/* SYSDATE and a few more are functions that are written without parentheses. */
static int word_function(struct rules *r, int i)
{
	if (!after_dot(r, i) && !token_is_char(r->t, i + 1, '(') && !token_is_char(r->t, i + 1, '.') &&
	    !token_is(r->t, i - 1, "as"))
		edit_insert_after(r->e, r->t->items[i].to, "()");
	return 0;
}

static int word_minus(struct rules *r, int i)
{
	if (token_is(r->t, i + 1, "select") || (token_is_char(r->t, i + 1, '(') && token_is(r->t, i + 2, "select")))
		rules_replace(r, i, "EXCEPT");
	return 0;
}

/* A bare DECIMAL in a cast is DECIMAL(18,0); in CREATE TABLE column.c sees to it. */
static int word_decimal(struct rules *r, int i)
{
	bool cast = token_is(r->t, i - 1, "as") && token_is_char(r->t, i + 1, ')');

	cast = cast || (token_len(r->t, i - 1) == 2 && memcmp(r->t->text + r->t->items[i - 1].from, "::", 2) == 0);
	if (cast && !token_is_char(r->t, i + 1, '('))
		edit_insert_after(r->e, r->t->items[i].to, "(18,0)");
	return 0;
}

/* Text cast to SUPER is a string; a literal without a type would be read as JSON. */
static int word_super(struct rules *r, int i)
{
	bool colons = token_len(r->t, i - 1) == 2 && memcmp(r->t->text + r->t->items[i - 1].from, "::", 2) == 0;

	if ((colons || token_is(r->t, i - 1, "as")) && i > 1 && r->t->items[i - 2].kind == TOKEN_STRING)
		edit_insert_after(r->e, r->t->items[i - 2].to, "::pg_catalog.text");
	return 0;
}

static int word_nvarchar(struct rules *r, int i)
{
	bool variable = r->body && token_is_name(r->t, i - 1) &&
			(token_is(r->t, i - 2, "declare") || token_is_char(r->t, i - 2, ';'));

	if (variable || token_is(r->t, i - 1, "as") || token_len(r->t, i - 1) == 2)
		rules_replace(r, i, "varchar");
	return 0;
}

/* A cast to VARBYTE(n). */
static int word_varbyte(struct rules *r, int i)
{
	int open = i + 1;

	if (!token_is(r->t, i - 1, "as") &&
	    !(token_len(r->t, i - 1) == 2 && memcmp(r->t->text + r->t->items[i - 1].from, "::", 2) == 0))
		return 0;
	rules_replace(r, i, "bytea");
	if (token_is(r->t, open, "varying")) {
		rules_blank(r, open, open);
		open++;
	}
	if (token_is_char(r->t, open, '(') && r->t->items[open].pair == open + 2)
		rules_blank(r, open, open + 2);
	return 0;
}

/* varchar(max) */
static int word_max(struct rules *r, int i)
{
	static const char *const types[] = { "varchar", "nvarchar", "varying", NULL };

	if (token_is_char(r->t, i - 1, '(') && token_is_char(r->t, i + 1, ')') && token_in(r->t, i - 2, types))
		rules_replace(r, i, "65535");
	return 0;
}

static int word_respect(struct rules *r, int i)
{
	if (token_is(r->t, i + 1, "nulls"))
		rules_blank(r, i, i + 1);
	return 0;
}

static const struct {
	const char *word;
	rule_fn apply;
} words[] = {
	{ "sysdate", word_function },
	{ "current_user_id", word_function },
	{ "current_namespace", word_function },
	{ "current_aws_account", word_function },
	{ "minus", word_minus },
	{ "decimal", word_decimal },
	{ "numeric", word_decimal },
	{ "super", word_super },
	{ "nvarchar", word_nvarchar },
	{ "varbyte", word_varbyte },
	{ "varbinary", word_varbyte },
	{ "max", word_max },
	{ "respect", word_respect },
};

static int string(struct rules *r, int i)
{
	if (r->t->text[r->t->items[i].from] == '\'' && token_has_backslash(r->t, i))
		edit_insert_before(r->e, r->t->items[i].from, "E");
	return 0;
}

int rule_word(struct rules *r, int i)
{
	if (r->t->items[i].kind == TOKEN_STRING)
		return string(r, i);
	if (r->t->items[i].kind != TOKEN_WORD)
		return 0;
	for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
		if (token_is(r->t, i, words[k].word))
			return words[k].apply(r, i);
	}
	return 0;
}
