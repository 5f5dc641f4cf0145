#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox/fault/faults.h"
#include "sandbox/http/cut.h"
#include "sandbox/http/listen.h"
#include "sandbox/http/loop.h"
#include "sandbox/http/receive.h"
#include "sandbox/http/reply.h"
#include "sandbox/local_socket.h"
#include "sandbox/record/record.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"
#include "spark/sandbox/https.h"

#define CONNECTIONS_MAX 512
/* A thread that handles a request takes a stack; one that waits for the disk or for its cluster takes nothing else. */
#define WORKERS_MAX  512
#define IDLE_SECONDS 120u
#define LOOPBACK     "127.0.0.1"
/* Headers, and the pieces that bodies arrive in. libmicrohttpd clears it before each request, so a large one costs. */
#define CONNECTION_POOL ((size_t)32 * 1024)
#define READ_PIECE      ((size_t)256 * 1024)

struct http_server {
	struct world *world;
	struct MHD_Daemon *daemon;
	struct MHD_Daemon *local; /* the same on a socket in the file system; NULL: none */
	/* NULL for HTTPS, which has a thread for each connection. */
	struct http_loop *loop;
	struct workers *workers;
	int port;
	char *local_path;
	bool tls;
	bool stopping; /* no request is begun any more */
};

/* An object on its way to a client: the version that its headers spoke of, whatever happens to the key meanwhile. */
struct streaming {
	struct object_reader *object;
	uint64_t offset;
};

static ssize_t stream_piece(void *cls, uint64_t pos, char *to, size_t max)
{
	struct streaming *s = cls;
	struct err err;

	if (max > READ_PIECE)
		max = READ_PIECE;
	if (object_reader_read(s->object, s->offset + pos, to, max, &err)) {
		log_warn("%s", err.text);
		return MHD_CONTENT_READER_END_WITH_ERROR;
	}
	return (ssize_t)max;
}

static void stream_free(void *cls)
{
	struct streaming *s = cls;

	object_reader_close(s->object);
	mem_free(s);
}

/* MHD would write a body behind the answer to HEAD only if it were asked to read one. */
static ssize_t stream_nothing(void *cls, uint64_t pos, char *to, size_t max)
{
	(void)cls;
	(void)pos;
	(void)to;
	(void)max;
	return MHD_CONTENT_READER_END_OF_STREAM;
}

static struct MHD_Response *make_response(struct http_reply *reply)
{
	struct streaming *s;
	struct MHD_Response *response;
	size_t piece;

	if (reply->cut)
		return cut_response(reply);
	if (reply->head_only)
		return MHD_create_response_from_callback(reply->object_len, 4096, stream_nothing, NULL, NULL);
	if (!reply->object)
		return MHD_create_response_from_buffer(reply->body.len, reply->body.data, MHD_RESPMEM_MUST_COPY);
	if (!reply->object_len)
		return MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
	s = mem_alloc(sizeof(*s));
	if (!s)
		return NULL;
	*s = (struct streaming){ reply->object, reply->object_offset };
	/* Most objects are tiny, and libmicrohttpd allocates a whole piece for each reply. */
	piece = reply->object_len < READ_PIECE ? (size_t)reply->object_len : READ_PIECE;
	response = MHD_create_response_from_callback(reply->object_len, piece, stream_piece, s, stream_free);
	if (!response) {
		mem_free(s);
		return NULL;
	}
	reply->object = NULL;
	return response;
}

static bool has_header(const struct http_reply *reply, const char *name)
{
	for (size_t i = 0; i < reply->extra_count; i++)
		if (!strcasecmp(reply->extra[i].name, name))
			return true;
	return false;
}

static enum MHD_Result send_reply(struct MHD_Connection *c, struct http_reply *reply)
{
	struct MHD_Response *response = NULL;
	enum MHD_Result result = MHD_NO;

