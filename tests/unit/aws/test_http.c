/* The network as it is: refusals, hangs, cut replies, and connections that are kept. */
#include "aws/http.h"

#include "unit/aws/tiny_server.h"

static bool greet(struct tiny_server *s, int fd, const struct tiny_request *r)
{
	(void)s;
	if (strcmp(r->target, "/redirect") == 0)
		tiny_reply(fd, 302, "Location: /elsewhere\r\n", "moved");
	else if (strcmp(r->target, "/echo") == 0)
		tiny_reply(fd, 200, "ETag: \"e\"\r\nx-amzn-RequestId: id-1\r\nDate: Sat, 21 Nov 2026 10:06:32 GMT\r\n",
			   r->body);
	else if (strcmp(r->target, "/head") == 0)
		tiny_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n");
	else if (strcmp(r->target, "/headers") == 0)
		tiny_reply(fd, 200, "", r->head);
	else if (strcmp(r->target, "/cut") == 0)
		tiny_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
	else if (strcmp(r->target, "/garbage") == 0)
		tiny_text(fd, "SSH-2.0-OpenSSH\r\n");
	else if (strcmp(r->target, "/busy") == 0)
		tiny_reply(fd, 503, "Retry-After: 7\r\n", "busy");
	else
		tiny_reply(fd, 404, "", "no");
	return r->target[1] != 'c' && r->target[1] != 'g';
}

/* Reads and says nothing, until the client goes. */
static bool hang(struct tiny_server *s, int fd, const struct tiny_request *r)
{
	char byte;

	(void)s, (void)r;
	while (recv(fd, &byte, 1, 0) > 0)
		;
	return false;
}

static bool drop(struct tiny_server *s, int fd, const struct tiny_request *r)
{
	(void)s, (void)fd, (void)r;
	return false;
}

struct probe {
	struct http *http;
	struct http_answer answer;
	struct err err;
	char url[200];
	char target[40];
	struct http_call call;
};

static void probe_open(struct probe *p, const struct http_options *o, const char *base, const char *path)
{
	memset(p, 0, sizeof(*p));
	p->http = http_new(o, &p->err);
	assert_non_null(p->http);
	snprintf(p->url, sizeof(p->url), "%s%s", base, path);
	snprintf(p->target, sizeof(p->target), "%s", strrchr(base, '/') + 1);
	p->call =
		(struct http_call){ .method = "GET", .url = p->url, .target = p->target, .body_fd = -1, .sink_fd = -1 };
	http_answer_init(&p->answer);
}

static int probe_send(struct probe *p)
{
	http_answer_clear(&p->answer);
	http_answer_init(&p->answer);
	err_clear(&p->err);
	return http_send(p->http, &p->call, &p->answer, &p->err);
}

static void probe_close(struct probe *p)
{
	http_answer_clear(&p->answer);
	http_free(p->http);
}

static const struct http_options patient = { .timeout_ms = 20000, .user_agent = "sparkctl/test" };

static void requests_and_replies_arrive_whole(void **state)
{
	static const struct sign_header headers[] = { { "X-A", "1" }, { "X-Empty", "" } };
	struct tiny_server s;
	struct probe p;

	(void)state;
	tiny_start(&s, greet, NULL);
	probe_open(&p, &patient, s.url, "/echo");
	p.call.method = "POST";
	p.call.body = "some body";
	p.call.body_len = 9;
	assert_int_equal(probe_send(&p), 0);
	assert_int_equal(p.answer.status, 200);
	assert_string_equal(p.answer.body.data, "some body");
	assert_string_equal(p.answer.request_id, "id-1");
	assert_string_equal(p.answer.etag, "\"e\"");
	assert_string_equal(p.answer.date, "Sat, 21 Nov 2026 10:06:32 GMT");
	probe_close(&p);

	probe_open(&p, &patient, s.url, "/headers");
	p.call.method = "PUT";
	p.call.headers = headers;
	p.call.header_count = 2;
	assert_int_equal(probe_send(&p), 0);
	assert_non_null(strstr(p.answer.body.data, "\r\nX-A: 1\r\n"));
	assert_non_null(strstr(p.answer.body.data, "\r\nX-Empty:"));
	assert_non_null(strstr(p.answer.body.data, "\r\nUser-Agent: sparkctl/test\r\n"));
	assert_non_null(strstr(p.answer.body.data, "\r\nContent-Length: 0\r\n"));
	assert_null(strcasestr(p.answer.body.data, "\r\nContent-Type:"));
	assert_null(strcasestr(p.answer.body.data, "\r\nExpect:"));
	probe_close(&p);

	probe_open(&p, &patient, s.url, "/head");
	p.call.method = "HEAD";
	assert_int_equal(probe_send(&p), 0);
	assert_int_equal(p.answer.content_length, 12345);
	probe_close(&p);
	tiny_stop(&s);
}

