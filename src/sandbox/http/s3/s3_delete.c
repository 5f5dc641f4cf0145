/* DeleteObjects: many keys in one request. */
#include "sandbox/http/s3/s3.h"
#include "sandbox/http/s3/s3_tags.h"
#include "spark/base/mem.h"
#include "spark/base/xml.h"

#define KEYS_MAX 1000

void s3_delete_clear(struct s3_delete_list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		mem_free(l->items[i].key);
		mem_free(l->items[i].etag);
	}
	mem_free(l->items);
	*l = (struct s3_delete_list){ 0 };
}

/* The element's text into *out; NULL when there is none. */
static int take_text(const struct xml_node *object, const char *name, char **out, struct err *err)
{
	struct buf text = { 0 };
	int rc = 0;

	buf_init(&text, S3_KEY_MAX + 1);
	*out = NULL;
	if (!xml_text(object, name, &text) && !text.failed)
		goto out;
	if (text.too_long || text.len > S3_KEY_MAX)
		rc = err_set(err, ERR_PARSE, "an element '%s' is longer than %d bytes", name, S3_KEY_MAX);
	else if (!(*out = buf_take(&text)))
		rc = err_nomem(err);
out:
	buf_clear(&text);
	return rc;
}

static int add_item(struct s3_delete_list *l, const struct xml_node *object, struct err *err)
{
	struct s3_delete_item *item;

	if (mem_grow(&l->items, &l->cap, l->count, sizeof(*l->items)) < 0)
		return err_nomem(err);
	item = &l->items[l->count++];
	*item = (struct s3_delete_item){ NULL, NULL };
	if (take_text(object, "Key", &item->key, err) < 0 || take_text(object, "ETag", &item->etag, err) < 0)
		return -1;
	l->directory_only = l->directory_only || xml_child(object, "LastModifiedTime") || xml_child(object, "Size");
	return item->key && *item->key ? 0 : err_set(err, ERR_PARSE, "an object without a key");
}

int s3_delete_parse(const char *text, size_t len, struct s3_delete_list *out, struct err *err)
{
	struct xml_doc *doc = xml_parse(text, len, err);
	struct s3_delete_list l = { 0 };
	char quiet[8], version[64];
	int rc = -1;

	if (!doc)
		return -1;
	if (strcmp(xml_name(xml_root(doc)), "Delete") != 0) {
		err_set(err, ERR_PARSE, "the root is not Delete");
		goto out;
	}
	for (const struct xml_node *n = xml_child(xml_root(doc), "Object"); n; n = xml_next(n, "Object")) {
		if (l.count == KEYS_MAX) {
			err_set(err, ERR_PARSE, "more than %d keys", KEYS_MAX);
			goto out;
		}
		if (xml_text_into(n, "VersionId", version, sizeof(version)) && *version &&
		    strcmp(version, "null") != 0) {
			err_set(err, ERR_PARSE, "versions are not kept");
			goto out;
		}
		if (add_item(&l, n, err) < 0)
			goto out;
	}
	if (l.count == 0) {
		err_set(err, ERR_PARSE, "no key");
		goto out;
	}
	l.quiet = xml_text_into(xml_root(doc), "Quiet", quiet, sizeof(quiet)) && strcasecmp(quiet, "true") == 0;
	*out = l;
	l = (struct s3_delete_list){ 0 };
	rc = 0;
out:
	s3_delete_clear(&l);
	xml_free(doc);
	return rc;
}

static bool has_integrity_header(const struct s3_call *c)
{
	bool found = http_header(c->r, "content-md5") || http_header(c->r, "x-amz-trailer");

	for (int k = 0; k < S3_CHECKSUM_KINDS && !found; k++)
		found = http_header(c->r, s3_checksums[k].header) != NULL;
	return found;
}

static void write_failure(struct buf *b, const char *key, const struct err *why)
{
	xml_open(b, "Error");
	xml_element(b, "Key", key);
	xml_element(b, "Code", *why->code ? why->code : "InternalError");
	xml_element(b, "Message", why->text);
	xml_close(b, "Error");
}

/* Looks and deletes under the store's lock, as a conditional DeleteObject does. */
static int delete_if(struct s3_call *c, const struct s3_delete_item *item, struct err *why)
{
	struct object_info there = { 0 };
	int rc = -1;

	store_lock(c->w->store);
	if (!objects_head(c->w->objects, c->bucket, item->key, &there))
		service_error(why, 404, "NoSuchKey", "The specified key does not exist.");
	else if (!s3_etag_listed(item->etag, there.etag))
		service_error(why, 412, "PreconditionFailed",
			      "At least one of the pre-conditions you specified did not hold");
	else
		rc = objects_delete(c->w->objects, c->bucket, item->key, false, why);
	store_unlock(c->w->store);
	object_info_clear(&there);
	return rc;
}

static int delete_one(struct s3_call *c, const struct s3_delete_item *item, struct err *why)
{
	int rc;

	if (s3_authorize_key(c, "s3:DeleteObject", c->bucket, item->key, why) < 0)
		return -1;
	rc = item->etag ? delete_if(c, item, why) : objects_delete(c->w->objects, c->bucket, item->key, false, why);
	if (rc == 0)
		s3_tags_forget(c, item->key);
	return rc;
}

static int delete_listed(struct s3_call *c, const struct s3_delete_list *l, struct err *err)
{
	struct buf *b = &c->reply->body;

	s3_xml_begin(c, "DeleteResult");
	for (size_t i = 0; i < l->count; i++) {
		struct err why = { 0 };

		if (delete_one(c, &l->items[i], &why) < 0) {
			write_failure(b, l->items[i].key, &why);
		} else if (!l->quiet) {
			xml_open(b, "Deleted");
			xml_element(b, "Key", l->items[i].key);
			xml_close(b, "Deleted");
		}
	}
	if (objects_sync(c->w->objects, c->bucket, err) < 0)
		return -1;
	return s3_xml_end(c, "DeleteResult", err);
}

int s3_delete_objects(struct s3_call *c, struct err *err)
{
	struct s3_delete_list list = { 0 };
	struct s3_body body;
	struct err why = { 0 };
	int rc = -1;

	if (!has_integrity_header(c))
		return s3_failf(c, err, "InvalidRequest",
				"Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
	if (s3_body_open(c, &body, err) < 0)
		return -1;
	if (s3_delete_parse(body.data, body.len, &list, &why) < 0) {
		if (why.kind == ERR_PARSE)
			s3_fail(c, err, "MalformedXML");
		else
			*err = why;
		goto out;
	}
	if (list.directory_only)
		s3_failf(c, err, "NotImplemented",
			 "The sandbox does not implement deleting by size or time, as directory buckets do");
	else
		rc = delete_listed(c, &list, err);
out:
	s3_delete_clear(&list);
	s3_body_close(&body);
	return rc;
}
