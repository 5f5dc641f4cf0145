#ifndef SPARK_BASE_MEM_H
#define SPARK_BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

#include "spark/base/err.h"

/* All heap memory of ours comes from here, so that a test can make the nth allocation fail.
 * Every function returns NULL when memory runs out, and the caller has to say so with err_nomem(). */
void *mem_alloc(size_t size) MUST_CHECK;                     /* zeroed */
void *mem_alloc_array(size_t count, size_t size) MUST_CHECK; /* zeroed, the product is checked */
void *mem_resize(void *old, size_t size) MUST_CHECK;         /* old stays valid on failure */
/* Grows *items (element size `size`) so that index `count` can be written; *cap is kept. 0 or -1. */
int mem_grow(void *items, size_t *cap, size_t count, size_t size) MUST_CHECK;
char *mem_strdup(const char *text) MUST_CHECK; /* NULL in, NULL out */
char *mem_strndup(const char *text, size_t len) MUST_CHECK;
char *mem_printf(const char *fmt, ...) MUST_CHECK PRINTF_LIKE(1, 2);
void mem_free(void *p);
/* Frees and wipes: for anything that may have held a secret. */
void mem_free_wiped(void *p, size_t size);

/* For tests: the nth allocation from now on fails (0: none). */
void mem_fail_at(long nth);

#endif
