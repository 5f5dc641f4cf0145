#ifndef SPARK_SANDBOX_COPY_AUTHORIZE_H
#define SPARK_SANDBOX_COPY_AUTHORIZE_H

#include "sandbox/copy/statement.h"
#include "spark/sandbox/http.h"

/* As whom a statement reads: a role of the cluster, or keys. */
struct copy_access {
	const struct copy_session *session;
	const struct copy_statement *s;
	long long query;
	char role_arn[600]; /* "" for keys */
	struct caller keys_of;
	char region[64];    /* where the statement says that the bucket is */
	char partition[16]; /* "aws" */
};

/* The role must be attached to the cluster and trust the service; keys must be known and right. */
int copy_access_open(struct copy_access *a, const struct copy_session *session, const struct copy_statement *s,
		     long long query, struct err *err) MUST_CHECK;
/* The bucket exists, lies in the region, and may be listed. */
int copy_access_list(const struct copy_access *a, const char *bucket, const char *prefix, struct err *err) MUST_CHECK;
int copy_access_bucket(const struct copy_access *a, const char *bucket, struct err *err) MUST_CHECK;
/* The object may be read. */
int copy_access_read(const struct copy_access *a, const char *bucket, const char *key, struct err *err) MUST_CHECK;
/* S3's own error, as the cluster tells it; context may name bucket and key. Returns -1. */
int copy_access_refuse(const struct copy_access *a, struct err *err, const char *message, int status, const char *code,
		       const char *context, const char *location);

#endif
