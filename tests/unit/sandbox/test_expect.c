#include "unit/cm.h"

#include "sandbox/wire/expect.h"
#include "spark/base/mem.h"

static void ask(struct expect *q, enum expect_kind kind)
{
	assert_int_equal(expect_add(q, (struct expect_entry){ .kind = kind, .only = -1 }, NULL), 0);
}

static void ask_as(struct expect *q, enum expect_kind kind, enum expect_action action)
{
	assert_int_equal(expect_add(q, (struct expect_entry){ .kind = kind, .action = action, .only = -1 }, NULL), 0);
}

static void ask_extended(struct expect *q)
{
	ask(q, EXPECT_PARSE);
	ask(q, EXPECT_BIND);
	ask(q, EXPECT_DESCRIBE);
	ask(q, EXPECT_EXECUTE);
}

static enum expect_action answer(struct expect *q, char type)
{
	struct message m = { .type = type, .body = (const unsigned char *)"", .len = 0, .have = 0 };
	struct expect_reply r;

	expect_match(q, &m, &r);
	return r.action;
}

static void answer_all(struct expect *q, const char *types)
{
	for (; *types; types++)
		assert_int_equal(answer(q, *types), ACTION_FORWARD);
}

static void a_query_is_answered_by_ready(void **state)
{
	struct expect q;

	(void)state;
	expect_init(&q);
	ask(&q, EXPECT_QUERY);
	answer_all(&q, "TDDC");
	assert_false(expect_idle(&q));
	answer_all(&q, "Z");
	assert_true(expect_idle(&q));
	expect_clear(&q);
}

static void extended_messages_are_answered_one_by_one(void **state)
{
	struct expect q;

	(void)state;
	expect_init(&q);
	ask_extended(&q);
	ask(&q, EXPECT_SYNC);
	answer_all(&q, "12tTDDC");
	assert_false(expect_idle(&q));
	answer_all(&q, "Z");
	assert_true(expect_idle(&q));
	expect_clear(&q);
}

static void a_portal_is_suspended_and_goes_on(void **state)
{
	struct expect q;

	(void)state;
	expect_init(&q);
	ask(&q, EXPECT_EXECUTE);
	ask(&q, EXPECT_EXECUTE);
	answer_all(&q, "DDs");
	assert_false(expect_idle(&q));
	answer_all(&q, "DC");
	assert_true(expect_idle(&q));
	expect_clear(&q);
}

static void an_error_takes_the_batch_up_to_sync(void **state)
{
	struct expect q;

	(void)state;
	expect_init(&q);
	ask_extended(&q);
	ask_extended(&q);
	ask(&q, EXPECT_QUERY);
	ask(&q, EXPECT_SYNC);
	ask_extended(&q);
	answer_all(&q, "12E");
	assert_false(q.discarding); /* the Sync has been sent */
	answer_all(&q, "Z12TC");
	assert_true(expect_idle(&q));
	expect_clear(&q);
}

static void without_sync_everything_is_discarded_until_it_comes(void **state)
{
	struct expect q;

	(void)state;
	expect_init(&q);
	ask_extended(&q);
	answer_all(&q, "1E");
	assert_true(q.discarding);
	assert_true(expect_idle(&q));
	ask(&q, EXPECT_SYNC);
	assert_false(q.discarding);
	answer_all(&q, "Z");
	assert_true(expect_idle(&q));
	expect_clear(&q);
}

static void an_error_of_a_query_does_not_touch_what_follows(void **state)
{
	struct expect q;

	(void)state;
	expect_init(&q);
	ask(&q, EXPECT_QUERY);
	ask(&q, EXPECT_QUERY);
	answer_all(&q, "EZ");
	assert_false(expect_idle(&q));
	answer_all(&q, "CZ");
	assert_true(expect_idle(&q));
	expect_clear(&q);
}

static void answers_to_ourselves_are_kept_back_with_their_notices(void **state)
{
	struct expect q;

	(void)state;
	expect_init(&q);
	ask_as(&q, EXPECT_PARSE, ACTION_SKIP);
	ask_as(&q, EXPECT_EXECUTE, ACTION_SKIP);
	ask(&q, EXPECT_QUERY);
	assert_int_equal(answer(&q, '1'), ACTION_SKIP);
	assert_int_equal(answer(&q, 'N'), ACTION_SKIP);
	/* A setting that changed is the client's business whoever changed it. */
	assert_int_equal(answer(&q, 'S'), ACTION_FORWARD);
	assert_int_equal(answer(&q, 'C'), ACTION_SKIP);
	answer_all(&q, "NCZ");
	assert_true(expect_idle(&q));
	expect_clear(&q);
}

