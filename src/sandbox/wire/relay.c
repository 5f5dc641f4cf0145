#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox/wire/probe.h"
#include "sandbox/wire/reword.h"
#include "sandbox/wire/session.h"
#include "spark/base/clock.h"
#include "spark/base/log.h"

#define READ_CHUNK    65536
#define LAST_WORDS_MS 2000
#define REST_AFTER_MS 3000
#define LEFT_MS       10000 /* for what a client asked for that left without a goodbye */
#define RIDE_AFTER    8     /* requests; changing threads costs as much as some of them */

static int client_gone(struct err *err)
{
	return err_set(err, ERR_UNREACHABLE, "the client has gone");
}

static int server_gone(struct session *s, struct err *err)
{
	(void)s;
	err_set(err, ERR_UNREACHABLE, "the connection to the cluster's server was lost");
	if (err)
		snprintf(err->sqlstate, sizeof(err->sqlstate), "08006");
	return -1;
}

/* 1: something came; 0: nothing yet; -1: the end. */
static int read_into(int fd, struct buf *b)
{
	char *room = buf_reserve(b, READ_CHUNK);
	ssize_t n;

	if (!room)
		return -1;
	n = recv(fd, room, READ_CHUNK, MSG_DONTWAIT);
	if (n > 0) {
		buf_commit(b, (size_t)n);
		return 1;
	}
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

static int write_from(int fd, struct buf *b)
{
	ssize_t n;

	if (b->failed)
		return -1;
	n = send(fd, b->data, b->len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n > 0)
		buf_consume(b, (size_t)n);
	return n < 0 && errno != EAGAIN && errno != EINTR ? -1 : 0;
}

/* Waits for events of the client's, of which *found tells. */
static int wait_client(struct session *s, short events, int64_t deadline_ms, short *found, struct err *err)
{
	struct pollfd p[2] = { { .fd = s->client.fd, .events = events },
			       { .fd = gateway_stop_fd(s->gateway), .events = POLLIN } };
	int64_t left = deadline_ms - clock_mono(&clock_system);
	int n;

	if (left <= 0)
		return err_set(err, ERR_TIMEOUT, "the client says nothing");
	n = poll(p, 2, (int)left);
	if (n > 0 && p[1].revents)
		return client_gone(err);
	*found = n > 0 ? p[0].revents : 0;
	return 0;
}

int relay_read_client(struct session *s, int64_t deadline_ms, struct err *err)
{
	short found;
	int got;

	do {
		if (wait_client(s, channel_events(&s->client, true, s->out.len), deadline_ms, &found, err))
			return -1;
		if (channel_writable(&s->client, found) && channel_write(&s->client, &s->out))
			return client_gone(err);
		got = channel_readable(&s->client, found) ? channel_read(&s->client, &s->in) : 0;
	} while (got == 0);
	return got < 0 ? client_gone(err) : 0;
}

int relay_flush_client(struct session *s, int64_t deadline_ms, struct err *err)
{
	short found;

	for (;;) {
		if (channel_write(&s->client, &s->out))
			return client_gone(err);
		if (!s->out.len)
			return 0;
		if (wait_client(s, channel_events(&s->client, false, true), deadline_ms, &found, err))
			return -1;
	}
}

int relay_handshake(struct session *s, int64_t deadline_ms, struct err *err)
{
	for (;;) {
		enum tls_wait wait = TLS_WAIT_READ;
		int done = tls_accept(s->client.tls, &wait, err);
		short found;

		if (done)
			return done < 0 ? -1 : 0;
		if (wait_client(s, wait == TLS_WAIT_READ ? POLLIN : POLLOUT, deadline_ms, &found, err))
			return -1;
	}
}

void relay_last_words(struct session *s)
{
	int64_t end = clock_mono(&clock_system) + LAST_WORDS_MS;

	while (s->out.len && !s->out.failed) {
		struct pollfd p = { .fd = s->client.fd, .events = channel_events(&s->client, false, true) };
		int64_t left = end - clock_mono(&clock_system);

		if (left <= 0 || poll(&p, 1, (int)left) <= 0 || (p.revents & (POLLERR | POLLHUP)) ||
		    channel_write(&s->client, &s->out))
			return;
	}
}

/* ---- the server's messages ---- */

static void put_error(struct session *s, const struct message *m, const struct expect_entry *e)
{
	const char *text = message_field(m, 'P'), *severity = message_field(m, 'V');
	int position = text ? (int)strtol(text, NULL, 10) : 0, moved = position;

	/* FATAL or PANIC: the server closes the connection, and has said why. */
	if (severity && strcmp(severity, "ERROR") != 0)
		s->server_said_why = true;
	if (position > 0 && e && e->text)
		moved = rewritten_position(e->text, e->only, position);
	else if (position > 0 && s->text_rewritten && e && e->kind != EXPECT_QUERY)
		moved = 0;
	if (reword_error(&s->out, m))
		return;
	if (moved == position)
		message_bytes(&s->out, 'E', m->body, m->len);
	else
		message_put_moved(&s->out, m, moved);
}

/* A transaction block that begins or ends within a batch shows in the tags only. */
static void note_tag(struct session *s, const struct message *m)
{
	const char *tag = (const char *)m->body;

	if (m->len == 0 || !memchr(tag, 0, m->len))
		return;
	if (strcmp(tag, "BEGIN") == 0 || strcmp(tag, "START TRANSACTION") == 0)
		s->block_open = true;
	else if (strcmp(tag, "COMMIT") == 0 || strcmp(tag, "ROLLBACK") == 0)
		s->block_open = false;
}

/* Some statements are another kind to the server than to the client. */
static void put_completion(struct session *s, const struct message *m, const struct expect_entry *e)
{
	const char *tag = e && e->text ? rewritten_tag(e->text, e->only, e->commands) : NULL;

	if (tag)
		message_text_whole(&s->out, 'C', tag);
	else
		message_bytes(&s->out, 'C', m->body, m->len);
}

static void note_ready(struct session *s, const struct message *m)
{
	if (m->len != 1)
		return;
	s->server.status = (char)m->body[0];
	if (s->callback.read[0])
		callback_tidy(s);
	track_ready(s->track, s->server.status);
	probe_settle(s, false);
	s->block_open = s->server.status != 'I';
}

static void take_probe(struct session *s, const struct message *m)
{
	uint32_t len;

	if (!s->probe || m->len < 6 || wire_get16(m->body) != 1)
		return;
	len = wire_get32(m->body + 2);
	if (len > m->len - 6 || len >= s->probe_size)
		return;
	memcpy(s->probe, m->body + 6, len);
	s->probe[len] = 0;
}

static void take_reply(struct session *s, const struct message *m)
{
	struct expect_reply r;

	expect_match(&s->expect, m, &r);
	if (r.entry && r.action != ACTION_SKIP)
		track_reply(s->track, r.entry->item, m->type, m->body, m->len);
	switch (m->type) {
	case 'Z':
		note_ready(s, m);
		callback_note_end(&s->callback);
		break;
	case 'C':
		note_tag(s, m);
		callback_note_end(&s->callback);
		break;
	case 'E':
		s->query_failed = true;
		callback_note_end(&s->callback);
		break;
	case 'D':
		if (r.action == ACTION_SKIP)
			take_probe(s, m);
		break;
	default:
		break;
	}
	if (r.action == ACTION_SKIP)
		return;
	if (m->type == 'E' && r.action == ACTION_FAKE)
		buf_add(&s->out, r.entry->error, r.entry->error_len);
	else if (m->type == 'E')
		put_error(s, m, r.entry);
	else if (m->type == 'C')
		put_completion(s, m, r.entry);
	else if (m->type != 'N' || !reword_notice(&s->out, m))
		message_bytes(&s->out, m->type, m->body, m->len);
}

/* Rows are most of what comes: those of a client's own query pass as they are, also in parts. */
static bool passes_in_parts(const struct session *s, const struct message *m)
{
	if (m->type == 'd')
		return true;
	if (m->type != 'D' || expect_idle(&s->expect))
		return false;
	return s->expect.entries[s->expect.first].action != ACTION_SKIP;
}

static int server_step(struct session *s, struct err *err)
{
	struct buf *in = &s->server.in;
	size_t at = 0;

	while (at < in->len && s->out.len < SESSION_HIGH_WATER && !callback_is_over(&s->callback)) {
		struct message m;
		int there;

		if (s->reply_left) {
			size_t n = in->len - at < s->reply_left ? in->len - at : s->reply_left;

			buf_add(&s->out, in->data + at, n);
			s->reply_left -= n;
			at += n;
			continue;
		}
		there = message_peek(in->data + at, in->len - at, &m);
		if (there < 0)
			return server_gone(s, err);
		if (!there)
			break;
		if (passes_in_parts(s, &m)) {
			s->reply_left = MESSAGE_HEAD + m.len;
			continue;
		}
		if (!message_whole(&m))
			break;
		if (callback_is_request(s, &m)) {
			/* A thread that others share must not wait for what comes of it. */
			if (s->riding)
				break;
			there = callback_take(s, &m, at + MESSAGE_HEAD + m.len, err);
			at = 0;
			if (there < 0)
				return -1;
			continue;
		}
		take_reply(s, &m);
		at += MESSAGE_HEAD + m.len;
	}
	if (at)
		buf_consume(in, at);
	return buf_check(&s->out, "the answer to a client", err);
}

/* ---- moving ---- */

static int watch_stop(const struct pollfd *p, struct err *err)
{
	if (!p->revents)
		return 0;
	err_set(err, ERR_INTERRUPTED, "terminating connection due to administrator command");
	if (err)
		snprintf(err->sqlstate, sizeof(err->sqlstate), "57P01");
	return -1;
}

/* A session at rest gives its buffers back: most of a thousand clients say nothing most of the time. */
static void rest(struct session *s)
{
	struct buf *all[] = { &s->in, &s->out, &s->server.in, &s->server.out };

	recall_forget(&s->recall);
	known_forget(&s->known);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		size_t max = all[i]->max;

		if (all[i]->len || !all[i]->cap)
			continue;
		buf_clear(all[i]);
		buf_init(all[i], max);
	}
}

