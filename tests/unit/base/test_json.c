#include "unit/cm.h"

#include <float.h>
#include <string.h>

#include "spark/base/json.h"
#include "spark/base/mem.h"

static struct json *parse(const char *text)
{
	struct err err = { 0 };
	struct json *j = json_parse(text, strlen(text), &err);

	if (!j)
		fail_msg("'%s' was refused: %s", text, err.text);
	return j;
}

static void assert_prints(const struct json *j, bool pretty, const char *want)
{
	struct err err;
	struct buf out;

	buf_init(&out, 0);
	assert_int_equal(json_print(j, pretty, &out, &err), 0);
	assert_string_equal(out.data, want);
	buf_clear(&out);
}

static void test_members_are_read_by_type(void **state)
{
	struct json *j = parse(
		" {\"s\":\"x\\u00e9\",\"i\":-42,\"d\":1.5,\"t\":true,\"f\":false,\"n\":null,\"a\":[1,2],\"o\":{}} ");

	(void)state;
	assert_true(json_is_object(j));
	assert_string_equal(json_str(j, "s", "?"), "x\xC3\xA9");
	assert_string_equal(json_str(j, "i", "?"), "?");
	assert_null(json_str(j, "missing", NULL));
	assert_int_equal(json_int(j, "i", 7), -42);
	assert_int_equal(json_int(j, "d", 7), 7);
	assert_int_equal(json_int(j, "s", 7), 7);
	assert_true(json_double(j, "d", 0) == 1.5);
	assert_true(json_double(j, "s", 9) == 9);
	assert_true(json_bool(j, "t", false));
	assert_false(json_bool(j, "f", true));
	assert_true(json_bool(j, "n", true));
	assert_true(json_is_null(json_get(j, "n")));
	assert_int_equal(json_count(json_get(j, "a")), 2);
	assert_true(json_number(json_at(json_get(j, "a"), 1)) == 2);
	assert_null(json_at(json_get(j, "a"), 2));
	assert_int_equal(json_count(json_get(j, "o")), 0);
	assert_int_equal(json_count(j), 8);
	json_free(j);
}

static void test_nothing_is_a_value_without_members(void **state)
{
	(void)state;
	assert_null(json_get(NULL, "x"));
	assert_null(json_first(NULL));
	assert_null(json_next(NULL));
	assert_null(json_name(NULL));
	assert_null(json_text(NULL));
	assert_int_equal(json_count(NULL), 0);
	assert_string_equal(json_str(NULL, "x", "?"), "?");
	assert_true(json_number(NULL) == 0);
	json_free(NULL);
}

static void test_names_are_compared_byte_for_byte(void **state)
{
	struct json *j = parse("{\"Key\":1,\"key\":2}");

	(void)state;
	assert_int_equal(json_int(j, "key", 0), 2);
	assert_int_equal(json_int(j, "Key", 0), 1);
	assert_int_equal(json_int(j, "KEY", 0), 0);
	json_free(j);
}

static void test_integers_are_never_rounded(void **state)
{
	struct json *j =
		parse("{\"a\":9007199254740991,\"b\":9007199254740992,\"c\":9007199254740993,\"d\":-9007199254740993}");

	(void)state;
	assert_int_equal(json_int(j, "a", -1), INT64_C(9007199254740991));
	assert_int_equal(json_int(j, "b", -1), -1); /* could have been ...993 as well */
	assert_int_equal(json_int(j, "c", -1), -1);
	assert_int_equal(json_int(j, "d", -1), -1);
	assert_int_equal(json_set_int(j, "e", INT64_MAX), 0);
	assert_int_equal(json_set_int(j, "f", INT64_MIN), 0);
	assert_int_equal(json_int(j, "e", -1), INT64_MAX);
	assert_int_equal(json_int(j, "f", -1), INT64_MIN);
	assert_true(json_is_number(json_get(j, "e")));
	json_remove(j, "a");
	json_remove(j, "b");
	json_remove(j, "c");
	json_remove(j, "d");
	assert_prints(j, false, "{\"e\":9223372036854775807,\"f\":-9223372036854775808}");
	json_free(j);
}

