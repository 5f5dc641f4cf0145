#include "aws/http_exchange.h"

#include <errno.h>
#include <unistd.h>

#include "aws/http_reply.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"

#define CONNECT_MS_MAX 10000

static size_t on_header(char *line, size_t size, size_t count, void *arg)
{
	struct http_exchange *x = arg;
	struct http_answer *a = x->answer;
	size_t len = size * count;

	if (len > 9 && strncmp(line, "HTTP/", 5) == 0) {
		const char *blank = memchr(line, ' ', len);
		a->status = blank ? (int)strtol(blank + 1, NULL, 10) : 0;
	} else if (len > 0) {
		http_answer_keep(a, line, len);
	}
	return len;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	struct http_exchange *x = arg;
	size_t len = size * count;

	if (x->call->sink_fd >= 0 && x->answer->status / 100 == 2) {
		if (file_write_all(x->call->sink_fd, data, len, &x->local) != 0)
			return 0;
		x->answer->sink_bytes += (int64_t)len;
		return len;
	}
	buf_add(&x->answer->body, data, len);
	x->too_long = x->answer->body.failed && x->answer->body.too_long;
	return x->answer->body.failed ? 0 : len;
}

static size_t on_send(char *to, size_t size, size_t count, void *arg)
{
	struct http_exchange *x = arg;
	size_t room = size * count;
	uint64_t left = x->call->body_len - (uint64_t)x->body_sent;
	ssize_t n;

	if (room > left)
		room = (size_t)left;
	if (room == 0)
		return 0;
	do
		n = pread(x->call->body_fd, to, room, (off_t)(x->call->body_offset + x->body_sent));
	while (n < 0 && errno == EINTR);
	if (n <= 0) {
		if (n < 0)
			err_set_errno(&x->local, ERR_IO, errno, "cannot read the file that is sent");
		else
			err_set(&x->local, ERR_IO, "the file became shorter while it was sent");
		return CURL_READFUNC_ABORT;
	}
	x->body_sent += n;
	return (size_t)n;
}

static int on_seek(void *arg, curl_off_t offset, int origin)
{
	struct http_exchange *x = arg;

	if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > x->call->body_len)
		return CURL_SEEKFUNC_CANTSEEK;
	x->body_sent = offset;
	return CURL_SEEKFUNC_OK;
}

static int on_progress(void *arg, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up)
{
	const struct http_exchange *x = arg;

	(void)down_total, (void)down, (void)up_total, (void)up;
	return x->stop && *x->stop ? 1 : 0;
}

/* Our headers, and no others of libcurl's making: "Name:" removes one, "Name;" sends one without a value. libcurl only
 * reads the list, so that its nodes and texts can be ours: one piece of memory that is used again and wiped. */
static int make_headers(struct http_exchange *x, struct err *err)
{
	static const char *const removed[] = { "Content-Type:", "Expect:", "Accept:" };
	size_t count = 0, need = 64, at[EXCHANGE_HEADERS];
	bool typed = false;

	if (x->call->header_count + sizeof(removed) / sizeof(removed[0]) > EXCHANGE_HEADERS)
		return err_set(err, ERR_BUG, "a request has %zu headers", x->call->header_count);
	buf_reset(&x->lines);
	/* A buffer that grows leaves copies behind of what it held. */
	for (size_t i = 0; i < x->call->header_count; i++)
		need += strlen(x->call->headers[i].name) + strlen(x->call->headers[i].value) + 3;
	buf_reserve(&x->lines, need);
	for (size_t i = 0; i < x->call->header_count; i++) {
		const struct sign_header *h = &x->call->headers[i];
		at[count++] = x->lines.len;
		buf_puts(&x->lines, h->name);
		buf_puts(&x->lines, h->value[0] ? ": " : ";");
		buf_add(&x->lines, h->value, strlen(h->value) + 1);
		typed = typed || strcasecmp(h->name, "content-type") == 0;
	}
	for (size_t i = typed ? 1 : 0; i < sizeof(removed) / sizeof(removed[0]); i++) {
		at[count++] = x->lines.len;
		buf_add(&x->lines, removed[i], strlen(removed[i]) + 1);
	}
	for (size_t i = 0; i < count; i++)
		x->headers[i] = (struct curl_slist){ x->lines.data + at[i], i + 1 < count ? &x->headers[i + 1] : NULL };
	return buf_check(&x->lines, "header", err);
}

