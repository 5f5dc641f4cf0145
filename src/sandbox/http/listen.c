#include "sandbox/http/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "spark/base/buf.h"
#include "spark/base/proc.h"

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

int http_listen(const char *host, int port, int *fd, int *bound, struct err *err)
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
