#include "spark/cli/stack.h"
#include "spark/pipeline/lifecycle.h"

static int change(struct context *ctx, struct run *r, int *changes, struct err *err)
{
	(void)ctx;
	return run_pause(r, changes, err);
}

static int run_command(struct context *ctx, struct err *err)
{
	return stack_change_cluster(ctx, change, "paused", err);
}

const struct command cmd_pause = {
	.name = "pause",
	.usage = "[STACK]",
	.summary = "stop the cluster, and its billing, until resume",
	.help = "Tables and everything else stay; only storage is billed while a cluster is paused.",
	.args_max = 1,
	.settings = SETTINGS_STACK | SETTINGS_AWS | SETTINGS_CLUSTER | SETTINGS_DATA | SETTINGS_SANDBOX,
	.run = run_command,
};