static void connections_are_kept(void **state)
{
	struct tiny_server s;
	struct probe p;

	(void)state;
	tiny_start(&s, greet, NULL);
	probe_open(&p, &patient, s.url, "/echo");
	for (int i = 0; i < 20; i++)
		assert_int_equal(probe_send(&p), 0);
	assert_int_equal(s.connections, 1);
	p.call.fresh_connection = true;
	assert_int_equal(probe_send(&p), 0);
	assert_int_equal(s.connections, 2);
	assert_int_equal(s.requests, 21);
	probe_close(&p);
	tiny_stop(&s);
}

static void *send_ten(void *arg)
{
	struct probe *shared = arg;

	for (int i = 0; i < 10; i++) {
		struct http_answer a;
		http_answer_init(&a);
		assert_int_equal(http_send(shared->http, &shared->call, &a, NULL), 0);
		assert_int_equal(a.status, 200);
		http_answer_clear(&a);
	}
	return NULL;
}

static void threads_share_the_pool(void **state)
{
	pthread_t threads[8];
	struct tiny_server s;
	struct probe p;

	(void)state;
	tiny_start(&s, greet, NULL);
	probe_open(&p, &patient, s.url, "/echo");
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, send_ten, &p), 0);
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(s.requests, 80);
	assert_true(s.connections <= 8);
	probe_close(&p);
	tiny_stop(&s);
}

static void a_redirect_is_not_followed(void **state)
{
	struct tiny_server s;
	struct probe p;

	(void)state;
	tiny_start(&s, greet, NULL);
	probe_open(&p, &patient, s.url, "/redirect");
	assert_int_equal(probe_send(&p), 0);
	assert_int_equal(p.answer.status, 302);
	assert_int_equal(s.requests, 1);
	probe_close(&p);
	tiny_stop(&s);
}

static void retry_after_is_read(void **state)
{
	struct tiny_server s;
	struct probe p;

	(void)state;
	tiny_start(&s, greet, NULL);
	probe_open(&p, &patient, s.url, "/busy");
	assert_int_equal(probe_send(&p), 0);
	assert_int_equal(p.answer.status, 503);
	assert_int_equal(p.answer.retry_after_s, 7);
	probe_close(&p);
	tiny_stop(&s);
}

/* Sends to a server that behaves badly and expects that failure. */
static void expect_failure(bool (*serve)(struct tiny_server *, int, const struct tiny_request *), const char *path,
			   int timeout_ms, enum err_kind kind, bool retryable, bool may_have_arrived, const char *text)
{
	const struct http_options o = { .timeout_ms = timeout_ms };
	struct tiny_server s;
	struct probe p;

	tiny_start(&s, serve, NULL);
	probe_open(&p, &o, s.url, path);
	assert_int_equal(probe_send(&p), -1);
	assert_int_equal(p.err.kind, kind);
	assert_int_equal(p.err.retryable, retryable);
	assert_int_equal(p.answer.may_have_arrived, may_have_arrived);
	if (!strstr(p.err.text, text) || !strstr(p.err.text, p.target))
		fail_msg("'%s' has no '%s' or no '%s'", p.err.text, text, p.target);
	probe_close(&p);
	tiny_stop(&s);
}

static void a_hang_ends_in_time(void **state)
{
	(void)state;
	expect_failure(hang, "/", 200, ERR_TIMEOUT, false, true, "did not answer in time");
}

/* Answers the first request of a connection. */
static bool hang_later(struct tiny_server *s, int fd, const struct tiny_request *r)
{
	return s->requests > 1 ? hang(s, fd, r) : greet(s, fd, r);
}

static void a_hang_of_a_kept_connection_is_no_failure_to_connect(void **state)
{
	const struct http_options o = { .timeout_ms = 1000 };
	struct tiny_server s;
	struct probe p;

	(void)state;
	tiny_start(&s, hang_later, NULL);
	probe_open(&p, &o, s.url, "/headers");
	assert_int_equal(probe_send(&p), 0);
	assert_int_equal(probe_send(&p), -1);
	assert_int_equal(s.connections, 1);
	assert_int_equal(p.err.kind, ERR_TIMEOUT);
	assert_true(p.answer.may_have_arrived);
	assert_non_null(strstr(p.err.text, "did not answer in time"));
	probe_close(&p);
	tiny_stop(&s);
}

