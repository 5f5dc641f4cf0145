/* Storage classes: what they are called, and bringing back what lies in an archive. All classes are stored in one way;
 * bringing back is done at once. */
#include "sandbox/http/s3/s3_class.h"

#include "sandbox/store/later.h"
#include "spark/base/xml.h"

#define STANDARD "STANDARD"
#define DAY_MS   ((int64_t)24 * 3600 * 1000)
#define DAYS_MAX 36500

int s3_class_check(struct s3_call *c, struct err *err)
{
	const char *wanted = http_header(c->r, OBJECT_STORAGE_CLASS);

	if (!wanted || tier_is_known(wanted))
		return 0;
	s3_fail(c, err, "InvalidStorageClass");
	xml_element(&c->reply->body, "StorageClassRequested", wanted);
	return -1;
}

int s3_class_from_header(struct s3_call *c, struct object_info *info, struct err *err)
{
	const char *wanted = http_header(c->r, OBJECT_STORAGE_CLASS);

	json_remove(info->metadata, OBJECT_STORAGE_CLASS);
	if (!wanted || strcmp(wanted, STANDARD) == 0)
		return 0;
	if (!info->metadata && !(info->metadata = json_new_object()))
		return err_nomem(err);
	return json_set_str(info->metadata, OBJECT_STORAGE_CLASS, wanted) ? err_nomem(err) : 0;
}

const char *s3_class_name(const struct object_info *info)
{
	return *info->storage_class ? info->storage_class : STANDARD;
}

int s3_class_check_read(struct s3_call *c, const char *bucket, const struct object_info *info, bool source,
			struct err *err)
{
	if (tier_is_readable(c->w, bucket, info))
		return 0;
	if (source)
		return s3_fail(c, err, "ObjectNotInActiveTierError");
	s3_fail(c, err, "InvalidObjectState");
	xml_element(&c->reply->body, "StorageClass", info->storage_class);
	return -1;
}

int s3_class_headers(struct s3_call *c, const struct object_info *info, struct err *err)
{
	int64_t until;
	char when[CLOCK_TEXT], text[CLOCK_TEXT + 64];

	if (!tier_is_archive(info->storage_class) || !(until = tier_restored_until(c->w, c->bucket, info)))
		return 0;
	clock_http(until, when);
	snprintf(text, sizeof(text), "ongoing-request=\"false\", expiry-date=\"%s\"", when);
	return http_reply_header(c->reply, "x-amz-restore", text, err);
}

/* For how many days; -1: the document is none, or not one that we know. */
static long read_request(struct s3_call *c, const struct s3_body *body, struct err *err)
{
	static const char *const tiers[] = { "Standard", "Bulk", "Expedited" };
	struct err why = { 0 };
	struct xml_doc *doc = xml_parse(body->data, body->len, &why);
	const struct xml_node *root = doc ? xml_root(doc) : NULL;
	char text[16] = "", tier[16] = "Standard", *end = text;
	long days = -1;
	bool known = false;

	if (root && xml_text_into(root, "Days", text, sizeof(text)))
		days = strtol(text, &end, 10);
	if (root && !xml_text_into(root, "GlacierJobParameters/Tier", tier, sizeof(tier)))
		xml_text_into(root, "Tier", tier, sizeof(tier));
	for (size_t i = 0; i < sizeof(tiers) / sizeof(*tiers); i++)
		known = known || strcmp(tiers[i], tier) == 0;
	if (why.kind == ERR_NOMEM) {
		*err = why;
		days = -1;
	} else if (root && xml_child(root, "Type")) {
		days = s3_failf(c, err, "NotImplemented", "The sandbox does not implement restoring by a query");
	} else if (!root || strcmp(xml_name(root), "RestoreRequest") != 0 || end == text || *end || days < 1 ||
		   days > DAYS_MAX || !known) {
		days = s3_fail(c, err, "MalformedXML");
	}
	xml_free(doc);
	return days;
}

/* Under the store's lock. */
static int restore_locked(struct s3_call *c, long days, struct err *err)
{
	struct object_info info = { 0 };
	/* It stays to the end of the last day, in UTC. */
	int64_t until = (clock_now(c->w->clock) / DAY_MS + days + 1) * DAY_MS;
	struct json *holder = NULL, *value;
	int rc = -1;

	if (!objects_head(c->w->objects, c->bucket, c->key, &info))
		return s3_fail(c, err, "NoSuchKey");
	if (!tier_is_archive(info.storage_class)) {
		s3_failf(c, err, "InvalidObjectState", "Restore is not allowed for the object's current storage class");
		xml_element(&c->reply->body, "StorageClass", s3_class_name(&info));
		goto out;
	}
	c->reply->status = tier_restored_until(c->w, c->bucket, &info) ? 200 : 202;
	holder = json_new_object();
	value = holder && json_set_int(holder, "until", until) == 0 ? json_copy(json_get(holder, "until")) : NULL;
	rc = later_set(c->w, c->bucket, &info, LATER_RESTORED_UNTIL, value, err);
out:
	json_free(holder);
	object_info_clear(&info);
	return rc;
}

int s3_restore_object(struct s3_call *c, struct err *err)
{
	struct s3_body body;
	long days;
	int rc;

	if (s3_body_open(c, &body, err) < 0)
		return -1;
	days = read_request(c, &body, err);
	s3_body_close(&body);
	if (days < 0)
		return -1;
	store_lock(c->w->store);
	rc = restore_locked(c, days, err);
	store_unlock(c->w->store);
	return rc;
}
