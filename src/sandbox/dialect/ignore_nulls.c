#include "sandbox/dialect/passes.h"

/* FIRST_VALUE, LAST_VALUE, NTH_VALUE, LAG and LEAD with IGNORE NULLS, inside the parentheses or behind them. PostgreSQL
 * lets aggregates run over a frame: those of the catalogue that skip nulls are what is asked for, and LAG and LEAD are
 * the last and the first value of the rows before and behind. */

static const struct {
	const char *name;
	const char *one, *many; /* aggregates: of a value; of a value and a count */
	const char *frame;      /* added to OVER (...) */
} functions[] = {
	{ "first_value", "sparkctl_first_not_null", NULL, NULL },
	{ "last_value", "sparkctl_last_not_null", NULL, NULL },
	{ "nth_value", NULL, "sparkctl_first_not_nulls", NULL },
	{ "lag", "sparkctl_last_not_null", "sparkctl_last_not_nulls",
	  "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING" },
	{ "lead", "sparkctl_first_not_null", "sparkctl_first_not_nulls",
	  "ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING" },
};

static bool is_ignore(const struct tokens *t, int i)
{
	return token_is(t, i, "ignore") && token_is(t, i + 1, "nulls") &&
	       (token_is_char(t, i + 2, ')') || (token_is_char(t, i - 1, ')') && token_is(t, i + 2, "over")));
}

bool ignore_nulls_wanted(const struct tokens *t)
{
	for (int i = 0; i < t->count; i++) {
		if (is_ignore(t, i))
			return true;
	}
	return false;
}

/* The window that follows OVER at `over` gets the frame. */
static void add_frame(struct pass *p, int over, const char *frame)
{
	size_t at;

	if (token_is_char(&p->t, over + 1, '(')) {
		at = p->t.items[p->t.items[over + 1].pair].from;
		edit_insert_after(&p->e, at, " %s", frame);
		return;
	}
	edit_insert_before(&p->e, p->t.items[over + 1].from, "(");
	edit_insert_after(&p->e, p->t.items[over + 1].to, " %s)", frame);
}

/* Is the call an item of a select list, without alias? */
static bool is_unnamed_item(const struct tokens *t, int first, int last)
{
	enum clause c;

	if (last + 1 < t->count && !token_is_char(t, last + 1, ',') && !token_is_char(t, last + 1, ')') &&
	    !token_is_char(t, last + 1, ';') && !block_is_clause(t, last + 1, &c))
		return false;
	if (!token_is_char(t, first - 1, ',') && !token_is(t, first - 1, "select"))
		return false;
	for (int i = first - 1; i >= 0 && !token_is_char(t, i, '('); i--) {
		if (token_is_char(t, i, ')') && t->items[i].pair >= 0)
			i = t->items[i].pair;
		else if (token_is(t, i, "select"))
			return true;
		else if (block_is_clause(t, i, &c))
			return false;
	}
	return false;
}

static int rewrite(struct pass *p, int i)
{
	bool inside = token_is_char(&p->t, i + 2, ')');
	int close = inside ? i + 2 : i - 1, open = p->t.items[close].pair, over = inside ? i + 3 : i + 2, last, second,
	    end;
	size_t k = 0;

	while (k < sizeof functions / sizeof *functions && !token_is(&p->t, open - 1, functions[k].name))
		k++;
	if (open < 1 || k == sizeof functions / sizeof *functions)
		return pass_refuse(p, i, "IGNORE NULLS of this function");
	if (!token_is(&p->t, over, "over") || (token_is_char(&p->t, over + 1, '(') && p->t.items[over + 1].pair < 0) ||
	    over + 1 >= p->t.count)
		return pass_fail(p, i, "42601", "IGNORE NULLS needs a function with OVER");
	last = inside ? i - 1 : close - 1;
	second = block_item_end(&p->t, open + 1, last) + 2;
	if (second <= last && block_item_end(&p->t, second, last) < last)
		return pass_refuse(p, i, "IGNORE NULLS with a third argument");
	if (second <= last ? !functions[k].many : !functions[k].one)
		return pass_fail(p, i, "42601", "wrong number of arguments of a function with IGNORE NULLS");
	pass_blank(p, i, i + 1);
	edit_replace(&p->e, p->t.items[open - 1].from, p->t.items[open - 1].to, "%s%s", second <= last ? "(" : "",
		     second <= last ? functions[k].many : functions[k].one);
	if (functions[k].frame)
		add_frame(p, over, functions[k].frame);
	end = block_skip(&p->t, over + 1) - 1;
	if (second <= last)
		edit_insert_after(&p->e, p->t.items[end].to, ")[%s]", pass_quote(p, second, last).text);
	if (is_unnamed_item(&p->t, open - 1, end))
		edit_insert_after(&p->e, p->t.items[end].to, " AS %s", functions[k].name);
	return 0;
}

int ignore_nulls_apply(struct pass *p)
{
	for (int i = 0; i < p->t.count; i++) {
		if (is_ignore(&p->t, i) && rewrite(p, i) < 0)
			return -1;
	}
	return 0;
}
