#ifndef SPARK_SANDBOX_COPY_LEXER_H
#define SPARK_SANDBOX_COPY_LEXER_H

#include <stdbool.h>
#include <stddef.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"

/* The words of a COPY statement. */
enum copy_token {
	COPY_TOKEN_END,
	COPY_TOKEN_WORD,
	COPY_TOKEN_QUOTED,
	COPY_TOKEN_STRING,
	COPY_TOKEN_NUMBER,
	COPY_TOKEN_OTHER
};

struct copy_lexer {
	const char *text;
	size_t len, pos;
	enum copy_token kind; /* of the current token */
	size_t from, to;      /* its bytes in text */
	struct buf value;     /* folded word, or the string's content */
};

void copy_lexer_init(struct copy_lexer *l, const char *text, size_t len);
void copy_lexer_clear(struct copy_lexer *l);
/* Steps to the next token. 42601 for a string or comment without an end. */
int copy_lexer_next(struct copy_lexer *l, struct err *err) MUST_CHECK;
/* Is the current token this word (lower case)? */
bool copy_lexer_is(const struct copy_lexer *l, const char *word);
bool copy_lexer_is_char(const struct copy_lexer *l, char c);
/* Sets 42601 at the current token. Returns -1. */
int copy_lexer_fail(const struct copy_lexer *l, struct err *err);
/* Puts position (characters from 1) of a byte into err->code. Returns -1. */
int copy_lexer_locate(const struct copy_lexer *l, size_t at, struct err *err);

#endif
