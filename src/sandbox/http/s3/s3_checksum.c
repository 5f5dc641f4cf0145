#include <pthread.h>

#include "sandbox/http/s3/s3_body.h"
#include "spark/base/hash.h"
#include "spark/base/mem.h"

const struct s3_checksum_row s3_checksums[S3_CHECKSUM_KINDS] = {
	[S3_CRC32] = { "x-amz-checksum-crc32", "ChecksumCRC32", "CRC32", 4 },
	[S3_CRC32C] = { "x-amz-checksum-crc32c", "ChecksumCRC32C", "CRC32C", 4 },
	[S3_CRC64NVME] = { "x-amz-checksum-crc64nvme", "ChecksumCRC64NVME", "CRC64NVME", 8 },
	[S3_SHA1] = { "x-amz-checksum-sha1", "ChecksumSHA1", "SHA1", 20 },
	[S3_SHA256] = { "x-amz-checksum-sha256", "ChecksumSHA256", "SHA256", 32 },
};

/* Reflected polynomials: Castagnoli (RFC 3720, appendix B.4) and the one of the NVM Express specification. */
#define CRC32C_POLYNOMIAL    UINT64_C(0x82f63b78)
#define CRC64NVME_POLYNOMIAL UINT64_C(0x9a6c9329ac4bc9b5)

static uint64_t crc_tables[2][256];
static pthread_once_t crc_once = PTHREAD_ONCE_INIT;

static void make_tables(void)
{
	static const uint64_t polynomials[2] = { CRC32C_POLYNOMIAL, CRC64NVME_POLYNOMIAL };

	for (int t = 0; t < 2; t++)
		for (uint64_t i = 0; i < 256; i++) {
			uint64_t value = i;

			for (int bit = 0; bit < 8; bit++)
				value = value & 1 ? (value >> 1) ^ polynomials[t] : value >> 1;
			crc_tables[t][i] = value;
		}
}

struct s3_checksum {
	enum s3_checksum_kind kind;
	uint64_t crc;
	struct hash *hash;
};

struct s3_checksum *s3_checksum_new(enum s3_checksum_kind kind, struct err *err)
{
	struct s3_checksum *s = mem_alloc(sizeof(*s));

	if (!s) {
		err_nomem(err);
		return NULL;
	}
	s->kind = kind;
	if (kind == S3_CRC32C || kind == S3_CRC64NVME) {
		pthread_once(&crc_once, make_tables);
		s->crc = kind == S3_CRC32C ? UINT32_MAX : UINT64_MAX;
	} else if (kind != S3_CRC32 && !(s->hash = hash_new(kind == S3_SHA1 ? HASH_SHA1 : HASH_SHA256, err))) {
		mem_free(s);
		return NULL;
	}
	return s;
}

int s3_checksum_update(struct s3_checksum *s, const void *data, size_t len, struct err *err)
{
	const unsigned char *p = data;
	const uint64_t *table = crc_tables[s->kind == S3_CRC64NVME];
	uint64_t crc = s->crc;

	if (s->hash)
		return hash_update(s->hash, data, len, err);
	if (s->kind == S3_CRC32) {
		s->crc = hash_crc32((uint32_t)crc, data, len);
		return 0;
	}
	for (size_t i = 0; i < len; i++)
		crc = table[(crc ^ p[i]) & 0xff] ^ (crc >> 8);
	s->crc = crc;
	return 0;
}

int s3_checksum_finish(struct s3_checksum *s, struct buf *base64, struct err *err)
{
	unsigned char digest[64];
	size_t len = s3_checksums[s->kind].size;
	uint64_t crc = s->kind == S3_CRC32 ? s->crc : ~s->crc;
	int rc = 0;

	if (s->hash) {
		rc = hash_finish(s->hash, digest, &len, err);
		s->hash = NULL;
	} else {
		for (size_t i = 0; i < len; i++)
			digest[i] = (unsigned char)(crc >> (8 * (len - 1 - i)));
	}
	if (rc == 0) {
		hash_base64(base64, digest, len);
		rc = buf_check(base64, "checksum", err);
	}
	s3_checksum_free(s);
	return rc;
}

void s3_checksum_free(struct s3_checksum *s)
{
	if (!s)
		return;
	hash_free(s->hash);
	mem_free(s);
}

int s3_checksum_whole(enum s3_checksum_kind kind, const void *data, size_t len, struct buf *base64, struct err *err)
{
	struct s3_checksum *s = s3_checksum_new(kind, err);

	if (!s)
		return -1;
	if (s3_checksum_update(s, data, len, err) < 0) {
		s3_checksum_free(s);
		return -1;
	}
	return s3_checksum_finish(s, base64, err);
}
