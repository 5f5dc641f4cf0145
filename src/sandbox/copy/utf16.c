#include "sandbox/copy/utf16.h"

#include <string.h>

#define REPLACEMENT_HALF 0xFFFD

void utf16_start(struct utf16 *u, enum copy_encoding encoding)
{
	u->begun = encoding != COPY_UTF16;
	u->big_endian = encoding == COPY_UTF16BE;
}

static unsigned unit_at(const struct utf16 *u, const char *p)
{
	unsigned first = (unsigned char)p[0], second = (unsigned char)p[1];

	return u->big_endian ? first << 8 | second : second << 8 | first;
}

static char *put_character(char *to, unsigned c)
{
	if (c < 0x80) {
		*to++ = (char)c;
	} else if (c < 0x800) {
		*to++ = (char)(0xC0 | c >> 6);
		*to++ = (char)(0x80 | (c & 0x3F));
	} else if (c < 0x10000) {
		*to++ = (char)(0xE0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3F));
		*to++ = (char)(0x80 | (c & 0x3F));
	} else {
		*to++ = (char)(0xF0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 0x3F));
		*to++ = (char)(0x80 | (c >> 6 & 0x3F));
		*to++ = (char)(0x80 | (c & 0x3F));
	}
	return to;
}

static bool take_mark(struct utf16 *u, const char *in)
{
	bool little = memcmp(in, "\xFF\xFE", 2) == 0, big = memcmp(in, "\xFE\xFF", 2) == 0;

	u->big_endian = big;
	u->begun = little || big;
	return u->begun;
}

size_t utf16_decode(struct utf16 *u, const char *in, size_t len, bool last, struct buf *out, bool *no_mark)
{
	size_t used = 0;
	char *start, *to;

	*no_mark = false;
	if (!u->begun) {
		if (len < 2 && !last)
			return 0;
		*no_mark = len > 0 && (len < 2 || !take_mark(u, in));
		if (*no_mark || len == 0)
			return 0;
		used = 2;
	}
	start = to = buf_reserve(out, (len - used) / 2 * 3 + 3);
	if (!start)
		return used;
	for (; len - used >= 2; used += 2) {
		unsigned c = unit_at(u, in + used), low;

		if (c >= 0xD800 && c <= 0xDBFF) {
			if (len - used < 4) {
				if (!last)
					break;
			} else if ((low = unit_at(u, in + used + 2)) >= 0xDC00 && low <= 0xDFFF) {
				c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
				used += 2;
			}
		}
		to = put_character(to, c);
	}
	if (last && used < len) { /* half a unit */
		to = put_character(to, REPLACEMENT_HALF);
		used = len;
	}
	buf_commit(out, (size_t)(to - start));
	return used;
}
