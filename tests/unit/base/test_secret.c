#include "unit/cm.h"

#include <ctype.h>
#include <string.h>

#include "spark/base/mem.h"
#include "spark/base/secret.h"

static void test_a_secret_is_kept_copied_and_cleared(void **state)
{
	struct secret a = { 0 }, b = { 0 };
	struct err err;

	(void)state;
	assert_false(secret_is_set(&a));
	assert_string_equal(secret_value(&a), "");
	assert_string_equal(secret_mask(&a), "");
	assert_int_equal(secret_set(&a, "swordfish", &err), 0);
	assert_int_equal(secret_copy(&b, &a, &err), 0);
	secret_clear(&a);
	assert_false(secret_is_set(&a));
	assert_string_equal(secret_value(&b), "swordfish");
	assert_int_equal(b.len, 9);
	assert_string_equal(secret_mask(&b), "***");
	assert_int_equal(secret_copy(&b, &b, &err), 0);
	assert_string_equal(secret_value(&b), "swordfish");
	assert_int_equal(secret_copy(&b, &a, &err), 0);
	assert_false(secret_is_set(&b));
	secret_clear(&b);
	secret_clear(NULL);
}

static void test_a_secret_may_be_replaced_by_a_part_of_itself(void **state)
{
	struct secret s = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(secret_set(&s, "prefix:value", &err), 0);
	assert_int_equal(secret_set(&s, secret_value(&s) + 7, &err), 0);
	assert_string_equal(secret_value(&s), "value");
	secret_clear(&s);
}

static void test_a_page_long_secret_still_ends_in_zero(void **state)
{
	static char text[8193];
	struct secret s = { 0 };
	struct err err;

	(void)state;
	memset(text, 'x', 8192);
	for (size_t len = 4094; len <= 8192; len += len < 4098 ? 1 : 1024) {
		assert_int_equal(secret_set_bytes(&s, text, len, &err), 0);
		assert_int_equal(strlen(secret_value(&s)), len);
	}
	secret_clear(&s);
}

static void test_more_secrets_than_slots_are_kept_apart(void **state)
{
	enum { MANY = 2500 };
	struct secret *many = mem_alloc_array(MANY, sizeof(*many));
	struct err err;
	char text[64];

	(void)state;
	assert_non_null(many);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < MANY; i++) {
			snprintf(text, sizeof(text), "secret %d of %d", i, round);
			assert_int_equal(secret_set(&many[i], text, &err), 0);
		}
		for (int i = 0; i < MANY; i++) {
			snprintf(text, sizeof(text), "secret %d of %d", i, round);
			assert_string_equal(secret_value(&many[i]), text);
		}
		for (int i = round; i < MANY; i += 2)
			secret_clear(&many[i]);
	}
	for (int i = 0; i < MANY; i++)
		secret_clear(&many[i]);
	mem_free(many);
}

static void test_comparing(void **state)
{
	(void)state;
	assert_true(secret_equal("abc", 3, "abc", 3));
	assert_false(secret_equal("abc", 3, "abd", 3));
	assert_false(secret_equal("abc", 3, "abcd", 4));
	assert_true(secret_equal("", 0, "", 0));
	assert_true(secret_equal("a\0b", 3, "a\0b", 3));
	assert_false(secret_equal("a\0b", 3, "a\0c", 3));
}

static void test_random_passwords_satisfy_redshift(void **state)
{
	char last[65] = "";
	struct err err;

	(void)state;
	for (size_t i = 0; i < 300; i++) {
		size_t len = 8 + i % 57;
		struct secret s = { 0 };
		int upper = 0, lower = 0, digit = 0;

		assert_int_equal(secret_random_password(&s, len, &err), 0);
		assert_int_equal(strlen(secret_value(&s)), len);
		for (const char *p = secret_value(&s); *p; p++) {
			upper += isupper((unsigned char)*p) != 0;
			lower += islower((unsigned char)*p) != 0;
			digit += isdigit((unsigned char)*p) != 0;
			assert_true(*p > 32 && *p < 127);
			assert_null(strchr("'\"\\/@ ", *p));
		}
		assert_true(upper && lower && digit);
		assert_string_not_equal(secret_value(&s), last);
		memcpy(last, secret_value(&s), len + 1);
		secret_clear(&s);
	}
}

static void test_passwords_of_other_lengths_are_refused(void **state)
{
	struct secret s = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(secret_random_password(&s, 7, &err), -1);
	assert_int_equal(secret_random_password(&s, 65, &err), -1);
	assert_int_equal(err.kind, ERR_BUG);
	assert_false(secret_is_set(&s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_secret_is_kept_copied_and_cleared),
		cmocka_unit_test(test_a_secret_may_be_replaced_by_a_part_of_itself),
		cmocka_unit_test(test_a_page_long_secret_still_ends_in_zero),
		cmocka_unit_test(test_more_secrets_than_slots_are_kept_apart),
		cmocka_unit_test(test_comparing),
		cmocka_unit_test(test_random_passwords_satisfy_redshift),
		cmocka_unit_test(test_passwords_of_other_lengths_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
