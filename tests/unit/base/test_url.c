#include "unit/cm.h"

#include <string.h>

#include "spark/base/url.h"

static void test_text_is_encoded_as_the_signer_wants_it(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	url_encode(&b, "a-_.~ /+&=%\xC3\xA9", 13, false);
	assert_string_equal(b.data, "a-_.~%20%2F%2B%26%3D%25%C3%A9");
	buf_reset(&b);
	url_encode(&b, "a/b c", 5, true);
	assert_string_equal(b.data, "a/b%20c");
	buf_clear(&b);
}

static void test_every_byte_survives_the_way_there_and_back(void **state)
{
	char all[256];
	struct buf coded, plain;
	struct err err;

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	buf_init(&coded, 0);
	buf_init(&plain, 0);
	url_encode(&coded, all, sizeof(all), false);
	assert_int_equal(url_decode(&plain, coded.data, coded.len, true, &err), 0);
	assert_int_equal(plain.len, 256);
	assert_memory_equal(plain.data, all, 256);
	buf_clear(&coded);
	buf_clear(&plain);
}

static void test_plus_is_a_blank_only_in_forms(void **state)
{
	struct buf b;
	struct err err;

	(void)state;
	buf_init(&b, 0);
	assert_int_equal(url_decode(&b, "a+b%2b", 6, true, &err), 0);
	assert_string_equal(b.data, "a b+");
	buf_reset(&b);
	assert_int_equal(url_decode(&b, "a+b", 3, false, &err), 0);
	assert_string_equal(b.data, "a+b");
	buf_clear(&b);
}

static void test_broken_escapes_are_refused(void **state)
{
	static const char *const bad[] = { "%", "%4", "a%zz", "%4g", "%%20" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct err err = { 0 };
		struct buf b;

		buf_init(&b, 0);
		assert_int_equal(url_decode(&b, bad[i], strlen(bad[i]), false, &err), -1);
		assert_int_equal(err.kind, ERR_PARSE);
		buf_clear(&b);
	}
}

static void test_addresses_are_taken_apart(void **state)
{
	static const struct {
		const char *text, *scheme, *host;
		int port;
		bool port_given;
		const char *path;
	} cases[] = {
		{ "http://localhost:4566", "http", "localhost", 4566, true, "" },
		{ "https://example.com", "https", "example.com", 443, false, "" },
		{ "HTTP://h/", "http", "h", 80, false, "/" },
		{ "http://[::1]:80/a/b?c=d", "http", "::1", 80, true, "/a/b?c=d" },
		{ "https://[fe80::1]", "https", "fe80::1", 443, false, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct url u;
		struct err err;

		assert_int_equal(url_parse(&u, cases[i].text, &err), 0);
		assert_string_equal(u.scheme, cases[i].scheme);
		assert_string_equal(u.host, cases[i].host);
		assert_int_equal(u.port, cases[i].port);
		assert_int_equal(u.port_given, cases[i].port_given);
		assert_string_equal(u.path, cases[i].path);
		url_clear(&u);
		assert_null(u.text);
	}
}

static void test_what_is_no_address_is_refused(void **state)
{
	static const char *const bad[] = { "",           "localhost:4566", "ftp://h",
					   "http://",    "http:///x",      "http://h:",
					   "http://h:0", "http://h:65536", "http://h:8x",
					   "http://h?x", "http://[::1",    "http://[::1]x",
					   "http://a b", "http://h/\n",    "http://user:pw@h" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct url u = { .port = 7 };
		struct err err = { 0 };

		assert_int_equal(url_parse(&u, bad[i], &err), -1);
		assert_int_equal(err.kind, ERR_PARSE);
		assert_true(err.hint[0] != '\0');
		assert_int_equal(u.port, 7);
		assert_null(strstr(err.text, "pw"));
	}
}

static void test_s3_addresses(void **state)
{
	static const char *const bad[] = { "s3:/b/k",    "http://b/k", "s3://",       "s3://ab/k",  "s3://Abc/k",
					   "s3://-abc/", "s3://abc-/", "s3://a..b/k", "s3://a_bc/k" };
	char bucket[64];
	const char *key;
	struct err err;

	(void)state;
	assert_int_equal(url_parse_s3("s3://udacity-dend/log_data/2018", bucket, &key, &err), 0);
	assert_string_equal(bucket, "udacity-dend");
	assert_string_equal(key, "log_data/2018");
	assert_int_equal(url_parse_s3("s3://abc", bucket, &key, &err), 0);
	assert_string_equal(key, "");
	assert_int_equal(url_parse_s3("s3://abc//x", bucket, &key, &err), 0);
	assert_string_equal(key, "/x");
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(url_parse_s3(bad[i], bucket, &key, &err), -1);
}

static void test_this_machine_is_known(void **state)
{
	static const char *const here[] = { "http://127.0.0.1:4566", "https://localhost/x", "http://LOCALHOST:1",
					    "http://127.8.9.1", "http://[::1]:80" };
	static const char *const elsewhere[] = { "http://127.example.com", "https://localhost.example.com",
						 "http://128.0.0.1", "localhost", "" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(here); i++)
		assert_true(url_is_loopback(here[i]));
	for (size_t i = 0; i < COUNT_OF(elsewhere); i++)
		assert_false(url_is_loopback(elsewhere[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_is_encoded_as_the_signer_wants_it),
		cmocka_unit_test(test_every_byte_survives_the_way_there_and_back),
		cmocka_unit_test(test_plus_is_a_blank_only_in_forms),
		cmocka_unit_test(test_broken_escapes_are_refused),
		cmocka_unit_test(test_addresses_are_taken_apart),
		cmocka_unit_test(test_what_is_no_address_is_refused),
		cmocka_unit_test(test_s3_addresses),
		cmocka_unit_test(test_this_machine_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
