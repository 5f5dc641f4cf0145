#include "sandbox/store/objects_log.h"

#include "spark/base/hash.h"

static const char file_magic[8] = { 'S', 'P', 'A', 'R', 'K', 'O', 'B', 'J' };
static const unsigned char record_magic[4] = { 0xb5, 'o', 'b', 0x01 };
#define LOG_VERSION 1
/* "uncovered" has 24 bits: a number of bytes, or with the highest bit of so many units. */
#define UNCOVERED_EXACT ((uint64_t)1 << 23)
#define UNCOVERED_UNIT  ((uint64_t)64 * 1024)

static void put_number(unsigned char *out, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		out[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t get_number(const unsigned char *in, int bytes)
{
	uint64_t value = 0;

	for (int i = 0; i < bytes; i++)
		value |= (uint64_t)in[i] << (8 * i);
	return value;
}

void log_header_encode(unsigned char out[LOG_HEADER_SIZE], uint32_t salt)
{
	memcpy(out, file_magic, sizeof(file_magic));
	put_number(out + 8, LOG_VERSION, 4);
	put_number(out + 12, salt, 4);
}

bool log_header_decode(const void *bytes, size_t len, uint32_t *salt)
{
	const unsigned char *p = bytes;

	if (len < LOG_HEADER_SIZE || memcmp(p, file_magic, sizeof(file_magic)) != 0 ||
	    get_number(p + 8, 4) != LOG_VERSION)
		return false;
	*salt = (uint32_t)get_number(p + 12, 4);
	return true;
}

static uint64_t pack_uncovered(uint64_t bytes)
{
	uint64_t units = (bytes + UNCOVERED_UNIT - 1) / UNCOVERED_UNIT;

	if (bytes < UNCOVERED_EXACT)
		return bytes;
	return UNCOVERED_EXACT | (units < UNCOVERED_EXACT ? units : UNCOVERED_EXACT - 1);
}

static uint64_t unpack_uncovered(uint64_t packed)
{
	return packed & UNCOVERED_EXACT ? (packed & (UNCOVERED_EXACT - 1)) * UNCOVERED_UNIT : packed;
}

static bool lengths_fit(const struct log_record *r)
{
	return r->key_len >= 1 && r->key_len <= LOG_KEY_MAX && r->etag_len <= 255 && r->type_len <= 255 &&
	       r->metadata_len <= LOG_METADATA_MAX && r->data_len <= LOG_INLINE_MAX &&
	       (r->kind == LOG_PUT ? r->data_len == r->size_bytes : r->data_len == 0);
}

int log_record_encode(const struct log_record *r, uint32_t salt, struct buf *out, struct err *err)
{
	unsigned char head[LOG_RECORD_SIZE] = { 0 };
	uint64_t uncovered = pack_uncovered(r->uncovered);
	uint32_t crc;
	size_t start = out->len;

	if (!lengths_fit(r))
		return err_set(err, ERR_BUG, "object '%.*s' does not fit a record", (int)r->key_len, r->key);
	memcpy(head, record_magic, sizeof(record_magic));
	head[8] = (unsigned char)r->kind;
	head[9] = (unsigned char)r->etag_len;
	head[10] = (unsigned char)r->type_len;
	head[11] = (unsigned char)uncovered;
	put_number(head + 12, r->key_len, 2);
	put_number(head + 14, uncovered >> 8, 2);
	put_number(head + 16, r->metadata_len, 4);
	put_number(head + 20, r->data_len, 4);
	put_number(head + 24, (uint64_t)r->modified_ms, 8);
	put_number(head + 32, r->size_bytes, 8);
	put_number(head + 40, r->file_number, 8);
	(void)buf_reserve(out, sizeof(head) + r->key_len + r->etag_len + r->type_len + r->metadata_len);
	buf_add(out, head, sizeof(head));
	buf_add(out, r->key, r->key_len);
	buf_add(out, r->etag, r->etag_len);
	buf_add(out, r->type, r->type_len);
	buf_add(out, r->metadata, r->metadata_len);
	if (buf_check(out, "object record", err) < 0)
		return -1;
	crc = hash_crc32(salt, out->data + start + 8, out->len - start - 8);
	crc = r->data_len ? hash_crc32(crc, r->data, r->data_len) : crc;
	put_number((unsigned char *)out->data + start + 4, crc, 4);
	return 0;
}

bool log_record_decode(const void *bytes, size_t len, uint32_t salt, struct log_record *out)
{
	const unsigned char *p = bytes;
	struct log_record r = { 0 };

	if (len < LOG_RECORD_SIZE || memcmp(p, record_magic, sizeof(record_magic)) != 0)
		return false;
	if (p[8] < LOG_PUT || p[8] > LOG_SEAL)
		return false;
	r.kind = (enum log_kind)p[8];
	r.etag_len = p[9];
	r.type_len = p[10];
	r.key_len = (size_t)get_number(p + 12, 2);
	r.metadata_len = (size_t)get_number(p + 16, 4);
	r.data_len = (size_t)get_number(p + 20, 4);
	r.modified_ms = (int64_t)get_number(p + 24, 8);
	r.size_bytes = get_number(p + 32, 8);
	r.file_number = get_number(p + 40, 8);
	r.uncovered = unpack_uncovered(p[11] | get_number(p + 14, 2) << 8);
	if (!lengths_fit(&r))
		return false;
	r.data_at = LOG_RECORD_SIZE + r.key_len + r.etag_len + r.type_len + r.metadata_len;
	r.total = r.data_at + r.data_len;
	if (r.total > len || hash_crc32(salt, p + 8, r.total - 8) != (uint32_t)get_number(p + 4, 4))
		return false;
	r.key = (const char *)p + LOG_RECORD_SIZE;
	r.etag = r.key + r.key_len;
	r.type = r.etag + r.etag_len;
	r.metadata = r.type + r.type_len;
	r.data = p + r.data_at;
	/* A key is a C string everywhere else. */
	if (memchr(r.key, 0, r.data_at - LOG_RECORD_SIZE) != NULL)
		return false;
	*out = r;
	return true;
}

bool log_record_follows(const void *bytes, size_t len, uint32_t salt)
{
	const unsigned char *p = bytes, *end = p + len;
	struct log_record r;

	while (p < end && (p = memmem(p + 1, (size_t)(end - p) - 1, record_magic, sizeof(record_magic))) != NULL)
		if (log_record_decode(p, (size_t)(end - p), salt, &r) &&
		    r.uncovered < (uint64_t)(p - (const unsigned char *)bytes))
			return true;
	return false;
}