/* Until one of the three has something; -1: poll() itself fails. */
static int wait_for(struct session *s, struct pollfd p[3], struct err *err)
{
	int n = poll(p, 3, REST_AFTER_MS);

	if (n == 0) {
		rest(s);
		n = poll(p, 3, -1);
	}
	if (n >= 0)
		return 0;
	for (int i = 0; i < 3; i++)
		p[i].revents = 0;
	return errno == EINTR ? 0 : err_set_errno(err, ERR_UNREACHABLE, errno, "cannot wait for a session");
}

/* To a client that has gone nothing is said. -1: so much that a server of its own would have met its first failed write
 * by now, and ended. */
static int say(struct session *s)
{
	if (s->out.len && !s->deaf)
		s->deaf = channel_write(&s->client, &s->out) != 0;
	if (!s->deaf)
		return 0;
	s->unheard += s->out.len;
	buf_reset(&s->out);
	return s->unheard > SESSION_HIGH_WATER ? -1 : 0;
}

/* What can be sent is sent before poll() is asked: most often all of it can. */
static int send_now(struct session *s, struct err *err)
{
	/* A server that has gone shows when it is read, behind its last words. */
	if (s->server.out.len && write_from(s->server.fd, &s->server.out))
		buf_reset(&s->server.out);
	return say(s) ? client_gone(err) : 0;
}

