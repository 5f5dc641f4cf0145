#include "sandbox/http/text.h"

size_t text_count_characters(const char *text)
{
	size_t n = 0;

	/* Every byte but those that continue a character. */
	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}
