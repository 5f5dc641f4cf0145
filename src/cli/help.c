#include "spark/cli/help.h"

#include <string.h>

#include "spark/cli/arguments.h"
#include "spark/cli/out.h"

#define NAME_COLUMNS 30

static void add_heading(struct buf *b, const char *text, bool color)
{
	buf_printf(b, "\n%s%s%s\n", style_on(STYLE_BOLD, color), text, style_off(STYLE_BOLD, color));
}

/* "  name              text", the text on a line of its own when the name is long. */
static void add_row(struct buf *b, const char *name, const char *text)
{
	size_t width = text_width(name, strlen(name));
	buf_printf(b, "  %s", name);
	if (width + 2 > NAME_COLUMNS) {
		buf_putc(b, '\n');
		width = 0;
		buf_puts(b, "  ");
	}
	for (; width < NAME_COLUMNS; width++)
		buf_putc(b, ' ');
	buf_printf(b, "%s\n", text);
}

static void add_option(struct buf *b, char letter, const char *flag, const char *value, const char *text)
{
	char name[96];
	char short_form[6] = "    ";
	if (letter)
		snprintf(short_form, sizeof(short_form), "-%c, ", letter);
	snprintf(name, sizeof(name), "%s--%s%s%s", short_form, flag, value ? " " : "", value ? value : "");
	add_row(b, name, text);
}

static void add_own_options(struct buf *b, const struct command_option *options, bool color)
{
	if (!options || !options->flag)
		return;
	add_heading(b, "Options", color);
	for (const struct command_option *o = options; o->flag; o++) {
		char text[256];
		snprintf(text, sizeof(text), "%s%s%s%s", o->help, o->fallback ? " (default " : "",
			 o->fallback ? o->fallback : "", o->fallback ? ")" : "");
		add_option(b, o->letter, o->flag, o->choices ? o->choices : o->value_name, text);
	}
}

static void add_setting(struct buf *b, const struct option_row *row)
{
	char text[256];
	const char *about = strstr(row->help, "default") ? NULL : row->fallback;
	snprintf(text, sizeof(text), "%s%s%s%s%s%s", row->help, about ? " (default " : "", about ? about : "",
		 about && row->unit ? " " : "", about && row->unit ? row->unit : "", about ? ")" : "");
	add_option(b, 0, row->flag, row->value_name, text);
}

static void add_settings(struct buf *b, const struct command *command)
{
	for (int i = 0; i < OPT_COUNT; i++) {
		if (command_takes_setting(command, &option_rows[i]))
			add_setting(b, &option_rows[i]);
	}
}

static void add_global_options(struct buf *b, bool color)
{
	add_heading(b, "Everywhere", color);
	for (size_t i = 0; i < global_option_count; i++) {
		const struct global_option *o = &global_options[i];
		add_option(b, o->letter, o->flag, o->value_name, o->help);
	}
}

static void add_commands(struct buf *b, const struct command *const *list)
{
	for (; *list; list++) {
		char name[96];
		const char *usage = (*list)->usage ? (*list)->usage : "";
		snprintf(name, sizeof(name), "%s%s%s", (*list)->name, *usage ? " " : "", usage);
		/* The list shows names and operands; options are for the command's own page. */
		char *options = strstr(name, " [-");
		if (options)
			*options = 0;
		add_row(b, name, (*list)->summary);
	}
}

int help_print_overview(FILE *to, bool color, struct err *err)
{
	struct buf b;
	buf_init(&b, BUF_MAX_DEFAULT);
	buf_puts(&b, "sparkctl - a music-streaming data warehouse from nothing to answers, and back to nothing\n");
	buf_puts(&b, "\nusage: sparkctl COMMAND [OPTION...]\n");
	add_heading(&b, "Commands", color);
	add_commands(&b, commands);
	add_global_options(&b, color);
	/* Those that even a command without settings accepts. */
	add_settings(&b, &cmd_version);
	add_heading(&b, "First steps", color);
	add_row(&b, "sparkctl run", "everything, in the sandbox on this machine: no account, no bill");
	add_row(&b, "sparkctl help run", "what a command does and takes");
	int rc = out_buf(to, &b, err);
	buf_clear(&b);
	return rc;
}

int help_print_command(const struct command *command, const struct command *parent, FILE *to, bool color,
		       struct err *err)
{
	struct buf b;
	buf_init(&b, BUF_MAX_DEFAULT);
	buf_printf(&b, "usage: sparkctl %s%s%s", parent ? parent->name : "", parent ? " " : "", command->name);
	if (command->children) {
		buf_puts(&b, " COMMAND [OPTION...]");
	} else if (command->usage && *command->usage) {
		buf_printf(&b, " %s", command->usage);
	}
	buf_printf(&b, "\n\n%s\n", command->summary);
	if (command->help)
		buf_printf(&b, "\n%s\n", command->help);
	if (command->children) {
		add_heading(&b, "Commands", color);
		add_commands(&b, command->children);
	}
	add_own_options(&b, command->options, color);
	if (!command->children && command->settings != SETTINGS_NONE) {
		add_heading(&b, "Settings (also in dwh.cfg and the environment, see 'sparkctl config')", color);
		add_settings(&b, command);
	}
	add_global_options(&b, color);
	int rc = out_buf(to, &b, err);
	buf_clear(&b);
	return rc;
}
