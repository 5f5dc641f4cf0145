#ifndef SPARK_SANDBOX_DIALECT_BLOCKS_H
#define SPARK_SANDBOX_DIALECT_BLOCKS_H

#include "sandbox/dialect/tokens.h"

/* One SELECT ... of a query by its tokens, also with the clauses that only Redshift has. */
enum clause {
	CLAUSE_LIST,
	CLAUSE_EXCLUDE,
	CLAUSE_INTO,
	CLAUSE_FROM,
	CLAUSE_WHERE,
	CLAUSE_START,   /* START WITH */
	CLAUSE_CONNECT, /* CONNECT BY */
	CLAUSE_GROUP,
	CLAUSE_HAVING,
	CLAUSE_QUALIFY,
	CLAUSE_WINDOW,
	CLAUSE_ORDER,
	CLAUSE_LIMIT, /* LIMIT, OFFSET, FETCH, FOR */
	CLAUSE_COUNT,
};

struct clause_range {
	int word;        /* its first word's token, -1: the block has no such clause */
	int first, last; /* its content, both inclusive; last < first: empty */
};

struct block {
	int select;   /* the word SELECT */
	int distinct; /* the word DISTINCT, -1: none */
	struct clause_range c[CLAUSE_COUNT];
	int end;      /* the first token behind the block */
	bool set_arm; /* an arm of UNION, EXCEPT, INTERSECT, MINUS: an ORDER BY or LIMIT is not its own */
};

void block_read(const struct tokens *t, int select, struct block *b);
bool block_has(const struct block *b, enum clause c);
/* Tokens of the next item of a list (select list, FROM, GROUP BY ...) that begins at i and ends before the end: the
 * last one. */
int block_item_end(const struct tokens *t, int i, int last);
/* Behind the token's matching parenthesis when it opens one, else behind the token. */
int block_skip(const struct tokens *t, int i);
/* Is the word at i a clause of a query (and no name, alias or part of an operator)? */
bool block_is_clause(const struct tokens *t, int i, enum clause *which);
/* Can an operand end with that token? */
bool block_ends_operand(const struct tokens *t, int i);

#endif
