#include "spark/cli/plan_text.h"

#include <string.h>

static const struct {
	const char *action, *mark, *word;
} marks[] = {
	{ "create", "+", "create" },
	{ "change", "~", "change" },
	{ "keep", "=", "keep" },
	{ "given", "=", "use" },
};

static void print_calls(FILE *to, const struct json *calls)
{
	for (const struct json *call = json_first(calls); call; call = json_next(call))
		fprintf(to, "      %s %s\n", json_str(call, "action", ""), json_str(call, "name", ""));
}

static void print_row(FILE *to, const struct json *row)
{
	const char *action = json_str(row, "action", "");

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (strcmp(action, marks[i].action) == 0)
			fprintf(to, "  %s %-7s %-13s %s\n", marks[i].mark, marks[i].word, json_str(row, "resource", ""),
				json_str(row, "name", ""));
	}
}

void plan_print(FILE *to, const struct json *plan, bool with_calls)
{
	fprintf(to, "stack '%s' in account %s, region %s\n", json_str(plan, "stack", ""), json_str(plan, "account", ""),
		json_str(plan, "region", ""));
	for (const struct json *row = json_first(json_get(plan, "resources")); row; row = json_next(row)) {
		print_row(to, row);
		if (with_calls)
			print_calls(to, json_get(row, "calls"));
	}
	fprintf(to, "price on AWS: %s %s\n", json_str(plan, "rate", ""), json_str(plan, "billed", ""));
}
