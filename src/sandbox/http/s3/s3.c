/* S3's REST interface: what a request asks for, and the errors all parts share. */
#include "sandbox/http/s3/s3.h"

#include "sandbox/access/verify.h"
#include "sandbox/http/s3/s3_class.h"
#include "sandbox/http/s3/s3_parts.h"
#include "sandbox/http/s3/s3_tags.h"

#include "spark/base/mem.h"
#include "spark/base/xml.h"

/* Errors as S3 words them. `member` is the XML member that names what it is about. */
enum member { MEMBER_NONE, MEMBER_KEY, MEMBER_BUCKET, MEMBER_UPLOAD };
static const struct error_row {
	const char *code;
	int status;
	enum member member;
	const char *message;
} errors[] = {
	{ "AccessControlListNotSupported", 400, MEMBER_BUCKET, "The bucket does not allow ACLs" },
	{ "AccessDenied", 403, MEMBER_NONE, "Access Denied" },
	{ "AuthorizationHeaderMalformed", 400, MEMBER_NONE, "The authorization header is malformed" },
	{ "BadRequest", 400, MEMBER_NONE, "Bad Request" },
	{ "BadDigest", 400, MEMBER_NONE, "The Content-MD5 you specified did not match what we received." },
	{ "BucketAlreadyOwnedByYou", 409, MEMBER_BUCKET,
	  "Your previous request to create the named bucket succeeded and you already own it." },
	{ "BucketNotEmpty", 409, MEMBER_BUCKET, "The bucket you tried to delete is not empty" },
	{ "EntityTooLarge", 400, MEMBER_NONE, "Your proposed upload exceeds the maximum allowed size" },
	{ "EntityTooSmall", 400, MEMBER_NONE, "Your proposed upload is smaller than the minimum allowed size" },
	{ "IllegalLocationConstraintException", 400, MEMBER_NONE,
	  "The unspecified location constraint is incompatible for the region specific endpoint this request was "
	  "sent to." },
	{ "IncompleteBody", 400, MEMBER_NONE,
	  "You did not provide the number of bytes specified by the Content-Length HTTP header" },
	{ "InvalidArgument", 400, MEMBER_NONE, "Invalid Argument" },
	{ "InvalidBucketName", 400, MEMBER_BUCKET, "The specified bucket is not valid." },
	{ "InvalidDigest", 400, MEMBER_NONE, "The Content-MD5 you specified was invalid." },
	{ "InvalidLocationConstraint", 400, MEMBER_NONE, "The specified location-constraint is not valid" },
	{ "InvalidObjectState", 403, MEMBER_NONE, "The operation is not valid for the object's storage class" },
	{ "InvalidPart", 400, MEMBER_UPLOAD,
	  "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
	  "specified entity tag may not match the part's entity tag." },
	{ "InvalidPartNumber", 416, MEMBER_NONE, "The requested partnumber is not satisfiable" },
	{ "InvalidPartOrder", 400, MEMBER_UPLOAD,
	  "The list of parts was not in ascending order. Parts must be ordered by part number." },
	{ "InvalidRange", 416, MEMBER_NONE, "The requested range is not satisfiable" },
	{ "InvalidRequest", 400, MEMBER_NONE, "The request is not valid" },
	{ "InvalidStorageClass", 400, MEMBER_NONE, "The storage class you specified is not valid" },
	{ "InvalidTag", 400, MEMBER_NONE, "The tag provided was not a valid tag." },
	{ "InvalidURI", 400, MEMBER_NONE, "Couldn't parse the specified URI." },
	{ "KeyTooLongError", 400, MEMBER_NONE, "Your key is too long" },
	{ "MalformedXML", 400, MEMBER_NONE,
	  "The XML you provided was not well-formed or did not validate against our published schema" },
	{ "MalformedPolicy", 400, MEMBER_NONE, "This policy contains invalid Json" },
	{ "MalformedPOSTRequest", 400, MEMBER_NONE,
	  "The body of your POST request is not well-formed multipart/form-data." },
	{ "MaxPostPreDataLengthExceeded", 400, MEMBER_NONE,
	  "Your POST request fields preceding the upload file were too large." },
	{ "MetadataTooLarge", 400, MEMBER_NONE, "Your metadata headers exceed the maximum allowed metadata size" },
	{ "MethodNotAllowed", 405, MEMBER_NONE, "The specified method is not allowed against this resource." },
	{ "NoSuchBucket", 404, MEMBER_BUCKET, "The specified bucket does not exist" },
	{ "NoSuchBucketPolicy", 404, MEMBER_BUCKET, "The bucket policy does not exist" },
	{ "NoSuchKey", 404, MEMBER_KEY, "The specified key does not exist." },
	{ "NoSuchPublicAccessBlockConfiguration", 404, MEMBER_BUCKET,
	  "The public access block configuration was not found" },
	{ "NoSuchTagSet", 404, MEMBER_BUCKET, "The TagSet does not exist" },
	{ "NoSuchUpload", 404, MEMBER_UPLOAD,
	  "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
	  "completed." },
	{ "NotImplemented", 501, MEMBER_NONE,
	  "A header or query you provided requests functionality that is not implemented." },
	{ "ObjectNotInActiveTierError", 403, MEMBER_NONE,
	  "The source object of the COPY operation is not in the active tier and is only stored in Amazon S3 "
	  "Glacier." },
	{ "PermanentRedirect", 301, MEMBER_BUCKET,
	  "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all "
	  "future requests to this endpoint." },
	{ "PreconditionFailed", 412, MEMBER_NONE, "At least one of the pre-conditions you specified did not hold" },
	{ "UserKeyMustBeSpecified", 400, MEMBER_NONE,
	  "The bucket POST must contain the specified field name. If it is specified, please check the order of the "
	  "fields." },
};

