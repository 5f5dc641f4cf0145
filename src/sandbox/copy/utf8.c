#include "sandbox/copy/utf8.h"

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

size_t copy_utf8_ascii(const char *text, size_t len)
{
	size_t i = 0;

#ifdef __SSE2__
	/* Signed, a byte that is 0 or has its high bit is not above 0. */
	for (; len - i >= 16; i += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text + i));

		if (_mm_movemask_epi8(_mm_cmpgt_epi8(bytes, _mm_setzero_si128())) != 0xFFFF)
			break;
	}
#endif
	for (; len - i >= 8; i += 8) {
		uint64_t w;

		memcpy(&w, text + i, 8);
		/* A byte that is 0 or has its high bit. */
		if (((w - UINT64_C(0x0101010101010101)) | w) & UINT64_C(0x8080808080808080))
			break;
	}
	while (i < len && (unsigned char)(text[i] - 1) < 0x7F)
		i++;
	return i;
}

/* The length of the character at p, 0 when it is none. */
static size_t character_length(const unsigned char *p, size_t left)
{
	size_t need = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
	unsigned char low = 0x80, high = 0xBF;

	if (p[0] < 0xC2 || p[0] > 0xF4 || left < need)
		return 0;
	if (p[0] == 0xE0)
		low = 0xA0;
	else if (p[0] == 0xED)
		high = 0x9F;
	else if (p[0] == 0xF0)
		low = 0x90;
	else if (p[0] == 0xF4)
		high = 0x8F;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < need; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	}
	return need;
}

size_t copy_utf8_length(const char *text, size_t len)
{
	size_t i = 0;

	for (;;) {
		size_t step;

		i += copy_utf8_ascii(text + i, len - i);
		if (i == len || text[i] == 0)
			return i;
		step = character_length((const unsigned char *)text + i, len - i);
		if (step == 0)
			return i;
		i += step;
	}
}

size_t copy_utf8_cut(const char *text, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && (text[max] & 0xC0) == 0x80)
		max--;
	return max;
}
