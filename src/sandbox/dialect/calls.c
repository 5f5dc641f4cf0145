#include <stdio.h>
#include <string.h>

#include "sandbox/dialect/rules.h"

/* Calls of functions that need more than a function of that name in the catalogue. */

#define ARGUMENTS_MAX 512

struct call {
	struct rules *r;
	int name, open, close;
	struct {
		int first, last; /* tokens */
	} args[ARGUMENTS_MAX];
	int count;
};

static size_t from_of(const struct call *c, int token)
{
	return c->r->t->items[token].from;
}

static size_t to_of(const struct call *c, int token)
{
	return c->r->t->items[token].to;
}

static struct edit_quote argument(const struct call *c, int n)
{
	return edit_quote(from_of(c, c->args[n].first), to_of(c, c->args[n].last));
}

static int call_coalesce(struct call *c)
{
	rules_replace(c->r, c->name, "COALESCE");
	return 0;
}

static int call_nvl2(struct call *c)
{
	if (c->count == 3)
		edit_replace(c->r->e, from_of(c, c->name), to_of(c, c->close),
			     "(CASE WHEN (%s) IS NOT NULL THEN %s ELSE %s END)", argument(c, 0).text,
			     argument(c, 1).text, argument(c, 2).text);
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
		buf_printf(&out, " WHEN (%s) IS NOT DISTINCT FROM (%s) THEN %s", argument(c, 0).text,
			   argument(c, i).text, argument(c, i + 1).text);
	if (i < c->count)
		buf_printf(&out, " ELSE %s", argument(c, i).text);
	buf_puts(&out, " END)");
	if (out.failed)
		c->r->e->failed = true;
	else
		edit_replace(c->r->e, from_of(c, c->name), to_of(c, c->close), "%s", out.data);
	buf_clear(&out);
	return 0;
}

/* The part may be a bare word. */
static int call_date_part(struct call *c)
{
	int part = c->args[0].first;

	if (c->count < 2 || part != c->args[0].last || c->r->t->items[part].kind != TOKEN_WORD)
		return 0;
	edit_replace(c->r->e, from_of(c, part), to_of(c, part), "'%.*s'", (int)token_len(c->r->t, part),
		     c->r->t->text + from_of(c, part));
	return 0;
}

static int call_dateadd(struct call *c)
{
	if (c->count == 3)
		rules_replace(c->r, c->name, "dateadd");
	return call_date_part(c);
}

static int call_datediff(struct call *c)
{
	if (c->count == 3)
		rules_replace(c->r, c->name, "datediff");
	return call_date_part(c);
}

/* LISTAGG(e [, d]) [WITHIN GROUP (ORDER BY ...)]: the order goes into the parentheses. */
static int call_listagg(struct call *c)
{
	const struct tokens *t = c->r->t;
	int group = c->close + 3;
	bool one = c->count == 1;

	if (c->count < 1)
		return 0;
	if (!token_is(t, c->close + 1, "within") || !token_is(t, c->close + 2, "group") ||
	    !token_is_char(t, group, '(') || t->items[group].pair < 0) {
		if (one)
			edit_insert_after(c->r->e, to_of(c, c->args[0].last), ", ''");
		return 0;
	}
	edit_replace(c->r->e, from_of(c, c->close), to_of(c, group), one ? ", '' " : " ");
	return 0;
}

static int call_median(struct call *c)
{
	if (c->count == 1)
		edit_replace(c->r->e, from_of(c, c->name), to_of(c, c->close),
			     "percentile_cont(0.5) WITHIN GROUP (ORDER BY %s)", argument(c, 0).text);
	return 0;
}

/* CONVERT(type, e). PostgreSQL's own has three arguments. */
static int call_convert(struct call *c)
{
	if (c->count == 2)
		edit_replace(c->r->e, from_of(c, c->name), to_of(c, c->close), "CAST(%s AS %s)", argument(c, 1).text,
			     argument(c, 0).text);
	return 0;
}

/* APPROXIMATE COUNT(DISTINCT x) counts exactly here. */
static int call_counted(struct call *c)
{
	if (token_is(c->r->t, c->name - 1, "approximate"))
		rules_blank(c->r, c->name - 1, c->name - 1);
	return 0;
}

static int call_refused(struct call *c)
{
	char what[64];

	snprintf(what, sizeof what, "function %.*s", (int)token_len(c->r->t, c->name),
		 c->r->t->text + from_of(c, c->name));
	return rules_refuse(c->r, c->name, what);
}

static const struct {
	const char *name;
	int (*apply)(struct call *c);
} calls[] = {
	{ "nvl", call_coalesce },
	{ "nvl2", call_nvl2 },
	{ "decode", call_decode },
	{ "date_part", call_date_part },
	{ "datepart", call_date_part },
	{ "dateadd", call_dateadd },
	{ "date_add", call_dateadd },
	{ "datediff", call_datediff },
	{ "date_diff", call_datediff },
	{ "listagg", call_listagg },
	{ "median", call_median },
	{ "convert", call_convert },
	{ "count", call_counted },
	{ "percentile_disc", call_counted },
	{ "pivot", call_refused },
	{ "unpivot", call_refused },
	{ "ratio_to_report", call_refused },
};

/* Arguments that are one after the other in parentheses. False: too many. */
static bool read_arguments(struct call *c)
{
	for (int i = c->open + 1; i < c->close;) {
		int last = rules_element_end(c->r, i, c->close);

		if (c->count == ARGUMENTS_MAX)
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
