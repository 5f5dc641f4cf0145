#ifndef SPARK_CLI_STACK_H
#define SPARK_CLI_STACK_H

#include "spark/cli/command.h"
#include "spark/cli/progress.h"
#include "spark/cli/target.h"
#include "spark/pipeline/pipeline.h"

/* What the commands that work on a stack share: the target, a run prepared on it, and the progress that shows it. */
struct stack {
	struct target target;
	struct run run;
	struct progress *progress;
	bool prepared;
};

/* The stack's name is the first operand when there is one, else the setting. exclusive: see run_prepare(). */
int stack_open(struct context *ctx, bool exclusive, struct stack *out, struct err *err) MUST_CHECK;
/* The same without run_prepare(), so without a call to any service. */
int stack_open_unprepared(struct context *ctx, struct stack *out, struct err *err) MUST_CHECK;
void stack_close(struct stack *s);
/* Takes [STACK] from the operands into the settings. ERR_USAGE when --stack says something else. */
int stack_take_name(struct context *ctx, struct err *err) MUST_CHECK;
/* The folder of --pipeline, or the built-in one. */
int stack_open_pipeline(const struct context *ctx, struct pipeline_sql *out, struct err *err) MUST_CHECK;
/* A command that is nothing but stages of the pipeline on the stack, with --skip-staging. */
int stack_run_stages(struct context *ctx,
		     int (*stages)(struct run *r, const struct pipeline_sql *sql, bool skip_staging, struct err *err),
		     struct err *err) MUST_CHECK;
/* On AWS, when something would be made: what, what it costs, and whether to go on. ends: it is taken down in the end.
 */
int stack_confirm(const struct context *ctx, struct stack *s, bool ends, struct err *err) MUST_CHECK;
/* `up`, and `restore` with run.restore_from set: tells what it costs and asks (on AWS), makes the stack, reports. */
int stack_bring_up(struct context *ctx, struct stack *s, struct err *err) MUST_CHECK;
/* A command that changes the stack's cluster: opens the stack, runs it, and reports "no changes" or `done`. */
int stack_change_cluster(struct context *ctx,
			 int (*change)(struct context *ctx, struct run *r, int *changes, struct err *err),
			 const char *done, struct err *err) MUST_CHECK;
/* A provision stopped half way and what it made stays: adds to the hint how to go on or to remove it. */
void stack_advise_resume(const struct stack *s, struct err *err);
/* ERR_CHECK "2 of 25 checks failed" when failed is not 0. */
int stack_judge_checks(const struct stack *s, int failed, struct err *err) MUST_CHECK;

#endif
