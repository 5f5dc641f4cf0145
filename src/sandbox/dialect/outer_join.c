#include <string.h>

#include "sandbox/dialect/columns.h"

/* FROM a, b WHERE a.x = b.y (+): a LEFT JOIN b ON a.x = b.y. Conditions with a mark go to ON, the others stay. */

#define ITEMS_MAX 64

static bool is_mark(const struct tokens *t, int i)
{
	return token_is_char(t, i, '(') && token_is_char(t, i + 1, '+') && token_is_char(t, i + 2, ')') &&
	       token_is_name(t, i - 1);
}

bool outer_join_wanted(const struct tokens *t)
{
	for (int i = 1; i < t->count; i++) {
		if (is_mark(t, i))
			return true;
	}
	return false;
}

/* One comma separated relation, or one condition between ANDs. */
struct part {
	int first, last;
	const struct json *item; /* a relation's */
	bool optional, placed;   /* a relation: some condition marks it */
	int marks;               /* a condition: the relation that it marks, -1: none */
	int partner;             /* a marked relation: which it is joined to, -1: none so far */
};

struct join {
	struct pass *p;
	const struct site *s;
	struct part items[ITEMS_MAX], conditions[ITEMS_MAX];
	int item_count, condition_count;
};

static bool has_column(struct join *j, const struct json *item, const char *column)
{
	struct columns c = { 0 };
	bool found = columns_of_item(j->p, item, j->s->with, &c) && columns_find(&c, NULL, column);

	columns_clear(&c);
	return found;
}

/* The relation that the column name at token i belongs to, -1: none. */
static int relation_of(struct join *j, int i)
{
	const struct tokens *t = &j->p->t;
	bool qualified = token_is_char(t, i - 1, '.');
	char name[192];

	token_name(t, qualified ? i - 2 : i, name, sizeof name);
	for (int k = 0; k < j->item_count; k++) {
		const char *known = columns_item_name(j->items[k].item);

		if (qualified ? known && strcmp(known, name) == 0 : has_column(j, j->items[k].item, name))
			return k;
	}
	return -1;
}

static int read_items(struct join *j)
{
	const struct clause_range *from = &j->s->b.c[CLAUSE_FROM];
	const struct json *item = json_first(json_get(j->s->node, "fromClause"));

	for (int i = from->first; i <= from->last; item = json_next(item)) {
		struct part *part = &j->items[j->item_count];

		if (j->item_count == ITEMS_MAX)
			return pass_refuse(j->p, i, "so long a list of relations with (+)");
		*part = (struct part){ i, block_item_end(&j->p->t, i, from->last), item, false, false, -1, -1 };
		if (!item || json_get(item, "JoinExpr"))
			return pass_fail(j->p, i, "42601", "(+) and JOIN cannot be used in the same query");
		j->item_count++;
		i = part->last + 2;
	}
	return 0;
}

/* Neither OR nor IN is in a condition with a mark, in parentheses or without. */
static int check_operators(struct join *j, int first, int last)
{
	int mark = -1;
	bool either = false;

	for (int i = first; i <= last; i++) {
		if (is_mark(&j->p->t, i))
			mark = i;
		either = either || token_is(&j->p->t, i, "or") || token_is(&j->p->t, i, "in");
	}
	return mark >= 0 && either
		       ? pass_fail(j->p, mark, "0A000", "Outer join operator (+) not allowed in operand of OR or IN.")
		       : 0;
}

static int add_condition(struct join *j, int first, int last)
{
	struct part *c = &j->conditions[j->condition_count];

	if (first > last)
		return 0;
	if (check_operators(j, first, last) < 0)
		return -1;
	if (j->condition_count == ITEMS_MAX)
		return pass_refuse(j->p, first, "so long a list of conditions with (+)");
	*c = (struct part){ .first = first, .last = last, .marks = -1 };
	for (int i = first + 1; i <= last; i++) {
		int relation;

		if (!is_mark(&j->p->t, i))
			continue;
		relation = relation_of(j, i - 1);
		if (relation < 0)
			return pass_fail(j->p, i - 1, "42703", "(+) marks a column of no relation in FROM");
		if (c->marks >= 0 && c->marks != relation)
			return pass_fail(j->p, i, "42601", "a condition can mark one relation with (+) only");
		c->marks = relation;
		j->items[relation].optional = true;
		pass_blank(j->p, i, i + 2);
	}
	j->condition_count++;
	return 0;
}

/* A marked relation is joined to one other. */
static int check_partners(struct join *j)
{
	for (int k = 0; k < j->condition_count; k++) {
		const struct part *c = &j->conditions[k];

		for (int i = c->first; i <= c->last && c->marks >= 0; i++) {
			struct part *marked = &j->items[c->marks];
			int other;

			if (!token_is_name(&j->p->t, i) || token_is_char(&j->p->t, i + 1, '.'))
				continue;
			other = relation_of(j, i);
			if (other < 0 || other == c->marks)
				continue;
			if (marked->partner >= 0 && marked->partner != other)
				return pass_fail(j->p, i, "0A000",
						 "A table may be outer joined to at most one other table.");
			marked->partner = other;
		}
	}
	return 0;
}

