#include "sandbox/http/s3/s3.h"
#include "sandbox/http/s3/s3_class.h"
#include "sandbox/http/s3/s3_parts.h"
#include "sandbox/http/s3/s3_tags.h"
#include "sandbox/store/objects_log.h"
#include "spark/base/mem.h"
#include "spark/base/xml.h"

#define META_PREFIX        "x-amz-meta-"
#define USER_METADATA_MAX  2048
#define USER_METADATA_KEYS 40

/* Headers beside the user's own that are kept with an object and given back. */
static const char *const kept_headers[] = { "cache-control", "content-disposition", "content-language", "expires" };

static int keep(struct s3_call *c, struct object_info *info, const char *name, const char *value, struct err *err)
{
	if (!s3_text_is_utf8(value, strlen(value)))
		return s3_bad_argument(c, err, name, "", "The header %s is not UTF-8", name);
	return json_set_str(info->metadata, name, value) == 0 ? 0 : err_nomem(err);
}

static int keep_user_metadata(struct s3_call *c, struct object_info *info, struct err *err)
{
	size_t total = 0, count = 0;

	for (size_t i = 0; i < c->r->header_count; i++) {
		const struct http_header *h = &c->r->headers[i];
		char name[256];
		size_t len = strlen(h->name);

		if (strncasecmp(h->name, META_PREFIX, sizeof(META_PREFIX) - 1) != 0)
			continue;
		total += len - (sizeof(META_PREFIX) - 1) + strlen(h->value);
		if (total > USER_METADATA_MAX || len >= sizeof(name) || ++count > USER_METADATA_KEYS)
			return s3_fail(c, err, "MetadataTooLarge");
		for (size_t k = 0; k <= len; k++)
			name[k] = (char)(h->name[k] >= 'A' && h->name[k] <= 'Z' ? h->name[k] + 32 : h->name[k]);
		if (keep(c, info, name, h->value, err) < 0)
			return -1;
	}
	return 0;
}

/* aws-chunked tells how the body travelled and is no property of the object. */
static int keep_encoding(struct s3_call *c, struct object_info *info, struct err *err)
{
	const char *p = http_header(c->r, "content-encoding");
	struct buf rest = { 0 };
	int rc;

	if (!p)
		return 0;
	buf_init(&rest, BUF_MAX_DEFAULT);
	while (*p) {
		size_t len;

		p += strspn(p, " ,");
		len = strcspn(p, ",");
		if (len && strncasecmp(p, "aws-chunked", 11) != 0) {
			if (rest.len)
				buf_puts(&rest, ",");
			buf_add(&rest, p, len);
		}
		p += len;
	}
	rc = buf_check(&rest, "content-encoding", err);
	if (rc == 0 && rest.len)
		rc = keep(c, info, "content-encoding", rest.data, err);
	buf_clear(&rest);
	return rc;
}

int s3_info_from_headers(struct s3_call *c, struct object_info *info, struct err *err)
{
	const char *type = http_header(c->r, "content-type");

	info->modified_ms = clock_now(c->w->clock);
	if (!type || !*type)
		type = "binary/octet-stream";
	if ((size_t)snprintf(info->content_type, sizeof(info->content_type), "%s", type) >=
		    sizeof(info->content_type) ||
	    !s3_text_is_utf8(type, strlen(type)))
		return s3_bad_argument(c, err, "Content-Type", "",
				       "The header Content-Type is longer than %zu bytes or not UTF-8",
				       sizeof(info->content_type) - 1);
	if (!(info->metadata = json_new_object()))
		return err_nomem(err);
	for (size_t i = 0; i < sizeof(kept_headers) / sizeof(*kept_headers); i++) {
		const char *value = http_header(c->r, kept_headers[i]);

		if (value && keep(c, info, kept_headers[i], value, err) < 0)
			return -1;
	}
	if (keep_encoding(c, info, err) < 0 || keep_user_metadata(c, info, err) < 0 ||
	    s3_class_from_header(c, info, err) < 0)
		return -1;
	return s3_tags_from_header(c, info, err);
}

