#include "sandbox/dialect/calls.h"

/* Functions of date parts, which may be bare words. They are named as their columns are labelled on Redshift. */

/* The part that is a bare word becomes a string. */
static void quote_part(struct call *c, int part)
{
	const struct tokens *t = c->r->t;

	if (t->items[part].kind == TOKEN_WORD)
		edit_replace(c->r->e, call_from(c, part), call_to(c, part), "'%.*s'", (int)token_len(t, part),
			     t->text + call_from(c, part));
}

static bool is_part(const struct call *c)
{
	return c->count >= 2 && c->args[0].first == c->args[0].last;
}

static bool is_epoch(const struct tokens *t, int part)
{
	static const char name[] = "'epoch'";

	if (token_is(t, part, "epoch"))
		return true;
	for (size_t i = 0; i < sizeof name - 1; i++) {
		if (token_len(t, part) != sizeof name - 1 ||
		    (t->text[t->items[part].from + i] | ' ') != (name[i] | ' '))
			return false;
	}
	return true;
}

/* EXTRACT(part FROM e). Seconds since 1970 outgrow the integer that the other parts are: a function of their own. */
int call_extract(struct call *c)
{
	const struct tokens *t = c->r->t;
	int part = c->open + 1, from = part + 1;

	if (!token_is(t, from, "from") || from + 1 >= c->close ||
	    (t->items[part].kind != TOKEN_WORD && t->items[part].kind != TOKEN_STRING))
		return 0;
	call_rename(c, "pg_sparkctl.date_part");
	quote_part(c, part);
	edit_replace(c->r->e, call_to(c, part), call_to(c, from), ",");
	if (is_epoch(t, part))
		edit_insert_after(c->r->e, call_to(c, c->close - 1), ", true");
	return 0;
}

int call_date_part(struct call *c)
{
	if (!is_part(c))
		return 0;
	call_rename(c, "pgdate_part");
	quote_part(c, c->args[0].first);
	return 0;
}

static int date_function(struct call *c, const char *name)
{
	if (c->count != 3)
		return 0;
	call_rename(c, name);
	if (is_part(c))
		quote_part(c, c->args[0].first);
	return 0;
}

int call_dateadd(struct call *c)
{
	return date_function(c, "date_add");
}

int call_datediff(struct call *c)
{
	return date_function(c, "date_diff");
}
