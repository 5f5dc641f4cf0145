#include "sandbox/wire/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox/local_socket.h"
#include "spark/base/buf.h"
#include "spark/base/mem.h"
#include "spark/base/proc.h"

#define BACKLOG 128

static int fill_address(const char *host, int port, struct sockaddr_storage *out, socklen_t *len)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		*len = sizeof(*v4);
		return 0;
	}
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		*len = sizeof(*v6);
		return 0;
	}
	return -1;
}

/* A descriptor, or -1 with errno. */
static int listen_on(const char *host, int port)
{
	struct sockaddr_storage address;
	socklen_t len = 0;
	int fd, on = 1, kept;

	if (fill_address(host, port, &address, &len)) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (address.ss_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&address, len) || listen(fd, BACKLOG)) {
		kept = errno;
		close(fd);
		errno = kept;
		return -1;
	}
	return fd;
}

static int fail(const char *host, int port, int errnum, struct err *err)
{
	struct buf holder;

	if (errnum != EADDRINUSE) {
		err_set_errno(err, ERR_CONFIG, errnum, "cannot listen on '%s:%d'", host, port);
		return -1;
	}
	buf_init(&holder, 4096);
	if (proc_port_holder(port, &holder))
		err_set(err, ERR_CONFLICT, "port %d is taken by %s", port, holder.data);
	else
		err_set(err, ERR_CONFLICT, "port %d is taken", port);
	err_hint(err, "choose another port, or end the program that holds it");
	buf_clear(&holder);
	return -1;
}

/* Beside the others, which have all that is needed: without memory or a socket it is not there. */
static void listen_in(struct listeners *l, const char *dir, int port)
{
	int fd;

	l->local_path = dir ? mem_printf("%s/.s.PGSQL.%d", dir, port) : NULL;
	if (!l->local_path)
		return;
	fd = local_socket_listen(l->local_path);
	if (fd < 0)
		return;
	l->fd[l->count++] = fd;
	l->local = true;
}

int listeners_open(struct listeners *l, const char *host, int port, const char *dir, struct err *err)
{
	*l = (struct listeners){ 0 };
	l->fd[0] = listen_on(host, port);
	if (l->fd[0] < 0)
		return fail(host, port, errno, err);
	l->count = 1;
	if (strcmp(host, "127.0.0.1") != 0) {
		listen_in(l, dir, port);
		return 0;
	}
	l->fd[1] = listen_on("::1", port);
	if (l->fd[1] >= 0) {
		l->count = 2;
	} else if (errno == EADDRINUSE) {
		/* Clients would reach that other program under the name "localhost". */
		listeners_close(l);
		return fail("::1", port, EADDRINUSE, err);
	}
	listen_in(l, dir, port);
	return 0;
}

void listeners_close(struct listeners *l)
{
	for (int i = 0; i < l->count; i++)
		close(l->fd[i]);
	if (l->local)
		local_socket_remove(l->local_path);
	mem_free(l->local_path);
	*l = (struct listeners){ 0 };
}
