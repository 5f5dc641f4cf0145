#include "sandbox/record/operation.h"

#include "sandbox/access/verify.h"
#include "sandbox/http/s3/s3.h"
#include "spark/base/url.h"

bool operation_is_mutating(const char *action)
{
	static const char *const looking[] = { "Describe", "Get", "List", "Head", "Simulate", "Decode" };
	/* Keys and logins that are handed out are kept nowhere that an account could list. */
	static const char *const names[] = { "AssumeRole", "OptionsObject", "" };

	for (size_t i = 0; i < sizeof(looking) / sizeof(*looking); i++)
		if (!strncmp(action, looking[i], strlen(looking[i])))
			return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(action, names[i]))
			return false;
	return true;
}

/* A form's field, decoded; false when it is not there or does not fit. */
static bool form_field(const char *form, size_t len, const char *name, char *out, size_t size)
{
	size_t name_len = strlen(name);
	const char *end = form + len;

	for (const char *p = form; p < end;) {
		const char *amp = memchr(p, '&', (size_t)(end - p)), *stop = amp ? amp : end;
		struct buf value;
		bool good;

		if ((size_t)(stop - p) <= name_len || strncmp(p, name, name_len) != 0 || p[name_len] != '=') {
			p = stop + 1;
			continue;
		}
		p += name_len + 1;
		buf_init(&value, 4096);
		good = !url_decode(&value, p, (size_t)(stop - p), true, NULL) && !value.failed && value.len < size &&
		       strlen(value.data) == value.len;
		if (good)
			memcpy(out, value.data, value.len + 1);
		buf_clear(&value);
		return good;
	}
	return false;
}

static void query_action(const struct http_request *r, char *out, size_t size)
{
	if (r->body && r->body_len && form_field(r->body, r->body_len, "Action", out, size))
		return;
	if (!form_field(r->query, strlen(r->query), "Action", out, size))
		*out = 0;
}

/* Is there such a parameter, with a value or without? */
static bool query_has(const char *query, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = query; p; p = strchr(p, '&') ? strchr(p, '&') + 1 : NULL)
		if (!strncmp(p, name, len) && (p[len] == 0 || p[len] == '&' || p[len] == '='))
			return true;
	return false;
}

enum level { SERVICE = 1, BUCKET = 2, OBJECT = 4 };

