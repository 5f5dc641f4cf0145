#include "unit/cm.h"

#include <string.h>

#include "spark/cli/progress.h"
#include "spark/cli/progress_lines.h"

static void assert_line(const struct event *e, const char *expected)
{
	struct buf b;

	buf_init(&b, 4096);
	progress_add_event(&b, e);
	assert_string_equal(b.data, expected);
	buf_clear(&b);
}

static void test_each_kind_of_event_is_one_line(void **state)
{
	(void)state;
	assert_line(&(struct event){ .kind = EVENT_STEP_END,
				     .group = "load",
				     .name = "10_staging_events",
				     .outcome = OUTCOME_DONE,
				     .ms = 1234,
				     .rows = 8056 },
		    "load       10_staging_events            done           1.2s  8056 rows");
	assert_line(&(struct event){ .kind = EVENT_STEP_END,
				     .group = "provision",
				     .name = "role",
				     .outcome = OUTCOME_FAILED,
				     .detail = "access denied",
				     .rows = -1 },
		    "provision  role                         failed         0.0s  access denied");
	assert_line(&(struct event){ .kind = EVENT_STEP_UPDATE,
				     .group = "provision",
				     .name = "cluster",
				     .detail = "creating 1m12s",
				     .rows = -1 },
		    "provision  cluster                      creating 1m12s");
	assert_line(&(struct event){ .kind = EVENT_CHECK, .name = "users_unique", .outcome = OUTCOME_PASS, .rows = 0 },
		    "PASS  users_unique");
	assert_line(&(struct event){ .kind = EVENT_CHECK,
				     .name = "users_unique",
				     .outcome = OUTCOME_FAIL,
				     .detail = "user_id 7",
				     .rows = 1 },
		    "FAIL  users_unique  1 row  user_id 7");
	assert_line(&(struct event){ .kind = EVENT_NOTE, .detail = "a line" }, "a line");
	assert_line(&(struct event){ .kind = EVENT_NOTE }, "");
}

static void test_a_step_under_way_tells_how_long(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	progress_add_running(&b, "*", "provision", "cluster", "creating", 72000);
	assert_string_equal(b.data, "* provision  cluster                      creating  1m12s");
	buf_clear(&b);
}

static void test_json_has_only_what_an_event_tells(void **state)
{
	static const struct {
		struct event event;
		const char *json;
	} cases[] = {
		{ { .kind = EVENT_STEP_BEGIN, .group = "load", .name = "a", .rows = -1 },
		  "{\"event\":\"begin\",\"group\":\"load\",\"name\":\"a\"}" },
		{ { .kind = EVENT_STEP_END, .group = "load", .name = "a", .outcome = OUTCOME_DONE, .ms = 5, .rows = 0 },
		  "{\"event\":\"end\",\"group\":\"load\",\"name\":\"a\",\"outcome\":\"done\",\"ms\":5,\"rows\":0}" },
		{ { .kind = EVENT_STEP_END, .group = "load", .name = "a", .outcome = OUTCOME_SKIPPED, .rows = -1 },
		  "{\"event\":\"end\",\"group\":\"load\",\"name\":\"a\",\"outcome\":\"skipped\",\"ms\":0}" },
		{ { .kind = EVENT_NOTE, .detail = "x \"y\"" }, "{\"event\":\"note\",\"detail\":\"x \\\"y\\\"\"}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf b;
		struct err err;
		struct json *doc = progress_event_json(&cases[i].event);
		assert_non_null(doc);
		buf_init(&b, 4096);
		assert_int_equal(json_print(doc, false, &b, &err), 0);
		assert_string_equal(b.data, cases[i].json);
		buf_clear(&b);
		json_free(doc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_kind_of_event_is_one_line),
		cmocka_unit_test(test_a_step_under_way_tells_how_long),
		cmocka_unit_test(test_json_has_only_what_an_event_tells),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
