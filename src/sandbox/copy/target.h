#ifndef SPARK_SANDBOX_COPY_TARGET_H
#define SPARK_SANDBOX_COPY_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/copy/statement.h"
#include "spark/base/buf.h"
#include "spark/base/err.h"

enum copy_type {
	COPY_INT2,
	COPY_INT4,
	COPY_INT8,
	COPY_NUMERIC,
	COPY_FLOAT4,
	COPY_FLOAT8,
	COPY_BOOL,
	COPY_VARCHAR,
	COPY_CHAR,
	COPY_TEXT,
	COPY_VARBYTE,
	COPY_DATE,
	COPY_TIME,
	COPY_TIMETZ,
	COPY_TIMESTAMP,
	COPY_TIMESTAMPTZ,
	COPY_SUPER,
	COPY_TYPES, /* how many */
};

struct copy_column {
	char *name;
	enum copy_type type;
	size_t max_bytes; /* of texts, VARBYTE and SUPER */
	int precision, scale;
	bool not_null;
	bool identity; /* its values come from a counter */
	bool identity_always;
};

/* The columns that are loaded, in the order of the statement's list or else the table's. */
struct copy_target {
	char *schema, *table;
	unsigned long oid;
	struct copy_column *columns;
	size_t count;
};

/* Asks the catalogue. 42P01, 42703, 42809; 0A000 for a column whose type COPY cannot fill. */
int copy_target_open(const struct copy_session *session, const struct copy_statement *s, struct copy_target *t,
		     struct err *err) MUST_CHECK;
void copy_target_clear(struct copy_target *t);
/* `COPY "schema"."table" ("a", "b") FROM STDIN (FORMAT binary)` */
void copy_target_sql(const struct copy_target *t, struct buf *out);
/* Columns of COPY_STAGE, of types of the system's only, and what brings rows from there. */
void copy_target_stage(const struct copy_target *t, struct buf *columns, struct buf *insert);

/* The names that stl_load_errors uses: "int4", and "256", "18, 0" or "0". */
const char *copy_type_name(enum copy_type type);
void copy_column_length(const struct copy_column *c, char *out, size_t size);
/* The type as it stands in reasons: "Integer". */
const char *copy_type_label(enum copy_type type);

/* "name" with quotes doubled; E'text' with quotes and backslashes doubled. */
void copy_quote_name(struct buf *out, const char *name);
void copy_quote_text(struct buf *out, const char *text, size_t len);

#endif
