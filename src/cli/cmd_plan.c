#include <inttypes.h>

#include "spark/cli/out.h"
#include "spark/cli/plan_text.h"
#include "spark/cli/stack.h"

static int print_plan(const struct context *ctx, const struct stack *s, const struct json *plan, struct err *err)
{
	int64_t changes = json_int(plan, "changes", 0);

	if (ctx->json)
		return out_json(ctx->out, plan, true, err);
	plan_print(ctx->out, plan, context_switch(ctx, "show-calls"));
	if (changes == 0)
		fprintf(ctx->out, "no changes\n");
	else
		out_note(ctx, "'sparkctl up %s' would send %" PRId64 " call%s that change something",
			 run_operands(&s->run), changes, changes == 1 ? "" : "s");
	return 0;
}

static int run_command(struct context *ctx, struct err *err)
{
	struct json *plan;
	struct stack s;
	int rc = -1;

	if (stack_take_name(ctx, err) != 0 || stack_open(ctx, false, &s, err) != 0)
		return -1;
	plan = run_plan(&s.run, err);
	progress_stop(s.progress);
	if (plan)
		rc = print_plan(ctx, &s, plan, err);
	json_free(plan);
	stack_close(&s);
	return rc;
}

static const struct command_option options[] = {
	{ "show-calls", 0, NULL, NULL, NULL, "list the calls that up would send" },
	{ 0 },
};

const struct command cmd_plan = {
	.name = "plan",
	.usage = "[STACK] [--show-calls]",
	.summary = "tell what up would do and what it costs, and do nothing",
	.help = "One line per resource: + is created, ~ changed, = left as it is. Sends only calls that read.",
	.options = options,
	.args_max = 1,
	.settings = SETTINGS_STACK | SETTINGS_AWS | SETTINGS_CLUSTER | SETTINGS_DATA | SETTINGS_SANDBOX,
	.run = run_command,
};
