#ifndef SPARK_SANDBOX_WIRE_COMPOSITE_H
#define SPARK_SANDBOX_WIRE_COMPOSITE_H

#include <stdbool.h>

#include "spark/base/buf.h"

/* Rows as the server writes values of composite types: (1,"a ""b""",,x). Zero-initialise. */
struct composite {
	const char **values; /* zero-terminated; NULL: SQL's NULL */
	size_t count, cap;
	struct buf text;
};

/* The row that begins at *at, which moves behind it. 1: there; 0: the text is at its end; -1: it is none, or memory ran
 * out. */
int composite_read(struct composite *r, const char **at, const char *end) MUST_CHECK;
/* As a line of COPY's text format. */
void composite_put_line(const struct composite *r, struct buf *out);
void composite_clear(struct composite *r);

#endif
