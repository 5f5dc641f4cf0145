/* Delimited, CSV and fixed-width files, as the readers take them apart: whole, and as chunks of one byte more each. */
#include <string.h>

#include "sandbox/copy/convert.h"
#include "sandbox/copy/format.h"
#include "spark/base/mem.h"
#include "unit/cm.h"

#define COLUMNS 3

static struct copy_column columns[COLUMNS] = { { .name = (char *)"a", .type = COPY_VARCHAR, .max_bytes = 100 },
					       { .name = (char *)"b", .type = COPY_VARCHAR, .max_bytes = 100 },
					       { .name = (char *)"c", .type = COPY_VARCHAR, .max_bytes = 100 } };

static void put_values(struct copy_convert *c, const struct copy_value *values, struct buf *out)
{
	struct copy_problem p = { 0, -1, "" };
	struct buf row;

	buf_init(&row, BUF_MAX_DEFAULT);
	for (int i = 0; i < COLUMNS; i++) {
		buf_reset(&row);
		if (copy_convert_field(c, &columns[i], &values[i], &row, &p) < 0)
			buf_printf(out, "%d", p.code);
		else if (row.len == 4 && row.data[0] == (char)0xFF)
			buf_puts(out, "NULL");
		else
			buf_printf(out, "<%.*s>", (int)row.len - 4, row.data + 4);
	}
	buf_clear(&row);
	buf_putc(out, '\n');
}

/* Rows as <a><b><c> lines, bad ones as their code and column. */
static char *read_chunks(const struct copy_statement *s, const char *text, size_t len, size_t chunk)
{
	struct copy_target t = { .columns = columns, .count = COLUMNS, .table = (char *)"t" };
	struct copy_input in = { .pos = text };
	struct copy_value values[COLUMNS];
	struct copy_problem problem = { 0, -1, "" };
	struct copy_convert convert;
	struct err err = { 0 };
	struct buf out;
	size_t known = chunk < len ? chunk : len;
	void *reader = NULL;

	assert_int_equal(s->format->open(s, &t, NULL, &reader, &err), 0);
	copy_convert_init(&convert, s);
	buf_init(&out, BUF_MAX_DEFAULT);
	for (;;) {
		enum copy_record rc;

		in.end = text + known;
		in.last = known == len;
		rc = s->format->next(reader, &in, values, &problem);
		if (rc == COPY_RECORD_ROW)
			put_values(&convert, values, &out);
		else if (rc == COPY_RECORD_BAD)
			buf_printf(&out, "%d %d %s\n", problem.code, problem.column, problem.reason);
		else if (known == len)
			break;
		else
			known += len - known < chunk ? len - known : chunk;
	}
	copy_convert_clear(&convert);
	s->format->close(reader);
	return buf_take(&out);
}

static void check_bytes(const struct copy_statement *s, const char *text, size_t len, const char *wanted)
{
	for (size_t chunk = len ? len : 1; chunk > 0; chunk--) {
		char *got = read_chunks(s, text, len, chunk);

		if (strcmp(got, wanted) != 0)
			fail_msg("'%s' in chunks of %zu: wanted\n%sgot\n%s", text, chunk, wanted, got);
		mem_free(got);
	}
}

static void check(const struct copy_statement *s, const char *text, const char *wanted)
{
	check_bytes(s, text, strlen(text), wanted);
}

static void delimited_lines_become_rows(void **state)
{
	struct copy_statement s = { .format = &copy_format_delimited };

	(void)state;
	check(&s, "1|x y|z\r\n2||\n3|\"q|\"r", "<1><x y><z>\n<2><><>\n<3><\"q><\"r>\n");
	check(&s, "1|\\N|z|\n", "<1>NULL<z>\n");
	check(&s, "1|2\n", "1214 1 Delimiter not found\n");
	check(&s, "1|2|3|4\n5|6|7\n", "1202 -1 Extra column(s) found\n<5><6><7>\n");
	check(&s, "\n1|2|3", "1211 -1 Line has no data\n<1><2><3>\n");
	check(&s, "", "");
	check_bytes(&s, "1|2|3\0hidden\n4|5\0|6\n", 20, "<1><2><3>\n1214 1 Delimiter not found\n");
	s.ignore_blank_lines = s.fill_record = true;
	s.delimiter = '\t';
	check(&s, "\n\r\n1\t2\n", "<1><2><>\n");
	s.empty_as_null = true;
	check(&s, "1\t\n", "<1>NULLNULL\n");
}

