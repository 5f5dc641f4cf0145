#include <string.h>

#include "spark/cli/out.h"
#include "spark/cli/stack.h"

static const struct {
	const char *action, *mark, *word;
} marks[] = {
	{ "create", "+", "create" },
	{ "change", "~", "change" },
	{ "keep", "=", "keep" },
	{ "given", "=", "use" },
};

static void print_calls(const struct context *ctx, const struct json *calls)
{
	for (size_t i = 0; i < json_count(calls); i++) {
		const struct json *call = json_at(calls, i);

		fprintf(ctx->out, "      %s %s\n", json_str(call, "action", ""), json_str(call, "name", ""));
	}
}

static void print_row(const struct context *ctx, const struct json *row)
{
	const char *action = json_str(row, "action", "");

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (strcmp(action, marks[i].action) == 0)
			fprintf(ctx->out, "  %s %-7s %-13s %s\n", marks[i].mark, marks[i].word,
				json_str(row, "resource", ""), json_str(row, "name", ""));
	}
	if (context_switch(ctx, "show-calls"))
		print_calls(ctx, json_get(row, "calls"));
}

static size_t count_calls(const struct json *rows)
{
	size_t count = 0;

	for (size_t i = 0; i < json_count(rows); i++)
		count += json_count(json_get(json_at(rows, i), "calls"));
	return count;
}

static int print_plan(const struct context *ctx, const struct stack *s, const struct json *plan, struct err *err)
{
	const struct json *rows = json_get(plan, "resources");
	size_t calls = count_calls(rows);

	if (ctx->json)
		return out_json(ctx->out, plan, true, err);
	fprintf(ctx->out, "stack '%s' in account %s, region %s\n", json_str(plan, "stack", ""),
		json_str(plan, "account", ""), json_str(plan, "region", ""));
	for (size_t i = 0; i < json_count(rows); i++)
		print_row(ctx, json_at(rows, i));
	if (calls == 0)
		fprintf(ctx->out, "no changes\n");
	else
		out_note(ctx, "'sparkctl up %s' would send %zu call%s that change%s something", run_operands(&s->run),
			 calls, calls == 1 ? "" : "s", calls == 1 ? "s" : "");
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

const struct command cmd_plan = {
	.name = "plan",
	.usage = "[STACK]",
	.summary = "tell what up would do, and do nothing",
	.help = "One line per resource: + is created, ~ changed, = left as it is. Sends only calls that read.",
	.options =
		(const struct command_option[]){
			{ "show-calls", 0, NULL, NULL, NULL, "list the calls that up would send" },
			{ 0 },
		},
	.args_max = 1,
	.settings = SETTINGS_STACK | SETTINGS_AWS | SETTINGS_CLUSTER | SETTINGS_DATA | SETTINGS_SANDBOX,
	.run = run_command,
};