static void a_piece_of_a_string_ends_without_ready(void **state)
{
	struct expect q;

	(void)state;
	expect_init(&q);
	ask_as(&q, EXPECT_QUERY, ACTION_NO_READY);
	answer_all(&q, "TDC");
	assert_int_equal(answer(&q, 'Z'), ACTION_SKIP);
	assert_true(expect_idle(&q));
	expect_clear(&q);
}

static void our_error_stands_in_for_the_servers(void **state)
{
	struct expect_entry e = { .kind = EXPECT_QUERY, .action = ACTION_FAKE, .only = -1 };
	struct message m = { .type = 'E', .body = (const unsigned char *)"" };
	struct expect_reply r;
	struct expect q;

	(void)state;
	expect_init(&q);
	e.error = mem_strdup("ours");
	e.error_len = 4;
	assert_non_null(e.error);
	assert_int_equal(expect_add(&q, e, NULL), 0);
	expect_match(&q, &m, &r);
	assert_int_equal(r.action, ACTION_FAKE);
	assert_memory_equal(r.entry->error, "ours", 4);
	answer_all(&q, "Z");
	assert_true(expect_idle(&q));
	/* In a batch it is gone from the queue with the error, but still to be had. */
	e.kind = EXPECT_PARSE;
	e.error = mem_strdup("more");
	assert_non_null(e.error);
	assert_int_equal(expect_add(&q, e, NULL), 0);
	expect_match(&q, &m, &r);
	assert_int_equal(r.action, ACTION_FAKE);
	assert_memory_equal(r.entry->error, "more", 4);
	assert_true(q.discarding);
	expect_clear(&q);
}

static void rows_of_the_client(void **state)
{
	struct expect q;

	(void)state;
	expect_init(&q);
	ask(&q, EXPECT_QUERY);
	answer_all(&q, "G");
	assert_true(q.copy_in);
	assert_int_equal(expect_copy_end(&q, NULL), 0);
	assert_false(q.copy_in);
	answer_all(&q, "CZ");
	assert_true(expect_idle(&q));
	expect_clear(&q);
}

static void a_sync_sent_before_the_rows_has_no_answer(void **state)
{
	struct expect q;

	(void)state;
	expect_init(&q);
	ask(&q, EXPECT_EXECUTE);
	ask(&q, EXPECT_SYNC);
	assert_int_equal(expect_copy_end(&q, NULL), 0);
	ask(&q, EXPECT_SYNC);
	answer_all(&q, "G");
	assert_false(q.copy_in); /* the rows' end has been sent as well */
	answer_all(&q, "CZ");
	assert_true(expect_idle(&q));
	expect_clear(&q);
}

static void a_failed_copy_ends_the_waiting_for_rows(void **state)
{
	struct expect q;

	(void)state;
	expect_init(&q);
	ask(&q, EXPECT_QUERY);
	answer_all(&q, "GE");
	assert_false(q.copy_in);
	assert_int_equal(expect_copy_end(&q, NULL), 0); /* comes late */
	answer_all(&q, "Z");
	assert_true(expect_idle(&q));
	expect_clear(&q);
}

static void a_stray_end_of_rows_is_nothing(void **state)
{
	struct expect q;

	(void)state;
	expect_init(&q);
	assert_int_equal(expect_copy_end(&q, NULL), 0);
	assert_true(expect_idle(&q));
	expect_clear(&q);
}

static void long_batches_are_kept_in_order(void **state)
{
	struct expect q;

	(void)state;
	expect_init(&q);
	ask(&q, EXPECT_PARSE);
	for (int i = 0; i < 10000; i++) {
		ask(&q, i % 2 ? EXPECT_BIND : EXPECT_EXECUTE);
		if (i % 2)
			answer_all(&q, i == 1 ? "1C" : "2C");
	}
	answer_all(&q, "2");
	assert_true(expect_idle(&q));
	/* Done entries give their room back: twenty thousand passed, never more than three waited. */
	assert_true(q.cap < 1000);
	expect_clear(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_query_is_answered_by_ready),
		cmocka_unit_test(extended_messages_are_answered_one_by_one),
		cmocka_unit_test(a_portal_is_suspended_and_goes_on),
		cmocka_unit_test(an_error_takes_the_batch_up_to_sync),
		cmocka_unit_test(without_sync_everything_is_discarded_until_it_comes),
		cmocka_unit_test(an_error_of_a_query_does_not_touch_what_follows),
		cmocka_unit_test(answers_to_ourselves_are_kept_back_with_their_notices),
		cmocka_unit_test(a_piece_of_a_string_ends_without_ready),
		cmocka_unit_test(our_error_stands_in_for_the_servers),
		cmocka_unit_test(rows_of_the_client),
		cmocka_unit_test(a_sync_sent_before_the_rows_has_no_answer),
		cmocka_unit_test(a_failed_copy_ends_the_waiting_for_rows),
		cmocka_unit_test(a_stray_end_of_rows_is_nothing),
		cmocka_unit_test(long_batches_are_kept_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
