#include <stdio.h>
#include <string.h>

#include "sandbox/dialect/columns.h"

/* SELECT l FROM .. QUALIFY c ORDER BY o: the condition becomes one more result of the query, which is wrapped in one
 * that filters by it. Results get names of ours inside, because two of the user's may be the same. */

bool qualify_wanted(const struct tokens *t)
{
	for (int i = 0; i < t->count; i++) {
		enum clause c;

		if (token_is(t, i, "qualify") && block_is_clause(t, i, &c))
			return true;
	}
	return false;
}

/* Does the sort key name a result, or count it? Then it may stand outside. */
static bool sorts_by_result(const struct pass *p, int first, int last, const struct columns *results)
{
	char name[192];

	if (first == last && p->t.items[first].kind == TOKEN_NUMBER)
		return true;
	if (first != last || !token_is_name(&p->t, first))
		return false;
	token_name(&p->t, first, name, sizeof name);
	return columns_find(results, NULL, name) != NULL;
}

/* The last token of a sort key's expression, without ASC, DESC, NULLS FIRST, NULLS LAST. */
static int key_end(const struct tokens *t, int first, int last)
{
	static const char *const behind[] = { "asc", "desc", "nulls", "first", "last", NULL };

	while (last > first && token_in(t, last, behind))
		last--;
	return last;
}

/* Sort keys that are no results go through the inner query. Returns how many. */
static int carry_sort_keys(struct pass *p, const struct block *b, const struct columns *results, struct buf *inner)
{
	const struct clause_range *order = &b->c[CLAUSE_ORDER];
	int carried = 0;

	if (b->set_arm)
		return 0;
	for (int i = order->first; order->word >= 0 && i <= order->last;) {
		int last = block_item_end(&p->t, i, order->last), end = key_end(&p->t, i, last);

		if (!sorts_by_result(p, i, end, results)) {
			/* Its own text: a quoted range would show what stands here instead. */
			buf_printf(inner, ", %.*s AS sparkctl_key_%d", (int)(p->t.items[end].to - p->t.items[i].from),
				   p->text + p->t.items[i].from, ++carried);
			edit_replace(&p->e, p->t.items[i].from, p->t.items[end].to, "sparkctl_key_%d", carried);
		}
		i = last + 2;
	}
	return carried;
}

static void put_outer_list(const struct pass *p, const struct block *b, const struct columns *results, bool distinct,
			   struct buf *out)
{
	buf_printf(out, "SELECT %s", distinct ? "DISTINCT " : "");
	for (size_t i = 0; i < results->count; i++) {
		buf_printf(out, "%ssparkctl_%zu AS ", i ? ", " : "", i + 1);
		pass_put_name(out, results->items[i].name);
	}
	if (block_has(b, CLAUSE_INTO)) {
		const struct clause_range *into = &b->c[CLAUSE_INTO];

		buf_putc(out, ' ');
		buf_add(out, p->text + p->t.items[into->word].from,
			p->t.items[into->last].to - p->t.items[into->word].from);
	}
	buf_puts(out, " FROM (");
}

static void put_outer_end(const struct columns *results, bool qualify, int carried, struct buf *out)
{
	buf_puts(out, ") AS sparkctl_q (");
	for (size_t i = 0; i < results->count; i++)
		buf_printf(out, "%ssparkctl_%zu", i ? ", " : "", i + 1);
	if (qualify)
		buf_puts(out, ", sparkctl_qualify");
	for (int i = 1; i <= carried; i++)
		buf_printf(out, ", sparkctl_key_%d", i);
	buf_puts(out, qualify ? ") WHERE sparkctl_qualify" : ") ");
}

/* With QUALIFY, DISTINCT is of what is left. */
static void wrap(struct pass *p, const struct site *s, const struct columns *results)
{
	const struct block *b = &s->b;
	const struct clause_range *q = &b->c[CLAUSE_QUALIFY];
	bool qualify = q->word >= 0;
	struct buf before, inner, behind;
	int carried;

	buf_init(&before, BUF_MAX_DEFAULT);
	buf_init(&inner, BUF_MAX_DEFAULT);
	buf_init(&behind, BUF_MAX_DEFAULT);
	put_outer_list(p, b, results, qualify && b->distinct >= 0, &before);
	if (qualify)
		buf_printf(&inner, ", (%s) AS sparkctl_qualify", pass_quote(p, q->first, q->last).text);
	carried = carry_sort_keys(p, b, results, &inner);
	put_outer_end(results, qualify, carried, &behind);
	pass_insert_before(p, b->select, &before);
	if (qualify && b->distinct >= 0)
		pass_blank(p, b->distinct, b->distinct);
	if (block_has(b, CLAUSE_INTO))
		pass_blank(p, b->c[CLAUSE_INTO].word, b->c[CLAUSE_INTO].last);
	pass_insert_after(p, b->c[CLAUSE_LIST].last, &inner);
	if (qualify)
		pass_replace(p, q->word, q->last, &behind);
	else
		pass_insert_before(p, b->c[CLAUSE_ORDER].word, &behind);
}

