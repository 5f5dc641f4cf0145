#include "unit/cm.h"

#include <string.h>

#include "spark/base/hash.h"

/* Known answers: FIPS 180-4 (SHA-256), RFC 4231 (HMAC), RFC 1321 (MD5), the check value of CRC-32. */
static void test_known_answers(void **state)
{
	unsigned char digest[SHA256_SIZE];
	char hex[SHA256_HEX];
	struct err err;

	(void)state;
	assert_int_equal(hash_sha256_hex("abc", 3, hex, &err), 0);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(hash_sha256_hex("", 0, hex, &err), 0);
	assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_int_equal(hash_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, digest, &err), 0);
	hash_hex(digest, sizeof(digest), hex);
	assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	/* A key longer than a block is hashed first. */
	char key[131];
	memset(key, 0xaa, sizeof(key));
	assert_int_equal(hash_hmac_sha256(key, sizeof(key), "Test Using Larger Than Block-Size Key - Hash Key First",
					  54, digest, &err),
			 0);
	hash_hex(digest, sizeof(digest), hex);
	assert_string_equal(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	assert_int_equal(hash_hmac_sha256(NULL, 0, "", 0, digest, &err), 0);
	hash_hex(digest, sizeof(digest), hex);
	assert_string_equal(hex, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
	/* RFC 2202 */
	assert_int_equal(hash_hmac_sha1("Jefe", 4, "what do ya want for nothing?", 28, digest, &err), 0);
	hash_hex(digest, SHA1_SIZE, hex);
	assert_string_equal(hex, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
	assert_int_equal(hash_md5("abc", 3, digest, &err), 0);
	hash_hex(digest, MD5_SIZE, hex);
	assert_string_equal(hex, "900150983cd24fb0d6963f7d28e17f72");
	assert_int_equal(hash_crc32(0, "123456789", 9), 0xCBF43926);
	assert_int_equal(hash_crc32(hash_crc32(0, "1234", 4), "56789", 5), 0xCBF43926);
}

static void test_pieces_give_what_the_whole_gives(void **state)
{
	static const struct {
		enum hash_kind kind;
		const char *hex;
	} cases[] = {
		{ HASH_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ HASH_MD5, "900150983cd24fb0d6963f7d28e17f72" },
		{ HASH_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		unsigned char digest[64];
		char hex[129];
		struct err err;
		size_t len = 0;
		struct hash *h = hash_new(cases[i].kind, &err);

		assert_non_null(h);
		assert_int_equal(hash_update(h, "a", 1, &err), 0);
		assert_int_equal(hash_update(h, "", 0, &err), 0);
		assert_int_equal(hash_update(h, "bc", 2, &err), 0);
		assert_int_equal(hash_finish(h, digest, &len, &err), 0);
		hash_hex(digest, len, hex);
		assert_string_equal(hex, cases[i].hex);
	}
	hash_free(NULL);
}

/* RFC 4648, section 10. */
static void test_base64_there_and_back(void **state)
{
	static const char *const pairs[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
	};
	struct err err;
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	for (size_t i = 0; i < COUNT_OF(pairs); i++) {
		buf_reset(&b);
		hash_base64(&b, pairs[i][0], strlen(pairs[i][0]));
		assert_string_equal(b.data, pairs[i][1]);
		buf_reset(&b);
		assert_int_equal(hash_base64_decode(pairs[i][1], strlen(pairs[i][1]), &b, &err), 0);
		assert_string_equal(b.data, pairs[i][0]);
	}
	buf_clear(&b);
}

static void test_broken_base64_is_refused(void **state)
{
	static const char *const bad[] = {
		"Z", "Zg=", "Zg", "Z===", "====", "Zg==Zg==", "Zh==", "Zm9=", "Z g=", "Zm-_"
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct err err = { 0 };
		struct buf b;

		buf_init(&b, 0);
		assert_int_equal(hash_base64_decode(bad[i], strlen(bad[i]), &b, &err), -1);
		assert_int_equal(err.kind, ERR_PARSE);
		buf_clear(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_answers),
		cmocka_unit_test(test_pieces_give_what_the_whole_gives),
		cmocka_unit_test(test_base64_there_and_back),
		cmocka_unit_test(test_broken_base64_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
