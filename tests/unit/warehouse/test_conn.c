#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/cm.h"

#include "spark/base/buf.h"
#include "spark/base/clock.h"
#include "spark/warehouse/conn.h"

/* A server of a few lines that speaks the wire protocol: it lets everyone in, answers the n-th query with the n-th
 * reply, and does what a script says about connections that end badly. */
enum behaviour {
	ANSWER,
	REFUSE_LOGIN,    /* FATAL 28P01 */
	CUT_REPLY,       /* half of the reply, then the connection is closed */
	CLOSE_ON_QUERY,  /* no reply at all */
	WAIT_FOR_CANCEL, /* the query ends when a cancel request has come */
	FREEZE           /* neither the query nor the cancel request is answered */
};
struct server {
	int fd, port;
	enum behaviour behaviour;
	struct buf reply;
	pthread_t thread;
	bool cancelled;
};

static void put32(struct buf *b, uint32_t v)
{
	uint32_t n = htonl(v);

	buf_add(b, &n, sizeof(n));
}

/* A message of a type with its body. */
static void add_message(struct buf *b, char type, const void *body, size_t len)
{
	buf_putc(b, type);
	put32(b, (uint32_t)(len + 4));
	buf_add(b, body, len);
}
#define MESSAGE(b, type, literal) add_message(b, type, literal, sizeof(literal) - 1)

static void add_ready(struct buf *b)
{
	MESSAGE(b, 'Z', "I");
}

static bool read_all(int fd, void *out, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, (char *)out + got, len - got);

		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	return true;
}

static bool skip_bytes(int fd, size_t len)
{
	char c;

	while (len-- > 0) {
		if (!read_all(fd, &c, 1))
			return false;
	}
	return true;
}

/* The start-up packet's code; its other bytes are dropped. 0 when the peer is gone. */
static uint32_t read_startup(int fd)
{
	uint32_t len, code;

	if (!read_all(fd, &len, 4) || !read_all(fd, &code, 4) || !skip_bytes(fd, ntohl(len) - 8))
		return 0;
	return ntohl(code);
}

static bool read_message(int fd, char *type)
{
	uint32_t len;

	return read_all(fd, type, 1) && read_all(fd, &len, 4) && skip_bytes(fd, ntohl(len) - 4);
}

static bool send_all(int fd, const struct buf *b, size_t len)
{
	return send(fd, b->data, len, MSG_NOSIGNAL) == (ssize_t)len;
}

/* The next connection that is no request for encryption, which is declined. */
static int accept_session(struct server *s, uint32_t *code)
{
	int fd = accept(s->fd, NULL, NULL);

	while (fd >= 0) {
		*code = read_startup(fd);
		if (*code != 80877103)
			return fd;
		if (write(fd, "N", 1) != 1)
			break;
	}
	return fd;
}

static void greet(struct server *s, struct buf *b)
{
	if (s->behaviour == REFUSE_LOGIN) {
		MESSAGE(b, 'E',
			"SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user \"u\"\0Fauth.c\0L1\0Rx\0\0");
		return;
	}
	MESSAGE(b, 'R', "\0\0\0\0");
	MESSAGE(b, 'S',
		"server_version\0"
		"8.0.2\0");
	MESSAGE(b, 'K', "\0\0\0\7\0\0\0\11");
	add_ready(b);
}

/* The user, who interrupts as soon as the statement runs. */
static volatile int stop_flag;

static void wait_for_cancel(struct server *s)
{
	uint32_t code = 0;
	int fd;

	stop_flag = 1;
	fd = accept_session(s, &code);
	s->cancelled = code == 80877102;
	if (fd >= 0)
		close(fd);
	buf_reset(&s->reply);
	MESSAGE(&s->reply, 'E', "SERROR\0VERROR\0C57014\0Mcanceling statement due to user request\0\0");
	add_ready(&s->reply);
}

/* Holds the query and the cancel request, which nobody accepts, until the client has hung up. */
static void freeze(int fd)
{
	char c;

	stop_flag = 1;
	while (read(fd, &c, 1) > 0)
		continue;
}

