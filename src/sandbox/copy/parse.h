#ifndef SPARK_SANDBOX_COPY_PARSE_H
#define SPARK_SANDBOX_COPY_PARSE_H

#include "sandbox/copy/lexer.h"
#include "sandbox/copy/statement.h"

#define COPY_OPTIONS_MAX 80

/* A statement on its way from text to struct. */
struct copy_parser {
	struct copy_lexer lex;
	struct copy_statement *s;
	const char *verb;             /* "COPY" or "UNLOAD", for what errors say */
	bool given[COPY_OPTIONS_MAX]; /* which options of options.c stood in it */
};

/* All errors have a position. 0A000, naming what is not supported. Returns -1. */
int copy_parse_refuse(struct copy_parser *p, size_t at, struct err *err, const char *name);
/* Any SQLSTATE with any text, at a byte of the statement. Returns -1. */
int copy_parse_fail(struct copy_parser *p, size_t at, struct err *err, const char *sqlstate, const char *fmt, ...)
	PRINTF_LIKE(5, 6);
int copy_parse_next(struct copy_parser *p, struct err *err) MUST_CHECK;
/* Steps over the word when it stands there. */
int copy_parse_skip(struct copy_parser *p, const char *word, struct err *err) MUST_CHECK;
/* Replaces *to by the current token's value and steps on. */
int copy_parse_value(struct copy_parser *p, char **to, struct err *err) MUST_CHECK;
/* The same for a string; 42601 at anything else. */
int copy_parse_string(struct copy_parser *p, char **to, struct err *err) MUST_CHECK;

/* An option that UNLOAD has as well, authorization or REGION; the current token is its word. 1: it was read, 0: it is
 * none of them. */
int copy_parse_access_option(struct copy_parser *p, struct err *err) MUST_CHECK;
/* What stands behind the source, to the end of the statement. */
int copy_parse_options(struct copy_parser *p, struct err *err) MUST_CHECK;

/* Formats: format_options.c. The argument of an option whose word has been read. */
int copy_parse_json(struct copy_parser *p, struct err *err) MUST_CHECK;
int copy_parse_delimiter(struct copy_parser *p, struct err *err) MUST_CHECK;
int copy_parse_quote(struct copy_parser *p, struct err *err) MUST_CHECK;
int copy_parse_widths(struct copy_parser *p, struct err *err) MUST_CHECK;
int copy_parse_null(struct copy_parser *p, struct err *err) MUST_CHECK;

#endif
