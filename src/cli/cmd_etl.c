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
	rc = run_etl(&s.run, &sql, context_switch(ctx, "skip-staging"), err);
	progress_stop(s.progress);
	if (rc == 0 && ctx->json)
		rc = progress_result(ctx, "done", NULL, err);
	stack_close(&s);
out:
	pipeline_sql_clear(&sql);
	return rc;
}

static const struct command_option options[] = {
	{ "skip-staging", 0, NULL, NULL, NULL, "do not load; transform what staging holds" },
	{ 0 },
};

const struct command cmd_etl = {
	.name = "etl",
	.usage = "[--skip-staging]",
	.summary = "load staging from S3 and fill the star from it",
	.help = "The transform is one transaction: it is done as a whole or not at all, and doing it twice changes "
		"nothing.",
	.options = options,
	.settings = SETTINGS_ALL,
	.run = run_command,
};