/* One round: sends, waits, reads. When the server's buffer is full the client is not read, and the other way round. */
static int pump(struct session *s, bool read_client, struct err *err)
{
	bool held = s->out.len >= SESSION_HIGH_WATER, held_back = s->server.out.len >= SESSION_HIGH_WATER;
	bool take, read_server;
	struct pollfd p[3] = { { .fd = -1 },
			       { .fd = s->server.fd },
			       { .fd = gateway_stop_fd(s->gateway), .events = POLLIN } };

	if (send_now(s, err))
		return -1;
	take = read_client && !s->left && s->server.out.len < SESSION_HIGH_WATER;
	read_server = s->out.len < SESSION_HIGH_WATER;
	/* What was held back, and lies here already, can go on: there may be nothing more to wait for. */
	if ((held && read_server) || (held_back && s->server.out.len < SESSION_HIGH_WATER))
		return 0;
	/* Behind the end of a client lies what it said before, and no more will come. */
	if (take && s->deaf) {
		s->left = channel_read(&s->client, &s->in) != 1;
		return 0;
	}
	if (!s->deaf)
		p[0] = (struct pollfd){ s->client.fd, channel_events(&s->client, take, s->out.len), 0 };
	if (s->callback.loading && !s->callback.given_up)
		p[0].events |= POLLRDHUP;
	p[1].events = (short)((read_server ? POLLIN : 0) | (s->server.out.len ? POLLOUT : 0));
	if (wait_for(s, p, err) || watch_stop(&p[2], err))
		return -1;
	if (p[0].revents & (POLLRDHUP | POLLHUP | POLLERR))
		callback_give_up(s);
	/* The server first: what it said before it went away is for the client. */
	if (read_server && (p[1].revents & (POLLIN | POLLHUP | POLLERR)) &&
	    read_into(s->server.fd, &s->server.in) < 0) {
		if (server_step(s, err))
			return -1;
		return server_gone(s, err);
	}
	if (server_step(s, err))
		return -1;
	if (take && channel_readable(&s->client, p[0].revents))
		s->left = channel_read(&s->client, &s->in) < 0;
	else if (p[0].revents & (POLLERR | POLLHUP))
		s->deaf = true;
	return 0;
}

int relay_listen(struct session *s, struct err *err)
{
	if (server_step(s, err))
		return -1;
	return callback_is_over(&s->callback) ? 0 : pump(s, false, err);
}

