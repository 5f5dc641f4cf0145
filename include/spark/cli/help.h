#ifndef SPARK_CLI_HELP_H
#define SPARK_CLI_HELP_H

#include "spark/cli/command.h"

/* The list of commands and the options that all have. */
int help_print_overview(FILE *to, bool color, struct err *err) MUST_CHECK;
/* One command, from its rows. */
int help_print_command(const struct command *command, const struct command *parent, FILE *to, bool color,
		       struct err *err) MUST_CHECK;

#endif
