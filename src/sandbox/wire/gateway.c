#include "spark/sandbox/gateway.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox/store/pgserver.h"
#include "sandbox/wire/listen.h"
#include "sandbox/wire/session.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

#define CONNECT_BOUND_MS 10000
#define REFUSE_WAIT_MS   100

struct gateway {
	struct gateway_options options;
	char *doc_id, *host, *socket_dir, *superuser, *answers_dir;
	struct listeners listeners;
	uint64_t generation; /* atomic; see known.h */
	int stop_fd;         /* readable for ever once the gateway stops: all threads wait on it too */
	pthread_t acceptor;
	bool accepting;
	struct lanes *lanes;

	pthread_mutex_t lock; /* of the sessions */
	struct session *sessions;
	int session_count;

	struct logins *logins;
	pthread_mutex_t catalog_lock;
	struct history *history;
	struct backend catalog; /* the superuser's connection for questions about roles, opened when first needed */
};

/* What the other files ask of it. */

int gateway_stop_fd(const struct gateway *g)
{
	return g->stop_fd;
}

struct lanes *gateway_lanes(struct gateway *g)
{
	return g->lanes;
}

const char *gateway_socket_dir(const struct gateway *g)
{
	return g->socket_dir;
}

struct history *gateway_history(struct gateway *g)
{
	return g->history;
}

const struct gateway_options *gateway_settings(const struct gateway *g)
{
	return &g->options;
}

uint64_t gateway_generation(struct gateway *g)
{
	return __atomic_load_n(&g->generation, __ATOMIC_ACQUIRE);
}

void gateway_note_change(struct gateway *g)
{
	__atomic_fetch_add(&g->generation, 1, __ATOMIC_ACQ_REL);
}

void gateway_cancel(struct gateway *g, uint32_t pid, uint32_t key)
{
	bool found = false;

	pthread_mutex_lock(&g->lock);
	for (struct session *s = g->sessions; s && !found; s = s->next)
		if (s->cancel_pid && s->cancel_pid == pid && s->cancel_key == key) {
			__atomic_store_n(&s->cancelled, 1, __ATOMIC_RELAXED);
			found = true;
		}
	pthread_mutex_unlock(&g->lock);
	if (found)
		backend_cancel(g->socket_dir, pid, key);
}

void gateway_set_key(struct gateway *g, struct session *s, uint32_t pid, uint32_t key)
{
	pthread_mutex_lock(&g->lock);
	s->cancel_pid = pid;
	s->cancel_key = key;
	pthread_mutex_unlock(&g->lock);
}

/* ---- who may log in ---- */

int gateway_add_login(struct gateway *g, const char *db_user, const char *maps_to, const struct secret *password,
		      int64_t expires_ms, struct err *err)
{
	return logins_add(g->logins, db_user, maps_to, password, expires_ms, err);
}

static int take_verifier(void *arg, int count, const char *const *values)
{
	char *verifier = arg;

	if (count == 1 && values[0])
		snprintf(verifier, VERIFIER_SIZE, "%s", values[0]);
	return 0;
}

static int ask_catalog(struct gateway *g, const char *sql, char verifier[VERIFIER_SIZE], struct err *err)
{
	struct backend *b = &g->catalog;
	bool fresh = b->fd < 0;

	/* standard_conforming_strings: a backslash in a user's name must not be read as an escape. */
	if (fresh && backend_open_super(b, g->socket_dir, g->superuser, PGSERVER_HOME_DB,
					"-c standard_conforming_strings=on", CONNECT_BOUND_MS, err)) {
		backend_close(b);
		return -1;
	}
	b->stop_fd = g->stop_fd;
	b->deadline_ms = clock_mono(&clock_system) + CONNECT_BOUND_MS;
	if (!backend_query(b, sql, take_verifier, verifier, err))
		return 0;
	backend_close(b);
	/* A kept connection may have died since: once more with a new one. */
	return fresh ? -1 : ask_catalog(g, sql, verifier, err);
}

/* What the server keeps of a role's password; "" when it has none, or the role may not log in. */
static void role_verifier(struct gateway *g, const char *role, char verifier[VERIFIER_SIZE])
{
	struct err err = { 0 };
	struct buf sql;

	verifier[0] = 0;
	buf_init(&sql, 65536);
	buf_puts(&sql, "SELECT rolpassword FROM pg_catalog.pg_authid WHERE rolcanlogin"
		       " AND (rolpassword LIKE 'md5%' OR rolpassword LIKE 'SCRAM-SHA-256$%')"
		       " AND (rolvaliduntil IS NULL OR rolvaliduntil > now()) AND rolname = '");
	for (const char *c = role; *c; c++) {
		if (*c == '\'')
			buf_putc(&sql, '\'');
		buf_putc(&sql, *c);
	}
	buf_putc(&sql, '\'');
	pthread_mutex_lock(&g->catalog_lock);
	if (buf_check(&sql, "a question", &err) || ask_catalog(g, sql.data, verifier, &err))
		log_warn("cannot look a user up: %s", err.text);
	pthread_mutex_unlock(&g->catalog_lock);
	buf_clear(&sql);
}

