#ifndef SPARK_SANDBOX_DIALECT_ATTRIBUTES_H
#define SPARK_SANDBOX_DIALECT_ATTRIBUTES_H

#include "spark/base/buf.h"

#define ATTRIBUTE_NAME 192 /* names have up to 127 bytes */

/* What PostgreSQL has no place for in a CREATE TABLE. It travels to the server in a comment of the rewritten statement,
 * where an event trigger reads it (catalog/15_table_attributes.sql). */
struct table_attributes {
	char table[ATTRIBUTE_NAME];
	char dist_style[16];
	char dist_key[ATTRIBUTE_NAME];
	char sort_style[16];
	struct buf sort_keys; /* members of JSON lists and objects, without brackets */
	struct buf encodings;
	struct buf keys;
	bool said; /* there is something to tell */
};

void attributes_init(struct table_attributes *a);
void attributes_clear(struct table_attributes *a);
void attributes_add_sort_key(struct table_attributes *a, const char *column);
void attributes_add_encoding(struct table_attributes *a, const char *column, const char *encoding);
/* kind: "primary", "unique" or "foreign"; text: as the statement has it. */
void attributes_add_key(struct table_attributes *a, const char *kind, const char *text, size_t len);
/* The comment, or "" when nothing was said. */
void attributes_comment(const struct table_attributes *a, struct buf *out);

#endif
