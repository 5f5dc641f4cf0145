/* What the catalogue said, kept between statements: how long it holds, and when it is asked again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox/wire/known.h"

static void an_answer_holds_for_its_question_only(void **state)
{
	struct known k = { 0 };
	struct buf out;
	int answer = 7;

	(void)state;
	buf_init(&out, 100);
	assert_false(known_find(&k, 0, "songs", &answer, &out));
	known_note(&k, 0, "songs", 1, "title\1text\2");
	assert_false(known_find(&k, 0, "song", &answer, &out));
	assert_int_equal(answer, 7);
	assert_true(known_find(&k, 0, "songs", &answer, &out));
	assert_int_equal(answer, 1);
	assert_string_equal(out.data, "title\1text\2");
	known_note(&k, 0, "songs", -1, NULL);
	assert_true(known_find(&k, 0, "songs", &answer, NULL));
	assert_int_equal(answer, -1);
	buf_clear(&out);
	known_forget(&k);
}

static void what_another_session_changes_makes_it_void(void **state)
{
	struct known k = { 0 };
	int answer = 7;

	(void)state;
	known_note(&k, 4, "songs", 1, NULL);
	assert_true(known_find(&k, 4, "songs", &answer, NULL));
	assert_false(known_find(&k, 5, "songs", &answer, NULL));
	/* Asked before the change, answered after it: of no use any more. */
	known_note(&k, 4, "songs", 1, NULL);
	assert_false(known_find(&k, 5, "songs", &answer, NULL));
	known_note(&k, 5, "songs", 0, NULL);
	assert_true(known_find(&k, 5, "songs", &answer, NULL));
	assert_int_equal(answer, 0);
	/* What is kept of an older generation does not become new by a newer answer beside it. */
	known_note(&k, 6, "users", 1, NULL);
	assert_false(known_find(&k, 6, "songs", &answer, NULL));
	known_forget(&k);
}

static void nothing_is_known_between_a_change_and_its_end(void **state)
{
	struct known k = { 0 };
	int answer;

	(void)state;
	known_note(&k, 0, "songs", 1, NULL);
	known_change(&k);
	assert_false(known_find(&k, 0, "songs", &answer, NULL));
	known_note(&k, 0, "songs", 0, NULL); /* not committed: a rollback would make it wrong */
	assert_false(known_find(&k, 0, "songs", &answer, NULL));
	/* A first string has ended, and a second is on its way. */
	assert_true(known_settle(&k, false));
	known_note(&k, 1, "songs", 0, NULL);
	assert_false(known_find(&k, 1, "songs", &answer, NULL));
	assert_true(known_settle(&k, true));
	assert_false(known_find(&k, 2, "songs", &answer, NULL));
	known_note(&k, 2, "songs", 0, NULL);
	assert_true(known_find(&k, 2, "songs", &answer, NULL));
	assert_false(known_settle(&k, true));
	known_forget(&k);
}

static void memory_is_bounded(void **state)
{
	static char text[KNOWN_MAX_BYTES + 1], question[32];
	struct known k = { 0 };
	size_t kept = 0;
	int answer;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	known_note(&k, 0, "long", 1, text);
	assert_false(known_find(&k, 0, "long", &answer, NULL));
	for (int i = 0; i < 5000; i++) {
		snprintf(question, sizeof(question), "question %d", i);
		known_note(&k, 0, question, i, NULL);
		assert_true(known_find(&k, 0, question, &answer, NULL));
		assert_int_equal(answer, i);
	}
	for (int i = 0; i < 5000; i++) {
		snprintf(question, sizeof(question), "question %d", i);
		kept += known_find(&k, 0, question, &answer, NULL);
	}
	assert_int_equal(kept, KNOWN_ENTRIES);
	known_forget(&k);
	assert_false(known_find(&k, 0, question, &answer, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_holds_for_its_question_only),
		cmocka_unit_test(what_another_session_changes_makes_it_void),
		cmocka_unit_test(nothing_is_known_between_a_change_and_its_end),
		cmocka_unit_test(memory_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
