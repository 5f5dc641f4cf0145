#ifndef SPARK_WAREHOUSE_CONN_ERROR_H
#define SPARK_WAREHOUSE_CONN_ERROR_H

#include <stddef.h>

#include "spark/base/err.h"

/* What the server says about a failed statement, NULL where it says nothing. */
struct server_error {
	const char *sqlstate, *message, *detail, *hint;
	const char *position; /* in characters of the statement, from 1 */
	const char *operands; /* of commands that hints advise; NULL: none */
};

/* Fills err from it; sql is the text that `position` counts in. Returns -1. */
int server_error_set(struct err *err, const struct server_error *e, const char *sql);
/* libpq's message of a failed connection, in verbose form so that it carries the SQLSTATE: ERR_DATABASE when the server
 * refused, else ERR_UNREACHABLE. Returns -1. */
int connect_error_set(struct err *err, const char *host, int port, const char *message, const char *operands);
/* The hint for an address that does not answer. Returns -1. */
int connect_hint_set(struct err *err, const char *operands);
/* Line and column, from 1, of the position-th character. */
void sql_position(const char *sql, size_t position, size_t *line, size_t *column);

#endif
