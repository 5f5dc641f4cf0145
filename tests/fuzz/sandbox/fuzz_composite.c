/* Layer: sandbox. Any bytes as rows of composite values: an end, and values that end within what was read. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/unload/row.h"
#include "sandbox/wire/composite.h"
#include "spark/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What unload/ makes of the line are the same values. */
static void check_line(const struct composite *r, struct buf *line, struct buf *scratch)
{
	struct unload_value *values = mem_alloc_array(r->count, sizeof *values);

	buf_reset(line);
	composite_put_line(r, line);
	if (!values || line->failed || !unload_row_split(line->data, line->len, values, r->count, scratch))
		abort();
	for (size_t i = 0; i < r->count; i++) {
		size_t len = r->values[i] ? strlen(r->values[i]) : 0;

		if (!r->values[i] != !values[i].text || values[i].len != len ||
		    (len && memcmp(values[i].text, r->values[i], len) != 0))
			abort();
	}
	mem_free(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size;
	struct composite r = { 0 };
	struct buf line, scratch;

	buf_init(&line, BUF_MAX_DEFAULT);
	buf_init(&scratch, BUF_MAX_DEFAULT);
	while (size && composite_read(&r, &at, end) > 0)
		check_line(&r, &line, &scratch);
	composite_clear(&r);
	buf_clear(&line);
	buf_clear(&scratch);
	return 0;
}
