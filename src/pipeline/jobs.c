#include "pipeline/jobs.h"

struct board {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	enum jobs_mode mode;
	struct job *jobs;
	unsigned done, failed; /* failed: or left out */
};

/* false when it is not to be begun. */
static bool wait_for_needs(const struct job *j, struct board *b)
{
	bool go;

	pthread_mutex_lock(&b->lock);
	for (;;) {
		go = !(b->mode == STOP_AT_FAILURE ? b->failed : b->failed & j->needs);
		if (!go || !(j->needs & ~b->done))
			break;
		pthread_cond_wait(&b->moved, &b->lock);
	}
	pthread_mutex_unlock(&b->lock);
	return go;
}

static void settle(const struct job *j, struct board *b)
{
	unsigned bit = 1u << (j - b->jobs);

	pthread_mutex_lock(&b->lock);
	if (j->begun && j->rc == 0)
		b->done |= bit;
	else
		b->failed |= bit;
	pthread_cond_broadcast(&b->moved);
	pthread_mutex_unlock(&b->lock);
}

static void *work(void *arg)
{
	struct job *j = arg;

	j->begun = wait_for_needs(j, j->board);
	if (j->begun)
		j->rc = j->fn(j->arg, &j->err);
	settle(j, j->board);
	return NULL;
}

static void begin(struct job *j, struct board *b)
{
	j->board = b;
	j->begun = j->threaded = false;
	j->rc = 0;
	err_clear(&j->err);
}

int jobs_run(struct job *jobs, size_t count, enum jobs_mode mode, struct err *err)
{
	struct board b = { .mode = mode, .jobs = jobs };
	int rc = 0;

	if (count > JOBS_MAX)
		return err_set(err, ERR_BUG, "%zu jobs at the same time", count);
	pthread_mutex_init(&b.lock, NULL);
	pthread_cond_init(&b.moved, NULL);
	for (size_t i = 0; i < count; i++) {
		begin(&jobs[i], &b);
		if (!jobs[i].fn)
			b.done |= 1u << i;
	}
	/* whoever gets no thread finds what it needs done or under way, because that stands before it */
	for (size_t i = 0; i < count; i++) {
		if (!jobs[i].fn)
			continue;
		jobs[i].threaded = pthread_create(&jobs[i].thread, NULL, work, &jobs[i]) == 0;
		if (!jobs[i].threaded)
			work(&jobs[i]);
	}
	for (size_t i = 0; i < count; i++) {
		if (jobs[i].threaded)
			pthread_join(jobs[i].thread, NULL);
		if (jobs[i].begun && jobs[i].rc < 0 && rc == 0) {
			rc = -1;
			if (err)
				*err = jobs[i].err;
		}
	}
	pthread_cond_destroy(&b.moved);
	pthread_mutex_destroy(&b.lock);
	return rc;
}
