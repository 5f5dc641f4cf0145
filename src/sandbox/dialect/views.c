#include <stdio.h>
#include <string.h>

#include "sandbox/dialect/statements.h"

/* Views WITH NO SCHEMA BINDING: their tables need not be there, and may go and come back. PostgreSQL binds every view;
 * catalog/16_late_views.sql unties them again and follows the tables. Here the view is marked, and one whose tables are
 * missing becomes a stand-in that says so when it is read. */

struct late_view {
	struct rules *r;
	int from, to;                         /* the query's tokens */
	char missing[2 * ATTRIBUTE_NAME + 2]; /* the first relation that is not there, or empty */
	int missing_at;
};

static const char *const ends_from[] = { "where",     "group",  "having",  "order", "limit", "union", "minus",
					 "intersect", "except", "qualify", "on",    "using", NULL };

/* Is `from` at i the clause of a query, and not a word of EXTRACT, TRIM or SUBSTRING? */
static bool is_clause(const struct late_view *v, int i)
{
	const struct tokens *t = v->r->t;

	for (int k = i - 1; k >= v->from; k--) {
		if (token_is_char(t, k, ')') && t->items[k].pair >= v->from)
			k = t->items[k].pair;
		else if (token_is_char(t, k, '('))
			return token_is(t, k + 1, "select") || token_is(t, k + 1, "with") ||
			       token_is_char(t, k + 1, '(');
	}
	return true;
}

/* name AS ( or name (columns) AS ( is a WITH query of the view's own. */
static bool is_with_query(const struct late_view *v, int name)
{
	char wanted[ATTRIBUTE_NAME], found[ATTRIBUTE_NAME];
	const struct tokens *t = v->r->t;

	token_name(t, name, wanted, sizeof wanted);
	for (int i = v->from; i + 2 < v->to; i++) {
		int behind = i + 1;

		if (!token_is_name(t, i))
			continue;
		if (token_is_char(t, behind, '(') && t->items[behind].pair > behind)
			behind = t->items[behind].pair + 1;
		if (!token_is(t, behind, "as") || !token_is_char(t, behind + 1, '('))
			continue;
		token_name(t, i, found, sizeof found);
		if (strcmp(found, wanted) == 0)
			return true;
	}
	return false;
}

/* One element of a FROM at i; returns behind its name. */
static int check_relation(struct late_view *v, int i)
{
	const struct dialect_catalog *c = v->r->catalog;
	char schema[ATTRIBUTE_NAME], name[ATTRIBUTE_NAME];
	int last = i;

	if (!token_is_name(v->r->t, i) || token_is_char(v->r->t, i + 1, '('))
		return i + 1;
	while (last + 2 < v->to && token_is_char(v->r->t, last + 1, '.'))
		last += 2;
	if (token_is_char(v->r->t, last + 1, '('))
		return last + 1;
	if (last == i && is_with_query(v, i))
		return last + 1;
	if (last == i) {
		rules_fail(v->r, i, "0A000",
			   "All the relation names inside should be qualified when creating views with no schema "
			   "binding.");
		return -1;
	}
	token_name(v->r->t, last - 2, schema, sizeof schema);
	token_name(v->r->t, last, name, sizeof name);
	if (!v->missing[0] && c && c->has_column && c->has_column(c->arg, schema, name, "") < 0) {
		snprintf(v->missing, sizeof v->missing, "%s.%s", schema, name);
		v->missing_at = i;
	}
	return last + 1;
}

/* All relations that the query names behind FROM, JOIN and the commas of a FROM. */
static int check_relations(struct late_view *v)
{
	const struct tokens *t = v->r->t;

	for (int i = v->from; i < v->to; i++) {
		bool from = token_is(t, i, "from") && is_clause(v, i);

		if (!from && !token_is(t, i, "join"))
			continue;
		for (int k = i + 1; k < v->to;) {
			k = check_relation(v, k);
			if (k < 0)
				return -1;
			/* On to the next comma of this FROM. */
			while (k < v->to && !token_is_char(t, k, ',') && !token_is_char(t, k, ')') &&
			       !token_in(t, k, ends_from) && !token_is(t, k, "join")) {
				if (token_is_char(t, k, '(') && t->items[k].pair > k)
					k = t->items[k].pair;
				k++;
			}
			if (!from || !token_is_char(t, k, ','))
				break;
			k++;
		}
	}
	return 0;
}

/* The query as the server would get it, for the day when its tables are there. */
static int rewrite_query(const struct late_view *v, struct table_attributes *a)
{
	const struct token *first = &v->r->t->items[v->from], *last = &v->r->t->items[v->to - 1];
	struct dialect_script script;
	int rc =
		dialect_rewrite(v->r->t->text + first->from, last->to - first->from, v->r->catalog, &script, v->r->err);

	if (rc < 0) {
		v->r->refused_at = first->from;
		return -1;
	}
	if (script.count == 1)
		attributes_add_member(a, "query", script.items[0].sql.data, NULL);
	dialect_script_clear(&script);
	return 0;
}

/* In place of the query. */
static int stand_in(struct late_view *v)
{
	char why[sizeof v->missing + 64];
	struct buf b;

	buf_init(&b, 4096);
	snprintf(why, sizeof why, "relation \"%s\" does not exist", v->missing);
	buf_puts(&b, "SELECT NULL::varchar AS unavailable FROM pg_catalog.sparkctl_missing(");
	statement_literal(&b, why);
	buf_putc(&b, ')');
	return statement_replace(v->r, v->from, v->to, &b);
}

static int mark(struct late_view *v, int name_first)
{
	struct table_attributes a;
	struct rules *r = v->r;
	int behind, rc = 0;

	attributes_init(&a);
	behind = rules_relation(r, name_first, v->from, a.schema, a.table, sizeof a.table);
	attributes_add_member(&a, "late", "yes", NULL);
	if (v->missing[0] && token_is_char(r->t, behind, '('))
		rc = rules_fail(r, v->missing_at, "42P01", "relation \"%s\" does not exist", v->missing);
	else if (v->missing[0])
		rc = rewrite_query(v, &a) < 0 ? -1 : stand_in(v);
	if (rc == 0)
		rules_tell(r, &a, behind - 1);
	attributes_clear(&a);
	return rc;
}

/* CREATE [OR REPLACE] VIEW name [(columns)] AS query [WITH NO SCHEMA BINDING] */
int create_view(struct rules *r, int i, int end)
{
	int name = token_is(r->t, i + 1, "or") ? i + 4 : i + 2, as = statement_find(r, name, end, "as");
	struct late_view v = { .r = r, .from = as + 1, .to = end - 4 };

	if (!token_is(r->t, end - 1, "binding") || !token_is(r->t, end - 2, "schema") ||
	    !token_is(r->t, end - 3, "no") || !token_is(r->t, end - 4, "with") || as < 0 || v.to <= v.from)
		return 0;
	if (check_relations(&v) < 0)
		return -1;
	rules_blank(r, end - 4, end - 1);
	return mark(&v, name);
}

/* REFRESH MATERIALIZED VIEW mv [RESTRICT | CASCADE] */
int statement_refresh(struct rules *r, int i, int end)
{
	if (end - i > 4 && (token_is(r->t, end - 1, "restrict") || token_is(r->t, end - 1, "cascade")))
		rules_blank(r, end - 1, end - 1);
	return 0;
}
