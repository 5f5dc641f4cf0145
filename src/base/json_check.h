#ifndef SPARK_BASE_JSON_CHECK_H
#define SPARK_BASE_JSON_CHECK_H

#include <stddef.h>

#include "spark/base/err.h"

#define JSON_MAX_DEPTH  200
#define JSON_DEEP_DEPTH 950 /* cJSON ends at 1000 */

/* Is the text one JSON value as RFC 8259 writes it, no more than max_depth deep, in valid UTF-8, without
 * \u0000? cJSON would let much else pass. ERR_PARSE with line and column. */
int json_check(const char *text, size_t len, int max_depth, struct err *err) MUST_CHECK;

#endif
