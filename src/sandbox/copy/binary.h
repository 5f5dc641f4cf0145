#ifndef SPARK_SANDBOX_COPY_BINARY_H
#define SPARK_SANDBOX_COPY_BINARY_H

#include <stdint.h>

#include "spark/base/buf.h"

/* PostgreSQL's binary COPY: numbers in network byte order, each field after its length. */

static inline void binary_put_i16(struct buf *b, int16_t n)
{
	uint16_t be = __builtin_bswap16((uint16_t)n);

	buf_add(b, &be, sizeof be);
}

static inline void binary_put_i32(struct buf *b, int32_t n)
{
	uint32_t be = __builtin_bswap32((uint32_t)n);

	buf_add(b, &be, sizeof be);
}

static inline void binary_put_i64(struct buf *b, int64_t n)
{
	uint64_t be = __builtin_bswap64((uint64_t)n);

	buf_add(b, &be, sizeof be);
}

static inline void binary_put_null(struct buf *b)
{
	binary_put_i32(b, -1);
}

#endif
