#include "sandbox/dialect/calls.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

size_t call_from(const struct call *c, int token)
{
	return c->r->t->items[token].from;
}

size_t call_to(const struct call *c, int token)
{
	return c->r->t->items[token].to;
}

struct edit_quote call_tokens(const struct call *c, int first, int last)
{
	return edit_quote(call_from(c, first), call_to(c, last));
}

struct edit_quote call_argument(const struct call *c, int n)
{
	return call_tokens(c, c->args[n].first, c->args[n].last);
}

void call_rename(struct call *c, const char *name)
{
	rules_replace(c->r, c->name, name);
}

static int call_coalesce(struct call *c)
{
	call_rename(c, "COALESCE");
	return 0;
}

static int call_nvl2(struct call *c)
{
	if (c->count == 3)
		edit_replace(c->r->e, call_from(c, c->name), call_to(c, c->close),
			     "(CASE WHEN (%s) IS NOT NULL THEN %s ELSE %s END)", call_argument(c, 0).text,
			     call_argument(c, 1).text, call_argument(c, 2).text);
	return 0;
}

/* DECODE(e, search, result, ..., default): NULL equals NULL. With two arguments it is PostgreSQL's own. */
static int call_decode(struct call *c)
{
	struct buf out;
	int i;

	if (c->count < 3)
		return 0;
	buf_init(&out, BUF_MAX_DEFAULT);
	buf_puts(&out, "(CASE");
	for (i = 1; i + 1 < c->count; i += 2)
		buf_printf(&out, " WHEN (%s) IS NOT DISTINCT FROM (%s) THEN %s", call_argument(c, 0).text,
			   call_argument(c, i).text, call_argument(c, i + 1).text);
	if (i < c->count)
		buf_printf(&out, " ELSE %s", call_argument(c, i).text);
	buf_puts(&out, " END)");
	if (out.failed)
		c->r->e->failed = true;
	else
		edit_replace(c->r->e, call_from(c, c->name), call_to(c, c->close), "%s", out.data);
	buf_clear(&out);
	return 0;
}

/* CONVERT(type, e). PostgreSQL's own has three arguments. */
static int call_convert(struct call *c)
{
	if (c->count == 2)
		edit_replace(c->r->e, call_from(c, c->name), call_to(c, c->close), "CAST(%s AS %s)",
			     call_argument(c, 1).text, call_argument(c, 0).text);
	return 0;
}

/* TRY_CAST(e AS type): a function's result has one type, so the type comes as a NULL of it, and by its name for what
 * lengths it has. */
static int call_try_cast(struct call *c)
{
	const struct tokens *t = c->r->t;
	int as = c->close - 1, type;

	if (c->count < 1)
		return 0;
	for (; as > c->open && !token_is(t, as, "as"); as--) {
		if (token_is_char(t, as, ')') && t->items[as].pair >= 0)
			as = t->items[as].pair;
	}
	type = as + 1;
	if (as <= c->open + 1 || type >= c->close)
		return rules_fail(c->r, c->name, "42601", "TRY_CAST needs an expression, AS and a type");
	edit_replace(c->r->e, call_from(c, c->name), call_to(c, c->close),
		     "pg_sparkctl.try_cast((%s)::text, $sparkctl$%s$sparkctl$, NULL::%s)",
		     call_tokens(c, c->open + 1, as - 1).text, call_tokens(c, type, c->close - 1).text,
		     call_tokens(c, type, c->close - 1).text);
	return 0;
}

/* ARRAY(a, b) makes a SUPER; ARRAY(SELECT ...) is PostgreSQL's. */
static int call_array(struct call *c)
{
	if (!token_is(c->r->t, c->open + 1, "select") && !token_is(c->r->t, c->open + 1, "with"))
		call_rename(c, "pg_catalog.\"array\"");
	return 0;
}

/* COLLATE(e, 'case_insensitive') */
static int call_collate(struct call *c)
{
	const struct tokens *t = c->r->t;
	int kind = c->count == 2 ? c->args[1].first : 0;
	const char *collation;

	if (c->count != 2 || kind != c->args[1].last || t->items[kind].kind != TOKEN_STRING || token_len(t, kind) < 3)
		return 0;
	if (strncasecmp(t->text + call_from(c, kind), "'case_insensitive'", 18) == 0 ||
	    strncasecmp(t->text + call_from(c, kind), "'ci'", 4) == 0)
		collation = "case_insensitive";
	else if (strncasecmp(t->text + call_from(c, kind), "'case_sensitive'", 16) == 0 ||
		 strncasecmp(t->text + call_from(c, kind), "'cs'", 4) == 0)
		collation = "case_sensitive";
	else
		return 0;
	edit_replace(c->r->e, call_from(c, c->name), call_to(c, c->close), "((%s) COLLATE pg_catalog.%s)",
		     call_argument(c, 0).text, collation);
	return 0;
}

static int call_refused(struct call *c)
{
	char what[64];

	snprintf(what, sizeof what, "function %.*s", (int)token_len(c->r->t, c->name),
		 c->r->t->text + call_from(c, c->name));
	return rules_refuse(c->r, c->name, what);
}

static const struct {
	const char *name;
	call_fn apply;
} calls[] = {
	{ "nvl", call_coalesce },
	{ "nvl2", call_nvl2 },
	{ "decode", call_decode },
	{ "extract", call_extract },
	{ "date_part", call_date_part },
	{ "datepart", call_date_part },
	{ "dateadd", call_dateadd },
	{ "date_add", call_dateadd },
	{ "datediff", call_datediff },
	{ "date_diff", call_datediff },
	{ "listagg", call_listagg },
	{ "percentile_cont", call_percentile_cont },
	{ "percentile_disc", call_percentile_disc },
	{ "count", call_count },
	{ "ratio_to_report", call_ratio_to_report },
	{ "convert", call_convert },
	{ "try_cast", call_try_cast },
	{ "array", call_array },
	{ "collate", call_collate },
	{ "hll", call_hll },
	{ "hll_create_sketch", call_refused },
	{ "hll_combine", call_refused },
	{ "hll_combine_sketches", call_refused },
	{ "hll_cardinality", call_refused },
	{ "object_transform", call_refused },
};

/* Arguments that are one after the other in parentheses. False: too many. */
static bool read_arguments(struct call *c)
{
	for (int i = c->open + 1; i < c->close;) {
		int last = rules_element_end(c->r, i, c->close);

		if (c->count == CALL_ARGUMENTS_MAX)
			return false;
		c->args[c->count].first = i;
		c->args[c->count++].last = last;
		i = last + 2;
	}
	return true;
}

int rule_function_call(struct rules *r, int i)
{
	struct call c = { .r = r, .name = i, .open = i + 1 };

	if (!token_is_char(r->t, i + 1, '(') || r->t->items[i].kind != TOKEN_WORD || r->t->items[i + 1].pair < 0 ||
	    token_is_char(r->t, i - 1, '.') || token_is(r->t, i - 1, "function") || token_is(r->t, i - 1, "procedure"))
		return 0;
	c.close = r->t->items[c.open].pair;
	for (size_t k = 0; k < sizeof calls / sizeof *calls; k++) {
		if (token_is(r->t, i, calls[k].name))
			return read_arguments(&c) ? calls[k].apply(&c) : 0;
	}
	return 0;
}
