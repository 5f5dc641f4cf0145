#include "sandbox/http/loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "spark/base/clock.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

#define WAIT_MAX_MS 60000
#define EVENTS_MAX  128
#define TELL_MS     20
#define DAEMONS_MAX 2

/* A connection whose peer may say that he says no more. */
struct http_watch {
	int fd;
	struct http_watch *next, **link; /* among those who did; link is NULL for the others */
};

struct http_loop {
	struct MHD_Daemon *daemons[DAEMONS_MAX];
	bool ready[DAEMONS_MAX]; /* in the stretch that runs: may have something to do */
	size_t count;
	struct http_loop_hooks hooks;
	int all_fd;  /* the daemons' descriptors and ours */
	int wake_fd; /* who resumes a connection writes to it */
	struct http_watch *ended;
	int64_t told_ms; /* 0: some have ended since */
	pthread_t server, syncer;
	bool serving, syncing;
	atomic_bool stopping;
	/* Of the stretch that runs; the serving thread's own. */
	struct work *added, **last_added;
	pthread_mutex_t lock;
	pthread_cond_t handed_over;
	struct work *first, **last; /* those that the syncing thread has not taken yet */
	bool syncer_waits, ending;
};

void http_loop_wake(struct http_loop *l)
{
	uint64_t one = 1;

	/* It fails when it is full, which wakes as well. */
	if (write(l->wake_fd, &one, sizeof(one)) < 0)
		log_debug("the HTTP server is awake already");
}

/* ---- the thread that waits for the disk ---- */

static void *sync_stretches(void *arg)
{
	struct http_loop *l = arg;
	struct work *all, *next;

	pthread_setname_np(pthread_self(), "http-sync");
	pthread_mutex_lock(&l->lock);
	for (;;) {
		while (!l->first && !l->ending) {
			l->syncer_waits = true;
			pthread_cond_wait(&l->handed_over, &l->lock);
			l->syncer_waits = false;
		}
		if (!l->first)
			break;
		all = l->first;
		l->first = NULL;
		l->last = &l->first;
		pthread_mutex_unlock(&l->lock);
		/* The first one's fsync covers all. */
		for (; all; all = next) {
			next = all->next;
			all->do_work(all);
		}
		http_loop_wake(l);
		pthread_mutex_lock(&l->lock);
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

static void hand_over(struct http_loop *l)
{
	bool wake;

	if (!l->added)
		return;
	pthread_mutex_lock(&l->lock);
	*l->last = l->added;
	l->last = l->last_added;
	wake = l->syncer_waits;
	pthread_mutex_unlock(&l->lock);
	l->added = NULL;
	l->last_added = &l->added;
	if (wake)
		pthread_cond_signal(&l->handed_over);
}

void http_loop_add(struct http_loop *l, struct work *w)
{
	w->next = NULL;
	*l->last_added = w;
	l->last_added = &w->next;
}

/* ---- the thread that serves ---- */

static int wait_ms(struct http_loop *l)
{
	int most = l->ended ? TELL_MS : WAIT_MAX_MS;
	MHD_UNSIGNED_LONG_LONG ms;

	for (size_t i = 0; i < l->count; i++)
		if (MHD_get_timeout(l->daemons[i], &ms) == MHD_YES && ms < (unsigned)most)
			most = (int)ms;
	return most;
}

/* libmicrohttpd asks for edges, and takes a short read for the end of what there is: the end of the stream that came
 * with the last bytes is never told again. Shutting down what is shut already makes the kernel tell it again; nothing
 * that was sent before is lost. Whoever is suspended, or has more to read first, needs it later once more. */
static void tell_ends(struct http_loop *l)
{
	int64_t now = clock_mono(&clock_system);

	if (!l->ended || (l->told_ms && now - l->told_ms < TELL_MS))
		return;
	for (struct http_watch *w = l->ended; w; w = w->next)
		if (shutdown(w->fd, SHUT_RD) && errno != ENOTCONN)
			log_debug("a connection's end may be seen late: %s", strerror(errno));
	l->told_ms = now;
}

static void note_end(struct http_loop *l, struct http_watch *w)
{
	if (w->link)
		return;
	w->next = l->ended;
	w->link = &l->ended;
	if (w->next)
		w->next->link = &w->next;
	l->ended = w;
	l->told_ms = 0;
}

/* News of a daemon's own sockets are for that one alone; after all others each may have something to do. */
static void look_at_events(struct http_loop *l, const struct epoll_event *events, int count)
{
	bool all = count <= 0;
	uint64_t woken;

	memset(l->ready, 0, sizeof(l->ready));
	for (int i = 0; i < count; i++) {
		struct MHD_Daemon **daemon = events[i].data.ptr;

		if (daemon >= l->daemons && daemon < l->daemons + DAEMONS_MAX) {
			l->ready[daemon - l->daemons] = true;
			continue;
		}
		all = true;
		if (events[i].data.ptr != &l->wake_fd)
			note_end(l, events[i].data.ptr);
		else if (read(l->wake_fd, &woken, sizeof(woken)) < 0)
			log_debug("nobody woke the HTTP server");
	}
	for (size_t i = 0; all && i < l->count; i++)
		l->ready[i] = true;
}

static int serve_ready(struct http_loop *l)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->ready[i] && MHD_run(l->daemons[i]) != MHD_YES)
			return -1;
	return 0;
}

