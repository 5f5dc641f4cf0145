/* Signing keys are remembered, and never answer for another secret, day, region or service. */
#include <string.h>

#include "sandbox/access/signing_key.h"
#include "unit/cm.h"

#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

static void claim(struct sign_claim *c, const char *id, const char *date, const char *region, const char *service)
{
	memset(c, 0, sizeof(*c));
	snprintf(c->key_id, sizeof(c->key_id), "%s", id);
	snprintf(c->date, sizeof(c->date), "%s", date);
	snprintf(c->region, sizeof(c->region), "%s", region);
	snprintf(c->service, sizeof(c->service), "%s", service);
}

/* Hexadecimal, so that a failure can be read. */
static void key_of(const struct sign_claim *c, const char *secret, char hex[SHA256_HEX])
{
	unsigned char key[SHA256_SIZE];
	struct secret s = { 0 };
	struct err err;

	assert_int_equal(secret_set(&s, secret, &err), 0);
	assert_int_equal(signing_key_get(c, &s, key, &err), 0);
	hash_hex(key, sizeof(key), hex);
	secret_clear(&s);
}

static void test_the_published_key_comes_out_again_and_again(void **state)
{
	struct sign_claim c;
	char hex[SHA256_HEX];

	(void)state;
	claim(&c, "AKIDEXAMPLE", "20150830", "us-east-1", "iam");
	for (int i = 0; i < 3; i++) {
		key_of(&c, SECRET, hex);
		assert_string_equal(hex, "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
	}
}

static void test_each_part_of_the_scope_and_the_secret_has_a_key_of_its_own(void **state)
{
	static const struct {
		const char *id, *date, *region, *service, *secret;
		bool same;
	} others[] = {
		{ "AKIDEXAMPLE", "20150831", "us-east-1", "iam", SECRET, false },
		{ "AKIDEXAMPLE", "20150830", "us-east-2", "iam", SECRET, false },
		{ "AKIDEXAMPLE", "20150830", "us-east-1", "sts", SECRET, false },
		{ "AKIDEXAMPLE", "20150830", "us-east-1", "iam", SECRET "x", false },
		{ "AKIDEXAMPLE", "20150830", "us-east-1", "iam", "", false },
		/* The id has no part in it, but in who may use what is remembered. */
		{ "AKIDOTHER", "20150830", "us-east-1", "iam", SECRET, true },
	};
	struct sign_claim c;
	char first[SHA256_HEX], hex[SHA256_HEX];

	(void)state;
	claim(&c, "AKIDEXAMPLE", "20150830", "us-east-1", "iam");
	key_of(&c, SECRET, first);
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		struct sign_claim other;

		claim(&other, others[i].id, others[i].date, others[i].region, others[i].service);
		for (int again = 0; again < 2; again++) {
			key_of(&other, others[i].secret, hex);
			if ((strcmp(hex, first) == 0) != others[i].same)
				fail_msg("row %zu: %s", i, hex);
		}
		key_of(&c, SECRET, hex);
		assert_string_equal(hex, first);
	}
}

static void test_more_keys_than_can_be_remembered_are_still_right(void **state)
{
	struct sign_claim c;
	char id[32], hex[SHA256_HEX], first[100][SHA256_HEX];

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 100; i++) {
			char secret[64];

			snprintf(id, sizeof(id), "AKID%d", i);
			snprintf(secret, sizeof(secret), "secret of %d", i);
			claim(&c, id, "20261121", "us-west-2", "s3");
			key_of(&c, secret, hex);
			if (round == 0)
				memcpy(first[i], hex, sizeof(hex));
			assert_string_equal(hex, first[i]);
			assert_true(i == 0 || strcmp(first[i], first[i - 1]) != 0);
		}
	}
}

static void test_what_was_forgotten_and_what_is_too_long_is_worked_out_anew(void **state)
{
	struct sign_claim c;
	char secret[600], before[SHA256_HEX], after[SHA256_HEX];

	(void)state;
	claim(&c, "AKIDEXAMPLE", "20150830", "us-east-1", "iam");
	key_of(&c, SECRET, before);
	signing_key_forget("AKIDEXAMPLE");
	key_of(&c, SECRET, after);
	assert_string_equal(before, after);
	signing_key_forget(NULL);
	key_of(&c, SECRET, after);
	assert_string_equal(before, after);
	memset(secret, 'x', sizeof(secret) - 1);
	secret[sizeof(secret) - 1] = 0;
	key_of(&c, secret, before);
	key_of(&c, secret, after);
	assert_string_equal(before, after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_published_key_comes_out_again_and_again),
		cmocka_unit_test(test_each_part_of_the_scope_and_the_secret_has_a_key_of_its_own),
		cmocka_unit_test(test_more_keys_than_can_be_remembered_are_still_right),
		cmocka_unit_test(test_what_was_forgotten_and_what_is_too_long_is_worked_out_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
