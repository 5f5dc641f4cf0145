#include "sandbox/wire/session.h"

#include <sys/socket.h>
#include <unistd.h>

#include "sandbox/wire/probe.h"
#include "spark/base/clock.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"
#include "spark/sandbox/access.h"

#define STARTUP_BOUND_MS 60000
#define CONNECT_BOUND_MS 30000
#define REDSHIFT_VERSION "8.0.2" /* the PostgreSQL that Redshift says it is; drivers look at it */

void session_report(struct session *s, const char *severity, const struct err *err)
{
	struct message_report r = { .type = 'E', .severity = severity, .sqlstate = err->sqlstate, .text = err->text };

	if (!err->sqlstate[0])
		r.sqlstate = err->kind == ERR_NOMEM ? "53200" : err->kind == ERR_TIMEOUT ? "57014" : "XX000";
	r.hint = err->hint;
	message_put_report(&s->out, &r);
}

/* ---- the first messages ---- */

static int read_startup(struct session *s, int64_t deadline, size_t *len, struct err *err)
{
	for (;;) {
		if (s->in.len >= 4) {
			*len = startup_length((const unsigned char *)s->in.data);
			if (!*len)
				return err_set(err, ERR_UNREACHABLE, "the client's first message is none");
			if (s->in.len >= *len)
				return 0;
		}
		if (relay_read_client(s, deadline, err))
			return -1;
	}
}

/* What the client sent behind its question without waiting could have been slipped in by somebody on the way: refused,
 * as PostgreSQL does. */
static int refuse_stuffed(struct session *s, struct err *err)
{
	err_set(err, ERR_DATABASE, "received unencrypted data after %s request",
		s->startup.kind == STARTUP_KIND_SSL ? "SSL" : "GSSAPI encryption");
	snprintf(err->sqlstate, sizeof(err->sqlstate), "08P01");
	session_report(s, "FATAL", err);
	return -1;
}

/* Once is enough: the second time it is read as a version, as PostgreSQL does. */
static int refuse_twice(struct session *s, struct err *err)
{
	uint32_t code = s->startup.kind == STARTUP_KIND_SSL ? STARTUP_SSL : STARTUP_GSSENC;

	err_set(err, ERR_DATABASE, "unsupported frontend protocol %u.%u: server supports 3.0 to 3.0", code >> 16,
		code & 0xffff);
	snprintf(err->sqlstate, sizeof(err->sqlstate), "0A000");
	session_report(s, "FATAL", err);
	return -1;
}

static int encrypt(struct session *s, struct tls_server *server, int64_t deadline, struct err *err)
{
	buf_putc(&s->out, 'S');
	if (relay_flush_client(s, deadline, err))
		return -1;
	s->client.tls = tls_new(server, s->client.fd, err);
	return s->client.tls ? relay_handshake(s, deadline, err) : -1;
}

/* Yes to TLS when there is a certificate, no to all else. */
static int answer_encryption(struct session *s, size_t len, int64_t deadline, struct err *err)
{
	struct tls_server *server = gateway_settings(s->gateway)->tls;
	bool stuffed = s->in.len > len, yes = server && !s->inside && s->startup.kind == STARTUP_KIND_SSL;

	buf_consume(&s->in, len);
	if (!yes)
		buf_putc(&s->out, 'N');
	if (stuffed)
		return refuse_stuffed(s, err);
	return yes ? encrypt(s, server, deadline, err) : 0;
}

