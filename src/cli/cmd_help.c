#include "spark/cli/arguments.h"
#include "spark/cli/help.h"

static int run_help(struct context *ctx, struct err *err)
{
	if (ctx->arg_count == 0)
		return help_print_overview(ctx->out, ctx->out_color, err);
	const struct command *command = command_find(commands, ctx->args[0]), *parent = NULL;
	if (!command)
		return command_unknown(commands, NULL, ctx->args[0], err);
	if (ctx->arg_count > 1) {
		if (!command->children) {
			err_set(err, ERR_USAGE, "'%s' has no parts", command->name);
			return err_hint(err, "ask 'sparkctl help %s'", command->name);
		}
		parent = command;
		command = command_find(parent->children, ctx->args[1]);
		if (!command)
			return command_unknown(parent->children, parent, ctx->args[1], err);
	}
	return help_print_command(command, parent, ctx->out, ctx->out_color, err);
}

const struct command cmd_help = {
	.name = "help",
	.usage = "[COMMAND]",
	.summary = "explain a command",
	.args_max = 2,
	.run = run_help,
};