/* A temporary user gets the exchange that the role behind him would get. */
bool gateway_find_verifier(struct gateway *g, const char *user, size_t older, char verifier[VERIFIER_SIZE], char *role,
			   size_t role_size)
{
	struct login found;

	if (logins_find(g->logins, user, older, &found)) {
		if (older == 0)
			role_verifier(g, found.maps_to, verifier);
		snprintf(verifier, VERIFIER_SIZE, "%s", verifier[0] == 'S' ? found.scram : found.md5);
		snprintf(role, role_size, "%s", found.maps_to);
		return true;
	}
	if (older > 0)
		return false;
	role_verifier(g, user, verifier);
	snprintf(role, role_size, "%s", user);
	return verifier[0] != 0;
}

/* ---- sessions ---- */

static void *run_session(void *arg)
{
	struct session *s = arg;

	pthread_setname_np(pthread_self(), "session");
	session_run(s);
	pthread_mutex_lock(&s->gateway->lock);
	s->done = true;
	pthread_mutex_unlock(&s->gateway->lock);
	return NULL;
}

/* The address as text; IPv6's ways of writing an IPv4 address and the own machine become those of IPv4, since security
 * groups of the sandbox speak of it. */
static void name_peer(const struct sockaddr_storage *from, char *out, size_t size)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
	char text[INET6_ADDRSTRLEN] = "";

	if (from->ss_family == AF_UNIX) {
		snprintf(out, size, "127.0.0.1"); /* of this machine */
		return;
	}
	if (from->ss_family == AF_INET6)
		inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
	else
		inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text));
	if (strcmp(text, "::1") == 0)
		snprintf(out, size, "127.0.0.1");
	else
		snprintf(out, size, "%s", strncmp(text, "::ffff:", 7) == 0 ? text + 7 : text);
}

/* Joins the threads that have ended. */
static void reap(struct gateway *g)
{
	struct session *ended = NULL;

	pthread_mutex_lock(&g->lock);
	for (struct session **at = &g->sessions; *at;) {
		struct session *s = *at;

		if (!s->done) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		s->next = ended;
		ended = s;
		g->session_count--;
	}
	pthread_mutex_unlock(&g->lock);
	while (ended) {
		struct session *s = ended;

		ended = s->next;
		pthread_join(s->thread, NULL);
		mem_free(s);
	}
}

static void refuse_session(int fd)
{
	struct message_report r = {
		.type = 'E', .severity = "FATAL", .sqlstate = "53300", .text = "sorry, too many clients already"
	};
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char first[4096];
	struct buf b;

	/* Closing over bytes that nobody has read resets the connection, and the client never sees why. */
	if (poll(&p, 1, REFUSE_WAIT_MS) > 0 && recv(fd, first, sizeof(first), MSG_DONTWAIT) <= 0)
		log_debug("a client that was one too many says nothing");
	buf_init(&b, 1024);
	message_put_report(&b, &r);
	if (send(fd, b.data, b.len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_debug("a client that was one too many has gone");
	buf_clear(&b);
	close(fd);
}

/* Takes the session when it returns 0. */
static int launch(struct gateway *g, struct session *s)
{
	int rc = -1;

	pthread_mutex_lock(&g->lock);
	if (g->session_count < g->options.max_sessions && !pthread_create(&s->thread, NULL, run_session, s)) {
		s->next = g->sessions;
		g->sessions = s;
		g->session_count++;
		rc = 0;
	}
	pthread_mutex_unlock(&g->lock);
	return rc;
}

static struct session *make_session(struct gateway *g, int fd)
{
	struct session *s = mem_alloc(sizeof(*s));

	if (!s)
		return NULL;
	s->gateway = g;
	s->client.fd = fd;
	s->server.fd = -1;
	return s;
}

static void start_session(struct gateway *g, int fd, const struct sockaddr_storage *from)
{
	struct session *s = make_session(g, fd);
	int on = 1;

	if (!s) {
		refuse_session(fd);
		return;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	name_peer(from, s->peer, sizeof(s->peer));
	if (launch(g, s)) {
		refuse_session(fd);
		mem_free(s);
	}
}

int gateway_open_inside(struct gateway *g, int *fd, struct err *err)
{
	struct session *s;
	int pair[2];

	/* Nobody may come in at the port, where the ended ones are noticed else. */
	reap(g);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair))
		return err_set_errno(err, ERR_UNREACHABLE, errno, "cannot make a connection to the cluster");
	s = make_session(g, pair[0]);
	if (s) {
		s->inside = true;
		snprintf(s->peer, sizeof(s->peer), "127.0.0.1");
	}
	if (!s || launch(g, s)) {
		mem_free(s);
		close(pair[0]);
		close(pair[1]);
		err_set(err, ERR_CONFLICT, "sorry, too many clients already");
		if (err)
			snprintf(err->sqlstate, sizeof(err->sqlstate), "53300");
		return -1;
	}
	*fd = pair[1];
	return 0;
}

static void accept_from(struct gateway *g, int listener)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	int fd = accept4(listener, (struct sockaddr *)&from, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0) {
		start_session(g, fd, &from);
	} else if (errno == EMFILE || errno == ENFILE) {
		log_warn("no descriptor is left for a session");
		/* Without it the waiting connection would make us spin. */
		clock_sleep(&clock_system, 100, NULL);
	}
}

