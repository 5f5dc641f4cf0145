/* Layer: warehouse. Any text is cut into tokens that cover it without gap, and binding never reads beyond it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "spark/base/mem.h"
#include "spark/warehouse/sql.h"
#include "warehouse/sql_lex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sql_value values[] = { { "log_data", "s3://b/it's" }, { "t", "a\"b\\" } };
	struct sql_file f = { .name = "fuzz", .len = size };
	struct sql_token t;
	char header[16];
	struct buf out;
	struct err err;
	size_t pos = 0;

	/* a copy of its own, so that the sanitizer sees a read behind the end */
	f.text = mem_alloc(size + 1);
	if (!f.text)
		return 0;
	if (size > 0)
		memcpy(f.text, data, size);
	while ((t = sql_lex_next(f.text, size, pos)).kind != SQL_TOKEN_END) {
		if (t.start != pos || t.len == 0 || t.len > size - pos)
			abort();
		pos = t.start + t.len;
	}
	if (pos != size)
		abort();
	buf_init(&out, 1 << 22);
	if (sql_bind(&f, values, 2, &out, &err) == 0 && !memchr(f.text, ':', size) && out.len != size)
		abort();
	(void)sql_header(&f, "table", header, sizeof(header));
	buf_clear(&out);
	mem_free(f.text);
	return 0;
}
