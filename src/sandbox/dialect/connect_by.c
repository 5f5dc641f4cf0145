#include <string.h>

#include "sandbox/dialect/columns.h"

/* FROM t START WITH s CONNECT BY c: FROM (WITH RECURSIVE ...) AS t. A join is made first; its relations' names stay for
 * what is behind: FROM (...) AS h, LATERAL (SELECT h.x AS a) AS t, .... WHERE is evaluated when the hierarchy is there.
 */

bool connect_by_wanted(const struct tokens *t)
{
	for (int i = 1; i < t->count; i++) {
		enum clause c;

		if (token_is(t, i, "connect") && block_is_clause(t, i, &c))
			return true;
	}
	return false;
}

struct hierarchy {
	struct pass *p;
	const struct site *s;
	const char *table; /* NULL: a join */
	struct columns columns;
};

/* Counted from 1; 0: there is none, or there are several. */
static int column_number(const struct hierarchy *h, int token)
{
	const struct tokens *t = &h->p->t;
	char name[192], table[192] = "";
	int found = 0;

	token_name(t, token, name, sizeof name);
	if (!h->table && token_is_char(t, token - 1, '.'))
		token_name(t, token - 2, table, sizeof table);
	for (size_t i = 0; i < h->columns.count; i++) {
		const struct column *c = &h->columns.items[i];

		if (strcmp(c->name, name) != 0 || (*table && strcmp(c->table, table) != 0))
			continue;
		if (found)
			return 0;
		found = (int)i + 1;
	}
	return found;
}

/* PRIOR column, PRIOR table.column, PRIOR (expression). */
static int replace_prior(struct hierarchy *h, int i)
{
	const struct tokens *t = &h->p->t;
	int first = i + 1, last = first;

	if (token_is_char(t, first, '('))
		last = t->items[first].pair;
	else if (token_is_char(t, first + 1, '.'))
		last = first + 2;
	pass_blank(h->p, i, i);
	for (int k = first; k <= last; k++) {
		int number = token_is_name(t, k) && !token_is_char(t, k + 1, '.') ? column_number(h, k) : 0;
		int from = token_is_char(t, k - 1, '.') && k - 2 >= first ? k - 2 : k;

		if (number > 0)
			edit_replace(&h->p->e, t->items[from].from, t->items[k].to, "sparkctl_h.sparkctl_%d", number);
	}
	return last;
}

/* LEVEL, where no column has that name. In a select list it names its result. */
static void replace_level(struct hierarchy *h, int first, int last, const char *with, bool list)
{
	const struct tokens *t = &h->p->t;

	for (int i = first; i <= last; i++) {
		bool alone;

		if (!token_is(t, i, "level") || token_is_char(t, i - 1, '.') || token_is(t, i - 1, "as") ||
		    column_number(h, i))
			continue;
		if (token_is(t, i - 1, "isolation") || block_ends_operand(t, i - 1))
			continue; /* an alias */
		alone = list && (i == first || token_is_char(t, i - 1, ',')) &&
			(i == last || token_is_char(t, i + 1, ','));
		edit_replace(&h->p->e, t->items[i].from, t->items[i].to, "%s%s", with, alone ? " AS level" : "");
	}
}

static void put_columns(const struct hierarchy *h, struct buf *out, bool renamed)
{
	for (size_t i = 0; i < h->columns.count; i++) {
		buf_puts(out, ", ");
		if (renamed) {
			buf_printf(out, "sparkctl_%zu AS ", i + 1);
		} else {
			pass_put_name(out, h->table ? h->table : h->columns.items[i].table);
			buf_putc(out, '.');
		}
		pass_put_name(out, h->columns.items[i].name);
	}
}

/* The relations of a join, by their names, out of the columns of sparkctl_t. */
static void put_relations(const struct hierarchy *h, struct buf *out)
{
	const struct columns *c = &h->columns;

	for (size_t i = 0; i < c->count; i++) {
		bool seen = false;

		for (size_t k = 0; k < i && !seen; k++)
			seen = strcmp(c->items[k].table, c->items[i].table) == 0;
		if (seen)
			continue;
		buf_puts(out, " CROSS JOIN LATERAL (SELECT ");
		for (size_t k = i; k < c->count; k++) {
			if (strcmp(c->items[k].table, c->items[i].table) != 0)
				continue;
			buf_printf(out, "%ssparkctl_t.sparkctl_%zu AS ", k > i ? ", " : "", k + 1);
			pass_put_name(out, c->items[k].name);
		}
		buf_puts(out, ") AS ");
		pass_put_name(out, c->items[i].table);
	}
}

/* A star would show the level as well; that of one relation of a join does not. */
static void expand_stars(struct hierarchy *h)
{
	for (const struct json *t = json_first(json_get(h->s->node, "targetList")); t; t = json_next(t)) {
		const struct json *target = json_get(t, "ResTarget");
		int first = pass_token_at(h->p, (long)json_int(target, "location", -1));
		struct buf out;

		if (pass_label(target) || first < 0 || (!h->table && !token_is_char(&h->p->t, first, '*')))
			continue;
		buf_init(&out, BUF_MAX_DEFAULT);
		for (size_t i = 0; i < h->columns.count; i++) {
			buf_puts(&out, i ? ", " : "");
			if (!h->table) {
				pass_put_name(&out, h->columns.items[i].table);
				buf_putc(&out, '.');
			}
			pass_put_name(&out, h->columns.items[i].name);
		}
		pass_replace(h->p, first, block_item_end(&h->p->t, first, h->s->b.c[CLAUSE_LIST].last), &out);
	}
}

