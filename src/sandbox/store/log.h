#ifndef SPARK_SANDBOX_STORE_LOG_H
#define SPARK_SANDBOX_STORE_LOG_H

#include <stdint.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"

/* An append-only file of records. Layout: 16 bytes naming the format, then per record a header of 16 bytes (magic,
 * length, CRC-32 of the payload, CRC-32 of the header so far; little-endian) and the payload. The magic holds bytes
 * that never occur in UTF-8 text, so no payload of JSON looks like a record. */
struct store_log;

/* Opens or makes the file and calls fn with each payload in order (non-zero stops and fails with what fn set). A bad
 * record with no whole one behind it is the torn tail of a write that was never acknowledged: cut off. A bad record
 * with whole ones behind it is damage: ERR_IO naming the offset. */
int store_log_open(const char *path, int (*fn)(void *arg, const char *payload, size_t len, struct err *err), void *arg,
		   struct store_log **out, struct err *err) MUST_CHECK;
void store_log_close(struct store_log *l);
uint64_t store_log_size(const struct store_log *l);
/* Writes one record and fsyncs. When it fails the file is as before; when not even that can be had, the log takes no
 * more records. */
int store_log_append(struct store_log *l, const struct buf *payload, struct err *err) MUST_CHECK;
/* Puts a new file in the place of the old one: `records` as made by store_log_frame(). */
int store_log_replace(struct store_log *l, const struct buf *records, struct err *err) MUST_CHECK;
/* The file's first bytes; appends one record to a buffer. */
void store_log_begin(struct buf *out);
void store_log_frame(struct buf *out, const char *payload, size_t len);

#endif