static int read_conditions(struct join *j)
{
	const struct clause_range *where = &j->s->b.c[CLAUSE_WHERE];
	const struct tokens *t = &j->p->t;
	int first = where->first;
	bool between = false;

	for (int i = where->first; i <= where->last; i = block_skip(t, i)) {
		if (token_is(t, i, "or"))
			return check_operators(j, where->first, where->last);
		if (token_is(t, i, "between")) {
			between = true;
		} else if (token_is(t, i, "and") && between) {
			between = false;
		} else if (token_is(t, i, "and")) {
			if (add_condition(j, first, i - 1) < 0)
				return -1;
			first = i + 1;
		}
	}
	return add_condition(j, first, where->last) < 0 ? -1 : check_partners(j);
}

/* Does a condition that marks the relation speak of one that is not joined yet? */
static bool is_waiting(struct join *j, int relation)
{
	for (int k = 0; k < j->condition_count; k++) {
		const struct part *c = &j->conditions[k];

		if (c->marks != relation)
			continue;
		for (int i = c->first; i <= c->last; i++) {
			int other;

			if (!token_is_name(&j->p->t, i) || token_is_char(&j->p->t, i + 1, '.'))
				continue;
			other = relation_of(j, i);
			if (other >= 0 && other != relation && !j->items[other].placed)
				return true;
		}
	}
	return false;
}

static void put_left_join(struct join *j, int relation, struct buf *out)
{
	bool first = true;

	buf_printf(out, " LEFT JOIN %s ON ", pass_quote(j->p, j->items[relation].first, j->items[relation].last).text);
	for (int k = 0; k < j->condition_count; k++) {
		if (j->conditions[k].marks != relation)
			continue;
		buf_printf(out, "%s%s", first ? "" : " AND ",
			   pass_quote(j->p, j->conditions[k].first, j->conditions[k].last).text);
		first = false;
	}
	j->items[relation].placed = true;
}

static int put_from(struct join *j, struct buf *out)
{
	int left = 0;

	for (int k = 0; k < j->item_count; k++) {
		if (j->items[k].optional) {
			left++;
			continue;
		}
		buf_printf(out, "%s%s", out->len ? " CROSS JOIN " : "",
			   pass_quote(j->p, j->items[k].first, j->items[k].last).text);
		j->items[k].placed = true;
	}
	while (left > 0) {
		int before = left;

		for (int k = 0; k < j->item_count; k++) {
			if (j->items[k].placed || is_waiting(j, k))
				continue;
			put_left_join(j, k, out);
			left--;
		}
		if (before == left || out->len == 0)
			return pass_fail(j->p, j->s->b.c[CLAUSE_WHERE].word, "42601",
					 "relations cannot be outer joined to each other with (+)");
	}
	return 0;
}

static void put_where(struct join *j, struct buf *out)
{
	for (int k = 0; k < j->condition_count; k++) {
		const struct part *c = &j->conditions[k];

		if (c->marks < 0)
			buf_printf(out, "%s%s", out->len ? " AND " : "WHERE ",
				   pass_quote(j->p, c->first, c->last).text);
	}
}

static int one_select(struct pass *p, const struct site *s)
{
	struct join j = { .p = p, .s = s };
	const struct clause_range *where = &s->b.c[CLAUSE_WHERE], *from = &s->b.c[CLAUSE_FROM];
	struct buf relations, rest;
	bool marked = false;

	for (int i = where->first; where->word >= 0 && i <= where->last; i++) {
		if (token_is_char(&p->t, i, '(') &&
		    (token_is(&p->t, i + 1, "select") || token_is(&p->t, i + 1, "with")))
			i = block_skip(&p->t, i) - 1; /* it has a WHERE of its own */
		marked = marked || is_mark(&p->t, i);
	}
	if (!marked || from->word < 0)
		return 0;
	if (read_items(&j) < 0 || read_conditions(&j) < 0)
		return -1;
	buf_init(&relations, BUF_MAX_DEFAULT);
	buf_init(&rest, BUF_MAX_DEFAULT);
	if (put_from(&j, &relations) < 0) {
		p->e.failed = p->e.failed || relations.failed;
		buf_clear(&relations);
		return -1;
	}
	put_where(&j, &rest);
	pass_replace(p, from->first, from->last, &relations);
	pass_replace(p, where->word, where->last, &rest);
	return 0;
}

int outer_join_apply(struct pass *p)
{
	if (pass_each_select(p, one_select) < 0)
		return -1;
	if (p->e.count > 0 || !pass_tree(p))
		return 0;
	for (int i = 1; i < p->t.count; i++) {
		if (is_mark(&p->t, i))
			return pass_refuse(p, i, "(+) here");
	}
	return 0;
}
