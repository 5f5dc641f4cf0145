/* Texts that need not be taken apart again: which are taken for alike, and when they are forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox/wire/recall.h"
#include "spark/base/mem.h"

static bool knows(const struct recall *r, const char *text)
{
	return recall_knows(r, text, strlen(text));
}

static void note(struct recall *r, const char *text)
{
	recall_note(r, text, strlen(text));
}

static void only_the_numbers_compared_with_may_differ(void **state)
{
	static const struct {
		const char *noted, *asked;
		bool known;
	} rows[] = {
		{ "select a from t where id = 1", "select a from t where id = 1", true },
		{ "select a from t where id = 1", "select a from t where id = 99999", true },
		{ "select a from t where id =1;", "select a from t where id =22;", true },
		{ "select a from t where id >= 7 and b < 3", "select a from t where id >= 12345 and b < 4", true },
		{ "UPDATE t SET a = 5 WHERE b = 6", "UPDATE t SET a = 7 WHERE b = 8", true },
		{ "select a from t where id = 1", "select a from t where id = 1.5", false },
		{ "select a from t where id = 1", "select a from t where id = 1e5", false },
		{ "select a from t where id = 1", "select a from t where id = 1x", false },
		{ "select a from t where id = 1", "select a from t where id = 9999999999", false },
		{ "select a from t where id = 1", "select a from t where id = 1 limit 1", false },
		{ "select a from t limit 1", "select a from t limit 2", false },
		{ "select a from t group by 1", "select a from t group by 2", false },
		{ "select '= 1' from t", "select '= 2' from t", false },
		{ "select \"= 1\" from t", "select \"= 2\" from t", false },
		{ "select 1 /* = 1 */", "select 1 /* = 2 */", false },
		{ "select 1 as b -- = 1", "select 1 as b -- = 2", false },
		{ "select $$= 1$$", "select $$= 2$$", false },
		{ "select a from t where id = $1", "select a from t where id = $2", false },
		{ "select a from t where id = 1", "select b from t where id = 1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct recall r = { { NULL } };

		assert_false(knows(&r, rows[i].noted));
		note(&r, rows[i].noted);
		assert_true(knows(&r, rows[i].noted));
		if (knows(&r, rows[i].asked) != rows[i].known)
			fail_msg("'%s' after '%s'", rows[i].asked, rows[i].noted);
		recall_forget(&r);
		assert_false(knows(&r, rows[i].noted));
	}
}

static void only_queries_and_changes_of_rows_are_kept(void **state)
{
	static const char *const others[] = { "set a = 1", "create table t (a int)", "call p()", "vacuum", "",
					      "selected",  "select a into t from u" };
	struct recall r = { { NULL } };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		note(&r, others[i]);
		assert_false(knows(&r, others[i]));
	}
	recall_forget(&r);
}

static void what_may_change_the_meaning_of_texts_makes_forget(void **state)
{
	static const struct {
		const char *text;
		bool kept;
	} rows[] = {
		{ "select 2", true },
		{ "begin", true },
		{ "insert into t values (1); ", true },
		{ "set enable_case_sensitive_identifier to true", false },
		{ "select Set_Config('a', 'b', false)", false },
		{ "select 1; set a to b", false },
		{ "call p()", false },
		{ "create table t (a int)", false },
		{ "/* a hint */ -- and a line\n (select 1) union (select 2)", true },
		{ "-- select 1\ncreate table t (a int)", false },
		{ "/* /* */ select 1 */ create table t (a int)", false },
		{ "/* select 1", false },
		{ "select a into t from u", false },
		{ "with w as (select 1) select * INTO t from w", false },
		{ "insert into t select intozero, b_into from u", true },
		{ "select intozero, b_into from u", true },
		{ "explain select 1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct recall r = { { NULL } };

		assert_int_equal(recall_changes(rows[i].text, strlen(rows[i].text)), !rows[i].kept);
		note(&r, "select 1");
		recall_watch(&r, rows[i].text, strlen(rows[i].text));
		if (knows(&r, "select 1") != rows[i].kept)
			fail_msg("'%s'", rows[i].text);
		recall_forget(&r);
	}
}

static void memory_is_bounded(void **state)
{
	struct recall r = { { NULL } };
	char text[RECALL_MAX_BYTES + 64];
	size_t kept = 0;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		snprintf(text, sizeof(text), "select a%d", i);
		note(&r, text);
		assert_true(knows(&r, text));
	}
	for (int i = 0; i < 10000; i++) {
		snprintf(text, sizeof(text), "select a%d", i);
		kept += knows(&r, text);
	}
	assert_int_equal(kept, RECALL_ENTRIES);
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "select ", 7);
	text[sizeof(text) - 1] = 0;
	note(&r, text);
	assert_false(knows(&r, text));
	recall_forget(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_numbers_compared_with_may_differ),
		cmocka_unit_test(only_queries_and_changes_of_rows_are_kept),
		cmocka_unit_test(what_may_change_the_meaning_of_texts_makes_forget),
		cmocka_unit_test(memory_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