static int one_qualify(struct pass *p, const struct site *s)
{
	struct columns results = { 0 };
	int rc = 0;

	if (!block_has(&s->b, CLAUSE_QUALIFY))
		return 0;
	if (columns_of_select(p, s->node, s->with, &results))
		wrap(p, s, &results);
	else
		rc = pass_refuse(p, s->b.c[CLAUSE_QUALIFY].word, "QUALIFY with a * whose columns cannot be told");
	columns_clear(&results);
	return rc;
}

int qualify_apply(struct pass *p)
{
	return pass_each_select(p, one_qualify);
}

/* ---- SELECT DISTINCT a ORDER BY b: b is part of what is distinct, and not shown ---- */

bool distinct_order_wanted(const struct tokens *t)
{
	bool distinct = false;

	for (int i = 0; i < t->count; i++) {
		distinct = distinct || (token_is(t, i, "distinct") && token_is(t, i - 1, "select"));
		if (distinct && token_is(t, i, "order") && token_is(t, i + 1, "by"))
			return true;
	}
	return false;
}

static bool same_tokens(const struct tokens *t, int a, int a_last, int b, int b_last)
{
	char x[192], y[192];

	if (a_last - a != b_last - b)
		return false;
	for (; a <= a_last; a++, b++) {
		token_name(t, a, x, sizeof x);
		token_name(t, b, y, sizeof y);
		if (token_len(t, a) != token_len(t, b) || strcmp(x, y) != 0)
			return false;
	}
	return true;
}

/* Is the key an expression of the select list? t.a and a are one column. */
static bool is_selected(const struct pass *p, const struct block *b, int first, int last)
{
	const struct clause_range *list = &b->c[CLAUSE_LIST];
	char key[192], name[192];
	bool column = last - first == 2 && token_is_char(&p->t, first + 1, '.');

	token_name(&p->t, last, key, sizeof key);
	for (int i = list->first; i <= list->last;) {
		int item = block_item_end(&p->t, i, list->last), end = item;

		if (same_tokens(&p->t, i, item, first, last))
			return true;
		if (token_is(&p->t, item - 1, "as"))
			end = item - 2;
		else if (item > i && token_is_name(&p->t, item) && block_ends_operand(&p->t, item - 1))
			end = item - 1;
		if (same_tokens(&p->t, i, end, first, last))
			return true;
		token_name(&p->t, item, name, sizeof name);
		if ((column || first == last) && strcmp(key, name) == 0 && token_is_name(&p->t, last))
			return true;
		i = item + 2;
	}
	return false;
}

static bool sorts_by_others(const struct pass *p, const struct block *b, const struct columns *results)
{
	const struct clause_range *order = &b->c[CLAUSE_ORDER];

	for (int i = order->first; i <= order->last;) {
		int last = block_item_end(&p->t, i, order->last), end = key_end(&p->t, i, last);

		if (!sorts_by_result(p, i, end, results) && !is_selected(p, b, i, end))
			return true;
		i = last + 2;
	}
	return false;
}

static int one_distinct(struct pass *p, const struct site *s)
{
	const struct block *b = &s->b;
	struct columns results = { 0 };

	if (b->distinct < 0 || b->set_arm || !block_has(b, CLAUSE_ORDER) || token_is(&p->t, b->distinct + 1, "on"))
		return 0;
	/* With columns that cannot be told the server's error is the answer. */
	if (columns_of_select(p, s->node, s->with, &results) && sorts_by_others(p, b, &results))
		wrap(p, s, &results);
	columns_clear(&results);
	return 0;
}

int distinct_order_apply(struct pass *p)
{
	return pass_each_select(p, one_distinct);
}
