#ifndef SPARK_SANDBOX_UNLOAD_H
#define SPARK_SANDBOX_UNLOAD_H

#include "spark/sandbox/copy.h"

/* UNLOAD ('query') TO 's3://...': rows to objects. The gateway gives the session and the query as the dialect rewrote
 * it; unload/ takes the rest of the statement apart, words the rows and writes the objects. */

/* The statement, taken apart; its query is only stepped over. */
struct unload_statement;
/* ERR_DATABASE with sqlstate 42601 (position in err->code) or 0A000 naming the option. */
int unload_parse(const char *sql, size_t len, struct unload_statement **out, struct err *err) MUST_CHECK;
void unload_statement_free(struct unload_statement *s);

/* What unload/ needs of the session. All return 0 or -1 with err. */
struct unload_session {
	struct copy_session copy; /* query, copy_outside, info and who it is */
	/* The columns that a query will have, without running it: names, pg_type OIDs, type modifiers. An error's
	 * position is in err->code. */
	int (*describe)(void *arg, const char *sql,
			int (*column)(void *column_arg, const char *name, uint32_t type, int32_t modifier),
			void *column_arg, struct err *err);
	/* Runs the query; row() gets one at a time, as a line of COPY's text format. When that fails the statement is
	 * given up. */
	int (*copy_out)(void *arg, const char *query,
			int (*row)(void *row_arg, const char *bytes, size_t len, struct err *err), void *row_arg,
			struct err *err);
};

/* Writes the rows of `query`. Objects become visible when all is written; on failure there are none, and err carries
 * sqlstate XX000, text and, as hint, the DETAIL block. */
int unload_run(const struct unload_session *session, const struct unload_statement *s, const char *query, int64_t *rows,
	       struct err *err) MUST_CHECK;

#endif
