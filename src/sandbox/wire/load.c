#include "sandbox/wire/session.h"
#include "spark/base/log.h"
#include "spark/sandbox/unload.h"

#define CONNECT_BOUND_MS 30000

/* What the COPY engine needs, over the session's own server connection. */
static int session_query(void *arg, const char *sql, int (*row)(void *row_arg, int count, const char *const *values),
			 void *row_arg, struct err *err)
{
	struct session *s = arg;

	return backend_query(&s->server, sql, row, row_arg, err);
}

static int session_copy_begin(void *arg, const char *copy_sql, struct err *err)
{
	struct session *s = arg;

	return backend_copy_begin(&s->server, copy_sql, err);
}

static int session_copy_data(void *arg, const void *bytes, size_t len, struct err *err)
{
	struct session *s = arg;

	return backend_copy_data(&s->server, bytes, len, err);
}

static int session_copy_end(void *arg, bool abort, struct err *err)
{
	struct session *s = arg;

	return backend_copy_end(&s->server, abort, err);
}

/* As superuser on a connection of its own, opened when first asked for and kept to the end of this COPY: an open one
 * would stand in the way of DROP DATABASE. */
static int session_copy_outside(void *arg, const char *copy_sql, const void *rows, size_t len, struct err *err)
{
	struct session *s = arg;

	if (s->outside.fd < 0 &&
	    backend_open_super(&s->outside, gateway_socket_dir(s->gateway), gateway_settings(s->gateway)->superuser,
			       s->database, NULL, CONNECT_BOUND_MS, err)) {
		backend_close(&s->outside);
		return err_wrap(err, "cannot write the system tables");
	}
	if (backend_copy_begin(&s->outside, copy_sql, err) || backend_copy_data(&s->outside, rows, len, err))
		return -1;
	return backend_copy_end(&s->outside, false, err);
}

static void session_info(void *arg, const char *text)
{
	struct session *s = arg;
	struct message_report r = { .type = 'N', .severity = "INFO", .sqlstate = "00000", .text = text };

	message_put_report(&s->out, &r);
}

/* A position within the statement becomes one of the client's text. */
static void move_position(const struct rewritten *text, size_t index, struct err *why)
{
	int position = (int)strtol(why->code, NULL, 10);

	why->code[0] = 0;
	if (position <= 0)
		return;
	position = rewritten_position(text, (int)index, position);
	if (position > 0)
		snprintf(why->code, sizeof(why->code), "%d", position);
}

/* Whatever failed, the client's block is broken then, as after every failed statement. */
static int break_block(struct session *s, struct err *err)
{
	struct err expected = { 0 };

	if (s->server.status != 'T' || !backend_query(&s->server, "refused by the gateway", NULL, NULL, &expected) ||
	    expected.kind == ERR_DATABASE)
		return 0;
	*err = expected;
	return -1;
}

static int run_copy(const struct copy_session *session, const struct rewritten *text, size_t index, int64_t *rows,
		    struct err *why)
{
	const struct dialect_statement *st = &text->script.items[index];
	struct copy_statement *statement = NULL;
	int rc = copy_parse(st->sql.data, st->sql.len, &statement, why);

	if (rc)
		move_position(text, index, why);
	else
		rc = copy_run(session, statement, rows, why);
	copy_statement_free(statement);
	return rc;
}

int load_run(const struct unload_session *session, const struct rewritten *text, size_t index, int64_t *rows,
	     struct err *why)
{
	return text->script.items[index].kind == DIALECT_UNLOAD ? unload_within(session, text, index, rows, why)
								: run_copy(&session->copy, text, index, rows, why);
}

const char *load_tag(const struct rewritten *text, size_t index)
{
	return text->script.items[index].kind == DIALECT_UNLOAD ? "UNLOAD" : "COPY";
}

struct copy_session load_session(struct session *s, struct track_item *item)
{
	const struct gateway_options *o = gateway_settings(s->gateway);

	return (struct copy_session){
		.arg = s,
		.world = o->world,
		.cluster_doc_id = o->doc_id,
		.user = s->role,
		.database = s->database,
		.backend_pid = (int)s->server.pid,
		.query_id = track_id(s->track, item),
		.query = session_query,
		.copy_begin = session_copy_begin,
		.copy_data = session_copy_data,
		.copy_end = session_copy_end,
		.copy_outside = session_copy_outside,
		.info = session_info,
		.cancelled = &s->cancelled,
	};
}

int load_or_unload(struct session *s, const struct rewritten *text, size_t index, struct track_item *item,
		   struct err *why, struct err *err)
{
	struct unload_session session = { .copy = load_session(s, item),
					  .describe = unload_describe,
					  .copy_out = unload_copy_out };
	int64_t rows = 0;
	int rc;

	__atomic_store_n(&s->cancelled, 0, __ATOMIC_RELAXED);
	s->server.cancelled = &s->cancelled;
	s->server.cancel_sent = false;
	s->server.watch_fd = s->client.fd;
	rc = load_run(&session, text, index, &rows, why);
	backend_close(&s->outside);
	s->server.cancelled = NULL;
	s->server.watch_fd = -1;
	log_debug("%s: %s, %lld rows", load_tag(text, index), rc ? why->text : "done", (long long)rows);
	if (!rc) {
		track_done(s->track, item, rows, NULL);
		return 0;
	}
	if (why->kind == ERR_UNREACHABLE || why->kind == ERR_INTERRUPTED) {
		*err = *why;
		return -1;
	}
	if (__atomic_load_n(&s->cancelled, __ATOMIC_RELAXED)) {
		err_set(why, ERR_DATABASE, "canceling statement due to user request");
		snprintf(why->sqlstate, sizeof(why->sqlstate), "57014");
	}
	track_done(s->track, item, 0, why);
	return break_block(s, err) ? -1 : 1;
}
