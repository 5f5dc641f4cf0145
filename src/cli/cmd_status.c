/* `status`: what there is, for people, for programs and for other tools; once or as it changes. */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "spark/base/env.h"
#include "spark/base/mem.h"
#include "spark/cli/out.h"
#include "spark/cli/stack.h"
#include "spark/cli/status_formats.h"
#include "spark/cli/status_text.h"
#include "spark/pipeline/status.h"

/* A service that cannot be reached is no answer of its own: scripts tell it by this. */
#define STALE_EXIT_CODE 4

static bool is_out_of_reach(const struct err *err)
{
	return err->kind == ERR_UNREACHABLE || err->kind == ERR_TIMEOUT;
}

/* What was seen last, marked so; why: the failure that is the reason. NULL when nothing was kept. */
static struct json *recall(const struct context *ctx, const struct err *why)
{
	char seen[CLOCK_TEXT];
	struct err none;
	int64_t seen_ms;
	struct json *doc = status_recall(ctx->config, &seen_ms, &none);

	if (!doc)
		return NULL;
	clock_iso_s(seen_ms, seen);
	if (json_set_bool(doc, "stale", true) == 0 && json_set_str(doc, "seen", seen) == 0 &&
	    json_set_int(doc, "seen_s", (clock_now(ctx->clock) - seen_ms) / 1000) == 0 &&
	    json_set_str(doc, "error", why->text) == 0)
		return doc;
	json_free(doc);
	return NULL;
}

static int print(struct context *ctx, const struct json *doc, bool json, struct err *err)
{
	return json ? out_json(ctx->out, doc, true, err) : status_text_print(ctx, doc, err);
}

/* *code: 0, or that of a status that is not of now. */
static int show_once(struct context *ctx, bool json, int *code, struct err *err)
{
	struct json *doc = NULL;
	struct stack s;
	int rc = -1;

	*code = 0;
	if (stack_open(ctx, false, &s, err) == 0) {
		/* Whoever asks for JSON wants to connect; people should not find a password on their screen. */
		doc = run_status(&s.run, json, err);
		if (doc)
			run_keep_status(&s.run, doc);
		stack_close(&s);
	}
	if (!doc && is_out_of_reach(err)) {
		doc = recall(ctx, err);
		if (doc) {
			out_warn(ctx, "%s", err->text);
			*code = STALE_EXIT_CODE;
		}
	}
	if (doc)
		rc = print(ctx, doc, json, err);
	json_free(doc);
	return rc;
}

static int show_format(struct context *ctx, const char *format, struct err *err)
{
	struct run_access access;
	char until[CLOCK_TEXT];
	struct stack s;
	struct buf text;
	int rc;

	if (stack_open(ctx, false, &s, err) != 0)
		return -1;
	buf_init(&text, 1024 * 1024);
	rc = run_access(&s.run, &access, err);
	progress_stop(s.progress);
	if (rc == 0) {
		const struct status_format_input in = { run_stack(&s.run), &access, ctx->config };

		(void)status_format(format, &in, &text);
		rc = buf_check(&text, "the output", err);
		if (rc == 0)
			rc = fwrite(text.data, 1, text.len, ctx->out) == text.len
				     ? 0
				     : err_set(err, ERR_IO, "cannot write the output");
		/* the others say so themselves */
		if (rc == 0 && access.expires_ms && strcmp(format, "dsn") == 0) {
			clock_iso_s(access.expires_ms, until);
			out_note(ctx, "the password is a temporary one and ends at %s", until);
		}
		run_access_clear(&access);
	}
	buf_wipe(&text);
	stack_close(&s);
	return rc;
}

/* What is shown again and again. */
struct watch {
	struct context *ctx;
	bool json, redraw;
	struct buf line, last; /* of what has changed, off a terminal */
};

static int watch_show(struct watch *w, const struct json *doc, struct err *err)
{
	struct context *ctx = w->ctx;
	char now[CLOCK_TEXT];

	if (w->redraw) {
		fputs("\033[H\033[J", ctx->out);
		return print(ctx, doc, false, err);
	}
	buf_reset(&w->line);
	status_text_add_line(&w->line, doc);
	if (buf_check(&w->line, "line", err) != 0)
		return -1;
	if (strcmp(w->line.data, w->last.data) == 0)
		return 0;
	buf_reset(&w->last);
	buf_puts(&w->last, w->line.data);
	if (w->json)
		return out_json(ctx->out, doc, false, err);
	clock_iso_s(clock_now(ctx->clock), now);
	fprintf(ctx->out, "%s %s\n", now, w->line.data);
	return 0;
}

