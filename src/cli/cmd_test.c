#include "spark/cli/out.h"
#include "spark/cli/stack.h"

static int report(const struct context *ctx, const struct stack *s, struct err *err)
{
	struct progress_checks c = progress_checks(s->progress);
	if (!ctx->json) {
		fprintf(ctx->out, "%d passed, %d warned, %d failed\n", c.passed, c.warned, c.failed);
		return 0;
	}
	struct json *more = json_new_object();
	if (!more || json_set_int(more, "passed", c.passed) != 0 || json_set_int(more, "warned", c.warned) != 0 ||
	    json_set_int(more, "failed", c.failed) != 0) {
		json_free(more);
		return err_nomem(err);
	}
	return progress_result(ctx, c.failed ? "failed" : "done", more, err);
}

static int run_command(struct context *ctx, struct err *err)
{
	struct pipeline_sql sql;
	struct stack s;
	int failed = 0, rc = -1;
	if (stack_take_name(ctx, err) != 0 || stack_open_pipeline(ctx, &sql, err) != 0)
		return -1;
	if (stack_open(ctx, false, &s, err) != 0)
		goto out;
	rc = run_checks(&s.run, &sql, &failed, err);
	progress_stop(s.progress);
	if (rc == 0)
		rc = report(ctx, &s, err);
	if (rc == 0)
		rc = stack_judge_checks(&s, failed, err);
	stack_close(&s);
out:
	pipeline_sql_clear(&sql);
	return rc;
}

const struct command cmd_test = {
	.name = "test",
	.usage = "[STACK]",
	.summary = "check the data: keys, relationships, values, counts",
	.help = "A check is a query for wrong rows; none is a PASS. Redshift does not enforce keys, so this is what\n"
		"notices a duplicate. Ends with exit code 1 when a check fails; a WARN does not fail.",
	.args_max = 1,
	.settings = SETTINGS_ALL,
	.run = run_command,
};
