#include "base/json_check.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spark/base/utf8.h"

/* cJSON reads numbers through an array of 64. */
#define NUMBER_MAX 63

struct scan {
	const char *start, *p, *end;
	int depth, max_depth;
	struct err *err;
};

static int fail(const struct scan *s, const char *what)
{
	size_t line = 1, column = 1;

	for (const char *c = s->start; c < s->p; c++) {
		column++;
		if (*c == '\n') {
			line++;
			column = 1;
		}
	}
	return err_set(s->err, ERR_PARSE, "not valid JSON at line %zu, column %zu: %s", line, column, what);
}

static void skip_blanks(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
		s->p++;
}

static bool take(struct scan *s, char c)
{
	if (s->p >= s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

/* The four digits behind \u; -1 when they are not there. */
static long take_hex4(struct scan *s)
{
	long n = 0;

	if (s->end - s->p < 4)
		return -1;
	for (int i = 0; i < 4; i++, s->p++) {
		char c = *s->p;

		if (c >= '0' && c <= '9')
			n = n * 16 + (c - '0');
		else if (c >= 'a' && c <= 'f')
			n = n * 16 + (c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			n = n * 16 + (c - 'A' + 10);
		else
			return -1;
	}
	return n;
}

static int scan_unicode_escape(struct scan *s)
{
	long c = take_hex4(s);

	if (c < 0)
		return fail(s, "\\u needs four hexadecimal digits");
	if (c == 0)
		return fail(s, "a NUL character in a string is not supported");
	if (c >= 0xDC00 && c <= 0xDFFF)
		return fail(s, "the second half of a surrogate pair without its first");
	if (c < 0xD800 || c > 0xDBFF)
		return 0;
	if (!take(s, '\\') || !take(s, 'u'))
		return fail(s, "the first half of a surrogate pair without its second");
	c = take_hex4(s);
	if (c < 0xDC00 || c > 0xDFFF)
		return fail(s, "the first half of a surrogate pair without its second");
	return 0;
}

static int scan_string(struct scan *s)
{
	uint32_t c;
	size_t size;

	s->p++;
	while (s->p < s->end) {
		if (*s->p == '"') {
			s->p++;
			return 0;
		}
		if (*s->p == '\\') {
			s->p++;
			if (s->p >= s->end || *s->p == '\0' || !strchr("\"\\/bfnrtu", *s->p))
				return fail(s, "an escape that JSON does not have");
			if (*s->p++ == 'u' && scan_unicode_escape(s) < 0)
				return -1;
			continue;
		}
		if ((unsigned char)*s->p < ' ')
			return fail(s, "a control character in a string, write it as an escape");
		size = utf8_decode(s->p, (size_t)(s->end - s->p), &c);
		if (size == 0)
			return fail(s, "bytes that are not UTF-8");
		s->p += size;
	}
	return fail(s, "a string has no end");
}

static size_t skip_digits(struct scan *s)
{
	const char *from = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return (size_t)(s->p - from);
}

static int scan_number(struct scan *s)
{
	const char *from = s->p;
	char text[NUMBER_MAX + 1];
	size_t len;

	take(s, '-');
	if (!take(s, '0') && skip_digits(s) == 0)
		return fail(s, "a value was expected");
	if (take(s, '.') && skip_digits(s) == 0)
		return fail(s, "a number needs a digit behind the point");
	if (take(s, 'e') || take(s, 'E')) {
		if (!take(s, '+'))
			take(s, '-');
		if (skip_digits(s) == 0)
			return fail(s, "a number needs a digit in its exponent");
	}
	len = (size_t)(s->p - from);
	if (len > NUMBER_MAX)
		return fail(s, "a number of more than 63 characters");
	memcpy(text, from, len);
	text[len] = '\0';
	if (isinf(strtod(text, NULL)))
		return fail(s, "a number that is too large");
	return 0;
}

static int scan_word(struct scan *s, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(s->end - s->p) < len || memcmp(s->p, word, len) != 0)
		return fail(s, "a value was expected");
	s->p += len;
	return 0;
}

static int scan_value(struct scan *s);

/* One member of an object: its name, the colon, its value. */
static int scan_member(struct scan *s)
{
	if (s->p >= s->end || *s->p != '"')
		return fail(s, "a name in double quotes was expected");
	if (scan_string(s) < 0)
		return -1;
	skip_blanks(s);
	if (!take(s, ':'))
		return fail(s, "a ':' was expected");
	return scan_value(s);
}

static int scan_container(struct scan *s, char close)
{
	bool is_object = close == '}';

	if (++s->depth > s->max_depth) {
		char what[64];

		snprintf(what, sizeof what, "it is nested more than %d deep", s->max_depth);
		return fail(s, what);
	}
	s->p++;
	skip_blanks(s);
	if (!take(s, close)) {
		do {
			skip_blanks(s);
			if ((is_object ? scan_member(s) : scan_value(s)) < 0)
				return -1;
			skip_blanks(s);
		} while (take(s, ','));
		if (!take(s, close))
			return fail(s, is_object ? "a ',' or '}' was expected" : "a ',' or ']' was expected");
	}
	s->depth--;
	return 0;
}

static int scan_value(struct scan *s)
{
	skip_blanks(s);
	if (s->p >= s->end)
		return fail(s, "it ends where a value was expected");
	switch (*s->p) {
	case '{':
		return scan_container(s, '}');
	case '[':
		return scan_container(s, ']');
	case '"':
		return scan_string(s);
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	default:
		return scan_number(s);
	}
}

int json_check(const char *text, size_t len, int max_depth, struct err *err)
{
	struct scan s = { text, text, text + len, 0, max_depth, err };

	if (scan_value(&s) < 0)
		return -1;
	skip_blanks(&s);
	return s.p == s.end ? 0 : fail(&s, "there is more behind the value");
}
