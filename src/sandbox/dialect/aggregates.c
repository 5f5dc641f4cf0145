#include "sandbox/dialect/calls.h"

/* Aggregates and window functions that are written differently. */

/* WITHIN GROUP (...) behind the call: its parenthesis, or -1. */
static int within_group(const struct call *c)
{
	const struct tokens *t = c->r->t;
	int group = c->close + 3;

	if (!token_is(t, c->close + 1, "within") || !token_is(t, c->close + 2, "group") ||
	    !token_is_char(t, group, '(') || t->items[group].pair < 0)
		return -1;
	return group;
}

/* LISTAGG(DISTINCT e [, d]) over a window */
static void distinct_over(struct call *c, int over)
{
	int distinct = c->open + 1;

	if (!token_is(c->r->t, distinct, "distinct") || !token_is(c->r->t, over, "over"))
		return;
	call_rename(c, "pg_sparkctl.listagg_distinct");
	rules_blank(c->r, distinct, distinct);
	if (c->count == 1)
		edit_insert_before(c->r->e, call_from(c, c->close), ", ''");
}

/* LISTAGG([DISTINCT] e [, d]) [WITHIN GROUP (ORDER BY ...)] [OVER (PARTITION BY ...)]: the order goes into the call's
 * parentheses; over a window, whose aggregates have no order of their own, into those of the window, with a frame of
 * all rows. */
int call_listagg(struct call *c)
{
	const struct tokens *t = c->r->t;
	int group = within_group(c), end, over;

	if (c->count < 1)
		return 0;
	if (group < 0) {
		distinct_over(c, c->close + 1);
		return 0;
	}
	end = t->items[group].pair;
	over = end + 1;
	distinct_over(c, over);
	if (token_is(t, over, "over") && token_is_char(t, over + 1, '(') && t->items[over + 1].pair > 0) {
		edit_insert_before(c->r->e, call_from(c, t->items[over + 1].pair),
				   " %s ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
				   call_tokens(c, group + 1, end - 1).text);
		edit_replace(c->r->e, call_to(c, c->close), call_to(c, end), " ");
		return 0;
	}
	edit_replace(c->r->e, call_from(c, c->close), call_to(c, group), " ");
	return 0;
}

static void blank_approximate(struct call *c)
{
	if (token_is(c->r->t, c->name - 1, "approximate"))
		rules_blank(c->r, c->name - 1, c->name - 1);
}

/* PERCENTILE_x(f) WITHIN GROUP (ORDER BY e [ASC|DESC]) OVER (...): an ordinary aggregate of e and f, because windows do
 * not take the server's own. From the other end, f is what is missing to 1. */
static int percentile(struct call *c, const char *name)
{
	const struct tokens *t = c->r->t;
	int group = within_group(c), last;
	bool down = false;

	if (c->count != 1 || group < 0 || !token_is(t, group + 1, "order") || !token_is(t, group + 2, "by"))
		return 0;
	last = t->items[group].pair - 1;
	if (!token_is(t, last + 2, "over"))
		return 0;
	if (token_is(t, last, "asc") || token_is(t, last, "desc")) {
		down = token_is(t, last, "desc");
		last--;
	}
	if (last < group + 3 || rules_element_end(c->r, group + 3, last + 1) != last)
		return 0;
	edit_replace(c->r->e, call_from(c, c->name), call_to(c, t->items[group].pair), "pg_sparkctl.%s(%s, %s%s)", name,
		     call_tokens(c, group + 3, last).text, down ? "1 - " : "", call_argument(c, 0).text);
	return 0;
}

int call_percentile_cont(struct call *c)
{
	return percentile(c, "percentile_cont");
}

int call_percentile_disc(struct call *c)
{
	blank_approximate(c);
	return percentile(c, "percentile_disc");
}

/* APPROXIMATE COUNT(DISTINCT x) counts exactly here. Several expressions are one row, which is left out when one of
 * them is NULL. */
int call_count(struct call *c)
{
	const struct tokens *t = c->r->t;
	int first = c->open + 2;
	struct buf out;

	blank_approximate(c);
	if (c->count < 2 || !token_is(t, c->open + 1, "distinct"))
		return 0;
	buf_init(&out, BUF_MAX_DEFAULT);
	buf_puts(&out, "count(DISTINCT CASE WHEN ");
	for (int i = 0; i < c->count; i++)
		buf_printf(&out, "%s(%s) IS NOT NULL", i ? " AND " : "",
			   call_tokens(c, i ? c->args[i].first : first, c->args[i].last).text);
	buf_puts(&out, " THEN ROW(");
	for (int i = 0; i < c->count; i++)
		buf_printf(&out, "%s%s", i ? ", " : "",
			   call_tokens(c, i ? c->args[i].first : first, c->args[i].last).text);
	buf_puts(&out, ") END)");
	if (out.failed)
		c->r->e->failed = true;
	else
		edit_replace(c->r->e, call_from(c, c->name), call_to(c, c->close), "%s", out.data);
	buf_clear(&out);
	return 0;
}

/* HLL(e) estimates how many values are different; here they are counted. */
int call_hll(struct call *c)
{
	if (c->count != 1)
		return 0;
	call_rename(c, "count");
	edit_insert_after(c->r->e, call_to(c, c->open), "DISTINCT ");
	return 0;
}

/* RATIO_TO_REPORT(e) OVER (...) is e and its sum over the same window. */
int call_ratio_to_report(struct call *c)
{
	const struct tokens *t = c->r->t;
	int over = c->close + 1, end = over + 1;

	if (c->count != 1 || !token_is(t, over, "over"))
		return 0;
	if (token_is_char(t, end, '('))
		end = t->items[end].pair;
	if (end < over || end >= c->r->to)
		return 0;
	edit_replace(c->r->e, call_from(c, c->name), call_to(c, end), "pg_sparkctl.ratio_to_report(%s, sum(%s) %s)",
		     call_argument(c, 0).text, call_argument(c, 0).text, call_tokens(c, over, end).text);
	return 0;
}
