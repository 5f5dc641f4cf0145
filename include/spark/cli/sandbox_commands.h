#ifndef SPARK_CLI_SANDBOX_COMMANDS_H
#define SPARK_CLI_SANDBOX_COMMANDS_H

#include "spark/cli/command.h"

/* Those of `sandbox` that have a file of their own. */
extern const struct command sandbox_env, sandbox_export, sandbox_fault, sandbox_import, sandbox_logs;

/* PostgreSQL servers write what they hold before they end. */
#define SANDBOX_STOP_WAIT_MS 60000

#endif
