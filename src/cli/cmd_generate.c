/* `generate`: a Sparkify data set, to a folder or to S3. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "spark/aws/s3.h"
#include "spark/base/dataset.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"
#include "spark/cli/out.h"
#include "spark/cli/pool.h"
#include "spark/cli/s3_commands.h"

#define CONCURRENCY 16

struct generation {
	struct context *ctx;
	struct s3_place to;
	struct target target;
	struct pool *pool;
	char *last_folder; /* made already */
	size_t files;
	int64_t bytes;
	struct err *err;
};

/* One object on its way to the pool. */
struct upload {
	char *key;
	size_t len;
	unsigned char data[];
};

static void drop_upload(void *item)
{
	struct upload *u = item;
	mem_free(u->key);
	mem_free(u);
}

static int put_upload(void *arg, void *item, struct err *err)
{
	struct generation *g = arg;
	const struct upload *u = item;
	return s3_put(g->target.aws, g->to.bucket, u->key, u->data, u->len, "application/json", err);
}

static char *join_key(const char *prefix, const char *key)
{
	size_t len = strlen(prefix);
	return mem_printf("%s%s%s", prefix, len == 0 || prefix[len - 1] == '/' ? "" : "/", key);
}

static int emit_object(struct generation *g, const char *key, const void *data, size_t len)
{
	struct upload *u = mem_alloc(sizeof(*u) + len);
	if (!u)
		return err_nomem(g->err);
	u->key = join_key(g->to.key, key);
	u->len = len;
	memcpy(u->data, data, len);
	if (!u->key) {
		drop_upload(u);
		return err_nomem(g->err);
	}
	return pool_add(g->pool, u, g->err);
}

static int emit_file(struct generation *g, const char *key, const void *data, size_t len)
{
	int rc = -1;
	char *path = file_join(g->to.path, key), *folder = NULL;
	if (!path || !(folder = mem_strndup(path, (size_t)(strrchr(path, '/') - path)))) {
		err_nomem(g->err);
		goto out;
	}
	if (!g->last_folder || strcmp(g->last_folder, folder) != 0) {
		if (file_make_dirs(folder, 0755, g->err) != 0)
			goto out;
		mem_free(g->last_folder);
		g->last_folder = folder;
		folder = NULL;
	}
	/* No fsync for each of thousands of files: whoever loses them makes them again. */
	FILE *f = fopen(path, "we");
	if (!f) {
		err_set_errno(g->err, ERR_IO, errno, "cannot write '%s'", path);
		goto out;
	}
	bool well = fwrite(data, 1, len, f) == len;
	if (fclose(f) != 0 || !well) {
		err_set_errno(g->err, ERR_IO, errno, "cannot write '%s'", path);
		goto out;
	}
	rc = 0;
out:
	mem_free(path);
	mem_free(folder);
	return rc;
}

static int emit(void *arg, const char *key, const void *data, size_t len)
{
	struct generation *g = arg;
	if (*g->ctx->stop)
		return err_set(g->err, ERR_INTERRUPTED, "interrupted after %zu files", g->files);
	if ((g->to.remote ? emit_object(g, key, data, len) : emit_file(g, key, data, len)) != 0)
		return -1;
	g->files++;
	g->bytes += (int64_t)len;
	return 0;
}

static int read_number(const struct context *ctx, const char *flag, int64_t min, int64_t max, int64_t *out,
		       struct err *err)
{
	const char *text = context_option(ctx, flag);
	char *end;
	if (!text)
		return 0;
	errno = 0;
	long long value = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end || value < min || value > max) {
		err_set(err, ERR_USAGE, "option '--%s' does not take '%s'", flag, text);
		return err_hint(err, "give a whole number from %" PRId64 " to %" PRId64, min, max);
	}
	*out = value;
	return 0;
}

static int read_options(const struct context *ctx, struct dataset_options *o, struct err *err)
{
	int64_t days;
	dataset_defaults(o);
	days = o->days;
	if (read_number(ctx, "events", 0, 1000000000, &o->events, err) != 0 ||
	    read_number(ctx, "songs", 0, 10000000, &o->songs, err) != 0 ||
	    read_number(ctx, "users", 1, 10000000, &o->users, err) != 0 ||
	    read_number(ctx, "seed", 0, INT64_MAX, &o->seed, err) != 0 ||
	    read_number(ctx, "days", 1, 366, &days, err) != 0)
		return -1;
	o->days = (int)days;
	return 0;
}

static int stop_at_first(void *arg, const struct s3_object *o)
{
	snprintf(arg, 256, "%s", o->key);
	return 1;
}

