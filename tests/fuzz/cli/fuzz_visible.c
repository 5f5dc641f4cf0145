/* Layer: cli. Whatever a cell holds, nothing that a terminal acts upon comes out, and never more columns than allowed.
 */
#include <stdint.h>
#include <stdlib.h>

#include "spark/cli/out.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	size_t columns = size > 0 ? data[0] % 40 : 0;
	struct buf all, cut;

	buf_init(&all, 1 << 24);
	buf_init(&cut, 1 << 24);
	text_add_visible(&all, text, size, 0);
	text_add_visible(&cut, text, size, columns);
	for (size_t i = 0; i < all.len; i++) {
		unsigned char c = (unsigned char)all.data[i];
		if (c < 0x20 || c == 0x7f)
			abort();
	}
	/* Shown text is clean: showing it again changes nothing. */
	struct buf again;
	buf_init(&again, 1 << 24);
	text_add_visible(&again, all.data, all.len, 0);
	if (again.len != all.len)
		abort();
	if (columns > 0 && text_width(cut.data, cut.len) > columns)
		abort();
	buf_clear(&again);
	buf_clear(&cut);
	buf_clear(&all);
	return 0;
}
