#include "sandbox/wire/backend.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "spark/base/clock.h"
#include "spark/base/mem.h"

#define READ_CHUNK     65536
#define SEND_BUFFER    (1024 * 1024) /* the kernel takes its own bound when that is less */
#define CANCEL_WAIT_MS 5000
#define BACKEND_MAX_IN ((size_t)MESSAGE_MAX_BYTES + READ_CHUNK)

void backend_init(struct backend *b)
{
	memset(b, 0, sizeof(*b));
	b->fd = b->stop_fd = b->watch_fd = -1;
	b->status = 'I';
	buf_init(&b->in, BACKEND_MAX_IN);
	buf_init(&b->out, BACKEND_MAX_IN);
}

static int connect_socket(const char *socket_dir, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, n, room = SEND_BUFFER;

	n = snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.5432", socket_dir);
	if (n < 0 || (size_t)n >= sizeof(address.sun_path))
		return err_set(err, ERR_BUG, "the socket's path '%s' is too long", socket_dir);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_set_errno(err, ERR_UNREACHABLE, errno, "cannot make a socket");
	/* Rows of a COPY wait there while the server is busy, and the reader of the data goes on. */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		err_set_errno(err, ERR_UNREACHABLE, errno, "cannot reach the cluster's server");
		close(fd);
		return -1;
	}
	return fd;
}

void backend_cancel(const char *socket_dir, uint32_t pid, uint32_t key)
{
	int fd = connect_socket(socket_dir, NULL);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct buf b;

	if (fd < 0)
		return;
	buf_init(&b, 64);
	message_put32(&b, 16);
	message_put32(&b, STARTUP_CANCEL);
	message_put32(&b, pid);
	message_put32(&b, key);
	if (!b.failed && send(fd, b.data, b.len, MSG_NOSIGNAL) == (ssize_t)b.len)
		poll(&p, 1, CANCEL_WAIT_MS);
	buf_clear(&b);
	close(fd);
}

static void look_for_cancel(struct backend *b, const struct pollfd *watch)
{
	bool gone = watch->fd >= 0 && (watch->revents & (POLLRDHUP | POLLHUP | POLLERR));

	if (gone && b->cancelled)
		__atomic_store_n(b->cancelled, 1, __ATOMIC_RELAXED);
	if (b->cancel_sent || !(gone || (b->cancelled && __atomic_load_n(b->cancelled, __ATOMIC_RELAXED))))
		return;
	b->cancel_sent = true;
	backend_cancel(b->socket_dir, b->pid, b->key);
}

/* Waits until the descriptor can be read, or written when there is something to write. */
static int wait_ready(struct backend *b, short *ready, struct err *err)
{
	for (;;) {
		struct pollfd p[3] = {
			{ .fd = b->fd, .events = (short)(POLLIN | (b->out.len ? POLLOUT : 0)) },
			{ .fd = b->stop_fd, .events = POLLIN },
			{ .fd = b->cancel_sent ? -1 : b->watch_fd, .events = POLLRDHUP },
		};
		/* A cancel comes on another thread and wakes nobody: look at the flag now and then. */
		int timeout_ms = b->cancelled && !b->cancel_sent ? 100 : -1, n;

		if (b->deadline_ms) {
			int64_t left = b->deadline_ms - clock_mono(&clock_system);

			if (left <= 0) {
				err_set(err, ERR_TIMEOUT, "the cluster's server does not answer");
				return -1;
			}
			if (timeout_ms < 0 || left < timeout_ms)
				timeout_ms = (int)left;
		}
		n = poll(p, 3, timeout_ms);
		if (n < 0 && errno != EINTR)
			return err_set_errno(err, ERR_UNREACHABLE, errno, "cannot wait for the cluster's server");
		if (n > 0 && (p[1].revents & POLLIN)) {
			err_set(err, ERR_INTERRUPTED, "terminating connection due to administrator command");
			if (err)
				snprintf(err->sqlstate, sizeof(err->sqlstate), "57P01");
			return -1;
		}
		if (n >= 0)
			look_for_cancel(b, &p[2]);
		if (n > 0 && p[0].revents) {
			*ready = p[0].revents;
			return 0;
		}
	}
}

