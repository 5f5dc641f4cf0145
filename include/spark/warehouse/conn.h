#ifndef SPARK_WAREHOUSE_CONN_H
#define SPARK_WAREHOUSE_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spark/base/err.h"
#include "spark/base/secret.h"

/* One session with the warehouse, over libpq (loaded at first use). */
struct conn;

struct conn_options {
	const char *host, *database, *user;
	int port;
	const struct secret *password;
	const char *ssl_mode; /* "verify-full", "prefer", "disable" */
	const char *ca_file;  /* NULL: the system's roots */
	int connect_timeout_ms;
	/* What stands behind a command of ours that a hint advises, "sparkify --target aws"; NULL: nothing. */
	const char *operands;
	const volatile int
		*stop; /* non-zero: the running statement is cancelled on the server, ERR_INTERRUPTED; may be NULL */
	/* Server messages (NOTICE, INFO) as they come; may be NULL. */
	void (*notice)(void *arg, const char *severity, const char *text);
	void *notice_arg;
};

/* ERR_UNREACHABLE, ERR_TIMEOUT, ERR_DATABASE (28P01 wrong password, 3D000 no database) with hints. */
int conn_open(const struct conn_options *o, struct conn **out, struct err *err) MUST_CHECK;
void conn_close(struct conn *c);

/* The rows of one statement, all as text. */
struct result {
	size_t columns, rows;
	const char *const *names;
	int64_t affected; /* from the tag; -1 when it tells none */
	char tag[64];
	void *handle; /* private */
};
const char *result_value(const struct result *r, size_t row, size_t column); /* NULL for SQL NULL; lends */
bool result_is_numeric(const struct result *r, size_t column);               /* right-align it */
bool result_is_boolean(const struct result *r, size_t column);               /* its values are "t" and "f" */
void result_clear(struct result *r);

/* One statement or several; the last one's result. ERR_DATABASE carries sqlstate, text, position as "line L, column C",
 * and DETAIL in the hint. out may be NULL. */
int conn_exec(struct conn *c, const char *sql, struct result *out, struct err *err) MUST_CHECK;
/* The same, row by row (single-row mode), for large results: fn gets each row. A statement that gives no row, also one
 * behind others, calls fn once with rows 0, so that the columns and the tag are known. fn returns non-zero to stop,
 * which is then returned. */
int conn_stream(struct conn *c, const char *sql, int (*fn)(void *arg, const struct result *row), void *arg,
		struct err *err) MUST_CHECK;
/* Rows that the last COPY loaded, from its INFO notice; -1 when it told none. */
int64_t conn_copied_rows(const struct conn *c);

#endif
