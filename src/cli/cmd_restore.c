#include "spark/cli/stack.h"
#include "spark/pipeline/lifecycle.h"

static int run_command(struct context *ctx, struct err *err)
{
	const char *snapshot = context_option(ctx, "snapshot");
	struct stack s;
	int rc;

	if (!snapshot) {
		err_set(err, ERR_USAGE, "which snapshot is to be restored is not said");
		return err_hint(err, "add --snapshot ID; 'sparkctl snapshot --list' tells which there are");
	}
	if (snapshot_check_id(snapshot, err) != 0 || stack_take_name(ctx, err) != 0 ||
	    stack_open(ctx, true, &s, err) != 0)
		return -1;
	s.run.restore_from = snapshot;
	rc = stack_bring_up(ctx, &s, err);
	stack_close(&s);
	return rc;
}

static const struct command_option options[] = {
	{ "snapshot", 0, "ID", NULL, NULL, "the snapshot whose data the cluster gets" },
	{ 0 },
};

const struct command cmd_restore = {
	.name = "restore",
	.usage = "[STACK] --snapshot ID",
	.summary = "create the stack with a snapshot's data",
	.help = "Like up, but the cluster comes with the tables, users and passwords of the snapshot. Node type and\n"
		"number of nodes are the snapshot's unless they are given. A stack that has a cluster is refused.",
	.options = options,
	.args_max = 1,
	.settings = SETTINGS_STACK | SETTINGS_AWS | SETTINGS_CLUSTER | SETTINGS_DATA | SETTINGS_SANDBOX,
	.run = run_command,
};
