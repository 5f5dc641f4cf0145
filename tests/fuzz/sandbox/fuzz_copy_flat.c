/* Layer: sandbox. Any bytes as a delimited, CSV or fixed-width file, whole and cut into chunks: every byte is consumed,
 * records are the same both ways, and each field becomes a field of a row or a problem. The first two bytes are
 * options. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/copy/convert.h"
#include "sandbox/copy/format.h"
#include "spark/base/mem.h"

#define COLUMNS ((size_t)COPY_TYPES)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct copy_column columns[COPY_TYPES];

static void init_columns(void)
{
	for (size_t i = 0; i < COLUMNS; i++)
		columns[i] = (struct copy_column){
			.name = (char *)"c", .type = (enum copy_type)i, .max_bytes = 8, .precision = 12, .scale = 3
		};
}

static void put_record(struct copy_convert *c, const struct copy_value *values, struct buf *rows)
{
	struct copy_problem problem = { 0, -1, "" };

	for (size_t i = 0; i < COLUMNS; i++) {
		size_t mark = rows->len;

		if (copy_convert_field(c, &columns[i], &values[i], rows, &problem) < 0) {
			buf_cut(rows, mark);
			buf_puts(rows, problem.reason);
		}
	}
}

static void read_all(const struct copy_statement *s, const char *text, size_t size, size_t chunk, struct buf *rows)
{
	struct copy_target t = { .columns = columns, .count = COLUMNS, .table = (char *)"t" };
	struct copy_input in = { .pos = text };
	struct copy_value values[COPY_TYPES];
	struct copy_convert convert;
	struct err err = { 0 };
	size_t known = 0;
	void *reader = NULL;

	if (s->format->open(s, &t, NULL, &reader, &err) < 0)
		abort();
	copy_convert_init(&convert, s);
	for (;;) {
		struct copy_problem problem = { 0, -1, "" };
		const char *before = in.pos;
		enum copy_record rc;

		in.end = text + known;
		in.last = known == size;
		rc = s->format->next(reader, &in, values, &problem);
		if (in.pos < before || in.pos > in.end)
			abort();
		if ((rc == COPY_RECORD_ROW || rc == COPY_RECORD_BAD) && in.pos == before)
			abort();
		if (rc == COPY_RECORD_ROW) {
			put_record(&convert, values, rows);
		} else if (rc == COPY_RECORD_BAD) {
			if (!problem.reason[0] || problem.column >= (int)COLUMNS)
				abort();
			buf_printf(rows, "%d %d %s", problem.code, problem.column, problem.reason);
		} else if (in.last) {
			if (rc == COPY_RECORD_MORE || in.pos != in.end)
				abort();
			break;
		} else {
			known = size - known > chunk ? known + chunk : size;
		}
	}
	copy_convert_clear(&convert);
	s->format->close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static size_t widths[COPY_TYPES];
	struct copy_statement s = { .replacement = '?' };
	struct buf whole, parts;
	char *text;

	if (size < 2)
		return 0;
	init_columns();
	for (size_t i = 0; i < COLUMNS; i++)
		widths[i] = 1 + i % 4;
	s.format = data[0] % 3 == 0 ? &copy_format_csv : data[0] % 3 == 1 ? &copy_format_delimited : &copy_format_fixed;
	s.quote = s.format == &copy_format_csv ? '"' : 0;
	s.widths = widths;
	s.width_count = COLUMNS;
	s.escape = s.format == &copy_format_delimited && (data[1] & 1);
	s.remove_quotes = s.format == &copy_format_delimited && (data[1] & 2);
	s.fill_record = data[1] & 4;
	s.ignore_blank_lines = data[1] & 8;
	s.accept_inv_chars = data[1] & 16;
	s.truncate_columns = data[1] & 32;
	s.null_as = data[1] & 64 ? (char *)"" : NULL;
	s.null_len = data[1] & 128 ? 1 : 0;
	s.time_format = (char *)"auto";
	text = mem_alloc(size);
	if (!text)
		return 0;
	memcpy(text, data + 2, size - 2);
	buf_init(&whole, BUF_MAX_DEFAULT);
	buf_init(&parts, BUF_MAX_DEFAULT);
	read_all(&s, text, size - 2, size, &whole);
	read_all(&s, text, size - 2, 5, &parts);
	if (whole.len != parts.len || memcmp(whole.data, parts.data, whole.len) != 0)
		abort();
	buf_clear(&whole);
	buf_clear(&parts);
	mem_free(text);
	return 0;
}
