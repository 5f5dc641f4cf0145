#include "warehouse/cancel.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>

#include "spark/base/log.h"
#include "spark/base/mem.h"
#include "warehouse/pq_api.h"

/* PQcancel() connects and waits without a bound, and a host that went dark would hold an interrupted user for minutes.
 * So it runs in a thread of its own. Whoever of the two is done last frees this. */
struct request {
	PGcancel *cancel;
	pthread_mutex_t lock;
	pthread_cond_t answered;
	bool done, abandoned;
};

static void request_free(struct request *r)
{
	pq.PQfreeCancel(r->cancel);
	pthread_cond_destroy(&r->answered);
	pthread_mutex_destroy(&r->lock);
	mem_free(r);
}

static void *send_request(void *arg)
{
	struct request *r = arg;
	char reason[256] = "";
	bool abandoned;

	if (!pq.PQcancel(r->cancel, reason, sizeof(reason)))
		log_debug("cancel request failed: %s", reason);
	pthread_mutex_lock(&r->lock);
	r->done = true;
	abandoned = r->abandoned;
	pthread_cond_signal(&r->answered);
	pthread_mutex_unlock(&r->lock);
	if (abandoned)
		request_free(r);
	return NULL;
}

/* Signals stay with the thread that waits in poll() for them. */
static int start_thread(struct request *r)
{
	pthread_t thread;
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&thread, NULL, send_request, r);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc == 0)
		(void)pthread_detach(thread);
	return rc;
}

static struct request *request_new(PGconn *pg)
{
	struct request *r = mem_alloc(sizeof(*r));
	pthread_condattr_t attr;

	if (!r)
		return NULL;
	r->cancel = pq.PQgetCancel(pg);
	if (!r->cancel) {
		mem_free(r);
		return NULL;
	}
	pthread_mutex_init(&r->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->answered, &attr);
	pthread_condattr_destroy(&attr);
	return r;
}

void cancel_request(PGconn *pg)
{
	struct request *r = request_new(pg);
	struct timespec until;
	bool done;

	if (!r || start_thread(r) != 0) {
		log_debug("no cancel request could be made");
		if (r)
			request_free(r);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += CANCEL_REQUEST_MS / 1000;
	pthread_mutex_lock(&r->lock);
	while (!r->done && pthread_cond_timedwait(&r->answered, &r->lock, &until) == 0)
		continue;
	done = r->done;
	r->abandoned = !done;
	pthread_mutex_unlock(&r->lock);
	if (done)
		request_free(r);
	else
		log_debug("the cancel request was not answered within %d s", CANCEL_REQUEST_MS / 1000);
}
