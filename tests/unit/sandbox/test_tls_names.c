/* The names that the sandbox's certificate holds for: its own, what it listens on, what --allow-host gave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox/tls/names.h"

#define OWN 6 /* localhost in its forms */

static int count(const struct tls_names *n, const char *name)
{
	int found = 0;

	for (size_t i = 0; i < n->count; i++)
		found += strcmp(n->list[i], name) == 0;
	return found;
}

static struct tls_names make(const char *bind, const char *const *allowed)
{
	struct tls_names n = { 0 };
	struct err err = { 0 };

	if (tls_names_make(bind, allowed, &n, &err))
		fail_msg("%s", err.text);
	return n;
}

static void the_machine_itself_is_always_named(void **state)
{
	static const char *const own[] = { "localhost",      "*.localhost", "s3.localhost",
					   "*.s3.localhost", "127.0.0.1",   "::1" };
	struct tls_names n = make("127.0.0.1", NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		assert_int_equal(count(&n, own[i]), 1);
	assert_int_equal(n.count, OWN);
	tls_names_clear(&n);
	assert_int_equal(n.count, 0);
	tls_names_clear(&n);
}

static void the_address_that_it_listens_on_is_named(void **state)
{
	struct tls_names n = make("192.0.2.7", NULL);

	(void)state;
	assert_int_equal(count(&n, "192.0.2.7"), 1);
	assert_int_equal(n.count, OWN + 1);
	tls_names_clear(&n);
}

static void all_addresses_mean_those_of_the_machine(void **state)
{
	static const char *const wild[] = { "0.0.0.0", "::" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct tls_names n = make(wild[i], NULL);

		assert_int_equal(count(&n, wild[i]), 0);
		assert_int_equal(count(&n, "127.0.0.1"), 1);
		for (size_t k = OWN; k < n.count; k++)
			assert_true(tls_names_is_address(n.list[k]));
		tls_names_clear(&n);
	}
}

static void hosts_that_are_allowed_are_named_once(void **state)
{
	const char *const allowed[] = { "build-7.example.com", "Sandbox", "a_b.test", "10.1.2.3",
					"2001:db8::1",         "Sandbox", NULL };
	struct tls_names n = make("127.0.0.1", allowed);

	(void)state;
	for (const char *const *a = allowed; *a; a++)
		assert_int_equal(count(&n, *a), 1);
	assert_int_equal(n.count, OWN + 5);
	tls_names_clear(&n);
}

static void what_is_no_host_name_is_refused_by_name(void **state)
{
	char name[300];
	static const char *const bad[] = { "",    "a b",   "http://a", "a:443", "a,DNS:b", ".a",       "a..b",
					   "a.",  "-a",    "a.-b",     "*.a",   "a/b",     "a\nDNS:b", "b\xc3\xbcrger",
					   "a;b", "[::1]", "1.2.3.4:5" };

	(void)state;
	memset(name, 'a', sizeof(name));
	name[254] = 0;
	for (size_t i = 0; i <= sizeof(bad) / sizeof(bad[0]); i++) {
		const char *text = i < sizeof(bad) / sizeof(bad[0]) ? bad[i] : name;
		const char *const allowed[] = { "good.example", text, NULL };
		struct tls_names n = { 0 };
		struct err err = { 0 };

		if (!tls_names_make("127.0.0.1", allowed, &n, &err))
			fail_msg("'%s' is taken", text);
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_non_null(strstr(err.text, "is no host name"));
		assert_non_null(strstr(err.hint, "without scheme and port"));
		assert_int_equal(n.count, 0);
	}
	name[253] = 0;
	{
		const char *const allowed[] = { name, NULL };
		struct tls_names n = make("127.0.0.1", allowed);

		assert_int_equal(count(&n, name), 1);
		tls_names_clear(&n);
	}
}

static void addresses_are_told_from_names(void **state)
{
	(void)state;
	assert_true(tls_names_is_address("10.0.0.1"));
	assert_true(tls_names_is_address("::"));
	assert_true(tls_names_is_address("fe80::1"));
	assert_false(tls_names_is_address("10.0.0"));
	assert_false(tls_names_is_address("10.0.0.256"));
	assert_false(tls_names_is_address("localhost"));
	assert_false(tls_names_is_address(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_machine_itself_is_always_named),
		cmocka_unit_test(the_address_that_it_listens_on_is_named),
		cmocka_unit_test(all_addresses_mean_those_of_the_machine),
		cmocka_unit_test(hosts_that_are_allowed_are_named_once),
		cmocka_unit_test(what_is_no_host_name_is_refused_by_name),
		cmocka_unit_test(addresses_are_told_from_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
