#ifndef SPARK_BASE_UTF8_H
#define SPARK_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The length of the first character of `text` (1 to 4), its number in *c; 0 when the bytes are no UTF-8: over-long
 * forms, surrogates and numbers beyond U+10FFFF are none (RFC 3629). */
size_t utf8_decode(const char *text, size_t len, uint32_t *c);

#endif
