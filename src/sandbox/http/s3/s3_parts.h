#ifndef SPARK_SANDBOX_HTTP_S3_PARTS_H
#define SPARK_SANDBOX_HTTP_S3_PARTS_H

#include "sandbox/http/s3/s3.h"

/* s3_parts.c: the parts that an object was made of, as its metadata tells them: "<size>[*<how many>]", separated by
 * commas. */
/* Appends one more part. */
struct s3_part_sizes {
	struct buf text;
	uint64_t size, run; /* of the parts that are not yet in text */
};
void s3_part_sizes_init(struct s3_part_sizes *p);
void s3_part_sizes_add(struct s3_part_sizes *p, uint64_t size);
/* Puts them into the metadata, unless there are so many different ones that they do not fit. */
int s3_part_sizes_keep(struct s3_part_sizes *p, struct json *metadata, struct err *err) MUST_CHECK;
void s3_part_sizes_clear(struct s3_part_sizes *p);

/* How many parts the object was made of; 0: it was put as a whole. */
unsigned s3_parts_count(const struct object_info *info);
/* Where part `number` (from 1) lies. False when there is no such part. */
bool s3_part_find(const struct object_info *info, unsigned number, uint64_t *from, uint64_t *len);

/* ?attributes */
int s3_get_attributes(struct s3_call *c, struct err *err) MUST_CHECK;

#endif