	if (reply->drop)
		return cut_connection(c);
	response = make_response(reply);
	if (!response)
		return MHD_NO;
	for (size_t i = 0; i < reply->extra_count; i++)
		if (MHD_add_response_header(response, reply->extra[i].name, reply->extra[i].value) != MHD_YES)
			goto out;
	if (*reply->content_type && reply->status != 204 && reply->status != 304 &&
	    !has_header(reply, MHD_HTTP_HEADER_CONTENT_TYPE) &&
	    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->content_type) != MHD_YES)
		goto out;
	/* The SDKs look for one name with the query protocol and for the other with S3's. */
	if (MHD_add_response_header(response, "x-amzn-RequestId", reply->request_id) != MHD_YES ||
	    (!has_header(reply, "x-amz-request-id") &&
	     MHD_add_response_header(response, "x-amz-request-id", reply->request_id) != MHD_YES) ||
	    MHD_add_response_header(response, MHD_HTTP_HEADER_SERVER, "sparkctl-sandbox") != MHD_YES)
		goto out;
	result = MHD_queue_response(c, (unsigned)reply->status, response);
out:
	MHD_destroy_response(response);
	return result;
}

/* What to answer to a request that was refused before or while it was received. */
static void refuse_received(struct receiving *r)
{
	reply_error(&r->reply, NULL, r->request.target, &r->err);
	log_info("%s %s %s -> %d %s", r->peer, r->request.method, r->request.target ? r->request.target : "-",
		 r->reply.status, r->err.code);
}

static enum MHD_Result send_failure(struct MHD_Connection *c, struct receiving *r)
{
	http_reply_init(&r->reply);
	r->answered = true;
	refuse_received(r);
	return send_reply(c, &r->reply);
}

static enum MHD_Result take_header(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct receiving *r = cls;

	(void)kind;
	if (r->request.header_count == HTTP_HEADERS_MAX) {
		r->failed = true;
		service_error(&r->err, 431, "RequestHeaderSectionTooLarge", "The request has more than %d headers",
			      HTTP_HEADERS_MAX);
		return MHD_NO;
	}
	r->headers[r->request.header_count++] = (struct http_header){ name, value ? value : "" };
	return MHD_YES;
}

/* For every request: inet_ntop() takes longer than the rest of this function. */
static void put_ipv4(const struct in_addr *address, char *to)
{
	uint32_t bits = ntohl(address->s_addr);

	for (int shift = 24; shift >= 0; shift -= 8) {
		unsigned part = bits >> shift & 255;

		if (part >= 100)
			*to++ = (char)('0' + part / 100);
		if (part >= 10)
			*to++ = (char)('0' + part / 10 % 10);
		*to++ = (char)('0' + part % 10);
		*to++ = shift ? '.' : '\0';
	}
}

static void take_peer(struct receiving *r, struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *a = info ? info->client_addr : NULL;

	if (a && a->sa_family == AF_INET)
		put_ipv4(&((const struct sockaddr_in *)(const void *)a)->sin_addr, r->peer);
	else if (a && a->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, r->peer,
			  sizeof(r->peer));
	else if (a && a->sa_family == AF_UNIX)
		memcpy(r->peer, LOOPBACK, sizeof(LOOPBACK)); /* of this machine */
}

/* The request line as sent: MHD's own url is decoded already, and signatures cover what was sent. */
static void *take_target(void *cls, const char *uri, struct MHD_Connection *c)
{
	(void)cls;
	(void)c;
	return receiving_new(uri);
}

/* The reply to a whole request. It may wait: for the disk, for a cluster, or because a fault says so. */
static void answer(struct receiving *r)
{
	http_reply_init(&r->reply);
	if (receiving_end(r, r->server->world)) {
		refuse_received(r);
	} else {
		dispatch_begin(r->server->world, &r->request, false, &r->reply, &r->dispatch);
		dispatch_end(r->server->world, &r->request, &r->reply, &r->dispatch);
	}
	r->answered = true;
}

/* From here on the request belongs to the connection again. */
static void give_back(struct receiving *r)
{
	struct http_loop *loop = r->server->loop;

	MHD_resume_connection(r->connection);
	http_loop_wake(loop);
}

static void answer_apart(struct work *w)
{
	struct receiving *r = receiving_of_work(w);

	answer(r);
	give_back(r);
}

static void spill_apart(struct work *w)
{
	struct receiving *r = receiving_of_work(w);

	receiving_spill(r, r->server->world);
	give_back(r);
}

static void do_apart(struct receiving *r, void (*do_work)(struct work *w))
{
	r->work.do_work = do_work;
	MHD_suspend_connection(r->connection);
	/* Without a thread for it, everybody waits for this one. */
	if (!workers_add(r->server->workers, &r->work))
		do_work(&r->work);
}

