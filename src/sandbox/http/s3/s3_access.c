/* Who may do what to buckets and objects: the questions that S3's calls put to the callers' policies. */
#include "sandbox/access/authorize.h"
#include "sandbox/http/s3/s3.h"

#define ARN_MAX ((size_t)8 * S3_KEY_MAX)

static int add(struct json *context, const char *key, const char *value)
{
	return value && json_set_str(context, key, value) ? -1 : 0;
}

/* The condition keys of S3 that the request gives. */
static int fill_context(void *arg, struct json *context)
{
	const struct s3_call *c = arg;

	if (add(context, "s3:prefix", s3_query(c, "prefix")) ||
	    add(context, "s3:delimiter", s3_query(c, "delimiter")) ||
	    add(context, "s3:max-keys", s3_query(c, "max-keys")) ||
	    add(context, "s3:VersionId", s3_query(c, "versionId")) ||
	    add(context, "s3:x-amz-acl", http_header(c->r, "x-amz-acl")) ||
	    add(context, "s3:x-amz-copy-source", http_header(c->r, "x-amz-copy-source")) ||
	    add(context, "s3:x-amz-server-side-encryption", http_header(c->r, "x-amz-server-side-encryption")) ||
	    add(context, "s3:x-amz-storage-class", http_header(c->r, "x-amz-storage-class")) ||
	    json_set_str(context, "s3:ResourceAccount", c->w->account))
		return -1;
	/* Listing without a prefix lists everything, which a condition on an empty prefix allows. */
	return !s3_query(c, "prefix") && !c->key ? json_set_str(context, "s3:prefix", "") : 0;
}

int s3_authorize_key(struct s3_call *c, const char *action, const char *bucket, const char *key, struct err *err)
{
	/* Another bucket's policy is asked for, this one's when it is known to be there. */
	bool ask = bucket != c->bucket || c->has_policy;
	struct access_extra extra = { fill_context, c, ask && *bucket ? bucket : NULL };
	struct buf arn;
	int rc = -1;

	buf_init(&arn, ARN_MAX);
	buf_puts(&arn, "arn:aws:s3:::");
	buf_puts(&arn, *bucket ? bucket : "*");
	if (key) {
		buf_putc(&arn, '/');
		buf_puts(&arn, key);
	}
	if (!buf_check(&arn, "a resource's name", err))
		rc = access_authorize_with(c->w, c->who, action, arn.data, &extra, err);
	buf_clear(&arn);
	return rc;
}

int s3_authorize(struct s3_call *c, const char *action, struct err *err)
{
	if (!s3_authorize_key(c, action, c->bucket, c->key, err))
		return 0;
	/* What a half-built answer had written is no part of the error. */
	buf_reset(&c->reply->body);
	return -1;
}

bool s3_may_take_unsigned(struct world *w, const struct http_request *r)
{
	const char *host = http_header(r, "host"), *type = http_header(r, "content-type");
	bool form = !strcmp(r->method, "POST") && type && !strncasecmp(type, "multipart/form-data", 19), may;
	const char *path = r->target + (*r->target == '/');
	const struct json *doc;
	char bucket[256];

	s3_host_bucket(host ? host : "", bucket);
	if (!*bucket)
		snprintf(bucket, sizeof(bucket), "%.*s", (int)strcspn(path, "/"), path);
	store_lock(w->store);
	doc = store_get(w->store, "s3:bucket", bucket);
	may = doc && (form || json_get(doc, "policy"));
	store_unlock(w->store);
	return may;
}

void s3_hide_missing(struct s3_call *c, struct err *err)
{
	struct err why;

	/* Whether a key is there is told to those who may list the bucket. */
	if (c->key && err_has_code(err, "NoSuchKey") && s3_authorize_key(c, "s3:ListBucket", c->bucket, NULL, &why)) {
		buf_reset(&c->reply->body);
		*err = why;
	}
}
