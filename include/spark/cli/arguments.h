#ifndef SPARK_CLI_ARGUMENTS_H
#define SPARK_CLI_ARGUMENTS_H

#include "spark/cli/command.h"

/* The command line, taken apart by the rows of its command. Options may stand anywhere, also before the command; "--"
 * ends them. Values are written "--name value", "--name=value", "-nvalue" or "-n value"; when one is given twice the
 * last counts. All texts are lent from argv. */
struct arguments {
	const struct command *command; /* NULL when none was named */
	const struct command *parent;  /* of a child ("sandbox" of "sandbox start"), else NULL */
	const char *config_path;       /* --config, else NULL */
	bool help, version, json, quiet, no_color, no_input, yes;
	int verbosity;

	struct given_setting {
		const struct option_row *row;
		const char *value;
	} * settings;
	size_t setting_count, setting_cap;
	struct given_option {
		const struct command_option *option;
		const char *value; /* NULL for a switch */
	} * own;
	size_t own_count, own_cap;
	const char **operands;
	size_t operand_count, operand_cap;
	size_t operands_before; /* of these, those before a "--" */
};

/* argv without the program's name. ERR_USAGE names what is wrong and the nearest right name. With -h or --version, what
 * is missing is not complained about. */
int arguments_parse(int argc, const char *const *argv, struct arguments *out, struct err *err) MUST_CHECK;
void arguments_clear(struct arguments *a);
/* Puts the settings given as flags into the configuration. */
int arguments_apply(const struct arguments *a, struct config *config, struct err *err) MUST_CHECK;

/* Does the command listen to that setting? */
bool command_takes_setting(const struct command *command, const struct option_row *row);
/* By name in a NULL-terminated list; NULL when there is none. */
const struct command *command_find(const struct command *const *list, const char *name);
/* ERR_USAGE: "unknown command 'statsu'", with the nearest name in the hint. */
int command_unknown(const struct command *const *list, const struct command *parent, const char *name, struct err *err);

/* The options that every command has. */
struct global_option {
	const char *flag;
	char letter;
	const char *value_name;
	const char *help;
};
extern const struct global_option global_options[];
extern const size_t global_option_count;

#endif