static void *serve(void *arg)
{
	struct server *s = arg;
	struct buf hello;
	uint32_t code;
	char type;
	int fd = accept_session(s, &code);

	buf_init(&hello, 1 << 16);
	greet(s, &hello);
	if (fd >= 0 && send_all(fd, &hello, hello.len) && s->behaviour != REFUSE_LOGIN) {
		while (read_message(fd, &type) && type == 'Q' && s->behaviour != CLOSE_ON_QUERY) {
			if (s->behaviour == FREEZE) {
				freeze(fd);
				break;
			}
			if (s->behaviour == WAIT_FOR_CANCEL)
				wait_for_cancel(s);
			if (!send_all(fd, &s->reply, s->behaviour == CUT_REPLY ? s->reply.len / 2 : s->reply.len) ||
			    s->behaviour == CUT_REPLY)
				break;
		}
	}
	if (fd >= 0)
		close(fd);
	buf_clear(&hello);
	return NULL;
}

static void server_open(struct server *s, enum behaviour behaviour)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);

	memset(s, 0, sizeof(*s));
	s->behaviour = behaviour;
	buf_init(&s->reply, 1 << 20);
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(s->fd >= 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &len), 0);
	assert_int_equal(listen(s->fd, 4), 0);
	s->port = ntohs(a.sin_port);
}

static void server_start(struct server *s)
{
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void server_close(struct server *s)
{
	pthread_join(s->thread, NULL);
	close(s->fd);
	buf_clear(&s->reply);
}

static struct conn_options options_for(const struct server *s)
{
	static const struct secret none;

	return (struct conn_options){ .host = "127.0.0.1",
				      .database = "d",
				      .user = "u",
				      .port = s->port,
				      .password = &none,
				      .ssl_mode = "prefer",
				      .connect_timeout_ms = 10000 };
}

/* Opens a session with a server that answers as told. */
static struct conn *session(struct server *s, const struct conn_options *o)
{
	struct conn *c = NULL;
	struct err err = { 0 };

	server_start(s);
	if (conn_open(o, &c, &err) < 0)
		fail_msg("%s", err.text);
	return c;
}

static void a_select_gives_its_rows_as_text(void **state)
{
	struct server s;
	struct conn_options o;
	struct result r;
	struct err err;
	struct conn *c;

	(void)state;
	server_open(&s, ANSWER);
	MESSAGE(&s.reply, 'T',
		"\0\2n\0\0\0\0\0\0\0\0\0\0\27\0\4\377\377\377\377\0\0t\0\0\0\0\0\0\0\0\0\0\31\377\377\377\377\377\377\0"
		"\0");
	MESSAGE(&s.reply, 'D',
		"\0\2\0\0\0\2"
		"42\377\377\377\377");
	MESSAGE(&s.reply, 'D',
		"\0\2\0\0\0\1"
		"7\0\0\0\2\303\251");
	MESSAGE(&s.reply, 'C', "SELECT 2\0");
	add_ready(&s.reply);
	o = options_for(&s);
	c = session(&s, &o);
	assert_int_equal(conn_exec(c, "SELECT n, t FROM x", &r, &err), 0);
	assert_int_equal(r.rows, 2);
	assert_int_equal(r.columns, 2);
	assert_string_equal(r.names[0], "n");
	assert_string_equal(result_value(&r, 0, 0), "42");
	assert_null(result_value(&r, 0, 1));
	assert_string_equal(result_value(&r, 1, 1), "\303\251");
	assert_null(result_value(&r, 2, 0));
	assert_true(result_is_numeric(&r, 0));
	assert_false(result_is_numeric(&r, 1));
	assert_string_equal(r.tag, "SELECT 2");
	result_clear(&r);
	conn_close(c);
	server_close(&s);
}

static void heard(void *arg, const char *severity, const char *text)
{
	buf_printf(arg, "%s: %s\n", severity, text);
}

static void a_copy_tells_its_rows_in_a_notice(void **state)
{
	struct server s;
	struct conn_options o;
	struct buf notices;
	struct result r;
	struct err err;
	struct conn *c;

	(void)state;
	server_open(&s, ANSWER);
	MESSAGE(&s.reply, 'N',
		"SINFO\0VINFO\0C00000\0MLoad into table 'x' completed, 8056 record(s) loaded successfully.\0\0");
	MESSAGE(&s.reply, 'C', "COPY\0");
	add_ready(&s.reply);
	buf_init(&notices, 1 << 16);
	o = options_for(&s);
	o.notice = heard;
	o.notice_arg = &notices;
	c = session(&s, &o);
	assert_int_equal(conn_exec(c, "COPY x FROM 's3://b/k'", &r, &err), 0);
	assert_int_equal(conn_copied_rows(c), 8056);
	assert_int_equal(r.affected, -1);
	assert_string_equal(notices.data, "INFO: Load into table 'x' completed, 8056 record(s) loaded successfully.\n");
	result_clear(&r);
	conn_close(c);
	server_close(&s);
	buf_clear(&notices);
}

static void a_refused_statement_tells_where_and_why(void **state)
{
	struct server s;
	struct conn_options o;
	struct err err;
	struct conn *c;

	(void)state;
	server_open(&s, ANSWER);
	MESSAGE(&s.reply, 'E', "SERROR\0VERROR\0C42703\0Mcolumn \"b\" does not exist\0DIt has a.\0P12\0\0");
	add_ready(&s.reply);
	o = options_for(&s);
	c = session(&s, &o);
	assert_int_equal(conn_exec(c, "SELECT\n a, b FROM x", NULL, &err), -1);
	assert_int_equal(err.kind, ERR_DATABASE);
	assert_string_equal(err.sqlstate, "42703");
	assert_string_equal(err.text, "column \"b\" does not exist, line 2, column 5");
	assert_string_equal(err.hint, "It has a.");
	conn_close(c);
	server_close(&s);
}

static void a_refused_login_says_what_to_check(void **state)
{
	struct server s;
	struct conn_options o;
	struct conn *c = NULL;
	struct err err;

	(void)state;
	server_open(&s, REFUSE_LOGIN);
	server_start(&s);
	o = options_for(&s);
	/* plain from the start: with "prefer" libpq tries a second time without encryption */
	o.ssl_mode = "disable";
	assert_int_equal(conn_open(&o, &c, &err), -1);
	assert_int_equal(err.kind, ERR_DATABASE);
	assert_string_equal(err.sqlstate, "28P01");
	assert_non_null(strstr(err.text, "password authentication failed"));
	assert_non_null(strstr(err.hint, "DWH_DB_PASSWORD"));
	server_close(&s);
}

static void a_connection_that_ends_in_mid_reply_is_lost(void **state)
{
	static const enum behaviour ways[] = { CUT_REPLY, CLOSE_ON_QUERY };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ways); i++) {
		struct server s;
		struct conn_options o;
		struct err err;
		struct conn *c;

		server_open(&s, ways[i]);
		MESSAGE(&s.reply, 'C', "CREATE TABLE\0");
		add_ready(&s.reply);
		o = options_for(&s);
		c = session(&s, &o);
		assert_int_equal(conn_exec(c, "CREATE TABLE x (a INT)", NULL, &err), -1);
		assert_int_equal(err.kind, ERR_UNREACHABLE);
		assert_non_null(strstr(err.text, "was lost"));
		assert_int_equal(conn_exec(c, "SELECT 1", NULL, &err), -1);
		assert_int_equal(err.kind, ERR_UNREACHABLE);
		conn_close(c);
		server_close(&s);
	}
}

