/* What the system tables are told of a record: any bytes, as text that COPY FROM STDIN takes. */
#include <string.h>

#include "sandbox/copy/cells.h"
#include "unit/cm.h"

static void assert_cell(const char *text, size_t len, size_t max, bool ascii, const char *wanted)
{
	struct buf out;

	buf_init(&out, BUF_MAX_DEFAULT);
	cell_text(&out, text, len, max, ascii);
	assert_int_equal(buf_check(&out, "a cell", NULL), 0);
	assert_int_equal(out.len, strlen(wanted));
	assert_memory_equal(out.data, wanted, out.len);
	buf_clear(&out);
}

static void separators_are_escaped(void **state)
{
	(void)state;
	assert_cell("a\tb\nc\rd\\", 8, 100, false, "a\\tb\\nc\\rd\\\\\t");
	assert_cell("", 0, 100, false, "\t");
}

static void bytes_that_the_server_does_not_take_become_points(void **state)
{
	(void)state;
	assert_cell("a\0b\0", 4, 100, false, "a.b.\t");
	assert_cell("\0", 1, 100, true, ".\t");
	assert_cell("\xC3\xA9\xC3|", 4, 100, false, "\xC3\xA9.|\t");
	assert_cell("\xC3\xA9|", 3, 100, true, "..|\t");
}

static void a_cell_ends_before_the_character_that_does_not_fit(void **state)
{
	char longer[CELL_MAX + 10], wanted[CELL_MAX + 2];

	(void)state;
	assert_cell("ab\xC3\xA9", 4, 3, false, "ab\t");
	memset(longer, 'x', sizeof longer);
	memset(wanted, 'x', CELL_MAX);
	memcpy(wanted + CELL_MAX, "\t", 2);
	assert_cell(longer, sizeof longer, sizeof longer, false, wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(separators_are_escaped),
		cmocka_unit_test(bytes_that_the_server_does_not_take_become_points),
		cmocka_unit_test(a_cell_ends_before_the_character_that_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