/* One look. What cannot be reached for a while is shown as it was. */
static int watch_look(struct watch *w, struct stack *s, struct err *err)
{
	struct json *doc = run_status(&s->run, w->json, err);
	int rc;

	if (doc)
		run_keep_status(&s->run, doc);
	else if (is_out_of_reach(err))
		doc = recall(w->ctx, err);
	if (!doc)
		return -1;
	rc = watch_show(w, doc, err);
	json_free(doc);
	fflush(w->ctx->out);
	return rc;
}

static int watch(struct context *ctx, bool json, int64_t every_ms, struct err *err)
{
	const char *term = env_get("TERM");
	struct watch w = { .ctx = ctx, .json = json };
	struct stack s;
	int rc;

	if (stack_open(ctx, false, &s, err) != 0)
		return -1;
	progress_stop(s.progress);
	buf_init(&w.line, 65536);
	buf_init(&w.last, 65536);
	w.redraw = !json && isatty(fileno(ctx->out)) && term && strcmp(term, "dumb") != 0;
	if (w.redraw)
		fputs("\033[2J", ctx->out);
	do
		rc = watch_look(&w, &s, err);
	while (rc == 0 && clock_sleep(ctx->clock, every_ms, ctx->stop) == 0 && !*ctx->stop);
	if (rc == 0)
		rc = err_set(err, ERR_INTERRUPTED, "interrupted");
	buf_clear(&w.line);
	buf_clear(&w.last);
	stack_close(&s);
	return rc;
}

static int parse_seconds(const char *text, int64_t *every_ms, struct err *err)
{
	size_t digits = strspn(text, "0123456789");

	*every_ms = digits > 0 && digits < 6 && !text[digits] ? strtoll(text, NULL, 10) * 1000 : 0;
	if (*every_ms > 0)
		return 0;
	err_set(err, ERR_USAGE, "'%s' is no number of seconds", text);
	return err_hint(err, "write --watch, or --watch 10");
}

static int run_command(struct context *ctx, struct err *err)
{
	const char *format = context_option(ctx, "output");
	bool text = strcmp(format, "text") == 0, json = strcmp(format, "json") == 0 || (text && ctx->json);
	int64_t every_ms;
	int code, rc;

	if (stack_take_name(ctx, err) != 0)
		return -1;
	if (!text && !json) {
		if (!ctx->json && !context_switch(ctx, "watch"))
			return show_format(ctx, format, err);
		return err_set(err, ERR_USAGE, "'--output %s' and '%s' exclude each other", format,
			       ctx->json ? "--json" : "--watch");
	}
	if (context_switch(ctx, "watch")) {
		if (parse_seconds(context_option(ctx, "watch"), &every_ms, err) != 0)
			return -1;
		return watch(ctx, json, every_ms, err);
	}
	rc = show_once(ctx, json, &code, err);
	return rc == 0 ? code : rc;
}

static const struct command_option options[] = {
	{ "output", 0, "FORMAT", "text|json|env|dsn|dwh.cfg|dbt", "text", "how it is written, or for which tool" },
	{ "watch", 0, "[SECONDS]", NULL, "5", "look again and again; off a terminal a line per change" },
	{ 0 },
};

const struct command cmd_status = {
	.name = "status",
	.usage = "[STACK] [--output FORMAT] [--watch [SECONDS]]",
	.summary = "show what there is of the stack, its tables, its costs, and how to connect",
	.help = "With --json it also tells how to connect: host, port, database, user and password. Unless a password\n"
		"was set, it is a temporary one that ends within the hour. For other tools: env are lines for a shell\n"
		"(eval \"$(sparkctl status --output env)\"; psql), dsn is an address for libpq, psycopg2 and "
		"SQLAlchemy,\n"
		"dwh.cfg the file that scripts of the course read, dbt a profiles.yml. All of these hold the "
		"password.\n"
		"When the services cannot be reached, what was seen last is shown, marked as such, and the exit code\n"
		"is 4. With --watch it ends on Ctrl-C.",
	.options = options,
	.args_max = 1,
	.settings = SETTINGS_STACK | SETTINGS_AWS | SETTINGS_CLUSTER | SETTINGS_DATA | SETTINGS_SANDBOX,
	.run = run_command,
};
