#include "unit/cm.h"

#include <string.h>

#include "spark/base/clock.h"

static const int64_t moment = INT64_C(1795255592574); /* 2026-11-21 10:06:32.574 */

static void test_a_moment_is_written_in_four_forms(void **state)
{
	char text[CLOCK_TEXT];

	(void)state;
	clock_iso(moment, text);
	assert_string_equal(text, "2026-11-21T10:06:32.574Z");
	clock_iso_s(moment, text);
	assert_string_equal(text, "2026-11-21T10:06:32Z");
	clock_basic(moment, text);
	assert_string_equal(text, "20261121T100632Z");
	clock_http(moment, text);
	assert_string_equal(text, "Sat, 21 Nov 2026 10:06:32 GMT");
	clock_iso(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59.999Z");
}

static void test_each_form_is_read_back(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "2026-11-21T10:06:32.574Z", INT64_C(1795255592574) },
		{ "2026-11-21T10:06:32.5741234Z", INT64_C(1795255592574) },
		{ "2026-11-21T10:06:32.5+00:00", INT64_C(1795255592500) },
		{ "2026-11-21T10:06:32Z", INT64_C(1795255592000) },
		{ "20261121T100632Z", INT64_C(1795255592000) },
		{ "Sat, 21 Nov 2026 10:06:32 GMT", INT64_C(1795255592000) },
		{ "2024-02-29T00:00:00Z", INT64_C(1709164800000) },
		{ "1970-01-01T00:00:00Z", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct err err;
		int64_t ms = -1;

		assert_int_equal(clock_parse(cases[i].text, &ms, &err), 0);
		assert_int_equal(ms, cases[i].ms);
	}
}

static void test_what_is_no_time_is_refused(void **state)
{
	static const char *const bad[] = { "",
					   "yesterday",
					   "2023-02-29T00:00:00Z",
					   "2026-13-01T00:00:00Z",
					   "2026-11-21T24:00:00Z",
					   "2026-11-21T10:06:32",
					   "2026-11-21T10:06:32.Z",
					   "2026-11-21T10:06:32Zx",
					   "20261121T100632",
					   "Sat, 21 Foo 2026 10:06:32 GMT",
					   "Sat, 21 Nov 2026 10:06:32 CET" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct err err = { 0 };
		int64_t ms = 7;

		assert_int_equal(clock_parse(bad[i], &ms, &err), -1);
		assert_int_equal(err.kind, ERR_PARSE);
		assert_int_equal(ms, 7);
	}
}

static void test_the_calendar_holds_over_four_hundred_years(void **state)
{
	int64_t day_ms = INT64_C(86400000);
	int weekday = 4; /* 1970-01-01 was a Thursday */

	(void)state;
	for (int64_t day = 0; day < 146097; day++, weekday = (weekday + 1) % 7) {
		struct utc t;

		clock_to_utc(day * day_ms + 5, &t);
		assert_int_equal(clock_from_utc(&t), day * day_ms + 5);
		assert_int_equal(t.weekday, weekday);
	}
}

static void test_durations_read_well(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = { { 0, "0s" },        { -5, "0s" },       { 3400, "3s" },       { 3500, "4s" },
		      { 59600, "1m00s" }, { 72000, "1m12s" }, { 7500000, "2h05m" }, { INT64_C(360000000), "100h00m" } };
	char text[CLOCK_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		clock_duration(cases[i].ms, text);
		assert_string_equal(text, cases[i].text);
	}
}

static void test_a_sleeper_is_woken_by_the_stop_flag(void **state)
{
	volatile int stop = 1;

	(void)state;
	assert_int_equal(clock_sleep(&clock_system, 3600000, &stop), -1);
	stop = 0;
	assert_int_equal(clock_sleep(&clock_system, 1, &stop), 0);
	assert_int_equal(clock_sleep(&clock_system, -1, NULL), 0);
	assert_true(clock_now(&clock_system) > INT64_C(1700000000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_moment_is_written_in_four_forms),
		cmocka_unit_test(test_each_form_is_read_back),
		cmocka_unit_test(test_what_is_no_time_is_refused),
		cmocka_unit_test(test_the_calendar_holds_over_four_hundred_years),
		cmocka_unit_test(test_durations_read_well),
		cmocka_unit_test(test_a_sleeper_is_woken_by_the_stop_flag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
