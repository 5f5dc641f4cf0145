#ifndef SPARK_SANDBOX_HTTP_S3_BODY_H
#define SPARK_SANDBOX_HTTP_S3_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"
#include "spark/base/json.h"

struct s3_call;

/* s3_checksum.c: the five algorithms of x-amz-checksum-*. */
enum s3_checksum_kind { S3_CRC32, S3_CRC32C, S3_CRC64NVME, S3_SHA1, S3_SHA256, S3_CHECKSUM_KINDS };
struct s3_checksum_row {
	const char *header;  /* "x-amz-checksum-crc32" */
	const char *element; /* "ChecksumCRC32" */
	const char *name;    /* "CRC32" */
	size_t size;         /* bytes of the digest */
};
extern const struct s3_checksum_row s3_checksums[S3_CHECKSUM_KINDS];
struct s3_checksum;
struct s3_checksum *s3_checksum_new(enum s3_checksum_kind kind, struct err *err) MUST_CHECK;
int s3_checksum_update(struct s3_checksum *s, const void *data, size_t len, struct err *err) MUST_CHECK;
/* Appends base64, then frees. */
int s3_checksum_finish(struct s3_checksum *s, struct buf *base64, struct err *err) MUST_CHECK;
void s3_checksum_free(struct s3_checksum *s); /* accepts NULL */
int s3_checksum_whole(enum s3_checksum_kind kind, const void *data, size_t len, struct buf *base64,
		      struct err *err) MUST_CHECK;

/* s3_chunked.c: bodies in aws-chunked form: "<hex size>[;chunk-signature=<hex>]\r\n<bytes>\r\n" ..., the last of no
 * bytes, then trailers "name:value\r\n" and an empty line (which some clients leave out). */
struct s3_chunk_handler {
	int (*data)(void *arg, const void *bytes, size_t len, const char *signature, struct err *err); /* last: len 0 */
	int (*trailer)(void *arg, const char *name, const char *value, struct err *err);
	void *arg;
};
/* signature is "" when a chunk has none. A broken form: ERR_PARSE; handlers' errors are passed on. */
int s3_chunked_decode(const void *body, size_t len, const struct s3_chunk_handler *h, struct err *err) MUST_CHECK;

/* The request's body as it is to be stored: chunks decoded, Content-MD5, length and checksums verified. */
struct s3_body {
	const void *data; /* the bytes; lie in `decoded`, in the request or in a mapped file */
	size_t len;
	const char
		*path; /* a file that holds exactly these bytes and may be moved away, NULL when they are in memory */
	char md5[33];  /* hex */
	enum s3_checksum_kind checksum_kind;
	char checksum[64]; /* base64, "" when none was sent */
	/* private */
	struct buf decoded;
	char *own_path;
	void *map;
	size_t map_len;
};
int s3_body_open(struct s3_call *c, struct s3_body *out, struct err *err) MUST_CHECK;
void s3_body_close(struct s3_body *b);

#endif