static void set_method(struct http_exchange *x, CURL *h)
{
	const struct curl_api *api = x->api;

	if (x->kind.body == BODY_NONE) {
		api->easy_setopt(h, strcmp(x->kind.method, "GET") == 0 ? CURLOPT_HTTPGET : CURLOPT_NOBODY, 1L);
		return;
	}
	if (x->kind.body == BODY_FILE) {
		api->easy_setopt(h, CURLOPT_UPLOAD, 1L);
		api->easy_setopt(h, CURLOPT_READFUNCTION, on_send);
		api->easy_setopt(h, CURLOPT_READDATA, x);
		api->easy_setopt(h, CURLOPT_SEEKFUNCTION, on_seek);
		api->easy_setopt(h, CURLOPT_SEEKDATA, x);
		api->easy_setopt(h, CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
	} else {
		api->easy_setopt(h, CURLOPT_POST, 1L);
	}
	api->easy_setopt(h, CURLOPT_CUSTOMREQUEST, x->kind.method);
}

static void set_bounds(struct http_exchange *x, CURL *h, const struct http_options *o)
{
	const struct curl_api *api = x->api;
	long timeout_ms = o->timeout_ms;

	api->easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms < CONNECT_MS_MAX ? timeout_ms : (long)CONNECT_MS_MAX);
	if (x->kind.bulk) {
		api->easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, 1L);
		api->easy_setopt(h, CURLOPT_LOW_SPEED_TIME, (timeout_ms + 999) / 1000);
	} else {
		api->easy_setopt(h, CURLOPT_TIMEOUT_MS, timeout_ms);
	}
	/* libcurl takes the buffer's memory anew for each request. */
	if (x->kind.bulk && !x->kind.small)
		api->easy_setopt(h, CURLOPT_BUFFERSIZE, 256L * 1024);
	api->easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
	api->easy_setopt(h, CURLOPT_XFERINFOFUNCTION, on_progress);
	api->easy_setopt(h, CURLOPT_XFERINFODATA, x);
}

/* Everything that requests of one kind have in common. */
static void set_kind(struct http_exchange *x, CURL *handle, const struct http_options *o)
{
	const struct curl_api *api = x->api;

	api->easy_reset(handle);
	api->easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
	api->easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
	api->easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
	api->easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
	api->easy_setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	api->easy_setopt(handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	api->easy_setopt(handle, CURLOPT_TCP_NODELAY, 1L);
	api->easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_header);
	api->easy_setopt(handle, CURLOPT_HEADERDATA, x);
	api->easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body);
	api->easy_setopt(handle, CURLOPT_WRITEDATA, x);
	api->easy_setopt(handle, CURLOPT_ERRORBUFFER, x->message);
	if (o->user_agent)
		api->easy_setopt(handle, CURLOPT_USERAGENT, o->user_agent);
	if (o->ca_bundle)
		api->easy_setopt(handle, CURLOPT_CAINFO, o->ca_bundle);
	if (o->unix_socket)
		api->easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, o->unix_socket);
	/* Whatever http_proxy says: a proxy's loopback is not ours. */
	if (o->no_proxy || url_is_loopback(x->call->url))
		api->easy_setopt(handle, CURLOPT_PROXY, "");
	if (x->kind.fresh_connection)
		api->easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
	set_method(x, handle);
	set_bounds(x, handle, o);
}

size_t http_origin_length(const char *url)
{
	const char *host = strstr(url, "://");

	return host ? (size_t)(host - url) + 3 + strcspn(host + 3, "/?#") : 0;
}

