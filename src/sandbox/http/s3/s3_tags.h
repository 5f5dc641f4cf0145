#ifndef SPARK_SANDBOX_HTTP_S3_TAGS_H
#define SPARK_SANDBOX_HTTP_S3_TAGS_H

#include "sandbox/http/s3/s3.h"

/* Metadata of an object that is the sandbox's own and never sent: names that no header has. */
#define S3_META_OWN   "sparkctl-"
#define S3_META_TAGS  S3_META_OWN "tags"  /* {key: value}, given with the object */
#define S3_META_PARTS S3_META_OWN "parts" /* sizes of the parts that it was made of, "5242880*3,100" */

/* What the header x-amz-tagging asks for becomes metadata of the new object. */
int s3_tags_from_header(struct s3_call *c, struct object_info *info, struct err *err) MUST_CHECK;
/* The header of that name out of the document that a form may bring. */
int s3_tags_to_header(struct s3_call *c, const char *xml, struct buf *out, struct err *err) MUST_CHECK;
/* The tags that an object has now, {key: value}; json_free() them. */
int s3_tags_of(struct s3_call *c, const char *bucket, const struct object_info *info, struct json **out,
	       struct err *err) MUST_CHECK;
size_t s3_tags_count(struct s3_call *c, const struct object_info *info);
/* Was anything given to an object of this key after it was put (store/later.h)? */
bool s3_tags_are_kept(struct s3_call *c, const char *key);
/* After an object of this bucket was replaced or deleted. */
void s3_tags_forget(struct s3_call *c, const char *key);

/* ?tagging of an object or a bucket. */
int s3_get_tagging(struct s3_call *c, struct err *err) MUST_CHECK;
int s3_put_tagging(struct s3_call *c, struct err *err) MUST_CHECK;
int s3_delete_tagging(struct s3_call *c, struct err *err) MUST_CHECK;

#endif