static void test_what_json_does_not_allow_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"  ",
		"{} x",
		"{}{}",
		"[1,]",
		"{\"a\":1,}",
		"{a:1}",
		"{'a':1}",
		"[01]",
		"[+1]",
		"[.5]",
		"[1.]",
		"[1e]",
		"[1e999]",
		"[-]",
		"[NaN]",
		"[Infinity]",
		"[True]",
		"tru",
		"[1 2]",
		"{\"a\" 1}",
		"{\"a\":}",
		"[\"a",
		"[\"\\x\"]",
		"[\"\\u12g4\"]",
		"[\"\\u12\"]",
		"[\"\\u0000\"]",
		"{\"\\u0000\":1}",
		"[\"\\ud800\"]",
		"[\"\\ud800\\u0041\"]",
		"[\"\\udc00\"]",
		"[\"a\nb\"]",
		"[\"\xC3\"]",
		"[\"\xC0\x80\"]",
		"[\"\xED\xA0\x80\"]",
		"[\"\xF5\x80\x80\x80\"]",
		"\xEF\xBB\xBF{}",
		"[1] // no",
		"{\"a\":1,\"a\":2}",
		"[{\"x\":{\"b\":1,\"c\":2,\"b\":3}}]",
		"{\"a\":1,\"\\u0061\":2}",
		"[\v1]",
		"[1234567890123456789012345678901234567890123456789012345678901234]",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct err err = { 0 };

		if (json_parse(bad[i], strlen(bad[i]), &err))
			fail_msg("'%s' was accepted", bad[i]);
		assert_int_equal(err.kind, ERR_PARSE);
		assert_non_null(strstr(err.text, "not valid JSON"));
	}
}

static void test_nul_bytes_are_refused(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_null(json_parse("[\"a\0b\"]", 7, &err));
	assert_int_equal(err.kind, ERR_PARSE);
	assert_null(json_parse("[1]\0", 4, &err));
}

static void test_the_place_of_a_mistake_is_told(void **state)
{
	struct err err;

	(void)state;
	assert_null(json_parse("{\n  \"a\": 1\n  \"b\": 2\n}", 22, &err));
	assert_string_equal(err.text, "not valid JSON at line 3, column 3: a ',' or '}' was expected");
}

static void test_depth_has_a_limit(void **state)
{
	char text[500];
	struct err err = { 0 };
	struct json *j;

	(void)state;
	memset(text, '[', 200);
	memset(text + 200, ']', 200);
	j = json_parse(text, 400, &err);
	assert_non_null(j);
	json_free(j);
	memset(text, '[', 201);
	memset(text + 201, ']', 201);
	assert_null(json_parse(text, 402, &err));
	assert_int_equal(err.kind, ERR_PARSE);
}

static void test_building_and_printing(void **state)
{
	struct json *j = json_new_object(), *list = json_new_array();

	(void)state;
	assert_int_equal(json_set_str(j, "name", "caf\xC3\xA9 \"x\"\n"), 0);
	assert_int_equal(json_set_int(j, "n", 7), 0);
	assert_int_equal(json_set_bool(j, "ok", true), 0);
	assert_int_equal(json_append_str(list, "a"), 0);
	assert_int_equal(json_append(list, json_new_object()), 0);
	assert_int_equal(json_append_str(list, NULL), 0);
	assert_int_equal(json_set(j, "list", list), 0);
	assert_prints(j, false, "{\"name\":\"caf\xC3\xA9 \\\"x\\\"\\n\",\"n\":7,\"ok\":true,\"list\":[\"a\",{},null]}");
	assert_prints(j, true,
		      "{\n  \"name\": \"caf\xC3\xA9 \\\"x\\\"\\n\",\n  \"n\": 7,\n  \"ok\": true,\n  \"list\": [\n"
		      "    \"a\",\n    {},\n    null\n  ]\n}");
	assert_int_equal(json_set_str(j, "n", NULL), 0);
	json_remove(j, "list");
	json_remove(j, "not there");
	assert_prints(j, false, "{\"name\":\"caf\xC3\xA9 \\\"x\\\"\\n\",\"n\":null,\"ok\":true}");
	json_free(j);
}

