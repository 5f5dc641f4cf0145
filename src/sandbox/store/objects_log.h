#ifndef SPARK_SANDBOX_OBJECTS_LOG_H
#define SPARK_SANDBOX_OBJECTS_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"

/* The bytes of a bucket's log: a file header, then records one after the other. Numbers are little endian.
 *
 * File header, 16 bytes: "SPARKOBJ", version (4), salt (4, random). The salt starts every record's CRC, so that a log
 * which somebody stores as an object is never taken for records of the log it lies in.
 *
 * Record, 48 bytes and text: magic (4), CRC-32 of all that follows (4), kind (1), lengths of etag and content type
 * (1, 1), uncovered (1), length of key (2), uncovered (2), length of metadata (4), length of data (4), modified (8),
 * size of the object (8), file number (8); then key, etag, content type, metadata as JSON, data.
 *
 * Zeros may stand behind the last record: room that is there before it is needed, see bucket_put(). */
#define LOG_HEADER_SIZE  16
#define LOG_RECORD_SIZE  48
#define LOG_INLINE_MAX   ((size_t)1024 * 1024) /* larger objects are files of their own */
#define LOG_KEY_MAX      1024
#define LOG_METADATA_MAX ((size_t)64 * 1024)

enum log_kind {
	LOG_PUT = 1,      /* the bytes follow */
	LOG_PUT_FILE = 2, /* the bytes are the file of that number */
	LOG_DELETE = 3,
	LOG_SEAL = 4, /* says only that all before it is durable; its key means nothing */
};

/* Texts are lent and not terminated. */
struct log_record {
	enum log_kind kind;
	int64_t modified_ms;
	uint64_t size_bytes, file_number;
	const char *key, *etag, *type, *metadata;
	size_t key_len, etag_len, type_len, metadata_len;
	const void *data;
	size_t data_len;
	/* How many bytes right before the record no fsync had covered when it was written: of those a power failure
	 * may leave any and lose any. Kept to the byte below 8 MiB, above that never too small. */
	uint64_t uncovered;
	size_t data_at; /* where the data begins, from the record's first byte; set by decoding */
	size_t total;   /* bytes of the whole record; set by decoding */
};

void log_header_encode(unsigned char out[LOG_HEADER_SIZE], uint32_t salt);
/* False when these are not the first bytes of a log. */
bool log_header_decode(const void *bytes, size_t len, uint32_t *salt);

/* Appends the record without its data, which is to be written right behind it. Lengths beyond the limits: ERR_BUG. */
int log_record_encode(const struct log_record *r, uint32_t salt, struct buf *out, struct err *err) MUST_CHECK;
/* Takes a whole record from the beginning of bytes; false when there is none. */
bool log_record_decode(const void *bytes, size_t len, uint32_t salt, struct log_record *out);
/* Is there a whole record behind the first byte which was written when that byte was durable already? Tells damage from
 * a torn tail. */
bool log_record_follows(const void *bytes, size_t len, uint32_t salt);

#endif
