#ifndef SPARK_SANDBOX_HISTORY_TRACK_H
#define SPARK_SANDBOX_HISTORY_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/history/history.h"
#include "spark/base/err.h"
#include "spark/sandbox/dialect.h"

/* What one session tells the history. It never fails: what memory does not suffice for is not told. A NULL track or
 * item is fine everywhere. */
struct track;
/* A request that is under way: a string of statements, or an execution of a prepared one. */
struct track_item;

struct track_who {
	int pid;
	const char *user, *database, *host, *auth;
	const char *ssl_version, *ssl_cipher; /* "" without encryption */
	const char *application_name, *driver_version, *os_version;
};
/* Strings are copied. Tells of the connection, and track_free() of its end. */
struct track *track_new(struct history *h, const struct track_who *who);
void track_free(struct track *t);
/* A client that was not let in. */
void track_refused(struct history *h, const struct track_who *who);

/* Statements of a simple query; script: where each lies in text, NULL: it is one. */
struct track_item *track_query(struct track *t, const char *text, const struct dialect_script *script);
/* The same for one query or change of rows whose text is known to be plain (history_text_is_plain()). */
struct track_item *track_plain_query(struct track *t, const char *text, size_t len);
/* A prepared statement gets its text; the item tells of it only when the server refuses it. */
struct track_item *track_parse(struct track *t, const char *name, const char *text);
void track_bind(struct track *t, const char *portal, const char *statement);
void track_close(struct track *t, bool portal, const char *name);
/* Does executing that portal wait for what has been told so far, since its statement asks the system tables? */
bool track_waits(struct track *t, const char *portal);
struct track_item *track_execute(struct track *t, const char *portal);

/* A message of the server on the item: 'C' (tag), 'E' (fields), 'I'; others do nothing. */
void track_reply(struct track *t, struct track_item *item, char type, const void *body, size_t len);
/* What the gateway did itself; why NULL: it went well, with that many rows. */
void track_done(struct track *t, struct track_item *item, int64_t rows, const struct err *why);
/* The number that the statement under way will have, 0 when it is not told. */
int64_t track_id(struct track *t, struct track_item *item);
/* ReadyForQuery: 'I', 'T' or 'E'. */
void track_ready(struct track *t, char status);
void track_item_free(struct track_item *item);

#endif
