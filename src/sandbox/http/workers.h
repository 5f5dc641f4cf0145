#ifndef SPARK_SANDBOX_HTTP_WORKERS_H
#define SPARK_SANDBOX_HTTP_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

#include "spark/base/err.h"

/* Threads for work that may wait: as many as there is work at once, up to a number. */
struct workers;

/* Something to be done once. It lies in what it is about and is let go of before do_work() is called, which may free
 * it. */
struct work {
	struct work *next;
	void (*do_work)(struct work *w);
};

int workers_start(size_t max, struct workers **out, struct err *err) MUST_CHECK;
/* False: there is no thread for it, and it was not taken. */
bool workers_add(struct workers *s, struct work *w) MUST_CHECK;
/* Does what was taken, then ends. Nobody may add any more. Accepts NULL. */
void workers_stop(struct workers *s);

#endif
