#ifndef SPARK_SANDBOX_WIRE_SESSION_H
#define SPARK_SANDBOX_WIRE_SESSION_H

#include <pthread.h>

#include "sandbox/wire/backend.h"
#include "sandbox/wire/callback.h"
#include "sandbox/wire/channel.h"
#include "sandbox/wire/expect.h"
#include "sandbox/wire/known.h"
#include "sandbox/wire/lane.h"
#include "sandbox/wire/logins.h"
#include "sandbox/wire/recall.h"
#include "sandbox/wire/startup.h"
#include "spark/sandbox/gateway.h"
#include "spark/sandbox/unload.h"

/* One client's connection: a thread reads this struct top to bottom. The files: session.c (its life), startup.c (the
 * first message), channel.c (encryption), auth.c (the password), relay.c (moving bytes), lane.c (on a thread that busy
 * sessions share), frontend.c (what the client
 * says), script.c (strings of several statements), load.c (COPY from S3), unload.c (UNLOAD), prepared.c (COPY and
 * UNLOAD in the extended protocol), probe.c (questions of the dialect), known.c (their answers), recall.c (texts that
 * need no rewriting), callback.c (what procedures ask), callback_load.c (their COPY and UNLOAD). */

/* Beyond it a side is not read until its peer has taken something. */
#define SESSION_HIGH_WATER ((size_t)256 * 1024)

/* Names that a client gave to a COPY in the extended protocol. */
struct prepared_copy {
	char *statement;
	struct rewritten *text;
	bool is_portal;
};

struct session {
	struct gateway *gateway;
	struct session *next;
	pthread_t thread;
	struct channel client;
	char peer[64];
	bool inside; /* from the sandbox itself: its user is believed */
	struct startup startup;
	char role[260], database[260]; /* whom and where the server knows */

	struct buf in, out; /* from and to the client */
	size_t pass_left;   /* bytes of a message of the client that only pass */
	size_t reply_left;  /* the same, of the server */
	struct backend server;
	struct expect expect;
	bool closing;                    /* the client has said goodbye */
	bool left;                       /* ... or has gone without */
	bool deaf;                       /* nothing reaches it any more */
	size_t unheard;                  /* bytes that it did not get since */
	unsigned light;                  /* requests in a row that only passed */
	bool riding;                     /* on a thread that must not wait */
	uint32_t cancel_pid, cancel_key; /* under the gateway's lock; 0: no server is there */
	bool done;                       /* the thread has nothing left to do; under the gateway's lock */

	bool server_said_why; /* a FATAL error has passed */

	/* Transactions: what the server said last is server.status. */
	bool in_batch;       /* extended messages went to the server since the last Sync */
	bool block_open;     /* a transaction block is open, also within a batch, where only tags tell */
	bool commit_due;     /* a TRUNCATE was executed: Sync commits the block */
	bool own_block;      /* we sent BEGIN for a COPY in the extended protocol; ends with Sync */
	bool query_failed;   /* the last string was refused */
	bool text_rewritten; /* some prepared text differs from the client's: later positions cannot be told */

	struct prepared_copy *copies;
	size_t copy_count, copy_cap;

	struct recall recall;
	struct known known;
	unsigned asked; /* questions that the dialect has asked so far */
	/* Prepared texts that may change what the catalogue says: the unnamed one, or any with a name. */
	bool unnamed_changes, named_changes;

	char *probe; /* where the value of a question of ours goes; NULL: none is asked */
	size_t probe_size;

	struct backend outside; /* the superuser's connection of a COPY, for what outlives a rollback */
	volatile int cancelled;

	struct track *track; /* what the history is told */

	struct callback callback;
};

/* session.c. Everything of the connection, from its first byte to the last, on the calling thread; then what the
 * struct holds is released. */
void session_run(struct session *s);
/* A report of ours to the client. severity "ERROR", "FATAL", "INFO". */
void session_report(struct session *s, const char *severity, const struct err *err);

/* auth.c: proves the client's password and fills in role. -1: refused, the client was told. */
int auth_check(struct session *s, struct err *err) MUST_CHECK;

/* relay.c. All: -1 with err when the session is at its end. */
int relay_run(struct session *s, struct err *err) MUST_CHECK;
/* Moves bytes, without taking new messages of the client, until the server owes nothing. */
int relay_drain(struct session *s, struct err *err) MUST_CHECK;
/* While the session rides: an end of it can be read, and what it says goes on, without waiting. 1: that was all; 0: the
 * session's own thread has to go on. */
int relay_carry(struct session *s, bool from_server, struct err *err) MUST_CHECK;
/* One step of that, until who waits in callback.c has what he waits for. */
int relay_listen(struct session *s, struct err *err) MUST_CHECK;
/* After the client's end: the server gets it too, and what was asked for before is still done, as without us. But a
 * client that left without a goodbye, or died, is not worked for much longer. */