/* The first row that fits gives the name that S3 has for it. */
static const struct s3_row {
	int levels;
	const char *method, *query, *header, *action;
} s3_rows[] = {
	{ SERVICE, "GET", NULL, NULL, "ListBuckets" },
	{ BUCKET, "GET", "location", NULL, "GetBucketLocation" },
	{ BUCKET, "GET", "uploads", NULL, "ListMultipartUploads" },
	{ BUCKET, "GET", "versions", NULL, "ListObjectVersions" },
	{ BUCKET, "POST", "delete", NULL, "DeleteObjects" },
	{ BUCKET | OBJECT, "GET", "acl", NULL, "GetAcl" },
	{ BUCKET | OBJECT, "PUT", "acl", NULL, "PutAcl" },
	{ BUCKET | OBJECT, "GET", "tagging", NULL, "GetTagging" },
	{ BUCKET | OBJECT, "PUT", "tagging", NULL, "PutTagging" },
	{ BUCKET | OBJECT, "DELETE", "tagging", NULL, "DeleteTagging" },
	{ BUCKET, "GET", "policy", NULL, "GetBucketPolicy" },
	{ BUCKET, "PUT", "policy", NULL, "PutBucketPolicy" },
	{ BUCKET, "GET", "policyStatus", NULL, "GetBucketPolicyStatus" },
	{ BUCKET, "GET", "publicAccessBlock", NULL, "GetPublicAccessBlock" },
	{ BUCKET, "DELETE", "publicAccessBlock", NULL, "DeletePublicAccessBlock" },
	{ BUCKET, "DELETE", "policy", NULL, "DeleteBucketPolicy" },
	{ BUCKET, "GET", "versioning", NULL, "GetBucketVersioning" },
	{ BUCKET, "PUT", "encryption", NULL, "PutBucketEncryption" },
	{ BUCKET, "PUT", "logging", NULL, "PutBucketLogging" },
	{ BUCKET, "PUT", "ownershipControls", NULL, "PutBucketOwnershipControls" },
	{ BUCKET, "PUT", "publicAccessBlock", NULL, "PutPublicAccessBlock" },
	{ BUCKET, "PUT", "requestPayment", NULL, "PutBucketRequestPayment" },
	{ BUCKET, "DELETE", "cors", NULL, "DeleteBucketCors" },
	{ BUCKET, "DELETE", "encryption", NULL, "DeleteBucketEncryption" },
	{ BUCKET, "DELETE", "lifecycle", NULL, "DeleteBucketLifecycle" },
	{ BUCKET, "DELETE", "replication", NULL, "DeleteBucketReplication" },
	{ BUCKET, "DELETE", "website", NULL, "DeleteBucketWebsite" },
	{ BUCKET, "POST", NULL, NULL, "PostObject" },
	{ BUCKET, "GET", "list-type", NULL, "ListObjectsV2" },
	{ BUCKET, "GET", NULL, NULL, "ListObjects" },
	{ BUCKET, "HEAD", NULL, NULL, "HeadBucket" },
	{ BUCKET, "PUT", NULL, NULL, "CreateBucket" },
	{ BUCKET, "DELETE", NULL, NULL, "DeleteBucket" },
	{ OBJECT, "POST", "restore", NULL, "RestoreObject" },
	{ OBJECT, "POST", "uploads", NULL, "CreateMultipartUpload" },
	{ OBJECT, "POST", "uploadId", NULL, "CompleteMultipartUpload" },
	{ OBJECT, "PUT", "uploadId", "x-amz-copy-source", "UploadPartCopy" },
	{ OBJECT, "PUT", "uploadId", NULL, "UploadPart" },
	{ OBJECT, "DELETE", "uploadId", NULL, "AbortMultipartUpload" },
	{ OBJECT, "GET", "uploadId", NULL, "ListParts" },
	{ OBJECT, "PUT", NULL, "x-amz-copy-source", "CopyObject" },
	{ OBJECT, "PUT", NULL, NULL, "PutObject" },
	{ OBJECT, "GET", NULL, NULL, "GetObject" },
	{ OBJECT, "HEAD", NULL, NULL, "HeadObject" },
	{ OBJECT, "DELETE", NULL, NULL, "DeleteObject" },
	{ SERVICE | BUCKET | OBJECT, "OPTIONS", NULL, NULL, "OptionsObject" },
};

static enum level s3_level(const struct http_request *r)
{
	const char *host = http_header(r, "host"), *path = r->target + (*r->target == '/'), *slash;
	char bucket[256];

	s3_host_bucket(host ? host : "", bucket);
	if (*bucket)
		return *path ? OBJECT : BUCKET;
	slash = strchr(path, '/');
	if (!*path)
		return SERVICE;
	return slash && slash[1] ? OBJECT : BUCKET;
}

static void s3_action(const struct http_request *r, char *out, size_t size)
{
	enum level level = s3_level(r);

	for (size_t i = 0; i < sizeof(s3_rows) / sizeof(*s3_rows); i++) {
		const struct s3_row *row = &s3_rows[i];

		if (!(row->levels & (int)level) || strcmp(row->method, r->method) != 0 ||
		    (row->query && !query_has(r->query, row->query)) || (row->header && !http_header(r, row->header)))
			continue;
		snprintf(out, size, "%s", row->action);
		return;
	}
	snprintf(out, size, "%s", r->method);
}

void operation_of(const struct http_request *r, struct operation *out)
{
	const char *target = http_header(r, "x-amz-target"), *dot = target ? strrchr(target, '.') : NULL;

	struct caller nobody;

	memset(out, 0, sizeof(*out));
	if (verify_anonymous(r, &nobody))
		snprintf(out->service, sizeof(out->service), "s3");
	else if (!verify_claimed_service(r, out->service))
		*out->service = 0;
	if (!strcmp(out->service, "s3"))
		s3_action(r, out->action, sizeof(out->action));
	else if (dot)
		snprintf(out->action, sizeof(out->action), "%s", dot + 1);
	else
		query_action(r, out->action, sizeof(out->action));
	out->mutating = operation_is_mutating(out->action);
}
