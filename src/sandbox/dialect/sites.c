#include <string.h>

#include "sandbox/dialect/passes.h"

/* The SELECTs of a tree, with the tokens that they are made of. */

struct walk {
	struct pass *p;
	site_fn fn;
};

static bool is_select(const struct json *member)
{
	const char *name = json_name(member);

	return name && (strcmp(name, "SelectStmt") == 0 ||
			((strcmp(name, "larg") == 0 || strcmp(name, "rarg") == 0) && json_get(member, "limitOption")));
}

/* Back from the first result to the word SELECT. */
static int select_token(const struct pass *p, const struct json *select)
{
	const struct json *first = json_get(json_first(json_get(select, "targetList")), "ResTarget");
	int i = pass_token_at(p, (long)json_int(first, "location", -1)) - 1;

	while (token_is(&p->t, i, "all") || token_is(&p->t, i, "distinct"))
		i--;
	return token_is(&p->t, i, "select") ? i : -1;
}

static int visit(const struct walk *w, const struct json *node, const struct with_scope *with, const struct site *outer)
{
	struct with_scope own = { json_get(node, "withClause"), with };

	if (own.clause)
		with = &own;
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		struct with_scope inner = { json_get(m, "withClause"), with };
		struct site s = { .node = m, .with = inner.clause ? &inner : with, .outer = outer };
		bool select = is_select(m) && json_get(m, "targetList");
		int at = select ? select_token(w->p, m) : -1;

		if (at >= 0) {
			block_read(&w->p->t, at, &s.b);
			if (w->fn(w->p, &s) < 0)
				return -1;
		}
		if ((json_is_object(m) || json_is_array(m)) && visit(w, m, with, select ? &s : outer) < 0)
			return -1;
	}
	return 0;
}

int pass_each_select(struct pass *p, site_fn fn)
{
	struct walk w = { p, fn };
	const struct json *tree = pass_tree(p);

	return tree ? visit(&w, tree, NULL, NULL) : 0;
}

static const char *last_string(const struct json *list)
{
	size_t count = json_count(list);

	return count ? json_str(json_get(json_at(list, count - 1), "String"), "sval", NULL) : NULL;
}

static const char *label_of(const struct json *value);

static const char *label_of_case(const struct json *node)
{
	const char *label = label_of(json_get(node, "defresult"));

	return strcmp(label, "?column?") != 0 ? label : "case";
}

static const char *label_of_cast(const struct json *node)
{
	const char *label = label_of(json_get(node, "arg"));

	if (strcmp(label, "?column?") == 0)
		label = last_string(json_get(json_get(node, "typeName"), "names"));
	return label ? label : "?column?";
}

static const char *label_of_sub_select(const struct json *node)
{
	const struct json *select = json_get(json_get(node, "subselect"), "SelectStmt");
	const char *kind = json_str(node, "subLinkType", "");

	if (strcmp(kind, "EXISTS_SUBLINK") == 0)
		return "exists";
	if (strcmp(kind, "EXPR_SUBLINK") != 0)
		return "?column?";
	while (json_get(select, "larg"))
		select = json_get(select, "larg");
	kind = pass_label(json_get(json_first(json_get(select, "targetList")), "ResTarget"));
	return kind ? kind : "?column?";
}

/* As PostgreSQL's FigureColname() has it. */
static const char *label_of(const struct json *value)
{
	static const struct {
		const char *node, *label;
	} fixed[] = {
		{ "CoalesceExpr", "coalesce" },
		{ "RowExpr", "row" },
		{ "A_ArrayExpr", "array" },
		{ "GroupingFunc", "grouping" },
	};
	const struct json *node;
	const char *label = NULL;

	if ((node = json_get(value, "ColumnRef")))
		label = column_ref_name(node);
	else if ((node = json_get(value, "FuncCall")))
		label = last_string(json_get(node, "funcname"));
	else if ((node = json_get(value, "TypeCast")))
		return label_of_cast(node);
	else if ((node = json_get(value, "CaseExpr")))
		return label_of_case(node);
	else if ((node = json_get(value, "CollateClause")))
		return label_of(json_get(node, "arg"));
	else if ((node = json_get(value, "MinMaxExpr")))
		label = strcmp(json_str(node, "op", ""), "IS_LEAST") == 0 ? "least" : "greatest";
	else if ((node = json_get(value, "A_Expr")))
		label = strcmp(json_str(node, "kind", ""), "AEXPR_NULLIF") == 0 ? "nullif" : NULL;
	else if ((node = json_get(value, "SubLink")))
		return label_of_sub_select(node);
	else if ((node = json_get(value, "A_Indirection")))
		label = last_string(json_get(node, "indirection"));
	for (size_t i = 0; !label && i < sizeof fixed / sizeof *fixed; i++) {
		if (json_get(value, fixed[i].node))
			label = fixed[i].label;
	}
	return label ? label : "?column?";
}

const char *pass_label(const struct json *target)
{
	const char *name = json_str(target, "name", NULL);
	const struct json *ref = json_get(json_get(target, "val"), "ColumnRef");

	if (name)
		return name;
	if (ref && !column_ref_name(ref))
		return NULL;
	return label_of(json_get(target, "val"));
}
