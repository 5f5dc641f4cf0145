#include "warehouse/sql_lex.h"

#include <stdbool.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool starts_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool in_name(char c)
{
	return starts_name(c) || is_digit(c) || c == '$';
}

/* Each scanner gets the offset of the token's first byte and returns the offset behind its last, 0 when it has no end.
 */

static size_t scan_quoted(const char *text, size_t len, size_t pos, char quote, bool backslash)
{
	for (size_t i = pos + 1; i < len; i++) {
		if (backslash && text[i] == '\\') {
			i++;
		} else if (text[i] == quote) {
			if (i + 1 < len && text[i + 1] == quote)
				i++;
			else
				return i + 1;
		}
	}
	return 0;
}

static size_t scan_block_comment(const char *text, size_t len, size_t pos)
{
	size_t depth = 0;

	for (size_t i = pos; i + 1 < len; i++) {
		if (text[i] == '/' && text[i + 1] == '*') {
			depth++;
			i++;
		} else if (text[i] == '*' && text[i + 1] == '/') {
			i++;
			if (--depth == 0)
				return i + 1;
		}
	}
	return 0;
}

static size_t scan_line_comment(const char *text, size_t len, size_t pos)
{
	const char *end = memchr(text + pos, '\n', len - pos);

	return end ? (size_t)(end - text) + 1 : len;
}

/* Length of "$tag$" at pos, 0 when there is none ($1 is a parameter). */
static size_t dollar_tag(const char *text, size_t len, size_t pos)
{
	size_t i = pos + 1;

	if (i < len && is_digit(text[i]))
		return 0;
	while (i < len && (starts_name(text[i]) || is_digit(text[i])))
		i++;
	return i < len && text[i] == '$' ? i + 1 - pos : 0;
}

static size_t scan_dollar(const char *text, size_t len, size_t pos, size_t tag)
{
	for (size_t i = pos + tag; i + tag <= len; i++) {
		if (text[i] == '$' && memcmp(text + i, text + pos, tag) == 0)
			return i + tag;
	}
	return 0;
}

static size_t scan_while(const char *text, size_t len, size_t pos, bool (*in)(char))
{
	while (pos < len && in(text[pos]))
		pos++;
	return pos;
}

static struct sql_token token(enum sql_token_kind kind, size_t start, size_t end, size_t len)
{
	if (end == 0)
		return (struct sql_token){ SQL_TOKEN_UNTERMINATED, start, len - start };
	return (struct sql_token){ kind, start, end - start };
}

static struct sql_token scan_colon(const char *text, size_t len, size_t pos)
{
	char next = pos + 1 < len ? text[pos + 1] : 0;

	if (next == ':')
		return token(SQL_TOKEN_CAST, pos, pos + 2, len);
	if (starts_name(next))
		return token(SQL_TOKEN_PLACEHOLDER, pos, scan_while(text, len, pos + 1, in_name), len);
	if (next == '"')
		return token(SQL_TOKEN_PLACEHOLDER_ID, pos, scan_quoted(text, len, pos + 1, '"', false), len);
	return token(SQL_TOKEN_OTHER, pos, pos + 1, len);
}

struct sql_token sql_lex_next(const char *text, size_t len, size_t pos)
{
	char c, next;
	size_t tag;

	if (pos >= len)
		return (struct sql_token){ SQL_TOKEN_END, len, 0 };
	c = text[pos];
	next = pos + 1 < len ? text[pos + 1] : 0;
	if (is_blank(c))
		return token(SQL_TOKEN_BLANK, pos, scan_while(text, len, pos, is_blank), len);
	if (c == '-' && next == '-')
		return token(SQL_TOKEN_COMMENT, pos, scan_line_comment(text, len, pos), len);
	if (c == '/' && next == '*')
		return token(SQL_TOKEN_COMMENT, pos, scan_block_comment(text, len, pos), len);
	if (c == '\'')
		return token(SQL_TOKEN_STRING, pos, scan_quoted(text, len, pos, '\'', true), len);
	if (c == '"')
		return token(SQL_TOKEN_QUOTED, pos, scan_quoted(text, len, pos, '"', false), len);
	if (starts_name(c) || is_digit(c))
		return token(SQL_TOKEN_WORD, pos, scan_while(text, len, pos, in_name), len);
	if (c == ':')
		return scan_colon(text, len, pos);
	if (c == ';')
		return token(SQL_TOKEN_SEMICOLON, pos, pos + 1, len);
	if (c == '$' && (tag = dollar_tag(text, len, pos)) > 0)
		return token(SQL_TOKEN_DOLLAR, pos, scan_dollar(text, len, pos, tag), len);
	return token(SQL_TOKEN_OTHER, pos, pos + 1, len);
}

size_t sql_lex_line(const char *text, size_t offset)
{
	size_t line = 1;

	for (size_t i = 0; i < offset; i++)
		line += text[i] == '\n';
	return line;
}
