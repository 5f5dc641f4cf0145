#ifndef SPARK_BASE_HASH_H
#define SPARK_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"

#define SHA256_SIZE 32
#define SHA256_HEX  (2 * SHA256_SIZE + 1)
#define SHA1_SIZE   20
#define MD5_SIZE    16
#define MD5_HEX     (2 * MD5_SIZE + 1)

/* Over OpenSSL. They fail only when the library cannot provide the algorithm (ERR_BUG). */
int hash_sha256(const void *data, size_t len, unsigned char out[SHA256_SIZE], struct err *err) MUST_CHECK;
int hash_sha256_hex(const void *data, size_t len, char out[SHA256_HEX], struct err *err) MUST_CHECK;
int hash_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len, unsigned char out[SHA256_SIZE],
		     struct err *err) MUST_CHECK;
/* For what is signed in an old way only. */
int hash_hmac_sha1(const void *key, size_t key_len, const void *data, size_t len, unsigned char out[SHA1_SIZE],
		   struct err *err) MUST_CHECK;
/* A key out of a password, in so many rounds. */
int hash_pbkdf2_sha256(const void *password, size_t len, const void *salt, size_t salt_len, uint32_t rounds,
		       unsigned char out[SHA256_SIZE], struct err *err) MUST_CHECK;
int hash_md5(const void *data, size_t len, unsigned char out[MD5_SIZE], struct err *err) MUST_CHECK;

/* A hash in pieces. */
struct hash; /* opaque */
enum hash_kind { HASH_SHA256, HASH_MD5, HASH_SHA1 };
struct hash *hash_new(enum hash_kind kind, struct err *err) MUST_CHECK;
int hash_update(struct hash *h, const void *data, size_t len, struct err *err) MUST_CHECK;
/* Writes the digest (32, 16 or 20 bytes) and its length, then frees h. */
int hash_finish(struct hash *h, unsigned char *out, size_t *len, struct err *err) MUST_CHECK;
void hash_free(struct hash *h);

uint32_t hash_crc32(uint32_t crc, const void *data, size_t len); /* ISO 3309, as zlib; start with 0 */

/* Lower-case hexadecimal; out has room for 2 * len + 1. */
void hash_hex(const void *data, size_t len, char *out);
void hash_base64(struct buf *out, const void *data, size_t len);
int hash_base64_decode(const char *text, size_t len, struct buf *out, struct err *err) MUST_CHECK;

#endif
