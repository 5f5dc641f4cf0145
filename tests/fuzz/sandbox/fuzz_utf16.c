/* Layer: sandbox. Any bytes as UTF-16, whole and cut into chunks: the same text both ways, and all of it used. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/copy/utf16.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool decode(enum copy_encoding encoding, const char *text, size_t size, size_t chunk, struct buf *out)
{
	struct utf16 u;
	size_t used = 0, known = 0;
	bool no_mark = false;

	utf16_start(&u, encoding);
	while (!no_mark) {
		size_t n;

		known = size - known > chunk ? known + chunk : size;
		n = utf16_decode(&u, text + used, known - used, known == size, out, &no_mark);
		if (n > known - used)
			abort();
		used += n;
		if (known == size && !no_mark && used != size)
			abort();
		if (known == size)
			break;
	}
	return !no_mark;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole, parts;
	const char *text = (const char *)data + 1;
	enum copy_encoding encoding;

	if (size < 1)
		return 0;
	encoding = (enum copy_encoding)(COPY_UTF16 + data[0] % 3);
	buf_init(&whole, BUF_MAX_DEFAULT);
	buf_init(&parts, BUF_MAX_DEFAULT);
	if (decode(encoding, text, size - 1, size, &whole) != decode(encoding, text, size - 1, 3, &parts) ||
	    whole.len != parts.len || memcmp(whole.data, parts.data, whole.len) != 0)
		abort();
	buf_clear(&whole);
	buf_clear(&parts);
	return 0;
}