/* Is the handle set for such a request already? Else the kind is noted. A kind that cannot be noted is never. */
static bool is_same_kind(struct exchange_kind *k, const struct http_call *call)
{
	size_t len = http_origin_length(call->url);
	bool get = strcmp(call->method, "GET") == 0 && call->body_len == 0;
	bool none = get || strcmp(call->method, "HEAD") == 0;
	const enum exchange_body body = none ? BODY_NONE : call->body_fd >= 0 ? BODY_FILE : BODY_MEMORY;
	bool same = len > 0 && len < sizeof(k->origin) && strncmp(k->origin, call->url, len) == 0 &&
		    k->origin[len] == '\0' && strcmp(k->method, call->method) == 0 && k->body == body &&
		    k->bulk == call->bulk && k->small == call->small && k->fresh_connection == call->fresh_connection;

	if (same)
		return true;
	*k = (struct exchange_kind){
		.body = body,
		.bulk = call->bulk,
		.small = call->small,
		.fresh_connection = call->fresh_connection,
	};
	snprintf(k->method, sizeof(k->method), "%s", call->method);
	snprintf(k->origin, sizeof(k->origin), "%.*s", (int)(len < sizeof(k->origin) ? len : 0), call->url);
	return false;
}

int http_exchange_begin(struct http_exchange *x, CURL *handle, const struct curl_api *api, const struct http_options *o,
			const struct http_call *call, struct http_answer *answer, struct err *err)
{
	x->api = api;
	x->call = call;
	x->answer = answer;
	x->stop = o->stop;
	x->body_sent = 0;
	x->too_long = false;
	x->message[0] = '\0';
	if (x->local.kind != ERR_NONE)
		err_clear(&x->local);
	answer->body.max = call->body_max ? call->body_max : BUF_MAX_DEFAULT;
	if (make_headers(x, err) != 0) {
		buf_wipe(&x->lines);
		return -1;
	}
	if (!is_same_kind(&x->kind, call))
		set_kind(x, handle, o);
	api->easy_setopt(handle, CURLOPT_URL, call->url);
	api->easy_setopt(handle, CURLOPT_HTTPHEADER, x->headers);
	if (x->kind.body == BODY_FILE) {
		api->easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, (curl_off_t)call->body_len);
	} else if (x->kind.body == BODY_MEMORY) {
		api->easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_len);
		api->easy_setopt(handle, CURLOPT_POSTFIELDS, call->body ? call->body : "");
	}
	return 0;
}

/* What libcurl's failures mean. `left`: the request may have left; `again`: another attempt may help. */
static const struct failure {
	CURLcode code;
	enum err_kind kind;
	bool left, again;
	const char *before, *after; /* of 'host:port' in the message */
	const char *hint;
} failures[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, ERR_UNREACHABLE, false, true, "cannot resolve the name of ", "",
	  "check the region, the endpoint and the network's name service" },
	{ CURLE_COULDNT_RESOLVE_PROXY, ERR_UNREACHABLE, false, true, "cannot resolve the proxy's name on the way to ",
	  "", "check http_proxy and https_proxy in the environment" },
	{ CURLE_COULDNT_CONNECT, ERR_UNREACHABLE, false, true, "cannot connect to ", "",
	  "check that the service runs there, that no firewall is between, and HTTPS_PROXY if you use one" },
	{ CURLE_PEER_FAILED_VERIFICATION, ERR_UNREACHABLE, false, false, "the TLS certificate of ", " is not trusted",
	  "if the endpoint has a certificate authority of its own, name its file in [AWS] CA_BUNDLE or AWS_CA_BUNDLE" },
	{ CURLE_SSL_CACERT_BADFILE, ERR_CONFIG, false, false, "the CA file for ", " cannot be used",
	  "check the file named in [AWS] CA_BUNDLE or AWS_CA_BUNDLE" },
	{ CURLE_SSL_CONNECT_ERROR, ERR_UNREACHABLE, false, false, "cannot set up TLS with ", "",
	  "check that the endpoint speaks https on that port" },
	{ CURLE_GOT_NOTHING, ERR_UNREACHABLE, true, true, "", " closed the connection without a reply", NULL },
	{ CURLE_PARTIAL_FILE, ERR_UNREACHABLE, true, true, "the reply of ", " broke off", NULL },
	{ CURLE_SEND_ERROR, ERR_UNREACHABLE, true, true, "the connection to ", " broke while sending", NULL },
	{ CURLE_RECV_ERROR, ERR_UNREACHABLE, true, true, "the connection to ", " broke while receiving", NULL },
	{ CURLE_UNSUPPORTED_PROTOCOL, ERR_UNREACHABLE, true, false, "", " does not speak HTTP",
	  "check the endpoint's address and port" },
	{ CURLE_WEIRD_SERVER_REPLY, ERR_UNREACHABLE, true, false, "", " does not speak HTTP",
	  "check the endpoint's address and port" },
	{ CURLE_OUT_OF_MEMORY, ERR_NOMEM, false, false, "memory ran out in the exchange with ", "", NULL },
};

