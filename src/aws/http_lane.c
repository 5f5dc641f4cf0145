#include "aws/http_lane.h"

#include "spark/base/env.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"

#define REQUEST_MAX ((size_t)256 * 1024)
#define PIECE       ((size_t)32 * 1024)

bool http_lane_has_proxy(const char *url)
{
	static const char *const names[] = { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" };

	if (url_is_loopback(url))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (env_get(names[i]))
			return true;
	return false;
}

bool http_lane_fits(const struct http_call *call)
{
	bool get = strcmp(call->method, "GET") == 0 && call->body_len == 0;
	bool put = strcmp(call->method, "PUT") == 0 && call->body_fd < 0;
	size_t origin = http_origin_length(call->url);

	if (!call->small || call->sink_fd >= 0 || call->fresh_connection || (!get && !put) || origin == 0 ||
	    origin >= sizeof(((struct http_lane *)0)->origin) || call->url[origin] != '/' ||
	    strpbrk(call->url + origin, " #\r\n"))
		return false;
	for (size_t i = 0; i < call->header_count; i++)
		if (strpbrk(call->headers[i].value, "\r\n"))
			return false;
	return true;
}

void http_lane_close(struct http_lane *l)
{
	/* libcurl closes the connection with the handle that was set for connecting only. */
	if (l->handle && l->multi)
		l->api->multi_remove_handle(l->multi, l->handle);
	if (l->handle)
		l->api->easy_cleanup(l->handle);
	if (l->multi)
		l->api->multi_cleanup(l->multi);
	l->handle = NULL;
	l->multi = NULL;
	http_exchange_clear(&l->opening);
	l->opening = (struct http_exchange){ 0 };
	l->state = LANE_CLOSED;
	l->fd = -1;
	l->watched = LANE_UNWATCHED;
	l->used = false;
	/* The signature, and perhaps a session token. */
	if (l->out.cap)
		explicit_bzero(l->out.data, l->out.cap);
	buf_reset(&l->out);
}

void http_lane_clear(struct http_lane *l)
{
	http_lane_close(l);
	buf_wipe(&l->out);
	http_reply_clear(&l->reply);
}

static int open_lane(struct http_lane *l, const struct http_options *o, struct err *err)
{
	int length = (int)http_origin_length(l->call->url);

	l->handle = l->api->easy_init();
	l->multi = l->api->multi_init();
	if (!l->handle || !l->multi) {
		http_lane_close(l);
		return err_nomem(err);
	}
	snprintf(l->origin, sizeof(l->origin), "%.*s", length, l->call->url);
	l->open_call = (struct http_call){
		.method = "GET",
		.url = l->origin,
		.target = l->call->target,
		.body_fd = -1,
		.sink_fd = -1,
		.bulk = true,
		.small = true,
	};
	if (http_exchange_begin(&l->opening, l->handle, l->api, o, &l->open_call, l->answer, err) != 0) {
		http_lane_close(l);
		return -1;
	}
	l->api->easy_setopt(l->handle, CURLOPT_CONNECT_ONLY, 1L);
	l->state = LANE_OPENING;
	l->fd = -1;
	CURLMcode rc = l->api->multi_add_handle(l->multi, l->handle);
	if (rc == CURLM_OK)
		return 0;
	http_lane_close(l);
	return err_set(err, ERR_BUG, "a connection cannot be opened: %s", l->api->multi_strerror(rc));
}

static int write_request(struct http_lane *l, const struct http_options *o, struct err *err)
{
	const struct http_call *c = l->call;
	bool put = c->method[0] == 'P';
	size_t need = 128 + strlen(c->url) + (o->user_agent ? strlen(o->user_agent) : 0) + (put ? c->body_len : 0);
	char length[48];

	if (!l->out.cap)
		buf_init(&l->out, REQUEST_MAX);
	buf_reset(&l->out);
	/* A buffer that grows leaves copies behind of what it held. */
	for (size_t i = 0; i < c->header_count; i++)
		need += strlen(c->headers[i].name) + strlen(c->headers[i].value) + 4;
	buf_reserve(&l->out, need);
	buf_puts(&l->out, c->method);
	buf_putc(&l->out, ' ');
	buf_puts(&l->out, c->url + http_origin_length(c->url));
	buf_puts(&l->out, " HTTP/1.1\r\n");
	for (size_t i = 0; i < c->header_count; i++) {
		buf_puts(&l->out, c->headers[i].name);
		buf_puts(&l->out, ": ");
		buf_puts(&l->out, c->headers[i].value);
		buf_puts(&l->out, "\r\n");
	}
	if (o->user_agent) {
		buf_puts(&l->out, "User-Agent: ");
		buf_puts(&l->out, o->user_agent);
		buf_puts(&l->out, "\r\n");
	}
	if (put) {
		snprintf(length, sizeof(length), "Content-Length: %zu\r\n", c->body_len);
		buf_puts(&l->out, length);
	}
	buf_puts(&l->out, "\r\n");
	if (put)
		buf_add(&l->out, c->body, c->body_len);
	l->sent = 0;
	return buf_check(&l->out, "request", err);
}

int http_lane_begin(struct http_lane *l, const struct curl_api *api, const struct http_options *o,
		    const struct http_call *call, struct http_answer *answer, struct err *err)
{
	size_t length = http_origin_length(call->url);

	if (l->state != LANE_CLOSED && (strncmp(l->origin, call->url, length) != 0 || l->origin[length] != '\0'))
		http_lane_close(l);
	l->api = api;
	l->call = call;
	l->answer = answer;
	l->moved_ms = -1;
	answer->body.max = call->body_max ? call->body_max : BUF_MAX_DEFAULT;
	if (write_request(l, o, err) != 0 || (l->state == LANE_CLOSED && open_lane(l, o, err) != 0)) {
		http_lane_close(l);
		return -1;
	}
	if (l->state == LANE_IDLE)
		l->state = LANE_ACTIVE;
	http_reply_begin(&l->reply, answer);
	return 0;
}

/* Lets libcurl go on with connecting. */
static enum lane_news step_opening(struct http_lane *l, struct err *err)
{
	curl_socket_t fd = CURL_SOCKET_BAD;
	CURLcode result = CURLE_FAILED_INIT;
	int running = 0, left;

	if (l->api->multi_perform(l->multi, &running) == CURLM_OK && running > 0)
		return LANE_WAIT;
	for (CURLMsg *m = l->api->multi_info_read(l->multi, &left); m; m = l->api->multi_info_read(l->multi, &left))
		if (m->msg == CURLMSG_DONE)
			result = m->data.result;
	if (result == CURLE_OK)
		l->api->easy_getinfo(l->handle, CURLINFO_ACTIVESOCKET, &fd);
	if (result == CURLE_OK && fd == CURL_SOCKET_BAD)
		result = CURLE_FAILED_INIT;
	if (http_exchange_end(&l->opening, l->handle, result, err) != 0) {
		http_lane_close(l);
		return LANE_FAILED;
	}
	l->fd = (int)fd;
	l->state = LANE_ACTIVE;
	return LANE_WAIT;
}

/* The connection broke, told by libcurl's code. A kept one that had been closed meanwhile is no failure of this
 * request. */
static enum lane_news break_off(struct http_lane *l, CURLcode result, struct err *err)
{
	long os_errno = 0;
	bool stale = l->used && !l->reply.begun;
	const char *target = l->call->target;

	l->api->easy_getinfo(l->handle, CURLINFO_OS_ERRNO, &os_errno);
	http_lane_close(l);
	if (stale)
		return LANE_STALE;
	/* A failure that has no text here has one there. */
	return http_tell_failure(target, result, (int)os_errno, l->answer, err) ? LANE_FAILED : LANE_ODD;
}

static void end_request(struct http_lane *l, bool keep)
{
	if (!keep || l->sent < l->out.len) {
		http_lane_close(l);
		return;
	}
	l->used = true;
	l->state = LANE_IDLE;
	explicit_bzero(l->out.data, l->out.len);
	buf_reset(&l->out);
}

static enum lane_news receive(struct http_lane *l, int64_t now_ms, struct err *err)
{
	char piece[PIECE];

	for (;;) {
		size_t got = 0, used = 0;
		CURLcode rc = l->api->easy_recv(l->handle, piece, sizeof(piece), &got);
		if (rc == CURLE_AGAIN)
			return LANE_WAIT;
		if (rc == CURLE_OK && got == 0)
			rc = l->reply.begun ? CURLE_PARTIAL_FILE : CURLE_GOT_NOTHING;
		if (rc != CURLE_OK)
			return break_off(l, rc, err);
		l->moved_ms = now_ms;
		switch (http_reply_feed(&l->reply, piece, got, &used)) {
		case REPLY_MORE:
			break;
		case REPLY_WHOLE:
			end_request(l, l->reply.keep && used == got);
			return LANE_DONE;
		case REPLY_ODD:
			http_lane_close(l);
			return LANE_ODD;
		}
	}
}

enum lane_news http_lane_step(struct http_lane *l, int64_t now_ms, struct err *err)
{
	if (l->state == LANE_OPENING && step_opening(l, err) == LANE_FAILED)
		return LANE_FAILED;
	if (l->state != LANE_ACTIVE)
		return LANE_WAIT;
	if (l->moved_ms < 0)
		l->moved_ms = now_ms;
	if (l->sent == l->out.len)
		return receive(l, now_ms, err);
	while (l->sent < l->out.len) {
		size_t n = 0;
		CURLcode rc = l->api->easy_send(l->handle, l->out.data + l->sent, l->out.len - l->sent, &n);
		/* A service may answer, and close, before it has read everything. */
		if (rc == CURLE_AGAIN)
			return receive(l, now_ms, err);
		if (rc != CURLE_OK)
			return break_off(l, rc, err);
		l->sent += n;
		l->moved_ms = now_ms;
	}
	return LANE_WAIT;
}

void http_lane_time_out(struct http_lane *l, struct err *err)
{
	http_tell_timeout(l->call->target, l->sent > 0, l->answer, err);
	http_lane_close(l);
}

bool http_lane_has_output(const struct http_lane *l)
{
	return l->state == LANE_ACTIVE && l->sent < l->out.len;
}

void http_lane_look(struct http_lane *l)
{
	char byte;
	size_t got = 0;

	/* TLS has messages of its own, which come to nothing. */
	if (l->api->easy_recv(l->handle, &byte, 1, &got) != CURLE_AGAIN)
		http_lane_close(l);
}
