#include "sandbox/history/text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define TEXT_MAX ((size_t)64 * 1024)
#define MASK     "***"

/* ---- words ---- */

struct cursor {
	const char *at, *end;
};

static void skip_comment(struct cursor *c)
{
	int depth = 0;

	do {
		bool two = c->end - c->at >= 2;

		if (two && c->at[0] == '/' && c->at[1] == '*')
			depth++;
		else if (two && c->at[0] == '*' && c->at[1] == '/')
			depth--;
		else
			two = false;
		c->at += two ? 2 : 1;
	} while (depth > 0 && c->at < c->end);
}

static void skip_blank(struct cursor *c)
{
	while (c->at < c->end) {
		if (isspace((unsigned char)*c->at)) {
			c->at++;
		} else if (c->end - c->at >= 2 && c->at[0] == '-' && c->at[1] == '-') {
			const char *feed = memchr(c->at, '\n', (size_t)(c->end - c->at));

			c->at = feed ? feed : c->end;
		} else if (c->end - c->at >= 2 && c->at[0] == '/' && c->at[1] == '*') {
			skip_comment(c);
		} else {
			return;
		}
	}
}

static bool is_word_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The next word, or one other byte as a word; false at the end. */
static bool next_word(struct cursor *c, const char **word, size_t *len)
{
	skip_blank(c);
	if (c->at >= c->end)
		return false;
	*word = c->at;
	if (is_word_byte(*c->at))
		while (c->at < c->end && is_word_byte(*c->at))
			c->at++;
	else
		c->at++;
	*len = (size_t)(c->at - *word);
	return true;
}

static bool is(const char *word, size_t len, const char *what)
{
	return strlen(what) == len && strncasecmp(word, what, len) == 0;
}

/* ---- kinds ---- */

static const struct {
	const char *word, *kind;
} kinds[] = {
	{ "select", "SELECT" }, { "with", "SELECT" },   { "values", "SELECT" },   { "insert", "INSERT" },
	{ "update", "UPDATE" }, { "delete", "DELETE" }, { "merge", "MERGE" },     { "copy", "COPY" },
	{ "unload", "UNLOAD" }, { "create", "DDL" },    { "alter", "DDL" },       { "drop", "DDL" },
	{ "call", "CALL" },     { "table", "SELECT" },  { "explain", "UTILITY" }, { "truncate", "UTILITY" },
};

/* CREATE TABLE ... AS SELECT: AS before a query, and no view. */
static bool is_ctas(struct cursor c)
{
	const char *word;
	size_t len;
	bool table = false;

	while (next_word(&c, &word, &len)) {
		if (is(word, len, "view") || is(word, len, "function") || is(word, len, "procedure"))
			return false;
		table = table || is(word, len, "table");
		if (!table || !is(word, len, "as"))
			continue;
		while (next_word(&c, &word, &len) && *word == '(')
			;
		return is(word, len, "select") || is(word, len, "with") || is(word, len, "values");
	}
	return false;
}

/* What a WITH is in front of, outside of its parentheses. */
static const char *kind_behind_with(struct cursor c)
{
	const char *word;
	size_t len;
	int depth = 0;

	while (next_word(&c, &word, &len)) {
		depth += *word == '(';
		depth -= *word == ')';
		if (depth)
			continue;
		for (size_t i = 3; i < 7; i++)
			if (is(word, len, kinds[i].word))
				return kinds[i].kind;
	}
	return "SELECT";
}

const char *history_text_kind(const char *sql, size_t len)
{
	struct cursor c = { sql, sql + len };
	const char *word;
	size_t n;

	while (next_word(&c, &word, &n)) {
		if (*word == '(')
			continue;
		if (is(word, n, "with"))
			return kind_behind_with(c);
		if (is(word, n, "create") && is_ctas(c))
			return "CTAS";
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (is(word, n, kinds[i].word))
				return kinds[i].kind;
		break;
	}
	return "UTILITY";
}

/* ---- secrets ---- */

static bool contains(const char *sql, size_t len, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(words[i]);
		int low = words[i][0], high = toupper((unsigned char)low);

		for (size_t at = 0; at + n <= len; at++)
			if ((sql[at] == low || sql[at] == high) && strncasecmp(sql + at, words[i], n) == 0)
				return true;
	}
	return false;
}

