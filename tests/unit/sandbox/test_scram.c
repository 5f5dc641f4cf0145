/* SCRAM-SHA-256: the example of RFC 7677, verifiers as PostgreSQL keeps them, and messages that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sandbox/wire/scram.h"
#include "spark/base/mem.h"

#define FIRST  "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
#define NONCE  "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define SALT   "W22ZaJ0SNY7soEsUEjb6gQ=="
#define ANSWER "r=rOprNGfwEbeRWgbNEkqO" NONCE ",s=" SALT ",i=4096"
#define LAST   "c=biws,r=rOprNGfwEbeRWgbNEkqO" NONCE ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
#define FINAL  "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

static void make(const char *password, struct scram_verifier *v)
{
	struct secret s = { 0 };
	struct buf salt;

	buf_init(&salt, 256);
	assert_int_equal(hash_base64_decode(SALT, strlen(SALT), &salt, NULL), 0);
	assert_int_equal(secret_set(&s, password, NULL), 0);
	assert_int_equal(scram_verifier_make(&s, (unsigned char *)salt.data, salt.len, v, NULL), 0);
	secret_clear(&s);
	buf_clear(&salt);
}

static void the_exchange_of_the_rfc(void **state)
{
	struct scram_verifier v, wrong;
	struct buf out;
	struct scram x;
	bool proved;

	(void)state;
	make("pencil", &v);
	make("pencils", &wrong);
	scram_init(&x);
	buf_init(&out, 4096);
	assert_int_equal(scram_begin(&x, FIRST, strlen(FIRST), &v, NONCE, &out, NULL), 0);
	assert_string_equal(out.data, ANSWER);
	buf_reset(&out);
	assert_int_equal(scram_prove(&x, LAST, strlen(LAST), &wrong, &proved, &out, NULL), 0);
	assert_false(proved);
	assert_int_equal(out.len, 0);
	assert_int_equal(scram_prove(&x, LAST, strlen(LAST), &v, &proved, &out, NULL), 0);
	assert_true(proved);
	assert_string_equal(out.data, FINAL);
	buf_clear(&out);
	scram_clear(&x);
}

static void verifiers_are_those_of_postgresql(void **state)
{
	struct scram_verifier v, again;
	struct buf text;

	(void)state;
	make("pencil", &v);
	buf_init(&text, 1024);
	assert_int_equal(scram_verifier_print(&v, &text, NULL), 0);
	assert_string_equal(text.data, "SCRAM-SHA-256$4096:" SALT "$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
				       "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
	assert_true(scram_verifier_parse(text.data, &again));
	assert_memory_equal(again.stored_key, v.stored_key, SHA256_SIZE);
	assert_memory_equal(again.server_key, v.server_key, SHA256_SIZE);
	assert_int_equal(again.iterations, 4096);
	buf_clear(&text);
}

static void other_texts_are_no_verifiers(void **state)
{
	static const char *const texts[] = { "",
					     "md5deadbeef",
					     "SCRAM-SHA-256$",
					     "SCRAM-SHA-256$4096",
					     "SCRAM-SHA-256$0:AAAA$AAAA:AAAA",
					     "SCRAM-SHA-256$99999999999:" SALT "$A:B",
					     "SCRAM-SHA-256$4096:" SALT "$AAAA:AAAA",
					     "SCRAM-SHA-256$4096:!!$AAAA:AAAA" };
	struct scram_verifier v;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(scram_verifier_parse(texts[i], &v));
}

static void first_messages_that_are_none_are_refused(void **state)
{
	static const struct {
		const char *text, *sqlstate;
	} rows[] = { { "", "08P01" },
		     { "n", "08P01" },
		     { "n,", "08P01" },
		     { "n,,", "0A000" },
		     { "x,,n=,r=abc", "08P01" },
		     { "n,a=other,n=,r=abc", "0A000" },
		     { "n,,r=abc", "08P01" },
		     { "n,,n=,r=", "08P01" },
		     { "n,,n=,r= blank", "08P01" },
		     { "n,,n=,x=abc", "08P01" },
		     { "n,,m=ext,n=,r=abc", "0A000" },
		     { "p=tls-unique,,n=,r=abc", "0A000" } };
	struct scram_verifier v;
	struct buf out;

	(void)state;
	make("pencil", &v);
	buf_init(&out, 4096);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].text);
		char *exact = mem_alloc(len + 1); /* one more for the empty one */
		struct err err = { 0 };
		struct scram x;

		assert_non_null(exact);
		memcpy(exact, rows[i].text, len);
		exact[len] = ',';
		scram_init(&x);
		assert_int_equal(scram_begin(&x, exact, len, &v, NONCE, &out, &err), -1);
		assert_string_equal(err.sqlstate, rows[i].sqlstate);
		scram_clear(&x);
		mem_free(exact);
	}
	buf_clear(&out);
}

static void a_changed_last_message_proves_nothing(void **state)
{
	struct scram_verifier v;
	struct buf out;
	struct scram x;

	(void)state;
	make("pencil", &v);
	scram_init(&x);
	buf_init(&out, 4096);
	assert_int_equal(scram_begin(&x, FIRST, strlen(FIRST), &v, NONCE, &out, NULL), 0);
	buf_reset(&out);
	for (size_t i = 0; i < strlen(LAST); i++) {
		char text[] = LAST;
		bool proved = false;

		text[i] = (char)(text[i] == 'A' ? 'B' : 'A');
		if (!scram_prove(&x, text, strlen(text), &v, &proved, &out, NULL))
			assert_false(proved);
		assert_false(proved);
		assert_int_equal(out.len, 0);
	}
	for (size_t len = 0; len < strlen(LAST); len++) {
		bool proved = false;

		if (!scram_prove(&x, LAST, len, &v, &proved, &out, NULL))
			assert_false(proved);
		assert_int_equal(out.len, 0);
	}
	buf_clear(&out);
	scram_clear(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_exchange_of_the_rfc),
		cmocka_unit_test(verifiers_are_those_of_postgresql),
		cmocka_unit_test(other_texts_are_no_verifiers),
		cmocka_unit_test(first_messages_that_are_none_are_refused),
		cmocka_unit_test(a_changed_last_message_proves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
