#include "sandbox/dialect/tokens.h"

#include <ctype.h>
#include <pg_query.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "spark/base/mem.h"

#define MASK 'x'

static bool is_name_part(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

/* The end of an ordinary or E string that begins with the quote at i: behind its closing quote. */
static size_t string_end(const char *text, size_t len, size_t i, bool *backslash)
{
	for (i++; i < len; i++) {
		if (text[i] == '\\' && i + 1 < len) {
			*backslash = true;
			i++;
		} else if (text[i] == '\'') {
			if (i + 1 < len && text[i + 1] == '\'')
				i++;
			else
				return i + 1;
		}
	}
	return len;
}

static size_t quoted_end(const char *text, size_t len, size_t i)
{
	for (i++; i < len; i++) {
		if (text[i] == '"')
			return i + 1;
	}
	return len;
}

static size_t comment_end(const char *text, size_t len, size_t i)
{
	int depth = 0;

	if (text[i] == '-') {
		while (i < len && text[i] != '\n')
			i++;
		return i;
	}
	do {
		if (i + 1 < len && text[i] == '/' && text[i + 1] == '*') {
			depth++;
			i += 2;
		} else if (i + 1 < len && text[i] == '*' && text[i + 1] == '/') {
			depth--;
			i += 2;
		} else {
			i++;
		}
	} while (i < len && depth > 0);
	return i;
}

/* The end of $tag$...$tag$ when one begins at i, else i. */
static size_t body_end(const char *text, size_t len, size_t i)
{
	size_t tag = i + 1;

	if (i > 0 && is_name_part(text[i - 1]))
		return i;
	while (tag < len && (isalnum((unsigned char)text[tag]) || text[tag] == '_' || (unsigned char)text[tag] >= 0x80))
		tag++;
	if (tag >= len || text[tag] != '$' || isdigit((unsigned char)text[i + 1]))
		return i;
	tag = tag + 1 - i;
	for (size_t end = i + tag; end + tag <= len; end++) {
		if (memcmp(text + end, text + i, tag) == 0)
			return end + tag;
	}
	return len;
}

static bool begins_temp_name(const char *text, size_t len, size_t i)
{
	return i + 1 < len && (isalpha((unsigned char)text[i + 1]) || text[i + 1] == '_') &&
	       (i == 0 || isspace((unsigned char)text[i - 1]) || text[i - 1] == '(' || text[i - 1] == ',');
}

/* What the scanner would take for something else is masked, length for length: strings with backslashes, #names. */
static void mask(char *copy, const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t end = i + 1;
		bool backslash = false;

		if (text[i] == '\'') {
			bool own = i > 0 && (text[i - 1] == 'E' || text[i - 1] == 'e') &&
				   (i == 1 || !is_name_part(text[i - 2]));

			end = string_end(text, len, i, &backslash);
			if (backslash && !own && end > i + 1 && text[end - 1] == '\'')
				memset(copy + i + 1, MASK, end - i - 2);
		} else if (text[i] == '"') {
			end = quoted_end(text, len, i);
		} else if (i + 1 < len &&
			   ((text[i] == '-' && text[i + 1] == '-') || (text[i] == '/' && text[i + 1] == '*'))) {
			end = comment_end(text, len, i);
		} else if (text[i] == '$') {
			end = body_end(text, len, i);
		} else if (text[i] == '#' && begins_temp_name(text, len, i)) {
			copy[i] = '_';
		}
		i = end > i ? end : i + 1;
	}
}

static uint64_t read_varint(const unsigned char **p, const unsigned char *end)
{
	uint64_t n = 0;

	for (int shift = 0; *p < end && shift < 64; shift += 7) {
		unsigned char c = *(*p)++;

		n |= (uint64_t)(c & 0x7F) << shift;
		if (c < 0x80)
			break;
	}
	return n;
}

/* One ScanToken message of pg_query.proto: start = 1, end = 2; its other fields are not needed. */
static void read_token(const unsigned char *p, const unsigned char *end, struct token *t)
{
	while (p < end) {
		uint64_t tag = read_varint(&p, end), value = read_varint(&p, end);

		if (tag == (1 << 3))
			t->from = (size_t)value;
		else if (tag == (2 << 3))
			t->to = (size_t)value;
	}
}

static enum token_kind kind_of(const char *text, const struct token *t)
{
	char c = text[t->from];

	if (c == '"')
		return TOKEN_QUOTED;
	if (t->to - t->from > 1 && text[t->to - 1] == '\'')
		return TOKEN_STRING;
	if (c == '$' && text[t->to - 1] == '$')
		return TOKEN_BODY;
	if (c == '#' && t->to - t->from > 1 && (isalpha((unsigned char)text[t->from + 1]) || text[t->from + 1] == '_'))
		return TOKEN_TEMP_NAME;
	if (isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80)
		return TOKEN_WORD;
	if (isdigit((unsigned char)c) || c == '$' || (c == '.' && t->to - t->from > 1))
		return TOKEN_NUMBER;
	return TOKEN_SYMBOL;
}

static bool is_comment(const char *text, const struct token *t)
{
	const char *p = text + t->from;

	return t->to - t->from >= 2 && ((p[0] == '-' && p[1] == '-') || (p[0] == '/' && p[1] == '*'));
}

