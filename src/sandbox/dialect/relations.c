#include "sandbox/dialect/relations.h"

#include <string.h>

#define DEPTH_MAX 32

struct question {
	const char *column;
	const struct dialect_catalog *catalog;
	int depth;
};

static bool in_from(const struct question *q, const struct json *from, const struct with_scope *with);
static bool in_query(const struct question *q, const struct json *select, const struct with_scope *with);

const struct json *node_of(const struct json *wrapped, const char *type)
{
	return json_get(wrapped, type);
}

const char *column_ref_name(const struct json *column_ref)
{
	const struct json *fields = json_get(column_ref, "fields");
	size_t count = json_count(fields);

	return count ? json_str(json_get(json_at(fields, count - 1), "String"), "sval", NULL) : NULL;
}

static bool same(const char *a, const char *b)
{
	return a && strcmp(a, b) == 0;
}

static bool in_names(const struct question *q, const struct json *names)
{
	for (const struct json *n = json_first(names); n; n = json_next(n)) {
		if (same(json_str(json_get(n, "String"), "sval", NULL), q->column))
			return true;
	}
	return false;
}

/* Is the column one of the query's results? */
static bool in_results(const struct question *q, const struct json *select, const struct with_scope *with)
{
	for (const struct json *t = json_first(json_get(select, "targetList")); t; t = json_next(t)) {
		const struct json *target = node_of(t, "ResTarget"), *value = json_get(target, "val");
		const struct json *ref = node_of(value, "ColumnRef"), *call = node_of(value, "FuncCall");
		const char *name = json_str(target, "name", NULL);

		if (name) {
			if (same(name, q->column))
				return true;
		} else if (ref) {
			name = column_ref_name(ref);
			if (name ? same(name, q->column) : in_from(q, json_get(select, "fromClause"), with))
				return true;
		} else if (call) {
			const struct json *parts = json_get(call, "funcname");

			if (same(json_str(json_get(json_at(parts, json_count(parts) - 1), "String"), "sval", NULL),
				 q->column))
				return true;
		}
	}
	return false;
}

static bool in_query(const struct question *q, const struct json *select, const struct with_scope *with)
{
	struct with_scope own = { json_get(select, "withClause"), with };
	struct question deeper = *q;

	if (++deeper.depth > DEPTH_MAX)
		return false;
	if (own.clause)
		with = &own;
	if (json_get(select, "larg"))
		return in_query(&deeper, json_get(select, "larg"), with);
	return in_results(&deeper, select, with);
}

/* 1, 0, or -1: there is no WITH query of that name. */
static int in_with(const struct question *q, const char *name, const struct with_scope *with)
{
	for (; with; with = with->up) {
		for (const struct json *c = json_first(json_get(with->clause, "ctes")); c; c = json_next(c)) {
			const struct json *cte = node_of(c, "CommonTableExpr");
			const struct json *columns = json_get(cte, "aliascolnames");

			if (!same(json_str(cte, "ctename", NULL), name))
				continue;
			if (columns)
				return in_names(q, columns);
			return in_query(q, node_of(json_get(cte, "ctequery"), "SelectStmt"), with);
		}
	}
	return -1;
}

static bool in_table(const struct question *q, const struct json *table, const struct with_scope *with)
{
	const char *name = json_str(table, "relname", ""), *schema = json_str(table, "schemaname", NULL);
	const struct json *columns = json_get(json_get(table, "alias"), "colnames");
	int known = schema ? -1 : in_with(q, name, with);

	if (columns && in_names(q, columns))
		return true;
	if (known >= 0)
		return known;
	return q->catalog && q->catalog->has_column &&
	       q->catalog->has_column(q->catalog->arg, schema, name, q->column) > 0;
}

static bool in_item(const struct question *q, const struct json *item, const struct with_scope *with)
{
	const struct json *node;
	struct question deeper = *q;

	if (++deeper.depth > DEPTH_MAX)
		return false;
	node = node_of(item, "RangeVar");
	if (node)
		return in_table(&deeper, node, with);
	node = node_of(item, "JoinExpr");
	if (node)
		return in_item(&deeper, json_get(node, "larg"), with) || in_item(&deeper, json_get(node, "rarg"), with);
	node = node_of(item, "RangeSubselect");
	if (node) {
		const struct json *columns = json_get(json_get(node, "alias"), "colnames");

		if (columns)
			return in_names(&deeper, columns);
		return in_query(&deeper, node_of(json_get(node, "subquery"), "SelectStmt"), with);
	}
	node = node_of(item, "RangeFunction");
	return node && (in_names(&deeper, json_get(json_get(node, "alias"), "colnames")) ||
			same(json_str(json_get(node, "alias"), "aliasname", NULL), q->column));
}

static bool in_from(const struct question *q, const struct json *from, const struct with_scope *with)
{
	for (const struct json *item = json_first(from); item; item = json_next(item)) {
		if (in_item(q, item, with))
			return true;
	}
	return false;
}

bool relations_have_column(const struct json *from_clause, const char *column, const struct with_scope *with,
			   const struct dialect_catalog *catalog)
{
	struct question q = { column, catalog, 0 };

	return in_from(&q, from_clause, with);
}
