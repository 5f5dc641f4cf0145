/* Layer: sandbox. Bytes that are read as a record of an object log are written back to the same bytes; a record made
 * from the input is read back, and is refused when one byte of it differs. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/store/objects_log.h"

#define SALT 0x5a17u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_records(const uint8_t *data, size_t size)
{
	struct log_record r;
	struct buf again;
	struct err err;

	buf_init(&again, BUF_MAX_DEFAULT);
	while (log_record_decode(data, size, SALT, &r)) {
		buf_reset(&again);
		if (r.total > size || r.data_at + r.data_len != r.total ||
		    log_record_encode(&r, SALT, &again, &err) < 0)
			abort();
		buf_add(&again, r.data, r.data_len);
		/* Bytes 11, 14 and 15 are spare: they are covered by the CRC but mean nothing. */
		if (again.len != r.total || memcmp(again.data + 16, data + 16, r.total - 16) != 0)
			abort();
		data += r.total;
		size -= r.total;
	}
	(void)log_record_follows(data, size, SALT);
	buf_clear(&again);
}

/* The first bytes say where the texts end; zero bytes are no part of a key. */
static void write_record(const uint8_t *data, size_t size)
{
	struct log_record r = { .kind = LOG_PUT,
				.etag = "e",
				.etag_len = 1,
				.type = "t",
				.type_len = 1,
				.metadata = "{}",
				.metadata_len = 2 },
			  got;
	size_t flip = size > 3 ? (size_t)data[1] << 8 | data[2] : 0;
	struct buf b;
	struct err err;

	if (size < 4)
		return;
	r.key = (const char *)data + 3;
	r.key_len = 1 + data[0] % (size - 3);
	if (r.key_len > LOG_KEY_MAX)
		r.key_len = LOG_KEY_MAX;
	if (memchr(r.key, 0, r.key_len))
		return;
	r.data = data + 3 + r.key_len;
	r.data_len = size - 3 - r.key_len;
	r.size_bytes = r.data_len;
	buf_init(&b, BUF_MAX_DEFAULT);
	if (log_record_encode(&r, SALT, &b, &err) < 0)
		abort();
	buf_add(&b, r.data, r.data_len);
	if (!log_record_decode(b.data, b.len, SALT, &got) || got.key_len != r.key_len || got.data_len != r.data_len ||
	    memcmp(got.data, r.data, r.data_len) != 0)
		abort();
	if (log_record_decode(b.data, b.len - 1, SALT, &got))
		abort();
	b.data[flip % b.len] = (char)(b.data[flip % b.len] ^ 0x10);
	if (log_record_decode(b.data, b.len, SALT, &got))
		abort();
	buf_clear(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t salt;

	(void)log_header_decode(data, size, &salt);
	read_records(data, size);
	write_record(data, size);
	return 0;
}
