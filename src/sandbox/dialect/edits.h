#ifndef SPARK_SANDBOX_DIALECT_EDITS_H
#define SPARK_SANDBOX_DIALECT_EDITS_H

#include <stdbool.h>
#include <stddef.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"

/* Changes of a text: {from, to, what stands there instead}. A change inside a greater one is dropped with the text that
 * it would change, but the greater one may quote ranges of the old text, and quoted ranges carry their changes along.
 */
struct edit {
	size_t from, to;
	char *text;
	bool before; /* of length 0: belongs to the text before it */
	bool outer;  /* with before: behind all others of the place */
	int order;
};

struct edits {
	struct edit *items;
	size_t count, cap;
	bool failed; /* memory ran out; edits_check() tells */
};

void edits_clear(struct edits *e);
void edit_replace(struct edits *e, size_t from, size_t to, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Stands behind the text that ends at `at`, or before the text that begins there. */
void edit_insert_after(struct edits *e, size_t at, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same, behind all that is inserted after what ends there: for what closes a greater thing. */
void edit_insert_behind(struct edits *e, size_t at, const char *fmt, ...) PRINTF_LIKE(3, 4);
void edit_insert_before(struct edits *e, size_t at, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Blanks, length for length; line ends stay. */
void edit_blank(struct edits *e, const char *text, size_t from, size_t to);
int edits_check(const struct edits *e, struct err *err) MUST_CHECK;

/* For fmt: the old text of [from, to) with its changes. "%s" takes quote.text. */
struct edit_quote {
	char text[48];
};
struct edit_quote edit_quote(size_t from, size_t to);

/* Where a piece of the new text comes from. */
struct edit_piece {
	size_t out, in, len; /* len 0 of a piece that is ours */
	bool ours;           /* in: the beginning of what it replaces */
	bool inserted;       /* it replaces nothing */
};
struct edit_map {
	struct edit_piece *items;
	size_t count, cap;
};

/* The text of [from, to) with all changes; map may be NULL. */
int edits_apply(struct edits *e, const char *text, size_t from, size_t to, struct buf *out, struct edit_map *map,
		struct err *err) MUST_CHECK;
void edit_map_clear(struct edit_map *m);
/* A byte of the new text as a byte of the old one; false when it lies in an insertion. */
bool edit_map_back(const struct edit_map *m, size_t out, size_t *in);

#endif
