#ifndef SPARK_SANDBOX_WIRE_CALLBACK_H
#define SPARK_SANDBOX_WIRE_CALLBACK_H

#include <stdbool.h>
#include <sys/types.h>

#include "sandbox/wire/message.h"

/* What a procedure asks the gateway for in the middle of the statement that runs it: text for EXECUTE as the server
 * shall have it, COPY and UNLOAD (catalog/18_callback.sql). The server asks by an INFO message, which the client does
 * not see, and waits for a file with the answer in a folder that only the server's user and the daemon can open. It
 * looks for it now and then, so it hangs on nobody: a cancel, a time-out and a daemon's death end it as they end any
 * statement. An answer may be a question of ours: the next message has what came of it.
 *
 * A user can send such messages himself. So all that is asked for is done as if he had sent it as a statement: what is
 * his right is the server's business, since it runs in his own session. */

#define CALLBACK_NAME 48

enum callback_kind {
	CALLBACK_TEXT,   /* "text": SQL, to be rewritten */
	CALLBACK_RUN,    /* "run": a COPY or UNLOAD */
	CALLBACK_DONE,   /* "done": what came of our question */
	CALLBACK_ROWS,   /* "rows": of an UNLOAD, more will follow */
	CALLBACK_FAILED, /* "failed": the server refused our question; JSON: state, message, detail, hint */
};

/* The first byte of an answer. */
enum callback_verb {
	CALLBACK_RESULT = '=', /* the end: what was asked for */
	CALLBACK_ERROR = '!',  /* the end: an error to be raised; JSON as above */
	CALLBACK_QUERY = '?',  /* a question: the rows of this query */
	CALLBACK_STAGE = '<',  /* rows are in a file: to be brought into a table; JSON: file, columns, first, insert */
	CALLBACK_UNLOAD = '>', /* the rows of this query, in "rows" */
	CALLBACK_MORE = '.',   /* more of them */
	CALLBACK_STOP = '#',   /* no more of them */
};

struct callback {
	enum callback_kind kind;
	struct buf text;          /* what was said last */
	char name[CALLBACK_NAME]; /* of the file that the server waits for; "": it waits for none */
	char read[CALLBACK_NAME]; /* the one before, which nobody needs any more */
	bool waiting;             /* we do, for what comes of a question */
	bool arrived;             /* ... and have it in text */
	bool ended;               /* ... in vain: the statement is over */
	bool asking;              /* questions of the dialect go this way */
	bool loading;             /* a COPY or UNLOAD is under way: it ends with its client */
	bool given_up;            /* ... whose client has gone */
	struct staging *staging;  /* of that COPY */
};

struct session;
struct staging;

/* The folder, made anew and empty. uid, gid: whose it is to be, -1: ours. */
int callback_open(const char *dir, uid_t uid, gid_t gid, struct err *err) MUST_CHECK;
bool callback_is_request(const struct session *s, const struct message *m);
/* Such a message has come. 1: it is for who waits; 0: it is answered, and m is no more; -1: the session is at its end.
 * taken: the message's last byte in s->server.in, which is consumed up to there. */
int callback_take(struct session *s, const struct message *m, size_t taken, struct err *err) MUST_CHECK;
/* The same where nothing can be asked: within a statement of ours. */
void callback_take_plain(struct session *s, const struct message *m);
/* Has who waits what he waits for, or will it never come? */
bool callback_is_over(const struct callback *c);
/* A message of the server that tells how a statement went. */
void callback_note_end(struct callback *c);
/* The statement is over: nobody needs the last answer any more. */
void callback_tidy(struct session *s);
/* The client has gone: what it runs is cancelled. */
void callback_give_up(struct session *s);
void callback_clear(struct session *s);

/* Answers by a question of ours and waits for what comes of it, which is in s->callback.text then. -1 with
 * ERR_DATABASE: the server refused it, or the statement is over; with another kind: the session is at its end. */
int callback_ask(struct session *s, enum callback_verb verb, const char *text, size_t len, struct err *err) MUST_CHECK;
/* In two steps. */
int callback_say(struct session *s, enum callback_verb verb, const char *text, size_t len, struct err *err) MUST_CHECK;
int callback_hear(struct session *s, struct err *err) MUST_CHECK;
/* One value of one row; false when there was none. */
bool callback_value(struct session *s, const char *sql, char *value, size_t size);

/* callback_load.c: a COPY or UNLOAD, whose text lies in s->callback.text. 0: *rows; -1: as callback_ask(). */
int callback_load(struct session *s, int64_t *rows, struct err *err) MUST_CHECK;

#endif