static void an_interrupt_cancels_the_statement_on_the_server(void **state)
{
	struct server s;
	struct conn_options o;
	struct err err;
	struct conn *c;

	(void)state;
	stop_flag = 0;
	server_open(&s, WAIT_FOR_CANCEL);
	o = options_for(&s);
	o.stop = &stop_flag;
	c = session(&s, &o);
	assert_int_equal(conn_exec(c, "COPY x FROM 's3://b/k'", NULL, &err), -1);
	assert_int_equal(err.kind, ERR_INTERRUPTED);
	conn_close(c);
	server_close(&s);
	assert_true(s.cancelled);
}

static void an_interrupt_does_not_wait_for_a_host_that_went_dark(void **state)
{
	struct server s;
	struct conn_options o;
	struct err err;
	struct conn *c;

	(void)state;
	stop_flag = 0;
	server_open(&s, FREEZE);
	o = options_for(&s);
	o.stop = &stop_flag;
	c = session(&s, &o);
	assert_int_equal(conn_exec(c, "COPY x FROM 's3://b/k'", NULL, &err), -1);
	assert_int_equal(err.kind, ERR_INTERRUPTED);
	conn_close(c);
	server_close(&s);
}

static void nobody_listening_is_unreachable(void **state)
{
	struct server s;
	struct conn_options o;
	struct conn *c = NULL;
	struct err err;

	(void)state;
	server_open(&s, ANSWER);
	close(s.fd);
	buf_clear(&s.reply);
	o = options_for(&s);
	assert_int_equal(conn_open(&o, &c, &err), -1);
	assert_int_equal(err.kind, ERR_UNREACHABLE);
	assert_true(err.retryable);
	assert_non_null(strstr(err.text, "Connection refused"));
}

