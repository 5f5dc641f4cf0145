#ifndef SPARK_CLI_COMMAND_H
#define SPARK_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "spark/base/clock.h"
#include "spark/base/config.h"
#include "spark/base/err.h"

/* A command is one file, src/cli/cmd_<name>.c, that ends in one const struct; src/cli/commands.c lists them. Arguments
 * are taken apart, checked and explained from these rows, so that a command's function sees only what is right. */

/* An option of the command's own. The options that every command has, and the settings (base/config.h), are not
 * repeated here. */
struct command_option {
	const char *flag;       /* "output" for --output; NULL ends the rows */
	char letter;            /* 'c' for -c; 0: none */
	const char *value_name; /* "SQL"; NULL: a switch; "[SECONDS]": a number that may be left out */
	const char *choices;    /* "table|json|csv": anything else is refused; NULL: any text */
	const char *fallback;   /* default of a value; NULL: none */
	const char *help;       /* one line */
};

/* Which settings a command listens to: their flags are taken and listed in its help, others are refused. */
enum command_settings {
	SETTINGS_NONE = 0,
	SETTINGS_STACK = 1 << 0,   /* [SPARKCTL] but --pipeline */
	SETTINGS_AWS = 1 << 1,     /* [AWS] */
	SETTINGS_CLUSTER = 1 << 2, /* [DWH], [CLUSTER], [IAM_ROLE] */
	SETTINGS_DATA = 1 << 3,    /* [S3] and --pipeline */
	SETTINGS_SANDBOX = 1 << 4, /* [SANDBOX] */
	SETTINGS_ALL = (1 << 5) - 1
};

struct context;

struct command {
	const char *name;    /* "up" */
	const char *usage;   /* what stands behind the name: "[STACK]" */
	const char *summary; /* one line for the list of commands */
	const char *help;    /* paragraphs for `sparkctl help NAME`; may be NULL */
	const struct command_option *options;
	int args_min, args_max; /* operands; args_max -1: any number */
	unsigned settings;      /* enum command_settings; with SETTINGS_NONE the config file is not even read */
	/* NULL-terminated; the first operand names one of them ("sandbox start"). Then run is not used. */
	const struct command *const *children;
	/* 0; -1 with err set, which main prints; or a documented exit code for an answer that is no failure
	 * (`sandbox status` of a stopped sandbox: 1). */
	int (*run)(struct context *ctx, struct err *err);
};

/* What a command works with. Made by main, read by commands. */
struct context {
	const struct command *command;
	const struct command *parent; /* of a child, else NULL */
	struct config *config;        /* NULL with SETTINGS_NONE */
	const char *const *args;      /* operands */
	size_t arg_count;
	size_t args_before;       /* of these, those before a "--" */
	FILE *out;                /* data */
	FILE *msg;                /* messages: notes, progress, questions */
	bool json;                /* --json */
	bool quiet;               /* -q: no notes and no progress */
	int verbosity;            /* number of -v */
	bool yes;                 /* -y, --yes: every question is answered */
	bool no_input;            /* --no-input: nothing may be asked */
	bool out_color;           /* may `out` be coloured */
	bool msg_color;           /* may `msg` be coloured */
	bool msg_live;            /* is `msg` a terminal on which lines can be redrawn */
	bool in_terminal;         /* can somebody answer */
	const volatile int *stop; /* the number of the signal that asked us to stop, 0 before */
	const struct clock *clock;
	struct arguments *arguments; /* private to cli/arguments.c */
};

/* An option of the command's own: its value, its fallback, or NULL. Lends. */
const char *context_option(const struct context *ctx, const char *flag);
bool context_switch(const struct context *ctx, const char *flag);

/* All commands, in the order of the list that help prints, NULL-terminated. */
extern const struct command *const commands[];

extern const struct command cmd_config, cmd_connect, cmd_create_tables, cmd_doctor, cmd_down, cmd_etl, cmd_generate,
	cmd_help, cmd_pause, cmd_plan, cmd_reap, cmd_resize, cmd_restore, cmd_resume, cmd_query, cmd_run, cmd_s3,
	cmd_sandbox, cmd_sign, cmd_snapshot, cmd_status, cmd_test, cmd_up, cmd_version, cmd_whoami;

#endif
