#ifndef SPARK_SANDBOX_COPY_CONVERT_H
#define SPARK_SANDBOX_COPY_CONVERT_H

#include "sandbox/copy/datetime.h"
#include "sandbox/copy/target.h"
#include "sandbox/copy/value.h"

/* Fields of a record to fields of PostgreSQL's binary COPY, by the column's type and the statement's options. */
struct copy_convert {
	const struct copy_statement *s;
	struct datetime_format date, time;
	struct buf scratch;
	bool replaced; /* ACCEPTINVCHARS had something to replace in the last field */
};

void copy_convert_init(struct copy_convert *c, const struct copy_statement *s);
void copy_convert_clear(struct copy_convert *c);
/* Appends length and bytes. 0, or -1 with the problem's code and reason (its column is left alone); `row` may then
 * hold a part. */
int copy_convert_field(struct copy_convert *c, const struct copy_column *col, const struct copy_value *v,
		       struct buf *row, struct copy_problem *problem);

#endif