/* Two sets in one place would be loaded as one. */
static int refuse_mixing(struct generation *g, struct err *err)
{
	static const char *const parts[] = { "log_data", "song_data" };
	for (size_t i = 0; i < 2; i++) {
		char found[256];
		char *place = g->to.remote ? join_key(g->to.key, parts[i]) : file_join(g->to.path, parts[i]);
		if (!place)
			return err_nomem(err);
		int taken = g->to.remote ? s3_list(g->target.aws, g->to.bucket, place, NULL, stop_at_first, found, err)
					 : file_exists(place);
		if (taken > 0) {
			err_set(err, ERR_CONFLICT, "there is a data set already: '%s%s%s%s'",
				g->to.remote ? "s3://" : "", g->to.remote ? g->to.bucket : "", g->to.remote ? "/" : "",
				place);
			if (g->to.remote)
				err_hint(err, "choose another prefix, or 'sparkctl s3 rm --recursive s3://%s/%s'",
					 g->to.bucket, g->to.key);
			else
				err_hint(err, "choose another folder, or delete that one");
		}
		mem_free(place);
		if (taken != 0)
			return -1;
	}
	return 0;
}

static int generate(struct generation *g, const struct dataset_options *o, struct err *err)
{
	int rc = -1;
	if (refuse_mixing(g, err) != 0)
		return -1;
	if (!g->to.remote)
		return dataset_generate(o, emit, g, err);
	g->pool = pool_new(CONCURRENCY, put_upload, drop_upload, g, err);
	if (!g->pool)
		return -1;
	rc = dataset_generate(o, emit, g, err);
	if (pool_finish(g->pool, rc != 0, rc == 0 ? err : NULL) != 0)
		rc = -1;
	return rc;
}

static int report(const struct generation *g, const struct dataset_options *o, struct err *err)
{
	if (!g->ctx->json) {
		out_note(g->ctx, "%zu files, %" PRId64 " bytes: %" PRId64 " events, %" PRId64 " songs", g->files,
			 g->bytes, o->events, o->songs);
		return 0;
	}
	struct json *doc = json_new_object();
	int rc = -1;
	if (!doc || json_set_int(doc, "files", (int64_t)g->files) != 0 || json_set_int(doc, "bytes", g->bytes) != 0 ||
	    json_set_int(doc, "events", o->events) != 0 || json_set_int(doc, "songs", o->songs) != 0 ||
	    json_set_int(doc, "users", o->users) != 0 || json_set_int(doc, "seed", o->seed) != 0 ||
	    json_set_int(doc, "days", o->days) != 0)
		err_nomem(err);
	else
		rc = out_json(g->ctx->out, doc, true, err);
	json_free(doc);
	return rc;
}

static int run_command(struct context *ctx, struct err *err)
{
	struct generation g = { .ctx = ctx, .err = err };
	struct dataset_options o;
	if (read_options(ctx, &o, err) != 0 || s3_place_parse(ctx->args[0], &g.to, err) != 0)
		return -1;
	if (g.to.remote && target_open(ctx, &g.target, err) != 0)
		return -1;
	int rc = generate(&g, &o, err);
	if (rc == 0)
		rc = report(&g, &o, err);
	mem_free(g.last_folder);
	target_close(&g.target);
	return rc;
}

static const struct command_option options[] = {
	{ "events", 0, "N", NULL, "8000", "events in all days together" },
	{ "songs", 0, "N", NULL, "1500", "songs in song_data, each a file" },
	{ "users", 0, "N", NULL, "96", "listeners" },
	{ "days", 0, "N", NULL, "30", "days from 2018-11-01 on, each a file" },
	{ "seed", 0, "N", NULL, "1", "another seed gives another set, the same seed the same bytes" },
	{ 0 },
};

const struct command cmd_generate = {
	.name = "generate",
	.usage = "DIR|s3://BUCKET[/PREFIX] [--events N] [--songs N] [--users N] [--days N] [--seed N]",
	.summary = "make a Sparkify data set of any size",
	.help = "Writes log_data/, song_data/ and log_json_path.json, shaped like the well-known data set: the same "
		"fields,\n"
		"logged-out listeners without an id, mostly songs that song_data does not have, artists spelt in "
		"several\n"
		"ways, text beyond ASCII. All names are made up. The same options give the same bytes on every "
		"machine.",
	.options = options,
	.args_min = 1,
	.args_max = 1,
	.settings = SETTINGS_AWS | SETTINGS_SANDBOX,
	.run = run_command,
};