static void keep_promise(struct work *w)
{
	struct receiving *r = receiving_of_work(w);

	dispatch_end(r->server->world, &r->request, &r->reply, &r->dispatch);
	MHD_resume_connection(r->connection);
}

/* Here and now, on the thread that all connections share: but for the fsync, which many have in common. */
static enum MHD_Result answer_quickly(struct MHD_Connection *c, struct receiving *r)
{
	struct http_server *server = r->server;

	http_reply_init(&r->reply);
	r->answered = true;
	dispatch_begin(server->world, &r->request, true, &r->reply, &r->dispatch);
	if (r->reply.promise.upto) {
		r->work.do_work = keep_promise;
		MHD_suspend_connection(c);
		http_loop_add(server->loop, &r->work);
		return MHD_YES;
	}
	dispatch_end(server->world, &r->request, &r->reply, &r->dispatch);
	return send_reply(c, &r->reply);
}

static enum MHD_Result on_received(struct http_server *server, struct MHD_Connection *c, struct receiving *r)
{
	if (!server->loop) {
		answer(r);
		return send_reply(c, &r->reply);
	}
	if (receiving_is_quick(r, server->world))
		return receiving_end(r, server->world) ? send_failure(c, r) : answer_quickly(c, r);
	do_apart(r, answer_apart);
	return MHD_YES;
}

/* A resumed connection is read from before its reply is asked for, and when its peer has said his last, libmicrohttpd
 * closes it without a reply. Those with a timeout of their own are looked at first. */
static void look_before_reading(struct MHD_Connection *c)
{
	if (MHD_set_connection_option(c, MHD_CONNECTION_OPTION_TIMEOUT, IDLE_SECONDS + 1) != MHD_YES)
		log_debug("a connection keeps the timeout of all");
}

/* Takes nothing while the connection is suspended: then it is asked again when there is room. */
static void take_piece(struct receiving *r, const char *data, size_t *len)
{
	if (receiving_is_full(r, *len)) {
		if (r->server->loop) {
			do_apart(r, spill_apart);
			return;
		}
		receiving_spill(r, r->server->world);
	}
	receiving_add(r, data, *len);
	*len = 0;
}

/* MHD calls this once when the headers are there, then for each piece of the body, then once more at its end, and again
 * when the connection was suspended and is resumed. */
static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url, const char *method,
				  const char *version, const char *data, size_t *data_len, void **req)
{
	struct http_server *server = cls;
	struct receiving *r = *req;

	(void)url;
	(void)version;
	if (!r || (server->stopping && !r->answered))
		return MHD_NO;
	if (!r->begun) {
		if (server->loop)
			look_before_reading(c);
		r->server = server;
		r->connection = c;
		r->request.method = method;
		take_peer(r, c);
		r->request.connection_fd = cut_socket(c);
		r->request.tls = server->tls;
		MHD_get_connection_values(c, MHD_HEADER_KIND, take_header, r);
		return receiving_begin(r, server->world) ? send_failure(c, r) : MHD_YES;
	}
	if (r->answered)
		return send_reply(c, &r->reply);
	if (*data_len) {
		take_piece(r, data, data_len);
		return MHD_YES;
	}
	return on_received(server, c, r);
}

static void on_completed(void *cls, struct MHD_Connection *c, void **req, enum MHD_RequestTerminationCode why)
{
	(void)cls;
	(void)c;
	(void)why;
	receiving_free(*req);
	*req = NULL;
}

static void on_connection(void *cls, struct MHD_Connection *c, void **watch, enum MHD_ConnectionNotificationCode what)
{
	const struct http_server *server = cls;

	if (!server->loop)
		return;
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		*watch = http_loop_watch(server->loop, cut_socket(c));
	} else {
		http_loop_unwatch(server->loop, *watch);
		*watch = NULL;
	}
}

/* MHD's own messages are about peers that broke off. */
PRINTF_LIKE(2, 0) static void on_log(void *cls, const char *fmt, va_list ap)
{
	char text[512];

	(void)cls;
	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = 0;
	log_debug("http: %s", text);
}

/* HTTP: one thread for all connections, which hands over what may wait. HTTPS, where the handshake takes longer than
 * most requests: a thread per connection. */
static struct MHD_Daemon *start_daemon(struct http_server *s, int fd, struct MHD_OptionItem *tls)
{
	unsigned apart = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL | MHD_USE_TLS |
			 MHD_USE_ITC;
	unsigned together = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;

