/* The policy of a bucket, and the settings that keep it from being public. */
#include "sandbox/access/authorize.h"
#include "sandbox/access/bucket_policy.h"
#include "sandbox/http/s3/s3.h"
#include "spark/base/xml.h"

static const char *const blocks[] = { "BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy",
				      "RestrictPublicBuckets" };
#define BLOCKS (sizeof(blocks) / sizeof(*blocks))

/* ---- the policy ---- */

static int refuse_public(struct s3_call *c, struct err *err)
{
	char arn[96];

	snprintf(arn, sizeof(arn), "arn:aws:s3:::%.63s", c->bucket);
	return access_refuse(
		c->who, "s3:PutBucketPolicy", arn,
		" because public policies are blocked by the BlockPublicPolicy block public access setting.", err);
}

static int edit_policy(struct s3_call *c, struct json *doc, void *arg, struct err *err)
{
	const struct s3_body *body = arg;
	struct json *policy = NULL;

	if (bucket_policy_parse(c->w, c->bucket, body->data, body->len, &policy, err) < 0)
		return -1;
	if (bucket_block_is_on(doc, "BlockPublicPolicy") && bucket_policy_is_public(policy)) {
		json_free(policy);
		return refuse_public(c, err);
	}
	return json_set(doc, "policy", policy) ? err_nomem(err) : 0;
}

int s3_put_policy(struct s3_call *c, struct err *err)
{
	struct s3_body body;
	int rc;

	if (s3_body_open(c, &body, err) < 0)
		return -1;
	rc = s3_bucket_change(c, edit_policy, &body, err);
	s3_body_close(&body);
	c->reply->status = 204;
	return rc;
}

/* 0, NoSuchBucketPolicy or NoSuchBucket. Under the store's lock. */
static int find_policy(struct s3_call *c, const struct json **out, struct err *err)
{
	if (!store_get(c->w->store, "s3:bucket", c->bucket))
		return s3_fail(c, err, "NoSuchBucket");
	*out = bucket_policy_of(c->w, c->bucket);
	return *out ? 0 : s3_fail(c, err, "NoSuchBucketPolicy");
}

int s3_get_policy(struct s3_call *c, struct err *err)
{
	const struct json *policy;
	int rc;

	buf_reset(&c->reply->body);
	store_lock(c->w->store);
	rc = find_policy(c, &policy, err);
	if (rc == 0)
		rc = bucket_policy_print(c->w, policy, &c->reply->body, err);
	store_unlock(c->w->store);
	if (rc == 0)
		snprintf(c->reply->content_type, sizeof(c->reply->content_type), "application/json");
	return rc < 0 ? -1 : buf_check(&c->reply->body, "reply", err);
}

int s3_get_policy_status(struct s3_call *c, struct err *err)
{
	const struct json *policy;
	bool is_public = false;
	int rc;

	store_lock(c->w->store);
	rc = find_policy(c, &policy, err);
	if (rc == 0)
		is_public = bucket_policy_is_public(policy);
	store_unlock(c->w->store);
	if (rc < 0)
		return -1;
	s3_xml_begin(c, "PolicyStatus");
	xml_element(&c->reply->body, "IsPublic", is_public ? "true" : "false");
	return s3_xml_end(c, "PolicyStatus", err);
}

static int edit_remove(struct s3_call *c, struct json *doc, void *name, struct err *err)
{
	(void)c;
	(void)err;
	json_remove(doc, name);
	return 0;
}

int s3_delete_policy(struct s3_call *c, struct err *err)
{
	char name[] = "policy";

	c->reply->status = 204;
	return c->has_policy ? s3_bucket_change(c, edit_remove, name, err) : 0;
}

/* ---- what blocks public ones ---- */

/* The settings of the document; one that it does not name is off. NULL: it is none. */
static struct json *read_blocks(const struct xml_node *root)
{
	struct json *out = json_new_object();
	char text[16];

	for (size_t i = 0; out && i < BLOCKS; i++) {
		bool on = false;

		if (xml_child(root, blocks[i])) {
			on = xml_text_into(root, blocks[i], text, sizeof(text)) && strcasecmp(text, "true") == 0;
			if (!on && strcasecmp(text, "false") != 0)
				break;
		}
		if (json_set_bool(out, blocks[i], on) < 0)
			break;
	}
	if (json_count(out) == BLOCKS)
		return out;
	json_free(out);
	return NULL;
}

/* arg: the settings, which it takes. */
static int edit_blocks(struct s3_call *c, struct json *doc, void *arg, struct err *err)
{
	struct json **settings = arg, *taken = *settings;

	(void)c;
	*settings = NULL;
	return json_set(doc, "publicAccessBlock", taken) ? err_nomem(err) : 0;
}

/* Takes the settings. */
static int set_blocks(struct s3_call *c, struct json *settings, struct err *err)
{
	int rc = s3_bucket_change(c, edit_blocks, &settings, err);

	json_free(settings);
	return rc;
}

int s3_put_public_access(struct s3_call *c, struct err *err)
{
	struct json *settings = NULL;
	struct xml_doc *doc;
	struct err why = { 0 };
	struct s3_body body;

	if (s3_body_open(c, &body, err) < 0)
		return -1;
	doc = xml_parse(body.data, body.len, &why);
	if (doc && strcmp(xml_name(xml_root(doc)), "PublicAccessBlockConfiguration") == 0)
		settings = read_blocks(xml_root(doc));
	xml_free(doc);
	s3_body_close(&body);
	if (why.kind == ERR_NOMEM)
		return err_nomem(err);
	return settings ? set_blocks(c, settings, err) : s3_fail(c, err, "MalformedXML");
}

int s3_get_public_access(struct s3_call *c, struct err *err)
{
	const struct json *doc, *settings;
	bool on[BLOCKS], none;

	store_lock(c->w->store);
	doc = store_get(c->w->store, "s3:bucket", c->bucket);
	settings = json_get(doc, "publicAccessBlock");
	none = settings && !json_count(settings);
	for (size_t i = 0; i < BLOCKS; i++)
		on[i] = bucket_block_is_on(doc, blocks[i]);
	store_unlock(c->w->store);
	if (none)
		return s3_fail(c, err, "NoSuchPublicAccessBlockConfiguration");
	s3_xml_begin(c, "PublicAccessBlockConfiguration");
	for (size_t i = 0; i < BLOCKS; i++)
		xml_element(&c->reply->body, blocks[i], on[i] ? "true" : "false");
	return s3_xml_end(c, "PublicAccessBlockConfiguration", err);
}

int s3_delete_public_access(struct s3_call *c, struct err *err)
{
	struct json *none = json_new_object();

	if (!none)
		return err_nomem(err);
	c->reply->status = 204;
	return set_blocks(c, none, err);
}
