#include "sandbox/http/workers.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "spark/base/mem.h"

#define KEPT_MAX     4  /* threads that stay without work, ... */
#define IDLE_SECONDS 10 /* ... the others for so long */

struct workers {
	pthread_mutex_t lock;
	pthread_cond_t added, ended;
	struct work *first, **last;
	size_t waiting; /* pieces of work that nobody has taken */
	size_t idle, count, max;
	bool stopping;
};

int workers_start(size_t max, struct workers **out, struct err *err)
{
	struct workers *s = mem_alloc(sizeof(*s));
	pthread_condattr_t monotonic;

	if (!s)
		return err_nomem(err);
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&s->added, &monotonic);
	pthread_cond_init(&s->ended, NULL);
	pthread_condattr_destroy(&monotonic);
	s->last = &s->first;
	s->max = max;
	*out = s;
	return 0;
}

/* Under the lock: waits for work. False: this thread is not needed any more. */
static bool wait_for_work(struct workers *s)
{
	struct timespec until;
	int rc = 0;

	if (s->first)
		return true;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += IDLE_SECONDS;
	s->idle++;
	while (!s->first && !s->stopping && !(rc == ETIMEDOUT && s->count > KEPT_MAX))
		rc = s->count > KEPT_MAX ? pthread_cond_timedwait(&s->added, &s->lock, &until)
					 : pthread_cond_wait(&s->added, &s->lock);
	s->idle--;
	return s->first != NULL;
}

static void *serve(void *arg)
{
	struct workers *s = arg;

	pthread_setname_np(pthread_self(), "request");
	pthread_mutex_lock(&s->lock);
	while (wait_for_work(s)) {
		struct work *w = s->first;

		s->first = w->next;
		if (!s->first)
			s->last = &s->first;
		s->waiting--;
		pthread_mutex_unlock(&s->lock);
		w->do_work(w);
		pthread_mutex_lock(&s->lock);
	}
	s->count--;
	pthread_cond_signal(&s->ended);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* Under the lock. */
static bool add_thread(struct workers *s)
{
	pthread_attr_t detached;
	pthread_t thread;
	bool made;

	if (s->count == s->max)
		return false;
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	made = pthread_create(&thread, &detached, serve, s) == 0;
	pthread_attr_destroy(&detached);
	s->count += made;
	return made;
}

bool workers_add(struct workers *s, struct work *w)
{
	bool taken;

	pthread_mutex_lock(&s->lock);
	/* Work that waits behind other work could wait for ever: that may be waiting itself. */
	taken = s->waiting < s->idle || add_thread(s);
	if (taken) {
		w->next = NULL;
		*s->last = w;
		s->last = &w->next;
		s->waiting++;
		pthread_cond_signal(&s->added);
	}
	pthread_mutex_unlock(&s->lock);
	return taken;
}

void workers_stop(struct workers *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_cond_broadcast(&s->added);
	while (s->count)
		pthread_cond_wait(&s->ended, &s->lock);
	pthread_mutex_unlock(&s->lock);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->added);
	pthread_cond_destroy(&s->ended);
	mem_free(s);
}
