#include "aws/curl_loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "spark/base/mem.h"

#define EVENTS_MAX 64
#define WATCHED                                                                                              \
	((uint64_t)1 << 63) /* marks an event's data: what follows is no descriptor, but the caller's number \
			     */

/* What is known of a descriptor. A connection that libcurl keeps for its next request stays in the epoll set, which
 * saves two system calls for each request; this goes only with sockets whose end is told. */
struct loop_socket {
	uint32_t armed;  /* in the epoll set, for these events; 0: is not */
	uint32_t wanted; /* by libcurl; 0: nothing */
	bool told;       /* opened and closed by way of the functions below */
};

static struct loop_socket *socket_at(struct curl_loop *l, int fd)
{
	if ((size_t)fd >= l->socket_cap) {
		size_t before = l->socket_cap;
		if (mem_grow(&l->sockets, &l->socket_cap, (size_t)fd, sizeof(*l->sockets)) != 0)
			return NULL;
		for (size_t i = before; i < l->socket_cap; i++)
			l->sockets[i] = (struct loop_socket){ 0 };
	}
	return &l->sockets[fd];
}

static int arm(struct curl_loop *l, int fd, struct loop_socket *s)
{
	struct epoll_event ev = { .events = s->wanted, .data.u64 = (uint32_t)fd };
	int op = s->armed == 0 ? EPOLL_CTL_ADD : s->wanted == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;

	if (s->armed == s->wanted)
		return 0;
	if (epoll_ctl(l->epoll, op, fd, &ev) != 0 && op != EPOLL_CTL_DEL) {
		l->failed = errno;
		return -1;
	}
	s->armed = s->wanted;
	return 0;
}

static int on_socket(CURL *handle, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct curl_loop *l = arg;
	struct loop_socket *s = socket_at(l, fd);

	(void)handle, (void)socket_arg;
	if (!s) {
		l->failed = ENOMEM;
		return -1;
	}
	s->wanted = what == CURL_POLL_REMOVE ? 0
					     : (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) |
						       (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
	return s->wanted == 0 && s->told ? 0 : arm(l, fd, s);
}

static int on_open(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	struct loop_socket *s = socket_at(arg, fd);

	(void)purpose;
	if (!s)
		return CURL_SOCKOPT_ERROR;
	*s = (struct loop_socket){ .told = true };
	return CURL_SOCKOPT_OK;
}

static int on_close(void *arg, curl_socket_t fd)
{
	struct loop_socket *s = socket_at(arg, fd);

	/* The kernel takes a closed descriptor out of the epoll set. */
	if (s)
		*s = (struct loop_socket){ 0 };
	return close(fd);
}

static int on_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct curl_loop *l = arg;

	(void)multi;
	l->due_ms = timeout_ms < 0 ? -1 : timeout_ms == 0 ? 0 : clock_mono(&clock_system) + timeout_ms;
	return 0;
}

int curl_loop_open(struct curl_loop *l, const struct curl_api *api, size_t connections, struct err *err)
{
	*l = (struct curl_loop){ .api = api, .epoll = -1, .due_ms = -1 };
	l->multi = api->multi_init();
	if (!l->multi)
		return err_nomem(err);
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll < 0)
		return err_set_errno(err, ERR_IO, errno, "cannot wait for several connections");
	api->multi_setopt(l->multi, CURLMOPT_MAXCONNECTS, (long)connections);
	api->multi_setopt(l->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	api->multi_setopt(l->multi, CURLMOPT_SOCKETDATA, l);
	api->multi_setopt(l->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	api->multi_setopt(l->multi, CURLMOPT_TIMERDATA, l);
	return 0;
}

void curl_loop_close(struct curl_loop *l)
{
	if (l->multi)
		l->api->multi_cleanup(l->multi);
	l->multi = NULL;
	if (l->epoll >= 0)
		close(l->epoll);
	l->epoll = -1;
	mem_free(l->sockets);
	l->sockets = NULL;
	l->socket_cap = 0;
}

CURLMcode curl_loop_add(struct curl_loop *l, CURL *handle)
{
	l->api->easy_setopt(handle, CURLOPT_SOCKOPTFUNCTION, on_open);
	l->api->easy_setopt(handle, CURLOPT_SOCKOPTDATA, l);
	l->api->easy_setopt(handle, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	l->api->easy_setopt(handle, CURLOPT_CLOSESOCKETDATA, l);
	return l->api->multi_add_handle(l->multi, handle);
}

int curl_loop_watch(struct curl_loop *l, int fd, size_t number, bool output, bool again)
{
	struct epoll_event ev = { .events = (uint32_t)EPOLLIN | (output ? (uint32_t)EPOLLOUT : 0),
				  .data.u64 = WATCHED | number };

	return epoll_ctl(l->epoll, again ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &ev);
}

/* The events of one descriptor to libcurl. */
static CURLMcode tell(struct curl_loop *l, const struct epoll_event *ev)
{
	int what = 0, running, fd = (int)(uint32_t)ev->data.u64;

	if (ev->data.u64 & WATCHED) {
		l->on_watched(l->watched_arg, (size_t)(ev->data.u64 & ~WATCHED));
		return CURLM_OK;
	}
	struct loop_socket *s = socket_at(l, fd);
	if (!s || s->wanted == 0) {
		/* A kept connection that the other side has closed; libcurl sees it when it wants to use it. */
		return s && arm(l, fd, s) != 0 ? CURLM_INTERNAL_ERROR : CURLM_OK;
	}
	if (ev->events & (EPOLLIN | EPOLLHUP))
		what |= CURL_CSELECT_IN;
	if (ev->events & EPOLLOUT)
		what |= CURL_CSELECT_OUT;
	if (ev->events & EPOLLERR)
		what |= CURL_CSELECT_ERR;
	return l->api->multi_socket_action(l->multi, fd, what, &running);
}

/* How long to wait: not at all when a call is due, which is then made. */
static CURLMcode run_due(struct curl_loop *l, int *wait_ms)
{
	int64_t left_ms = l->due_ms > 0 ? l->due_ms - clock_mono(&clock_system) : l->due_ms;
	int running;

	if (l->due_ms < 0)
		return CURLM_OK;
	if (left_ms > 0) {
		*wait_ms = left_ms < *wait_ms ? (int)left_ms : *wait_ms;
		return CURLM_OK;
	}
	/* What this ends is to be collected before anybody waits. */
	*wait_ms = 0;
	l->due_ms = -1;
	return l->api->multi_socket_action(l->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

CURLMcode curl_loop_run(struct curl_loop *l, int wait_ms)
{
	struct epoll_event events[EVENTS_MAX];
	CURLMcode rc = run_due(l, &wait_ms);
	int count = rc == CURLM_OK ? epoll_wait(l->epoll, events, EVENTS_MAX, wait_ms) : 0;

	for (int i = 0; i < count && rc == CURLM_OK; i++)
		rc = tell(l, &events[i]);
	return rc == CURLM_OK && l->failed != 0 ? CURLM_INTERNAL_ERROR : rc;
}
