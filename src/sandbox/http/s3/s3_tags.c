/* Tags of objects and buckets. An object's first tags lie in its metadata, written with it; later ones beside it
 * (store/later.h). */
#include "sandbox/http/s3/s3_tags.h"
#include "sandbox/store/later.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"
#include "spark/base/xml.h"

#define BUCKET_KIND     "s3:bucket"
#define OF_OBJECT_MAX   10
#define OF_BUCKET_MAX   50
#define KEY_CHARS_MAX   128
#define VALUE_CHARS_MAX 256

static size_t count_chars(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* Letters and digits of any language, blanks and a few signs. */
static bool chars_are_valid(const char *text)
{
	for (; *text; text++) {
		unsigned char b = (unsigned char)*text;
		bool letter = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b >= 0x80;

		if (!letter && !strchr(" +-=._:/@", b))
			return false;
	}
	return true;
}

static int add_tag(struct s3_call *c, struct json *tags, const char *key, const char *value, struct err *err)
{
	size_t chars = count_chars(key);

	if (chars < 1 || chars > KEY_CHARS_MAX || !chars_are_valid(key))
		s3_failf(c, err, "InvalidTag", "The TagKey you have provided is invalid");
	else if (count_chars(value) > VALUE_CHARS_MAX || !chars_are_valid(value))
		s3_failf(c, err, "InvalidTag", "The TagValue you have provided is invalid");
	else if (strncmp(key, "aws:", 4) == 0)
		s3_failf(c, err, "InvalidTag", "System tags cannot be added/updated by requester");
	else if (json_get(tags, key))
		s3_failf(c, err, "InvalidTag", "Cannot provide multiple Tags with the same key");
	else
		return json_set_str(tags, key, value) ? err_nomem(err) : 0;
	xml_element(&c->reply->body, "TagKey", key);
	return -1;
}

static int check_count(struct s3_call *c, const struct json *tags, struct err *err)
{
	size_t max = c->key ? OF_OBJECT_MAX : OF_BUCKET_MAX;

	if (json_count(tags) <= max)
		return 0;
	return s3_failf(c, err, "BadRequest", "%s tags cannot be greater than %zu", c->key ? "Object" : "Bucket", max);
}

/* One tag of a document; false when it has no key or no value, or they are much too long. */
static bool read_tag(const struct xml_node *n, char key[1024], char value[2048])
{
	return xml_text_into(n, "Key", key, 1024) && xml_text_into(n, "Value", value, 2048);
}

static int parse_tags(struct s3_call *c, const char *text, size_t len, struct json **out, struct err *err)
{
	struct err why = { 0 };
	struct xml_doc *doc = xml_parse(text, len, &why);
	const struct xml_node *set = doc ? xml_path(xml_root(doc), "TagSet") : NULL;
	struct json *tags = json_new_object();
	char key[1024], value[2048];
	int rc = -1;

	if (!tags || why.kind == ERR_NOMEM) {
		err_nomem(err);
		goto out;
	}
	if (!set || strcmp(xml_name(xml_root(doc)), "Tagging") != 0) {
		s3_fail(c, err, "MalformedXML");
		goto out;
	}
	for (const struct xml_node *n = xml_child(set, NULL); n; n = xml_next(n, NULL)) {
		if (strcmp(xml_name(n), "Tag") != 0 || !read_tag(n, key, value)) {
			s3_fail(c, err, "MalformedXML");
			goto out;
		}
		if (add_tag(c, tags, key, value, err) < 0)
			goto out;
	}
	if (check_count(c, tags, err) < 0)
		goto out;
	*out = tags;
	tags = NULL;
	rc = 0;
out:
	json_free(tags);
	xml_free(doc);
	return rc;
}

/* ---- with a new object ---- */

static int bad_header(struct s3_call *c, const char *value, struct err *err)
{
	return s3_bad_argument(c, err, "x-amz-tagging", value,
			       "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query "
			       "parameters without tag name duplicates.");
}

static int add_pair(struct s3_call *c, struct json *tags, const char *pair, size_t len, struct err *err)
{
	const char *eq = memchr(pair, '=', len);
	size_t key_len = eq ? (size_t)(eq - pair) : len;
	struct buf key, value;
	struct err why = { 0 };
	int rc = -1;

	buf_init(&key, 4096);
	buf_init(&value, 4096);
	if (url_decode(&key, pair, key_len, true, &why) ||
	    url_decode(&value, eq ? eq + 1 : "", eq ? len - key_len - 1 : 0, true, &why) || key.failed ||
	    value.failed || !s3_text_is_utf8(key.data, key.len) || !s3_text_is_utf8(value.data, value.len) ||
	    json_get(tags, key.data))
		bad_header(c, pair, err);
	else
		rc = add_tag(c, tags, key.data, value.data, err);
	buf_clear(&key);
	buf_clear(&value);
	return rc;
}

int s3_tags_from_header(struct s3_call *c, struct object_info *info, struct err *err)
{
	const char *text = http_header(c->r, "x-amz-tagging");
	struct json *tags;

	if (!text || !*text)
		return 0;
	if (s3_authorize(c, "s3:PutObjectTagging", err) < 0)
		return -1;
	if (!(tags = json_new_object()))
		return err_nomem(err);
	while (*text) {
		size_t len = strcspn(text, "&");

		if (len && add_pair(c, tags, text, len, err) < 0) {
			json_free(tags);
			return -1;
		}
		text += len;
		text += *text == '&';
	}
	if (check_count(c, tags, err) < 0) {
		json_free(tags);
		return -1;
	}
	return json_set(info->metadata, S3_META_TAGS, tags) ? err_nomem(err) : 0;
}

int s3_tags_to_header(struct s3_call *c, const char *xml, struct buf *out, struct err *err)
{
	struct json *tags = NULL;

	if (parse_tags(c, xml, strlen(xml), &tags, err) < 0)
		return -1;
	for (const struct json *t = json_first(tags); t; t = json_next(t)) {
		if (out->len)
			buf_putc(out, '&');
		url_encode(out, json_name(t), strlen(json_name(t)), false);
		buf_putc(out, '=');
		url_encode(out, json_text(t), strlen(json_text(t)), false);
	}
	json_free(tags);
	return buf_check(out, "the tags", err);
}

/* ---- of an object that is there ---- */

/* Under the store's lock. NULL: it has none. */
static const struct json *find_object_tags(struct s3_call *c, const char *bucket, const struct object_info *info)
{
	const struct json *given = json_get(later_get(c->w, bucket, info), LATER_TAGS);

	return given ? given : json_get(info->metadata, S3_META_TAGS);
}

int s3_tags_of(struct s3_call *c, const char *bucket, const struct object_info *info, struct json **out,
	       struct err *err)
{
	const struct json *tags;
	struct json *copy;

	store_lock(c->w->store);
	tags = find_object_tags(c, bucket, info);
	copy = tags ? json_copy(tags) : json_new_object();
	store_unlock(c->w->store);
	if (!copy)
		return err_nomem(err);
	*out = copy;
	return 0;
}

size_t s3_tags_count(struct s3_call *c, const struct object_info *info)
{
	const struct json *tags;
	size_t count;

	store_lock(c->w->store);
	tags = find_object_tags(c, c->bucket, info);
	count = tags ? json_count(tags) : 0;
	store_unlock(c->w->store);
	return count;
}

bool s3_tags_are_kept(struct s3_call *c, const char *key)
{
	bool kept;

	store_lock(c->w->store);
	kept = later_is_there(c->w, c->bucket, key);
	store_unlock(c->w->store);
	return kept;
}

void s3_tags_forget(struct s3_call *c, const char *key)
{
	store_lock(c->w->store);
	later_forget(c->w, c->bucket, key);
	store_unlock(c->w->store);
}

/* Takes tags. Under the store's lock. */
static int set_object_locked(struct s3_call *c, struct json *tags, struct err *err)
{
	struct object_info info = { 0 };
	int rc;

	if (!objects_head(c->w->objects, c->bucket, c->key, &info)) {
		json_free(tags);
		return s3_fail(c, err, "NoSuchKey");
	}
	rc = later_set(c->w, c->bucket, &info, LATER_TAGS, tags, err);
	object_info_clear(&info);
	return rc;
}

/* arg: tags, which it takes, or NULL for none. */
static int edit_tags(struct s3_call *c, struct json *doc, void *arg, struct err *err)
{
	struct json **tags = arg, *taken = *tags;

	(void)c;
	*tags = NULL;
	json_remove(doc, "tags");
	return taken && json_set(doc, "tags", taken) ? err_nomem(err) : 0;
}

/* Takes tags. */
static int set_tags(struct s3_call *c, struct json *tags, struct err *err)
{
	int rc;

	if (!c->key) {
		rc = s3_bucket_change(c, edit_tags, &tags, err);
		json_free(tags);
		return rc;
	}
	store_lock(c->w->store);
	rc = set_object_locked(c, tags, err);
	store_unlock(c->w->store);
	return rc;
}

int s3_put_tagging(struct s3_call *c, struct err *err)
{
	struct s3_body body;
	struct json *tags = NULL;
	int rc;

	if (s3_body_open(c, &body, err) < 0)
		return -1;
	rc = parse_tags(c, body.data, body.len, &tags, err);
	s3_body_close(&body);
	if (rc < 0)
		return -1;
	rc = set_tags(c, tags, err);
	c->reply->status = c->key ? 200 : 204;
	return rc;
}

int s3_delete_tagging(struct s3_call *c, struct err *err)
{
	struct json *none = NULL;
	int rc;

	if (c->key && !(none = json_new_object()))
		return err_nomem(err);
	rc = set_tags(c, none, err);
	c->reply->status = 204;
	return rc;
}

static int find_tags(struct s3_call *c, struct json **out, struct err *err)
{
	struct object_info info = { 0 };
	const struct json *doc, *tags;
	int rc;

	if (c->key) {
		if (!objects_head(c->w->objects, c->bucket, c->key, &info))
			return s3_fail(c, err, "NoSuchKey");
		rc = s3_tags_of(c, c->bucket, &info, out, err);
		object_info_clear(&info);
		return rc;
	}
	store_lock(c->w->store);
	doc = store_get(c->w->store, BUCKET_KIND, c->bucket);
	tags = doc ? json_get(doc, "tags") : NULL;
	*out = json_count(tags) ? json_copy(tags) : NULL;
	rc = json_count(tags) && !*out ? err_nomem(err) : 0;
	store_unlock(c->w->store);
	return rc < 0 || *out ? rc : s3_fail(c, err, "NoSuchTagSet");
}

int s3_get_tagging(struct s3_call *c, struct err *err)
{
	struct buf *b = &c->reply->body;
	struct json *tags = NULL;

	if (find_tags(c, &tags, err) < 0)
		return -1;
	s3_xml_begin(c, "Tagging");
	xml_open(b, "TagSet");
	for (const struct json *t = json_first(tags); t; t = json_next(t)) {
		xml_open(b, "Tag");
		xml_element(b, "Key", json_name(t));
		xml_element(b, "Value", json_text(t));
		xml_close(b, "Tag");
	}
	xml_close(b, "TagSet");
	json_free(tags);
	return s3_xml_end(c, "Tagging", err);
}
