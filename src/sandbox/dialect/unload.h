#ifndef SPARK_SANDBOX_DIALECT_UNLOAD_H
#define SPARK_SANDBOX_DIALECT_UNLOAD_H

#include "sandbox/dialect/edits.h"
#include "sandbox/dialect/tokens.h"

/* UNLOAD ('query'): the query is a string of its own quoting. */

/* UNLOAD ( at token i? */
bool unload_begins(const struct tokens *t, int i);
/* Edits of the statement [from, to) that leave the query as it is without the quotes. False: there is no string where
 * it should stand. */
bool unload_decode(const struct tokens *t, int i, size_t from, size_t to, struct edits *e);
/* Is the text of those tokens one query, and one that may be unloaded? Refused: ERR_DATABASE, *at is a byte of it. */
int unload_check_query(const struct tokens *t, int end, size_t *at, struct err *err) MUST_CHECK;

#endif