static void broken_replies_are_connection_errors(void **state)
{
	(void)state;
	expect_failure(greet, "/cut", 20000, ERR_UNREACHABLE, true, true, "broke off");
	expect_failure(drop, "/", 20000, ERR_UNREACHABLE, true, true, "without a reply");
	expect_failure(greet, "/garbage", 20000, ERR_UNREACHABLE, false, true, "does not speak HTTP");
}

static void nobody_there_names_host_and_port(void **state)
{
	struct tiny_server s;
	struct probe p;

	(void)state;
	tiny_start(&s, greet, NULL);
	tiny_stop(&s); /* its port is free now */
	probe_open(&p, &patient, s.url, "/");
	assert_int_equal(probe_send(&p), -1);
	assert_int_equal(p.err.kind, ERR_UNREACHABLE);
	assert_true(p.err.retryable);
	assert_false(p.answer.may_have_arrived);
	assert_non_null(strstr(p.err.text, p.target));
	assert_non_null(strstr(p.err.text, "onnection refused"));
	probe_close(&p);
	probe_open(&p, &patient, "http://no-such-host.invalid", "/");
	assert_int_equal(probe_send(&p), -1);
	assert_int_equal(p.err.kind, ERR_UNREACHABLE);
	assert_non_null(strstr(p.err.text, "cannot resolve"));
	probe_close(&p);
}

static void tls_that_cannot_be_has_a_hint(void **state)
{
	struct tiny_server s;
	struct probe p;
	char base[64];

	(void)state;
	tiny_start(&s, drop, NULL);
	snprintf(base, sizeof(base), "https://127.0.0.1:%d", s.port);
	const struct http_options impatient = { .timeout_ms = 2000, .ca_bundle = "/nonexistent/ca.pem" };
	probe_open(&p, &impatient, base, "/");
	assert_int_equal(probe_send(&p), -1);
	assert_int_equal(p.err.kind, ERR_CONFIG);
	assert_non_null(strstr(p.err.hint, "CA_BUNDLE"));
	probe_close(&p);
	tiny_stop(&s);
}

static void a_reply_beyond_the_bound_is_refused(void **state)
{
	struct tiny_server s;
	struct probe p;

	(void)state;
	tiny_start(&s, greet, NULL);
	probe_open(&p, &patient, s.url, "/echo");
	p.call.method = "POST";
	p.call.body = "0123456789";
	p.call.body_len = 10;
	p.call.body_max = 9;
	assert_int_equal(probe_send(&p), -1);
	assert_int_equal(p.err.kind, ERR_PARSE);
	assert_false(p.err.retryable);
	p.call.body_max = 10;
	assert_int_equal(probe_send(&p), 0);
	probe_close(&p);
	tiny_stop(&s);
}

static void an_interrupt_is_seen(void **state)
{
	static volatile int stop = 15;
	const struct http_options o = { .timeout_ms = 20000, .stop = &stop };
	struct tiny_server s;
	struct probe p;

	(void)state;
	tiny_start(&s, hang, NULL);
	probe_open(&p, &o, s.url, "/");
	assert_int_equal(probe_send(&p), -1);
	assert_int_equal(p.err.kind, ERR_INTERRUPTED);
	probe_close(&p);
	tiny_stop(&s);
}

static void loopback_is_never_asked_through_a_proxy(void **state)
{
	struct tiny_server s;
	struct probe p;

	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	tiny_start(&s, greet, NULL);
	probe_open(&p, &patient, s.url, "/echo");
	assert_int_equal(probe_send(&p), 0);
	probe_close(&p);
	tiny_stop(&s);
	unsetenv("http_proxy");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_and_replies_arrive_whole),
		cmocka_unit_test(connections_are_kept),
		cmocka_unit_test(threads_share_the_pool),
		cmocka_unit_test(a_redirect_is_not_followed),
		cmocka_unit_test(retry_after_is_read),
		cmocka_unit_test(a_hang_ends_in_time),
		cmocka_unit_test(a_hang_of_a_kept_connection_is_no_failure_to_connect),
		cmocka_unit_test(broken_replies_are_connection_errors),
		cmocka_unit_test(nobody_there_names_host_and_port),
		cmocka_unit_test(tls_that_cannot_be_has_a_hint),
		cmocka_unit_test(a_reply_beyond_the_bound_is_refused),
		cmocka_unit_test(an_interrupt_is_seen),
		cmocka_unit_test(loopback_is_never_asked_through_a_proxy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
