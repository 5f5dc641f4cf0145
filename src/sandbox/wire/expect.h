#ifndef SPARK_SANDBOX_WIRE_EXPECT_H
#define SPARK_SANDBOX_WIRE_EXPECT_H

#include <stdbool.h>

#include "sandbox/history/track.h"
#include "sandbox/wire/message.h"
#include "sandbox/wire/rewritten.h"

/* The answers that the server owes, in order. Each request that went to it has an entry; the server's messages finish
 * entries from the front. */
enum expect_kind {
	EXPECT_PARSE,
	EXPECT_BIND,
	EXPECT_DESCRIBE,
	EXPECT_EXECUTE,
	EXPECT_CLOSE,
	EXPECT_QUERY,
	EXPECT_SYNC,
	EXPECT_FUNCTION,
	EXPECT_COPY_END, /* CopyDone or CopyFail that came before the server asked for data; has no answer */
};

enum expect_action {
	ACTION_FORWARD,
	ACTION_SKIP,     /* the answer to a request of ours */
	ACTION_NO_READY, /* forward all but ReadyForQuery: one statement of a string that is sent piecewise */
	ACTION_FAKE,     /* the request was made to fail; the client gets our error in place of the server's */
};

struct expect_entry {
	enum expect_kind kind;
	enum expect_action action;
	struct rewritten *text; /* a reference of its own; may be NULL */
	int only;               /* the one statement of text that was sent, -1: all */
	size_t commands;        /* how many of its statements have ended */
	char *error;            /* ACTION_FAKE: the whole ErrorResponse */
	size_t error_len;
	struct track_item *item; /* what the history is told of it; may be NULL */
};

struct expect {
	struct expect_entry *entries;
	size_t first, count, cap; /* count: also those before first, which are done */
	struct expect_entry last; /* the entry that was finished last */
	bool copy_in;             /* the server waits for rows of the client */
	bool discarding;          /* an extended message failed: everything up to Sync is ignored */
};

void expect_init(struct expect *q);
void expect_clear(struct expect *q);

/* Takes e->text, e->error and e->item, also on failure. While discarding, the caller drops the request instead; Sync
 * ends the discarding. */
int expect_add(struct expect *q, struct expect_entry e, struct err *err) MUST_CHECK;
/* The client sent CopyDone or CopyFail. */
int expect_copy_end(struct expect *q, struct err *err) MUST_CHECK;
/* Is nothing owed? */
bool expect_idle(const struct expect *q);

/* What a message of the server means. entry: the request that it answers, lent until the next call; NULL: nobody's. An
 * error of an extended message takes the entries behind it away, up to the next Sync. */
struct expect_reply {
	enum expect_action action;
	const struct expect_entry *entry;
};
void expect_match(struct expect *q, const struct message *m, struct expect_reply *r);

#endif
