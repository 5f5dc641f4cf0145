#include "sandbox/copy/json_scan.h"

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#ifdef __SSE2__
#define BLOCK 16

/* Quotes, backslashes and control characters among a block's bytes, a bit for each. */
static unsigned find_special(__m128i bytes)
{
	__m128i marks =
		_mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));

	/* Below 0x20, unsigned: the lesser of it and 0x1F is it itself. */
	marks = _mm_or_si128(marks, _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes));
	return (unsigned)_mm_movemask_epi8(marks);
}

/* Whole blocks of p up to a special character's; *high gets a bit for bytes above 0x7F before it. */
static const char *skip_blocks(const char *p, const char *end, uint64_t *high)
{
	for (; end - p >= BLOCK; p += BLOCK) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
		unsigned marks = find_special(bytes), above = (unsigned)_mm_movemask_epi8(bytes);

		if (marks) {
			*high |= above & (marks - 1) & ~marks;
			return p + __builtin_ctz(marks);
		}
		*high |= above;
	}
	return p;
}
#else
#define BLOCK     8
#define EACH_BYTE UINT64_C(0x0101010101010101)
#define HIGH_BITS UINT64_C(0x8080808080808080)

/* Bytes that have a zero, eight at a time; the lowest mark is exact, those above it may be false. */
static uint64_t zero_bytes(uint64_t w)
{
	return (w - EACH_BYTE) & ~w;
}

static const char *skip_blocks(const char *p, const char *end, uint64_t *high)
{
	for (; end - p >= BLOCK; p += BLOCK) {
		uint64_t w, marks;

		memcpy(&w, p, BLOCK);
		marks = zero_bytes(w ^ (EACH_BYTE * '"')) | zero_bytes(w ^ (EACH_BYTE * '\\')) |
			((w - EACH_BYTE * 0x20) & ~w);
		if (marks & HIGH_BITS)
			break; /* which one it is, is found byte by byte */
		*high |= w & HIGH_BITS;
	}
	return p;
}
#endif