int http_tell_timeout(const char *target, bool sent, struct http_answer *answer, struct err *err)
{
	answer->may_have_arrived = sent;
	err_set(err, ERR_TIMEOUT, sent ? "'%s' did not answer in time" : "timed out connecting to '%s'", target);
	return err_hint(err, "try again, or allow more with --timeout");
}

static int timed_out(const struct http_exchange *x, CURL *handle, struct err *err)
{
	long sent = 0;

	/* not the time of connecting: a connection that is used again has none */
	x->api->easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &sent);
	return http_tell_timeout(x->call->target, sent > 0, x->answer, err);
}

bool http_tell_failure(const char *target, CURLcode result, int os_errno, struct http_answer *answer, struct err *err)
{
	answer->may_have_arrived = true;
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		const struct failure *f = &failures[i];
		if (f->code != result)
			continue;
		answer->may_have_arrived = f->left;
		if (os_errno != 0 && f->again)
			err_set_errno(err, f->kind, os_errno, "%s'%s'%s", f->before, target, f->after);
		else
			err_set(err, f->kind, "%s'%s'%s", f->before, target, f->after);
		if (f->hint)
			err_hint(err, "%s", f->hint);
		if (err)
			err->retryable = f->again;
		return true;
	}
	return false;
}

/* The proxy would not let us through: nothing has reached the service. */
static int refused_by_proxy(const struct http_exchange *x, long status, struct err *err)
{
	x->answer->may_have_arrived = false;
	err_set(err, ERR_UNREACHABLE, "the proxy on the way to '%s' answered with HTTP status %ld", x->call->target,
		status);
	err_hint(err, "check HTTPS_PROXY and NO_PROXY in the environment");
	if (err)
		err->retryable = status / 100 == 5;
	return -1;
}

static int explain(const struct http_exchange *x, CURL *handle, CURLcode result, struct err *err)
{
	long os_errno = 0, proxy_status = 0;

	if (x->local.kind != ERR_NONE) {
		if (err)
			*err = x->local;
		return -1;
	}
	if (x->too_long) {
		err_set(err, ERR_PARSE, "the reply of '%s' is longer than %zu bytes", x->call->target,
			x->answer->body.max);
		if (err)
			err->http_status = x->answer->status;
		return -1;
	}
	if (x->answer->body.failed)
		return err_nomem(err);
	if (result == CURLE_ABORTED_BY_CALLBACK)
		return err_set(err, ERR_INTERRUPTED, "interrupted while waiting for '%s'", x->call->target);
	if (result == CURLE_OPERATION_TIMEDOUT)
		return timed_out(x, handle, err);
	x->api->easy_getinfo(handle, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
	if (proxy_status != 0 && proxy_status / 100 != 2)
		return refused_by_proxy(x, proxy_status, err);
	x->api->easy_getinfo(handle, CURLINFO_OS_ERRNO, &os_errno);
	if (http_tell_failure(x->call->target, result, (int)os_errno, x->answer, err))
		return -1;
	return err_set(err, ERR_UNREACHABLE, "the exchange with '%s' failed: %s", x->call->target,
		       x->message[0] ? x->message : x->api->easy_strerror(result));
}

int http_exchange_end(struct http_exchange *x, CURL *handle, CURLcode result, struct err *err)
{
	int rc = result == CURLE_OK ? 0 : explain(x, handle, result, err);

	if (x->lines.cap)
		explicit_bzero(x->lines.data, x->lines.cap);
	buf_reset(&x->lines);
	return rc;
}

void http_exchange_clear(struct http_exchange *x)
{
	buf_wipe(&x->lines);
}
