#ifndef SPARK_SANDBOX_UNLOAD_ROW_H
#define SPARK_SANDBOX_UNLOAD_ROW_H

#include "sandbox/unload/columns.h"

struct unload_value {
	const char *text; /* NULL: SQL NULL */
	size_t len;
};

/* Splits one row of `COPY ... TO STDOUT` in its text form; escapes are decoded into scratch, or the values point into
 * the row. False: it has not `count` columns. */
bool unload_row_split(const char *bytes, size_t len, struct unload_value *values, size_t count, struct buf *scratch);
/* Words a row as the statement's format has it, with its line feed. */
int unload_row_put(const struct unload_statement *s, const struct unload_columns *c, const struct unload_value *values,
		   struct buf *out, struct err *err) MUST_CHECK;
/* The line of HEADER. */
int unload_row_header(const struct unload_statement *s, const struct unload_columns *c, struct buf *out,
		      struct err *err) MUST_CHECK;

#endif
