#include <string.h>

#include "sandbox/cluster/cron.h"
#include "spark/base/clock.h"
#include "unit/cm.h"

static struct cron read_schedule(const char *text)
{
	struct err err = { 0 };
	struct cron c;

	if (cron_parse(text, &c, &err))
		fail_msg("'%s': %s", text, err.text);
	return c;
}

static int64_t at(const char *time)
{
	struct err err = { 0 };
	int64_t ms = 0;

	if (clock_parse(time, &ms, &err))
		fail_msg("'%s': %s", time, err.text);
	return ms;
}

static void check_next(const char *schedule, const char *after, const char *expected)
{
	struct cron c = read_schedule(schedule);
	char text[CLOCK_TEXT];
	int64_t next;

	if (!cron_next(&c, at(after), &next)) {
		if (expected)
			fail_msg("'%s' after %s: never, not %s", schedule, after, expected);
		return;
	}
	clock_iso_s(next, text);
	if (!expected || strcmp(text, expected))
		fail_msg("'%s' after %s: %s, not %s", schedule, after, text, expected ? expected : "never");
}

/* 2026-11-21 is a Saturday. */
static void test_times_come_in_their_order(void **state)
{
	static const char *const rows[][3] = {
		{ "cron(30 10 ? * MON *)", "2026-11-21T12:00:00Z", "2026-11-23T10:30:00Z" },
		{ "cron(0 12 * * ? *)", "2026-11-21T12:00:00Z", "2026-11-22T12:00:00Z" },
		{ "cron(0 12 * * ? *)", "2026-11-21T11:59:59Z", "2026-11-21T12:00:00Z" },
		{ "cron(0/15 * * * ? *)", "2026-11-21T12:31:00Z", "2026-11-21T12:45:00Z" },
		{ "cron(5/20 8-9 ? * 2-6 *)", "2026-11-21T00:00:00Z", "2026-11-23T08:05:00Z" },
		{ "cron(0,59 23 31 DEC ? 2027)", "2026-11-21T12:00:00Z", "2027-12-31T23:00:00Z" },
		{ "cron(0 0 29 2 ? *)", "2026-11-21T12:00:00Z", "2028-02-29T00:00:00Z" },
		{ "cron(0 0 L * ? *)", "2027-02-01T00:00:00Z", "2027-02-28T00:00:00Z" },
		{ "cron(0 0 LW * ? *)", "2026-10-01T00:00:00Z", "2026-10-30T00:00:00Z" },
		{ "cron(0 0 1W * ? *)", "2026-07-31T12:00:00Z", "2026-08-03T00:00:00Z" },
		{ "cron(0 0 15W * ? *)", "2026-11-01T12:00:00Z", "2026-11-16T00:00:00Z" },
		{ "cron(0 0 ? * 6L *)", "2026-11-21T12:00:00Z", "2026-11-27T00:00:00Z" },
		{ "cron(0 0 ? * 2#1 *)", "2026-11-21T12:00:00Z", "2026-12-07T00:00:00Z" },
		{ "cron(0 0 ? * L *)", "2026-11-22T12:00:00Z", "2026-11-28T00:00:00Z" },
		{ "cron(0 0 ? JAN-MAR/2 fri-mon *)", "2026-11-21T12:00:00Z", "2027-01-01T00:00:00Z" },
		{ "cron(0 0 1 1 ? 2027-2030/3)", "2027-01-01T00:00:00Z", "2030-01-01T00:00:00Z" },
		{ "at(2026-11-21T12:00:01)", "2026-11-21T12:00:00Z", "2026-11-21T12:00:01Z" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_next(rows[i][0], rows[i][1], rows[i][2]);
}

static void test_what_is_past_never_comes_again(void **state)
{
	(void)state;
	check_next("at(2026-11-21T12:00:00)", "2026-11-21T12:00:00Z", NULL);
	check_next("cron(0 0 1 1 ? 2026)", "2026-11-21T12:00:00Z", NULL);
	check_next("cron(0 0 31 2 ? *)", "2026-11-21T12:00:00Z", NULL);
	check_next("cron(0 0 31W 2 ? *)", "2026-11-21T12:00:00Z", NULL);
}

static void test_a_wrong_schedule_is_refused_and_says_where(void **state)
{
	static const char *const rows[][2] = {
		{ "", "at(...) or cron(...)" },
		{ "rate(1 day)", "at(...) or cron(...)" },
		{ "cron(0 10 ? * MON *", "at(...) or cron(...)" },
		{ "cron(0 10 ? * MON)", "six fields" },
		{ "cron(0 10 ? * MON * *)", "six fields" },
		{ "cron(0 10 * * * *)", "question mark" },
		{ "cron(0 10 ? * ? *)", "question mark" },
		{ "cron(60 10 ? * MON *)", "minutes" },
		{ "cron(? 10 ? * MON *)", "minutes" },
		{ "cron(0 24 ? * MON *)", "hours" },
		{ "cron(0 9-8 ? * MON *)", "hours" },
		{ "cron(0 */0 ? * MON *)", "hours" },
		{ "cron(0 1,, ? * MON *)", "hours" },
		{ "cron(0 10 0 * ? *)", "day of month" },
		{ "cron(0 10 32 * ? *)", "day of month" },
		{ "cron(0 10 5WX * ? *)", "day of month" },
		{ "cron(0 10 1 JANUARY ? *)", "month" },
		{ "cron(0 10 ? * MON#6 *)", "day of week" },
		{ "cron(0 10 ? * 8 *)", "day of week" },
		{ "cron(0 10 1 1 ? 1969)", "year" },
		{ "cron(0 10 1 1 ? 2200)", "year" },
		{ "cron(0 99999999999999999999 1 1 ? *)", "hours" },
		{ "at(2026-11-21)", "yyyy-mm-dd" },
		{ "at(2026-11-21T12:00:00Z)", "yyyy-mm-dd" },
		{ "at(2026-13-21T12:00:00)", "yyyy-mm-dd" },
	};
	struct err err;
	struct cron c;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		err_clear(&err);
		if (!cron_parse(rows[i][0], &c, &err))
			fail_msg("'%s' was read", rows[i][0]);
		assert_int_equal(err.kind, ERR_PARSE);
		if (!strstr(err.text, rows[i][1]))
			fail_msg("'%s': '%s' does not name '%s'", rows[i][0], err.text, rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times_come_in_their_order),
		cmocka_unit_test(test_what_is_past_never_comes_again),
		cmocka_unit_test(test_a_wrong_schedule_is_refused_and_says_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
