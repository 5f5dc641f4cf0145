#ifndef SPARK_SANDBOX_COPY_JSON_SCAN_H
#define SPARK_SANDBOX_COPY_JSON_SCAN_H

#include "sandbox/copy/value.h"
#include "spark/base/buf.h"

/* JSON by one pass over the bytes, no tree: a value is a pointer and a length in the input. */
enum json_scan {
	JSON_SCAN_OK,
	JSON_SCAN_SHORT, /* the input ends inside the value */
	JSON_SCAN_BAD,   /* not JSON; *pos is where it stops being it */
};

/* Objects and arrays may lie this deep in one another. */
#define JSON_SCAN_DEPTH 256

static inline void json_scan_blank(const char **pos, const char *end)
{
	const char *p = *pos;

	while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
		p++;
	*pos = p;
}

/* A string; *pos at its opening quote. */
enum json_scan json_scan_string(const char **pos, const char *end, struct copy_value *v);
/* `"key" :` and the blanks behind it; *pos then at the member's value. */
enum json_scan json_scan_key(const char **pos, const char *end, struct copy_value *key);
/* Any value; *pos at its first byte. `depth`: how deep it lies already. */
enum json_scan json_scan_value(const char **pos, const char *end, int depth, struct copy_value *v);

/* The string's text without escapes, appended. 0, or -1 for half a surrogate pair and for U+0000, which no column can
 * hold. */
int json_scan_unescape(const struct copy_value *v, struct buf *out);
/* A nested value's text without the blanks between its parts, appended. */
void json_scan_compact(const struct copy_value *v, struct buf *out);

#endif
