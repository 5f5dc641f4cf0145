/* Layer: sandbox. A fault's text of any bytes is taken or refused with a reason; one that was taken prints as a text
 * that means the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/fault/spec.h"
#include "spark/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print(const struct fault_spec *s, struct buf *b)
{
	buf_init(b, 65536);
	fault_spec_print(s, b);
	if (b->failed)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size);
	struct fault_spec s, again;
	struct err err = { 0 };
	struct buf first, second;

	if (!text)
		abort();
	if (fault_spec_parse(text, &s, &err)) {
		if (err.kind != ERR_USAGE || !err.text[0])
			abort();
		mem_free(text);
		return 0;
	}
	print(&s, &first);
	if (first.len <= FAULT_SPEC_MAX) {
		if (fault_spec_parse(first.data, &again, &err))
			abort();
		print(&again, &second);
		if (strcmp(first.data, second.data) != 0)
			abort();
		buf_clear(&second);
	}
	buf_clear(&first);
	mem_free(text);
	return 0;
}
