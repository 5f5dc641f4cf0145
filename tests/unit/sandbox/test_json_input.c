#include "unit/cm.h"

#include "sandbox/http/json_service.h"

static const struct json_rule rules[] = {
	{ "name", JSON_RULE_TEXT, true, 3, 8, "[a-z-]+" },  { "count", JSON_RULE_INTEGER, false, 1, 100, NULL },
	{ "flag", JSON_RULE_BOOL, false, 0, 0, NULL },      { "words", JSON_RULE_TEXTS, false, 1, 2, "yes|no" },
	{ "things", JSON_RULE_OBJECTS, false, 0, 2, NULL }, { "userPassword", JSON_RULE_TEXT, false, 8, 64, NULL },
	{ NULL, JSON_RULE_TEXT, false, 0, 0, NULL },
};

/* The code with which the input is refused, "" when it is taken. */
static const char *refused(const char *text, struct err *err)
{
	struct json *in;
	int rc;

	err_clear(err);
	in = json_parse(text, strlen(text), err);
	assert_non_null(in);
	rc = json_input_check(in, rules, err);
	json_free(in);
	assert_int_equal(rc, *err->code ? -1 : 0);
	return err->code;
}

static void what_fits_is_taken(void **state)
{
	static const char *const good[] = {
		"{\"name\": \"abc\"}",
		"{\"name\": \"a-b-c-de\", \"count\": 100, \"flag\": false}",
		"{\"name\": \"abc\", \"words\": [\"yes\", \"no\"], \"things\": [{}, {\"a\": 1}]}",
		"{\"name\": \"abc\", \"count\": null, \"unknown\": [1]}",
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_string_equal(refused(good[i], &err), "");
}

static void what_does_not_is_refused_with_its_name(void **state)
{
	static const struct {
		const char *input, *code, *says;
	} bad[] = {
		{ "{}", "ValidationException", "'name' failed to satisfy constraint: Member must not be null" },
		{ "{\"name\": \"ab\"}", "ValidationException", "length greater than or equal to 3" },
		{ "{\"name\": \"abcdefghi\"}", "ValidationException", "length less than or equal to 8" },
		{ "{\"name\": \"abc1\"}", "ValidationException", "regular expression pattern: [a-z-]+" },
		{ "{\"name\": \"abc\\ndef\"}", "ValidationException", "regular expression pattern" },
		{ "{\"name\": 5}", "SerializationException", "name" },
		{ "{\"name\": \"abc\", \"count\": 0}", "ValidationException", "value greater than or equal to 1" },
		{ "{\"name\": \"abc\", \"count\": 1.5}", "SerializationException", "count" },
		{ "{\"name\": \"abc\", \"count\": 1e300}", "SerializationException", "count" },
		{ "{\"name\": \"abc\", \"flag\": \"true\"}", "SerializationException", "flag" },
		{ "{\"name\": \"abc\", \"words\": []}", "ValidationException", "'words'" },
		{ "{\"name\": \"abc\", \"words\": [\"maybe\"]}", "ValidationException", "'maybe' at 'words'" },
		{ "{\"name\": \"abc\", \"words\": [{}]}", "SerializationException", "words" },
		{ "{\"name\": \"abc\", \"things\": [{}, {}, {}]}", "ValidationException", "'things'" },
		{ "{\"name\": \"abc\", \"things\": {}}", "SerializationException", "things" },
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_string_equal(refused(bad[i].input, &err), bad[i].code);
		assert_non_null(strstr(err.text, bad[i].says));
		assert_int_equal(err.http_status, 400);
	}
}

static void a_password_is_not_repeated(void **state)
{
	struct err err;

	(void)state;
	assert_string_equal(refused("{\"name\": \"abc\", \"userPassword\": \"Ab3dE\"}", &err), "ValidationException");
	assert_null(strstr(err.text, "Ab3dE"));
}

static void a_page_token_comes_back(void **state)
{
	struct json *doc = json_new_object(), *other;
	struct err err;
	struct buf last;

	(void)state;
	buf_init(&last, 100);
	assert_int_equal(json_page_token_set(doc, "NextToken", "public.t\xC3\xA9", &err), 0);
	assert_null(strstr(json_str(doc, "NextToken", ""), "public"));
	assert_int_equal(json_page_token_get(doc, "NextToken", &last, &err), 0);
	assert_string_equal(last.data, "public.t\xC3\xA9");
	json_free(doc);
	buf_reset(&last);
	doc = json_new_object();
	assert_int_equal(json_page_token_get(doc, "NextToken", &last, &err), 0);
	assert_int_equal(last.len, 0);
	json_free(doc);
	other = json_parse("{\"NextToken\": \"not base64!\"}", 28, &err);
	assert_non_null(other);
	assert_int_equal(json_page_token_get(other, "NextToken", &last, &err), -1);
	assert_string_equal(err.code, "ValidationException");
	json_free(other);
	buf_clear(&last);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_is_taken),
		cmocka_unit_test(what_does_not_is_refused_with_its_name),
		cmocka_unit_test(a_password_is_not_repeated),
		cmocka_unit_test(a_page_token_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
