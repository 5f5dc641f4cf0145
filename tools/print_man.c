/* Prints the manual page, docs/man/sparkctl.1, from the rows of commands, options and settings. */
#include <stdio.h>
#include <string.h>

#include "spark/base/config.h"
#include "spark/cli/arguments.h"

/* Text as roff wants it: nothing in it is a request or an escape, a hyphen can be searched for and copied. */
static void print_text(const char *text)
{
	bool line_begins = true;

	for (; *text; text++) {
		if (line_begins && *text == '.')
			fputs("\\&", stdout);
		line_begins = *text == '\n';
		switch (*text) {
		case '\\':
			fputs("\\e", stdout);
			break;
		case '-':
			fputs("\\-", stdout);
			break;
		case '\'':
			fputs("\\(aq", stdout);
			break;
		case '"':
			fputs("\\(dq", stdout);
			break;
		default:
			putchar(*text);
		}
	}
}

static void print_line(const char *text)
{
	print_text(text);
	putchar('\n');
}

/* ".SH" or ".SS" with its title. */
static void print_heading(const char *request, const char *title)
{
	printf("%s \"", request);
	print_text(title);
	puts("\"");
}

/* The head of an item: "-f, --flag VALUE", flags in bold and the value in italics. */
static void print_flag(char letter, const char *flag, const char *value)
{
	puts(".TP");
	if (letter)
		printf("\\fB\\-%c\\fR, ", letter);
	fputs("\\fB\\-\\-", stdout);
	print_text(flag);
	fputs("\\fR", stdout);
	if (value) {
		fputs(" \\fI", stdout);
		print_text(value);
		fputs("\\fR", stdout);
	}
	putchar('\n');
}

static void print_own_options(const struct command_option *o)
{
	for (; o && o->flag; o++) {
		print_flag(o->letter, o->flag, o->choices ? o->choices : o->value_name);
		print_text(o->help);
		if (o->fallback) {
			fputs(" (default ", stdout);
			print_text(o->fallback);
			putchar(')');
		}
		putchar('\n');
	}
}

static void print_command(const struct command *c, const struct command *parent)
{
	char title[200];

	snprintf(title, sizeof(title), "%s%s%s%s%s", parent ? parent->name : "", parent ? " " : "", c->name,
		 c->usage && *c->usage ? " " : "", c->usage ? c->usage : "");
	print_heading(".SS", title);
	print_line(c->summary);
	if (c->help) {
		puts(".PP");
		print_line(c->help);
	}
	print_own_options(c->options);
	for (const struct command *const *child = c->children; child && *child; child++)
		print_command(*child, c);
}

/* The words of a blank-separated list with commas between. */
static void print_words(const char *words)
{
	for (const char *p = words; *p; p++) {
		char one[2] = { *p, 0 };

		print_text(*p == ' ' ? ", " : one);
	}
}

static void print_setting(const struct option_row *row)
{
	if (row->flag) {
		print_flag(0, row->flag, row->value_name);
	} else {
		puts(".TP");
		fputs("\\fB", stdout);
		print_text(row->key);
		puts("\\fR (in the file and the environment only)");
	}
	print_text(row->help);
	if (row->choices) {
		fputs(": ", stdout);
		print_text(row->choices);
	}
	if (row->type == OPTION_INT)
		printf(", %lld to %lld%s%s", (long long)row->min, (long long)row->max, row->unit ? " " : "",
		       row->unit ? row->unit : "");
	if (row->fallback) {
		fputs(" (default ", stdout);
		print_text(row->fallback);
		putchar(')');
	}
	puts("\n.br");
	fputs("Key: ", stdout);
	print_text(row->key);
	if (row->env) {
		fputs("; environment: ", stdout);
		print_words(row->env);
	}
	putchar('\n');
}

