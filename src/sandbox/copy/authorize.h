#ifndef SPARK_SANDBOX_COPY_AUTHORIZE_H
#define SPARK_SANDBOX_COPY_AUTHORIZE_H

#include "sandbox/access/rights.h"
#include "sandbox/copy/statement.h"
#include "spark/sandbox/http.h"

/* How a statement wants to reach S3: what COPY and UNLOAD say alike. */
struct copy_wish {
	enum copy_auth auth;
	const char *role_arn; /* of a chain, with commas */
	const char *key_id, *secret_key, *session_token;
	const char *region; /* NULL: the cluster's */
};

/* As whom a statement reads: a role of the cluster, the last of a chain of them, or keys. */
struct copy_access {
	const struct copy_session *session;
	struct copy_wish wish;
	long long query;
	char role_arn[600]; /* "" for keys */
	struct access_rights *rights;
	struct caller keys_of;
	char region[64];    /* where the statement says that the bucket is */
	char partition[16]; /* "aws" */
};

/* The role must be attached to the cluster and trust the service, each of a chain the one before it; keys must be known
 * and right. Policies are as they are now for as long as it is open. */
int copy_access_open(struct copy_access *a, const struct copy_session *session, const struct copy_wish *wish,
		     long long query, struct err *err) MUST_CHECK;
void copy_access_close(struct copy_access *a); /* accepts a zeroed struct */
/* The bucket exists, lies in the region, and may be listed. */
int copy_access_list(const struct copy_access *a, const char *bucket, const char *prefix, struct err *err) MUST_CHECK;
int copy_access_bucket(const struct copy_access *a, const char *bucket, struct err *err) MUST_CHECK;
/* The object may be ... ("s3:PutObject"). Cheap. */
int copy_access_object(const struct copy_access *a, const char *action, const char *bucket, const char *key,
		       struct err *err) MUST_CHECK;
/* The object may be read. Cheap: thousands of objects are asked about. */
int copy_access_read(const struct copy_access *a, const char *bucket, const char *key, struct err *err) MUST_CHECK;
/* What lies in an archive is not read: InvalidObjectState. */
int copy_access_check_class(const struct copy_access *a, const char *bucket, const struct object_info *info,
			    struct err *err) MUST_CHECK;
/* S3's own error, as the cluster tells it; context may name bucket and key. Returns -1. */
int copy_access_refuse(const struct copy_access *a, struct err *err, const char *message, int status, const char *code,
		       const char *context, const char *location);

#endif
