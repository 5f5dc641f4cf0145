#include "pipeline/tcp.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "spark/base/clock.h"

#define STOP_LOOK_MS 100

struct attempt {
	int64_t deadline;
	const volatile int *stop;
	int errnum; /* of the address tried last */
};

/* 0 connected; -1 with the reason in errnum: EINTR stopped, ETIMEDOUT. */
static int await(int fd, struct attempt *a)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLOUT };
		int64_t left = a->deadline - clock_mono(&clock_system);
		socklen_t len = sizeof(a->errnum);

		a->errnum = EINTR;
		if (a->stop && *a->stop)
			return -1;
		a->errnum = ETIMEDOUT;
		if (left <= 0)
			return -1;
		int n = poll(&p, 1, left < STOP_LOOK_MS ? (int)left : STOP_LOOK_MS);
		if (n == 0 || (n < 0 && errno == EINTR))
			continue;
		if (n < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &a->errnum, &len) != 0)
			a->errnum = errno;
		return a->errnum ? -1 : 0;
	}
}

static int try_address(const struct addrinfo *to, struct attempt *a)
{
	int fd = socket(to->ai_family, to->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, to->ai_protocol), rc = 0;

	if (fd < 0) {
		a->errnum = errno;
		return -1;
	}
	if (connect(fd, to->ai_addr, to->ai_addrlen) != 0) {
		a->errnum = errno;
		rc = errno == EINPROGRESS ? await(fd, a) : -1;
	}
	close(fd);
	return rc;
}

int tcp_knock(const char *host, int port, int timeout_ms, const volatile int *stop, struct err *err)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM }, *list = NULL;
	struct attempt a = { .deadline = clock_mono(&clock_system) + timeout_ms, .stop = stop };
	char service[16];
	int rc = -1, found;

	(void)snprintf(service, sizeof(service), "%d", port);
	found = getaddrinfo(host, service, &hints, &list);
	if (found != 0)
		return err_set(err, ERR_UNREACHABLE, "the name '%s' is not known: %s", host, gai_strerror(found));
	for (const struct addrinfo *to = list; rc != 0 && to && a.errnum != EINTR; to = to->ai_next)
		rc = try_address(to, &a);
	freeaddrinfo(list);
	if (rc == 0)
		return 0;
	if (a.errnum == EINTR)
		return err_set(err, ERR_INTERRUPTED, "interrupted");
	return err_set_errno(err, a.errnum == ETIMEDOUT ? ERR_TIMEOUT : ERR_UNREACHABLE, a.errnum,
			     "port %d of '%s' cannot be reached", port, host);
}
