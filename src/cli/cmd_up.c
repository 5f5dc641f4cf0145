#include "spark/cli/out.h"
#include "spark/cli/plan_text.h"
#include "spark/cli/stack.h"

/* What would be made and what it costs, before anything is. A stack that is complete needs no question. */
static int confirm(const struct context *ctx, struct stack *s, struct err *err)
{
	char question[256], ttl[CLOCK_TEXT] = "";
	struct run_bill bill;
	struct json *plan;
	int rc = 0;
	if (s->target.local)
		return 0;
	plan = run_plan(&s->run, err);
	if (!plan)
		return -1;
	if (json_int(plan, "changes", 0) > 0) {
		if (!ctx->quiet)
			plan_print(ctx->msg, plan, false);
		rc = run_bill(&s->run, &bill, err);
		if (rc == 0 && bill.ttl_ms)
			clock_duration(bill.ttl_ms, ttl);
		snprintf(question, sizeof(question), "%s until 'sparkctl down %s'%s%s. Proceed?", bill.rate,
			 run_operands(&s->run), ttl[0] ? "; paused by AWS after " : "", ttl);
		if (rc == 0)
			rc = ask_proceed(ctx, question, err);
	}
	json_free(plan);
	return rc;
}

static int report(const struct context *ctx, const struct stack *s, int changes, struct err *err)
{
	if (ctx->json) {
		struct json *more = json_new_object();
		if (!more || json_set_int(more, "changes", changes) != 0 ||
		    json_set_str(more, "stack", run_stack(&s->run)) != 0) {
			json_free(more);
			return err_nomem(err);
		}
		return progress_result(ctx, changes ? "done" : "unchanged", more, err);
	}
	if (changes == 0)
		fprintf(ctx->out, "no changes\n");
	else
		fprintf(ctx->out, "stack '%s' is up\n", run_stack(&s->run));
	out_note(ctx, "'sparkctl status' tells how to connect, 'sparkctl down %s' removes it", run_operands(&s->run));
	return 0;
}

static int run_command(struct context *ctx, struct err *err)
{
	struct stack s;
	int changes = 0, rc = -1;
	if (stack_take_name(ctx, err) != 0 || stack_open(ctx, true, &s, err) != 0)
		return -1;
	if (confirm(ctx, &s, err) != 0)
		goto out;
	if (run_up(&s.run, &changes, err) != 0) {
		if (changes > 0)
			stack_advise_resume(&s, err);
		goto out;
	}
	progress_stop(s.progress);
	rc = report(ctx, &s, changes, err);
out:
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