static void a_server_that_says_nothing_ends_in_a_time_out(void **state)
{
	struct server s;
	struct conn_options o;
	struct conn *c = NULL;
	struct err err;

	(void)state;
	server_open(&s, ANSWER); /* it listens, and nobody ever accepts */
	o = options_for(&s);
	o.connect_timeout_ms = 300;
	assert_int_equal(conn_open(&o, &c, &err), -1);
	assert_int_equal(err.kind, ERR_TIMEOUT);
	assert_non_null(strstr(err.text, "timed out after 1 s"));
	close(s.fd);
	buf_clear(&s.reply);
}

struct seen {
	size_t calls, rows;
	int stop_at;
};

static int see(void *arg, const struct result *r)
{
	struct seen *v = arg;

	v->calls++;
	v->rows += r->rows;
	return v->stop_at && (int)v->calls == v->stop_at ? 5 : 0;
}

static void a_stream_gives_rows_one_by_one(void **state)
{
	struct server s;
	struct conn_options o;
	struct seen v = { 0 };
	struct err err;
	struct conn *c;

	(void)state;
	server_open(&s, ANSWER);
	MESSAGE(&s.reply, 'T', "\0\1n\0\0\0\0\0\0\0\0\0\0\27\0\4\377\377\377\377\0\0");
	for (int i = 0; i < 50; i++)
		MESSAGE(&s.reply, 'D',
			"\0\1\0\0\0\2"
			"42");
	MESSAGE(&s.reply, 'C', "SELECT 50\0");
	add_ready(&s.reply);
	o = options_for(&s);
	c = session(&s, &o);
	assert_int_equal(conn_stream(c, "SELECT n FROM x", see, &v, &err), 0);
	assert_int_equal(v.calls, 50);
	assert_int_equal(v.rows, 50);
	conn_close(c);
	server_close(&s);
}

static void a_statement_without_rows_behind_another_is_told_too(void **state)
{
	struct server s;
	struct conn_options o;
	struct seen v = { 0 };
	struct err err;
	struct conn *c;

	(void)state;
	server_open(&s, ANSWER);
	for (int i = 0; i < 2; i++) {
		MESSAGE(&s.reply, 'T', "\0\1n\0\0\0\0\0\0\0\0\0\0\27\0\4\377\377\377\377\0\0");
		if (i == 0)
			MESSAGE(&s.reply, 'D',
				"\0\1\0\0\0\2"
				"42");
		MESSAGE(&s.reply, 'C', "SELECT 0\0");
	}
	MESSAGE(&s.reply, 'C', "DELETE 3\0");
	add_ready(&s.reply);
	o = options_for(&s);
	c = session(&s, &o);
	assert_int_equal(conn_stream(c, "SELECT 42 AS n; SELECT n FROM x; DELETE FROM x", see, &v, &err), 0);
	assert_int_equal(v.rows, 1);
	assert_int_equal(v.calls, 3);
	conn_close(c);
	server_close(&s);
}

static void a_stream_without_rows_still_tells_its_columns(void **state)
{
	struct server s;
	struct conn_options o;
	struct seen v = { 0 };
	struct err err;
	struct conn *c;

	(void)state;
	server_open(&s, ANSWER);
	MESSAGE(&s.reply, 'T', "\0\1n\0\0\0\0\0\0\0\0\0\0\27\0\4\377\377\377\377\0\0");
	MESSAGE(&s.reply, 'C', "SELECT 0\0");
	add_ready(&s.reply);
	o = options_for(&s);
	c = session(&s, &o);
	assert_int_equal(conn_stream(c, "SELECT n FROM x", see, &v, &err), 0);
	assert_int_equal(v.calls, 1);
	assert_int_equal(v.rows, 0);
	conn_close(c);
	server_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_select_gives_its_rows_as_text),
		cmocka_unit_test(a_copy_tells_its_rows_in_a_notice),
		cmocka_unit_test(a_refused_statement_tells_where_and_why),
		cmocka_unit_test(a_refused_login_says_what_to_check),
		cmocka_unit_test(a_connection_that_ends_in_mid_reply_is_lost),
		cmocka_unit_test(an_interrupt_cancels_the_statement_on_the_server),
		cmocka_unit_test(an_interrupt_does_not_wait_for_a_host_that_went_dark),
		cmocka_unit_test(nobody_listening_is_unreachable),
		cmocka_unit_test(a_server_that_says_nothing_ends_in_a_time_out),
		cmocka_unit_test(a_stream_gives_rows_one_by_one),
		cmocka_unit_test(a_stream_without_rows_still_tells_its_columns),
		cmocka_unit_test(a_statement_without_rows_behind_another_is_told_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
