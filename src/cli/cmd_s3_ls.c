/* `s3 ls`. */
#include <inttypes.h>
#include <string.h>

#include "spark/aws/s3.h"
#include "spark/cli/out.h"
#include "spark/cli/s3_commands.h"

struct printer {
	struct context *ctx;
	size_t strip; /* bytes of the prefix that are not repeated */
	size_t count;
	int64_t size_bytes;
	struct err *err;
};

static void add_time(struct buf *line, int64_t ms)
{
	struct utc t;
	clock_to_utc(ms, &t);
	buf_printf(line, "%04d-%02d-%02d %02d:%02d:%02d", t.year, t.month, t.day, t.hour, t.minute, t.second);
}

/* One JSON object per line: a listing may be long, and is written as it comes. */
static int print_json(struct printer *p, const char *name, const char *value, int64_t size, int64_t modified_ms)
{
	char when[CLOCK_TEXT];
	struct json *doc = json_new_object();
	int rc = -1;
	clock_iso_s(modified_ms, when);
	if (!doc || json_set_str(doc, name, value) != 0 || (size >= 0 && json_set_int(doc, "size", size) != 0) ||
	    (modified_ms > 0 && json_set_str(doc, "modified", when) != 0))
		err_nomem(p->err);
	else
		rc = out_json(p->ctx->out, doc, false, p->err);
	json_free(doc);
	return rc;
}

static int print_bucket(void *arg, const char *name, int64_t created_ms)
{
	struct printer *p = arg;
	struct buf line;
	p->count++;
	if (p->ctx->json)
		return print_json(p, "bucket", name, -1, created_ms);
	buf_init(&line, 65536);
	add_time(&line, created_ms);
	buf_printf(&line, "  %s\n", name);
	int rc = out_buf(p->ctx->out, &line, p->err);
	buf_clear(&line);
	return rc;
}

static int print_object(void *arg, const struct s3_object *o)
{
	struct printer *p = arg;
	struct buf line;
	if (*p->ctx->stop)
		return err_set(p->err, ERR_INTERRUPTED, "interrupted");
	bool folder = o->size_bytes < 0;
	if (!folder) {
		p->count++;
		p->size_bytes += o->size_bytes;
	}
	if (p->ctx->json)
		return print_json(p, folder ? "prefix" : "key", o->key, o->size_bytes, folder ? 0 : o->modified_ms);
	buf_init(&line, 65536);
	if (folder) {
		buf_printf(&line, "%19s  %12s  ", "", "PRE");
	} else {
		add_time(&line, o->modified_ms);
		buf_printf(&line, "  %12" PRId64 "  ", o->size_bytes);
	}
	text_add_visible(&line, o->key + p->strip, strlen(o->key) - p->strip, 0);
	buf_putc(&line, '\n');
	int rc = out_buf(p->ctx->out, &line, p->err);
	buf_clear(&line);
	return rc;
}

static int list_objects(struct context *ctx, struct target *t, struct printer *p, struct err *err)
{
	struct s3_place place;
	bool recursive = context_switch(ctx, "recursive");
	if (s3_place_parse_remote(ctx->args[0], &place, err) != 0)
		return -1;
	const char *slash = strrchr(place.key, '/');
	if (!recursive && slash)
		p->strip = (size_t)(slash - place.key) + 1;
	return s3_list(t->aws, place.bucket, place.key, recursive ? NULL : "/", print_object, p, err);
}

static int run_command(struct context *ctx, struct err *err)
{
	struct printer p = { .ctx = ctx, .err = err };
	struct target t;
	struct s3_place place;
	if (ctx->arg_count > 0 && s3_place_parse_remote(ctx->args[0], &place, err) != 0)
		return -1;
	if (target_open(ctx, &t, err) != 0)
		return -1;
	int rc = ctx->arg_count > 0 ? list_objects(ctx, &t, &p, err) : s3_list_buckets(t.aws, print_bucket, &p, err);
	if (rc == 0 && ctx->arg_count > 0 && context_switch(ctx, "summarize") && !ctx->json)
		fprintf(ctx->out, "%zu objects, %" PRId64 " bytes\n", p.count, p.size_bytes);
	target_close(&t);
	return rc;
}

static const struct command_option options[] = {
	{ "recursive", 'r', NULL, NULL, NULL, "everything below the prefix, not one level of it" },
	{ "summarize", 0, NULL, NULL, NULL, "end with the number of objects and their bytes" },
	{ 0 },
};

const struct command s3_ls_command = {
	.name = "ls",
	.usage = "[s3://BUCKET[/PREFIX]] [--recursive] [--summarize]",
	.summary = "list buckets, or objects with time (UTC), bytes and key",
	.help = "With --json, one object per line.",
	.options = options,
	.args_max = 1,
	.settings = SETTINGS_AWS | SETTINGS_SANDBOX,
	.run = run_command,
};
