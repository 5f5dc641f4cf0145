/* SHA-256 goes to OpenSSL's plain functions: the digest objects that it recommends look their algorithm up for every
 * message, which takes longer than to hash the few hundred bytes of a signature. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "spark/base/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <string.h>

#include "spark/base/mem.h"

struct hash {
	EVP_MD_CTX *ctx;
};

static int no_algorithm(struct err *err, const char *name)
{
	err_set(err, ERR_BUG, "OpenSSL cannot compute %s", name);
	return err_hint(err, "a policy of this system may forbid it; see openssl.cnf");
}

/* The digest of two pieces, one behind the other. */
static int sha256_pieces(const void *first, size_t first_len, const void *second, size_t second_len,
			 unsigned char out[SHA256_SIZE], struct err *err)
{
	SHA256_CTX state;
	int rc = -1;

	if (SHA256_Init(&state) == 1 && SHA256_Update(&state, first, first_len) == 1 &&
	    SHA256_Update(&state, second, second_len) == 1 && SHA256_Final(out, &state) == 1)
		rc = 0;
	explicit_bzero(&state, sizeof(state)); /* the last bytes are in it, and they may be a key's */
	return rc == 0 ? 0 : no_algorithm(err, "SHA-256");
}

int hash_sha256(const void *data, size_t len, unsigned char out[SHA256_SIZE], struct err *err)
{
	return sha256_pieces(data, len, "", 0, out, err);
}

int hash_sha256_hex(const void *data, size_t len, char out[SHA256_HEX], struct err *err)
{
	unsigned char digest[SHA256_SIZE];

	if (hash_sha256(data, len, digest, err) < 0)
		return -1;
	hash_hex(digest, sizeof(digest), out);
	return 0;
}

/* RFC 2104. */
int hash_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len, unsigned char out[SHA256_SIZE],
		     struct err *err)
{
	unsigned char block[SHA256_CBLOCK] = { 0 }, pad[SHA256_CBLOCK], inner[SHA256_SIZE];
	int rc = -1;

	if (key_len > sizeof(block)) {
		if (hash_sha256(key, key_len, block, err) != 0)
			return -1;
	} else if (key_len > 0) {
		memcpy(block, key, key_len);
	}
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] = block[i] ^ 0x36;
	if (sha256_pieces(pad, sizeof(pad), data, len, inner, err) == 0) {
		for (size_t i = 0; i < sizeof(pad); i++)
			pad[i] = block[i] ^ 0x5c;
		rc = sha256_pieces(pad, sizeof(pad), inner, sizeof(inner), out, err);
	}
	explicit_bzero(block, sizeof(block));
	explicit_bzero(pad, sizeof(pad));
	explicit_bzero(inner, sizeof(inner));
	return rc;
}

int hash_hmac_sha1(const void *key, size_t key_len, const void *data, size_t len, unsigned char out[SHA1_SIZE],
		   struct err *err)
{
	if (HMAC(EVP_sha1(), key, (int)key_len, data, len, out, NULL))
		return 0;
	return no_algorithm(err, "SHA-1");
}

int hash_pbkdf2_sha256(const void *password, size_t len, const void *salt, size_t salt_len, uint32_t rounds,
		       unsigned char out[SHA256_SIZE], struct err *err)
{
	if (PKCS5_PBKDF2_HMAC(password, (int)len, salt, (int)salt_len, (int)rounds, EVP_sha256(), SHA256_SIZE, out) !=
	    1)
		return no_algorithm(err, "PBKDF2");
	return 0;
}

int hash_md5(const void *data, size_t len, unsigned char out[MD5_SIZE], struct err *err)
{
	return EVP_Digest(data, len, out, NULL, EVP_md5(), NULL) == 1 ? 0 : no_algorithm(err, "MD5");
}

