#ifndef SPARK_SANDBOX_WIRE_BACKEND_H
#define SPARK_SANDBOX_WIRE_BACKEND_H

#include <stdbool.h>
#include <stdint.h>

#include "sandbox/wire/message.h"

/* A connection to a private server's unix socket: enough of the frontend's half of the protocol for the gateway's own
 * questions. A session's relay uses the same descriptor and buffers in between; the functions here may be called when
 * no answer to a client is outstanding. The descriptor is non-blocking. */
struct backend {
	int fd; /* -1: none */
	struct buf in, out;
	size_t taken; /* bytes of `in` that were handed out by the last read */
	uint32_t pid, key;
	char status; /* of the last ReadyForQuery: I, T or E */
	char *socket_dir;
	/* Messages that may come at any time: 'S', 'A', 'N'. NULL: dropped. */
	void (*on_async)(void *arg, const struct message *m);
	void *on_async_arg;
	/* Waiting ends: at deadline_ms of the monotonic clock (0: never), when stop_fd becomes readable. When
	 * *cancelled or the peer of watch_fd goes away, the running statement is cancelled, once. -1, NULL: unused. */
	int64_t deadline_ms;
	int stop_fd, watch_fd;
	volatile int *cancelled;
	bool cancel_sent;
	bool copying;
};

struct backend_setting {
	const char *name, *value;
};

void backend_init(struct backend *b);
/* Connects and starts up; waits no longer than timeout_ms for it. A refusal of the server is ERR_DATABASE with its
 * SQLSTATE. When refusal is not NULL, the server's own ErrorResponse is appended to it. */
int backend_open(struct backend *b, const char *socket_dir, const struct backend_setting *settings, size_t count,
		 int timeout_ms, struct buf *refusal, struct err *err) MUST_CHECK;
/* The same over a connected descriptor, which is taken: also one that a gateway serves. Nothing can be cancelled
 * through it but by closing it. */
int backend_open_fd(struct backend *b, int fd, const struct backend_setting *settings, size_t count, int timeout_ms,
		    struct err *err) MUST_CHECK;
/* As superuser, with some settings more ("-c name=value ..."; may be NULL). */
int backend_open_super(struct backend *b, const char *socket_dir, const char *user, const char *database,
		       const char *options, int timeout_ms, struct err *err) MUST_CHECK;
/* Says goodbye and closes. Accepts an initialised struct. */
void backend_close(struct backend *b);

typedef int (*backend_row_fn)(void *arg, int count, const char *const *values);
/* Runs one simple query to its ReadyForQuery; values are text, NULL for SQL's NULL. row may be NULL; non-zero from it
 * stops handing out rows and makes the whole a failure (with the err it has set). */
int backend_query(struct backend *b, const char *sql, backend_row_fn row, void *arg, struct err *err) MUST_CHECK;

/* COPY ... FROM STDIN. After a failure of begin or data the connection is ready again and end must not be called. */
int backend_copy_begin(struct backend *b, const char *sql, struct err *err) MUST_CHECK;
int backend_copy_data(struct backend *b, const void *bytes, size_t len, struct err *err) MUST_CHECK;
int backend_copy_end(struct backend *b, bool abort, struct err *err) MUST_CHECK;

/* The columns of a query's result, by Parse and Describe: it is not run. fn gives non-zero when memory runs out. No
 * columns: fn is not called. An error's position (characters from 1) goes to err->code. */
int backend_describe(struct backend *b, const char *sql,
		     int (*fn)(void *arg, const char *name, uint32_t type, int32_t modifier), void *arg,
		     struct err *err) MUST_CHECK;
/* COPY ... TO STDOUT. fn gets one CopyData at a time; non-zero from it (with the err it has set) cancels the statement.
 */
int backend_copy_out(struct backend *b, const char *sql,
		     int (*fn)(void *arg, const char *bytes, size_t len, struct err *err), void *arg,
		     struct err *err) MUST_CHECK;

/* The next whole message; lent until the next call. */
int backend_next(struct backend *b, struct message *m, struct err *err) MUST_CHECK;
/* After ReadyForQuery: its status is noted, and it is taken. */
void backend_note_ready(struct backend *b, const struct message *m);
int backend_flush(struct backend *b, struct err *err) MUST_CHECK;
/* Asks the server to cancel what that backend runs, and waits for the server's close, which says that the signal was
 * sent. */
void backend_cancel(const char *socket_dir, uint32_t pid, uint32_t key);

#endif
