/* Sub-resources and headers beyond storing objects: those that clients ask for by habit are answered as a fresh bucket
 * would, everything else is refused by name. */
#include "sandbox/http/s3/s3.h"
#include "sandbox/http/s3/s3_class.h"
#include "spark/base/xml.h"

/* A setting that was never made: `code` is the 404 that says so, or `root` an element with that text in it. */
static const struct setting {
	const char *query, *action; /* action: the right that asking takes, of a bucket */
	bool of_bucket, of_object;
	const char *code, *text; /* the error, or */
	const char *root, *body; /* the answer; body NULL: access control list */
} settings[] = {
	{ "accelerate", "s3:GetAccelerateConfiguration", true, false, NULL, NULL, "AccelerateConfiguration", "" },
	{ "acl", "s3:GetBucketAcl", true, true, NULL, NULL, "AccessControlPolicy", NULL },
	{ "cors", "s3:GetBucketCORS", true, false, "NoSuchCORSConfiguration", "The CORS configuration does not exist",
	  NULL, NULL },
	{ "encryption", "s3:GetEncryptionConfiguration", true, false, NULL, NULL, "ServerSideEncryptionConfiguration",
	  "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>"
	  "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule>" },
	{ "lifecycle", "s3:GetLifecycleConfiguration", true, false, "NoSuchLifecycleConfiguration",
	  "The lifecycle configuration does not exist", NULL, NULL },
	{ "logging", "s3:GetBucketLogging", true, false, NULL, NULL, "BucketLoggingStatus", "" },
	{ "notification", "s3:GetBucketNotification", true, false, NULL, NULL, "NotificationConfiguration", "" },
	{ "object-lock", "s3:GetBucketObjectLockConfiguration", true, false, "ObjectLockConfigurationNotFoundError",
	  "Object Lock configuration does not exist for this bucket", NULL, NULL },
	{ "ownershipControls", "s3:GetBucketOwnershipControls", true, false, NULL, NULL, "OwnershipControls",
	  "<Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>" },
	{ "replication", "s3:GetReplicationConfiguration", true, false, "ReplicationConfigurationNotFoundError",
	  "The replication configuration was not found", NULL, NULL },
	{ "requestPayment", "s3:GetBucketRequestPayment", true, false, NULL, NULL, "RequestPaymentConfiguration",
	  "<Payer>BucketOwner</Payer>" },
	{ "versioning", "s3:GetBucketVersioning", true, false, NULL, NULL, "VersioningConfiguration", "" },
	{ "website", "s3:GetBucketWebsite", true, false, "NoSuchWebsiteConfiguration",
	  "The specified bucket does not have a website configuration", NULL, NULL },
};

static void write_acl(struct s3_call *c)
{
	struct buf *b = &c->reply->body;

	s3_xml_owner(b, c, "Owner");
	buf_puts(b, "<AccessControlList><Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
		    "xsi:type=\"CanonicalUser\">");
	xml_element(b, "ID", c->w->account);
	xml_element(b, "DisplayName", "sparkctl");
	buf_puts(b, "</Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList>");
}

static int answer(struct s3_call *c, const struct setting *s, struct err *err)
{
	if (s->code) {
		s3_failf(c, err, s->code, "%s", s->text);
		err->http_status = 404;
		xml_element(&c->reply->body, "BucketName", c->bucket);
		return -1;
	}
	if (c->key) {
		struct object_info info = { 0 };
		bool there = objects_head(c->w->objects, c->bucket, c->key, &info);

		object_info_clear(&info);
		if (!there)
			return s3_fail(c, err, "NoSuchKey");
	}
	s3_xml_begin(c, s->root);
	if (s->body)
		buf_puts(&c->reply->body, s->body);
	else
		write_acl(c);
	return s3_xml_end(c, s->root, err) < 0 ? -1 : 1;
}

static const struct setting *find_setting(const struct s3_call *c)
{
	if (!c->query_count || strcmp(c->r->method, "GET") != 0 || !*c->bucket)
		return NULL;
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (s3_query(c, settings[i].query) && (c->key ? settings[i].of_object : settings[i].of_bucket))
			return &settings[i];
	return NULL;
}

const char *s3_setting_action(const struct s3_call *c)
{
	const struct setting *s = find_setting(c);

	if (!s)
		return NULL;
	if (c->key)
		return "s3:GetObjectAcl";
	return s->action;
}

int s3_answer_setting(struct s3_call *c, struct err *err)
{
	const struct setting *s = find_setting(c);

	return s ? answer(c, s, err) : 0;
}