static int store_body(struct s3_call *c, const struct object_info *info, const struct s3_body *body, struct err *err)
{
	if (body->path && body->len > LOG_INLINE_MAX)
		return objects_put_file(c->w->objects, c->bucket, info, body->path, err);
	return objects_put_promised(c->w->objects, c->bucket, info, body->data, body->len, &c->reply->promise, err);
}

/* A conditional put looks and writes under the store's lock, so that two of them cannot both win. */
static int store_if(struct s3_call *c, const struct object_info *info, const struct s3_body *body, struct err *err)
{
	struct object_info there = { 0 };
	const char *none = http_header(c->r, "if-none-match");
	bool found;
	int rc;

	if (!none && !http_header(c->r, "if-match"))
		return store_body(c, info, body, err);
	if (none && strcmp(none, "*") != 0)
		return s3_failf(c, err, "NotImplemented",
				"The sandbox does not implement If-None-Match with a value other "
				"than * for this request");
	store_lock(c->w->store);
	found = objects_head(c->w->objects, c->bucket, c->key, &there);
	rc = s3_check_conditions(c, found ? &there : NULL, false, err);
	if (rc == 0)
		rc = store_body(c, info, body, err);
	/* Whoever loses is told of an object that stays. */
	if (rc == 0)
		rc = objects_keep_promise(c->w->objects, &c->reply->promise, err);
	store_unlock(c->w->store);
	object_info_clear(&there);
	return rc;
}

int s3_put_object(struct s3_call *c, struct err *err)
{
	struct object_info info = { 0 };
	struct s3_body body;
	int rc = -1;

	if (s3_body_open(c, &body, err) < 0)
		return -1;
	if (body.len > S3_PUT_MAX) {
		s3_fail(c, err, "EntityTooLarge");
		goto out;
	}
	if (s3_info_from_headers(c, &info, err) < 0)
		goto out;
	if (!(info.key = mem_strdup(c->key))) {
		err_nomem(err);
		goto out;
	}
	snprintf(info.etag, sizeof(info.etag), "%s", body.md5);
	if (*body.checksum) {
		const char *header = s3_checksums[body.checksum_kind].header;

		if (json_set_str(info.metadata, header, body.checksum) < 0) {
			err_nomem(err);
			goto out;
		}
		if (http_reply_header(c->reply, header, body.checksum, err) < 0 ||
		    http_reply_header(c->reply, "x-amz-checksum-type", "FULL_OBJECT", err) < 0)
			goto out;
	}
	if (store_if(c, &info, &body, err) != 0)
		goto out;
	if (s3_tags_are_kept(c, c->key)) {
		/* They belong to what a crash might bring back. */
		if (objects_keep_promise(c->w->objects, &c->reply->promise, err) < 0)
			goto out;
		s3_tags_forget(c, c->key);
	}
	rc = s3_header_etag(c, info.etag, err);
out:
	object_info_clear(&info);
	s3_body_close(&body);
	return rc;
}

/* As a conditional put does. */
static int delete_if(struct s3_call *c, struct err *err)
{
	struct object_info there = { 0 };
	bool found;
	int rc;

	store_lock(c->w->store);
	found = objects_head(c->w->objects, c->bucket, c->key, &there);
	rc = s3_check_conditions(c, found ? &there : NULL, false, err) < 0 ? -1 : 0;
	if (rc == 0)
		rc = objects_delete(c->w->objects, c->bucket, c->key, true, err);
	store_unlock(c->w->store);
	object_info_clear(&there);
	return rc;
}

int s3_delete_object(struct s3_call *c, struct err *err)
{
	int rc = http_header(c->r, "if-match") ? delete_if(c, err)
					       : objects_delete(c->w->objects, c->bucket, c->key, true, err);

	if (rc < 0)
		return -1;
	s3_tags_forget(c, c->key);
	c->reply->status = 204;
	return 0;
}

