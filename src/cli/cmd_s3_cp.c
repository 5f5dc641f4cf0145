/* `s3 cp`: files to objects, objects to files, objects to objects. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "spark/aws/s3.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"
#include "spark/cli/out.h"
#include "spark/cli/pool.h"
#include "spark/cli/s3_commands.h"

/* Fewer leave a line to AWS idle, and a sandbox while it waits for its disk. More gain nothing there. */
#define CONCURRENCY 32
#define REDRAW_MS   100
#define STDIN_LIMIT ((size_t)1 << 30)

struct copy {
	struct context *ctx;
	struct target target;
	struct s3_place from, to;
	bool recursive;
	struct s3_names names;  /* below from, or ... */
	size_t next;            /* ... the name that is handed out next */
	struct s3_ahead *ahead; /* ... listed while they are copied */
	char *folder;           /* that was made last: the next file is mostly in it too */
	/* Told by done(). */
	size_t copied;
	int64_t bytes, drawn_ms;
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* folder + name with one slash between; a folder of "" is none. */
static char *join(const char *folder, const char *name)
{
	size_t len = strlen(folder), name_len = strlen(name);
	char *joined = mem_alloc(len + name_len + 2);
	if (!joined)
		return NULL;
	memcpy(joined, folder, len);
	if (len > 0 && folder[len - 1] != '/')
		joined[len++] = '/';
	memcpy(joined + len, name, name_len + 1);
	return joined;
}

/* What stands behind the prefix that was asked for: the part that is kept at the destination. */
static const char *rest_of_key(const struct copy *c, const char *key)
{
	size_t len = strlen(c->from.key);
	/* "s3://b/log" also finds "logs/x"; cut at the last slash so that no name is torn. */
	while (len > 0 && c->from.key[len - 1] != '/' && key[len] != '/')
		len--;
	key += len;
	return key + (*key == '/');
}

/* Keys come from strangers: none may lead out of the folder. */
static int check_local_name(const char *name, struct err *err)
{
	for (const char *p = name; p; p = strchr(p, '/') ? strchr(p, '/') + 1 : NULL) {
		size_t len = strcspn(p, "/");
		if (len == 0 || (len == 1 && p[0] == '.') || (len == 2 && p[0] == '.' && p[1] == '.')) {
			err_set(err, ERR_CONFLICT, "the key '%s' cannot be a file's name below the folder", name);
			return err_hint(err, "copy it by itself, to a name of your choice");
		}
	}
	return 0;
}

static char *destination_of(const struct copy *c, const char *name, struct err *err)
{
	const char *to = c->to.remote ? c->to.key : c->to.path;
	char *result;
	if (c->recursive) {
		const char *rest = c->from.remote ? rest_of_key(c, name) : name;
		if (!c->to.remote && check_local_name(rest, err) != 0)
			return NULL;
		result = join(to, rest);
	} else {
		size_t len = strlen(to);
		bool folder = len == 0 || to[len - 1] == '/' || (!c->to.remote && file_is_dir(to));
		result = folder ? join(to, base_name(name)) : mem_strdup(to);
	}
	if (!result)
		err_nomem(err);
	return result;
}

static int make_parent(struct copy *c, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	if (len == 0 || (c->folder && strncmp(c->folder, path, len) == 0 && c->folder[len] == 0))
		return 0;
	char *parent = mem_strndup(path, len);
	if (!parent)
		return err_nomem(err);
	int rc = file_make_dirs(parent, 0755, err);
	mem_free(c->folder);
	c->folder = rc == 0 ? parent : NULL;
	if (rc != 0)
		mem_free(parent);
	return rc;
}

/* 1 with a name that the caller owns; 0 at the end, S3_NEXT_LATER, -1 with err. */
static int next_name(struct copy *c, struct s3_name *out, struct err *err)
{
	if (c->ahead)
		return s3_ahead_next(c->ahead, out, err);
	if (c->next == c->names.count)
		return 0;
	*out = c->names.items[c->next];
	c->names.items[c->next++].name = NULL;
	return 1;
}

/* fits struct s3_transfer. */
static int next_job(void *arg, struct s3_job *job, struct err *err)
{
	struct copy *c = arg;
	struct s3_name n;
	int rc = next_name(c, &n, err);
	if (rc != 1)
		return rc;
	bool upload = c->to.remote;
	char *to = destination_of(c, n.name, err), *from = n.name, *bucket = NULL;
	if (!to || (!upload && make_parent(c, to, err) != 0))
		goto fail;
	if (!c->from.remote && c->recursive) {
		from = join(c->from.path, n.name);
		mem_free(n.name);
	}
	bucket = mem_strdup(upload ? c->to.bucket : c->from.bucket);
	if (!from || !bucket) {
		err_nomem(err);
		goto fail;
	}
	*job = (struct s3_job){ .direction = upload ? S3_UPLOAD : S3_DOWNLOAD,
				.bucket = bucket,
				.key = upload ? to : from,
				.path = upload ? from : to,
				.size_bytes = n.size_bytes };
	return 1;
fail:
	mem_free(bucket);
	mem_free(from);
	mem_free(to);
	return -1;
}

/* How many there are. *all: as far as is known, no more. */
static size_t count_names(const struct copy *c, bool *all)
{
	*all = true;
	return c->ahead ? s3_ahead_count(c->ahead, all) : c->names.count;
}

static void draw_count(struct copy *c)
{
	if (!c->ctx->msg_live)
		return;
	int64_t now = clock_mono(c->ctx->clock);
	bool all;
	if (now - c->drawn_ms < REDRAW_MS)
		return;
	c->drawn_ms = now;
	fprintf(c->ctx->msg, "\r%zu of %zu", c->copied, count_names(c, &all));
	fprintf(c->ctx->msg, "%s\033[K", all ? "" : " or more");
	fflush(c->ctx->msg);
}

static void job_done(void *arg, const struct s3_job *job, const struct err *failure)
{
	struct copy *c = arg;
	if (failure)
		return;
	c->copied++;
	c->bytes += job->size_bytes;
	draw_count(c);
}

/* On the pool's threads: one object to another, inside S3. */
static int copy_object(void *arg, void *item, struct err *err)
{
	struct copy *c = arg;
	const struct s3_name *n = item;
	char *to = destination_of(c, n->name, err);
	if (!to)
		return -1;
	int rc = *c->ctx->stop ? err_set(err, ERR_INTERRUPTED, "interrupted while copying")
			       : s3_copy(c->target.aws, c->from.bucket, n->name, c->to.bucket, to, err);
	mem_free(to);
	if (rc == 0) {
		__atomic_add_fetch(&c->copied, 1, __ATOMIC_RELAXED);
		__atomic_add_fetch(&c->bytes, n->size_bytes, __ATOMIC_RELAXED);
	}
	return rc;
}

static void keep_name(void *item)
{
	(void)item; /* the list owns it */
}

static int copy_inside(struct copy *c, struct err *err)
{
	struct pool *pool = pool_new(CONCURRENCY, copy_object, keep_name, c, err);
	int rc = 0;
	if (!pool)
		return -1;
	for (size_t i = 0; rc == 0 && i < c->names.count; i++)
		rc = pool_add(pool, &c->names.items[i], err);
	if (pool_finish(pool, rc != 0, rc == 0 ? err : NULL) != 0)
		rc = -1;
	return rc;
}

static int take_file(void *arg, const char *rel, int64_t size_bytes)
{
	struct copy *c = arg;
	return s3_names_add(&c->names, rel, size_bytes);
}

static int gather_local(struct copy *c, struct err *err)
{
	struct stat st;
	const char *path = c->from.path;
	if (stat(path, &st) != 0)
		return err_set_errno(err, ERR_IO, errno, "cannot read '%s'", path);
	if (c->recursive != S_ISDIR(st.st_mode)) {
		err_set(err, ERR_USAGE, "'%s' is %s folder", path, c->recursive ? "no" : "a");
		return err_hint(err, c->recursive ? "leave --recursive away" : "add --recursive");
	}
	if (!c->recursive)
		return s3_names_add(&c->names, path, st.st_size) == 0 ? 0 : err_nomem(err);
	int rc = file_walk(path, take_file, c, err);
	if (rc != 0 && err->kind == ERR_NONE)
		err_nomem(err);
	return rc == 0 ? 0 : -1;
}

static int nothing_below(const struct copy *c, struct err *err)
{
	err_set(err, ERR_CONFIG, "there is nothing below 's3://%s/%s'", c->from.bucket, c->from.key);
	return err_hint(err, "'sparkctl s3 ls s3://%s' lists what there is", c->from.bucket);
}

/* All keys before the first is copied: the copies may be below what is listed. */
static int gather_all(struct copy *c, struct err *err)
{
	size_t kept = 0;
	if (s3_names_list(c->ctx, &c->target, c->from.bucket, c->from.key, &c->names, err) != 0)
		return -1;
	for (size_t i = 0; i < c->names.count; i++) {
		struct s3_name *n = &c->names.items[i];
		if (s3_name_is_folder(n->name, n->size_bytes))
			mem_free(n->name);
		else
			c->names.items[kept++] = *n;
	}
	c->names.count = kept;
	return kept > 0 ? 0 : nothing_below(c, err);
}

static int gather_remote(struct copy *c, struct err *err)
{
	int64_t size;
	if (c->recursive && c->to.remote)
		return gather_all(c, err);
	if (c->recursive) {
		c->ahead = s3_ahead_start(c->ctx, &c->target, c->from.bucket, c->from.key, err);
		return c->ahead ? 0 : -1;
	}
	if (!c->from.key[0]) {
		err_set(err, ERR_USAGE, "'s3://%s' names a bucket, no object", c->from.bucket);
		return err_hint(err, "add --recursive to copy everything in it");
	}
	if (s3_head(c->target.aws, c->from.bucket, c->from.key, &size, err) != 0)
		return -1;
	return s3_names_add(&c->names, c->from.key, size) == 0 ? 0 : err_nomem(err);
}

static bool is_stream(const struct s3_place *p)
{
	return !p->remote && strcmp(p->path, "-") == 0;
}

/* Standard input to an object, or an object to standard output. */
static int copy_stream(struct copy *c, struct err *err)
{
	struct buf data;
	int rc = -1;
	buf_init(&data, STDIN_LIMIT);
	if (is_stream(&c->from)) {
		if (file_read("-", &data, err) == 0)
			rc = s3_put(c->target.aws, c->to.bucket, c->to.key, data.data, data.len, NULL, err);
	} else if (s3_get(c->target.aws, c->from.bucket, c->from.key, &data, err) == 0) {
		rc = out_buf(c->ctx->out, &data, err);
	}
	buf_clear(&data);
	return rc;
}

static int copy_names(struct copy *c, struct err *err)
{
	int rc = c->from.remote ? gather_remote(c, err) : gather_local(c, err);
	if (rc != 0)
		return -1;
	struct s3_transfer transfer = { .concurrency = CONCURRENCY, .next = next_job, .done = job_done, .arg = c };
	rc = c->from.remote && c->to.remote ? copy_inside(c, err) : s3_transfer(c->target.aws, &transfer, err);
	if (c->drawn_ms)
		fputs("\r\033[K", c->ctx->msg);
	bool all;
	size_t count = count_names(c, &all);
	if (rc == 0 && count == 0 && c->ahead)
		return nothing_below(c, err);
	if (rc == 0)
		out_note(c->ctx, "%zu file%s copied, %" PRId64 " bytes", c->copied, c->copied == 1 ? "" : "s",
			 c->bytes);
	else if (all && count > 1)
		out_warn(c->ctx, "%zu of %zu files were copied", c->copied, count);
	else if (!all && c->copied > 0)
		out_warn(c->ctx, "%zu files were copied, not all were listed", c->copied);
	return rc;
}

static int check_places(const struct copy *c, struct err *err)
{
	if (!c->from.remote && !c->to.remote) {
		err_set(err, ERR_USAGE, "neither '%s' nor '%s' is on S3", c->from.path, c->to.path);
		return err_hint(err, "write an S3 place as s3://BUCKET/KEY");
	}
	bool stream = is_stream(&c->from) || is_stream(&c->to);
	if (stream && c->recursive)
		return err_set(err, ERR_USAGE, "'-' is one stream, --recursive means many files");
	const struct s3_place *object = is_stream(&c->from) ? &c->to : &c->from;
	if (stream && (!object->key[0] || object->key[strlen(object->key) - 1] == '/')) {
		err_set(err, ERR_USAGE, "'s3://%s/%s' names no object", object->bucket, object->key);
		return err_hint(err, "a stream has no name of its own: write the whole key");
	}
	return 0;
}

static int run_command(struct context *ctx, struct err *err)
{
	struct copy c = { .ctx = ctx, .recursive = context_switch(ctx, "recursive") };
	if (s3_place_parse(ctx->args[0], &c.from, err) != 0 || s3_place_parse(ctx->args[1], &c.to, err) != 0 ||
	    check_places(&c, err) != 0 || target_open(ctx, &c.target, err) != 0)
		return -1;
	int rc = is_stream(&c.from) || is_stream(&c.to) ? copy_stream(&c, err) : copy_names(&c, err);
	s3_ahead_stop(c.ahead);
	s3_names_clear(&c.names);
	mem_free(c.folder);
	target_close(&c.target);
	return rc;
}

static const struct command_option options[] = {
	{ "recursive", 'r', NULL, NULL, NULL, "a folder or a prefix with everything below" },
	{ 0 },
};

const struct command s3_cp_command = {
	.name = "cp",
	.usage = "FROM TO [--recursive]",
	.summary = "copy files and objects; one of FROM and TO is s3://BUCKET/KEY, or both are",
	.help = "A destination that ends in '/' is a folder; '-' is standard input or output. Many files go at a time, "
		"over\n"
		"connections that are used again.",
	.options = options,
	.args_min = 2,
	.args_max = 2,
	.settings = SETTINGS_AWS | SETTINGS_SANDBOX,
	.run = run_command,
};
