#include "spark/cli/stack.h"

static int run_command(struct context *ctx, struct err *err)
{
	return stack_run_stages(ctx, run_etl, err);
}

static const struct command_option options[] = {
	{ "skip-staging", 0, NULL, NULL, NULL, "do not load; transform what staging holds" },
	{ 0 },
};

const struct command cmd_etl = {
	.name = "etl",
	.usage = "[STACK] [--skip-staging]",
	.summary = "load staging from S3 and fill the star from it",
	.help = "The transform is one transaction: it is done as a whole or not at all, and doing it twice changes "
		"nothing.",
	.options = options,
	.args_max = 1,
	.settings = SETTINGS_ALL,
	.run = run_command,
};
