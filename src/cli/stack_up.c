#include <inttypes.h>
#include <stdio.h>

#include "spark/cli/out.h"
#include "spark/cli/plan_text.h"
#include "spark/cli/stack.h"

/* "1 x ra3.large", "serverless, 8 RPU" */
static void name_nodes(const struct config *c, bool serverless, char out[64])
{
	if (serverless)
		snprintf(out, 64, "serverless, %" PRId64 " RPU", config_int(c, OPT_BASE_CAPACITY));
	else
		snprintf(out, 64, "%" PRId64 " x %.40s", config_int(c, OPT_NUM_NODES), config_str(c, OPT_NODE_TYPE));
}

int stack_confirm(const struct context *ctx, struct stack *s, bool ends, struct err *err)
{
	char question[512], nodes[64], until[128] = "this ends", ttl[CLOCK_TEXT] = "";
	struct run_bill bill;
	struct json *plan;
	int rc = 0;
	if (s->target.local)
		return 0;
	plan = run_plan(&s->run, err);
	if (!plan || run_bill(&s->run, &bill, err) != 0) {
		json_free(plan);
		return -1;
	}
	/* a stack that is complete needs no question */
	if (json_int(plan, "changes", 0) > 0) {
		if (ctx->in_terminal && !ctx->no_input && !ctx->quiet)
			plan_print(ctx->msg, plan, false);
		/* a workgroup needs no pause: without queries it costs nothing but storage */
		if (bill.ttl_ms && !bill.serverless)
			clock_duration(bill.ttl_ms, ttl);
		if (!ends)
			snprintf(until, sizeof(until), "'sparkctl down %s'", run_operands(&s->run));
		name_nodes(ctx->config, bill.serverless, nodes);
		snprintf(question, sizeof(question),
			 "stack '%s' in account %s, region %s: %s, %s%s until %s%s%s. Proceed?", run_stack(&s->run),
			 run_account(&s->run), config_str(ctx->config, OPT_REGION), nodes, bill.rate,
			 bill.serverless ? " while queries run," : "", until, ttl[0] ? "; AWS pauses it after " : "",
			 ttl);
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
	out_note(ctx, "'sparkctl status %s' tells what there is, 'sparkctl down %s' removes it", run_operands(&s->run),
		 run_operands(&s->run));
	return 0;
}

int stack_bring_up(struct context *ctx, struct stack *s, struct err *err)
{
	int changes = 0;
	if (stack_confirm(ctx, s, false, err) != 0)
		return -1;
	if (run_up(&s->run, &changes, err) != 0) {
		if (changes > 0)
			stack_advise_resume(s, err);
		return -1;
	}
	progress_stop(s->progress);
	return report(ctx, s, changes, err);
}

static int report_change(const struct context *ctx, const struct stack *s, int changes, const char *done,
			 struct err *err)
{
	if (!ctx->json) {
		if (changes == 0)
			fprintf(ctx->out, "no changes\n");
		else
			fprintf(ctx->out, "stack '%s' is %s\n", run_stack(&s->run), done);
		return 0;
	}
	struct json *more = json_new_object();
	if (!more || json_set_int(more, "changes", changes) != 0 ||
	    json_set_str(more, "stack", run_stack(&s->run)) != 0) {
		json_free(more);
		return err_nomem(err);
	}
	return progress_result(ctx, changes ? "done" : "unchanged", more, err);
}

int stack_change_cluster(struct context *ctx,
			 int (*change)(struct context *ctx, struct run *r, int *changes, struct err *err),
			 const char *done, struct err *err)
{
	struct stack s;
	int changes = 0, rc;
	if (stack_take_name(ctx, err) != 0 || stack_open(ctx, true, &s, err) != 0)
		return -1;
	rc = change(ctx, &s.run, &changes, err);
	progress_stop(s.progress);
	if (rc == 0)
		rc = report_change(ctx, &s, changes, done, err);
	stack_close(&s);
	return rc;
}
