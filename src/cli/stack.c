#include "spark/cli/stack.h"

#include <string.h>

void stack_close(struct stack *s)
{
	progress_stop(s->progress);
	if (s->prepared)
		run_clear(&s->run);
	target_close(&s->target);
	progress_free(s->progress);
	memset(s, 0, sizeof(*s));
}

int stack_take_name(struct context *ctx, struct err *err)
{
	if (ctx->arg_count == 0)
		return 0;
	if (config_origin(ctx->config, OPT_STACK) == FROM_FLAG &&
	    strcmp(config_str(ctx->config, OPT_STACK), ctx->args[0]) != 0)
		return err_set(err, ERR_USAGE, "'%s' and '--stack %s' are two stacks", ctx->args[0],
			       config_str(ctx->config, OPT_STACK));
	return config_set_flag(ctx->config, OPT_STACK, ctx->args[0], err);
}

int stack_open_unprepared(struct context *ctx, struct stack *out, struct err *err)
{
	memset(out, 0, sizeof(*out));
	if (target_open(ctx, &out->target, err) != 0)
		return -1;
	out->progress = progress_new(ctx, err);
	if (!out->progress) {
		stack_close(out);
		return -1;
	}
	out->run = (struct run){
		.config = ctx->config,
		.aws = out->target.aws,
		.endpoint_url = out->target.endpoint,
		.caller_ip_url = out->target.caller_ip_url,
		.target_option = out->target.local ? NULL : " --target aws",
		/* on AWS a forgotten cluster costs money */
		.ttl_ms = out->target.local ? 0 : 2LL * 3600 * 1000,
		.ssl_mode = out->target.ssl_mode,
		.ssl_ca = out->target.ssl_ca,
		.clock = ctx->clock,
		.stop = ctx->stop,
		.on_event = progress_event,
		.event_arg = out->progress,
	};
	return 0;
}

int stack_open(struct context *ctx, bool exclusive, struct stack *out, struct err *err)
{
	if (stack_open_unprepared(ctx, out, err) != 0)
		return -1;
	if (run_prepare(&out->run, exclusive, err) != 0) {
		stack_close(out);
		return -1;
	}
	out->prepared = true;
	return 0;
}

int stack_open_pipeline(const struct context *ctx, struct pipeline_sql *out, struct err *err)
{
	return pipeline_sql_open(config_str(ctx->config, OPT_PIPELINE), out, err);
}

int stack_run_stages(struct context *ctx,
		     int (*stages)(struct run *r, const struct pipeline_sql *sql, bool skip_staging, struct err *err),
		     struct err *err)
{
	struct pipeline_sql sql;
	struct stack s;
	int rc = -1;
	if (stack_take_name(ctx, err) != 0 || stack_open_pipeline(ctx, &sql, err) != 0)
		return -1;
	if (stack_open(ctx, true, &s, err) != 0)
		goto out;
	rc = stages(&s.run, &sql, context_switch(ctx, "skip-staging"), err);
	progress_stop(s.progress);
	if (rc == 0 && ctx->json)
		rc = progress_result(ctx, "done", NULL, err);
	stack_close(&s);
out:
	pipeline_sql_clear(&sql);
	return rc;
}

void stack_advise_resume(const struct stack *s, struct err *err)
{
	const char *stack = run_operands(&s->run);
	char before[sizeof(err->hint)];
	/* In these cases something has to be decided or mended first, which the hint tells. */
	if (err->kind == ERR_CONFLICT || err->kind == ERR_CONFIG)
		return;
	memcpy(before, err->hint, sizeof(before));
	err_hint(err, "%s%swhat was made so far stays: sparkctl up %s goes on, sparkctl down %s removes it", before,
		 before[0] ? "; " : "", stack, stack);
}

int stack_judge_checks(const struct stack *s, int failed, struct err *err)
{
	struct progress_checks c = progress_checks(s->progress);
	if (failed == 0)
		return 0;
	err_set(err, ERR_CHECK, "%d of %d checks failed", failed, c.passed + c.warned + c.failed);
	return err_hint(err,
			"a check is a query for wrong rows: run its file in checks/ with 'sparkctl query -f' to see "
			"them");
}