/* To the next quote, backslash or control character. */
static const char *skip_plain(const char *p, const char *end, uint64_t *high)
{
	p = skip_blocks(p, end, high);
	for (; p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20; p++)
		*high |= (unsigned char)*p & 0x80;
	return p;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* What may stand behind a backslash, \u apart. */
static const bool is_escaped[256] = {
	['"'] = true, ['\\'] = true, ['/'] = true, ['b'] = true, ['f'] = true, ['n'] = true, ['r'] = true, ['t'] = true
};

static enum json_scan scan_escape(const char **pos, const char *end)
{
	const char *p = *pos + 1;

	if (p >= end)
		return JSON_SCAN_SHORT;
	if (*p == 'u') {
		for (int i = 1; i <= 4; i++) {
			if (p + i >= end)
				return JSON_SCAN_SHORT;
			if (!is_hex(p[i]))
				return JSON_SCAN_BAD;
		}
		*pos = p + 5;
		return JSON_SCAN_OK;
	}
	if (!is_escaped[(unsigned char)*p])
		return JSON_SCAN_BAD;
	*pos = p + 1;
	return JSON_SCAN_OK;
}

enum json_scan json_scan_string(const char **pos, const char *end, struct copy_value *v)
{
	const char *p = *pos + 1;
	uint64_t high = 0;

	v->kind = COPY_VALUE_STRING;
	v->escape = COPY_ESCAPE_NONE;
	v->text = p;
	for (;;) {
		p = skip_plain(p, end, &high);
		if (p >= end)
			return JSON_SCAN_SHORT;
		if (*p == '"')
			break;
		if (*p != '\\') {
			*pos = p;
			return JSON_SCAN_BAD;
		}
		v->escape = COPY_ESCAPE_JSON;
		*pos = p;
		enum json_scan rc = scan_escape(&p, end);
		if (rc != JSON_SCAN_OK)
			return rc;
	}
	v->len = (size_t)(p - v->text);
	v->ascii = !high;
	*pos = p + 1;
	return JSON_SCAN_OK;
}

static const char *skip_digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* -? int frac? exp?; the byte after it must be there, since more digits could follow. */
static enum json_scan scan_number(const char **pos, const char *end, struct copy_value *v)
{
	const char *p = *pos, *digits;

	v->kind = COPY_VALUE_NUMBER;
	v->text = p;
	p += *p == '-';
	digits = p;
	p = skip_digits(p, end);
	if (p < end && (p == digits || (*digits == '0' && p - digits > 1)))
		goto bad;
	if (p < end && *p == '.') {
		digits = ++p;
		p = skip_digits(p, end);
		if (p < end && p == digits)
			goto bad;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		digits = p;
		p = skip_digits(p, end);
		if (p < end && p == digits)
			goto bad;
	}
	if (p >= end)
		return JSON_SCAN_SHORT;
	v->len = (size_t)(p - v->text);
	*pos = p;
	return JSON_SCAN_OK;
bad:
	*pos = p;
	return JSON_SCAN_BAD;
}

static enum json_scan scan_word(const char **pos, const char *end, const char *word, enum copy_value_kind kind,
				struct copy_value *v)
{
	size_t len = strlen(word), have = (size_t)(end - *pos);

	if (memcmp(*pos, word, have < len ? have : len) != 0)
		return JSON_SCAN_BAD;
	if (have < len)
		return JSON_SCAN_SHORT;
	v->kind = kind;
	v->text = *pos;
	v->len = len;
	*pos += len;
	return JSON_SCAN_OK;
}

enum json_scan json_scan_key(const char **pos, const char *end, struct copy_value *key)
{
	enum json_scan rc;

	if (*pos >= end)
		return JSON_SCAN_SHORT;
	if (**pos != '"')
		return JSON_SCAN_BAD;
	rc = json_scan_string(pos, end, key);
	if (rc != JSON_SCAN_OK)
		return rc;
	json_scan_blank(pos, end);
	if (*pos >= end)
		return JSON_SCAN_SHORT;
	if (**pos != ':')
		return JSON_SCAN_BAD;
	++*pos;
	json_scan_blank(pos, end);
	return JSON_SCAN_OK;
}

static enum json_scan scan_nested(const char **pos, const char *end, int depth, struct copy_value *v)
{
	const char *start = *pos;
	char close = *start == '{' ? '}' : ']';
	struct copy_value part;
	enum json_scan rc;

	if (depth >= JSON_SCAN_DEPTH)
		return JSON_SCAN_BAD;
	++*pos;
	json_scan_blank(pos, end);
	if (*pos < end && **pos == close)
		goto done;
	for (;;) {
		if (close == '}') {
			rc = json_scan_key(pos, end, &part);
			if (rc != JSON_SCAN_OK)
				return rc;
		}
		rc = json_scan_value(pos, end, depth + 1, &part);
		if (rc != JSON_SCAN_OK)
			return rc;
		json_scan_blank(pos, end);
		if (*pos >= end)
			return JSON_SCAN_SHORT;
		if (**pos == close)
			break;
		if (**pos != ',')
			return JSON_SCAN_BAD;
		++*pos;
		json_scan_blank(pos, end);
	}
done:
	++*pos;
	v->kind = COPY_VALUE_NESTED;
	v->text = start;
	v->len = (size_t)(*pos - start);
	return JSON_SCAN_OK;
}

enum json_scan json_scan_value(const char **pos, const char *end, int depth, struct copy_value *v)
{
	if (*pos >= end)
		return JSON_SCAN_SHORT;
	v->escape = COPY_ESCAPE_NONE;
	v->ascii = false;
	switch (**pos) {
	case '"':
		return json_scan_string(pos, end, v);
	case '{':
	case '[':
		return scan_nested(pos, end, depth, v);
	case 't':
		return scan_word(pos, end, "true", COPY_VALUE_TRUE, v);
	case 'f':
		return scan_word(pos, end, "false", COPY_VALUE_FALSE, v);
	case 'n':
		return scan_word(pos, end, "null", COPY_VALUE_NULL, v);
	default:
		if (**pos == '-' || (**pos >= '0' && **pos <= '9'))
			return scan_number(pos, end, v);
		return JSON_SCAN_BAD;
	}
}

static unsigned hex4(const char *p)
{
	unsigned n = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];

		n = n * 16 + (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return n;
}

static char *put_utf8(char *to, unsigned c)
{
	if (c < 0x80) {
		*to++ = (char)c;
		return to;
	}
	if (c < 0x800) {
		*to++ = (char)(0xC0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*to++ = (char)(0xE0 | c >> 12);
		} else {
			*to++ = (char)(0xF0 | c >> 18);
			*to++ = (char)(0x80 | (c >> 12 & 0x3F));
		}
		*to++ = (char)(0x80 | (c >> 6 & 0x3F));
	}
	*to++ = (char)(0x80 | (c & 0x3F));
	return to;
}

/* *pos at the u of \uXXXX; leaves it behind the escape. NULL: it is no character. */
static char *unescape_unicode(const char **pos, const char *end, char *to)
{
	const char *p = *pos;
	unsigned c = hex4(p + 1), low;

	p += 5;
	if (c == 0 || (c >= 0xDC00 && c <= 0xDFFF))
		return NULL;
	if (c >= 0xD800 && c <= 0xDBFF) {
		if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
			return NULL;
		low = hex4(p + 2);
		if (low < 0xDC00 || low > 0xDFFF)
			return NULL;
		c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
		p += 6;
	}
	*pos = p;
	return put_utf8(to, c);
}

/* Up to the next backslash or the end. What is copied may be up to a block more than what counts. */
static char *copy_plain(const char **pos, const char *end, char *to)
{
	const char *p = *pos;

#ifdef __SSE2__
	for (; end - p >= BLOCK; p += BLOCK, to += BLOCK) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
		unsigned marks = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));

		_mm_storeu_si128((__m128i *)(void *)to, bytes);
		if (marks) {
			*pos = p + __builtin_ctz(marks);
			return to + __builtin_ctz(marks);
		}
	}
