#include "spark/cli/stack.h"

static int run_command(struct context *ctx, struct err *err)
{
	return stack_run_stages(ctx, run_create_tables, err);
}

static const struct command_option options[] = {
	{ "skip-staging", 0, NULL, NULL, NULL, "leave the staging tables and what is in them" },
	{ 0 },
};

const struct command cmd_create_tables = {
	.name = "create-tables",
	.usage = "[STACK] [--skip-staging]",
	.summary = "drop and create the staging tables and the star",
	.options = options,
	.args_max = 1,
	.settings = SETTINGS_ALL,
	.run = run_command,
};
