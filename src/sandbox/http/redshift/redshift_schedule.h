#ifndef SPARK_SANDBOX_HTTP_REDSHIFT_SCHEDULE_H
#define SPARK_SANDBOX_HTTP_REDSHIFT_SCHEDULE_H

#include "spark/sandbox/world.h"

#define SCHEDULE_KIND "redshift:scheduled-action"

/* When the action of this document is due after that time; false: never, or it is disabled. */
bool schedule_next(const struct json *doc, int64_t after_ms, int64_t *next_ms);

/* The thread that runs scheduled actions. What came due while no daemon ran is run once, at its start. */
struct scheduler;
int scheduler_start(struct world *w, struct scheduler **out, struct err *err) MUST_CHECK;
/* Waits for what it does. NULL is fine. */
void scheduler_stop(struct scheduler *s);
/* Deletes snapshots whose time is over and begins those that are due (world.h: snapshot_interval_ms). */
void automated_run_due(struct world *w);
/* Delivers audit logs of clusters whose logging is enabled (world.h: log_interval_ms). */
void audit_run_due(struct world *w);
/* Runs what is due now, on the caller's thread. */
void scheduler_run_due(struct world *w);

#endif