void relay_finish(struct session *s);
/* Tries to bring what lies in s->out to the client, for a bounded time. */
void relay_last_words(struct session *s);
/* Reads exactly what it can into s->in; waits no longer than the deadline of the monotonic clock. */
int relay_read_client(struct session *s, int64_t deadline_ms, struct err *err) MUST_CHECK;
/* Sends all of s->out; the handshake of TLS. Both within the deadline. */
int relay_flush_client(struct session *s, int64_t deadline_ms, struct err *err) MUST_CHECK;
int relay_handshake(struct session *s, int64_t deadline_ms, struct err *err) MUST_CHECK;

/* frontend.c: takes whole messages out of s->in as long as the server's buffer has room; while the session rides, up to
 * the first that is more than passing on. */
int frontend_step(struct session *s, struct err *err) MUST_CHECK;
/* A request that fails for certain, so that the server's transaction ends up as it should; the client gets our error
 * in place of the server's. kind: EXPECT_QUERY or EXPECT_PARSE; text: the client's, for the history. */
int frontend_refuse(struct session *s, enum expect_kind kind, const char *text, const struct err *why,
		    struct err *err) MUST_CHECK;
/* The ErrorResponse of an err, its position (characters from 1) taken from err->code. */
void frontend_put_error(struct buf *out, const struct err *why);
/* What the dialect may ask of the session as it is now. */
struct dialect_catalog frontend_catalog(struct session *s);
/* Text that PostgreSQL refuses in every state of a session. */
#define POISON "refused by the gateway"

/* script.c: a string with a COPY from S3 in it. Takes no reference. */
int script_run(struct session *s, struct rewritten *text, struct err *err) MUST_CHECK;

/* load.c: one COPY from S3, or UNLOAD, inside an open transaction. 0 done; 1 refused, why is set and the transaction is
 * as the server has it; -1 the session is at its end. item is told what became of it; may be NULL. */
int load_or_unload(struct session *s, const struct rewritten *text, size_t index, struct track_item *item,
		   struct err *why, struct err *err) MUST_CHECK;
const char *load_tag(const struct rewritten *text, size_t index);
/* The same over another way to the server, without a look at the transaction. */
int load_run(const struct unload_session *session, const struct rewritten *text, size_t index, int64_t *rows,
	     struct err *why) MUST_CHECK;
struct copy_session load_session(struct session *s, struct track_item *item);
/* unload.c: the UNLOAD itself, and its ways to the session's server. Position of an error: in why->code, of the
 * client's text. */
int unload_within(const struct unload_session *session, const struct rewritten *text, size_t index, int64_t *rows,
		  struct err *why) MUST_CHECK;
int unload_describe(void *session, const char *sql,
		    int (*column)(void *column_arg, const char *name, uint32_t type, int32_t modifier),
		    void *column_arg, struct err *err) MUST_CHECK;
int unload_copy_out(void *session, const char *query,
		    int (*row)(void *row_arg, const char *bytes, size_t len, struct err *err), void *row_arg,
		    struct err *err) MUST_CHECK;

/* prepared.c */
int prepared_note(struct session *s, const char *name, struct rewritten *text, struct err *err) MUST_CHECK;
void prepared_forget(struct session *s, const char *name, bool is_portal);
int prepared_bind(struct session *s, const char *portal, const char *statement, struct err *err) MUST_CHECK;
struct rewritten *prepared_portal(struct session *s, const char *portal);
int prepared_execute(struct session *s, struct rewritten *text, struct err *err) MUST_CHECK;
/* Before Sync: ends the transaction that prepared_execute() opened. 0: Sync goes on to the server; 1: it is answered.
 */
int prepared_end_block(struct session *s, struct err *err) MUST_CHECK;
void prepared_clear(struct session *s);

/* probe.c: what the dialect may ask. */
int probe_has_column(void *session, const char *schema, const char *relation, const char *column);

/* gateway.c */
int gateway_stop_fd(const struct gateway *g);
struct lanes *gateway_lanes(struct gateway *g);
const char *gateway_socket_dir(const struct gateway *g);
bool gateway_ssl_required(const struct gateway *g);
const struct gateway_options *gateway_settings(const struct gateway *g);
struct history *gateway_history(struct gateway *g); /* NULL: none is kept */
/* How the password of `user` is proved, and the role behind it; older 1 and more: of the temporary passwords before the
 * newest, in the kind of the text that verifier still holds. False when there is none. */
bool gateway_find_verifier(struct gateway *g, const char *user, size_t older, char verifier[VERIFIER_SIZE], char *role,
			   size_t role_size);
/* The key by which a CancelRequest finds the session; 0 takes it away. */
void gateway_set_key(struct gateway *g, struct session *s, uint32_t pid, uint32_t key);
void gateway_cancel(struct gateway *g, uint32_t pid, uint32_t key);
/* Counts the changes of any session that may have changed what the catalogue says. */
uint64_t gateway_generation(struct gateway *g);
void gateway_note_change(struct gateway *g);

#endif
