#include "spark/cli/stack.h"
#include "spark/pipeline/lifecycle.h"

static int change(struct context *ctx, struct run *r, int *changes, struct err *err)
{
	(void)ctx;
	return run_resume(r, changes, err);
}

static int run_command(struct context *ctx, struct err *err)
{
	return stack_change_cluster(ctx, change, "running again", err);
}

const struct command cmd_resume = {
	.name = "resume",
	.usage = "[STACK]",
	.summary = "start a paused cluster again",
	.help = "With --ttl (the default on AWS) the service pauses it again when that time is over.",
	.args_max = 1,
	.settings = SETTINGS_STACK | SETTINGS_AWS | SETTINGS_CLUSTER | SETTINGS_DATA | SETTINGS_SANDBOX,
	.run = run_command,
};