static void *accept_sessions(void *arg)
{
	struct gateway *g = arg;

	pthread_setname_np(pthread_self(), "gateway");
	for (;;) {
		struct pollfd p[1 + LISTENERS_MAX] = { { .fd = g->stop_fd, .events = POLLIN } };
		int count = g->listeners.count;

		for (int i = 0; i < count; i++)
			p[1 + i] = (struct pollfd){ .fd = g->listeners.fd[i], .events = POLLIN };
		if (poll(p, (nfds_t)(1 + count), -1) < 0 && errno != EINTR)
			break;
		if (p[0].revents)
			break;
		reap(g);
		for (int i = 1; i <= count; i++)
			if (p[i].revents & POLLIN)
				accept_from(g, p[i].fd);
	}
	return NULL;
}

/* ---- starting and stopping ---- */

static struct gateway *make(const struct gateway_options *o)
{
	struct gateway *g = mem_alloc(sizeof(*g));

	if (!g)
		return NULL;
	g->stop_fd = -1;
	backend_init(&g->catalog);
	pthread_mutex_init(&g->lock, NULL);
	pthread_mutex_init(&g->catalog_lock, NULL);
	g->doc_id = mem_strdup(o->doc_id);
	g->host = mem_strdup(o->host);
	g->socket_dir = mem_strdup(o->socket_dir);
	g->superuser = mem_strdup(o->superuser);
	g->answers_dir = o->answers_dir ? mem_strdup(o->answers_dir) : NULL;
	g->options = *o;
	g->options.doc_id = g->doc_id;
	g->options.host = g->host;
	g->options.socket_dir = g->socket_dir;
	g->options.superuser = g->superuser;
	g->options.answers_dir = g->answers_dir;
	if (g->options.max_sessions <= 0)
		g->options.max_sessions = GATEWAY_MAX_SESSIONS;
	g->logins = logins_new(o->world->clock, NULL);
	if (g->doc_id && g->host && g->socket_dir && g->superuser && g->logins && !o->answers_dir == !g->answers_dir)
		return g;
	gateway_stop(g);
	return NULL;
}

bool gateway_ssl_required(const struct gateway *g)
{
	return g->options.tls_required;
}

int gateway_start(const struct gateway_options *o, struct gateway **out, struct err *err)
{
	struct gateway *g = make(o);
	int rc;

	if (!g)
		return err_nomem(err);
	g->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (g->stop_fd < 0) {
		err_set_errno(err, ERR_IO, errno, "cannot start the gateway");
		goto failed;
	}
	if (lanes_open(g->stop_fd, &g->lanes, err) ||
	    listeners_open(&g->listeners, o->host, o->port, o->world->dir, err) ||
	    (o->answers_dir && callback_open(o->answers_dir, o->server_uid, o->server_gid, err)) ||
	    (o->history_dir && history_open(o->history_dir, o->server_uid, o->server_gid, &g->history, err)))
		goto failed;
	rc = pthread_create(&g->acceptor, NULL, accept_sessions, g);
	if (rc) {
		err_set_errno(err, ERR_NOMEM, rc, "cannot start the gateway's thread");
		goto failed;
	}
	g->accepting = true;
	log_info("cluster '%s' listens on port %d", g->doc_id, o->port);
	*out = g;
	return 0;
failed:
	gateway_stop(g);
	return -1;
}

void gateway_stop(struct gateway *g)
{
	if (!g)
		return;
	if (g->stop_fd >= 0 && eventfd_write(g->stop_fd, 1))
		log_error("cannot tell the sessions of '%s' to end", g->doc_id);
	if (g->accepting)
		pthread_join(g->acceptor, NULL);
	listeners_close(&g->listeners);
	/* All are on their way out; each is waited for. */
	while (g->sessions) {
		struct session *s = g->sessions;

		g->sessions = s->next;
		pthread_join(s->thread, NULL);
		mem_free(s);
	}
	lanes_close(g->lanes);
	backend_close(&g->catalog);
	history_close(g->history);
	if (g->stop_fd >= 0)
		close(g->stop_fd);
	pthread_mutex_destroy(&g->lock);
	pthread_mutex_destroy(&g->catalog_lock);
	logins_free(g->logins);
	mem_free(g->doc_id);
	mem_free(g->host);
	mem_free(g->socket_dir);
	mem_free(g->superuser);
	mem_free(g->answers_dir);
	mem_free(g);
}
