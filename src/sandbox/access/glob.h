#ifndef SPARK_SANDBOX_ACCESS_GLOB_H
#define SPARK_SANDBOX_ACCESS_GLOB_H

#include <stdbool.h>

/* Stands before a character of a pattern that means itself. Never occurs in policies or filters that are text. */
#define GLOB_ESCAPE '\x01'

/* `*` matches any run of bytes, `?` one character (of UTF-8), the rest itself; the whole text must match. Time at most
 * pattern times text. */
bool glob_match(const char *pattern, const char *text, bool fold_case);

#endif
