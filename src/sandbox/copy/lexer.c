#include "sandbox/copy/lexer.h"

#include <ctype.h>
#include <string.h>

#define VALUE_MAX ((size_t)1024 * 1024)

void copy_lexer_init(struct copy_lexer *l, const char *text, size_t len)
{
	memset(l, 0, sizeof *l);
	l->text = text;
	l->len = len;
	buf_init(&l->value, VALUE_MAX);
}

void copy_lexer_clear(struct copy_lexer *l)
{
	buf_wipe(&l->value); /* it may have held a secret key */
}

static int at(const struct copy_lexer *l, size_t pos)
{
	return pos < l->len ? (unsigned char)l->text[pos] : -1;
}

static bool is_word_start(int c)
{
	return isalpha(c) || c == '_' || c == '#' || c >= 0x80;
}

static bool is_word_part(int c)
{
	return is_word_start(c) || isdigit(c) || c == '$';
}

int copy_lexer_locate(const struct copy_lexer *l, size_t byte, struct err *err)
{
	size_t chars = 1;

	if (!err)
		return -1;
	for (size_t i = 0; i < byte && i < l->len; i++)
		chars += (l->text[i] & 0xC0) != 0x80;
	snprintf(err->code, sizeof err->code, "%zu", chars);
	return -1;
}

static int fail_at(const struct copy_lexer *l, size_t byte, struct err *err, const char *what)
{
	err_set(err, ERR_DATABASE, "%s at or near \"%.*s\"", what, (int)(l->len - byte > 60 ? 60 : l->len - byte),
		l->text + byte);
	if (err)
		memcpy(err->sqlstate, "42601", 6);
	return copy_lexer_locate(l, byte, err);
}

int copy_lexer_fail(const struct copy_lexer *l, struct err *err)
{
	if (l->kind == COPY_TOKEN_END) {
		err_set(err, ERR_DATABASE, "syntax error at end of input");
	} else {
		size_t len = l->to - l->from;

		/* A string may be a credential: its place is enough. */
		if (l->kind == COPY_TOKEN_STRING)
			err_set(err, ERR_DATABASE, "syntax error at or near a string literal");
		else
			err_set(err, ERR_DATABASE, "syntax error at or near \"%.*s\"", (int)(len > 200 ? 200 : len),
				l->text + l->from);
	}
	if (err)
		memcpy(err->sqlstate, "42601", 6);
	return copy_lexer_locate(l, l->from, err);
}

/* White space, -- comments and nested block comments. */
static int skip_blank(struct copy_lexer *l, struct err *err)
{
	for (;;) {
		while (l->pos < l->len && isspace((unsigned char)l->text[l->pos]))
			l->pos++;
		if (at(l, l->pos) == '-' && at(l, l->pos + 1) == '-') {
			while (l->pos < l->len && l->text[l->pos] != '\n')
				l->pos++;
		} else if (at(l, l->pos) == '/' && at(l, l->pos + 1) == '*') {
			size_t start = l->pos;
			int depth = 0;

			do {
				if (at(l, l->pos) == '/' && at(l, l->pos + 1) == '*') {
					depth++;
					l->pos += 2;
				} else if (at(l, l->pos) == '*' && at(l, l->pos + 1) == '/') {
					depth--;
					l->pos += 2;
				} else if (l->pos >= l->len) {
					return fail_at(l, start, err, "unterminated /* comment");
				} else {
					l->pos++;
				}
			} while (depth > 0);
		} else {
			return 0;
		}
	}
}

static char unescape(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	default:
		return c;
	}
}

/* 'text': quotes doubled or after a backslash, backslash escapes as PostgreSQL 8.0 had them. */
static int read_string(struct copy_lexer *l, struct err *err)
{
	l->kind = COPY_TOKEN_STRING;
	l->pos++;
	while (l->pos < l->len) {
		char c = l->text[l->pos++];

		if (c == '\'') {
			if (at(l, l->pos) != '\'') {
				l->to = l->pos;
				return 0;
			}
			l->pos++;
		} else if (c == '\\' && l->pos < l->len) {
			c = unescape(l->text[l->pos++]);
		}
		buf_putc(&l->value, c);
	}
	err_set(err, ERR_DATABASE, "unterminated quoted string");
	if (err)
		memcpy(err->sqlstate, "42601", 6);
	return copy_lexer_locate(l, l->from, err);
}

/* $$text$$ or $tag$text$tag$: nothing is an escape. Not a string: 0. */
static int read_dollar(struct copy_lexer *l, struct err *err)
{
	size_t tag = l->pos + 1, len;
	const char *end;

	while (is_word_part(at(l, tag)) && at(l, tag) != '$')
		tag++;
	if (at(l, tag) != '$')
		return 0;
	len = tag + 1 - l->pos;
	end = memmem(l->text + tag + 1, l->len - tag - 1, l->text + l->pos, len);
	if (!end)
		return fail_at(l, l->from, err, "unterminated dollar-quoted string");
	l->kind = COPY_TOKEN_STRING;
	buf_add(&l->value, l->text + tag + 1, (size_t)(end - l->text) - tag - 1);
	l->pos = l->to = (size_t)(end - l->text) + len;
	return 1;
}

static int read_quoted(struct copy_lexer *l, struct err *err)
{
	l->kind = COPY_TOKEN_QUOTED;
	l->pos++;
	while (l->pos < l->len) {
		char c = l->text[l->pos++];

		if (c == '"') {
			if (at(l, l->pos) != '"') {
				l->to = l->pos;
				return 0;
			}
			l->pos++;
		}
		buf_putc(&l->value, (char)tolower((unsigned char)c));
	}
	return fail_at(l, l->from, err, "unterminated quoted identifier");
}

static void read_run(struct copy_lexer *l, enum copy_token kind, bool (*part)(int c))
{
	l->kind = kind;
	while (l->pos < l->len && part((unsigned char)l->text[l->pos])) {
		buf_putc(&l->value, (char)tolower((unsigned char)l->text[l->pos]));
		l->pos++;
	}
	l->to = l->pos;
}

static bool is_digit(int c)
{
	return isdigit(c) != 0;
}

int copy_lexer_next(struct copy_lexer *l, struct err *err)
{
	int c, dollar = 0;

	buf_reset(&l->value);
	if (skip_blank(l, err) < 0)
		return -1;
	l->from = l->to = l->pos;
	c = at(l, l->pos);
	if (c < 0 || c == 0) {
		l->kind = COPY_TOKEN_END;
		return 0;
	}
	if (c == '$' && (dollar = read_dollar(l, err)) != 0)
		return dollar < 0 ? -1 : buf_check(&l->value, "a word of the COPY statement", err);
	if (c == '\'') {
		if (read_string(l, err) < 0)
			return -1;
	} else if (c == '"') {
		if (read_quoted(l, err) < 0)
			return -1;
	} else if (is_word_start(c)) {
		read_run(l, COPY_TOKEN_WORD, is_word_part);
	} else if (isdigit(c)) {
		read_run(l, COPY_TOKEN_NUMBER, is_digit);
	} else {
		l->kind = COPY_TOKEN_OTHER;
		l->to = ++l->pos;
	}
	return buf_check(&l->value, "a word of the COPY statement", err);
}

bool copy_lexer_is(const struct copy_lexer *l, const char *word)
{
	return l->kind == COPY_TOKEN_WORD && strcmp(l->value.data, word) == 0;
}

bool copy_lexer_is_char(const struct copy_lexer *l, char c)
{
	return l->kind == COPY_TOKEN_OTHER && l->text[l->from] == c;
}
