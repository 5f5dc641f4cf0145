#ifndef SPARK_SANDBOX_COPY_H
#define SPARK_SANDBOX_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spark/base/err.h"
#include "spark/sandbox/world.h"

/* COPY t FROM 's3://...': objects to rows. The gateway gives the session; copy/ reads the objects and converts. */

/* The statement, taken apart. */
struct copy_statement;
/* ERR_DATABASE with sqlstate 42601 (position in err->code) or 0A000 naming the option. */
int copy_parse(const char *sql, size_t len, struct copy_statement **out, struct err *err) MUST_CHECK;
void copy_statement_free(struct copy_statement *s);

#define COPY_STAGE "pg_temp.sparkctl_rows"

/* What copy/ needs of the session. All return 0 or -1 with err. */
struct copy_session {
	void *arg;
	struct world *world;
	const char *cluster_doc_id; /* "us-west-2/sparkify" */
	const char *user, *database;
	int backend_pid;
	int64_t query_id; /* the statement's number, as stl_query has it; 0: one is taken from the server's sequence */
	/* Runs SQL on the session's own connection, inside its transaction; row() gets the values as text (NULL for SQL
	 * NULL). */
	int (*query)(void *arg, const char *sql, int (*row)(void *row_arg, int count, const char *const *values),
		     void *row_arg, struct err *err);
	/* Starts `COPY ... FROM STDIN (FORMAT binary)` as given, streams bytes, ends it (abort: with CopyFail). */
	int (*copy_begin)(void *arg, const char *copy_sql, struct err *err);
	int (*copy_data)(void *arg, const void *bytes, size_t len, struct err *err);
	int (*copy_end)(void *arg, bool abort, struct err *err);
	/* In place of copy_begin where no COPY can run: rows go to COPY_STAGE, a table with these columns, from where
	 * insert_sql brings them on, as often as it takes. NULL: copy_begin is there. */
	int (*stage_begin)(void *arg, const char *columns, const char *insert_sql, struct err *err);
	/* Runs a `COPY ... FROM STDIN` with all of its rows outside the session's transaction (system tables survive a
	 * rollback). */
	int (*copy_outside)(void *arg, const char *copy_sql, const void *rows, size_t len, struct err *err);
	/* Sends an INFO message to the client. */
	void (*info)(void *arg, const char *text);
	/* Non-zero when the client has cancelled. */
	const volatile int *cancelled;
};

/* Loads. On success *rows. On failure nothing is loaded in this transaction's eyes (the statement failed) and err
 * carries sqlstate XX000, text and, as hint, the DETAIL block; rows of stl_load_errors are written through
 * copy_outside. */
int copy_run(const struct copy_session *session, const struct copy_statement *s, int64_t *rows,
	     struct err *err) MUST_CHECK;

#endif
