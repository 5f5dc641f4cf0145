#ifndef SPARK_SANDBOX_DIALECT_COLUMNS_H
#define SPARK_SANDBOX_DIALECT_COLUMNS_H

#include "sandbox/dialect/passes.h"

/* The columns of relations and results, as far as the tree and the catalogue tell them. Names are lent by both. */
struct column {
	const char *name;
	const char *table; /* the relation's name in the query; NULL: merged by USING or NATURAL */
	bool is_super;     /* jsonb on the server */
};

struct columns {
	struct column *items;
	size_t count, cap;
};

void columns_clear(struct columns *c);
/* All false when they cannot be told: the relation is not there yet, or memory ran out. */
bool columns_of_table(struct pass *p, const char *schema, const char *name, const char *alias, struct columns *out);
bool columns_of_from(struct pass *p, const struct json *from, const struct with_scope *with, struct columns *out);
bool columns_of_item(struct pass *p, const struct json *item, const struct with_scope *with, struct columns *out);
/* The results of the select list of one SELECT (of a set operation: of its first). */
bool columns_of_select(struct pass *p, const struct json *select, const struct with_scope *with, struct columns *out);
/* NULL: none of that name; table may be NULL. */
const struct column *columns_find(const struct columns *c, const char *table, const char *name);
/* The name by which an item of FROM (no join) is known; NULL: none. */
const char *columns_item_name(const struct json *item);
/* The item of FROM with that name, within joins too. */
const struct json *columns_item_of(const struct json *from, const char *name);

/* What the catalogue said in this statement. */
void known_free(struct known *k);

#endif
