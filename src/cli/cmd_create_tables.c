#include "spark/cli/out.h"
#include "spark/cli/stack.h"

static int run_command(struct context *ctx, struct err *err)
{
	struct pipeline_sql sql;
	struct stack s;
	int rc = -1;
	if (stack_open_pipeline(ctx, &sql, err) != 0)
		return -1;
	if (stack_open(ctx, true, &s, err) != 0)
		goto out;
	rc = run_create_tables(&s.run, &sql, context_switch(ctx, "skip-staging"), err);
	progress_stop(s.progress);
	if (rc == 0 && ctx->json)
		rc = progress_result(ctx, "done", NULL, err);
	stack_close(&s);
out:
	pipeline_sql_clear(&sql);
	return rc;
}

static const struct command_option options[] = {
	{ "skip-staging", 0, NULL, NULL, NULL, "leave the staging tables and what is in them" },
	{ 0 },
};

const struct command cmd_create_tables = {
	.name = "create-tables",
	.usage = "[--skip-staging]",
	.summary = "drop and create the staging tables and the star",
	.options = options,
	.settings = SETTINGS_ALL,
	.run = run_command,
};