static const struct error_row *find_error(const char *code)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (strcmp(errors[i].code, code) == 0)
			return &errors[i];
	return NULL;
}

static void add_member(struct s3_call *c, enum member member)
{
	struct buf *b = &c->reply->body;

	if (member == MEMBER_KEY)
		xml_element(b, "Key", c->key ? c->key : "");
	else if (member == MEMBER_BUCKET)
		xml_element(b, "BucketName", c->bucket);
	else if (member == MEMBER_UPLOAD)
		xml_element(b, "UploadId", s3_query(c, "uploadId"));
}

int s3_failf(struct s3_call *c, struct err *err, const char *code, const char *fmt, ...)
{
	const struct error_row *row = find_error(code);
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* What a half-built answer had written is no part of the error. */
	buf_reset(&c->reply->body);
	add_member(c, row ? row->member : MEMBER_NONE);
	return service_error(err, row ? row->status : 400, code, "%s", text);
}

int s3_fail(struct s3_call *c, struct err *err, const char *code)
{
	const struct error_row *row = find_error(code);

	return s3_failf(c, err, code, "%s", row ? row->message : code);
}

int s3_bad_argument(struct s3_call *c, struct err *err, const char *name, const char *value, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	s3_failf(c, err, "InvalidArgument", "%s", text);
	xml_element(&c->reply->body, "ArgumentName", name);
	xml_element(&c->reply->body, "ArgumentValue", value);
	return -1;
}

int s3_store_failure(struct s3_call *c, struct err *err)
{
	/* The bucket was removed by somebody else while this request was on its way. */
	if (err->kind == ERR_IO && err->http_status == 404)
		return s3_fail(c, err, "NoSuchBucket");
	return -1;
}

void s3_xml_begin(struct s3_call *c, const char *root)
{
	snprintf(c->reply->content_type, sizeof(c->reply->content_type), "application/xml");
	buf_reset(&c->reply->body);
	buf_printf(&c->reply->body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s xmlns=\"%s\">", root, S3_XMLNS);
}

int s3_xml_end(struct s3_call *c, const char *root, struct err *err)
{
	xml_close(&c->reply->body, root);
	return buf_check(&c->reply->body, "reply", err);
}

int s3_header_etag(struct s3_call *c, const char *etag, struct err *err)
{
	char quoted[80];
	size_t len = strnlen(etag, sizeof(quoted) - 3);

	quoted[0] = quoted[len + 1] = '"';
	memcpy(quoted + 1, etag, len);
	quoted[len + 2] = 0;
	return http_reply_header(c->reply, "ETag", quoted, err);
}

