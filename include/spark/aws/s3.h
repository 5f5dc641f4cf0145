#ifndef SPARK_AWS_S3_H
#define SPARK_AWS_S3_H

#include <stdbool.h>
#include <stdint.h>

#include "spark/aws/client.h"
#include "spark/base/buf.h"

struct s3_object {
	const char *key; /* lent during the call */
	int64_t size_bytes, modified_ms;
	const char *etag;
};
/* Objects below a prefix, in key order, all pages. delimiter NULL: none; with one, common prefixes come with size -1.
 * fn returns non-zero to stop, which is then returned. NoSuchBucket, AccessDenied, PermanentRedirect (followed once by
 * region). */
int s3_list(struct aws_client *c, const char *bucket, const char *prefix, const char *delimiter,
	    int (*fn)(void *arg, const struct s3_object *o), void *arg, struct err *err) MUST_CHECK;
/* The region that a call about this bucket was answered in; before any call, the client's. */
void s3_known_region(struct aws_client *c, const char *bucket, char out[64]);
int s3_list_buckets(struct aws_client *c, int (*fn)(void *arg, const char *name, int64_t created_ms), void *arg,
		    struct err *err) MUST_CHECK;
int s3_create_bucket(struct aws_client *c, const char *bucket, const char *region, struct err *err) MUST_CHECK;
int s3_delete_bucket(struct aws_client *c, const char *bucket, struct err *err) MUST_CHECK;
int s3_head(struct aws_client *c, const char *bucket, const char *key, int64_t *size_bytes, struct err *err) MUST_CHECK;
int s3_get(struct aws_client *c, const char *bucket, const char *key, struct buf *out, struct err *err) MUST_CHECK;
int s3_put(struct aws_client *c, const char *bucket, const char *key, const void *data, size_t len,
	   const char *content_type, struct err *err) MUST_CHECK;
int s3_delete(struct aws_client *c, const char *bucket, const char *key, struct err *err) MUST_CHECK;
/* Up to 1,000 keys in one call (Content-MD5 is sent). The first key that could not be deleted is the error. */
int s3_delete_many(struct aws_client *c, const char *bucket, const char *const *keys, size_t count,
		   struct err *err) MUST_CHECK;
int s3_copy(struct aws_client *c, const char *from_bucket, const char *from_key, const char *to_bucket,
	    const char *to_key, struct err *err) MUST_CHECK;

/* Many transfers at a time over reused connections, up to `concurrency` (32 is well on this machine and on a line;
 * large objects have connections of their own beside those of small ones). next() fills a job and returns 1, or 0 when
 * there is none left (negative: stop with err set), or S3_NEXT_LATER when there is none yet: it is asked again some
 * milliseconds later. done() is told of each one. Small objects are held in memory; files above 8 MiB are streamed from
 * and to disk (downloads to a temporary file that is renamed). */
enum s3_direction { S3_UPLOAD, S3_DOWNLOAD };
struct s3_job {
	enum s3_direction direction;
	char *bucket, *key, *path; /* allocated by next(), freed by s3_transfer() */
	int64_t size_bytes;
};
#define S3_NEXT_LATER 2
struct s3_transfer {
	int concurrency;
	int (*next)(void *arg, struct s3_job *job, struct err *err);
	void (*done)(void *arg, const struct s3_job *job, const struct err *failure); /* failure NULL: well */
	void *arg;
};
/* 0 when all went well; else the first failure, after the transfers under way have ended. */
int s3_transfer(struct aws_client *c, const struct s3_transfer *t, struct err *err) MUST_CHECK;

#endif
