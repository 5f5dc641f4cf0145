/* Layer: sandbox. Any bytes as a file of JSON records, whole and cut into chunks: every byte is consumed, rows are the
 * same both ways, and each field becomes a field of a row or a problem. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/copy/convert.h"
#include "sandbox/copy/format.h"
#include "spark/base/mem.h"

#define COLUMNS ((int)COPY_TYPES)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct copy_column columns[COPY_TYPES];

static void init_columns(void)
{
	for (int i = 0; i < COLUMNS; i++) {
		static char names[COPY_TYPES][2];

		names[i][0] = (char)('a' + i);
		columns[i] = (struct copy_column){
			.name = names[i], .type = (enum copy_type)i, .max_bytes = 8, .precision = 12, .scale = 3
		};
	}
}

/* Reads the records; `chunk` bytes become known at a time. */
static size_t read_all(const struct copy_statement *s, const char *text, size_t size, size_t chunk, struct buf *rows)
{
	struct copy_target t = { .columns = columns, .count = COPY_TYPES };
	struct copy_value values[COPY_TYPES];
	struct copy_problem problem;
	struct copy_convert convert;
	struct copy_input in = { .pos = text };
	struct err err = { 0 };
	size_t known = 0, records = 0;
	void *reader = NULL;

	if (s->format->open(s, &t, NULL, &reader, &err) < 0)
		abort();
	copy_convert_init(&convert, s);
	for (;;) {
		const char *before = in.pos;
		enum copy_record rc;

		in.end = text + known;
		in.last = known == size;
		rc = s->format->next(reader, &in, values, &problem);
		if (in.pos < before || in.pos > in.end)
			abort();
		if (rc == COPY_RECORD_ROW) {
			records++;
			for (size_t i = 0; i < COPY_TYPES; i++) {
				size_t mark = rows->len;

				if (copy_convert_field(&convert, &columns[i], &values[i], rows, &problem) < 0) {
					buf_cut(rows, mark);
					buf_puts(rows, problem.reason);
				}
			}
		} else if (rc == COPY_RECORD_BAD) {
			if (in.pos == before || !problem.reason[0])
				abort();
		} else if (in.last) {
			if (rc == COPY_RECORD_MORE)
				abort();
			break;
		} else {
			known = size - known > chunk ? known + chunk : size;
		}
	}
	copy_convert_clear(&convert);
	s->format->close(reader);
	return records;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct copy_statement s = { .replacement = '?' };
	struct buf whole, parts;
	char *text;

	if (size < 1)
		return 0;
	init_columns();
	s.format = copy_format_find("json");
	s.json_match = data[0] & 1 ? COPY_JSON_AUTO : COPY_JSON_AUTO_IGNORECASE;
	s.accept_inv_chars = data[0] & 2;
	s.truncate_columns = data[0] & 4;
	s.round_decimals = data[0] & 8;
	s.time_format = data[0] & 16 ? (char *)"auto" : NULL;
	s.date_format = s.time_format;
	text = mem_alloc(size);
	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	buf_init(&whole, BUF_MAX_DEFAULT);
	buf_init(&parts, BUF_MAX_DEFAULT);
	if (read_all(&s, text, size - 1, size, &whole) != read_all(&s, text, size - 1, 7, &parts) ||
	    whole.len != parts.len || memcmp(whole.data, parts.data, whole.len) != 0)
		abort();
	buf_clear(&whole);
	buf_clear(&parts);
	mem_free(text);
	return 0;
}
