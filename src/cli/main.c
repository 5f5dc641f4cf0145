/* The program: from argv to a command and from its failure to one message and an exit code. */
#include <errno.h>
#include <locale.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "spark/base/env.h"
#include "spark/base/log.h"
#include "spark/cli/arguments.h"
#include "spark/cli/help.h"
#include "spark/cli/out.h"
#include "spark/cli/signals.h"

#define DEFAULT_CONFIG "dwh.cfg"

static int report(const struct context *ctx, const struct err *err)
{
	int sig = *signals_stop();
	bool color = ctx->msg_color;
	fflush(ctx->out);
	fprintf(ctx->msg, "%ssparkctl:%s %s\n", style_on(STYLE_BAD, color), style_off(STYLE_BAD, color), err->text);
	if (err->hint[0])
		fprintf(ctx->msg, "%shint:%s %s\n", style_on(STYLE_BOLD, color), style_off(STYLE_BOLD, color),
			err->hint);
	if (err->request_id[0] && ctx->verbosity > 0)
		fprintf(ctx->msg, "request id: %s\n", err->request_id);
	return err->kind == ERR_INTERRUPTED && sig ? 128 + sig : err_exit_code(err);
}

/* Colour is for terminals that know it and people who want it (no-color.org). */
static bool may_color(FILE *f, bool forbidden)
{
	const char *term = env_get("TERM");
	return !forbidden && !env_get("NO_COLOR") && isatty(fileno(f)) && term && strcmp(term, "dumb") != 0;
}

static void set_up_streams(struct context *ctx, const struct arguments *a)
{
	const char *term = env_get("TERM");
	ctx->out = stdout;
	ctx->msg = stderr;
	ctx->out_color = may_color(stdout, a->no_color);
	ctx->msg_color = may_color(stderr, a->no_color);
	ctx->msg_live = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0 && !a->quiet && a->verbosity == 0;
	ctx->in_terminal = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

static int load_config(struct context *ctx, const struct arguments *a, struct err *err)
{
	ctx->config = config_new(err);
	if (!ctx->config)
		return -1;
	const char *path = a->config_path ? a->config_path : DEFAULT_CONFIG;
	if (config_read_file(ctx->config, path, a->config_path != NULL, err) != 0 ||
	    config_read_env(ctx->config, err) != 0 || arguments_apply(a, ctx->config, err) != 0)
		return -1;
	const char *warning;
	for (size_t i = 0; (warning = config_warning(ctx->config, i)) != NULL; i++)
		out_warn(ctx, "%s", warning);
	return 0;
}

static int run_command(struct context *ctx, struct arguments *a, struct err *err)
{
	ctx->command = a->command;
	ctx->parent = a->parent;
	ctx->arguments = a;
	ctx->args = a->operands;
	ctx->arg_count = a->operand_count;
	ctx->args_before = a->operands_before;
	ctx->json = a->json;
	ctx->quiet = a->quiet;
	ctx->verbosity = a->verbosity;
	ctx->yes = a->yes;
	ctx->no_input = a->no_input;
	if (a->version)
		return cmd_version.run(ctx, err);
	if (a->help && a->command)
		return help_print_command(a->command, a->parent, ctx->out, ctx->out_color, err);
	if (a->help)
		return help_print_overview(ctx->out, ctx->out_color, err);
	if (!a->command) {
		if (help_print_overview(ctx->msg, ctx->msg_color, err) != 0)
			return -1;
		return 2;
	}
	if (a->command->settings != SETTINGS_NONE && load_config(ctx, a, err) != 0)
		return -1;
	return a->command->run(ctx, err);
}

/* Keys and passwords are in the memory: it is not written to a core file, nor given to a program that keeps them.
 * One byte, since the kernel takes that, and not zero, as "none" for such programs too (fs/coredump.c). */
static void forbid_core_files(void)
{
	const struct rlimit none = { .rlim_cur = 1, .rlim_max = 1 };

	(void)setrlimit(RLIMIT_CORE, &none);
}

int main(int argc, char **argv)
{
	struct arguments a = { 0 };
	struct err err = { 0 };
	struct context ctx = { .out = stdout, .msg = stderr, .stop = signals_stop(), .clock = &clock_system };
	forbid_core_files();
	signals_setup();
	setlocale(LC_CTYPE, "");
	set_up_streams(&ctx, &a);
	int code;
	if (arguments_parse(argc > 0 ? argc - 1 : 0, (const char *const *)argv + (argc > 0), &a, &err) != 0) {
		code = report(&ctx, &err);
		goto out;
	}
	set_up_streams(&ctx, &a);
	log_setup(stderr, a.verbosity > 1 ? LOG_TRACE : a.verbosity > 0 ? LOG_DEBUG : LOG_WARN);
	code = run_command(&ctx, &a, &err);
	if (code < 0)
		code = report(&ctx, &err);
out:
	if (fflush(stdout) != 0 && errno != EPIPE) {
		err_set_errno(&err, ERR_IO, errno, "cannot write the output");
		code = report(&ctx, &err);
	}
	arguments_clear(&a);
	config_free(ctx.config);
	return code;
}
