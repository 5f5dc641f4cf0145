/* `connect`: psql on the cluster, with credentials that are seen by nobody. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spark/base/mem.h"
#include "spark/base/proc.h"
#include "spark/cli/out.h"
#include "spark/cli/stack.h"
#include "spark/pipeline/status.h"

static int find_psql(struct buf *path, struct err *err)
{
	if (proc_find("psql", NULL, path))
		return buf_check(path, "path of psql", err);
	err_set(err, ERR_CONFIG, "psql is not installed");
	return err_hint(err, "it is in the package postgresql-client (Debian, Ubuntu), postgresql (Fedora) or libpq "
			     "(Homebrew); 'sparkctl query -c SQL' does without it");
}

/* Its own environment, where other users cannot look, and nothing on disk or on the command line. What would override
 * it there is taken out. */
static int put_into_environment(const struct run_access *a, struct err *err)
{
	static const char *const in_the_way[] = { "PGSERVICE", "PGSERVICEFILE", "PGHOSTADDR", "PGPASSFILE",
						  "PGTARGETSESSIONATTRS" };
	char port[16];
	const struct {
		const char *name, *value;
	} rows[] = {
		{ "PGHOST", a->host },
		{ "PGPORT", port },
		{ "PGDATABASE", a->database },
		{ "PGUSER", a->user },
		{ "PGPASSWORD", secret_value(&a->password) },
		{ "PGSSLMODE", a->ssl_mode },
		{ "PGSSLROOTCERT", a->ssl_ca },
		{ "PGGSSENCMODE", "disable" },
	};

	(void)snprintf(port, sizeof(port), "%d", a->port);
	for (size_t i = 0; i < sizeof(in_the_way) / sizeof(in_the_way[0]); i++)
		(void)unsetenv(in_the_way[i]);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].value && setenv(rows[i].name, rows[i].value, 1) != 0)
			return err_nomem(err);
	}
	return 0;
}

/* Does not return when it works. What we ignore, psql should not. */
static int become(const char *path, const struct context *ctx, struct err *err)
{
	size_t count = ctx->arg_count - ctx->args_before;
	const char **argv = mem_alloc_array(count + 2, sizeof(*argv));

	if (!argv)
		return err_nomem(err);
	argv[0] = "psql";
	for (size_t i = 0; i < count; i++)
		argv[1 + i] = ctx->args[ctx->args_before + i];
	fflush(ctx->out);
	fflush(ctx->msg);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	execv(path, (char *const *)(uintptr_t)argv);
	err_set_errno(err, ERR_CONFIG, errno, "cannot start '%s'", path);
	mem_free(argv);
	return -1;
}

static int learn_access(struct context *ctx, struct run_access *out, struct err *err)
{
	char until[CLOCK_TEXT];
	struct stack s;
	int rc;

	if (stack_open(ctx, false, &s, err) != 0)
		return -1;
	rc = run_access(&s.run, out, err);
	progress_stop(s.progress);
	if (rc == 0)
		/* the stack's texts end with it */
		rc = put_into_environment(out, err);
	if (rc == 0 && out->expires_ms) {
		clock_iso_s(out->expires_ms, until);
		out_note(ctx, "user '%s', new sessions until %s", out->user, until);
	}
	stack_close(&s);
	return rc;
}

static int run_command(struct context *ctx, struct err *err)
{
	struct run_access access = { 0 };
	struct buf path;
	int rc = -1;

	if (ctx->args_before > 1) {
		err_set(err, ERR_USAGE, "'%s' is one argument too many", ctx->args[1]);
		return err_hint(err, "what psql is to take stands behind '--'");
	}
	if (ctx->args_before == 1 && config_set_flag(ctx->config, OPT_STACK, ctx->args[0], err) != 0)
		return -1;
	buf_init(&path, 8192);
	if (find_psql(&path, err) == 0 && learn_access(ctx, &access, err) == 0)
		rc = become(path.data, ctx, err);
	run_access_clear(&access);
	buf_clear(&path);
	return rc;
}

const struct command cmd_connect = {
	.name = "connect",
	.usage = "[STACK] [-- PSQL-OPTION...]",
	.summary = "open psql on the cluster",
	.help = "Becomes psql, with temporary credentials unless a password was set. They are handed over in its\n"
		"environment: not on its command line, which everybody can read, and not in a file. The server's\n"
		"certificate is checked in the same way as by all other commands. Example:\n"
		"  sparkctl connect -- -c 'select count(*) from songplays'",
	.args_max = -1,
	.settings = SETTINGS_STACK | SETTINGS_AWS | SETTINGS_CLUSTER | SETTINGS_SANDBOX,
	.run = run_command,
};