static bool is_harmless(const char *literal, size_t len)
{
	static const char *const secrets[] = { "secret", "aws_access_key_id", "token", "symmetric" };

	if (contains(literal, len, secrets, sizeof(secrets) / sizeof(secrets[0])))
		return false;
	return (len > 5 && strncmp(literal, "s3://", 5) == 0) || (len > 4 && strncmp(literal, "arn:", 4) == 0) ||
	       (len > 13 && strncmp(literal, "aws_iam_role=", 13) == 0) ||
	       (len == 4 && strncmp(literal, "auto", 4) == 0);
}

/* The end of a literal that begins behind `at`: its closing quote, or the end of the text. */
static const char *literal_end(const char *at, const char *end)
{
	for (; at < end; at++) {
		if (*at == '\\' && at + 1 < end)
			at++;
		else if (*at == '\'' && at + 1 < end && at[1] == '\'')
			at++;
		else if (*at == '\'')
			break;
	}
	return at;
}

/* $tag$ at `at`: its length, 0 when there is none. */
static size_t dollar_tag(const char *at, const char *end)
{
	const char *p = at + 1;

	if (*at != '$')
		return 0;
	while (p < end && is_word_byte(*p))
		p++;
	return p < end && *p == '$' && !isdigit((unsigned char)at[1]) ? (size_t)(p - at) + 1 : 0;
}

static const char *mask_dollar(struct buf *out, const char *at, const char *end, size_t tag)
{
	const char *close = memmem(at + tag, (size_t)(end - at) - tag, at, tag);

	buf_add(out, at, tag);
	buf_puts(out, MASK);
	if (!close)
		return end;
	buf_add(out, at, tag);
	return close + tag;
}

static void mask_literals(const char *sql, size_t len, struct buf *out)
{
	const char *at = sql, *end = sql + len;

	while (at < end) {
		size_t tag = dollar_tag(at, end);

		if (tag) {
			at = mask_dollar(out, at, end, tag);
		} else if (*at == '\'') {
			const char *close = literal_end(at + 1, end);
			size_t n = (size_t)(close - at) - 1;

			buf_putc(out, '\'');
			if (is_harmless(at + 1, n))
				buf_add(out, at + 1, n);
			else if (n)
				buf_puts(out, MASK);
			buf_putc(out, '\'');
			at = close < end ? close + 1 : end;
		} else {
			buf_putc(out, *at++);
		}
	}
}

static bool names_secret(const char *sql, size_t len)
{
	static const char *const secrets[] = { "password", "credential", "secret", "access_key", "token", "symmetric" };

	return contains(sql, len, secrets, sizeof(secrets) / sizeof(secrets[0]));
}

size_t history_text_trim(const char **sql, size_t len)
{
	while (len && isspace((unsigned char)**sql)) {
		++*sql;
		len--;
	}
	while (len && isspace((unsigned char)(*sql)[len - 1]))
		len--;
	return len < TEXT_MAX ? len : TEXT_MAX;
}

void history_text_shown(const char *sql, size_t len, struct buf *out)
{
	bool secret = names_secret(sql, len);

	len = history_text_trim(&sql, len);
	if (!secret) {
		buf_add(out, sql, len);
		return;
	}
	mask_literals(sql, len, out);
	if (out->len > TEXT_MAX)
		buf_cut(out, TEXT_MAX);
}

/* ---- what it asks and sets ---- */

bool history_text_asks(const char *sql, size_t len)
{
	static const char *const names[] = { "stl_", "svl_", "sys_", "stv_", "svv_query", "pg_last_query" };

	return contains(sql, len, names, sizeof(names) / sizeof(names[0]));
}

bool history_text_is_plain(const char *sql, size_t len)
{
	return !history_text_asks(sql, len) && !names_secret(sql, len);
}

bool history_text_label(const char *sql, size_t len, const char **label, size_t *label_len)
{
	struct cursor c = { sql, sql + len };
	const char *word;
	size_t n;
	bool reset;

	if (!next_word(&c, &word, &n))
		return false;
	reset = is(word, n, "reset");
	if ((!reset && !is(word, n, "set")) || !next_word(&c, &word, &n))
		return false;
	if ((is(word, n, "session") || is(word, n, "local")) && !next_word(&c, &word, &n))
		return false;
	if (!is(word, n, "query_group"))
		return false;
	*label = sql;
	*label_len = 0;
	if (reset || !next_word(&c, &word, &n) || (!is(word, n, "to") && *word != '='))
		return reset;
	if (!next_word(&c, &word, &n))
		return false;
	if (*word != '\'') {
		*label = word;
		*label_len = is(word, n, "default") ? 0 : n;
		return true;
	}
	*label = word + 1;
	*label_len = (size_t)(literal_end(word + 1, c.end) - word) - 1;
	return true;
}
