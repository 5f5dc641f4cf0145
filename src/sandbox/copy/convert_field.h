#ifndef SPARK_SANDBOX_COPY_CONVERT_FIELD_H
#define SPARK_SANDBOX_COPY_CONVERT_FIELD_H

#include "sandbox/copy/convert.h"

/* One field on its way to its column's type. text: without escapes and, unless the column is a text, without blanks
 * around it; never empty then. */
struct field {
	struct copy_convert *c;
	const struct copy_column *col;
	const struct copy_value *value;
	const char *text;
	size_t len;
	struct buf *row;
	struct copy_problem *problem;
};

/* Code and reason of the field's problem. Returns -1. */
int field_fail(struct field *f, enum copy_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);
int field_fail_digit(struct field *f, size_t at);
int field_fail_overflow(struct field *f);
int field_put_null(struct field *f);

/* Converters: append length and bytes, or fail. */
int convert_integer(struct field *f);
int convert_numeric(struct field *f);
int convert_float(struct field *f);
int convert_bool(struct field *f);
int convert_text(struct field *f);
int convert_varbyte(struct field *f);
int convert_date(struct field *f);
int convert_time(struct field *f);
int convert_timestamp(struct field *f);
int convert_super(struct field *f);

#endif
