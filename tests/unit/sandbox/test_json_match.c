/* Records of one load: what the record before looked like is tried first, and must never be taken for what is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox/copy/json_match.h"

#define COLUMNS 4

static struct json_match *match_names(const char *const names[COLUMNS], bool ignore_case)
{
	struct err err = { 0 };
	struct json_match *m = NULL;

	assert_int_equal(json_match_new(COLUMNS, ignore_case, &m, &err), 0);
	for (int i = 0; i < COLUMNS; i++) {
		struct json_step step = { names[i], strlen(names[i]), 0 };

		assert_int_equal(json_match_add(m, &step, 1, i, &err), 0);
	}
	return m;
}

/* The columns' values with blanks between them, a dash for one that is missing. */
static void expect(struct json_match *m, const char *record, const char *expected)
{
	struct copy_value values[COLUMNS];
	const char *pos = record, *end = record + strlen(record);
	struct buf got;
	int out_of_range;

	buf_init(&got, 4096);
	assert_int_equal(json_match_record(m, &pos, end, values, &out_of_range), JSON_SCAN_OK);
	assert_ptr_equal(pos, end);
	for (int i = 0; i < COLUMNS; i++) {
		if (i)
			buf_putc(&got, ' ');
		if (values[i].kind == COPY_VALUE_MISSING)
			buf_putc(&got, '-');
		else
			buf_add(&got, values[i].text, values[i].len);
	}
	assert_string_equal(got.data, expected);
	buf_clear(&got);
}

static const char *const songs[COLUMNS] = { "id", "song_id", "song", "registration_of_the_user" };

static void members_may_come_in_another_order_in_every_record(void **state)
{
	struct json_match *m = match_names(songs, false);

	(void)state;
	expect(m, "{\"id\":1,\"song_id\":2,\"song\":3,\"registration_of_the_user\":4}", "1 2 3 4");
	expect(m, "{\"id\":5,\"song_id\":6,\"song\":7,\"registration_of_the_user\":8}", "5 6 7 8");
	expect(m, "{\"song\":3,\"id\":1,\"registration_of_the_user\":4,\"song_id\":2}", "1 2 3 4");
	expect(m, "{\"id\":1}", "1 - - -");
	expect(m, "{\"song\":9,\"song_id\":2}", "- 2 9 -");
	json_match_free(m);
}

static void a_name_that_begins_like_the_last_one_is_another(void **state)
{
	struct json_match *m = match_names(songs, false);

	(void)state;
	expect(m, "{\"song\":1}", "- - 1 -");
	expect(m, "{\"song_\":2,\"song\":3}", "- - 3 -");
	expect(m, "{\"song_id\":4}", "- 4 - -");
	expect(m, "{\"song_ie\":5}", "- - - -");
	expect(m, "{\"i\":6,\"id\":7}", "7 - - -");
	expect(m, "{\"id\":6,\"i\":7}", "6 - - -");
	expect(m, "{\"registration_of_the_user\":1}", "- - - 1");
	expect(m, "{\"registration_of_the_used\":1}", "- - - -");
	expect(m, "{\"registration_oF_the_user\":1}", "- - - -");
	json_match_free(m);
}

static void blanks_and_escapes_change_nothing(void **state)
{
	struct json_match *m = match_names(songs, false);

	(void)state;
	expect(m, "{\"id\":1,\"song\":2}", "1 - 2 -");
	expect(m, "{\"id\" : 1, \"song\":\t\n2}", "1 - 2 -");
	expect(m, "{\"id\" :  1,\"song\": 2 }", "1 - 2 -");
	expect(m, "{\"\\u0069d\":3,\"s\\u006fng\":4}", "3 - 4 -");
	expect(m, "{\"\\u0069d\":5,\"s\\u006fng\":6}", "5 - 6 -");
	expect(m, "{\"id\":{},\"song\":[1, 2]}", "{} - [1, 2] -");
	json_match_free(m);
}

static void the_case_counts_only_where_it_should(void **state)
{
	struct json_match *m = match_names(songs, true);

	(void)state;
	expect(m, "{\"ID\":1,\"Song_Id\":2}", "1 2 - -");
	expect(m, "{\"id\":3,\"SONG_ID\":4}", "3 4 - -");
	json_match_free(m);
	m = match_names(songs, false);
	expect(m, "{\"ID\":1,\"song_id\":2}", "- 2 - -");
	expect(m, "{\"id\":3,\"song_Id\":4}", "3 - - -");
	json_match_free(m);
}

static void of_equal_names_the_last_one_holds(void **state)
{
	struct json_match *m = match_names(songs, false);

	(void)state;
	expect(m, "{\"id\":1,\"id\":\"two\"}", "two - - -");
	expect(m, "{\"id\":\"two\",\"id\":{\"a\":[]}}", "{\"a\":[]} - - -");
	json_match_free(m);
}

/* Wherever it is cut, a record that looks like the one before is not whole. */
static void a_record_that_is_cut_off_is_short(void **state)
{
	static const char record[] =
		"{\"id\": 12, \"song_id\": \"a\\nb\", \"song\": [1], \"registration_of_the_user\": null}";
	struct json_match *m = match_names(songs, false);

	(void)state;
	expect(m, record, "12 a\\nb [1] null");
	for (size_t len = 0; len < sizeof(record) - 1; len++) {
		struct copy_value values[COLUMNS];
		const char *pos = record;
		int out_of_range;

		assert_int_equal(json_match_record(m, &pos, record + len, values, &out_of_range), JSON_SCAN_SHORT);
	}
	json_match_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_may_come_in_another_order_in_every_record),
		cmocka_unit_test(a_name_that_begins_like_the_last_one_is_another),
		cmocka_unit_test(blanks_and_escapes_change_nothing),
		cmocka_unit_test(the_case_counts_only_where_it_should),
		cmocka_unit_test(of_equal_names_the_last_one_holds),
		cmocka_unit_test(a_record_that_is_cut_off_is_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
