#ifndef SPARK_SANDBOX_DIALECT_RULES_H
#define SPARK_SANDBOX_DIALECT_RULES_H

#include "sandbox/dialect/edits.h"
#include "sandbox/dialect/tokens.h"
#include "spark/sandbox/dialect.h"

/* What a rule works on: the tokens of one statement, or of a procedure's body. */
struct rules {
	const struct tokens *t;
	int from, to; /* the statement's tokens: [from, to) */
	struct edits *e;
	struct err *err;
	size_t refused_at; /* byte of what was refused */
	int begin;         /* first token of the statement that is looked at */
	int depth;         /* open parentheses since */
	int table_read;    /* does it read a user's table? -1: not known yet */
	int comma;         /* the last one that in_from_list() was asked for, and its answer */
	bool comma_in_from;
	int names_given;                       /* aliases that were made up so far */
	bool strict;                           /* refuse what Redshift does not know */
	bool in_block;                         /* inside a transaction block of the client's */
	bool body;                             /* a procedure's or function's body */
	const struct dialect_catalog *catalog; /* may be NULL */
	const char *tag;                       /* out: dialect_statement's */
	bool commits;                          /* out: the statement ends the block that it runs in */
};

/* Refuses what stands at token i: 0A000 `<what> is not supported by this sandbox`. Returns -1. */
int rules_refuse(struct rules *r, int i, const char *what);
/* The same with a text and a code of one's own. */
int rules_fail(struct rules *r, int i, const char *sqlstate, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* A rule is tried at a token; 0, or -1 after rules_refuse(). */
typedef int (*rule_fn)(struct rules *r, int i);

/* Runs all token rules over [r->from, r->to). */
int rules_run(struct rules *r) MUST_CHECK;

/* Helpers of rules. */
void rules_blank(struct rules *r, int first, int last); /* both inclusive */
void rules_replace(struct rules *r, int i, const char *text);
/* The last token of the element that begins at i, in a list that ends before `end`: before the next comma outside of
 * parentheses. */
int rules_element_end(const struct rules *r, int i, int end);
/* Are we where a statement may begin: at the start, behind a semicolon, or behind a word of plpgsql? */
bool rules_at_statement(const struct rules *r, int i);
/* The end (exclusive) of the statement that begins at i. */
int rules_statement_end(const struct rules *r, int i);

/* The rules, by room. */
int rule_create_table(struct rules *r, int i);  /* table.c */
int rule_alter_table(struct rules *r, int i);   /* alter.c */
int rule_function_call(struct rules *r, int i); /* calls.c */
int rule_word(struct rules *r, int i);          /* words.c */
int rule_statement(struct rules *r, int i);     /* statements.c */
int rule_query(struct rules *r, int i);         /* queries.c */
int rule_name(struct rules *r, int i);          /* names.c */
int rule_catalogue(struct rules *r, int i);     /* catalogue.c */
int rule_strict(struct rules *r, int i);        /* strict.c */
int rule_deferred(struct rules *r, int i);      /* deferred.c */

/* column.c: the column definition in tokens [i, end): its type, lengths, attributes. */
struct table_attributes;
int rules_column(struct rules *r, int i, int end, struct table_attributes *a);
/* keys.c: the key that begins at i (PRIMARY, UNIQUE, FOREIGN or REFERENCES) is recorded in a; returns behind it. name:
 * of the constraint, may be empty; column: which it stands at, NULL: the key lists its columns itself. */
int rules_key(const struct rules *r, int i, int end, const char *name, const char *column, struct table_attributes *a);
/* table.c: the comment of a goes behind token `behind`. */
void rules_tell(struct rules *r, const struct table_attributes *a, int behind);
/* A [[database.]schema.]name at i, schema "" when it has none; the database is blanked. Returns behind it. */
int rules_relation(struct rules *r, int i, int end, char *schema, char *name, size_t size);
/* Begins the name of the check that holds a CHAR column to its length in bytes; the column's follows, when it is short
 * enough. VARCHAR columns of older builds have one too. */
#define RULES_BYTE_CHECK "sparkctl_bytes_"

/* Text of a procedure's or function's body, rewritten by the same rules. `at`: its token in r. */
int rules_body(struct rules *r, int at);

#endif
