/* `sandbox export` and `sandbox import`. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "spark/base/file.h"
#include "spark/base/mem.h"
#include "spark/cli/local.h"
#include "spark/cli/out.h"
#include "spark/cli/sandbox_commands.h"

static int restart(struct context *ctx, struct err *err)
{
	struct local_sandbox s;
	bool started;
	if (local_start(ctx, &s, &started, err) != 0)
		return -1;
	out_note(ctx, "sandbox started at %s", s.endpoint);
	local_clear(&s);
	return 0;
}

/* An archive must not take the place of a file that somebody wants. */
static int check_free(const char *file, struct err *err)
{
	struct stat st;
	if (lstat(file, &st) != 0 && errno == ENOENT)
		return 0;
	err_set(err, ERR_CONFLICT, "'%s' is there already", file);
	return err_hint(err, "name another file, or remove it");
}

static int print_result(struct context *ctx, const char *file, const struct local_sandbox *s, struct err *err)
{
	struct stat st = { 0 };
	if (stat(file, &st) != 0)
		return err_set_errno(err, ERR_IO, errno, "cannot look at '%s'", file);
	if (!ctx->json) {
		fprintf(ctx->out, "%s  %.1f MB  (%s)\n", file, (double)st.st_size / 1e6, s->dir);
		return 0;
	}
	struct json *doc = json_new_object();
	int rc = -1;
	if (!doc || json_set_str(doc, "file", file) != 0 || json_set_int(doc, "bytes", st.st_size) != 0 ||
	    json_set_str(doc, "dir", s->dir) != 0)
		err_nomem(err);
	else
		rc = out_json(ctx->out, doc, true, err);
	json_free(doc);
	return rc;
}

/* What is written while it changes would hold neither the one state nor the other: so it stops for it. */
static int run_export(struct context *ctx, struct err *err)
{
	struct local_sandbox s;
	struct err second;
	int rc = -1;
	if (local_find(ctx->config, &s, err) != 0)
		return -1;
	const char *file = ctx->args[0];
	const char *const options[] = { "--dir", s.dir, "--export", file, NULL };
	bool ran = s.running;
	if (check_free(file, err) != 0)
		goto out;
	if (ran && ask_proceed(ctx, "stop the sandbox for the export and start it again? sessions on its clusters end",
			       err) != 0)
		goto out;
	if (local_stop(ctx, &s, SANDBOX_STOP_WAIT_MS, err) != 0)
		goto out;
	rc = local_run_tool(ctx, options, err);
	/* It goes on as before whatever became of the export. */
	err_clear(&second);
	if (ran && restart(ctx, &second) != 0) {
		if (rc == 0)
			*err = second;
		rc = -1;
	}
	if (rc == 0)
		rc = print_result(ctx, file, &s, err);
out:
	local_clear(&s);
	return rc;
}

static int run_import(struct context *ctx, struct err *err)
{
	struct local_sandbox s;
	int rc = -1;
	if (local_find(ctx->config, &s, err) != 0)
		return -1;
	const char *const options[] = { "--dir", s.dir, "--import", ctx->args[0], NULL };
	char *store = file_join(s.dir, "store");
	if (!store) {
		err_nomem(err);
	} else if (s.running || file_is_dir(store)) {
		err_set(err, ERR_CONFLICT, "there is a sandbox in '%s' already", s.dir);
		err_hint(err, "'sparkctl sandbox reset' empties it, --sandbox-dir names another folder");
	} else {
		rc = local_run_tool(ctx, options, err);
	}
	if (rc == 0)
		rc = print_result(ctx, ctx->args[0], &s, err);
	if (rc == 0 && !ctx->json)
		out_note(ctx, "'sparkctl sandbox start' starts it");
	mem_free(store);
	local_clear(&s);
	return rc;
}

const struct command sandbox_export = {
	.name = "export",
	.usage = "FILE",
	.summary = "write all that it holds into one file, for another machine",
	.help = "Resources, objects, clusters and snapshots with their data, keys and the record of requests: whoever "
		"has the file can read all of it.\n"
		"A sandbox that runs is stopped for it and started again (--yes: without being asked).\n"
		"It is a tar archive compressed with Zstandard: tar --zstd -tf FILE lists it.",
	.args_min = 1,
	.args_max = 1,
	.settings = SETTINGS_SANDBOX,
	.run = run_export,
};

const struct command sandbox_import = {
	.name = "import",
	.usage = "FILE",
	.summary = "begin with what 'sandbox export' wrote",
	.help = "The sandbox's folder must not hold a sandbox yet. Clusters need the PostgreSQL version that they were "
		"made with, on a machine of the same kind; the command says so when it does not fit.",
	.args_min = 1,
	.args_max = 1,
	.settings = SETTINGS_SANDBOX,
	.run = run_import,
};
