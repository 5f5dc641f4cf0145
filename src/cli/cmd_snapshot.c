#include <inttypes.h>
#include <string.h>

#include "spark/cli/out.h"
#include "spark/cli/stack.h"
#include "spark/pipeline/lifecycle.h"

static int fill_table(struct out_table *t, const struct json *list, struct err *err)
{
	for (const struct json *s = json_first(list); s; s = json_next(s)) {
		if (out_table_add(t, json_str(s, "id", ""), STYLE_PLAIN, err) != 0 ||
		    out_table_add(t, json_str(s, "status", ""), STYLE_PLAIN, err) != 0 ||
		    out_table_add(t, json_str(s, "created", ""), STYLE_PLAIN, err) != 0 ||
		    out_table_addf(t, STYLE_PLAIN, err, "%" PRId64 " x %s", json_int(s, "nodes", 0),
				   json_str(s, "node_type", "")) != 0 ||
		    out_table_addf(t, STYLE_PLAIN, err, "%.0f", json_double(s, "size_mb", 0)) != 0)
			return -1;
	}
	return 0;
}

static int print_list(const struct context *ctx, const struct json *list, struct err *err)
{
	static const char *const names[] = { "SNAPSHOT", "STATUS", "CREATED", "NODES", "MB" };
	static const int right[] = { 4, -1 };
	struct out_table t;
	int rc;

	if (ctx->json)
		return out_json(ctx->out, list, true, err);
	if (json_count(list) == 0) {
		fprintf(ctx->out, "no snapshots\n");
		return 0;
	}
	if (out_table_init(&t, names, 5, right, err) != 0)
		return -1;
	rc = fill_table(&t, list, err);
	if (rc == 0)
		rc = out_table_print(&t, ctx->out, ctx->out_color, 0, err);
	out_table_clear(&t);
	return rc;
}

static int list(const struct context *ctx, struct stack *s, struct err *err)
{
	struct json *found = run_list_snapshots(&s->run, err);
	int rc = -1;

	progress_stop(s->progress);
	if (found)
		rc = print_list(ctx, found, err);
	json_free(found);
	return rc;
}

static int report(const struct context *ctx, const struct stack *s, const char *id, const char *what, struct err *err)
{
	struct json *more;

	progress_stop(s->progress);
	if (!ctx->json) {
		fprintf(ctx->out, "snapshot '%s' is %s\n", id, what);
		return 0;
	}
	more = json_new_object();
	if (!more || json_set_str(more, "snapshot", id) != 0) {
		json_free(more);
		return err_nomem(err);
	}
	return progress_result(ctx, what, more, err);
}

static int carry_out(struct context *ctx, struct stack *s, struct err *err)
{
	const char *gone = context_option(ctx, "delete"), *name = context_option(ctx, "name");
	char id[SNAPSHOT_ID_MAX] = "";

	if (context_switch(ctx, "list"))
		return list(ctx, s, err);
	if (gone)
		return run_delete_snapshot(&s->run, gone, err) != 0 ? -1 : report(ctx, s, gone, "deleted", err);
	if (name)
		snprintf(id, sizeof(id), "%s", name);
	if (run_snapshot(&s->run, id, err) != 0)
		return -1;
	if (report(ctx, s, id, "available", err) != 0)
		return -1;
	if (!s->target.local)
		out_note(ctx, "it is stored, and billed, until 'sparkctl snapshot --delete %s'", id);
	return 0;
}

static int run_command(struct context *ctx, struct err *err)
{
	const char *name = context_option(ctx, "name"), *gone = context_option(ctx, "delete");
	struct stack s;
	int rc;

	if ((name && snapshot_check_id(name, err) != 0) || (gone && snapshot_check_id(gone, err) != 0))
		return -1;
	if ((name != NULL) + (gone != NULL) + context_switch(ctx, "list") > 1)
		return err_set(err, ERR_USAGE, "--name, --list and --delete exclude each other");
	if (stack_take_name(ctx, err) != 0 || stack_open(ctx, !context_switch(ctx, "list"), &s, err) != 0)
		return -1;
	rc = carry_out(ctx, &s, err);
	stack_close(&s);
	return rc;
}

static const struct command_option options[] = {
	{ "name", 0, "ID", NULL, NULL, "its name; default: the cluster's and the time" },
	{ "list", 0, NULL, NULL, NULL, "list the stack's snapshots" },
	{ "delete", 0, "ID", NULL, NULL, "delete one of the stack's snapshots" },
	{ 0 },
};

const struct command cmd_snapshot = {
	.name = "snapshot",
	.usage = "[STACK] [--name ID | --list | --delete ID]",
	.summary = "keep the cluster's data as it is now, for restore",
	.help = "A snapshot outlives the stack: 'sparkctl down' names those that are left, 'sparkctl restore' makes a\n"
		"stack with the data of one.",
	.options = options,
	.args_max = 1,
	.settings = SETTINGS_STACK | SETTINGS_AWS | SETTINGS_CLUSTER | SETTINGS_DATA | SETTINGS_SANDBOX,
	.run = run_command,
};
