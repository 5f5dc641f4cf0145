#include "spark/cli/stack.h"

static int run_command(struct context *ctx, struct err *err)
{
	struct stack s;
	int rc;
	if (stack_take_name(ctx, err) != 0 || stack_open(ctx, true, &s, err) != 0)
		return -1;
	rc = stack_bring_up(ctx, &s, err);
	stack_close(&s);
	return rc;
}

const struct command cmd_up = {
	.name = "up",
	.usage = "[STACK]",
	.summary = "create the stack: role, security group, cluster",
	.help = "What is there already is taken over when it carries the stack's tag, and left alone with an error "
		"when\n"
		"it does not. Can be repeated after any failure; when everything is there it says 'no changes'.\n"
		"With target aws it asks before it creates anything.",
	.args_max = 1,
	.settings = SETTINGS_STACK | SETTINGS_AWS | SETTINGS_CLUSTER | SETTINGS_DATA | SETTINGS_SANDBOX,
	.run = run_command,
};
