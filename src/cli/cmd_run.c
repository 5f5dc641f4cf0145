/* `run`: everything, from nothing to answers and back. */
#include <inttypes.h>
#include <string.h>

#include "spark/base/mem.h"
#include "spark/cli/out.h"
#include "spark/cli/stack.h"
#include "spark/pipeline/status.h"

/* How far a run came. */
struct outcome {
	bool torn_down, half_made;
	int checks_failed, left;
	int64_t began_ms, began_at_ms; /* monotonic, and since 1970 */
};

static int do_stages(struct context *ctx, struct stack *s, const struct pipeline_sql *sql, struct outcome *o,
		     struct err *err)
{
	bool skip = context_switch(ctx, "skip-staging");
	int changes = 0;
	if (run_up(&s->run, &changes, err) != 0) {
		o->half_made = changes > 0;
		return -1;
	}
	if (run_create_tables(&s->run, sql, skip, err) != 0 || run_etl(&s->run, sql, skip, err) != 0 ||
	    run_checks(&s->run, sql, &o->checks_failed, err) != 0)
		return -1;
	return stack_judge_checks(s, o->checks_failed, err);
}

/* Whoever interrupts wants to go on later or to look; a failure is cleaned up unless asked otherwise. */
static bool wants_teardown(const struct context *ctx, int rc, const struct err *failure)
{
	if (rc == 0)
		return !context_switch(ctx, "no-destroy");
	if (failure->kind == ERR_INTERRUPTED || failure->kind == ERR_CONFLICT)
		return false;
	const char *on_failure = context_option(ctx, "on-failure");
	if (on_failure)
		return strcmp(on_failure, "destroy") == 0;
	return !context_switch(ctx, "no-destroy");
}

static int print_json(struct context *ctx, const struct stack *s, const struct outcome *o, int rc, struct err *err)
{
	struct progress_checks c = progress_checks(s->progress);
	struct json *more = json_new_object();
	if (!more || json_set_int(more, "passed", c.passed) != 0 || json_set_int(more, "warned", c.warned) != 0 ||
	    json_set_int(more, "failed", c.failed) != 0 ||
	    json_set_int(more, "ms", clock_mono(ctx->clock) - o->began_ms) != 0 ||
	    (o->torn_down && json_set_int(more, "left", o->left) != 0) ||
	    (!o->torn_down && json_set_bool(more, "kept", true) != 0)) {
		json_free(more);
		return err_nomem(err);
	}
	return progress_result(ctx, rc == 0 ? "done" : "failed", more, err);
}

static int print_end(struct context *ctx, struct stack *s, const struct outcome *o, int rc, struct err *err)
{
	struct progress_checks c = progress_checks(s->progress);
	char total[CLOCK_TEXT];
	if (ctx->json)
		return print_json(ctx, s, o, rc, err);
	fputc('\n', ctx->out);
	if (progress_print_steps(s->progress, err) != 0)
		return -1;
	clock_duration(clock_mono(ctx->clock) - o->began_ms, total);
	if (c.passed + c.warned + c.failed > 0)
		fprintf(ctx->out, "\nchecks: %d passed, %d warned, %d failed\n", c.passed, c.warned, c.failed);
	if (o->torn_down)
		fprintf(ctx->out, "%d resources left, ran %s\n", o->left, total);
	else
		fprintf(ctx->out, "kept after %s: stack '%s'%s; 'sparkctl down %s' removes it\n", total,
			run_stack(&s->run), s->target.local ? "" : " goes on being billed", run_operands(&s->run));
	return 0;
}

/* For `status`. */
static void keep_record(struct stack *s, const struct outcome *o, int rc, const struct err *failure)
{
	struct progress_checks c = progress_checks(s->progress);
	const char *outcome = rc == 0 ? "done" : failure->kind == ERR_INTERRUPTED ? "interrupted" : "failed";

	run_keep_record(&s->run, &(struct run_record){ .began_ms = o->began_at_ms,
						       .outcome = outcome,
						       .error = rc == 0 ? NULL : failure->text,
						       .passed = c.passed,
						       .warned = c.warned,
						       .failed = c.failed });
}

/* Tears down when it is wanted. A failure of its own counts only when there was none before. */
static int finish(struct context *ctx, struct stack *s, struct outcome *o, int rc, struct err *err)
{
	struct err later = { 0 };
	if (wants_teardown(ctx, rc, err)) {
		int down = run_down(&s->run, &o->left, &later);
		/* -1 with a count is an answer as well: so many are left. */
		o->torn_down = down == 0 || o->left > 0;
		if (down != 0 && rc == 0) {
			*err = later;
			rc = -1;
		} else if (down != 0) {
			progress_stop(s->progress);
			out_warn(ctx, "teardown failed as well: %s", later.text);
		}
	}
	if (o->torn_down && o->left == 0)
		run_keep_down(&s->run);
	keep_record(s, o, rc, err);
	if (o->half_made && !o->torn_down)
		stack_advise_resume(s, err);
	progress_stop(s->progress);
	if (print_end(ctx, s, o, rc, rc == 0 ? err : &later) != 0 && rc == 0)
		rc = -1;
	return rc;
}

static int run_command(struct context *ctx, struct err *err)
{
	struct outcome o = { .began_ms = clock_mono(ctx->clock), .began_at_ms = clock_now(ctx->clock) };
	struct pipeline_sql sql;
	struct stack s;
	int rc = -1;
	if (stack_take_name(ctx, err) != 0 || stack_open_pipeline(ctx, &sql, err) != 0)
		return -1;
	if (stack_open(ctx, true, &s, err) != 0)
		goto out;
	if (stack_confirm(ctx, &s, !context_switch(ctx, "no-destroy"), err) == 0) {
		rc = do_stages(ctx, &s, &sql, &o, err);
		rc = finish(ctx, &s, &o, rc, err);
	}
	stack_close(&s);
out:
	pipeline_sql_clear(&sql);
	return rc;
}

static const struct command_option options[] = {
	{ "no-destroy", 0, NULL, NULL, NULL, "keep the stack at the end" },
	{ "skip-staging", 0, NULL, NULL, NULL, "leave staging as it is: no load" },
	{ "on-failure", 0, "WHAT", "keep|destroy", NULL,
	  "what becomes of the stack when a stage fails (default destroy, keep with --no-destroy)" },
	{ 0 },
};

const struct command cmd_run = {
	.name = "run",
	.usage = "[STACK] [--no-destroy] [--skip-staging] [--on-failure keep|destroy]",
	.summary = "everything: up, create-tables, etl, test, down",
	.help = "Ends with a table of the steps, the results of the checks and the number of resources that are left: "
		"0\n"
		"unless something went wrong or --no-destroy was given. An interrupted run keeps the stack; 'up' or "
		"'run'\n"
		"go on from there.",
	.options = options,
	.args_max = 1,
	.settings = SETTINGS_ALL,
	.run = run_command,
};
