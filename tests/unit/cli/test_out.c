#include "unit/cm.h"

#include <stdlib.h>
#include <string.h>

#include "spark/base/mem.h"
#include "spark/cli/out.h"

static size_t width(const char *text)
{
	return text_width(text, strlen(text));
}

static void test_width_is_in_columns_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(width(""), 0);
	assert_int_equal(width("Zoë"), 3);
	assert_int_equal(width("Zoe\xcc\x88"), 3); /* e and a combining diaeresis */
	assert_int_equal(width("星の鉄道"), 8);
	assert_int_equal(width("서울"), 4);
	assert_int_equal(width("🎸"), 2);
	assert_int_equal(width("\xff\xfe"), 2); /* no UTF-8: a column each */
	assert_int_equal(width("\xc3"), 1);
	assert_int_equal(width("\xed\xa0\x80"), 3); /* half of a surrogate pair is no character */
}

static void assert_visible(const char *text, size_t columns, const char *expected)
{
	struct buf b;

	buf_init(&b, 4096);
	text_add_visible(&b, text, strlen(text), columns);
	assert_string_equal(b.data, expected);
	buf_clear(&b);
}

static void test_what_a_terminal_would_act_upon_is_made_visible(void **state)
{
	(void)state;
	assert_visible("a\nb\tc", 0, "a\\nb\\tc");
	assert_visible("\033[2J", 0, "\\x1b[2J");
	assert_visible("\x7f", 0, "\\x7f");
	assert_visible("\xc2\x9b", 0, "\\x9b");
	assert_visible("\xe2\x80\xae", 0, "\\u202e");
	assert_visible("bad \xff byte", 0, "bad \xef\xbf\xbd byte");
}

static void test_long_text_is_cut_at_a_character_and_marked(void **state)
{
	(void)state;
	assert_visible("abcdef", 6, "abcdef");
	assert_visible("abcdef", 5, "abcd…");
	assert_visible("星の鉄道", 8, "星の鉄道");
	assert_visible("星の鉄道", 7, "星の鉄…");
	assert_visible("星の鉄道", 6, "星の…");
	assert_visible("abc", 1, "…");
}

static char *print(struct out_table *t, size_t columns)
{
	char *text = NULL;
	size_t len;
	struct err err;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(out_table_print(t, f, false, columns, &err), 0);
	fclose(f);
	return text;
}

static void test_a_table_lines_up_whatever_the_script(void **state)
{
	static const char *const names[] = { "ARTIST", "PLAYS" };
	static const char *const cells[] = { "Zoë", "12", "星の鉄道", "7", "plain", NULL };
	static const int right[] = { 1, -1 };
	struct out_table t;
	struct err err;

	(void)state;
	assert_int_equal(out_table_init(&t, names, 2, right, &err), 0);
	for (size_t i = 0; i < COUNT_OF(cells); i++)
		assert_int_equal(out_table_add(&t, cells[i], STYLE_PLAIN, &err), 0);
	char *text = print(&t, 0);
	assert_string_equal(text, "ARTIST    PLAYS\n"
				  "--------  -----\n"
				  "Zoë          12\n"
				  "星の鉄道      7\n"
				  "plain          \n");
	free(text);
	out_table_clear(&t);
}

static void test_a_table_is_narrowed_to_the_terminal(void **state)
{
	static const char *const names[] = { "A", "B" };
	struct out_table t;
	struct err err;

	(void)state;
	assert_int_equal(out_table_init(&t, names, 2, NULL, &err), 0);
	assert_int_equal(out_table_add(&t, "a long text that does not fit", STYLE_PLAIN, &err), 0);
	assert_int_equal(out_table_addf(&t, STYLE_PLAIN, &err, "%d", 42), 0);
	char *text = print(&t, 20);
	assert_string_equal(text, "A                 B\n"
				  "----------------  --\n"
				  "a long text tha…  42\n");
	free(text);
	out_table_clear(&t);
}

static void test_csv_quotes_what_must_be_quoted(void **state)
{
	static const struct {
		const char *text, *field;
	} cases[] = {
		{ NULL, "" },         { "", "\"\"" },           { "plain", "plain" },
		{ "a,b", "\"a,b\"" }, { "a\"b", "\"a\"\"b\"" }, { "a\nb", "\"a\nb\"" },
		{ " a", "\" a\"" },   { "Zoë", "Zoë" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf b;
		buf_init(&b, 256);
		out_csv_field(&b, cases[i].text);
		assert_string_equal(b.data, cases[i].field);
		buf_clear(&b);
	}
}

static void test_running_out_of_memory_is_told_not_suffered(void **state)
{
	static const char *const names[] = { "A", "B" };
	bool went_through = false;

	(void)state;
	for (long nth = 1; !went_through && nth < 100; nth++) {
		struct out_table t;
		struct err err = { 0 };
		mem_fail_at(nth);
		int rc = out_table_init(&t, names, 2, NULL, &err);
		if (rc == 0)
			rc = out_table_add(&t, "x", STYLE_PLAIN, &err);
		mem_fail_at(0);
		if (rc != 0)
			assert_int_equal(err.kind, ERR_NOMEM);
		else
			went_through = true;
		out_table_clear(&t);
	}
	assert_true(went_through);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_width_is_in_columns_not_bytes),
		cmocka_unit_test(test_what_a_terminal_would_act_upon_is_made_visible),
		cmocka_unit_test(test_long_text_is_cut_at_a_character_and_marked),
		cmocka_unit_test(test_a_table_lines_up_whatever_the_script),
		cmocka_unit_test(test_a_table_is_narrowed_to_the_terminal),
		cmocka_unit_test(test_csv_quotes_what_must_be_quoted),
		cmocka_unit_test(test_running_out_of_memory_is_told_not_suffered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
