#ifndef SPARK_SANDBOX_DIALECT_DYNAMIC_H
#define SPARK_SANDBOX_DIALECT_DYNAMIC_H

#include "sandbox/dialect/rules.h"

/* The names that stand for expressions within SQL that is text: this, the expression's number and a q. */
#define DYNAMIC_NAME "sparkp"

struct dynamic_value {
	struct edit_quote expression; /* .text is empty: a string, whose text is in the statement */
	bool is_name;                 /* quote_ident(..): names fold, in quotes too */
};

/* The expression that gives the statement `made`, which the server shall get in place of `text`, both with names of
 * the values in them. 0; 1: it cannot be told; -1: memory ran out. */
int dynamic_put(const struct buf *text, const struct buf *made, const struct dynamic_value *values, size_t count,
		bool keep_case, struct buf *out);

#endif
