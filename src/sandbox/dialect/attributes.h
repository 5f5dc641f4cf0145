#ifndef SPARK_SANDBOX_DIALECT_ATTRIBUTES_H
#define SPARK_SANDBOX_DIALECT_ATTRIBUTES_H

#include "spark/base/buf.h"

#define ATTRIBUTE_NAME 192 /* names have up to 127 bytes */

/* What PostgreSQL has no place for in a CREATE or ALTER TABLE. It travels to the server in a comment of the rewritten
 * statement, where an event trigger reads it (catalog/15_table_attributes.sql says what becomes of each member). */
struct table_attributes {
	char schema[ATTRIBUTE_NAME], table[ATTRIBUTE_NAME];
	char dist_style[16];
	char dist_key[ATTRIBUTE_NAME];
	char sort_style[16];
	struct buf sort_keys; /* members of JSON lists and objects, without brackets */
	struct buf encodings;
	struct buf keys;
	struct buf others; /* further members of the whole, each with a comma before it */
	int dist_keys, sort_key_count;
	bool alter;     /* it changes what is recorded */
	bool drop;      /* the table is dropped without CASCADE */
	bool auto_sort; /* SORTKEY AUTO */
	bool said;      /* there is something to tell */
};

void attributes_init(struct table_attributes *a);
void attributes_clear(struct table_attributes *a);
void attributes_set_dist_key(struct table_attributes *a, const char *column);
void attributes_add_sort_key(struct table_attributes *a, const char *column);
void attributes_add_encoding(struct table_attributes *a, const char *column, const char *encoding);
/* A member of the whole; second may be NULL: then the value is a string, else a list of both. */
void attributes_add_member(struct table_attributes *a, const char *name, const char *first, const char *second);

/* A declared key: begin, its columns, for a foreign key what it refers to and the columns there, end. kind: "primary",
 * "unique" or "foreign"; name may be empty. */
void attributes_begin_key(struct table_attributes *a, const char *kind, const char *name);
void attributes_add_key_column(struct table_attributes *a, const char *column);
void attributes_add_reference(struct table_attributes *a, const char *schema, const char *table);
void attributes_end_key(struct table_attributes *a);

/* The comment, or "" when nothing was said. */
void attributes_comment(const struct table_attributes *a, struct buf *out);

#endif
