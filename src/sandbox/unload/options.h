#ifndef SPARK_SANDBOX_UNLOAD_OPTIONS_H
#define SPARK_SANDBOX_UNLOAD_OPTIONS_H

#include "sandbox/copy/parse.h"
#include "sandbox/unload/statement.h"

#define UNLOAD_OPTIONS_MAX 40

/* A statement on its way from text to struct. */
struct unload_parser {
	struct copy_parser copy; /* its s is s->to */
	struct unload_statement *s;
	bool given[UNLOAD_OPTIONS_MAX]; /* which options of options.c stood in it */
};

/* What stands behind the address, to the end of the statement. */
int unload_parse_options(struct unload_parser *p, struct err *err) MUST_CHECK;

#endif
