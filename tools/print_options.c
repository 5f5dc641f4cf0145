/* Prints the settings' rows: `print_options template` as a settings file, `print_options table` as tables for the
 * documentation, `print_options flags` as one flag a line. */
#include <stdio.h>
#include <string.h>

#include "spark/base/config.h"

static bool begins_section(size_t i)
{
	return i == 0 || strcmp(option_rows[i].section, option_rows[i - 1].section) != 0;
}

static void print_range(const struct option_row *row, const char *before, const char *behind)
{
	if (row->type == OPTION_CHOICE)
		printf("%s%s%s", before, row->choices, behind);
	else if (row->type == OPTION_INT)
		printf("%s%lld to %lld%s%s%s", before, (long long)row->min, (long long)row->max, row->unit ? " " : "",
		       row->unit ? row->unit : "", behind);
}

static void print_template(void)
{
	puts("# Settings of sparkctl. Copy this file to dwh.cfg and change what you need; what is empty or left away "
	     "has its\n"
	     "# default. A flag wins over the environment, the environment over this file. Sections and keys may be "
	     "written in\n"
	     "# any letter case, values with or without quotes; a comment is a line of its own.\n"
	     "# dwh.cfg may hold secrets: keep it out of version control.");
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option_row *row = &option_rows[i];

		if (begins_section(i))
			printf("\n[%s]\n", row->section);
		printf("# %s", row->help);
		print_range(row, " (", ")");
		printf("\n%s =%s%s\n", row->key, row->fallback ? " " : "", row->fallback ? row->fallback : "");
	}
}

/* The words of a list, each as code. */
static void print_words(const char *words)
{
	for (const char *p = words; p && *p; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");

		printf("%s`%.*s`", p == words ? "" : ", ", (int)len, p);
		p += len;
	}
}

/* "|" would end the table's cell, "<" begin a tag. */
static void print_cell(const char *text)
{
	for (; *text; text++)
		printf("%s%c", strchr("|<", *text) ? "\\" : "", *text);
}

static void print_table(void)
{
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option_row *row = &option_rows[i];

		if (begins_section(i))
			printf("%s### [%s]\n\n| Key | Flag | Environment | Default | Meaning "
			       "|\n|---|---|---|---|---|\n",
			       i ? "\n" : "", row->section);
		printf("| `%s` | %s%s%s | ", row->key, row->flag ? "`--" : "", row->flag ? row->flag : "",
		       row->flag ? "`" : "");
		print_words(row->env);
		printf(" | %s%s%s | ", row->fallback ? "`" : "", row->fallback ? row->fallback : "",
		       row->fallback ? "`" : "");
		print_cell(row->help);
		if (row->type == OPTION_CHOICE) {
			printf(" (");
			print_cell(row->choices);
			printf(")");
		} else {
			print_range(row, " (", ")");
		}
		if (row->also) {
			printf("; also read from ");
			print_words(row->also);
		}
		printf(" |\n");
	}
}

static void print_flags(void)
{
	for (size_t i = 0; i < OPT_COUNT; i++) {
		if (option_rows[i].flag)
			printf("--%s\n", option_rows[i].flag);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc == 2 ? argv[1] : "";

	if (strcmp(what, "template") == 0) {
		print_template();
	} else if (strcmp(what, "table") == 0) {
		print_table();
	} else if (strcmp(what, "flags") == 0) {
		print_flags();
	} else {
		fprintf(stderr, "usage: %s template|table|flags\n", argv[0]);
		return 2;
	}
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
