#ifndef SPARK_BASE_EMBED_H
#define SPARK_BASE_EMBED_H

#include <stddef.h>

/* A file that became part of the program: `tools/embed-text NAME FILES...` writes
 * `const struct embedded_text NAME[]` and `const size_t NAME_count`, in the order of the files given. */
struct embedded_text {
	const char *name; /* "10_tables.sql", without folder */
	const char *text; /* terminated by a zero byte that len does not count */
	size_t len;
};

#endif
