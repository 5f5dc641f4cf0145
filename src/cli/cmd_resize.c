#include <stdio.h>
#include <string.h>

#include "spark/cli/out.h"
#include "spark/cli/stack.h"
#include "spark/pipeline/lifecycle.h"

static int change(struct context *ctx, struct run *r, int *changes, struct err *err)
{
	char question[256];
	struct run_bill bill;

	if (strcmp(config_str(ctx->config, OPT_TARGET), "aws") == 0) {
		if (run_bill(r, &bill, err) != 0)
			return -1;
		snprintf(question, sizeof(question), "resize stack '%s': %s from then on. Proceed?", run_stack(r),
			 bill.rate);
		if (ask_proceed(ctx, question, err) != 0)
			return -1;
	}
	return run_resize(r, context_switch(ctx, "classic"), changes, err);
}

static int run_command(struct context *ctx, struct err *err)
{
	return stack_change_cluster(ctx, change, "resized", err);
}

static const struct command_option options[] = {
	{ "classic", 0, NULL, NULL, NULL, "copy everything into new nodes, for steps that elastic resize cannot make" },
	{ 0 },
};

const struct command cmd_resize = {
	.name = "resize",
	.usage = "[STACK] [--node-type TYPE] [--num-nodes N] [--classic]",
	.summary = "change the cluster's node type or number of nodes",
	.help = "Give --node-type, --num-nodes or both; what is not given stays. On AWS it tells the new price and "
		"asks.",
	.options = options,
	.args_max = 1,
	.settings = SETTINGS_STACK | SETTINGS_AWS | SETTINGS_CLUSTER | SETTINGS_DATA | SETTINGS_SANDBOX,
	.run = run_command,
};
