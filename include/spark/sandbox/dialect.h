#ifndef SPARK_SANDBOX_DIALECT_H
#define SPARK_SANDBOX_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"

/* Redshift SQL to PostgreSQL 15 SQL, by edits to the user's own text: a token pass (libpg_query's scanner) takes out,
 * length for length, what libpg_query cannot parse; rules over the parse tree emit edits {from, to, text}; one pass
 * applies them. */
enum dialect_kind {
	DIALECT_PASS,   /* goes to the server as `sql` */
	DIALECT_COPY,   /* COPY ... FROM 's3://...': for copy/; `sql` is the statement's own text */
	DIALECT_UNLOAD, /* UNLOAD ('query') TO 's3://...': for unload/; `sql` is the query, rewritten; empty when no
			   query stands where it should */
	DIALECT_EMPTY,
};

struct dialect_statement {
	enum dialect_kind kind;
	size_t from, to;         /* bytes of the statement in the user's text, without the semicolon */
	struct buf sql;          /* rewritten */
	struct dialect_map *map; /* positions of sql back to the user's text */
	const char *tag;         /* of the command, where the server's would be another; NULL: the server's */
	bool commits;            /* TRUNCATE: when it has run well within a block, the session commits that block */
	bool late; /* what it means depends on what those before it make: dialect_rewrite_late() when they have run */
};
struct dialect_script {
	struct dialect_statement *items;
	size_t count;
};

#define DIALECT_COLUMN_TYPE '\x01' /* no name has these bytes */
#define DIALECT_COLUMN_END  '\x02'

/* What a rule asks of the catalogue; NULL functions: nothing is known. */
struct dialect_catalog {
	/* Does that relation (schema may be NULL) have this column? -1: no such relation. */
	int (*has_column)(void *arg, const char *schema, const char *relation, const char *column);
	/* All its columns in their order, each as name DIALECT_COLUMN_TYPE type DIALECT_COLUMN_END, the type as pg_type
	 * has it (jsonb: SUPER). 1, or -1: no such relation. */
	int (*columns)(void *arg, const char *schema, const char *relation, struct buf *out);
	/* Redshift tells a procedure by its input parameters, PostgreSQL by those for output as well. types: of the
	 * former, as they are written, each with DIALECT_COLUMN_END behind it; a name may stand before one. 1: out is
	 * a list of all its types; -1: both tell it alike, or there is none. */
	int (*procedure)(void *arg, const char *schema, const char *name, const char *types, struct buf *out);
	/* The value of a setting of the session; false: it has none. */
	bool (*setting)(void *arg, const char *name, char *value, size_t size);
	void *arg;
	bool strict;   /* refuse what PostgreSQL knows and Redshift does not */
	bool in_block; /* the session is inside a transaction block of the client's */
	bool moving;   /* it is changing under way: each answer costs a round trip, also one that was given before */
};

/* Splits a simple query string into statements and rewrites each. What cannot be supported is refused: err with
 * sqlstate and a text naming it (ERR_DATABASE); err->code holds the position in characters from 1 as decimal text when
 * known. Text that libpg_query cannot parse passes unchanged, so that the server's own error is what the client sees.
 */
int dialect_rewrite(const char *text, size_t len, const struct dialect_catalog *catalog, struct dialect_script *out,
		    struct err *err) MUST_CHECK;
/* Statement `index` of the script of that text once more. On failure the statement is as it was. */
int dialect_rewrite_late(const char *text, size_t len, const struct dialect_catalog *catalog,
			 struct dialect_script *script, size_t index, struct err *err) MUST_CHECK;
void dialect_script_clear(struct dialect_script *s);
/* A server's error position (characters from 1 in the rewritten statement) as characters from 1 in the user's whole
 * text; 0 when it lies in text of ours. */
int dialect_map_position(const struct dialect_statement *s, const char *user_text, int position);

#endif