/* 0: a session is wanted; 1: everything is said already; -1: err. */
static int negotiate(struct session *s, struct err *err)
{
	int64_t deadline = clock_mono(&clock_system) + STARTUP_BOUND_MS;
	bool asked_ssl = false, asked_gss = false;

	for (;;) {
		struct startup first;
		size_t len = 0;
		bool *asked;

		if (read_startup(s, deadline, &len, err))
			return -1;
		if (startup_parse(s->in.data, len, &first, err)) {
			session_report(s, "FATAL", err);
			return -1;
		}
		startup_clear(&s->startup);
		s->startup = first;
		if (first.kind == STARTUP_KIND_CANCEL) {
			gateway_cancel(s->gateway, first.cancel_pid, first.cancel_key);
			return 1;
		}
		if (first.kind == STARTUP_KIND_SESSION) {
			buf_consume(&s->in, len);
			return 0;
		}
		asked = first.kind == STARTUP_KIND_SSL ? &asked_ssl : &asked_gss;
		if (*asked || s->client.tls)
			return refuse_twice(s, err);
		*asked = true;
		if (answer_encryption(s, len, deadline, err))
			return -1;
	}
}

static bool may_connect(const struct session *s)
{
	const struct gateway_options *o = gateway_settings(s->gateway);
	struct store *store = o->world->store;
	const struct json *cluster;
	bool may;

	store_lock(store);
	cluster = store_get(store, "redshift:cluster", o->doc_id);
	may = cluster && access_ingress_allows(o->world, cluster, s->peer, o->port);
	store_unlock(store);
	return may;
}

/* ---- the server's side ---- */

static void on_async(void *arg, const struct message *m)
{
	struct session *s = arg;
	size_t at = 0;
	const char *name;

	/* Other notices are about statements of ours here. */
	if (m->type == 'N') {
		if (callback_is_request(s, m))
			callback_take_plain(s, m);
		return;
	}
	name = message_text(m, &at);
	if (m->type == 'S' && name && strcmp(name, "server_version") == 0)
		message_parameter(&s->out, name, REDSHIFT_VERSION);
	else
		message_bytes(&s->out, m->type, m->body, m->len);
}

static int open_server(struct session *s, struct err *err)
{
	struct backend_setting *settings = mem_alloc_array(s->startup.count + 3, sizeof(*settings));
	size_t mark, n = 0;
	int rc;

	if (!settings)
		return err_nomem(err);
	settings[n++] = (struct backend_setting){ "user", s->role };
	settings[n++] = (struct backend_setting){ "database", s->database };
	for (size_t i = 0; i < s->startup.count; i++)
		settings[n++] = (struct backend_setting){ s->startup.settings[i].name, s->startup.settings[i].value };
	/* Behind the client's own: nobody else says it. */
	if (gateway_settings(s->gateway)->answers_dir)
		settings[n++] = (struct backend_setting){ "sparkctl.gateway", "on" };
	mark = message_begin(&s->out, 'R');
	message_put32(&s->out, 0);
	message_end(&s->out, mark);
	s->server.on_async = on_async;
	s->server.on_async_arg = s;
	s->server.stop_fd = gateway_stop_fd(s->gateway);
	rc = backend_open(&s->server, gateway_socket_dir(s->gateway), settings, n, CONNECT_BOUND_MS, &s->out, err);
	mem_free(settings);
	if (rc) {
		/* What the server said has been passed on as it is. */
		if (err->kind == ERR_DATABASE)
			s->server_said_why = true;
		return -1;
	}
	gateway_set_key(s->gateway, s, s->server.pid, s->server.key);
	if (s->startup.redshift_driver)
		message_parameter(&s->out, "server_protocol_version", "0");
	mark = message_begin(&s->out, 'K');
	message_put32(&s->out, s->server.pid);
	message_put32(&s->out, s->server.key);
	message_end(&s->out, mark);
	message_ready(&s->out, s->server.status);
	return 0;
}

static void say_why(struct session *s, const struct err *err)
{
	if (s->server_said_why || !err->sqlstate[0])
		return;
	session_report(s, "FATAL", err);
}

static void end_session(struct session *s, int rc, const struct err *err)
{
	if (rc == 0) {
		relay_finish(s);
		return;
	}
	say_why(s, err);
	/* Nobody is left to whom a running statement could matter. */
	if (s->server.fd >= 0 && !expect_idle(&s->expect))
		backend_cancel(gateway_socket_dir(s->gateway), s->server.pid, s->server.key);
	buf_reset(&s->server.out);
}

