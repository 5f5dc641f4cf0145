#ifndef SPARK_PIPELINE_WAIT_H
#define SPARK_PIPELINE_WAIT_H

#include <stdint.h>

#include "spark/base/clock.h"
#include "spark/base/err.h"

/* Polling with a bound: the pauses grow from 0.2 s by a quarter to 10 s, so that the sandbox's seconds and AWS's
 * minutes are both met without delay and without a flood of calls. */
struct wait {
	const struct clock *clock;
	const volatile int *stop;
	int64_t begun_ms, limit_ms, pause_ms;
};

void wait_begin(struct wait *w, const struct clock *clock, const volatile int *stop, int64_t limit_ms);
/* Sleeps until the next look. ERR_TIMEOUT ("<what> took longer than 30m00s") once the bound is reached,
 * ERR_INTERRUPTED. */
int wait_pause(struct wait *w, const char *what, struct err *err) MUST_CHECK;
int64_t wait_elapsed_ms(const struct wait *w);

/* What a cluster's status means for someone who waits for it. */
enum cluster_verdict {
	CLUSTER_READY,
	CLUSTER_PENDING, /* becomes ready by itself */
	CLUSTER_PAUSED,
	CLUSTER_LEAVING, /* on its way to be gone */
	CLUSTER_BROKEN   /* never becomes ready by itself */
};
/* A status that is not known counts as pending: the bound on the wait ends it. */
enum cluster_verdict wait_judge_cluster(const char *status);

#endif
