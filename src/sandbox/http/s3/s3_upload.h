#ifndef SPARK_SANDBOX_HTTP_S3_UPLOAD_H
#define SPARK_SANDBOX_HTTP_S3_UPLOAD_H

#include "sandbox/http/s3/s3.h"

/* What an upload in parts remembers, beside the metadata of the object that it will be. */
#define S3_UPLOAD_KEY      "upload-key"      /* the object's key */
#define S3_UPLOAD_CHECKSUM "upload-checksum" /* enum s3_checksum_kind; absent: none was asked for */
#define S3_UPLOAD_WHOLE    "upload-whole"    /* the checksum is over all bytes, not over the parts' checksums */

struct s3_part {
	int number;
	char etag[64]; /* without quotes */
};
struct s3_part_list {
	struct s3_part *parts;
	size_t count, cap;
};
/* The body of CompleteMultipartUpload. ERR_PARSE when it is none. */
int s3_parts_parse(const char *text, size_t len, struct s3_part_list *out, struct err *err) MUST_CHECK;
void s3_parts_clear(struct s3_part_list *l);

#endif
