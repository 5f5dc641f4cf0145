/* DeleteObjects: many keys in one request. */
#include "sandbox/http/s3/s3.h"
#include "sandbox/http/s3/s3_tags.h"
#include "spark/base/mem.h"
#include "spark/base/xml.h"

#define KEYS_MAX 1000

void s3_delete_clear(struct s3_delete_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		mem_free(l->keys[i]);
	mem_free(l->keys);
	*l = (struct s3_delete_list){ 0 };
}

static int add_key(struct s3_delete_list *l, const struct xml_node *object, struct err *err)
{
	struct buf key = { 0 };
	int rc = -1;

	buf_init(&key, S3_KEY_MAX + 1);
	if (!xml_text(object, "Key", &key) || key.len == 0) {
		err_set(err, ERR_PARSE, "an object without a key");
	} else if (mem_grow(&l->keys, &l->cap, l->count, sizeof(*l->keys)) < 0) {
		err_nomem(err);
	} else if (key.too_long || key.len > S3_KEY_MAX) {
		err_set(err, ERR_PARSE, "a key is longer than %d bytes", S3_KEY_MAX);
	} else if (!(l->keys[l->count] = buf_take(&key))) {
		err_nomem(err);
	} else {
		l->count++;
		rc = 0;
	}
	buf_clear(&key);
	return rc;
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
		if (add_key(&l, n, err) < 0)
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

static int delete_listed(struct s3_call *c, const struct s3_delete_list *l, struct err *err)
{
	struct buf *b = &c->reply->body;

	s3_xml_begin(c, "DeleteResult");
	for (size_t i = 0; i < l->count; i++) {
		struct err why = { 0 };

		if (s3_authorize_key(c, "s3:DeleteObject", c->bucket, l->keys[i], &why) < 0 ||
		    objects_delete(c->w->objects, c->bucket, l->keys[i], false, &why) < 0) {
			write_failure(b, l->keys[i], &why);
			continue;
		}
		s3_tags_forget(c, l->keys[i]);
		if (!l->quiet) {
			xml_open(b, "Deleted");
			xml_element(b, "Key", l->keys[i]);
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
	rc = delete_listed(c, &list, err);
out:
	s3_delete_clear(&list);
	s3_body_close(&body);
	return rc;
}
