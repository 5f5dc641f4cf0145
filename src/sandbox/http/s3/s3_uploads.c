/* ListMultipartUploads: by key, those of one key in the order in which they were begun. */
#include "sandbox/http/s3/s3.h"
#include "sandbox/http/s3/s3_class.h"
#include "sandbox/http/s3/s3_upload.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"
#include "spark/base/xml.h"

#define PAGE_MAX 1000

struct upload {
	char *key, *id;
	int64_t begun_ms;
	char storage_class[sizeof(((struct object_info *)NULL)->storage_class)];
};

struct uploads {
	struct s3_call *c;
	const char *prefix;
	struct upload *list;
	size_t count, cap;
	struct err *err;
};

static void uploads_clear(struct uploads *u)
{
	for (size_t i = 0; i < u->count; i++) {
		mem_free(u->list[i].key);
		mem_free(u->list[i].id);
	}
	mem_free(u->list);
}

static int gather(void *arg, const struct object_info *info)
{
	struct uploads *u = arg;
	const char *id = strchr(info->key, '/') + 1, *key;
	struct object_info whole = { 0 };
	struct upload *one;
	int rc = 0;

	/* Parts lie below their upload. */
	if (strchr(id, '/') || !objects_head(u->c->w->objects, S3_UPLOADS_BUCKET, info->key, &whole))
		return 0;
	key = json_str(whole.metadata, S3_UPLOAD_KEY, "");
	if (strncmp(key, u->prefix, strlen(u->prefix)) != 0)
		goto out;
	rc = -1;
	if (mem_grow(&u->list, &u->cap, u->count, sizeof(*u->list)) < 0) {
		err_nomem(u->err);
		goto out;
	}
	one = &u->list[u->count++];
	*one = (struct upload){ mem_strdup(key), mem_strdup(id), info->modified_ms, "" };
	snprintf(one->storage_class, sizeof(one->storage_class), "%s", s3_class_name(info));
	rc = one->key && one->id ? 0 : err_nomem(u->err);
out:
	object_info_clear(&whole);
	return rc;
}

static int compare(const void *a, const void *b)
{
	const struct upload *x = a, *y = b;
	int by_key = strcmp(x->key, y->key);

	if (by_key)
		return by_key;
	if (x->begun_ms != y->begun_ms)
		return x->begun_ms < y->begun_ms ? -1 : 1;
	return strcmp(x->id, y->id);
}

struct page {
	struct s3_call *c;
	const char *prefix, *delimiter, *key_marker, *id_marker;
	bool url;
	size_t max, count;
	const char *last_key, *last_id; /* of the last one told */
	char *group;                    /* the last common prefix */
	struct buf groups;              /* CommonPrefixes follow all uploads */
};

static void element(struct page *p, struct buf *out, const char *name, const char *text)
{
	struct buf encoded;

	if (!p->url || !text) {
		xml_element(out, name, text);
		return;
	}
	buf_init(&encoded, BUF_MAX_DEFAULT);
	url_encode(&encoded, text, strlen(text), true);
	xml_element(out, name, encoded.failed ? "" : encoded.data);
	out->failed |= encoded.failed;
	buf_clear(&encoded);
}

static void write_upload(struct page *p, const struct upload *u)
{
	struct buf *b = &p->c->reply->body;
	char begun[CLOCK_TEXT];

	clock_iso(u->begun_ms, begun);
	xml_open(b, "Upload");
	element(p, b, "Key", u->key);
	xml_element(b, "UploadId", u->id);
	s3_xml_owner(b, p->c, "Initiator");
	s3_xml_owner(b, p->c, "Owner");
	xml_element(b, "StorageClass", u->storage_class);
	xml_element(b, "Initiated", begun);
	xml_close(b, "Upload");
}

/* 1: the name up to its delimiter, new; 0: that was told already; -1: it has none. */
static int common_prefix(struct page *p, const struct upload *u, size_t *len)
{
	const char *cut = *p->delimiter ? strstr(u->key + strlen(p->prefix), p->delimiter) : NULL;

	if (!cut)
		return -1;
	*len = (size_t)(cut - u->key) + strlen(p->delimiter);
	return p->group && strlen(p->group) == *len && strncmp(p->group, u->key, *len) == 0 ? 0 : 1;
}

/* Is it before the place where the last page ended? Without an upload's id the marker stands behind all of its key. */
static bool told_before(const struct page *p, const struct upload *u, bool *marker_seen)
{
	int by_key = strcmp(u->key, p->key_marker);
	size_t len = strlen(p->key_marker), end = strlen(p->delimiter);

	if (!*p->key_marker)
		return false;
	/* A page that ended with a common prefix goes on behind it. */
	if (end && len >= end && strcmp(p->key_marker + len - end, p->delimiter) == 0 &&
	    strncmp(u->key, p->key_marker, len) == 0)
		return true;
	if (by_key)
		return by_key < 0;
	if (!*p->id_marker)
		return true;
	if (*marker_seen)
		return false;
	*marker_seen = strcmp(u->id, p->id_marker) == 0;
	return true;
}

