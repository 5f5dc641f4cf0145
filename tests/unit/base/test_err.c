#include "unit/cm.h"

#include <errno.h>
#include <string.h>

#include "spark/base/err.h"

static void test_setting_forgets_what_was_before(void **state)
{
	struct err err = { .http_status = 500, .code = "Old", .hint = "old" };

	(void)state;
	assert_int_equal(err_set(&err, ERR_CONFIG, "cannot read '%s'", "a"), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_string_equal(err.text, "cannot read 'a'");
	assert_int_equal(err.http_status, 0);
	assert_string_equal(err.code, "");
	assert_string_equal(err.hint, "");
}

static void test_nobody_needs_to_listen(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, ERR_BUG, "x"), -1);
	assert_int_equal(err_wrap(NULL, "x"), -1);
	assert_int_equal(err_hint(NULL, "x"), -1);
	assert_int_equal(err_set_errno(NULL, ERR_IO, EIO, "x"), -1);
	err_clear(NULL);
	assert_false(err_has_code(NULL, "x"));
	assert_int_equal(err_exit_code(NULL), 0);
}

static void test_context_goes_before_the_text_and_the_rest_stays(void **state)
{
	struct err err;

	(void)state;
	err_set_errno(&err, ERR_IO, ENOENT, "cannot open '%s'", "x");
	err_hint(&err, "make it");
	memcpy(err.code, "NoSuchKey", 10);
	err_wrap(&err, "step '%s'", "load");
	assert_string_equal(err.text, "step 'load': cannot open 'x': No such file or directory");
	assert_string_equal(err.hint, "make it");
	assert_true(err_has_code(&err, "NoSuchKey"));
	assert_false(err_has_code(&err, "NoSuch"));
}

static void test_an_err_may_quote_itself(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, ERR_IO, "inner");
	err_set(&err, ERR_AWS, "outer: %s", err.text);
	assert_string_equal(err.text, "outer: inner");
}

static void test_long_text_is_cut_between_characters(void **state)
{
	static char text[4000];
	struct err err;
	size_t len;

	(void)state;
	/* Two bytes each, and one before, so that the cut would fall into the middle of one. */
	for (size_t i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\xC3\xA9", 2);
	for (size_t pad = 0; pad < 2; pad++) {
		err_set(&err, ERR_IO, "%s%s", pad ? "x" : "", text);
		len = strlen(err.text);
		assert_true(len >= sizeof(err.text) - 3 && len < sizeof(err.text));
		assert_int_equal((len - pad) % 2, 0);
	}
	err_wrap(&err, "%s", text);
	assert_true(strlen(err.text) < sizeof(err.text));
}

static void test_exit_codes_are_the_documented_ones(void **state)
{
	static const struct {
		enum err_kind kind;
		int http_status, code;
	} cases[] = {
		{ ERR_NONE, 0, 0 },        { ERR_CHECK, 0, 1 },    { ERR_USAGE, 0, 2 },    { ERR_CONFIG, 0, 3 },
		{ ERR_CREDENTIALS, 0, 3 }, { ERR_AWS, 400, 4 },    { ERR_DATABASE, 0, 5 }, { ERR_TIMEOUT, 0, 6 },
		{ ERR_UNREACHABLE, 0, 6 }, { ERR_CONFLICT, 0, 7 }, { ERR_IO, 0, 3 },       { ERR_PARSE, 0, 3 },
		{ ERR_PARSE, 200, 4 },     { ERR_NOMEM, 0, 70 },   { ERR_BUG, 0, 70 },     { ERR_INTERRUPTED, 0, 130 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct err err = { .kind = cases[i].kind, .http_status = cases[i].http_status };

		assert_int_equal(err_exit_code(&err), cases[i].code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_setting_forgets_what_was_before),
		cmocka_unit_test(test_nobody_needs_to_listen),
		cmocka_unit_test(test_context_goes_before_the_text_and_the_rest_stays),
		cmocka_unit_test(test_an_err_may_quote_itself),
		cmocka_unit_test(test_long_text_is_cut_between_characters),
		cmocka_unit_test(test_exit_codes_are_the_documented_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
