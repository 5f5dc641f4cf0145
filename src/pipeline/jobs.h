#ifndef SPARK_PIPELINE_JOBS_H
#define SPARK_PIPELINE_JOBS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "spark/base/err.h"

/* Jobs at the same time, each from the moment on when those that it needs are done. */
struct job {
	int (*fn)(void *arg, struct err *err); /* NULL: counts as done from the start */
	void *arg;
	unsigned needs; /* bits (1u << index) of jobs that stand before this one */

	/* what became of it */
	bool begun;
	int rc;
	struct err err;
	/* its own affair */
	struct board *board;
	pthread_t thread;
	bool threaded;
};

enum jobs_mode {
	STOP_AT_FAILURE, /* nothing is begun any more once one has failed */
	FINISH_ALL       /* only those are left out that need one that has failed, or was left out */
};

/* At most 32 jobs; -1 with the failure of the first job, in their order,
 * that failed. */
#define JOBS_MAX 32
int jobs_run(struct job *jobs, size_t count, enum jobs_mode mode, struct err *err) MUST_CHECK;

#endif