static void null_as_names_what_is_null(void **state)
{
	struct copy_statement s = { .format = &copy_format_delimited, .null_as = (char *)"null", .null_len = 4 };
	struct copy_statement nul = { .format = &copy_format_delimited, .null_as = (char *)"", .null_len = 1 };
	struct copy_statement empty = { .format = &copy_format_delimited, .null_as = (char *)"", .null_len = 0 };

	(void)state;
	check(&s, "null|\\N|nulls\n", "NULL<\\N><nulls>\n");
	check(&empty, "1|| \n", "<1>NULL< >\n");
	check_bytes(&nul, "1|\0|3\n4|x\0|5\n", 13,
		    "<1>NULL<3>\n1218 1 NULL AS '\\0' is given and a field has a NUL byte beside others\n");
}

static void escape_makes_the_next_character_itself(void **state)
{
	struct copy_statement s = { .format = &copy_format_delimited, .escape = true };

	(void)state;
	check(&s, "a\\|b|c\\\nd|e\\\\f\n\\N|\\n|x\\\r\ny\n", "<a|b><c\nd><e\\f>\nNULL<n><x\r\ny>\n");
	check(&s, "a|b|c\\", "<a><b><c>\n");
}

static void removequotes_keeps_what_is_inside(void **state)
{
	struct copy_statement s = { .format = &copy_format_delimited, .remove_quotes = true };

	(void)state;
	check(&s, "'The delimiter is a pipe (|) character'|\"White\"|Blue'\n",
	      "<The delimiter is a pipe (|) character><White><Blue'>\n");
	check(&s, "' ' 'Black' ' '|''|\"a'\"\n", "< ' 'Black' ' ><><a'>\n");
	check(&s, "1|2|'c'\n4|5|\"f\"\r\n7|8|'i'\n", "<1><2><c>\n<4><5><f>\n<7><8><i>\n");
	check(&s, "1|'Blue|3\n4|5|6\n", "1214 1 Delimited value missing end quote\n<4><5><6>\n");
}

static void csv_follows_its_quotes(void **state)
{
	struct copy_statement s = { .format = &copy_format_csv, .quote = '"' };

	(void)state;
	check(&s, "1,\"a,\"\"b\"\"\", \"x\ny\" \r\n2,,\n", "<1><a,\"b\"><x\ny>\n<2><><>\n");
	check(&s, "\"\",\"\"\"\",\"c\"", "<><\"><c>\n");
	check(&s, "1,a\"b,c\n4,5,6\n", "1214 1 Invalid quote formatting for CSV\n<4><5><6>\n");
	check(&s, "1,\"a\"b,c\n4,5,6\n", "1214 1 Invalid quote formatting for CSV\n<4><5><6>\n");
	check(&s, "1,2,3,\n", "1202 -1 Extra column(s) found\n");
	check(&s, "1,\"never ends,3\n", "1214 1 Invalid quote formatting for CSV\n");
	s.quote = '%';
	s.delimiter = ';';
	check(&s, "%a;%%%;\"b\";c\n", "<a;%><\"b\"><c>\n");
}

static void fixed_widths_cut_lines(void **state)
{
	size_t widths[COLUMNS] = { 2, 3, 4 };
	struct copy_statement s = { .format = &copy_format_fixed, .widths = widths, .width_count = COLUMNS };

	(void)state;
	check(&s, "12abcdefg\r\n34   x\n", "<12><abc><defg>\n<34><   ><x>\n");
	check(&s, "12abcdefghi\n\n12ab\n",
	      "1202 -1 Extra column(s) found\n1211 -1 Line has no data\n"
	      "1203 1 Missing column(s): the line is too short\n");
	s.fill_record = s.trim_blanks = true;
	check(&s, "12a \n\\N \n", "<12><a><>\nNULL<><>\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delimited_lines_become_rows),
		cmocka_unit_test(null_as_names_what_is_null),
		cmocka_unit_test(escape_makes_the_next_character_itself),
		cmocka_unit_test(removequotes_keeps_what_is_inside),
		cmocka_unit_test(csv_follows_its_quotes),
		cmocka_unit_test(fixed_widths_cut_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
