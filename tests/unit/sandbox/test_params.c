#include "unit/sandbox/a_world.h"

static int parse(const char *query, const char *body, struct params **p, struct err *err)
{
	struct http_request r = {
		.method = "POST", .target = "/", .query = query, .body = body, .body_len = body ? strlen(body) : 0
	};

	return params_parse(&r, p, err);
}

static void test_pairs_come_from_body_and_query(void **state)
{
	struct params *p;
	struct err err;

	(void)state;
	assert_int_equal(
		parse("Action=A&Version=2", "Filter.1.Value.1=a+b%2Bc%C3%A9&Empty=&Bare&&Filter.10.Name=x", &p, &err),
		0);
	assert_string_equal(params_get(p, "Action"), "A");
	assert_string_equal(params_get(p, "Version"), "2");
	assert_string_equal(params_getf(p, "Filter.%d.Value.%d", 1, 1), "a b+c\xC3\xA9");
	assert_string_equal(params_getf(p, "Filter.%d.Name", 10), "x");
	assert_string_equal(params_get(p, "Empty"), "");
	assert_string_equal(params_get(p, "Bare"), "");
	assert_null(params_get(p, "action"));
	assert_null(params_getf(p, "Filter.%d.Name", 1));
	assert_null(params_getf(p, "%0600d", 1));
	params_free(p);
	assert_int_equal(parse("", NULL, &p, &err), 0);
	assert_null(params_get(p, "x"));
	params_free(p);
}

static void test_malformed_forms_are_refused(void **state)
{
	static const char *const bad[] = { "a=1&a=2", "a=%zz", "a=%4", "a=%00b", "%00=1", "a=%ff", "a=\xC3(" };
	struct params *p;
	struct err err;
	char *many;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		if (!parse("", bad[i], &p, &err))
			fail_msg("'%s' was accepted", bad[i]);
		assert_string_equal(err.code, "MalformedQueryString");
		assert_int_equal(err.http_status, 400);
	}
	assert_int_equal(parse("a=1", "a=1", &p, &err), -1);
	many = mem_alloc(700);
	memset(many, 'n', 600);
	assert_int_equal(parse("", many, &p, &err), -1);
	assert_string_equal(err.code, "MalformedQueryString");
	mem_free(many);
}

static void test_numbers_and_truth(void **state)
{
	static const char *const bad[] = { "Bad=",     "Bad=x", "Bad=1.5", "Bad=+5",
					   "Bad=%205", "Bad=9", "Bad=101", "Bad=99999999999999999999" };
	struct params *p;
	struct err err;
	int64_t n;
	bool b;

	(void)state;
	assert_int_equal(parse("", "N=10&M=-3&T=true&F=FALSE&X=yes", &p, &err), 0);
	assert_int_equal(params_int(p, "N", 7, 10, 100, &n, &err), 0);
	assert_int_equal(n, 10);
	assert_int_equal(params_int(p, "M", 7, -5, 100, &n, &err), 0);
	assert_int_equal(n, -3);
	assert_int_equal(params_int(p, "absent", 7, 10, 100, &n, &err), 0);
	assert_int_equal(n, 7);
	assert_int_equal(params_bool(p, "T", false, &b, &err), 0);
	assert_true(b);
	assert_int_equal(params_bool(p, "F", true, &b, &err), 0);
	assert_false(b);
	assert_int_equal(params_bool(p, "absent", true, &b, &err), 0);
	assert_true(b);
	assert_int_equal(params_bool(p, "X", true, &b, &err), -1);
	assert_string_equal(err.code, "InvalidParameterValue");
	params_free(p);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_int_equal(parse("", bad[i], &p, &err), 0);
		if (!params_int(p, "Bad", 0, 10, 100, &n, &err))
			fail_msg("'%s' was accepted", bad[i]);
		assert_string_equal(err.code, "InvalidParameterValue");
		params_free(p);
	}
}

static void test_thousands_of_parameters_are_found(void **state)
{
	struct params *p;
	struct err err;
	struct buf body;

	(void)state;
	buf_init(&body, 0);
	for (int i = 1; i <= 10000; i++)
		buf_printf(&body, "%sTag.%d.Key=%d", i > 1 ? "&" : "", i, i * 3);
	assert_int_equal(parse("", body.data, &p, &err), 0);
	for (int i = 1; i <= 10000; i++)
		assert_int_equal(atoi(params_getf(p, "Tag.%d.Key", i)), i * 3);
	params_free(p);
	buf_clear(&body);
}

static void test_running_out_of_memory_is_told(void **state)
{
	struct params *p;
	struct err err;
	bool done = false;

	(void)state;
	for (long nth = 1; !done; nth++) {
		int rc;

		mem_fail_at(nth);
		rc = parse("a=1", "b=2&c=%20", &p, &err);
		mem_fail_at(0);
		if (rc) {
			assert_int_equal(err.kind, ERR_NOMEM);
		} else {
			assert_string_equal(params_get(p, "c"), " ");
			params_free(p);
			done = true;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs_come_from_body_and_query),
		cmocka_unit_test(test_malformed_forms_are_refused),
		cmocka_unit_test(test_numbers_and_truth),
		cmocka_unit_test(test_thousands_of_parameters_are_found),
		cmocka_unit_test(test_running_out_of_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
