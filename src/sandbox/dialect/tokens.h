#ifndef SPARK_SANDBOX_DIALECT_TOKENS_H
#define SPARK_SANDBOX_DIALECT_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

#include "spark/base/err.h"

/* The tokens of a text, by libpg_query's scanner. Comments are left out. */
enum token_kind { TOKEN_WORD, TOKEN_QUOTED, TOKEN_STRING, TOKEN_BODY, TOKEN_TEMP_NAME, TOKEN_NUMBER, TOKEN_SYMBOL };

struct token {
	enum token_kind kind;
	size_t from, to; /* bytes of the text */
	int pair;        /* index of the matching parenthesis, -1: none */
};

struct tokens {
	const char *text; /* as given; lent */
	struct token *items;
	int count;
	bool keep_case; /* token_name() keeps the letters of quoted names */
};

/* Reads a text as Redshift does: backslashes escape in ordinary strings, and #name is a temporary table. *ok is false
 * when the scanner cannot take it (then there are no tokens). */
int tokens_read(const char *text, size_t len, struct tokens *out, bool *ok, struct err *err) MUST_CHECK;
void tokens_clear(struct tokens *t);

/* All accept any index, also one out of range. */
bool token_is(const struct tokens *t, int i, const char *word); /* a word without quotes, in any letter case */
bool token_is_char(const struct tokens *t, int i, char c);
bool token_is_name(const struct tokens *t, int i); /* a word, or a quoted or temporary name */
/* One of a NULL-terminated list of words. */
bool token_in(const struct tokens *t, int i, const char *const *words);
/* Does the token's text have a backslash (a string that needs E'')? */
bool token_has_backslash(const struct tokens *t, int i);
/* The name as the server keeps it: without quotes, lower case (but see keep_case); one of more than 63 bytes as its
 * first ones and a hash of all that Redshift keeps, 127. Cut to size. */
void token_name(const struct tokens *t, int i, char *out, size_t size);
size_t token_len(const struct tokens *t, int i);

#define TOKEN_NAME_BYTES 63 /* of a name that the server keeps */

#endif