	return MHD_start_daemon((s->tls ? apart : together) | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, s,
				MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
				MHD_OPTION_URI_LOG_CALLBACK, take_target, NULL, MHD_OPTION_NOTIFY_COMPLETED,
				on_completed, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
				MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
				IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_POOL, MHD_OPTION_ARRAY,
				tls, MHD_OPTION_END);
}

static void close_server(struct http_server *s)
{
	http_loop_stop(s->loop);
	workers_stop(s->workers);
	s->stopping = true;
	/* What was handled to its end is told. */
	if (s->loop && ((s->daemon && MHD_run(s->daemon) != MHD_YES) || (s->local && MHD_run(s->local) != MHD_YES)))
		log_debug("the last replies are not sent");
	if (s->daemon)
		MHD_stop_daemon(s->daemon);
	if (s->local) {
		MHD_stop_daemon(s->local);
		local_socket_remove(s->local_path);
	}
	http_loop_free(s->loop);
	mem_free(s->local_path);
	mem_free(s);
}

/* A daemon of its own, that knows of its socket that it is none of TCP's. */
static int start_local(struct http_server *s, const char *path, struct err *err)
{
	struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };
	int fd;

	s->local_path = mem_strdup(path);
	if (!s->local_path)
		return err_nomem(err);
	fd = local_socket_listen(path);
	if (fd < 0)
		return 0;
	s->local = start_daemon(s, fd, none);
	if (!s->local) {
		close(fd);
		local_socket_remove(path);
		return err_set(err, ERR_IO, "cannot start the HTTP server on '%s'", path);
	}
	return http_loop_serve(s->loop, s->local, err);
}

/* The record's lines of a stretch are written together. */
static void collect_records(void *record)
{
	(void)record;
	record_collect();
}

static void write_records(void *record)
{
	record_flush(record);
}

static int start_loop(struct http_server *s, const char *local_path, struct err *err)
{
	const struct http_loop_hooks hooks = { collect_records, write_records, s->world->record };

	if (workers_start(WORKERS_MAX, &s->workers, err) || http_loop_open(&hooks, &s->loop, err) ||
	    http_loop_serve(s->loop, s->daemon, err) || (local_path && start_local(s, local_path, err)))
		return -1;
	return http_loop_start(s->loop, err);
}

static int start(struct world *w, const char *host, int port, const char *local_path, struct MHD_OptionItem *tls,
		 struct http_server **out, struct err *err)
{
	struct http_server *s = mem_alloc(sizeof(*s));
	int fd = -1;

	if (!s)
		return err_nomem(err);
	s->world = w;
	s->tls = tls->option != MHD_OPTION_END;
	if (http_listen(host, port, &fd, &s->port, err))
		goto fail;
	s->daemon = start_daemon(s, fd, tls);
	if (!s->daemon) {
		close(fd);
		err_set(err, ERR_IO, "cannot start the HTTP server on %s:%d", host, port);
		goto fail;
	}
	if (!s->tls && start_loop(s, local_path, err))
		goto fail;
	*out = s;
	return 0;
fail:
	close_server(s);
	return -1;
}

int http_server_start(struct world *w, const char *host, int port, const char *local_path, struct http_server **out,
		      struct err *err)
{
	struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };

	return start(w, host, port, local_path, none, out, err);
}

int https_server_start(struct world *w, const char *host, int port, const struct https_keys *keys,
		       struct http_server **out, struct err *err)
{
	struct MHD_OptionItem tls[] = { { MHD_OPTION_HTTPS_MEM_KEY, 0, keys->key.data },
					{ MHD_OPTION_HTTPS_MEM_CERT, 0, keys->cert.data },
					{ MHD_OPTION_END, 0, NULL } };

	if (MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES) {
		err_set(err, ERR_CONFIG, "this libmicrohttpd cannot serve HTTPS");
		return err_hint(err, "install one that was built with GnuTLS");
	}
	return start(w, host, port, NULL, tls, out, err);
}

const char *http_server_local_path(const struct http_server *s)
{
	return s->local ? s->local_path : NULL;
}

int http_server_port(const struct http_server *s)
{
	return s->port;
}

void http_server_stop(struct http_server *s)
{
	if (!s)
		return;
	/* Who waits for ever waits for this. */
	faults_release(s->world->faults);
	close_server(s);
}
