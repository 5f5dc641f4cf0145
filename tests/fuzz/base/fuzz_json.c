/* Layer: base. What is accepted as JSON is printed, read again, and printed to the same bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "spark/base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json *first, *second;
	struct buf once, twice;
	struct err err;

	first = json_parse((const char *)data, size, &err);
	if (!first)
		return 0;
	buf_init(&once, 0);
	buf_init(&twice, 0);
	if (json_print(first, size % 2 == 0, &once, &err) < 0)
		abort();
	second = json_parse(once.data, once.len, &err);
	if (!second || json_print(second, size % 2 == 0, &twice, &err) < 0)
		abort();
	if (once.len != twice.len || memcmp(once.data, twice.data, once.len) != 0)
		abort();
	json_free(second);
	json_free(first);
	buf_clear(&twice);
	buf_clear(&once);
	return 0;
}
