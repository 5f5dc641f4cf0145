#ifndef SPARK_SANDBOX_HTTP_S3_CLASS_H
#define SPARK_SANDBOX_HTTP_S3_CLASS_H

#include "sandbox/http/s3/s3.h"

/* Refuses what is no class of this kind of bucket. */
int s3_class_check(struct s3_call *c, struct err *err) MUST_CHECK;
/* The class that the request asks for becomes metadata of the new object, in the place of any other. */
int s3_class_from_header(struct s3_call *c, struct object_info *info, struct err *err) MUST_CHECK;
/* "STANDARD" and the like. */
const char *s3_class_name(const struct object_info *info);
/* May the bytes be read? Refused as GetObject does, or when it is the source of a copy as CopyObject does. */
int s3_class_check_read(struct s3_call *c, const char *bucket, const struct object_info *info, bool source,
			struct err *err) MUST_CHECK;
/* What GET and HEAD tell of an archived object that was brought back. */
int s3_class_headers(struct s3_call *c, const struct object_info *info, struct err *err) MUST_CHECK;

/* ?restore */
int s3_restore_object(struct s3_call *c, struct err *err) MUST_CHECK;

#endif
