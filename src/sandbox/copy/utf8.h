#ifndef SPARK_SANDBOX_COPY_UTF8_H
#define SPARK_SANDBOX_COPY_UTF8_H

#include <stddef.h>

/* How many bytes from the start are well-formed UTF-8 (no surrogates, nothing over U+10FFFF, no U+0000). */
size_t copy_utf8_length(const char *text, size_t len);
/* How many bytes from the start are ASCII but not 0. */
size_t copy_utf8_ascii(const char *text, size_t len);
/* The greatest length up to max that does not end inside a character. */
size_t copy_utf8_cut(const char *text, size_t len, size_t max);

#endif