/* ScanResult: repeated ScanToken tokens = 2. */
static int take_tokens(const PgQueryProtobuf *pbuf, size_t len, struct tokens *out)
{
	const unsigned char *p = (const unsigned char *)pbuf->data, *end = p + pbuf->len;
	size_t cap = 0, count = 0;

	while (p < end) {
		uint64_t tag = read_varint(&p, end), value = read_varint(&p, end);
		struct token t = { .pair = -1 };

		if (tag != (2 << 3 | 2))
			continue;
		if (value > (uint64_t)(end - p))
			break;
		read_token(p, p + value, &t);
		p += value;
		if (t.from >= t.to || t.to > len || is_comment(out->text, &t))
			continue;
		if (mem_grow(&out->items, &cap, count, sizeof *out->items) < 0)
			return -1;
		t.kind = kind_of(out->text, &t);
		out->items[count++] = t;
	}
	out->count = (int)count;
	return 0;
}

/* Parentheses that belong together. The stack is threaded through the pair members of what is open. */
static void pair_up(struct tokens *t)
{
	int open = -1;

	for (int i = 0; i < t->count; i++) {
		if (token_is_char(t, i, '(')) {
			t->items[i].pair = open;
			open = i;
		} else if (token_is_char(t, i, ')') && open >= 0) {
			int before = t->items[open].pair;

			t->items[open].pair = i;
			t->items[i].pair = open;
			open = before;
		}
	}
	while (open >= 0) {
		int before = t->items[open].pair;

		t->items[open].pair = -1;
		open = before;
	}
}

int tokens_read(const char *text, size_t len, struct tokens *out, bool *ok, struct err *err)
{
	char *copy = mem_strndup(text, len);
	PgQueryScanResult r;
	int rc = 0;

	memset(out, 0, sizeof *out);
	out->text = text;
	if (!copy)
		return err_nomem(err);
	mask(copy, text, len);
	r = pg_query_scan(copy);
	*ok = !r.error;
	if (*ok)
		rc = take_tokens(&r.pbuf, len, out);
	pg_query_free_scan_result(r);
	mem_free(copy);
	if (rc < 0) {
		tokens_clear(out);
		return err_nomem(err);
	}
	pair_up(out);
	return 0;
}

void tokens_clear(struct tokens *t)
{
	mem_free(t->items);
	t->items = NULL;
	t->count = 0;
}

size_t token_len(const struct tokens *t, int i)
{
	return i >= 0 && i < t->count ? t->items[i].to - t->items[i].from : 0;
}

bool token_is(const struct tokens *t, int i, const char *word)
{
	size_t len;

	/* Most words differ in the first letter: this is asked some hundred times at every token. */
	if (i < 0 || i >= t->count || t->items[i].kind != TOKEN_WORD || ((t->text[t->items[i].from] ^ *word) & ~0x20))
		return false;
	len = t->items[i].to - t->items[i].from;
	return strncasecmp(t->text + t->items[i].from, word, len) == 0 && !word[len];
}

bool token_in(const struct tokens *t, int i, const char *const *words)
{
	for (; *words; words++) {
		if (token_is(t, i, *words))
			return true;
	}
	return false;
}

bool token_is_char(const struct tokens *t, int i, char c)
{
	return token_len(t, i) == 1 && t->text[t->items[i].from] == c;
}

bool token_is_name(const struct tokens *t, int i)
{
	return i >= 0 && i < t->count &&
	       (t->items[i].kind == TOKEN_WORD || t->items[i].kind == TOKEN_QUOTED ||
		t->items[i].kind == TOKEN_TEMP_NAME);
}

bool token_has_backslash(const struct tokens *t, int i)
{
	size_t len = token_len(t, i);

	return len > 0 && memchr(t->text + t->items[i].from, '\\', len) != NULL;
}

#define REDSHIFT_BYTES 127

/* Whole characters only. */
static size_t cut_at(const char *name, size_t len)
{
	while (len > 0 && (name[len] & 0xC0) == 0x80)
		len--;
	return len;
}

static void shorten(char *name, size_t len)
{
	size_t keep = cut_at(name, TOKEN_NAME_BYTES - 9);
	unsigned hash = 2166136261u;

	if (len > REDSHIFT_BYTES)
		len = cut_at(name, REDSHIFT_BYTES);
	for (size_t k = 0; k < len; k++)
		hash = (hash ^ (unsigned char)name[k]) * 16777619u;
	snprintf(name + keep, 10, "_%08x", hash);
}

void token_name(const struct tokens *t, int i, char *out, size_t size)
{
	size_t len = token_len(t, i), used = 0;
	const char *p = len ? t->text + t->items[i].from : "";
	bool quoted = len && *p == '"';
	char name[REDSHIFT_BYTES + 4]; /* what is behind counts for nothing */

	for (size_t k = quoted; k < len - (quoted && len > 1) && used + 1 < sizeof name; k++) {
		if (quoted && p[k] == '"' && k + 2 < len && p[k + 1] == '"')
			k++;
		name[used++] = quoted && t->keep_case ? p[k] : (char)tolower((unsigned char)p[k]);
	}
	name[used] = 0;
	if (used > TOKEN_NAME_BYTES)
		shorten(name, used);
	snprintf(out, size, "%s", name);
}