static void test_setting_replaces_in_place(void **state)
{
	struct json *j = parse("{\"a\":1,\"b\":2,\"c\":3}");

	(void)state;
	assert_int_equal(json_set_int(j, "a", 10), 0);
	assert_int_equal(json_set_int(j, "b", 20), 0);
	assert_int_equal(json_set_int(j, "c", 30), 0);
	assert_int_equal(json_set_int(j, "d", 40), 0);
	assert_prints(j, false, "{\"a\":10,\"b\":20,\"c\":30,\"d\":40}");
	json_free(j);
	j = parse("{\"only\":1}");
	assert_int_equal(json_set_bool(j, "only", false), 0);
	assert_int_equal(json_set_int(j, "next", 2), 0);
	assert_prints(j, false, "{\"only\":false,\"next\":2}");
	json_free(j);
}

static void test_the_wrong_container_is_refused_and_nothing_leaks(void **state)
{
	struct json *j = json_new_array();

	(void)state;
	assert_int_equal(json_set_int(j, "a", 1), -1);
	assert_int_equal(json_set(j, "a", NULL), -1);
	assert_int_equal(json_append(NULL, json_new_object()), -1);
	assert_int_equal(json_append(j, NULL), -1);
	json_free(j);
}

static void test_array_items_are_removed_and_copies_stand_alone(void **state)
{
	struct json *j = parse("[1,[2,3],4]"), *copy = json_copy(j);

	(void)state;
	json_remove_at(j, 1);
	json_remove_at(j, 9);
	assert_prints(j, false, "[1,4]");
	json_free(j);
	assert_prints(copy, false, "[1,[2,3],4]");
	json_free(copy);
}

static void test_numbers_are_printed_so_that_they_read_back(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "[0]", "[0]" },
		{ "[-0]", "[0]" },
		{ "[1.5]", "[1.5]" },
		{ "[0.1]", "[0.1]" },
		{ "[1e3]", "[1000]" },
		{ "[9007199254740991]", "[9007199254740991]" },
		{ "[1541105830796]", "[1541105830796]" },
		{ "[1e300]", "[1e+300]" },
		{ "[0.30000000000000004]", "[0.30000000000000004]" },
		{ "[-73.98939]", "[-73.98939]" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct json *j = parse(cases[i].in);

		assert_prints(j, false, cases[i].out);
		json_free(j);
	}
}

static void test_quoting_replaces_what_is_no_utf8(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 0);
	json_quote(&out,
		   "a\xFF"
		   "b\x01/\0c",
		   7);
	assert_string_equal(out.data, "\"a\xEF\xBF\xBD"
				      "b\\u0001/\\u0000c\"");
	buf_clear(&out);
}

static void test_want_of_memory_anywhere_is_an_error_and_no_leak(void **state)
{
	static const char text[] = "{\"a\":[1,{\"b\":\"c\"}],\"d\":null}";
	long n = 1;

	(void)state;
	for (;; n++) {
		struct err err = { 0 };
		struct json *j;

		mem_fail_at(n);
		j = json_parse(text, strlen(text), &err);
		mem_fail_at(0);
		if (j) {
			json_free(j);
			break;
		}
		assert_int_equal(err.kind, ERR_NOMEM);
	}
	assert_true(n > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members_are_read_by_type),
		cmocka_unit_test(test_nothing_is_a_value_without_members),
		cmocka_unit_test(test_names_are_compared_byte_for_byte),
		cmocka_unit_test(test_integers_are_never_rounded),
		cmocka_unit_test(test_what_json_does_not_allow_is_refused),
		cmocka_unit_test(test_nul_bytes_are_refused),
		cmocka_unit_test(test_the_place_of_a_mistake_is_told),
		cmocka_unit_test(test_depth_has_a_limit),
		cmocka_unit_test(test_building_and_printing),
		cmocka_unit_test(test_setting_replaces_in_place),
		cmocka_unit_test(test_the_wrong_container_is_refused_and_nothing_leaks),
		cmocka_unit_test(test_array_items_are_removed_and_copies_stand_alone),
		cmocka_unit_test(test_numbers_are_printed_so_that_they_read_back),
		cmocka_unit_test(test_quoting_replaces_what_is_no_utf8),
		cmocka_unit_test(test_want_of_memory_anywhere_is_an_error_and_no_leak),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
