#include "spark/base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "spark/base/mem.h"

/* What an empty buf points to; never written, cap 0 says so. */
static char nothing[1];

void buf_init(struct buf *b, size_t max_bytes)
{
	memset(b, 0, sizeof(*b));
	b->data = nothing;
	b->max = max_bytes;
}

static size_t limit(const struct buf *b)
{
	return b->max ? b->max : BUF_MAX_DEFAULT;
}

void buf_clear(struct buf *b)
{
	if (b->cap)
		mem_free(b->data);
	buf_init(b, b->max);
}

void buf_wipe(struct buf *b)
{
	if (b->cap)
		explicit_bzero(b->data, b->cap);
	buf_clear(b);
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = b->too_long = false;
	if (b->cap)
		b->data[0] = '\0';
	else
		b->data = nothing;
}

static bool has_room(struct buf *b, size_t more)
{
	size_t need, cap;
	char *grown;

	if (b->failed)
		return false;
	if (!b->data)
		b->data = nothing;
	if (__builtin_add_overflow(b->len, more, &need) || need > limit(b) || need == SIZE_MAX) {
		b->failed = b->too_long = true;
		return false;
	}
	if (need < b->cap)
		return true;
	cap = b->cap ? b->cap : limit(b) < 32 ? limit(b) + 1 : 32;
	while (cap <= need)
		cap = cap > limit(b) - cap / 2 ? limit(b) + 1 : cap + cap / 2;
	grown = mem_resize(b->cap ? b->data : NULL, cap);
	if (!grown) {
		b->failed = true;
		return false;
	}
	b->data = grown;
	b->cap = cap;
	b->data[b->len] = '\0';
	return true;
}

/* Nearly every addition fits, and texts are put together of many. */
static inline bool fits(const struct buf *b, size_t more)
{
	return more < b->cap - b->len && b->len + more <= limit(b) && !b->failed;
}

void buf_add(struct buf *b, const void *bytes, size_t len)
{
	if (!fits(b, len) && (len == 0 || !has_room(b, len)))
		return;
	memcpy(b->data + b->len, bytes, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_puts(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_putc(struct buf *b, char c)
{
	if (!fits(b, 1) && !has_room(b, 1))
		return;
	b->data[b->len++] = c;
	b->data[b->len] = '\0';
}

void buf_put_int(struct buf *b, int64_t number)
{
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
	char text[24], *p = text + sizeof(text);

	do
		*--p = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (number < 0)
		*--p = '-';
	buf_add(b, p, (size_t)(text + sizeof(text) - p));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	size_t room = b->cap ? b->cap - b->len : 0;
	va_list again;
	int len;

	if (b->failed)
		return;
	va_copy(again, ap);
	len = vsnprintf(room ? b->data + b->len : NULL, room, fmt, ap);
	if (len < 0) {
		b->failed = true;
	} else if ((size_t)len < room && b->len + (size_t)len <= limit(b)) {
		b->len += (size_t)len;
	} else {
		if (room)
			b->data[b->len] = '\0';
		if (len > 0 && has_room(b, (size_t)len)) {
			vsnprintf(b->data + b->len, b->cap - b->len, fmt, again);
			b->len += (size_t)len;
		}
	}
	va_end(again);
}

char *buf_reserve(struct buf *b, size_t len)
{
	return has_room(b, len ? len : 1) ? b->data + b->len : NULL;
}

void buf_commit(struct buf *b, size_t len)
{
	if (b->failed || !b->cap)
		return;
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_cut(struct buf *b, size_t len)
{
	if (len >= b->len)
		return;
	b->len = len;
	b->data[len] = '\0';
}

void buf_consume(struct buf *b, size_t len)
{
	if (len >= b->len) {
		buf_cut(b, 0);
		return;
	}
	memmove(b->data, b->data + len, b->len - len + 1);
	b->len -= len;
}

int buf_check(const struct buf *b, const char *what, struct err *err)
{
	if (!b->failed)
		return 0;
	if (b->too_long)
		return err_set(err, ERR_PARSE, "%s is longer than %zu bytes", what, limit(b));
	return err_nomem(err);
}

char *buf_take(struct buf *b)
{
	char *text;

	if (b->failed) {
		buf_clear(b);
		return NULL;
	}
	text = b->cap ? b->data : mem_strdup("");
	buf_init(b, b->max);
	return text;
}
