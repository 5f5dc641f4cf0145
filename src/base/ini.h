#ifndef SPARK_BASE_INI_H
#define SPARK_BASE_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "spark/base/err.h"

/* The longest line of a settings file. */
#define INI_LINE_MAX 65536

/* One key of a settings file. All texts are lent until the callback returns. */
struct ini_entry {
	const char *section, *key, *value;
	int line;
};

/* Calls fn for each "key = value" of the text; non-zero from fn ends the reading and is returned. `path` only names
 * the text in errors. Blanks around keys and values go, and one pair of quotes around a value; comments are whole
 * lines that begin with '#' or ';'. Errors, all with path and line: a NUL byte, a line that is no section, key or
 * comment, a line above INI_LINE_MAX, a key before the first section, a key that is there twice in one section.
 * any_case: sections and keys that differ only in the case of their letters are the same.
 * nested: an indented "key = value" below a key without value is reported as "parent.key", as ~/.aws/config means it.
 */
int ini_each(const char *path, const char *text, size_t len, bool any_case, bool nested,
	     int (*fn)(void *arg, const struct ini_entry *entry), void *arg, struct err *err) MUST_CHECK;

#endif