/* A header whose name is not a literal: name and value share one allocation, which the reply frees by the value. */
static int add_header(struct http_reply *reply, const char *name, const char *value, struct err *err)
{
	size_t value_len = strlen(value), name_len = strlen(name);
	char *both;

	if (reply->extra_count == sizeof(reply->extra) / sizeof(*reply->extra))
		return err_set(err, ERR_BUG, "a reply cannot hold the header '%s' as well", name);
	if (!(both = mem_alloc(value_len + name_len + 2)))
		return err_nomem(err);
	memcpy(both, value, value_len);
	memcpy(both + value_len + 1, name, name_len);
	reply->extra[reply->extra_count++] = (struct http_header){ both + value_len + 1, both };
	return 0;
}

/* What a presigned link may ask the answer to say instead. */
static const struct override {
	const char *query, *header;
} overrides[] = {
	{ "response-cache-control", "cache-control" },
	{ "response-content-disposition", "content-disposition" },
	{ "response-content-encoding", "content-encoding" },
	{ "response-content-language", "content-language" },
	{ "response-expires", "expires" },
};

static const char *override_for(struct s3_call *c, const char *header)
{
	for (size_t i = 0; i < sizeof(overrides) / sizeof(*overrides); i++)
		if (strcmp(overrides[i].header, header) == 0)
			return s3_query(c, overrides[i].query);
	return NULL;
}

/* Stored headers, then those that only the query asks for. Checksums are told when asked for and the whole is sent. */
static int add_metadata(struct s3_call *c, const struct object_info *info, bool whole, struct err *err)
{
	const char *mode = http_header(c->r, "x-amz-checksum-mode");
	bool checksums = whole && mode && strcasecmp(mode, "ENABLED") == 0, one_checksum = false, typed = false;

	for (const struct json *m = json_first(info->metadata); m; m = json_next(m)) {
		if (strncmp(json_name(m), "x-amz-checksum-", 15) == 0) {
			if (!checksums)
				continue;
			one_checksum = true;
			typed = typed || strcmp(json_name(m), "x-amz-checksum-type") == 0;
		}
		if (strncmp(json_name(m), S3_META_OWN, sizeof(S3_META_OWN) - 1) == 0)
			continue;
		if (!override_for(c, json_name(m)) && add_header(c->reply, json_name(m), json_text(m), err) < 0)
			return -1;
	}
	if (one_checksum && !typed && http_reply_header(c->reply, "x-amz-checksum-type", "FULL_OBJECT", err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(overrides) / sizeof(*overrides); i++) {
		const char *value = s3_query(c, overrides[i].query);

		if (value && !strpbrk(value, "\r\n") &&
		    http_reply_header(c->reply, overrides[i].header, value, err) < 0)
			return -1;
	}
	return 0;
}

/* HEAD does not tell it, as on AWS. */
static int add_tag_count(struct s3_call *c, const struct object_info *info, struct err *err)
{
	char text[24];
	size_t count = strcmp(c->r->method, "GET") == 0 ? s3_tags_count(c, info) : 0;

	if (!count)
		return 0;
	snprintf(text, sizeof(text), "%zu", count);
	return http_reply_header(c->reply, "x-amz-tagging-count", text, err);
}

static int describe_object(struct s3_call *c, const struct object_info *info, bool whole, struct err *err)
{
	const char *type = s3_query(c, "response-content-type");
	char modified[CLOCK_TEXT];

	clock_http(info->modified_ms, modified);
	snprintf(c->reply->content_type, sizeof(c->reply->content_type), "%.127s",
		 type && !strpbrk(type, "\r\n") ? type : info->content_type);
	if (s3_header_etag(c, info->etag, err) < 0 || http_reply_header(c->reply, "Last-Modified", modified, err) < 0 ||
	    http_reply_header(c->reply, "Accept-Ranges", "bytes", err) < 0)
		return -1;
	if (s3_class_headers(c, info, err) < 0)
		return -1;
	return add_tag_count(c, info, err) < 0 ? -1 : add_metadata(c, info, whole, err);
}

static int refuse_range(struct s3_call *c, uint64_t size, struct err *err)
{
	char text[64];

	s3_fail(c, err, "InvalidRange");
	xml_element(&c->reply->body, "RangeRequested", http_header(c->r, "range"));
	xml_elementf(&c->reply->body, "ActualObjectSize", "%llu", (unsigned long long)size);
	snprintf(text, sizeof(text), "bytes */%llu", (unsigned long long)size);
	return http_reply_header(c->reply, "Content-Range", text, NULL) < 0 ? err_nomem(err) : -1;
}

/* Takes the reader when the bytes are to be streamed. */
static int send_bytes(struct s3_call *c, struct object_reader **reader, uint64_t from, uint64_t len, struct err *err)
{
	struct http_reply *reply = c->reply;

	reply->object_len = len;
	if (strcmp(c->r->method, "HEAD") == 0) {
		reply->head_only = true;
		return 0;
	}
	if (len <= LOG_INLINE_MAX) {
		char *to;

		buf_reset(&reply->body);
		to = buf_reserve(&reply->body, (size_t)len);
		if (!to)
			return buf_check(&reply->body, "object", err);
		if (object_reader_read(*reader, from, to, (size_t)len, err) < 0)
			return -1;
		buf_commit(&reply->body, (size_t)len);
		return 0;
	}
	reply->object_offset = from;
	reply->object = *reader;
	*reader = NULL;
	return 0;
}

/* Which bytes are asked for, by Range or as one of the parts that the object was made of. 0: all, 1: *from and *len,
 * -1: err. */
static int find_bytes(struct s3_call *c, const struct object_info *info, uint64_t *from, uint64_t *len, struct err *err)
{
	const char *text = s3_query(c, "partNumber"), *range = http_header(c->r, "range");
	unsigned parts = s3_parts_count(info);
	char *end, count[16];
	unsigned long number;
	int rc;

	if (!text) {
		rc = s3_parse_range(range, *len, from, len);
		return rc < 0 ? refuse_range(c, *len, err) : rc;
	}
	if (range)
		return s3_failf(c, err, "InvalidRequest",
				"Cannot specify both Range header and partNumber query parameter");
	number = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || number < 1 || number > S3_PARTS_MAX)
		return s3_bad_argument(c, err, "partNumber", text,
				       "Part number must be an integer between 1 and 10000, inclusive");
	snprintf(count, sizeof(count), "%u", parts);
	if (parts && http_reply_header(c->reply, "x-amz-mp-parts-count", count, err) < 0)
		return -1;
	/* What was put as a whole is its own only part. */
	if (!parts && number == 1)
		return *len > 0;
	if (!s3_part_find(info, (unsigned)number, from, len)) {
		s3_fail(c, err, "InvalidPartNumber");
		xml_elementf(&c->reply->body, "ActualPartCount", "%u", parts ? parts : 1);
		return -1;
	}
	return 1;
}