void s3_xml_etag(struct s3_call *c, const char *etag)
{
	struct buf *b = &c->reply->body;

	buf_puts(b, "<ETag>&quot;");
	xml_escape(b, etag, strlen(etag));
	buf_puts(b, "&quot;</ETag>");
}

void s3_xml_owner(struct buf *out, const struct s3_call *c, const char *element)
{
	xml_open(out, element);
	xml_element(out, "ID", c->w->account);
	xml_element(out, "DisplayName", "sparkctl");
	xml_close(out, element);
}

/* Which handler serves what. The first row that fits is taken. */
enum level { LEVEL_SERVICE, LEVEL_BUCKET, LEVEL_OBJECT };
static const struct route {
	enum level level;
	const char *method;
	const char *query;  /* parameter that must be there; NULL: none asked */
	const char *header; /* header that must be there */
	int (*handle)(struct s3_call *c, struct err *err);
	const char *action; /* the right it takes; NULL: the handler asks, for each key */
} routes[] = {
	{ LEVEL_SERVICE, "GET", NULL, NULL, s3_list_buckets, "s3:ListAllMyBuckets" },
	{ LEVEL_BUCKET, "GET", "location", NULL, s3_get_location, "s3:GetBucketLocation" },
	{ LEVEL_BUCKET, "GET", "uploads", NULL, s3_list_uploads, "s3:ListBucketMultipartUploads" },
	{ LEVEL_BUCKET, "GET", "tagging", NULL, s3_get_tagging, "s3:GetBucketTagging" },
	{ LEVEL_BUCKET, "PUT", "tagging", NULL, s3_put_tagging, "s3:PutBucketTagging" },
	{ LEVEL_BUCKET, "DELETE", "tagging", NULL, s3_delete_tagging, "s3:PutBucketTagging" },
	{ LEVEL_BUCKET, "PUT", "acl", NULL, s3_put_acl, "s3:PutBucketAcl" },
	{ LEVEL_BUCKET, "PUT", "encryption", NULL, s3_put_setting, "s3:PutEncryptionConfiguration" },
	{ LEVEL_BUCKET, "PUT", "logging", NULL, s3_put_setting, "s3:PutBucketLogging" },
	{ LEVEL_BUCKET, "PUT", "ownershipControls", NULL, s3_put_setting, "s3:PutBucketOwnershipControls" },
	{ LEVEL_BUCKET, "GET", "policy", NULL, s3_get_policy, "s3:GetBucketPolicy" },
	{ LEVEL_BUCKET, "PUT", "policy", NULL, s3_put_policy, "s3:PutBucketPolicy" },
	{ LEVEL_BUCKET, "DELETE", "policy", NULL, s3_delete_policy, "s3:DeleteBucketPolicy" },
	{ LEVEL_BUCKET, "GET", "policyStatus", NULL, s3_get_policy_status, "s3:GetBucketPolicyStatus" },
	{ LEVEL_BUCKET, "GET", "publicAccessBlock", NULL, s3_get_public_access, "s3:GetBucketPublicAccessBlock" },
	{ LEVEL_BUCKET, "PUT", "publicAccessBlock", NULL, s3_put_public_access, "s3:PutBucketPublicAccessBlock" },
	{ LEVEL_BUCKET, "DELETE", "publicAccessBlock", NULL, s3_delete_public_access, "s3:PutBucketPublicAccessBlock" },
	{ LEVEL_BUCKET, "PUT", "requestPayment", NULL, s3_put_setting, "s3:PutBucketRequestPayment" },
	{ LEVEL_BUCKET, "DELETE", "cors", NULL, s3_delete_setting, "s3:PutBucketCORS" },
	{ LEVEL_BUCKET, "DELETE", "encryption", NULL, s3_delete_setting, "s3:PutEncryptionConfiguration" },
	{ LEVEL_BUCKET, "DELETE", "lifecycle", NULL, s3_delete_setting, "s3:PutLifecycleConfiguration" },
	{ LEVEL_BUCKET, "DELETE", "replication", NULL, s3_delete_setting, "s3:PutReplicationConfiguration" },
	{ LEVEL_BUCKET, "DELETE", "website", NULL, s3_delete_setting, "s3:DeleteBucketWebsite" },
	{ LEVEL_BUCKET, "GET", "versions", NULL, s3_list_versions, "s3:ListBucketVersions" },
	{ LEVEL_BUCKET, "POST", "delete", NULL, s3_delete_objects, NULL },
	{ LEVEL_BUCKET, "POST", NULL, NULL, s3_post_object, NULL },
	{ LEVEL_BUCKET, "GET", NULL, NULL, s3_list_objects, "s3:ListBucket" },
	{ LEVEL_BUCKET, "HEAD", NULL, NULL, s3_head_bucket, "s3:ListBucket" },
	{ LEVEL_BUCKET, "PUT", NULL, NULL, s3_create_bucket, "s3:CreateBucket" },
	{ LEVEL_BUCKET, "DELETE", NULL, NULL, s3_delete_bucket, "s3:DeleteBucket" },
	{ LEVEL_OBJECT, "GET", "tagging", NULL, s3_get_tagging, "s3:GetObjectTagging" },
	{ LEVEL_OBJECT, "PUT", "acl", NULL, s3_put_acl, "s3:PutObjectAcl" },
	{ LEVEL_OBJECT, "PUT", "tagging", NULL, s3_put_tagging, "s3:PutObjectTagging" },
	{ LEVEL_OBJECT, "DELETE", "tagging", NULL, s3_delete_tagging, "s3:DeleteObjectTagging" },
	{ LEVEL_OBJECT, "GET", "attributes", NULL, s3_get_attributes, "s3:GetObject" },
	{ LEVEL_OBJECT, "POST", "restore", NULL, s3_restore_object, "s3:RestoreObject" },
	{ LEVEL_OBJECT, "POST", "uploads", NULL, s3_create_upload, "s3:PutObject" },
	{ LEVEL_OBJECT, "POST", "uploadId", NULL, s3_complete_upload, "s3:PutObject" },
	{ LEVEL_OBJECT, "PUT", "uploadId", "x-amz-copy-source", s3_upload_part_copy, "s3:PutObject" },
	{ LEVEL_OBJECT, "PUT", "uploadId", NULL, s3_upload_part, "s3:PutObject" },
	{ LEVEL_OBJECT, "DELETE", "uploadId", NULL, s3_abort_upload, "s3:AbortMultipartUpload" },
	{ LEVEL_OBJECT, "GET", "uploadId", NULL, s3_list_parts, "s3:ListMultipartUploadParts" },
	{ LEVEL_OBJECT, "PUT", NULL, "x-amz-copy-source", s3_copy_object, "s3:PutObject" },
	{ LEVEL_OBJECT, "PUT", NULL, NULL, s3_put_object, "s3:PutObject" },
	{ LEVEL_OBJECT, "GET", NULL, NULL, s3_get_object, "s3:GetObject" },
	{ LEVEL_OBJECT, "HEAD", NULL, NULL, s3_get_object, "s3:GetObject" },
	{ LEVEL_OBJECT, "DELETE", NULL, NULL, s3_delete_object, "s3:DeleteObject" },
};

