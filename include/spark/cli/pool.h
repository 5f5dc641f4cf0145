#ifndef SPARK_CLI_POOL_H
#define SPARK_CLI_POOL_H

#include <stdbool.h>

#include "spark/base/err.h"

/* Items handed to several threads over a short queue: whoever makes them is slowed down to the speed of those who work
 * on them. The first failure stops it all. */
struct pool;

/* work: 0 or -1 with err, called on the pool's threads. drop frees an item, after its work or without it. */
struct pool *pool_new(int threads, int (*work)(void *arg, void *item, struct err *err), void (*drop)(void *item),
		      void *arg, struct err *err) MUST_CHECK;
/* Takes the item, also on failure; waits while the queue is full. -1: the first failure of any item. */
int pool_add(struct pool *p, void *item, struct err *err) MUST_CHECK;
/* Waits for all items (cancel: drops those not begun), ends the threads, frees the pool. -1: the first failure. */
int pool_finish(struct pool *p, bool cancel, struct err *err) MUST_CHECK;

#endif