#endif
	while (p < end && *p != '\\')
		*to++ = *p++;
	*pos = p;
	return to;
}

int json_scan_unescape(const struct copy_value *v, struct buf *out)
{
	/* What stands for another character than itself behind a backslash. */
	static const char meaning[256] = { ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t' };
	const char *p = v->text, *end = v->text + v->len;
	char *start = buf_reserve(out, v->len + BLOCK), *to = start; /* no escape is shorter than what it means */

	if (!start)
		return 0; /* the buf knows */
	for (;;) {
		to = copy_plain(&p, end, to);
		if (p >= end)
			break;
		p++;
		if (*p == 'u') {
			to = unescape_unicode(&p, end, to);
			if (!to)
				return -1;
		} else {
			char means = meaning[(unsigned char)*p];

			*to++ = means ? means : *p;
			p++;
		}
	}
	buf_commit(out, (size_t)(to - start));
	return 0;
}

void json_scan_compact(const struct copy_value *v, struct buf *out)
{
	const char *p = v->text, *end = v->text + v->len;

	while (p < end) {
		const char *start = p;

		if (*p == '"') {
			struct copy_value s;

			if (json_scan_string(&p, end, &s) != JSON_SCAN_OK)
				return;
			buf_add(out, start, (size_t)(p - start));
			continue;
		}
		while (p < end && *p != '"' && *p != ' ' && *p != '\n' && *p != '\r' && *p != '\t')
			p++;
		buf_add(out, start, (size_t)(p - start));
		json_scan_blank(&p, end);
	}
}