static const struct route *find_route(const struct s3_call *c)
{
	enum level level = !*c->bucket ? LEVEL_SERVICE : c->key ? LEVEL_OBJECT : LEVEL_BUCKET;

	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++) {
		const struct route *t = &routes[i];

		if (t->level == level && strcmp(t->method, c->r->method) == 0 && (!t->query || s3_query(c, t->query)) &&
		    (!t->header || http_header(c->r, t->header)))
			return t;
	}
	return NULL;
}

/* A bucket is served in its region only. The region of a request is the one it was signed for. */
static int check_region(struct s3_call *c, struct err *err)
{
	if (c->who->anonymous || strcmp(c->region, c->who->region) == 0)
		return 0;
	if (http_reply_header(c->reply, "x-amz-bucket-region", c->region, err) < 0)
		return -1;
	if (c->virtual_host) {
		s3_failf(c, err, "AuthorizationHeaderMalformed",
			 "The authorization header is malformed; the region '%s' is wrong; expecting '%s'",
			 c->who->region, c->region);
		xml_element(&c->reply->body, "Region", c->region);
		return -1;
	}
	s3_fail(c, err, "PermanentRedirect");
	xml_elementf(&c->reply->body, "Endpoint", "s3.%s.amazonaws.com", c->region);
	xml_element(&c->reply->body, "Bucket", c->bucket);
	return -1;
}