struct hash *hash_new(enum hash_kind kind, struct err *err)
{
	const EVP_MD *md = kind == HASH_SHA256 ? EVP_sha256() : kind == HASH_MD5 ? EVP_md5() : EVP_sha1();
	struct hash *h = mem_alloc(sizeof(*h));

	if (!h) {
		err_nomem(err);
		return NULL;
	}
	h->ctx = EVP_MD_CTX_new();
	if (!h->ctx) {
		err_nomem(err);
		hash_free(h);
		return NULL;
	}
	if (EVP_DigestInit_ex(h->ctx, md, NULL) != 1) {
		no_algorithm(err, "the digest");
		hash_free(h);
		return NULL;
	}
	return h;
}

int hash_update(struct hash *h, const void *data, size_t len, struct err *err)
{
	return EVP_DigestUpdate(h->ctx, data, len) == 1 ? 0 : no_algorithm(err, "the digest");
}

int hash_finish(struct hash *h, unsigned char *out, size_t *len, struct err *err)
{
	unsigned size = 0;
	int rc = EVP_DigestFinal_ex(h->ctx, out, &size) == 1 ? 0 : no_algorithm(err, "the digest");

	if (rc == 0)
		*len = size;
	hash_free(h);
	return rc;
}

void hash_free(struct hash *h)
{
	if (!h)
		return;
	EVP_MD_CTX_free(h->ctx);
	mem_free(h);
}

static uint32_t crc_table[256];

static void fill_crc_table(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;

		for (int bit = 0; bit < 8; bit++)
			c = (c >> 1) ^ (c & 1 ? UINT32_C(0xEDB88320) : 0);
		crc_table[i] = c;
	}
}

uint32_t hash_crc32(uint32_t crc, const void *data, size_t len)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const unsigned char *p = data;

	pthread_once(&once, fill_crc_table);
	crc = ~crc;
	while (len-- > 0)
		crc = crc_table[(crc ^ *p++) & 0xFF] ^ (crc >> 8);
	return ~crc;
}

void hash_hex(const void *data, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * len] = '\0';
}

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void hash_base64(struct buf *out, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i += 3) {
		size_t have = len - i < 3 ? len - i : 3;
		uint32_t bits = (uint32_t)p[i] << 16;
		char group[4];

		if (have > 1)
			bits |= (uint32_t)p[i + 1] << 8;
		if (have > 2)
			bits |= p[i + 2];
		for (size_t k = 0; k < 4; k++)
			group[k] = k <= have ? base64_digits[bits >> (18 - 6 * k) & 63] : '=';
		buf_add(out, group, sizeof(group));
	}
}

/* Strict: whole groups, padding only at the end, no bits set that belong to no byte. */
int hash_base64_decode(const char *text, size_t len, struct buf *out, struct err *err)
{
	size_t pad = 0;

	if (len % 4 != 0)
		return err_set(err, ERR_PARSE, "a base64 text of %zu characters is not whole", len);
	while (pad < 2 && pad < len && text[len - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < len; i += 4) {
		size_t digits = i + 4 == len ? 4 - pad : 4;
		uint32_t bits = 0;
		char bytes[3];

		for (size_t k = 0; k < 4; k++) {
			const char *at = k < digits && text[i + k] ? strchr(base64_digits, text[i + k]) : NULL;

			if (k < digits && !at)
				return err_set(err, ERR_PARSE, "character %zu of a base64 text is none of base64",
					       i + k + 1);
			bits = bits << 6 | (at ? (uint32_t)(at - base64_digits) : 0);
		}
		if ((digits == 3 && (bits & 0xFF)) || (digits == 2 && (bits & 0xFFFF)))
			return err_set(err, ERR_PARSE, "a base64 text ends in the middle of a byte");
		bytes[0] = (char)(bits >> 16);
		bytes[1] = (char)(bits >> 8);
		bytes[2] = (char)bits;
		buf_add(out, bytes, digits - 1);
	}
	return buf_check(out, "the decoded text", err);
}
