#ifndef SPARK_SANDBOX_COPY_UTF16_H
#define SPARK_SANDBOX_COPY_UTF16_H

#include "sandbox/copy/statement.h"
#include "spark/base/buf.h"

/* UTF-16 to UTF-8, piece by piece. Half a surrogate pair becomes three bytes that are no UTF-8, so that the record that
 * has it is refused and no other. */
struct utf16 {
	bool big_endian;
	bool begun; /* the byte order is known */
};

/* At the beginning of each object. */
void utf16_start(struct utf16 *u, enum copy_encoding encoding);
/* Decodes what is whole of in, appends to out and returns how many bytes were used; with `last` all of it. *no_mark:
 * the object should begin with a byte order mark and does not. */
size_t utf16_decode(struct utf16 *u, const char *in, size_t len, bool last, struct buf *out, bool *no_mark);

#endif
