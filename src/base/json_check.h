#ifndef SPARK_BASE_JSON_CHECK_H
#define SPARK_BASE_JSON_CHECK_H

#include <stddef.h>

#include "spark/base/err.h"

#define JSON_MAX_DEPTH 200

/* Is the text one JSON value as RFC 8259 writes it, no more than JSON_MAX_DEPTH deep, in valid UTF-8, without
 * \u0000? cJSON would let much else pass. ERR_PARSE with line and column. */
int json_check(const char *text, size_t len, struct err *err) MUST_CHECK;

#endif
