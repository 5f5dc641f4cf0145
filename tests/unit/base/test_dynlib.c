#include "unit/cm.h"

#include <string.h>

#include "spark/base/dynlib.h"

static void test_functions_are_found_and_can_be_called(void **state)
{
	double (*power)(double, double) = NULL;
	const struct dynlib_symbol symbols[] = { { "pow", (void **)&power } };
	struct err err;

	(void)state;
	assert_int_equal(dynlib_load("libm.so.6", symbols, 1, &err), 0);
	assert_true(power(2, 10) == 1024);
}

static void test_what_is_missing_is_named(void **state)
{
	void *slot = NULL;
	const struct dynlib_symbol symbols[] = { { "no_such_function", &slot } };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(dynlib_load("libnone.so.9", symbols, 1, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, "'libnone.so.9'"));
	assert_true(err.hint[0] != '\0');
	assert_int_equal(dynlib_load("libm.so.6", symbols, 1, &err), -1);
	assert_string_equal(err.text, "the library 'libm.so.6' has no function 'no_such_function'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_functions_are_found_and_can_be_called),
		cmocka_unit_test(test_what_is_missing_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