static int write_group(struct page *p, const struct upload *u, size_t len, struct err *err)
{
	mem_free(p->group);
	if (!(p->group = mem_strndup(u->key, len)))
		return err_nomem(err);
	xml_open(&p->groups, "CommonPrefixes");
	element(p, &p->groups, "Prefix", p->group);
	xml_close(&p->groups, "CommonPrefixes");
	return 0;
}

/* Writes the uploads of this page; 1: there are more, 0: that was all. */
static int write_page(struct page *p, const struct uploads *u, struct err *err)
{
	bool marker_seen = false;

	for (size_t i = 0; i < u->count; i++) {
		const struct upload *one = &u->list[i];
		size_t len = 0;
		int group;

		if (told_before(p, one, &marker_seen))
			continue;
		group = common_prefix(p, one, &len);
		if (group == 0)
			continue;
		if (p->count == p->max)
			return 1;
		p->count++;
		if (group < 0)
			write_upload(p, one);
		else if (write_group(p, one, len, err) < 0)
			return -1;
		p->last_key = group < 0 ? one->key : p->group;
		p->last_id = group < 0 ? one->id : "";
	}
	return 0;
}

static int read_query(struct page *p, struct err *err)
{
	struct s3_call *c = p->c;
	const char *max = s3_query(c, "max-uploads"), *encoding = s3_query(c, "encoding-type");
	char *end;
	long n = PAGE_MAX;

	if (max) {
		n = strtol(max, &end, 10);
		if (end == max || *end || n < 0)
			return s3_bad_argument(c, err, "max-uploads", max,
					       "Provided max-uploads not an integer or within integer range");
	}
	if (encoding && strcmp(encoding, "url") != 0)
		return s3_bad_argument(c, err, "encoding-type", encoding,
				       "Invalid Encoding Method specified in Request");
	p->max = n > PAGE_MAX ? PAGE_MAX : (size_t)n;
	p->url = encoding != NULL;
	p->prefix = s3_query(c, "prefix") ? s3_query(c, "prefix") : "";
	p->delimiter = s3_query(c, "delimiter") ? s3_query(c, "delimiter") : "";
	p->key_marker = s3_query(c, "key-marker") ? s3_query(c, "key-marker") : "";
	/* AWS takes it together with a key only. */
	p->id_marker = *p->key_marker && s3_query(c, "upload-id-marker") ? s3_query(c, "upload-id-marker") : "";
	return 0;
}

static int write_answer(struct page *p, const struct uploads *u, struct err *err)
{
	struct buf *b = &p->c->reply->body;
	int more;

	s3_xml_begin(p->c, "ListMultipartUploadsResult");
	xml_element(b, "Bucket", p->c->bucket);
	element(p, b, "KeyMarker", p->key_marker);
	xml_element(b, "UploadIdMarker", p->id_marker);
	element(p, b, "Prefix", p->prefix);
	if (*p->delimiter)
		element(p, b, "Delimiter", p->delimiter);
	if (p->url)
		xml_element(b, "EncodingType", "url");
	xml_elementf(b, "MaxUploads", "%zu", p->max);
	more = p->max ? write_page(p, u, err) : 0;
	if (more < 0)
		return -1;
	xml_element(b, "IsTruncated", more ? "true" : "false");
	if (more) {
		element(p, b, "NextKeyMarker", p->last_key);
		xml_element(b, "NextUploadIdMarker", p->last_id);
	}
	if (buf_check(&p->groups, "reply", err) < 0)
		return -1;
	buf_add(b, p->groups.data, p->groups.len);
	return s3_xml_end(p->c, "ListMultipartUploadsResult", err);
}

int s3_list_uploads(struct s3_call *c, struct err *err)
{
	struct page p = { .c = c };
	struct uploads u = { .c = c, .err = err };
	char below[260];
	int rc = -1;

	if (read_query(&p, err) < 0)
		return -1;
	u.prefix = p.prefix;
	buf_init(&p.groups, BUF_MAX_DEFAULT);
	snprintf(below, sizeof(below), "%s/", c->bucket);
	if (objects_bucket_exists(c->w->objects, S3_UPLOADS_BUCKET) &&
	    objects_list(c->w->objects, S3_UPLOADS_BUCKET, below, "", gather, &u, err) < 0)
		goto out;
	if (u.count)
		qsort(u.list, u.count, sizeof(*u.list), compare);
	rc = write_answer(&p, &u, err);
out:
	buf_clear(&p.groups);
	mem_free(p.group);
	uploads_clear(&u);
	return rc;
}
