#ifndef SPARK_SANDBOX_CLUSTER_EVENTS_H
#define SPARK_SANDBOX_CLUSTER_EVENTS_H

#include "spark/base/err.h"
#include "spark/sandbox/world.h"

/* What DescribeEvents tells. Documents of kind "redshift:event", id "<region>/<time in ms, 15 digits>-<number>":
 * sourceType, sourceId, eventId, category, severity, message, timeMs. */
#define EVENT_KIND "redshift:event"

struct event {
	const char *source_type; /* "cluster", "cluster-snapshot", "cluster-parameter-group", "scheduled-action" */
	const char *source_id;
	const char *event_id; /* "REDSHIFT-EVENT-2000": the number tells the category too */
	const char *severity; /* "INFO" or "ERROR" */
	const char *message;
};
/* Puts it into the batch that the caller commits, under the store's lock. Old ones make room. */
int events_put(struct world *w, const char *region, const struct event *e, struct err *err) MUST_CHECK;

#endif
