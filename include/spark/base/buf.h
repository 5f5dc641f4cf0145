#ifndef SPARK_BASE_BUF_H
#define SPARK_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spark/base/err.h"

#define BUF_MAX_DEFAULT ((size_t)64 * 1024 * 1024)

/* A growable byte string, always terminated by a zero byte that len does not count.
 * Failure is sticky: when memory or `max` runs out, `failed` is set and later additions do nothing, so a
 * long row of additions is checked once, with buf_check(). */
struct buf {
	char *data; /* never NULL between init and clear; "" when empty */
	size_t len, cap, max;
	bool failed;
	bool too_long; /* failed because of max, not of memory */
};

void buf_init(struct buf *b, size_t max_bytes);
void buf_clear(struct buf *b); /* frees; accepts a zeroed struct */
void buf_wipe(struct buf *b);  /* overwrites, then frees */
void buf_reset(struct buf *b); /* len 0, memory kept, failure forgotten */
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_puts(struct buf *b, const char *text);
void buf_putc(struct buf *b, char c);
void buf_put_int(struct buf *b, int64_t number); /* in decimal digits; much quicker than printf's */
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
/* Room for `len` more bytes: returns where to write them, NULL on failure; then buf_commit(b, written). */
char *buf_reserve(struct buf *b, size_t len);
void buf_commit(struct buf *b, size_t len);
void buf_cut(struct buf *b, size_t len);     /* shortens to len */
void buf_consume(struct buf *b, size_t len); /* drops the first len bytes */
/* 0, or -1 with err set (ERR_NOMEM, or ERR_PARSE "... is longer than N bytes"; `what` names the text). */
int buf_check(const struct buf *b, const char *what, struct err *err) MUST_CHECK;
/* Hands the memory over (free with mem_free); the buf is empty after it. NULL when failed. */
char *buf_take(struct buf *b) MUST_CHECK;

#endif