static void *serve_connections(void *arg)
{
	struct http_loop *l = arg;
	struct epoll_event events[EVENTS_MAX];
	int ms, count;

	pthread_setname_np(pthread_self(), "http");
	l->hooks.thread_begun(l->hooks.arg);
	while (!atomic_load(&l->stopping)) {
		ms = wait_ms(l);
		count = ms ? epoll_wait(l->all_fd, events, EVENTS_MAX, ms) : 0;
		if (count < 0 && errno != EINTR) {
			log_error("cannot wait for connections: %s", strerror(errno));
			break;
		}
		look_at_events(l, events, count);
		if (serve_ready(l)) {
			log_error("the HTTP server cannot go on");
			break;
		}
		hand_over(l);
		l->hooks.stretch_ended(l->hooks.arg);
		tell_ends(l);
	}
	return NULL;
}

struct http_watch *http_loop_watch(struct http_loop *l, int fd)
{
	struct http_watch *w = mem_alloc(sizeof(*w));
	struct epoll_event e = { .events = EPOLLRDHUP | EPOLLONESHOT, .data.ptr = w };

	if (!w)
		return NULL;
	w->fd = fd;
	if (epoll_ctl(l->all_fd, EPOLL_CTL_ADD, fd, &e))
		log_debug("a connection's end may be seen late: %s", strerror(errno));
	return w;
}

void http_loop_unwatch(struct http_loop *l, struct http_watch *w)
{
	if (!w)
		return;
	if (w->link)
		*w->link = w->next;
	if (w->link && w->next)
		w->next->link = w->link;
	(void)epoll_ctl(l->all_fd, EPOLL_CTL_DEL, w->fd, NULL);
	mem_free(w);
}

int http_loop_start(struct http_loop *l, struct err *err)
{
	int rc = pthread_create(&l->syncer, NULL, sync_stretches, l);

	l->syncing = rc == 0;
	if (!rc)
		rc = pthread_create(&l->server, NULL, serve_connections, l);
	l->serving = rc == 0;
	return rc ? err_set_errno(err, ERR_NOMEM, rc, "cannot start a thread for HTTP") : 0;
}

static int open_descriptors(struct http_loop *l)
{
	struct epoll_event wakes = { .events = EPOLLIN, .data.ptr = &l->wake_fd };

	l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	l->all_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->wake_fd < 0 || l->all_fd < 0)
		return -1;
	return epoll_ctl(l->all_fd, EPOLL_CTL_ADD, l->wake_fd, &wakes);
}

int http_loop_open(const struct http_loop_hooks *hooks, struct http_loop **out, struct err *err)
{
	struct http_loop *l = mem_alloc(sizeof(*l));

	if (!l)
		return err_nomem(err);
	l->hooks = *hooks;
	l->last_added = &l->added;
	l->last = &l->first;
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->handed_over, NULL);
	if (open_descriptors(l)) {
		http_loop_free(l);
		return err_set(err, ERR_IO, "cannot make the descriptors that the HTTP server waits for");
	}
	*out = l;
	return 0;
}

int http_loop_serve(struct http_loop *l, struct MHD_Daemon *daemon, struct err *err)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
	struct epoll_event requests = { .events = EPOLLIN };

	if (!info || l->count == DAEMONS_MAX)
		return err_set(err, ERR_IO, "cannot wait for connections");
	requests.data.ptr = &l->daemons[l->count];
	if (epoll_ctl(l->all_fd, EPOLL_CTL_ADD, info->epoll_fd, &requests))
		return err_set(err, ERR_IO, "cannot wait for connections");
	l->daemons[l->count++] = daemon;
	return 0;
}

void http_loop_stop(struct http_loop *l)
{
	if (!l)
		return;
	atomic_store(&l->stopping, true);
	if (l->serving) {
		http_loop_wake(l);
		pthread_join(l->server, NULL);
	}
	hand_over(l);
	pthread_mutex_lock(&l->lock);
	l->ending = true;
	pthread_cond_signal(&l->handed_over);
	pthread_mutex_unlock(&l->lock);
	if (l->syncing)
		pthread_join(l->syncer, NULL);
}

void http_loop_free(struct http_loop *l)
{
	if (!l)
		return;
	if (l->wake_fd >= 0)
		close(l->wake_fd);
	if (l->all_fd >= 0)
		close(l->all_fd);
	pthread_mutex_destroy(&l->lock);
	pthread_cond_destroy(&l->handed_over);
	mem_free(l);
}
