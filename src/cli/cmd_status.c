#include <inttypes.h>
#include <string.h>

#include "spark/cli/out.h"
#include "spark/cli/stack.h"

static void print_line(FILE *to, const char *name, const char *value, const char *more)
{
	if (value && *value)
		fprintf(to, "%-12s%s%s%s\n", name, value, more && *more ? "  " : "", more ? more : "");
}

static int print_tables(struct context *ctx, const struct json *tables, struct err *err)
{
	static const char *const names[] = { "TABLE", "ROWS" };
	static const int right[] = { 1, -1 };
	struct out_table t;
	int rc = 0;
	if (json_count(tables) == 0)
		return 0;
	if (out_table_init(&t, names, 2, right, err) != 0)
		return -1;
	for (const struct json *x = json_first(tables); rc == 0 && x; x = json_next(x)) {
		rc = out_table_add(&t, json_str(x, "name", "?"), STYLE_PLAIN, err);
		if (rc == 0)
			rc = out_table_addf(&t, STYLE_PLAIN, err, "%" PRId64, json_int(x, "rows", 0));
	}
	fputc('\n', ctx->out);
	if (rc == 0)
		rc = out_table_print(&t, ctx->out, ctx->out_color, 0, err);
	out_table_clear(&t);
	return rc;
}

static int print_text(struct context *ctx, const struct json *doc, struct err *err)
{
	const struct json *cluster = json_get(doc, "cluster"), *role = json_get(doc, "role"),
			  *group = json_get(doc, "group"), *connection = json_get(doc, "connection");
	char address[512] = "";
	print_line(ctx->out, "stack", json_str(doc, "stack", ""), NULL);
	print_line(ctx->out, "target", json_str(doc, "target", ""), json_str(doc, "region", ""));
	print_line(ctx->out, "account", json_str(doc, "account", ""), NULL);
	if (!json_is_object(cluster) && !json_is_object(role) && !json_is_object(group)) {
		fprintf(ctx->out, "%-12s%s\n", "resources", "none");
		out_note(ctx, "'sparkctl up' creates the stack, 'sparkctl run' does everything");
		return 0;
	}
	print_line(ctx->out, "cluster", json_str(cluster, "id", "-"), json_str(cluster, "status", ""));
	print_line(ctx->out, "role", json_str(role, "name", "-"), json_str(role, "arn", ""));
	print_line(ctx->out, "group", json_str(group, "name", "-"), json_str(group, "id", ""));
	const struct json *place = json_is_object(connection) ? connection : cluster;
	if (json_str(place, "host", "")[0])
		snprintf(address, sizeof(address), "%s:%" PRId64, json_str(place, "host", ""),
			 json_int(place, "port", 0));
	print_line(ctx->out, "address", address, NULL);
	return print_tables(ctx, json_get(doc, "tables"), err);
}

static int run_command(struct context *ctx, struct err *err)
{
	struct stack s;
	int rc = -1;
	if (stack_take_name(ctx, err) != 0 || stack_open(ctx, false, &s, err) != 0)
		return -1;
	/* Whoever asks for JSON wants to connect; people should not find a password on their screen. */
	struct json *doc = run_status(&s.run, ctx->json, err);
	progress_stop(s.progress);
	if (doc)
		rc = ctx->json ? out_json(ctx->out, doc, true, err) : print_text(ctx, doc, err);
	json_free(doc);
	stack_close(&s);
	return rc;
}

const struct command cmd_status = {
	.name = "status",
	.usage = "[STACK]",
	.summary = "show what there is of the stack, and its tables",
	.help = "With --json it also tells how to connect: host, port, database, user and password. Unless a password\n"
		"was set, it is a temporary one that ends within the hour.",
	.args_max = 1,
	.settings = SETTINGS_STACK | SETTINGS_AWS | SETTINGS_CLUSTER | SETTINGS_SANDBOX,
	.run = run_command,
};
