#ifndef SPARK_SANDBOX_DIALECT_PASSES_H
#define SPARK_SANDBOX_DIALECT_PASSES_H

#include "sandbox/dialect/blocks.h"
#include "sandbox/dialect/edits.h"
#include "sandbox/dialect/relations.h"
#include "spark/base/json.h"
#include "spark/sandbox/dialect.h"

/* Rules over whole queries, run after the token rules. Each sees the text as the one before left it: its tokens, and
 * the tree that libpg_query makes of it, whose locations are bytes of the text, because what libpg_query does not know
 * is masked length for length. */
struct pass {
	const char *text; /* lent */
	size_t len;
	struct tokens t; /* of text */
	const struct dialect_catalog *catalog;
	struct edits e;
	struct err *err;
	size_t refused_at; /* byte of text */
	bool tree_tried;
	struct json *tree; /* pass_tree() */
	struct known *known;
};

/* The maps of all passes, the first one first. */
struct edit_maps {
	struct edit_map *items;
	size_t count, cap;
};
void edit_maps_clear(struct edit_maps *m);
/* NULL: memory ran out. Valid until the next call. */
struct edit_map *edit_maps_add(struct edit_maps *m);
bool edit_maps_back(const struct edit_maps *m, size_t out, size_t *in);

/* Rewrites *sql in place. maps may be NULL (no positions wanted). Refused: ERR_DATABASE, *refused_at is a byte of the
 * text before the first map. */
int passes_run(struct buf *sql, const struct dialect_catalog *catalog, struct edit_maps *maps, size_t *refused_at,
	       struct err *err) MUST_CHECK;
/* The SQL statements within the text of a procedure. */
int passes_run_body(struct buf *body, const struct dialect_catalog *catalog, struct err *err) MUST_CHECK;

/* For rules. The tree, NULL when libpg_query does not take the text. */
const struct json *pass_tree(struct pass *p);
/* Refuse what stands at token i: 0A000 `<what> is not supported by this sandbox`, or a code and text of one's own. -1
 */
int pass_refuse(struct pass *p, int i, const char *what);
int pass_fail(struct pass *p, int i, const char *sqlstate, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* The token at a byte of the text, -1: none begins there. */
int pass_token_at(const struct pass *p, long at);
/* For edits: the text of tokens [first, last] with its changes. */
struct edit_quote pass_quote(const struct pass *p, int first, int last);
void pass_blank(struct pass *p, int first, int last);
/* A name in quotes. */
void pass_put_name(struct buf *out, const char *name);
/* Copies b into an edit that replaces the tokens, or stands before / behind one; clears b. */
void pass_replace(struct pass *p, int first, int last, struct buf *b);
void pass_insert_before(struct pass *p, int token, struct buf *b);
void pass_insert_after(struct pass *p, int token, struct buf *b);

/* Each SELECT of the tree (not the set operations that join them), outer ones first. */
struct site {
	const struct json *node;
	const struct with_scope *with;
	const struct site *outer; /* the SELECT that it stands in; NULL: none */
	struct block b;
};
typedef int (*site_fn)(struct pass *p, const struct site *s);
int pass_each_select(struct pass *p, site_fn fn);
/* The name that a result of the select list gets; NULL: a star. */
const char *pass_label(const struct json *res_target);

/* The rules; wanted() looks at the tokens only. Each file says what it does. */
#define PASS_RULE(name)                             \
	bool name##_wanted(const struct tokens *t); \
	int name##_apply(struct pass *p)
PASS_RULE(correlated);
PASS_RULE(ignore_nulls);
PASS_RULE(outer_join);
PASS_RULE(pivot);
PASS_RULE(connect_by);
PASS_RULE(merge);
PASS_RULE(super);
PASS_RULE(super_text);
PASS_RULE(exclude);
PASS_RULE(qualify);
PASS_RULE(lateral);
PASS_RULE(group_by_all);
PASS_RULE(distinct_order);
PASS_RULE(update_from);

/* mask.c: the text for libpg_query; free with mem_free. NULL: memory ran out. */
char *mask_text(const struct tokens *t, const char *text, size_t len) MUST_CHECK;

#endif
