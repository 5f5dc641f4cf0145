#ifndef SPARK_WAREHOUSE_SQL_LEX_H
#define SPARK_WAREHOUSE_SQL_LEX_H

#include <stddef.h>

/* The little of SQL's lexical rules that files of a pipeline need: where strings, names, comments and bodies of
 * procedures begin and end, so that a placeholder or a ';' inside them is left alone. Redshift's rules: a backslash
 * escapes in ordinary strings, block comments nest. */
enum sql_token_kind {
	SQL_TOKEN_END,
	SQL_TOKEN_BLANK,
	SQL_TOKEN_COMMENT,
	SQL_TOKEN_STRING,         /* '...' */
	SQL_TOKEN_QUOTED,         /* "..." */
	SQL_TOKEN_DOLLAR,         /* $tag$...$tag$ */
	SQL_TOKEN_WORD,           /* names, keywords, numbers */
	SQL_TOKEN_CAST,           /* :: */
	SQL_TOKEN_PLACEHOLDER,    /* :name */
	SQL_TOKEN_PLACEHOLDER_ID, /* :"name" */
	SQL_TOKEN_SEMICOLON,
	SQL_TOKEN_OTHER,
	SQL_TOKEN_UNTERMINATED /* a string, name, comment or body without an end */
};

struct sql_token {
	enum sql_token_kind kind;
	size_t start, len;
};

/* The token at `pos`; its end is where the next one begins. At `len`: SQL_TOKEN_END. */
struct sql_token sql_lex_next(const char *text, size_t len, size_t pos);
/* The line of an offset, from 1. */
size_t sql_lex_line(const char *text, size_t offset);

#endif
