/* When a call is made again, and after how long. */
#include "aws/retry.h"

#include "unit/cm.h"

static void services_that_ask_for_patience_are_asked_again(void **state)
{
	static const char *const codes[] = { "Throttling",
					     "ThrottlingException",
					     "RequestLimitExceeded",
					     "SlowDown",
					     "TooManyRequestsException",
					     "RequestTimeout",
					     "PriorRequestNotComplete" };
	static const int statuses[] = { 500, 502, 503, 504 };

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct retry_fact f = { .attempt = 1, .http_status = 400, .code = codes[i] };
		assert_true(retry_allowed(&f));
	}
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct retry_fact f = { .attempt = 2, .http_status = statuses[i], .code = "" };
		assert_true(retry_allowed(&f));
	}
}

static void refusals_are_final(void **state)
{
	static const char *const codes[] = { "AccessDenied", "ClusterAlreadyExists", "ValidationError", "LimitExceeded",
					     "" };

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct retry_fact f = { .attempt = 1, .idempotent = true, .http_status = 400, .code = codes[i] };
		assert_false(retry_allowed(&f));
	}
	struct retry_fact not_implemented = { .attempt = 1, .idempotent = true, .http_status = 501 };
	assert_false(retry_allowed(&not_implemented));
}

static void the_third_attempt_is_the_last(void **state)
{
	struct retry_fact f = { .attempt = 2, .idempotent = true, .http_status = 503, .code = "" };

	(void)state;
	assert_true(retry_allowed(&f));
	f.attempt = 3;
	assert_false(retry_allowed(&f));
	assert_true(retry_is_transient(&f));
}

static void what_may_have_been_done_is_not_done_twice(void **state)
{
	struct retry_fact f = { .attempt = 1, .connection_failed = true };

	(void)state;
	assert_true(retry_allowed(&f)); /* nothing had left */
	f.may_have_arrived = true;
	assert_false(retry_allowed(&f));
	f.idempotent = true;
	assert_true(retry_allowed(&f));
	f.timed_out = true; /* the time is used up */
	assert_false(retry_allowed(&f));
}

static void delays_grow_are_random_and_bounded(void **state)
{
	(void)state;
	assert_int_equal(retry_delay_ms(1, 0, 0), 0);
	assert_int_equal(retry_delay_ms(1, 0, 1000), 1000);
	assert_int_equal(retry_delay_ms(1, 0, 1001), 0);
	assert_int_equal(retry_delay_ms(2, 0, 2000), 2000);
	for (int attempt = 1; attempt < 70; attempt++)
		for (uint32_t r = 0; r < 4000000000u; r += 77777777u) {
			int64_t ms = retry_delay_ms(attempt, 0, r);
			assert_true(ms >= 0 && ms <= 20000);
		}
	assert_int_equal(retry_delay_ms(9, 0, 20000), 20000);
}

static void a_service_that_names_the_time_is_believed(void **state)
{
	(void)state;
	assert_int_equal(retry_delay_ms(1, 3, 10), 3000);
	assert_int_equal(retry_delay_ms(1, 1, 7), 1000);
	assert_int_equal(retry_delay_ms(1, 86400, 7), 60000);
	assert_int_equal(retry_delay_ms(1, -5, 7), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(services_that_ask_for_patience_are_asked_again),
		cmocka_unit_test(refusals_are_final),
		cmocka_unit_test(the_third_attempt_is_the_last),
		cmocka_unit_test(what_may_have_been_done_is_not_done_twice),
		cmocka_unit_test(delays_grow_are_random_and_bounded),
		cmocka_unit_test(a_service_that_names_the_time_is_believed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