static int answer_object(struct s3_call *c, const struct object_info *info, struct object_reader **reader,
			 struct err *err)
{
	uint64_t size = object_reader_size(*reader), from = 0, len = size;
	int condition = s3_check_conditions(c, info, false, err);
	int range = condition == 0 ? find_bytes(c, info, &from, &len, err) : 0;
	char text[80];

	if (condition < 0 || range < 0)
		return -1;
	if (describe_object(c, info, range == 0 && condition == 0, err) < 0)
		return -1;
	if (condition == 304) {
		c->reply->status = 304;
		return 0;
	}
	if (range == 1) {
		c->reply->status = 206;
		snprintf(text, sizeof(text), "bytes %llu-%llu/%llu", (unsigned long long)from,
			 (unsigned long long)(from + len - 1), (unsigned long long)size);
		if (http_reply_header(c->reply, "Content-Range", text, err) < 0)
			return -1;
	}
	return send_bytes(c, reader, from, len, err);
}

int s3_get_object(struct s3_call *c, struct err *err)
{
	struct object_info info = { 0 };
	struct object_reader *reader = NULL;
	int rc;

	rc = objects_reader_open(c->w->objects, c->bucket, c->key, &info, &reader, err);
	if (rc == 0)
		rc = s3_fail(c, err, "NoSuchKey");
	else if (rc == 1 && *info.storage_class && strcmp(c->r->method, "GET") == 0 &&
		 s3_class_check_read(c, c->bucket, &info, false, err) < 0)
		rc = -1;
	else if (rc == 1)
		rc = answer_object(c, &info, &reader, err);
	object_reader_close(reader);
	object_info_clear(&info);
	return rc;
}
