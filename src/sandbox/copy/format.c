#include "sandbox/copy/format.h"

#include <stdio.h>
#include <string.h>

static const struct copy_format *const formats[] = {
	&copy_format_json,
	&copy_format_csv,
	&copy_format_delimited,
	&copy_format_fixed,
};

const struct copy_format *copy_format_find(const char *name)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	}
	return NULL;
}

void copy_problem_set(struct copy_problem *p, enum copy_code code, int column, const char *reason)
{
	p->code = (int)code;
	p->column = column;
	snprintf(p->reason, sizeof p->reason, "%s", reason);
}