int relay_drain(struct session *s, struct err *err)
{
	for (;;) {
		/* What is here already: waiting for more of it could be for ever. */
		if (server_step(s, err))
			return -1;
		if (s->expect.copy_in) {
			message_text_whole(&s->server.out, 'f',
					   "COPY FROM STDIN does not go together with COPY from S3");
			s->expect.copy_in = false;
		}
		/* Sent before the question is asked: what has no answer leaves nothing to wait for. */
		if (send_now(s, err))
			return -1;
		if (expect_idle(&s->expect) && !s->server.out.len)
			return 0;
		if (pump(s, false, err))
			return -1;
	}
}

/* Is nothing left half done or half sent, on either side? */
static bool is_light(const struct session *s)
{
	return !s->closing && !s->left && !s->deaf && !s->in.len && !s->out.len && !s->server.in.len &&
	       !s->server.out.len && !s->pass_left && !s->reply_left && !s->expect.copy_in &&
	       !s->client.read_waits_for_write;
}

int relay_carry(struct session *s, bool from_server, struct err *err)
{
	/* An end that has gone shows again to the session's own thread. */
	if (from_server) {
		if (read_into(s->server.fd, &s->server.in) < 0)
			return 0;
		if (server_step(s, err))
			return -1;
	} else {
		if (channel_read(&s->client, &s->in) < 0)
			return 0;
		if (frontend_step(s, err))
			return -1;
	}
	if (send_now(s, err))
		return -1;
	return is_light(s);
}

static int ride(struct session *s, struct err *err)
{
	int rc = 0;

	if (send_now(s, err))
		return -1;
	s->light = 0;
	if (is_light(s)) {
		s->riding = true;
		rc = lanes_ride(gateway_lanes(s->gateway), s, err);
		s->riding = false;
		s->light = 0;
	}
	return rc;
}

int relay_run(struct session *s, struct err *err)
{
	while (!s->closing) {
		/* Messages that are here already are taken before waiting for more, on both sides. */
		if (frontend_step(s, err) || server_step(s, err))
			return -1;
		/* All that it said before it left is on its way, unless there was no room. */
		if (s->left && s->server.out.len < SESSION_HIGH_WATER)
			s->closing = true;
		if (s->closing)
			break;
		if (s->light >= RIDE_AFTER ? ride(s, err) : pump(s, true, err))
			return -1;
	}
	return 0;
}

/* Tells the server of the client's end: by its goodbye, or by an end behind what came before. When the server still
 * owes answers they are awaited first, so that whoever sees its session gone meets what it changed; but a batch without
 * Sync and a COPY without rows have none. */
static void pass_end(struct session *s, bool *passed)
{
	if (*passed || (!expect_idle(&s->expect) && !s->in_batch && !s->expect.copy_in))
		return;
	if (!s->left) {
		message_empty(&s->server.out, 'X');
	} else if (s->server.out.len) {
		return;
	} else if (shutdown(s->server.fd, SHUT_WR)) {
		log_debug("%s: the server has gone before its client", s->peer);
	}
	*passed = true;
}

void relay_finish(struct session *s)
{
	int64_t end = clock_mono(&clock_system) + LEFT_MS, left = -1;
	bool passed = false;

	pass_end(s, &passed);
	for (;; pass_end(s, &passed)) {
		struct pollfd p[3] = {
			{ .fd = s->server.fd, .events = (short)(POLLIN | (s->server.out.len ? POLLOUT : 0)) },
			{ .fd = s->deaf ? -1 : s->client.fd, .events = channel_events(&s->client, false, s->out.len) },
			{ .fd = gateway_stop_fd(s->gateway), .events = POLLIN },
		};

		if (s->out.len >= SESSION_HIGH_WATER)
			p[0].events = 0;
		if (s->left)
			left = end - clock_mono(&clock_system);
		if ((s->left && left <= 0) || (poll(p, 3, (int)left) < 0 && errno != EINTR))
			break;
		if (p[2].revents)
			return;
		/* A client that does not listen any more keeps nobody from finishing. */
		if (p[1].revents & (POLLERR | POLLHUP))
			s->deaf = true;
		if ((p[0].revents & POLLOUT) && write_from(s->server.fd, &s->server.out))
			buf_reset(&s->server.out);
		if ((p[0].revents & (POLLIN | POLLHUP | POLLERR)) && read_into(s->server.fd, &s->server.in) < 0) {
			(void)server_step(s, NULL);
			return;
		}
		if (server_step(s, NULL) || say(s))
			break;
	}
	backend_cancel(gateway_socket_dir(s->gateway), s->server.pid, s->server.key);
}
