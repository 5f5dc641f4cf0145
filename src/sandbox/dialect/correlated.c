#include <string.h>

#include "sandbox/dialect/columns.h"

/* Strict mode: the correlated sub-selects that Redshift cannot take apart. Only references with the name of a relation
 * count, by which it is certain what they refer to. */

struct query {
	const struct json *select;
	const struct query *up;
};

bool correlated_wanted(const struct tokens *t)
{
	int selects = 0;

	for (int i = 0; i < t->count && selects < 2; i++)
		selects += token_is(t, i, "select");
	return selects > 1;
}

static int refuse(struct pass *p, const struct json *node)
{
	return pass_fail(p, pass_token_at(p, (long)json_int(node, "location", -1)), "0A000",
			 "This type of correlated subquery pattern is not supported yet");
}

/* How many queries further out the relation of that name is; 0: in this one, or nowhere. */
static int distance(const struct query *q, const char *relation)
{
	for (int n = 0; q; q = q->up, n++) {
		if (columns_item_of(json_get(q->select, "fromClause"), relation))
			return n;
	}
	return 0;
}

static void farther(int *farthest, int n)
{
	if (n > *farthest)
		*farthest = n;
}

/* Is there a call, outside of sub-selects, with OVER, or of an aggregate other than MIN and MAX? */
static bool has_call(const struct json *node, bool window)
{
	static const char *const aggregates[] = { "sum",        "count",    "avg",      "stddev",  "stddev_samp",
						  "stddev_pop", "variance", "var_pop",  "listagg", "median",
						  "any_value",  "bool_or",  "bool_and", NULL };
	const struct json *call = json_get(node, "FuncCall");
	const struct json *names = json_get(call, "funcname");
	const char *name =
		json_str(json_get(json_at(names, json_count(names) ? json_count(names) - 1 : 0), "String"), "sval", "");

	if (json_get(node, "SubLink"))
		return false;
	if (call && window && json_get(call, "over"))
		return true;
	for (const char *const *a = aggregates; call && !window && *a; a++) {
		if (strcmp(name, *a) == 0 && !json_get(call, "over"))
			return true;
	}
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		if ((json_is_object(m) || json_is_array(m)) && has_call(m, window))
			return true;
	}
	return false;
}

/* GROUP BY the result of that number (from 1), by it or by its name. */
static bool is_grouped(const struct json *select, const struct json *target, int number)
{
	const char *label = json_str(target, "name", NULL);

	for (const struct json *g = json_first(json_get(select, "groupClause")); g; g = json_next(g)) {
		const struct json *position = json_get(json_get(g, "A_Const"), "ival"), *ref = json_get(g, "ColumnRef");
		const char *name = ref && json_count(json_get(ref, "fields")) == 1 ? column_ref_name(ref) : NULL;

		if ((position && json_int(position, "ival", 0) == number) ||
		    (label && name && strcmp(label, name) == 0))
			return true;
	}
	return false;
}

static int walk(struct pass *p, const struct json *node, const struct query *q, bool outer_join, int *farthest);
static int walk_query(struct pass *p, const struct json *select, const struct query *up, int *farthest);

/* e IN (SELECT ..), EXISTS (..), (SELECT ..). *correlated: it refers to what is outside of it. */
static int walk_sub_select(struct pass *p, const struct json *sub, const struct query *q, bool outer_join,
			   int *farthest, bool *correlated)
{
	const struct json *select = json_get(json_get(sub, "subselect"), "SelectStmt");
	const struct json *results = json_get(select, "targetList");
	bool in = strcmp(json_str(sub, "subLinkType", ""), "ANY_SUBLINK") == 0;
	int own = 0;

	if (json_get(sub, "testexpr") && walk(p, json_get(sub, "testexpr"), q, outer_join, farthest) < 0)
		return -1;
	if (walk_query(p, select, q, &own) < 0)
		return -1;
	*correlated = own > 0;
	farther(farthest, own - 1);
	if (own > 0 && (outer_join || has_call(results, true) ||
			(in && json_get(select, "groupClause") && has_call(results, false))))
		return refuse(p, sub);
	return 0;
}

static int walk_join(struct pass *p, const struct json *join, const struct query *q, int *farthest)
{
	const struct json *quals = json_get(join, "quals");
	bool outer = strcmp(json_str(join, "jointype", "JOIN_INNER"), "JOIN_INNER") != 0;

	if (walk(p, json_get(join, "larg"), q, false, farthest) < 0 ||
	    walk(p, json_get(join, "rarg"), q, false, farthest) < 0)
		return -1;
	return quals ? walk(p, quals, q, outer, farthest) : 0;
}

static int walk(struct pass *p, const struct json *node, const struct query *q, bool outer_join, int *farthest)
{
	const struct json *inner, *fields;
	bool correlated;

	if ((inner = json_get(node, "ColumnRef"))) {
		const char *relation;
		int n;

		fields = json_get(inner, "fields");
		relation = json_str(json_get(json_first(fields), "String"), "sval", NULL);
		n = json_count(fields) == 2 && relation ? distance(q, relation) : 0;
		farther(farthest, n);
		return n > 1 ? refuse(p, inner) : 0;
	}
	if ((inner = json_get(node, "SubLink")))
		return walk_sub_select(p, inner, q, outer_join, farthest, &correlated);
	if ((inner = json_get(node, "JoinExpr")))
		return walk_join(p, inner, q, farthest);
	/* Relations beside it are out of its sight. */
	if ((inner = json_get(json_get(node, "RangeSubselect"), "subquery")))
		return walk_query(p, json_get(inner, "SelectStmt"), q ? q->up : NULL, farthest);
	if ((inner = json_get(node, "SelectStmt"))) {
		int own = 0;

		return walk_query(p, inner, NULL, &own);
	}
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		if ((json_is_object(m) || json_is_array(m)) && walk(p, m, q, outer_join, farthest) < 0)
			return -1;
	}
	return 0;
}

/* A result that is a sub-select may not be grouped by when it is correlated. */
static int walk_results(struct pass *p, const struct json *select, const struct query *q, int *farthest)
{
	int number = 0;

	for (const struct json *t = json_first(json_get(select, "targetList")); t; t = json_next(t)) {
		const struct json *target = json_get(t, "ResTarget"),
				  *sub = json_get(json_get(target, "val"), "SubLink");
		bool correlated = false;

		number++;
		if (sub ? walk_sub_select(p, sub, q, false, farthest, &correlated) < 0
			: walk(p, target, q, false, farthest) < 0)
			return -1;
		if (correlated && is_grouped(select, target, number))
			return refuse(p, sub);
	}
	return 0;
}

/* *farthest: how many queries further out than this one something refers to. */
static int walk_query(struct pass *p, const struct json *select, const struct query *up, int *farthest)
{
	const struct query q = { select, up };

	if (json_get(select, "larg"))
		return walk_query(p, json_get(select, "larg"), up, farthest) < 0
			       ? -1
			       : walk_query(p, json_get(select, "rarg"), up, farthest);
	if (walk_results(p, select, &q, farthest) < 0)
		return -1;
	for (const struct json *m = json_first(select); m; m = json_next(m)) {
		if ((json_is_object(m) || json_is_array(m)) && strcmp(json_name(m), "targetList") != 0 &&
		    walk(p, m, &q, false, farthest) < 0)
			return -1;
	}
	return 0;
}

int correlated_apply(struct pass *p)
{
	const struct json *tree = p->catalog && p->catalog->strict ? pass_tree(p) : NULL;
	int farthest = 0;

	return tree ? walk(p, tree, NULL, false, &farthest) : 0;
}
