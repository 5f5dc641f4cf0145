#include "spark/base/mem.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Allocations left until the one that fails; 0: none fails. */
static atomic_long countdown;

static int must_fail(void)
{
	if (atomic_load_explicit(&countdown, memory_order_relaxed) == 0)
		return 0;
	return atomic_fetch_sub(&countdown, 1) == 1;
}

void mem_fail_at(long nth)
{
	atomic_store(&countdown, nth);
}

void *mem_alloc(size_t size)
{
	return mem_alloc_array(1, size);
}

void *mem_alloc_array(size_t count, size_t size)
{
	size_t bytes;

	if (must_fail() || __builtin_mul_overflow(count, size, &bytes))
		return NULL;
	/* An empty request gets a byte, so that NULL means one thing only. */
	return calloc(1, bytes ? bytes : 1);
}

void *mem_resize(void *old, size_t size)
{
	if (must_fail())
		return NULL;
	return realloc(old, size ? size : 1);
}

int mem_grow(void *items, size_t *cap, size_t count, size_t size)
{
	size_t want, bytes;
	void *old, *grown;

	if (count < *cap)
		return 0;
	if (__builtin_add_overflow(count, count / 2 + 8, &want) || __builtin_mul_overflow(want, size, &bytes))
		return -1;
	/* items is the address of a typed pointer: read and written as bytes, whatever its type. */
	memcpy(&old, items, sizeof(old));
	grown = mem_resize(old, bytes);
	if (!grown)
		return -1;
	memcpy(items, &grown, sizeof(grown));
	*cap = want;
	return 0;
}

char *mem_strdup(const char *text)
{
	return text ? mem_strndup(text, strlen(text)) : NULL;
}

char *mem_strndup(const char *text, size_t len)
{
	char *copy;

	if (!text || len == SIZE_MAX)
		return NULL;
	copy = mem_resize(NULL, len + 1);
	if (!copy)
		return NULL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *mem_printf(const char *fmt, ...)
{
	va_list ap;
	char *text;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		return NULL;
	text = mem_resize(NULL, (size_t)len + 1);
	if (!text)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(text, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return text;
}

void mem_free(void *p)
{
	free(p);
}

void mem_free_wiped(void *p, size_t size)
{
	if (!p)
		return;
	explicit_bzero(p, size);
	free(p);
}
