#ifndef SPARK_SANDBOX_DIALECT_RELATIONS_H
#define SPARK_SANDBOX_DIALECT_RELATIONS_H

#include "spark/base/json.h"
#include "spark/sandbox/dialect.h"

/* WITH clauses that are in sight, the nearest first. */
struct with_scope {
	const struct json *clause;
	const struct with_scope *up;
};

/* The name of a node's only child {"ColumnRef": {...}} and its value. */
const struct json *node_of(const struct json *wrapped, const char *type);
/* An unqualified or qualified column reference's last name, NULL for a star. */
const char *column_ref_name(const struct json *column_ref);

/* Does a relation of this FROM clause have that column? false also when it cannot be known. */
bool relations_have_column(const struct json *from_clause, const char *column, const struct with_scope *with,
			   const struct dialect_catalog *catalog);

#endif