/* The bucket must be there, but for making it; its location is told everywhere. */
static int check_bucket(struct s3_call *c, const struct route *t, struct err *err)
{
	struct err why = { 0 };

	if (!*c->bucket || t->handle == s3_create_bucket)
		return 0;
	if (!s3_bucket_find(c->w, c->bucket, c->region, &c->has_policy, &why)) {
		if (why.kind != ERR_NONE) {
			*err = why;
			return -1;
		}
		return s3_fail(c, err, s3_bucket_name_is_valid(c->bucket) ? "NoSuchBucket" : "InvalidBucketName");
	}
	return t->handle == s3_get_location ? 0 : check_region(c, err);
}

/* Links of signature version 2 name no region: the bucket's is meant, and S3's regions since 2014 do not take them. */
static int check_unscoped(struct s3_call *c, const struct caller *unscoped, struct caller *scoped, struct err *err)
{
	static const char *const old[] = { "ap-northeast-1", "ap-southeast-1", "ap-southeast-2", "eu-west-1",
					   "sa-east-1",      "us-east-1",      "us-west-1",      "us-west-2" };
	char region[32] = "us-east-1";
	struct err why = { 0 };
	bool taken = false;

	if (*c->bucket && !s3_bucket_find(c->w, c->bucket, region, NULL, &why) && why.kind != ERR_NONE) {
		*err = why;
		return -1;
	}
	for (size_t i = 0; i < sizeof(old) / sizeof(*old); i++)
		taken = taken || strcmp(old[i], region) == 0;
	if (!taken)
		return s3_failf(c, err, "InvalidRequest", "%s", SIGN_USE_4);
	*scoped = *unscoped;
	snprintf(scoped->region, sizeof(scoped->region), "%s", region);
	c->who = scoped;
	return 0;
}

int s3_adopt(struct s3_call *c, struct caller *scoped, struct err *err)
{
	if (c->who->anonymous)
		return 0;
	return *c->who->region ? check_region(c, err) : check_unscoped(c, c->who, scoped, err);
}

static int check_access(struct s3_call *c, const struct route *t, struct err *err)
{
	const char *action = s3_setting_action(c);

	if (!action)
		action = t->action;
	return action ? s3_authorize(c, action, err) : 0;
}

int s3_handle(struct world *w, const struct caller *who, const struct http_request *r, struct http_reply *reply,
	      struct err *err)
{
	struct s3_call c = { .w = w, .who = who, .r = r, .reply = reply };
	const struct route *t;
	struct caller scoped;
	int rc = -1;

	snprintf(reply->content_type, sizeof(reply->content_type), "application/xml");
	if (s3_call_init(&c, err) < 0)
		goto out;
	if (http_reply_header(reply, "x-amz-request-id", reply->request_id, err) < 0 ||
	    http_reply_header(reply, "x-amz-id-2", "sparkctl-sandbox", err) < 0)
		goto out;
	if (!*who->region && !who->anonymous && check_unscoped(&c, who, &scoped, err) < 0)
		goto out;
	t = find_route(&c);
	if (!t && who->anonymous) {
		service_error(err, 403, "AccessDenied", "Access Denied");
		goto out;
	}
	if (!t) {
		s3_fail(&c, err, "MethodNotAllowed");
		goto out;
	}
	if (check_bucket(&c, t, err) < 0 || check_access(&c, t, err) < 0)
		goto out;
	rc = s3_answer_setting(&c, err);
	if (rc == 0)
		rc = s3_refuse_unsupported(&c, t->query, err);
	else
		goto out;
	if (rc == 0)
		rc = t->handle(&c, err);
	if (rc < 0) {
		s3_store_failure(&c, err);
		s3_hide_missing(&c, err);
	}
out:
	s3_call_clear(&c);
	return rc < 0 ? -1 : 0;
}
