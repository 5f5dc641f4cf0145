#include "spark/cli/pool.h"

#include <pthread.h>

#include "spark/base/mem.h"

#define THREADS_MAX 64
#define QUEUE_MAX   128

struct pool {
	int (*work)(void *arg, void *item, struct err *err);
	void (*drop)(void *item);
	void *arg;
	pthread_t threads[THREADS_MAX];
	int thread_count;
	/* The rest is guarded by mutex. */
	pthread_mutex_t mutex;
	pthread_cond_t more, room;
	void *queue[QUEUE_MAX]; /* a ring */
	size_t first, count;
	bool closed, failed;
	struct err failure;
};

static void *take(struct pool *p)
{
	void *item = p->queue[p->first];
	p->first = (p->first + 1) % QUEUE_MAX;
	p->count--;
	pthread_cond_signal(&p->room);
	return item;
}

static void *serve(void *arg)
{
	struct pool *p = arg;
	pthread_mutex_lock(&p->mutex);
	for (;;) {
		while (p->count == 0 && !p->closed)
			pthread_cond_wait(&p->more, &p->mutex);
		if (p->count == 0)
			break;
		void *item = take(p);
		if (!p->failed) {
			struct err err = { 0 };
			pthread_mutex_unlock(&p->mutex);
			int rc = p->work(p->arg, item, &err);
			pthread_mutex_lock(&p->mutex);
			if (rc != 0 && !p->failed) {
				p->failed = true;
				p->failure = err;
				pthread_cond_broadcast(&p->room);
			}
		}
		p->drop(item);
	}
	pthread_mutex_unlock(&p->mutex);
	return NULL;
}

static void destroy(struct pool *p)
{
	pthread_cond_destroy(&p->more);
	pthread_cond_destroy(&p->room);
	pthread_mutex_destroy(&p->mutex);
	mem_free(p);
}

struct pool *pool_new(int threads, int (*work)(void *arg, void *item, struct err *err), void (*drop)(void *item),
		      void *arg, struct err *err)
{
	struct pool *p = mem_alloc(sizeof(*p));
	if (!p) {
		err_nomem(err);
		return NULL;
	}
	p->work = work;
	p->drop = drop;
	p->arg = arg;
	pthread_mutex_init(&p->mutex, NULL);
	pthread_cond_init(&p->more, NULL);
	pthread_cond_init(&p->room, NULL);
	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	while (p->thread_count < threads && pthread_create(&p->threads[p->thread_count], NULL, serve, p) == 0)
		p->thread_count++;
	/* Fewer threads than wished for do as well, none does not. */
	if (p->thread_count == 0) {
		err_set(err, ERR_IO, "cannot start a thread");
		destroy(p);
		return NULL;
	}
	return p;
}

int pool_add(struct pool *p, void *item, struct err *err)
{
	pthread_mutex_lock(&p->mutex);
	while (p->count == QUEUE_MAX && !p->failed)
		pthread_cond_wait(&p->room, &p->mutex);
	bool failed = p->failed;
	if (failed) {
		if (err)
			*err = p->failure;
	} else {
		p->queue[(p->first + p->count++) % QUEUE_MAX] = item;
		pthread_cond_signal(&p->more);
	}
	pthread_mutex_unlock(&p->mutex);
	if (failed)
		p->drop(item);
	return failed ? -1 : 0;
}

int pool_finish(struct pool *p, bool cancel, struct err *err)
{
	if (!p)
		return 0;
	pthread_mutex_lock(&p->mutex);
	p->closed = true;
	while (cancel && p->count > 0)
		p->drop(take(p));
	pthread_cond_broadcast(&p->more);
	pthread_mutex_unlock(&p->mutex);
	for (int i = 0; i < p->thread_count; i++)
		pthread_join(p->threads[i], NULL);
	int rc = p->failed ? -1 : 0;
	if (rc != 0 && err)
		*err = p->failure;
	destroy(p);
	return rc;
}
