#ifndef SPARK_SANDBOX_SEED_H
#define SPARK_SANDBOX_SEED_H

#include "spark/sandbox/world.h"

/* Puts the public bucket "udacity-dend" (us-west-2) in place, filled by the generator with its default data set. The
 * bucket's document says "seeded": true only when every object is on disk, so that a start after a crash in the
 * middle fills it again; a bucket that somebody made or emptied himself is left alone. */
int seed_ensure(struct world *w, struct err *err) MUST_CHECK;

#endif
