#include "spark/cli/status_text.h"

#include <inttypes.h>
#include <string.h>

#include "spark/cli/out.h"
#include "spark/pipeline/status.h"

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

static void print_network(FILE *to, const struct json *network)
{
	char more[300];

	if (!json_str(network, "vpc", "")[0])
		return;
	snprintf(more, sizeof(more), "%s", json_str(network, "vpc", ""));
	if (json_count(json_get(network, "subnets")) > 0)
		snprintf(more, sizeof(more), "%s, %zu subnets%s%s", json_str(network, "vpc", ""),
			 json_count(json_get(network, "subnets")), json_str(network, "gateway", "")[0] ? ", " : "",
			 json_str(network, "gateway", ""));
	print_line(to, "network", json_str(network, "mode", ""), more);
}

/* "in 1h58m", from a time in ISO form. */
static void add_until(const struct context *ctx, const char *iso, char out[CLOCK_TEXT + 8])
{
	struct err unread;
	char text[CLOCK_TEXT];
	int64_t at_ms, left_ms;

	out[0] = 0;
	if (clock_parse(iso, &at_ms, &unread) != 0)
		return;
	left_ms = at_ms - clock_now(ctx->clock);
	clock_duration(left_ms < 0 ? -left_ms : left_ms, text);
	snprintf(out, CLOCK_TEXT + 8, left_ms < 0 ? "%s ago" : "in %s", text);
}

static void print_cost(const struct context *ctx, const struct json *doc)
{
	const struct json *cost = json_get(doc, "cost");
	bool serverless;
	const struct json *cluster = status_warehouse(doc, &serverless);
	const char *pauses_at = json_str(cost, "pauses_at", "");
	char age[CLOCK_TEXT], text[160], until[CLOCK_TEXT + 8];
	bool local = strcmp(json_str(doc, "target", ""), "local") == 0;

	if (!cost || !cluster)
		return;
	clock_duration(json_int(cost, "ran_s", 0) * 1000, age);
	if (json_int(cost, "ran_s", 0) > 0)
		print_line(ctx->out, "age", age, "");
	if (strcmp(json_str(cluster, "status", ""), "paused") == 0)
		snprintf(text, sizeof(text), "paused: storage only, %s while it runs", json_str(cost, "rate", ""));
	else
		snprintf(text, sizeof(text), "%s%s, spent %s", json_str(cost, "rate", ""),
			 serverless ? " while queries run" : "", json_str(cost, "spent", ""));
	print_line(ctx->out, "price", text, local ? "(on AWS; the sandbox costs nothing)" : "");
	add_until(ctx, pauses_at, until);
	print_line(ctx->out, "pauses", pauses_at, until);
}

static void print_last_run(const struct context *ctx, const struct json *run)
{
	char ago[CLOCK_TEXT + 8], text[200];
	int64_t passed = json_int(run, "passed", 0), warned = json_int(run, "warned", 0),
		failed = json_int(run, "failed", 0);

	if (!run)
		return;
	add_until(ctx, json_str(run, "ended", ""), ago);
	snprintf(text, sizeof(text), "%s %s", json_str(run, "outcome", ""), ago);
	if (passed + warned + failed > 0)
		snprintf(text, sizeof(text),
			 "%s %s, checks: %" PRId64 " passed, %" PRId64 " warned, %" PRId64 " failed",
			 json_str(run, "outcome", ""), ago, passed, warned, failed);
	print_line(ctx->out, "last run", text, "");
	print_line(ctx->out, "", json_str(run, "error", ""), "");
}

static void print_stale(const struct context *ctx, const struct json *doc)
{
	char age[CLOCK_TEXT], text[CLOCK_TEXT + 40];

	if (!json_bool(doc, "stale", false))
		return;
	clock_duration(json_int(doc, "seen_s", 0) * 1000, age);
	snprintf(text, sizeof(text), "seen %s ago, at %s", age, json_str(doc, "seen", ""));
	print_line(ctx->out, "stale", text, "");
}

int status_text_print(struct context *ctx, const struct json *doc, struct err *err)
{
	const struct json *role = json_get(doc, "role"), *group = json_get(doc, "group");
	bool serverless;
	const struct json *cluster = status_warehouse(doc, &serverless);
	char address[512] = "";
	int rc = 0;
	print_stale(ctx, doc);
	print_line(ctx->out, "stack", json_str(doc, "stack", ""), NULL);
	print_line(ctx->out, "target", json_str(doc, "target", ""), json_str(doc, "region", ""));
	print_line(ctx->out, "account", json_str(doc, "account", ""), NULL);
	if (!cluster && !json_is_object(role) && !json_is_object(group)) {
		fprintf(ctx->out, "%-12s%s\n", "resources", "none");
	} else {
		print_line(ctx->out, serverless ? "workgroup" : "cluster", json_str(cluster, "id", "-"),
			   json_str(cluster, "status", ""));
		print_line(ctx->out, "role", json_str(role, "name", "-"), json_str(role, "arn", ""));
		print_line(ctx->out, "group", json_str(group, "name", "-"), json_str(group, "id", ""));
		print_network(ctx->out, json_get(doc, "network"));
		if (json_str(cluster, "host", "")[0])
			snprintf(address, sizeof(address), "%s:%" PRId64, json_str(cluster, "host", ""),
				 json_int(cluster, "port", 0));
		print_line(ctx->out, "address", address, NULL);
		print_cost(ctx, doc);
	}
	print_last_run(ctx, json_get(doc, "last_run"));
	print_line(ctx->out, "tables", json_str(doc, "tables_error", ""), NULL);
	rc = print_tables(ctx, json_get(doc, "tables"), err);
	if (rc == 0 && json_str(doc, "next", "")[0])
		out_note(ctx, "next: %s", json_str(doc, "next", ""));
	return rc;
}

void status_text_add_line(struct buf *out, const struct json *doc)
{
	const struct json *tables = json_get(doc, "tables");
	bool serverless;
	const struct json *cluster = status_warehouse(doc, &serverless);
	int64_t rows = 0;

	if (json_bool(doc, "stale", false))
		buf_printf(out, "out of reach, seen at %s: ", json_str(doc, "seen", ""));
	if (cluster)
		buf_printf(out, "%s %s", serverless ? "workgroup" : "cluster", json_str(cluster, "status", ""));
	else
		buf_puts(out, "no cluster");
	if (json_is_array(tables)) {
		for (const struct json *x = json_first(tables); x; x = json_next(x))
			rows += json_int(x, "rows", 0);
		buf_printf(out, ", %zu tables, %" PRId64 " rows", json_count(tables), rows);
	}
	if (json_get(json_get(doc, "last_run"), "ended"))
		buf_printf(out, ", last run %s at %s", json_str(json_get(doc, "last_run"), "outcome", ""),
			   json_str(json_get(doc, "last_run"), "ended", ""));
}