static int lost(struct err *err)
{
	err_set(err, ERR_UNREACHABLE, "the connection to the cluster's server was lost");
	if (err)
		snprintf(err->sqlstate, sizeof(err->sqlstate), "08006");
	return -1;
}

static int read_some(struct backend *b, struct err *err)
{
	char *room = buf_reserve(&b->in, READ_CHUNK);
	ssize_t n;

	if (!room)
		return buf_check(&b->in, "the server's answer", err);
	n = recv(b->fd, room, READ_CHUNK, 0);
	if (n > 0)
		buf_commit(&b->in, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		return lost(err);
	return 0;
}

static int write_some(struct backend *b, struct err *err)
{
	ssize_t n = send(b->fd, b->out.data, b->out.len, MSG_NOSIGNAL);

	if (n > 0)
		buf_consume(&b->out, (size_t)n);
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		return lost(err);
	return 0;
}

static int step(struct backend *b, struct err *err)
{
	short ready = 0;

	if (wait_ready(b, &ready, err))
		return -1;
	if ((ready & POLLOUT) && write_some(b, err))
		return -1;
	return (ready & (POLLIN | POLLHUP | POLLERR)) ? read_some(b, err) : 0;
}

static void drop_taken(struct backend *b)
{
	if (b->taken)
		buf_consume(&b->in, b->taken);
	b->taken = 0;
}

/* Those that belong to nobody, at the front of what is here. */
static void take_async(struct backend *b)
{
	struct message m;

	drop_taken(b);
	while (message_peek(b->in.data, b->in.len, &m) > 0 && message_whole(&m) &&
	       (m.type == 'S' || m.type == 'A' || m.type == 'N')) {
		if (b->on_async)
			b->on_async(b->on_async_arg, &m);
		buf_consume(&b->in, MESSAGE_HEAD + m.len);
	}
}

int backend_flush(struct backend *b, struct err *err)
{
	if (buf_check(&b->out, "a message to the server", err))
		return -1;
	while (b->out.len) {
		if (step(b, err))
			return -1;
		/* A trigger's question: the server takes no more rows until it is answered. */
		take_async(b);
	}
	return 0;
}

int backend_next(struct backend *b, struct message *m, struct err *err)
{
	drop_taken(b);
	for (;;) {
		int there = message_peek(b->in.data, b->in.len, m);

		if (there < 0)
			return lost(err);
		if (there && message_whole(m)) {
			b->taken = MESSAGE_HEAD + m->len;
			if (m->type != 'S' && m->type != 'A' && m->type != 'N')
				return 0;
			if (b->on_async)
				b->on_async(b->on_async_arg, m);
			drop_taken(b);
			continue;
		}
		if (step(b, err))
			return -1;
	}
}

void backend_note_ready(struct backend *b, const struct message *m)
{
	b->status = m->len ? (char)m->body[0] : 'I';
	drop_taken(b);
}

/* Reads to the next ReadyForQuery. 0: the statement went well; 1: the server refused it, err says why; -1: lost. */
static int finish_query(struct backend *b, struct err *err)
{
	struct message m;
	int refused = 0;

	do {
		if (backend_next(b, &m, refused ? NULL : err))
			return -1;
		if (m.type == 'E' && !refused) {
			message_to_err(&m, err);
			refused = 1;
		}
	} while (m.type != 'Z' || m.len != 1);
	b->status = (char)m.body[0];
	drop_taken(b);
	return refused;
}

/* ---- starting up ---- */

static int startup_reply(struct backend *b, const struct message *m, struct buf *refusal, struct err *err)
{
	switch (m->type) {
	case 'R':
		if (m->len < 4 || wire_get32(m->body) != 0)
			return err_set(err, ERR_BUG, "the cluster's server asks for a password");
		return 0;
	case 'K':
		if (m->len >= 8) {
			b->pid = wire_get32(m->body);
			b->key = wire_get32(m->body + 4);
		}
		return 0;
	case 'E':
		if (refusal)
			message_bytes(refusal, 'E', m->body, m->len);
		return message_to_err(m, err);
	case 'Z':
		b->status = m->len ? (char)m->body[0] : 'I';
		return 1;
	default:
		return 0;
	}
}

/* From the startup message to the first ReadyForQuery. */
static int start_up(struct backend *b, const struct backend_setting *settings, size_t count, int timeout_ms,
		    struct buf *refusal, struct err *err)
{
	struct message m;
	int rc = 0;

	b->deadline_ms = clock_mono(&clock_system) + timeout_ms;
	message_put32(&b->out, 0);
	message_put32(&b->out, STARTUP_VERSION_3);
	for (size_t i = 0; i < count; i++) {
		message_put_text(&b->out, settings[i].name);
		message_put_text(&b->out, settings[i].value);
	}
	buf_putc(&b->out, 0);
	if (buf_check(&b->out, "the startup message", err))
		return -1;
	/* The startup message has no type byte: its length is the first thing. */
	for (int i = 0; i < 4; i++)
		b->out.data[i] = (char)(b->out.len >> (24 - 8 * i));
	while (rc == 0) {
		if (backend_next(b, &m, err))
			return -1;
		rc = startup_reply(b, &m, refusal, err);
	}
	drop_taken(b);
	b->deadline_ms = 0;
	return rc < 0 ? -1 : 0;
}

int backend_open(struct backend *b, const char *socket_dir, const struct backend_setting *settings, size_t count,
		 int timeout_ms, struct buf *refusal, struct err *err)
{
	b->socket_dir = mem_strdup(socket_dir);
	if (!b->socket_dir)
		return err_nomem(err);
	b->fd = connect_socket(socket_dir, err);
	return b->fd < 0 ? -1 : start_up(b, settings, count, timeout_ms, refusal, err);
}

int backend_open_fd(struct backend *b, int fd, const struct backend_setting *settings, size_t count, int timeout_ms,
		    struct err *err)
{
	b->fd = fd;
	return start_up(b, settings, count, timeout_ms, NULL, err);
}

int backend_open_super(struct backend *b, const char *socket_dir, const char *user, const char *database,
		       const char *options, int timeout_ms, struct err *err)
{
	struct backend_setting settings[] = {
		{ "user", user },
		{ "database", database },
		{ "application_name", "sparkctl-sandbox" },
		{ "options", options },
	};

	return backend_open(b, socket_dir, settings, options ? 4 : 3, timeout_ms, NULL, err);
}

void backend_close(struct backend *b)
{
	static const char terminate[] = { 'X', 0, 0, 0, 4 };

	if (b->fd >= 0) {
		if (b->out.len == 0 && send(b->fd, terminate, sizeof(terminate), MSG_NOSIGNAL) < 0)
			b->status = 'I';
		close(b->fd);
	}
	buf_clear(&b->in);
	buf_clear(&b->out);
	mem_free(b->socket_dir);
	backend_init(b);
}

/* ---- queries ---- */

/* One DataRow's columns as zero-terminated texts: their bytes are copied into `text` with a zero byte each. */
static int split_row(const struct message *m, struct buf *text, const char ***values, size_t *cap, int *count,
		     struct err *err)
{
	size_t at = 2;
	int n = m->len >= 2 ? wire_get16(m->body) : 0;

	if (mem_grow(values, cap, (size_t)n + 1, sizeof(**values)))
		return err_nomem(err);
	buf_reset(text);
	/* Room for all first: the texts must not move while they are pointed at. */
	if (!buf_reserve(text, m->len + (size_t)n))
		return err_nomem(err);
	for (int i = 0; i < n; i++) {
		uint32_t len;

		if (m->len - at < 4)
			return lost(err);
		len = wire_get32(m->body + at);
		at += 4;
		(*values)[i] = NULL;
		if (len == UINT32_MAX)
			continue;
		if (m->len - at < len)
			return lost(err);
		(*values)[i] = text->data + text->len;
		buf_add(text, m->body + at, len);
		buf_putc(text, 0);
		at += len;
	}
	*count = n;
	return 0;
}

int backend_query(struct backend *b, const char *sql, backend_row_fn row, void *arg, struct err *err)
{
	const char **values = NULL;
	struct buf text;
	size_t cap = 0;
	struct message m = { 0 };
	int rc = 0, count = 0;

	buf_init(&text, BACKEND_MAX_IN);
	message_text_whole(&b->out, 'Q', sql);
	if (buf_check(&b->out, "a statement", err)) {
		rc = -1;
		goto out;
	}
	for (;;) {
		if (backend_next(b, &m, rc ? NULL : err)) {
			rc = -1;
			goto out;
		}
		if (m.type == 'Z')
			break;
		if (m.type == 'E' && !rc)
			rc = message_to_err(&m, err);
		if (m.type == 'D' && !rc && row) {
			rc = split_row(&m, &text, &values, &cap, &count, err);
			if (!rc && row(arg, count, values))
				rc = -1;
		}
	}
	b->status = m.len ? (char)m.body[0] : 'I';
	drop_taken(b);
out:
	mem_free(values);
	buf_clear(&text);
	return rc;
}

/* ---- COPY ... FROM STDIN ---- */

int backend_copy_begin(struct backend *b, const char *sql, struct err *err)
{
	struct message m;

	message_text_whole(&b->out, 'Q', sql);
	if (buf_check(&b->out, "a statement", err))
		return -1;
	for (;;) {
		if (backend_next(b, &m, err))
			return -1;
		if (m.type == 'E') {
			message_to_err(&m, err);
			(void)finish_query(b, NULL);
			return -1;
		}
		if (m.type == 'Z') {
			b->status = m.len ? (char)m.body[0] : 'I';
			return err_set(err, ERR_BUG, "the server takes no rows for this statement");
		}
		if (m.type == 'G') {
			drop_taken(b);
			b->copying = true;
			return 0;
		}
	}
}

int backend_copy_data(struct backend *b, const void *bytes, size_t len, struct err *err)
{
	size_t mark;

	if (!b->copying)
		return err_set(err, ERR_BUG, "rows were sent outside of a COPY");
	mark = message_begin(&b->out, 'd');
	buf_add(&b->out, bytes, len);
	message_end(&b->out, mark);
	if (backend_flush(b, err)) {
		b->copying = false;
		return -1;
	}
	for (;;) {
		struct message m;
		int there = message_peek(b->in.data, b->in.len, &m);

		if (there < 0)
			return lost(err);
		if (!there || !message_whole(&m))
			return 0;
		/* While we send, the server says nothing unless it has failed: the rest of the rows is in vain. */
		if (m.type == 'E') {
			b->copying = false;
			(void)finish_query(b, err);
			return -1;
		}
		b->taken = MESSAGE_HEAD + m.len;
		if (b->on_async && (m.type == 'N' || m.type == 'S' || m.type == 'A'))
			b->on_async(b->on_async_arg, &m);
		drop_taken(b);
	}
}

int backend_copy_end(struct backend *b, bool abort, struct err *err)
{
	if (!b->copying)
		return err_set(err, ERR_BUG, "no COPY is going on");
	b->copying = false;
	if (abort) {
		message_text_whole(&b->out, 'f', "the load was given up");
		return finish_query(b, err) < 0 ? -1 : 0;
	}
	message_empty(&b->out, 'c');
	return finish_query(b, err) ? -1 : 0;
}
