#include "sandbox/dialect/rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* All rules over tokens, in the order in which they are tried at each. To add one: a function in the room that it
 * belongs to, and there a row in that room's table; a new room gets a row here. */
static const struct {
	const char *name;
	rule_fn apply;
} token_rules[] = {
	{ "strict", rule_strict },
	{ "create table", rule_create_table },
	{ "alter table", rule_alter_table },
	{ "statement", rule_statement },
	{ "query", rule_query },
	{ "call", rule_function_call },
	{ "word", rule_word },
	{ "name", rule_name },
	{ "catalogue", rule_catalogue },
	{ "text for EXECUTE", rule_deferred },
};

static const char *const before_statement[] = { "begin", "then", "else", "loop", NULL };

int rules_fail(struct rules *r, int i, const char *sqlstate, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	err_set(r->err, ERR_DATABASE, "%s", text);
	if (r->err)
		snprintf(r->err->sqlstate, sizeof r->err->sqlstate, "%s", sqlstate);
	r->refused_at = i >= 0 && i < r->t->count ? r->t->items[i].from : 0;
	return -1;
}

int rules_refuse(struct rules *r, int i, const char *what)
{
	return rules_fail(r, i, "0A000", "%s is not supported by this sandbox", what);
}

void rules_blank(struct rules *r, int first, int last)
{
	if (first <= last)
		edit_blank(r->e, r->t->text, r->t->items[first].from, r->t->items[last].to);
}

void rules_replace(struct rules *r, int i, const char *text)
{
	edit_replace(r->e, r->t->items[i].from, r->t->items[i].to, "%s", text);
}

int rules_element_end(const struct rules *r, int i, int end)
{
	int last = i;

	for (; i < end && !token_is_char(r->t, i, ','); i++) {
		if (token_is_char(r->t, i, '(') && r->t->items[i].pair > i)
			i = r->t->items[i].pair;
		last = i;
	}
	return last < end ? last : end - 1;
}

bool rules_at_statement(const struct rules *r, int i)
{
	return i == r->from || token_is_char(r->t, i - 1, ';') || token_in(r->t, i - 1, before_statement);
}

int rules_statement_end(const struct rules *r, int i)
{
	while (i < r->to && !token_is_char(r->t, i, ';'))
		i++;
	return i;
}

/* Looking back for these at every token would take a long statement's square. */
static void follow(struct rules *r, int i)
{
	if (rules_at_statement(r, i)) {
		r->begin = i;
		r->table_read = -1;
	}
	if (token_is_char(r->t, i - 1, ';') || i == r->from)
		r->depth = 0;
	else if (token_is_char(r->t, i - 1, '('))
		r->depth++;
	else if (token_is_char(r->t, i - 1, ')') && r->depth > 0)
		r->depth--;
}

int rules_run(struct rules *r)
{
	r->comma = -1;
	for (int i = r->from; i < r->to; i++) {
		follow(r, i);
		for (size_t k = 0; k < sizeof token_rules / sizeof *token_rules; k++) {
			if (token_rules[k].apply(r, i) < 0)
				return -1;
		}
	}
	return edits_check(r->e, r->err);
}
