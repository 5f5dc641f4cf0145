#ifndef SPARK_SANDBOX_DIALECT_LATERAL_H
#define SPARK_SANDBOX_DIALECT_LATERAL_H

#include "sandbox/dialect/edits.h"
#include "spark/sandbox/dialect.h"

/* An alias of a select list may be used further on in the list and in WHERE, GROUP BY and HAVING; a column of FROM of
 * that name wins. Such uses are replaced by the expression that the alias stands for. Text that libpg_query cannot
 * parse gets no edits. */
int lateral_rewrite(const char *text, size_t len, const struct dialect_catalog *catalog, struct edits *e,
		    struct err *err) MUST_CHECK;

#endif