static const char *setting(const struct session *s, const char *name)
{
	for (size_t i = 0; i < s->startup.count; i++)
		if (strcmp(s->startup.settings[i].name, name) == 0)
			return s->startup.settings[i].value;
	return "";
}

static struct track_who who(const struct session *s)
{
	return (struct track_who){ .pid = (int)s->server.pid,
				   .user = s->role[0] ? s->role : s->startup.user,
				   .database = s->database,
				   .host = s->peer,
				   .auth = s->inside ? "IAM" : "password",
				   .ssl_version = s->client.tls ? tls_version(s->client.tls) : "",
				   .ssl_cipher = s->client.tls ? tls_cipher(s->client.tls) : "",
				   .application_name = setting(s, "application_name"),
				   .driver_version = s->startup.driver_version,
				   .os_version = s->startup.os_version };
}

static void begin_track(struct session *s)
{
	struct track_who told = who(s);

	s->track = track_new(gateway_history(s->gateway), &told);
}

/* In Redshift's words, which are those of PostgreSQL 8. */
static int refuse_plain(struct session *s, struct err *err)
{
	err_set(err, ERR_DATABASE, "no pg_hba.conf entry for host \"%s\", user \"%s\", database \"%s\", SSL off",
		s->peer, s->startup.user, s->startup.database);
	snprintf(err->sqlstate, sizeof(err->sqlstate), "28000");
	err_hint(err, "the cluster's parameter require_ssl is true: connect with sslmode=require or better");
	session_report(s, "FATAL", err);
	return -1;
}

static int serve(struct session *s, struct err *err)
{
	int rc;

	startup_negotiate(&s->startup, &s->out);
	snprintf(s->database, sizeof(s->database), "%s", s->startup.database);
	if (!s->inside && !s->client.tls && gateway_ssl_required(s->gateway))
		return refuse_plain(s, err);
	/* Whoever opened a session from inside has proved its user already. */
	if (s->inside)
		snprintf(s->role, sizeof(s->role), "%s", s->startup.user);
	else if (auth_check(s, err)) {
		struct track_who told = who(s);

		track_refused(gateway_history(s->gateway), &told);
		return -1;
	}
	rc = open_server(s, err);
	if (!rc) {
		begin_track(s);
		log_info("%s: user '%s' in database '%s'", s->peer, s->role, s->database);
		rc = relay_run(s, err);
	}
	end_session(s, rc, err);
	return rc;
}

static void clear(struct session *s)
{
	gateway_set_key(s->gateway, s, 0, 0);
	backend_close(&s->server);
	probe_settle(s, true);
	/* Last, so that a client that sees the end of the connection finds its server's end too. */
	channel_close(&s->client);
	backend_close(&s->outside);
	track_free(s->track);
	expect_clear(&s->expect);
	prepared_clear(s);
	recall_forget(&s->recall);
	known_forget(&s->known);
	callback_clear(s);
	startup_clear(&s->startup);
	buf_clear(&s->in);
	buf_clear(&s->out);
}

void session_run(struct session *s)
{
	struct err err = { 0 };
	int rc;

	buf_init(&s->in, (size_t)MESSAGE_MAX_BYTES + 131072);
	buf_init(&s->out, (size_t)MESSAGE_MAX_BYTES + 131072);
	backend_init(&s->server);
	backend_init(&s->outside);
	expect_init(&s->expect);
	if (!s->inside && !may_connect(s)) {
		log_info("%s: no rule of the cluster's security groups lets this address in", s->peer);
		clear(s);
		return;
	}
	rc = negotiate(s, &err);
	if (rc == 0)
		rc = serve(s, &err);
	if (err.kind != ERR_NONE)
		log_debug("%s: %s", s->peer, err.text);
	relay_last_words(s);
	clear(s);
}
