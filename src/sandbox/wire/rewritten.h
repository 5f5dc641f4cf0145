#ifndef SPARK_SANDBOX_WIRE_REWRITTEN_H
#define SPARK_SANDBOX_WIRE_REWRITTEN_H

#include "spark/base/buf.h"
#include "spark/sandbox/dialect.h"

/* A client's text and what the dialect made of it, kept until the server has answered, because errors point into it.
 * Counted references; one thread. */
struct rewritten {
	int references;
	char *text; /* the client's */
	struct dialect_script script;
};

/* ERR_DATABASE from the dialect: refused. The result has one reference. */
int rewritten_new(const char *text, const struct dialect_catalog *catalog, struct rewritten **out,
		  struct err *err) MUST_CHECK;
struct rewritten *rewritten_keep(struct rewritten *r);
void rewritten_release(struct rewritten *r); /* NULL is fine */

/* The statements again as one text, joined by semicolons. Joined they keep PostgreSQL's transaction around them. */
void rewritten_join(const struct rewritten *r, struct buf *out);
/* How many are of that kind. */
size_t rewritten_count(const struct rewritten *r, enum dialect_kind kind);
/* Of those that the gateway runs itself: COPY and UNLOAD. */
size_t rewritten_count_own(const struct rewritten *r);
/* Is there a statement that commits the block that it runs in? */
bool rewritten_commits(const struct rewritten *r);
/* Is there one that can be understood only when those before it have run? */
bool rewritten_has_late(const struct rewritten *r);
/* Does the client know one by another command tag than the server? */
bool rewritten_has_tag(const struct rewritten *r);
/* The tag of the nth statement from 1 on that has words in it, or of `only` >= 0; NULL: the server's. */
const char *rewritten_tag(const struct rewritten *r, int only, size_t nth);
/* Is it one statement that the dialect left as it was? */
bool rewritten_is_same(const struct rewritten *r);
/* A position (characters from 1) in the joined text, or with only >= 0 in that statement alone, as one in the client's
 * text; 0: it lies in words of ours. */
int rewritten_position(const struct rewritten *r, int only, int position);

#endif
