#include <inttypes.h>

#include "spark/cli/out.h"
#include "spark/cli/stack.h"

static int report(const struct context *ctx, int left, struct err *err)
{
	if (!ctx->json) {
		fprintf(ctx->out, "%d resources left\n", left);
		return 0;
	}
	struct json *more = json_new_object();
	if (!more || json_set_int(more, "left", left) != 0) {
		json_free(more);
		return err_nomem(err);
	}
	return progress_result(ctx, left ? "left" : "done", more, err);
}

static int run_command(struct context *ctx, struct err *err)
{
	struct stack s;
	char question[256];
	int left = 0, rc = -1;
	if (stack_take_name(ctx, err) != 0)
		return -1;
	snprintf(question, sizeof(question), "delete everything of stack '%s' (target %s)?",
		 config_str(ctx->config, OPT_STACK), config_str(ctx->config, OPT_TARGET));
	if (ask_word(ctx, question, config_str(ctx->config, OPT_STACK), err) != 0)
		return -1;
	if (stack_open(ctx, true, &s, err) != 0)
		return -1;
	rc = run_down(&s.run, &left, err);
	progress_stop(s.progress);
	if ((rc == 0 || left > 0) && report(ctx, left, rc == 0 ? err : NULL) != 0)
		rc = -1;
	stack_close(&s);
	return rc;
}

const struct command cmd_down = {
	.name = "down",
	.usage = "[STACK]",
	.summary = "delete the stack and make sure that nothing is left",
	.help = "Deletes what carries the stack's tag, waits until it is gone, and counts what is left. Works from "
		"any\n"
		"state and without the state folder. On a terminal the stack's name has to be typed; scripts say "
		"--yes.",
	.args_max = 1,
	.settings = SETTINGS_STACK | SETTINGS_AWS | SETTINGS_CLUSTER | SETTINGS_SANDBOX,
	.run = run_command,
};
