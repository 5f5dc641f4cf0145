#ifndef SPARK_SANDBOX_COPY_CELLS_H
#define SPARK_SANDBOX_COPY_CELLS_H

#include <stdbool.h>
#include <stddef.h>

#include "spark/sandbox/copy.h"

/* Rows of the system tables, for loads and unloads. They are text as COPY FROM STDIN takes it: every cell ends with a
 * tab, the row's last tab becomes its line feed. */
#define CELL_MAX 1024

void cell_end_row(struct buf *out);
void cell_number(struct buf *out, long long n);
/* What stands for itself. */
void cell_word(struct buf *out, const char *text);
/* Any text, cut to the width of its column; what is no ASCII becomes '.' when ascii is set, else what is no UTF-8. */
void cell_text(struct buf *out, const char *text, size_t len, size_t max, bool ascii);
void cell_string(struct buf *out, const char *text, size_t max);
/* Now, as a timestamp. */
void cell_now(const struct copy_session *session, char *out, size_t size);
/* Sends what has gathered to a table of pg_catalog, in the order of `columns`, outside the session's transaction; rows
 * is empty then. */
int cell_send_rows(const struct copy_session *session, struct buf *rows, const char *table, const char *columns,
		   struct err *err) MUST_CHECK;

/* Who runs a statement: what the system tables call it. */
struct copy_numbers {
	long long query, user_id, transaction;
};
/* The statement's number, unless the gateway gave it one, who runs it, and in which transaction. */
int copy_numbers_ask(const struct copy_session *session, struct copy_numbers *out, struct err *err) MUST_CHECK;

#endif
