#include <inttypes.h>

#include "spark/cli/out.h"
#include "spark/cli/stack.h"
#include "spark/pipeline/lifecycle.h"
#include "spark/pipeline/status.h"

static int report(const struct context *ctx, struct stack *s, int left, struct err *err)
{
	char ran[CLOCK_TEXT];
	struct run_bill bill;
	if (run_bill(&s->run, &bill, err) != 0)
		return -1;
	if (!ctx->json && bill.ran_ms == 0) {
		fprintf(ctx->out, "%d resources left\n", left);
		return 0;
	}
	if (!ctx->json) {
		clock_duration(bill.ran_ms, ran);
		fprintf(ctx->out, "%d resources left · ran %s · %s%s\n", left, ran, bill.spent,
			s->target.local ? " on AWS, nothing here" : "");
		return 0;
	}
	struct json *more = json_new_object();
	if (!more || json_set_int(more, "left", left) != 0 || json_set_int(more, "ran_ms", bill.ran_ms) != 0 ||
	    json_set_double(more, "usd", bill.usd_per_hour * (double)bill.ran_ms / 3600000.0) != 0) {
		json_free(more);
		return err_nomem(err);
	}
	return progress_result(ctx, left ? "left" : "done", more, err);
}

/* Snapshots are kept on purpose, and stored for money: whoever takes the stack down is reminded. */
static void tell_snapshots(const struct context *ctx, struct stack *s)
{
	struct err later = { 0 };
	struct json *list = run_list_snapshots(&s->run, &later);
	if (!list)
		out_note(ctx, "whether snapshots are kept is not known: %s", later.text);
	for (const struct json *x = json_first(list); x; x = json_next(x))
		out_note(ctx, "snapshot '%s' is kept; 'sparkctl snapshot %s --delete %s' removes it",
			 json_str(x, "id", ""), run_operands(&s->run), json_str(x, "id", ""));
	json_free(list);
}

static int run_command(struct context *ctx, struct err *err)
{
	struct stack s;
	char question[256];
	int left = 0, rc = -1;
	const char *keep = context_option(ctx, "final-snapshot");
	if ((keep && snapshot_check_id(keep, err) != 0) || stack_take_name(ctx, err) != 0)
		return -1;
	snprintf(question, sizeof(question), "delete everything of stack '%s' (target %s)?",
		 config_str(ctx->config, OPT_STACK), config_str(ctx->config, OPT_TARGET));
	if (ask_word(ctx, question, config_str(ctx->config, OPT_STACK), err) != 0)
		return -1;
	if (stack_open(ctx, true, &s, err) != 0)
		return -1;
	s.run.final_snapshot = context_option(ctx, "final-snapshot");
	rc = run_down(&s.run, &left, err);
	progress_stop(s.progress);
	if ((rc == 0 || left > 0) && report(ctx, &s, left, rc == 0 ? err : NULL) != 0)
		rc = -1;
	if (rc == 0) {
		run_keep_down(&s.run);
		tell_snapshots(ctx, &s);
	}
	stack_close(&s);
	return rc;
}

static const struct command_option options[] = {
	{ "final-snapshot", 0, "ID", NULL, NULL, "keep the cluster's data in a snapshot of this name" },
	{ 0 },
};

const struct command cmd_down = {
	.name = "down",
	.usage = "[STACK] [--final-snapshot ID]",
	.summary = "delete the stack and make sure that nothing is left",
	.help = "Deletes what carries the stack's tag, waits until it is gone, and counts what is left. Works from "
		"any\n"
		"state and without the state folder. On a terminal the stack's name has to be typed; scripts say "
		"--yes.",
	.options = options,
	.args_max = 1,
	.settings = SETTINGS_STACK | SETTINGS_AWS | SETTINGS_CLUSTER | SETTINGS_SANDBOX,
	.run = run_command,
};
