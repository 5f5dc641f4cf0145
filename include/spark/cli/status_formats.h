#ifndef SPARK_CLI_STATUS_FORMATS_H
#define SPARK_CLI_STATUS_FORMATS_H

#include "spark/base/buf.h"
#include "spark/pipeline/status.h"

/* How to log in, in the words of other tools. All of them hold the password. */

/* What beside the access stands in a file. */
struct status_format_input {
	const char *stack;
	const struct run_access *access;
	const struct config *config; /* [S3] */
};
/* Appends it as "env" (lines for a shell), "dsn" (a URI of libpq), "dwh.cfg" (the sections that the course's scripts
 * read) or "dbt" (a profiles.yml); false for any other format. */
bool status_format(const char *format, const struct status_format_input *in, struct buf *out);

/* The parts. */
void format_sh_quoted(struct buf *out, const char *text);
/* As a value of an INI file that Python's configparser reads back, and of a connection string of libpq at once. */
void format_ini_value(struct buf *out, const char *text);

#endif
