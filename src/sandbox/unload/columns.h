#ifndef SPARK_SANDBOX_UNLOAD_COLUMNS_H
#define SPARK_SANDBOX_UNLOAD_COLUMNS_H

#include <stdbool.h>
#include <stdint.h>

#include "sandbox/unload/statement.h"

/* What matters about a type when its values are worded. */
enum unload_kind { UNLOAD_OTHER, UNLOAD_CHARACTER, UNLOAD_NUMBER, UNLOAD_SUPER, UNLOAD_BYTES };

struct unload_column {
	char *name;
	enum unload_kind kind;
	const char *type; /* as Redshift calls it */
	int length;       /* of CHAR and VARCHAR; 0: none */
	int precision, scale;
	bool can_part; /* as a key of PARTITION BY */
	bool hidden;   /* is not written: it is in the folder's name */
};

/* The columns of the query, and which of them are partition keys. */
struct unload_columns {
	struct unload_column *items;
	size_t count, cap;
	size_t *keys; /* indices, in the order of PARTITION BY */
	size_t key_count;
};

/* Asks the server, and finds what does not go together with the statement. */
int unload_columns_open(const struct unload_session *session, const struct unload_statement *s, const char *query,
			struct unload_columns *out, struct err *err) MUST_CHECK;
void unload_columns_clear(struct unload_columns *c); /* accepts a zeroed struct */

#endif
