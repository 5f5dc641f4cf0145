/* Settings of a bucket that scripts make by habit: to ask for what is so already is granted, and so is to remove what
 * is not there; anything else is refused by name. */
#include "sandbox/http/s3/s3.h"
#include "spark/base/xml.h"

/* What the body must say, at which path below its root. */
struct said {
	const char *path, *value;
};

static const struct wish {
	const char *query, *root;
	struct said said[1];
	const char *without; /* an element that the root must not have */
} wishes[] = {
	{ "encryption",
	  "ServerSideEncryptionConfiguration",
	  { { "Rule/ApplyServerSideEncryptionByDefault/SSEAlgorithm", "AES256" } },
	  NULL },
	{ "logging", "BucketLoggingStatus", { { NULL, NULL } }, "LoggingEnabled" },
	{ "ownershipControls", "OwnershipControls", { { "Rule/ObjectOwnership", "BucketOwnerEnforced" } }, NULL },
	{ "requestPayment", "RequestPaymentConfiguration", { { "Payer", "BucketOwner" } }, NULL },
};

static const struct wish *find_wish(const struct s3_call *c)
{
	for (size_t i = 0; i < sizeof(wishes) / sizeof(*wishes); i++)
		if (s3_query(c, wishes[i].query))
			return &wishes[i];
	return NULL;
}

static bool is_so(const struct wish *w, const struct xml_node *root)
{
	char text[64];

	if (w->without && xml_child(root, w->without))
		return false;
	for (size_t i = 0; i < sizeof(w->said) / sizeof(*w->said) && w->said[i].path; i++)
		if (!xml_text_into(root, w->said[i].path, text, sizeof(text)) ||
		    strcasecmp(text, w->said[i].value) != 0)
			return false;
	return true;
}

int s3_put_setting(struct s3_call *c, struct err *err)
{
	const struct wish *w = find_wish(c);
	struct xml_doc *doc = NULL;
	struct err why = { 0 };
	struct s3_body body;
	int rc = -1;

	if (!w)
		return s3_fail(c, err, "MethodNotAllowed");
	if (s3_body_open(c, &body, err) < 0)
		return -1;
	doc = xml_parse(body.data, body.len, &why);
	if (!doc && why.kind == ERR_NOMEM)
		*err = why;
	else if (!doc || strcmp(xml_name(xml_root(doc)), w->root) != 0)
		s3_fail(c, err, "MalformedXML");
	else if (!is_so(w, xml_root(doc)))
		s3_failf(c, err, "NotImplemented", "The sandbox does not implement this %s of a bucket", w->root);
	else
		rc = 0;
	xml_free(doc);
	s3_body_close(&body);
	return rc;
}

/* Buckets are made with access control lists off. */
int s3_put_acl(struct s3_call *c, struct err *err)
{
	return s3_fail(c, err, "AccessControlListNotSupported");
}

int s3_delete_setting(struct s3_call *c, struct err *err)
{
	(void)err;
	c->reply->status = 204;
	return 0;
}