static void put_hierarchy(struct hierarchy *h)
{
	const struct block *b = &h->s->b;
	const struct clause_range *from = &b->c[CLAUSE_FROM], *start = &b->c[CLAUSE_START], *by = &b->c[CLAUSE_CONNECT];
	struct pass *p = h->p;
	struct buf out;

	buf_init(&out, BUF_MAX_DEFAULT);
	buf_puts(&out, "(WITH RECURSIVE sparkctl_h (sparkctl_level");
	for (size_t i = 0; i < h->columns.count; i++)
		buf_printf(&out, ", sparkctl_%zu", i + 1);
	buf_puts(&out, ") AS (SELECT 1");
	put_columns(h, &out, false);
	buf_printf(&out, " FROM %s", pass_quote(p, from->first, from->last).text);
	if (start->word >= 0)
		buf_printf(&out, " WHERE %s", pass_quote(p, start->first, start->last).text);
	buf_puts(&out, " UNION ALL SELECT sparkctl_h.sparkctl_level + 1");
	put_columns(h, &out, false);
	buf_printf(&out, " FROM sparkctl_h, %s WHERE %s) SELECT sparkctl_level",
		   pass_quote(p, from->first, from->last).text, pass_quote(p, by->first, by->last).text);
	if (h->table) {
		put_columns(h, &out, true);
		buf_puts(&out, " FROM sparkctl_h) AS ");
		pass_put_name(&out, h->table);
	} else {
		for (size_t i = 0; i < h->columns.count; i++)
			buf_printf(&out, ", sparkctl_%zu", i + 1);
		buf_puts(&out, " FROM sparkctl_h) AS sparkctl_t");
		put_relations(h, &out);
	}
	pass_replace(p, from->first, from->last, &out);
}

static int rewrite(struct hierarchy *h)
{
	static const enum clause outer[] = { CLAUSE_WHERE, CLAUSE_GROUP, CLAUSE_HAVING, CLAUSE_QUALIFY, CLAUSE_ORDER };
	const struct block *b = &h->s->b;
	const struct clause_range *by = &b->c[CLAUSE_CONNECT], *start = &b->c[CLAUSE_START];
	bool prior = false;

	for (int i = by->first; i <= by->last; i++) {
		if (token_is(&h->p->t, i, "prior") && !token_is_char(&h->p->t, i - 1, '.')) {
			i = replace_prior(h, i);
			prior = true;
		}
	}
	if (!prior)
		return pass_fail(h->p, by->word, "42601", "CONNECT BY needs a condition with PRIOR");
	replace_level(h, by->first, by->last, "(sparkctl_h.sparkctl_level + 1)", false);
	if (start->word >= 0)
		replace_level(h, start->first, start->last, "1", false);
	replace_level(h, b->c[CLAUSE_LIST].first, b->c[CLAUSE_LIST].last, "sparkctl_level", true);
	for (size_t k = 0; k < sizeof outer / sizeof *outer; k++) {
		if (block_has(b, outer[k]))
			replace_level(h, b->c[outer[k]].first, b->c[outer[k]].last, "sparkctl_level", false);
	}
	expand_stars(h);
	put_hierarchy(h);
	edit_replace(&h->p->e, h->p->t.items[by->word].from, h->p->t.items[by->last].to, " ");
	if (start->word >= 0)
		edit_replace(&h->p->e, h->p->t.items[start->word].from, h->p->t.items[start->last].to, " ");
	return 0;
}

/* Which relation a column is of can be told, and no two relations have one name. */
static bool are_apart(const struct columns *c)
{
	for (size_t i = 0; i < c->count; i++) {
		if (!c->items[i].table)
			return false;
		for (size_t k = 0; k < i; k++) {
			if (strcmp(c->items[k].table, c->items[i].table) == 0 &&
			    strcmp(c->items[k].name, c->items[i].name) == 0)
				return false;
		}
	}
	return true;
}

static int one_select(struct pass *p, const struct site *s)
{
	const struct json *from = json_get(s->node, "fromClause");
	struct hierarchy h = { .p = p, .s = s };
	int word = s->b.c[CLAUSE_CONNECT].word, rc;

	if (word < 0)
		return 0;
	h.table = columns_item_name(json_first(from));
	if (json_count(from) != 1)
		return pass_refuse(p, word, "CONNECT BY over a join without JOIN");
	if (!columns_of_from(p, from, s->with, &h.columns) || h.columns.count == 0)
		rc = pass_refuse(p, word, "CONNECT BY over a relation whose columns cannot be told");
	else if (!h.table && !are_apart(&h.columns))
		rc = pass_refuse(p, word, "CONNECT BY over a join with USING or NATURAL");
	else
		rc = rewrite(&h);
	columns_clear(&h.columns);
	return rc;
}

int connect_by_apply(struct pass *p)
{
	return pass_each_select(p, one_select);
}
