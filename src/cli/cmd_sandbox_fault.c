/* `sandbox fault`: what shall go wrong. */
#include <string.h>

#include "spark/aws/rest.h"
#include "spark/base/url.h"
#include "spark/cli/out.h"
#include "spark/cli/sandbox_commands.h"
#include "spark/cli/target.h"

#define PATH      "/_sparkctl/faults"
#define REPLY_MAX ((size_t)4 * 1024 * 1024)

/* "sparkctl AddFault failed: text; hint (InvalidFault)": what is wrong is what was typed. */
static void tell_usage(struct err *err)
{
	struct err why = *err;
	char *begin = strstr(why.text, " failed: "), *hint, *end;
	if (!err_has_code(&why, "InvalidFault") || !begin)
		return;
	begin += strlen(" failed: ");
	end = strstr(begin, " (InvalidFault)");
	if (end)
		*end = 0;
	hint = strstr(begin, "; ");
	if (hint) {
		*hint = 0;
		hint += 2;
	}
	err_set(err, ERR_USAGE, "%s", begin);
	err_hint(err, "%s", hint ? hint : "see 'sparkctl help sandbox fault'");
}

/* The reply as JSON; NULL with err. */
static struct json *ask(struct context *ctx, struct aws_rest *call, struct err *err)
{
	struct json *doc = NULL;
	struct target t;
	struct buf reply;
	if (target_open_sandbox(ctx, &t, err) != 0)
		return NULL;
	buf_init(&reply, REPLY_MAX);
	call->service = "sparkctl";
	call->path = PATH;
	if (aws_rest_call(t.aws, call, &reply, err) == 0)
		doc = json_parse(reply.data, reply.len, err);
	else
		tell_usage(err);
	buf_clear(&reply);
	target_close(&t);
	return doc;
}

/* A fault may be written as one word in quotes or as several. */
static int add(struct context *ctx, struct err *err)
{
	struct buf text;
	struct json *doc = NULL;
	int rc = -1;
	buf_init(&text, 4096);
	for (size_t i = 1; i < ctx->arg_count; i++)
		buf_printf(&text, "%s%s", i > 1 ? " " : "", ctx->args[i]);
	if (buf_check(&text, "the fault", err) != 0)
		goto out;
	if (!text.len) {
		err_set(err, ERR_USAGE, "which fault?");
		err_hint(err, "for example: sparkctl sandbox fault add kind=throttle service=redshift count=3");
		goto out;
	}
	doc = ask(ctx, &(struct aws_rest){ .action = "AddFault", .method = "POST", .body = text.data }, err);
	if (!doc)
		goto out;
	rc = 0;
	if (ctx->json)
		rc = out_json(ctx->out, doc, true, err);
	else
		fprintf(ctx->out, "%s\n", json_str(doc, "id", ""));
out:
	json_free(doc);
	buf_clear(&text);
	return rc;
}

static int print_table(struct context *ctx, const struct json *list, struct err *err)
{
	static const char *const names[] = { "id", "met", "hit", "fault" };
	static const int right[] = { 1, 2, -1 };
	struct out_table table;
	int rc = -1;
	if (out_table_init(&table, names, 4, right, err) != 0)
		return -1;
	for (const struct json *x = json_first(list); x; x = json_next(x)) {
		if (out_table_add(&table, json_str(x, "id", ""), STYLE_PLAIN, err) != 0 ||
		    out_table_addf(&table, STYLE_PLAIN, err, "%lld", (long long)json_int(x, "seen", 0)) != 0 ||
		    out_table_addf(&table, STYLE_PLAIN, err, "%lld", (long long)json_int(x, "fired", 0)) != 0 ||
		    out_table_add(&table, json_str(x, "spec", ""), STYLE_PLAIN, err) != 0)
			goto out;
	}
	rc = out_table_print(&table, ctx->out, ctx->out_color, 0, err);
out:
	out_table_clear(&table);
	return rc;
}

static int list(struct context *ctx, struct err *err)
{
	struct json *doc = NULL;
	int rc = 0;
	if (ctx->arg_count > 1)
		return err_set(err, ERR_USAGE, "unexpected argument '%s'", ctx->args[1]);
	doc = ask(ctx, &(struct aws_rest){ .action = "ListFaults", .method = "GET", .idempotent = true }, err);
	if (!doc)
		return -1;
	const struct json *faults = json_get(doc, "faults");
	if (ctx->json)
		rc = out_json(ctx->out, doc, true, err);
	else if (json_count(faults) == 0)
		out_note(ctx, "there are no faults");
	else
		rc = print_table(ctx, faults, err);
	json_free(doc);
	return rc;
}

static int clear(struct context *ctx, struct err *err)
{
	struct buf query;
	struct json *doc = NULL;
	int rc = -1;
	if (ctx->arg_count > 2)
		return err_set(err, ERR_USAGE, "unexpected argument '%s'", ctx->args[2]);
	buf_init(&query, 4096);
	if (ctx->arg_count == 2) {
		buf_puts(&query, "id=");
		url_encode(&query, ctx->args[1], strlen(ctx->args[1]), false);
	}
	if (buf_check(&query, "the fault's id", err) != 0)
		goto out;
	doc = ask(ctx, &(struct aws_rest){ .action = "ClearFaults", .method = "DELETE", .query = query.data }, err);
	if (!doc)
		goto out;
	rc = 0;
	int64_t count = json_int(doc, "cleared", 0);
	if (ctx->json)
		rc = out_json(ctx->out, doc, true, err);
	else
		fprintf(ctx->out, "%lld fault%s cleared\n", (long long)count, count == 1 ? "" : "s");
out:
	json_free(doc);
	buf_clear(&query);
	return rc;
}

static int run_command(struct context *ctx, struct err *err)
{
	static const struct {
		const char *name;
		int (*run)(struct context *ctx, struct err *err);
	} rows[] = { { "add", add }, { "list", list }, { "clear", clear } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].name, ctx->args[0]) == 0)
			return rows[i].run(ctx, err);
	}
	err_set(err, ERR_USAGE, "sandbox fault cannot '%s'", ctx->args[0]);
	return err_hint(err, "say add, list or clear");
}

const struct command sandbox_fault = {
	.name = "fault",
	.usage = "add KEY=VALUE... | list | clear [ID]",
	.summary = "let something go wrong, to see what happens",
	.help = "A fault is written as key=value pairs:\n"
		"  kind=throttle         the service asks for fewer requests\n"
		"  kind=error            it fails: status=503, code=ServiceUnavailable\n"
		"  kind=deny             the caller may not\n"
		"  kind=delay ms=500     it answers late\n"
		"  kind=hang             it never answers\n"
		"  kind=reset            the connection breaks, nothing was done\n"
		"  kind=lost-reply       the connection breaks, but it was done\n"
		"  kind=truncate         the reply breaks off, after bytes=100\n"
		"  kind=malformed        the reply is no document\n"
		"  kind=clock offset=1d  the service's clock is wrong\n"
		"  kind=stuck state=creating cluster=dwh   a cluster stays in that state\n"
		"Which calls it hits: service=redshift action=Describe* (patterns), the nth=3 of them and\n"
		"count=2 from there on, or each with probability=0.1 seed=7, the same ones in every run.\n"
		"Example: sparkctl sandbox fault add kind=lost-reply action=CreateCluster nth=1\n"
		"Faults end with 'fault clear', and with the sandbox: they are kept in memory only.",
	.args_min = 1,
	.args_max = 64,
	.settings = SETTINGS_SANDBOX,
	.run = run_command,
};
