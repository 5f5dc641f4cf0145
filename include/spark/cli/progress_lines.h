#ifndef SPARK_CLI_PROGRESS_LINES_H
#define SPARK_CLI_PROGRESS_LINES_H

#include "spark/base/buf.h"
#include "spark/pipeline/pipeline.h"

/* The words of progress, without any drawing. */

/* "load       10_staging_events      done      1.2s  8056 rows": an event in one line. */
void progress_add_event(struct buf *line, const struct event *e);
/* The same for a step that is under way. */
void progress_add_running(struct buf *line, const char *mark, const char *group, const char *name, const char *detail,
			  int64_t ms);

#endif