/* Sub-resources that change what a request means and that have no handler (or none for this method). */
static const char *const refused_queries[] = {
	"abac",
	"accelerate",
	"acl",
	"analytics",
	"append",
	"attributes",
	"cors",
	"encryption",
	"intelligent-tiering",
	"inventory",
	"legal-hold",
	"lifecycle",
	"logging",
	"metadataConfiguration",
	"metadataInventoryTable",
	"metadataJournalTable",
	"metadataTable",
	"metrics",
	"notification",
	"object-lock",
	"ownershipControls",
	"policy",
	"policyStatus",
	"publicAccessBlock",
	"renameObject",
	"replication",
	"requestPayment",
	"restore",
	"retention",
	"select",
	"session",
	"tagging",
	"torrent",
	"versioning",
	"versions",
	"website",
};

/* Headers that ask for more than is done; `allowed` (may be NULL) is the value that asks for nothing new. */
static const struct refused_header {
	const char *name, *allowed, *also_allowed;
} refused_headers[] = {
	{ "x-amz-server-side-encryption", "AES256", NULL },
	{ "x-amz-server-side-encryption-customer-algorithm", NULL, NULL },
	{ "x-amz-copy-source-server-side-encryption-customer-algorithm", NULL, NULL },
	{ "x-amz-object-lock-mode", NULL, NULL },
	{ "x-amz-object-lock-legal-hold", NULL, NULL },
	{ "x-amz-bucket-object-lock-enabled", "false", "False" },
	{ "x-amz-website-redirect-location", NULL, NULL },
	{ "x-amz-write-offset-bytes", NULL, NULL },
	{ "x-amz-mfa", NULL, NULL },
	{ "x-amz-if-match-last-modified-time", NULL, NULL },
	{ "x-amz-if-match-size", NULL, NULL },
};

static int refuse_acl(struct s3_call *c, struct err *err)
{
	const char *acl = http_header(c->r, "x-amz-acl");
	static const char *const grants[] = { "x-amz-grant-read", "x-amz-grant-write", "x-amz-grant-read-acp",
					      "x-amz-grant-write-acp", "x-amz-grant-full-control" };

	/* Buckets are made with access control lists off, as AWS makes them since 2023. */
	if (acl && strcmp(acl, "private") != 0 && strcmp(acl, "bucket-owner-full-control") != 0)
		return s3_fail(c, err, "AccessControlListNotSupported");
	for (size_t i = 0; i < sizeof(grants) / sizeof(*grants); i++)
		if (http_header(c->r, grants[i]))
			return s3_fail(c, err, "AccessControlListNotSupported");
	return 0;
}

/* Whoever says whose bucket it is to be is told when it is another's. */
static int check_owner(struct s3_call *c, struct err *err)
{
	static const char *const names[] = { "x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner" };

	size_t count = strcmp(c->r->method, "PUT") == 0 ? 2 : 1; /* only copies have a source */

	for (size_t i = 0; i < count; i++) {
		const char *owner = http_header(c->r, names[i]);

		if (owner && strcmp(owner, c->w->account) != 0)
			return service_error(err, 403, "AccessDenied", "Access Denied");
	}
	return 0;
}

/* Does the request ask for anything with a header of S3's? Most have those only that every signed request has. */
static bool has_wishes(const struct http_request *r)
{
	static const char *const usual[] = { "date", "content-sha256", "security-token" };

	for (size_t i = 0; i < r->header_count; i++) {
		const char *name = r->headers[i].name;
		size_t k = 0;

		if ((*name | 0x20) != 'x' || strncasecmp(name, "x-amz-", 6) != 0)
			continue;
		while (k < sizeof(usual) / sizeof(*usual) && strcasecmp(name + 6, usual[k]) != 0)
			k++;
		if (k == sizeof(usual) / sizeof(*usual))
			return true;
	}
	return false;
}

int s3_refuse_unsupported(struct s3_call *c, const char *handled, struct err *err)
{
	const char *version = s3_query(c, "versionId");

	if (!c->query_count && !has_wishes(c->r))
		return 0;
	for (size_t i = 0; i < sizeof(refused_queries) / sizeof(*refused_queries); i++)
		if (s3_query(c, refused_queries[i]) && (!handled || strcmp(refused_queries[i], handled) != 0))
			return s3_failf(c, err, "NotImplemented", "The sandbox does not implement %s ?%s", c->r->method,
					refused_queries[i]);
	for (size_t i = 0; i < sizeof(refused_headers) / sizeof(*refused_headers); i++) {
		const struct refused_header *h = &refused_headers[i];
		const char *value = http_header(c->r, h->name);

		if (!value || (h->allowed && strcmp(value, h->allowed) == 0) ||
		    (h->also_allowed && strcmp(value, h->also_allowed) == 0))
			continue;
		return s3_failf(c, err, "NotImplemented", "The sandbox does not implement the header %s: %.100s",
				h->name, value);
	}
	if (version && *version && strcmp(version, "null") != 0)
		return s3_bad_argument(c, err, "versionId", version, "Invalid version id specified");
	if (check_owner(c, err) < 0 || s3_class_check(c, err) < 0)
		return -1;
	return refuse_acl(c, err);
}
