#include <string.h>

#include "sandbox/dialect/columns.h"
#include "spark/base/mem.h"

/* An alias of a select list may be used further on in the list and in WHERE, GROUP BY, HAVING and ORDER BY; a column of
 * FROM of that name wins. Such uses are replaced by the expression that the alias stands for. */

#define ALIASES_MAX 400
#define NAME_SIZE   192

struct alias {
	const char *name;
	size_t from, to; /* its expression's text */
};

/* The select list in hand: aliases[0, count) may be used at this place. */
struct uses {
	struct pass *p;
	const struct alias *aliases;
	int count;
};

/* What ends an item of a select list, outside of parentheses. */
static const char *const list_end[] = { "from",   "where",  "having", "order",  "limit", "union", "intersect",
					"except", "window", "into",   "offset", "fetch", "for",   NULL };

/* IS [NOT] DISTINCT FROM and WITHIN GROUP are no clauses. */
static bool ends_list(const struct tokens *t, int i)
{
	if (token_is_char(t, i, ',') || token_is_char(t, i, ')') || token_is_char(t, i, ';'))
		return true;
	if (token_is(t, i, "from") && token_is(t, i - 1, "distinct") &&
	    (token_is(t, i - 2, "is") || token_is(t, i - 2, "not")))
		return false;
	if (token_is(t, i, "group"))
		return !token_is(t, i - 1, "within");
	return token_in(t, i, list_end);
}

/* The text of an item's expression, without its alias. */
static bool expression_of(const struct pass *p, const struct json *target, struct alias *a)
{
	const struct tokens *t = &p->t;
	int first = pass_token_at(p, (long)json_int(target, "location", -1)), i = first, last;
	char name[NAME_SIZE];

	if (first < 0)
		return false;
	for (; i < t->count && !ends_list(t, i); i++) {
		if (token_is_char(t, i, '(') && t->items[i].pair > i)
			i = t->items[i].pair;
	}
	last = i - 1;
	token_name(t, last, name, sizeof name);
	if (strcmp(name, a->name) != 0)
		return false;
	last -= token_is(t, last - 1, "as") ? 2 : 1;
	if (last < first)
		return false;
	a->from = t->items[first].from;
	a->to = t->items[last].to;
	return true;
}

/* Does the expression use a column of that name? Then FROM has one. */
static bool mentions(const struct json *node, const char *name)
{
	const struct json *ref = json_get(node, "ColumnRef");

	if (ref) {
		const char *column = column_ref_name(ref);

		return column && strcmp(column, name) == 0;
	}
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		if ((json_is_object(m) || json_is_array(m)) && mentions(m, name))
			return true;
	}
	return false;
}

static void replace_use(const struct uses *u, const struct json *ref)
{
	const char *name = column_ref_name(ref);
	int token = pass_token_at(u->p, (long)json_int(ref, "location", -1));

	if (!name || token < 0 || json_count(json_get(ref, "fields")) != 1)
		return;
	for (int k = u->count - 1; k >= 0; k--) {
		if (strcmp(u->aliases[k].name, name) == 0) {
			edit_replace(&u->p->e, u->p->t.items[token].from, u->p->t.items[token].to, "(%s)",
				     edit_quote(u->aliases[k].from, u->aliases[k].to).text);
			return;
		}
	}
}

/* All uses in an expression; sub-selects have names of their own. */
static void replace_in(const struct uses *u, const struct json *node)
{
	const struct json *ref;

	if (!node || json_get(node, "SelectStmt"))
		return;
	ref = json_get(node, "ColumnRef");
	if (ref) {
		replace_use(u, ref);
		return;
	}
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		if (json_is_object(m) || json_is_array(m))
			replace_in(u, m);
	}
}

/* GROUP BY and ORDER BY know an alias that stands alone. */
static void replace_in_list(const struct uses *u, const struct json *list)
{
	for (const struct json *item = json_first(list); item; item = json_next(item)) {
		const struct json *sort = json_get(item, "SortBy");
		const struct json *value = sort ? json_get(sort, "node") : item;

		if (!json_get(value, "ColumnRef"))
			replace_in(u, value);
	}
}

/* One question for all columns of a relation costs less than one for each alias. */
static int has_column(void *pass, const char *schema, const char *relation, const char *column)
{
	struct columns c = { 0 };
	int known = -1;

	if (columns_of_table(pass, schema, relation, relation, &c))
		known = columns_find(&c, NULL, column) != NULL;
	columns_clear(&c);
	return known;
}

static int rewrite_select(struct pass *p, const struct site *s)
{
	struct dialect_catalog by_columns = { .has_column = has_column, .arg = p };
	const struct dialect_catalog *catalog = p->catalog && p->catalog->columns ? &by_columns : p->catalog;
	const struct json *from = json_get(s->node, "fromClause");
	struct alias *aliases = mem_alloc_array(ALIASES_MAX, sizeof *aliases);
	struct uses u = { p, aliases, 0 };

	if (!aliases)
		return err_nomem(p->err);
	for (const struct json *t = json_first(json_get(s->node, "targetList")); t; t = json_next(t)) {
		const struct json *target = json_get(t, "ResTarget");
		struct alias *a = &aliases[u.count];

		if (u.count > 0)
			replace_in(&u, json_get(target, "val"));
		a->name = json_str(target, "name", NULL);
		if (a->name && u.count < ALIASES_MAX - 1 && !mentions(json_get(target, "val"), a->name) &&
		    expression_of(p, target, a) && !relations_have_column(from, a->name, s->with, catalog))
			u.count++;
	}
	if (u.count > 0) {
		replace_in(&u, json_get(s->node, "whereClause"));
		replace_in(&u, json_get(s->node, "havingClause"));
		replace_in(&u, json_get(s->node, "windowClause"));
		replace_in_list(&u, json_get(s->node, "groupClause"));
		replace_in_list(&u, json_get(s->node, "sortClause"));
	}
	mem_free(aliases);
	return 0;
}

/* Parsing costs more than all else: only a text where a name in the place of an alias comes twice needs it. */
bool lateral_wanted(const struct tokens *t)
{
	char name[NAME_SIZE], other[NAME_SIZE];
	bool select = false;

	for (int i = 0; i < t->count; i++) {
		select = select || token_is(t, i, "select");
		if (!select || !token_is_name(t, i) || i == 0)
			continue;
		if (!token_is(t, i - 1, "as") && !token_is_char(t, i + 1, ',') && !token_is(t, i + 1, "from"))
			continue;
		if (!token_is(t, i - 1, "as") &&
		    (token_is_char(t, i - 1, '.') || token_is_char(t, i - 1, ',') || token_is(t, i - 1, "select")))
			continue;
		token_name(t, i, name, sizeof name);
		for (int k = 0; k < t->count; k++) {
			if (k == i || !token_is_name(t, k))
				continue;
			token_name(t, k, other, sizeof other);
			if (strcmp(name, other) == 0)
				return true;
		}
	}
	return false;
}

int lateral_apply(struct pass *p)
{
	return pass_each_select(p, rewrite_select);
}
