#ifndef SPARK_SANDBOX_COPY_BINARY_H
#define SPARK_SANDBOX_COPY_BINARY_H

#include <stdint.h>
#include <string.h>

#include "spark/base/buf.h"

/* PostgreSQL's binary COPY: numbers in network byte order, each field after its length. */

/* Most rows find room: then nothing is called. */
static inline void binary_put(struct buf *b, const void *bytes, size_t len)
{
	if (b->len + len < b->cap && !b->failed) {
		memcpy(b->data + b->len, bytes, len);
		b->len += len;
		b->data[b->len] = 0;
	} else {
		buf_add(b, bytes, len);
	}
}

static inline void binary_put_i16(struct buf *b, int16_t n)
{
	uint16_t be = __builtin_bswap16((uint16_t)n);

	binary_put(b, &be, sizeof be);
}

static inline void binary_put_i32(struct buf *b, int32_t n)
{
	uint32_t be = __builtin_bswap32((uint32_t)n);

	binary_put(b, &be, sizeof be);
}

static inline void binary_put_i64(struct buf *b, int64_t n)
{
	uint64_t be = __builtin_bswap64((uint64_t)n);

	binary_put(b, &be, sizeof be);
}

/* With the field's length before it. */
static inline void binary_put_text(struct buf *b, const char *text, size_t len)
{
	binary_put_i32(b, (int32_t)len);
	binary_put(b, text, len);
}

static inline void binary_put_null(struct buf *b)
{
	binary_put_i32(b, -1);
}

#endif
