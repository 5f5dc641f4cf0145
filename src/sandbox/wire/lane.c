#include "sandbox/wire/lane.h"

#include <errno.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "sandbox/wire/session.h"
#include "spark/base/clock.h"
#include "spark/base/mem.h"

#define CORES_PER_LANE 4 /* the servers and the clients need the others */
#define LANES_MAX      4
#define BATCH          64
#define LOOK_EVERY_MS  1000
#define IDLE_MS        2000 /* who says nothing that long goes back, to give its buffers away */

struct rider;
struct rider_end {
	struct rider *rider; /* NULL: of what stops the lane */
	bool server;
};

/* Lies on the stack of the session's thread. */
struct rider {
	struct session *session;
	struct rider_end client, server;
	struct rider *next, *before;
	int64_t moved_ms;
	pthread_cond_t back;
	bool riding;
	int rc;
	struct err *err;
};

struct lane {
	pthread_t thread;
	int epoll_fd;
	pthread_mutex_t lock; /* of all below; held while riders are carried */
	struct rider *riders;
	bool stopped;
};

struct lanes {
	size_t count;
	struct lane lane[LANES_MAX];
};

static int watch(const struct lane *l, int fd, struct rider_end *end)
{
	return epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &(struct epoll_event){ .events = EPOLLIN, .data.ptr = end });
}

static void unwatch(const struct lane *l, int fd)
{
	(void)epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

/* With the lock. The session is its thread's from here on. */
static void send_back(struct lane *l, struct rider *r, int rc)
{
	unwatch(l, r->session->client.fd);
	unwatch(l, r->session->server.fd);
	*(r->before ? &r->before->next : &l->riders) = r->next;
	if (r->next)
		r->next->before = r->before;
	r->rc = rc;
	r->riding = false;
	pthread_cond_signal(&r->back);
}

/* Both ends may be in one batch: what follows of a session that has gone is not looked at. */
static void forget(const struct rider *gone, struct epoll_event *events, int count)
{
	for (int i = 0; i < count; i++) {
		const struct rider_end *end = events[i].data.ptr;

		if (end && end->rider == gone)
			events[i].data.ptr = NULL;
	}
}

static void carry(struct lane *l, struct epoll_event *events, int count, int64_t now_ms)
{
	for (int i = 0; i < count; i++) {
		const struct rider_end *end = events[i].data.ptr;
		struct rider *r = end ? end->rider : NULL;
		int rc;

		if (!r)
			continue;
		r->moved_ms = now_ms;
		rc = relay_carry(r->session, end->server, r->err);
		if (rc == 1)
			continue;
		forget(r, events + i + 1, count - i - 1);
		send_back(l, r, rc);
	}
}

static void send_idle_back(struct lane *l, int64_t now_ms)
{
	for (struct rider *r = l->riders, *next; r; r = next) {
		next = r->next;
		if (now_ms - r->moved_ms >= IDLE_MS)
			send_back(l, r, 0);
	}
}

static bool must_stop(const struct epoll_event *events, int count)
{
	for (int i = 0; i < count; i++)
		if (!((const struct rider_end *)events[i].data.ptr)->rider)
			return true;
	return false;
}

static void *run_lane(void *arg)
{
	struct lane *l = arg;
	struct epoll_event events[BATCH];
	int64_t looked_ms = 0;
	bool stop = false;

	pthread_setname_np(pthread_self(), "lane");
	while (!stop) {
		int n = epoll_wait(l->epoll_fd, events, BATCH, LOOK_EVERY_MS);
		int64_t now_ms = clock_mono(&clock_system);

		pthread_mutex_lock(&l->lock);
		if (n > 0) {
			stop = must_stop(events, n);
			carry(l, events, n, now_ms);
		}
		stop = stop || (n < 0 && errno != EINTR);
		if (now_ms - looked_ms >= LOOK_EVERY_MS) {
			send_idle_back(l, now_ms);
			looked_ms = now_ms;
		}
		if (stop) {
			l->stopped = true;
			while (l->riders)
				send_back(l, l->riders, 0);
		}
		pthread_mutex_unlock(&l->lock);
	}
	return NULL;
}

int lanes_ride(struct lanes *all, struct session *s, struct err *err)
{
	struct lane *l = &all->lane[s->server.pid % all->count];
	struct rider r = { .session = s, .err = err, .moved_ms = clock_mono(&clock_system) };

	r.client = (struct rider_end){ &r, false };
	r.server = (struct rider_end){ &r, true };
	pthread_cond_init(&r.back, NULL);
	pthread_mutex_lock(&l->lock);
	if (!l->stopped && !watch(l, s->client.fd, &r.client)) {
		if (watch(l, s->server.fd, &r.server)) {
			unwatch(l, s->client.fd);
		} else {
			r.riding = true;
			r.next = l->riders;
			if (r.next)
				r.next->before = &r;
			l->riders = &r;
		}
	}
	while (r.riding)
		pthread_cond_wait(&r.back, &l->lock);
	pthread_mutex_unlock(&l->lock);
	pthread_cond_destroy(&r.back);
	return r.rc;
}

static int open_lane(struct lane *l, int stop_fd, struct err *err)
{
	static struct rider_end stop;
	int rc;

	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll_fd < 0 || watch(l, stop_fd, &stop)) {
		err_set_errno(err, ERR_IO, errno, "cannot watch the gateway's sessions");
		goto failed;
	}
	pthread_mutex_init(&l->lock, NULL);
	rc = pthread_create(&l->thread, NULL, run_lane, l);
	if (!rc)
		return 0;
	err_set_errno(err, ERR_NOMEM, rc, "cannot start a thread of the gateway");
	pthread_mutex_destroy(&l->lock);
failed:
	if (l->epoll_fd >= 0)
		close(l->epoll_fd);
	return -1;
}

int lanes_open(int stop_fd, struct lanes **out, struct err *err)
{
	struct lanes *all = mem_alloc(sizeof(*all));
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t wanted = cores > CORES_PER_LANE ? (size_t)cores / CORES_PER_LANE : 1;

	if (!all)
		return err_nomem(err);
	/* Given out at once: who could not start all of them has those that run to end. */
	*out = all;
	while (all->count < wanted && all->count < LANES_MAX) {
		if (open_lane(&all->lane[all->count], stop_fd, err))
			return -1;
		all->count++;
	}
	return 0;
}

void lanes_close(struct lanes *all)
{
	for (size_t i = 0; all && i < all->count; i++) {
		pthread_join(all->lane[i].thread, NULL);
		close(all->lane[i].epoll_fd);
		pthread_mutex_destroy(&all->lane[i].lock);
	}
	mem_free(all);
}
