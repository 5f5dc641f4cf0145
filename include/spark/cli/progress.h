#ifndef SPARK_CLI_PROGRESS_H
#define SPARK_CLI_PROGRESS_H

#include "spark/cli/command.h"
#include "spark/pipeline/pipeline.h"

/* Shows what a run reports: on a terminal a line per step that is redrawn while it lasts, elsewhere a line per change,
 * with --json one event per line on standard output. Remembers the steps for the table at the end. */
struct progress;

struct progress *progress_new(const struct context *ctx, struct err *err) MUST_CHECK;
/* Ends the drawing and gives the terminal back as it was. */
void progress_free(struct progress *p);
void progress_event(void *progress, const struct event *e); /* fits struct run's on_event */
/* Ends the drawing, for output that follows. */
void progress_stop(struct progress *p);
/* The steps so far: step, state, seconds, rows. */
int progress_print_steps(struct progress *p, struct err *err) MUST_CHECK;

struct progress_checks {
	int passed, warned, failed;
};
struct progress_checks progress_checks(const struct progress *p);

/* {"event":"result", ...}: closes the line of events of --json. Members of `more` (may be NULL, is taken) are added. */
int progress_result(const struct context *ctx, const char *outcome, struct json *more, struct err *err) MUST_CHECK;
/* One event as JSON, for --json. */
struct json *progress_event_json(const struct event *e) MUST_CHECK;
/* "done", "adopted", ... as shown to people. */
const char *progress_outcome(enum event_outcome outcome);

#endif
