#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox/fault/faults.h"
#include "sandbox/http/cut.h"
#include "sandbox/http/dispatch.h"
#include "sandbox/http/receive.h"
#include "sandbox/http/reply.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"
#include "spark/base/proc.h"
#include "spark/sandbox/https.h"

#define CONNECTIONS_MAX 512
#define IDLE_SECONDS    120
/* Headers, and the pieces that bodies arrive in. libmicrohttpd clears it before each request, so a large one costs. */
#define CONNECTION_POOL ((size_t)64 * 1024)
#define READ_PIECE      ((size_t)256 * 1024)

struct http_server {
	struct world *world;
	struct MHD_Daemon *daemon;
	int port;
	bool tls;
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

/* Refused before or while it was received. */
static enum MHD_Result send_failure(struct MHD_Connection *c, struct receiving *r)
{
	struct http_reply reply;
	enum MHD_Result result;

	http_reply_init(&reply);
	reply_error(&reply, NULL, r->request.target, &r->err);
	log_info("%s %s %s -> %d %s", r->peer, r->request.method, r->request.target ? r->request.target : "-",
		 reply.status, r->err.code);
	result = send_reply(c, &reply);
	http_reply_clear(&reply);
	return result;
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

static void take_peer(struct receiving *r, struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *a = info ? info->client_addr : NULL;

	if (a && a->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)a)->sin_addr, r->peer, sizeof(r->peer));
	else if (a && a->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, r->peer,
			  sizeof(r->peer));
}

/* The request line as sent: MHD's own url is decoded already, and signatures cover what was sent. */
static void *take_target(void *cls, const char *uri, struct MHD_Connection *c)
{
	(void)cls;
	(void)c;
	return receiving_new(uri);
}

/* MHD calls this once when the headers are there, then for each piece of the body, then once more at its end. */
static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url, const char *method,
				  const char *version, const char *data, size_t *data_len, void **req)
{
	struct http_server *server = cls;
	struct receiving *r = *req;
	struct http_reply reply;
	enum MHD_Result result;

	(void)url;
	(void)version;
	if (!r)
		return MHD_NO;
	if (!r->begun) {
		r->request.method = method;
		take_peer(r, c);
		r->request.connection_fd = cut_socket(c);
		r->request.tls = server->tls;
		MHD_get_connection_values(c, MHD_HEADER_KIND, take_header, r);
		return receiving_begin(r, server->world) ? send_failure(c, r) : MHD_YES;
	}
	if (*data_len) {
		receiving_add(r, server->world, data, *data_len);
		*data_len = 0;
		return MHD_YES;
	}
	if (receiving_end(r))
		return send_failure(c, r);
	http_reply_init(&reply);
	dispatch_request(server->world, &r->request, &reply);
	result = send_reply(c, &reply);
	http_reply_clear(&reply);
	return result;
}

static void on_completed(void *cls, struct MHD_Connection *c, void **req, enum MHD_RequestTerminationCode why)
{
	(void)cls;
	(void)c;
	(void)why;
	receiving_free(*req);
	*req = NULL;
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

static int port_taken(const char *host, int port, int errnum, struct err *err)
{
	struct buf holder;

	if (errnum != EADDRINUSE) {
		err_set_errno(err, errnum == EACCES ? ERR_CONFIG : ERR_IO, errnum, "cannot listen on %s:%d", host,
			      port);
		return errnum == EACCES ? err_hint(err, "choose a port above 1023") : -1;
	}
	buf_init(&holder, 4096);
	if (proc_port_holder(port, &holder))
		err_set(err, ERR_CONFLICT, "port %d is taken by %s", port, holder.data);
	else
		err_set(err, ERR_CONFLICT, "port %d is taken by another program", port);
	buf_clear(&holder);
	return err_hint(err, "stop it, or choose another port");
}

static int open_socket(const char *host, int port, int *fd, int *bound, struct err *err)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC,
				  .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV },
			*address = NULL;
	struct sockaddr_storage got;
	socklen_t len = sizeof(got);
	char service[16];
	int one = 1, s = -1;

	snprintf(service, sizeof(service), "%d", port);
	if (port < 0 || port > 65535 || getaddrinfo(host, service, &hints, &address))
		return err_set(err, ERR_CONFIG, "'%s' port %d is no address to listen on", host, port);
	s = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s < 0 || setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(s, address->ai_addr, address->ai_addrlen) || listen(s, 128) ||
	    getsockname(s, (struct sockaddr *)&got, &len)) {
		port_taken(host, port, errno, err);
		freeaddrinfo(address);
		if (s >= 0)
			close(s);
		return -1;
	}
	freeaddrinfo(address);
	*fd = s;
	*bound = ntohs(got.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)(void *)&got)->sin6_port
						 : ((struct sockaddr_in *)(void *)&got)->sin_port);
	return 0;
}

/* A thread per connection: a handler may wait for the disk or the store's lock without holding up others. */
static int start(struct world *w, const char *host, int port, struct MHD_OptionItem *tls, struct http_server **out,
		 struct err *err)
{
	struct http_server *s = mem_alloc(sizeof(*s));
	int fd = -1;

	if (!s)
		return err_nomem(err);
	s->world = w;
	s->tls = tls->option != MHD_OPTION_END;
	if (open_socket(host, port, &fd, &s->port, err)) {
		mem_free(s);
		return -1;
	}
	s->daemon = MHD_start_daemon(
		MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL | MHD_USE_ERROR_LOG |
			MHD_USE_ITC | (tls->option == MHD_OPTION_END ? 0u : (unsigned)MHD_USE_TLS),
		0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_URI_LOG_CALLBACK, take_target, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_POOL, MHD_OPTION_ARRAY, tls,
		MHD_OPTION_END);
	if (!s->daemon) {
		close(fd);
		mem_free(s);
		return err_set(err, ERR_IO, "cannot start the HTTP server on %s:%d", host, port);
	}
	*out = s;
	return 0;
}

int http_server_start(struct world *w, const char *host, int port, struct http_server **out, struct err *err)
{
	struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };

	return start(w, host, port, none, out, err);
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
	return start(w, host, port, tls, out, err);
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
	MHD_stop_daemon(s->daemon);
	mem_free(s);
}