static void print_settings(void)
{
	const char *section = "";

	print_heading(".SH", "SETTINGS");
	print_line(
		"A flag wins over the environment, the environment over the file dwh.cfg, and that over the default. "
		"The headings are the file's sections; sparkctl config shows each value and where it comes from.");
	for (size_t i = 0; i < OPT_COUNT; i++) {
		if (strcmp(section, option_rows[i].section) != 0) {
			char title[64];

			section = option_rows[i].section;
			snprintf(title, sizeof(title), "[%s]", section);
			print_heading(".SS", title);
		}
		print_setting(&option_rows[i]);
	}
}

struct item {
	const char *name, *text;
};

static void print_items(const char *title, const struct item *items, size_t count)
{
	print_heading(".SH", title);
	for (size_t i = 0; i < count; i++) {
		fputs(".TP\n\\fB", stdout);
		print_text(items[i].name);
		puts("\\fR");
		print_line(items[i].text);
	}
}

static const struct item exit_codes[] = {
	{ "0", "done" },
	{ "1", "a check failed, something was left, or a question was answered with no" },
	{ "2", "the command line is wrong" },
	{ "3", "settings, credentials or a file on this machine" },
	{ "4", "AWS refused" },
	{ "5", "the database refused" },
	{ "6", "timed out, or not to be reached" },
	{ "7", "locked, or in a state that does not allow it" },
	{ "70", "a defect of sparkctl, or memory ran out" },
	{ "129, 130, 143", "ended by SIGHUP, SIGINT, SIGTERM" },
};
static const struct item files[] = {
	{ "./dwh.cfg", "settings; --config names another. A template is in share/sparkctl/dwh_template.cfg." },
	{ "$XDG_STATE_HOME/sparkctl/ACCOUNT/REGION/STACK/", "journal and lock of a stack; nothing is lost with them" },
	{ "$XDG_STATE_HOME/sparkctl/sandbox/", "the sandbox with all that it keeps" },
	{ "~/.aws/credentials, ~/.aws/config", "profiles with keys" },
};
static const struct item examples[] = {
	{ "sparkctl run", "Everything in the sandbox, from nothing to answers and back." },
	{ "sparkctl run --no-destroy", "The same, and the stack is kept for questions." },
	{ "sparkctl query -c 'SELECT COUNT(*) FROM songplays'", "Asks one." },
	{ "sparkctl up --target aws", "Makes the stack on AWS, after asking." },
	{ "sparkctl down --target aws", "Removes it, and looks that nothing is left." },
};
#define ITEMS(list) list, sizeof(list) / sizeof((list)[0])

int main(void)
{
	puts(".\\\" Made by tools/print_man.c from the program's own tables: change those, then 'make generate'.\n"
	     ".TH SPARKCTL 1 \"\" \"sparkctl " SPARK_VERSION "\" \"User Commands\"");
	print_heading(".SH", "NAME");
	print_line("sparkctl - a music-streaming data warehouse from nothing to answers, and back to nothing");
	print_heading(".SH", "SYNOPSIS");
	puts(".B sparkctl\n.I COMMAND\n.RI [ OPTION ...]");
	print_heading(".SH", "DESCRIPTION");
	print_line(
		"sparkctl provisions a role, a security group and a Redshift cluster, creates tables, loads JSON from "
		"S3, transforms it into a star schema, checks it, and removes everything again. With the target "
		"local, the default, all of that happens in a sandbox on this machine; with the target aws on AWS.");
	puts(".PP");
	print_line("Data goes to standard output, messages to standard error.");
	print_heading(".SH", "COMMANDS");
	for (const struct command *const *c = commands; *c; c++)
		print_command(*c, NULL);
	print_heading(".SH", "OPTIONS OF EVERY COMMAND");
	for (size_t i = 0; i < global_option_count; i++) {
		print_flag(global_options[i].letter, global_options[i].flag, global_options[i].value_name);
		print_line(global_options[i].help);
	}
	print_settings();
	print_items("EXIT STATUS", ITEMS(exit_codes));
	print_items("FILES", ITEMS(files));
	print_items("EXAMPLES", ITEMS(examples));
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
