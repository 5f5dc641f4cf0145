/* Uploads in parts, up to their completion (s3_complete.c). */
#include "sandbox/http/s3/s3.h"
#include "sandbox/http/s3/s3_class.h"
#include "sandbox/http/s3/s3_upload.h"
#include "sandbox/store/objects_log.h"
#include "spark/base/mem.h"
#include "spark/base/xml.h"

static int keep_plan(struct s3_call *c, struct object_info *info, struct err *err)
{
	const char *algorithm = http_header(c->r, "x-amz-checksum-algorithm");
	const char *type = http_header(c->r, "x-amz-checksum-type");
	int kind = -1;

	for (int k = 0; algorithm && k < S3_CHECKSUM_KINDS; k++)
		if (strcasecmp(algorithm, s3_checksums[k].name) == 0)
			kind = k;
	if (algorithm && kind < 0)
		return s3_failf(
			c, err, "InvalidRequest",
			"Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
			"[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
	if (json_set_str(info->metadata, S3_UPLOAD_KEY, c->key) < 0)
		return err_nomem(err);
	if (kind < 0)
		return 0;
	if (!type)
		type = kind == S3_CRC64NVME ? "FULL_OBJECT" : "COMPOSITE";
	if (json_set_int(info->metadata, S3_UPLOAD_CHECKSUM, kind) < 0 ||
	    json_set_bool(info->metadata, S3_UPLOAD_WHOLE, strcasecmp(type, "FULL_OBJECT") == 0) < 0)
		return err_nomem(err);
	if (http_reply_header(c->reply, "x-amz-checksum-algorithm", s3_checksums[kind].name, err) < 0)
		return -1;
	return http_reply_header(c->reply, "x-amz-checksum-type", type, err);
}

int s3_create_upload(struct s3_call *c, struct err *err)
{
	struct object_info info = { 0 };
	char id[64];
	int rc = -1;

	if (c->who->anonymous)
		return service_error(err, 403, "AccessDenied",
				     "Anonymous users cannot initiate multipart uploads.  Please authenticate.");
	if (world_id_hex("", 48, id, sizeof(id), err) < 0)
		return -1;
	if (s3_info_from_headers(c, &info, err) < 0 || keep_plan(c, &info, err) < 0)
		goto out;
	if (!(info.key = mem_printf("%s/%s", c->bucket, id))) {
		err_nomem(err);
		goto out;
	}
	if (objects_create_bucket(c->w->objects, S3_UPLOADS_BUCKET, err) < 0 ||
	    objects_put(c->w->objects, S3_UPLOADS_BUCKET, &info, "", 0, true, err) < 0)
		goto out;
	s3_xml_begin(c, "InitiateMultipartUploadResult");
	xml_element(&c->reply->body, "Bucket", c->bucket);
	xml_element(&c->reply->body, "Key", c->key);
	xml_element(&c->reply->body, "UploadId", id);
	rc = s3_xml_end(c, "InitiateMultipartUploadResult", err);
out:
	object_info_clear(&info);
	return rc;
}

int s3_find_upload(struct s3_call *c, char **path, struct object_info *info, struct err *err)
{
	const char *id = s3_query(c, "uploadId");
	struct object_info found = { 0 };
	char *at;
	bool ours;

	if (!*id || strlen(id) > 64 || strspn(id, "0123456789abcdef") != strlen(id))
		return s3_fail(c, err, "NoSuchUpload");
	if (!(at = mem_printf("%s/%s", c->bucket, id)))
		return err_nomem(err);
	ours = objects_head(c->w->objects, S3_UPLOADS_BUCKET, at, &found) &&
	       strcmp(json_str(found.metadata, S3_UPLOAD_KEY, ""), c->key) == 0;
	if (!ours) {
		mem_free(at);
		object_info_clear(&found);
		return s3_fail(c, err, "NoSuchUpload");
	}
	*path = at;
	if (info)
		*info = found;
	else
		object_info_clear(&found);
	return 0;
}

int s3_part_key(struct s3_call *c, char **key, struct err *err)
{
	const char *text = s3_query(c, "partNumber");
	char *path = NULL, *end = NULL;
	long number = text ? strtol(text, &end, 10) : 0;

	if (!text || end == text || *end || number < 1 || number > S3_PARTS_MAX)
		return s3_bad_argument(c, err, "partNumber", text ? text : "",
				       "Part number must be an integer between 1 and 10000, inclusive");
	if (s3_find_upload(c, &path, NULL, err) < 0)
		return -1;
	*key = mem_printf("%s/%05ld", path, number);
	mem_free(path);
	return *key ? 0 : err_nomem(err);
}

static int store_part(struct s3_call *c, struct object_info *info, const struct s3_body *body, struct err *err)
{
	info->modified_ms = clock_now(c->w->clock);
	snprintf(info->etag, sizeof(info->etag), "%s", body->md5);
	if (*body->checksum) {
		const char *header = s3_checksums[body->checksum_kind].header;

		if (!(info->metadata = json_new_object()) || json_set_str(info->metadata, header, body->checksum) < 0)
			return err_nomem(err);
		if (http_reply_header(c->reply, header, body->checksum, err) < 0)
			return -1;
	}
	if (body->path && body->len > LOG_INLINE_MAX)
		return objects_put_file(c->w->objects, S3_UPLOADS_BUCKET, info, body->path, err);
	return objects_put(c->w->objects, S3_UPLOADS_BUCKET, info, body->data, body->len, true, err);
}

int s3_upload_part(struct s3_call *c, struct err *err)
{
	struct object_info info = { 0 };
	struct s3_body body;
	int rc = -1;

	if (s3_part_key(c, &info.key, err) < 0)
		return -1;
	if (s3_body_open(c, &body, err) < 0)
		goto out;
	if (body.len > S3_PUT_MAX)
		s3_fail(c, err, "EntityTooLarge");
	else if (store_part(c, &info, &body, err) == 0)
		rc = s3_header_etag(c, info.etag, err);
	s3_body_close(&body);
out:
	object_info_clear(&info);
	return rc;
}

struct removal {
	struct s3_call *c;
	struct err *err;
};

static int remove_part(void *arg, const struct object_info *info)
{
	struct removal *r = arg;

	return objects_delete(r->c->w->objects, S3_UPLOADS_BUCKET, info->key, false, r->err);
}

int s3_remove_upload(struct s3_call *c, const char *path, struct err *err)
{
	struct removal r = { c, err };
	char *prefix = mem_printf("%s/", path);
	int rc;

	if (!prefix)
		return err_nomem(err);
	/* The upload itself goes first: parts without one are nobody's. */
	rc = objects_delete(c->w->objects, S3_UPLOADS_BUCKET, path, true, err);
	if (rc == 0)
		rc = objects_list(c->w->objects, S3_UPLOADS_BUCKET, prefix, "", remove_part, &r, err);
	mem_free(prefix);
	return rc < 0 ? -1 : 0;
}

int s3_abort_upload(struct s3_call *c, struct err *err)
{
	char *path = NULL;
	int rc;

	if (s3_find_upload(c, &path, NULL, err) < 0)
		return -1;
	rc = s3_remove_upload(c, path, err);
	mem_free(path);
	c->reply->status = 204;
	return rc;
}

/* A page of parts. */
struct parts_page {
	struct s3_call *c;
	long after, max, count, last;
	bool truncated;
};

static int list_part(void *arg, const struct object_info *info)
{
	struct parts_page *p = arg;
	struct buf *b = &p->c->reply->body;
	long number = strtol(strrchr(info->key, '/') + 1, NULL, 10);
	char modified[CLOCK_TEXT];

	if (number <= p->after)
		return 0;
	if (p->count == p->max) {
		p->truncated = true;
		return 1;
	}
	clock_iso(info->modified_ms - info->modified_ms % 1000, modified);
	xml_open(b, "Part");
	xml_elementf(b, "PartNumber", "%ld", number);
	xml_element(b, "LastModified", modified);
	s3_xml_etag(p->c, info->etag);
	xml_elementf(b, "Size", "%llu", (unsigned long long)info->size_bytes);
	xml_close(b, "Part");
	p->last = number;
	p->count++;
	return 0;
}

static long query_number(struct s3_call *c, const char *name, long fallback, long max)
{
	const char *text = s3_query(c, name);
	char *end;
	long value = text ? strtol(text, &end, 10) : fallback;

	return !text || end == text || *end || value < 0 ? fallback : value < max ? value : max;
}

int s3_list_parts(struct s3_call *c, struct err *err)
{
	struct parts_page p = { .c = c };
	struct buf *b = &c->reply->body;
	struct object_info upload = { 0 };
	char *path = NULL, *prefix;
	int rc = -1;

	p.after = query_number(c, "part-number-marker", 0, S3_PARTS_MAX);
	p.max = query_number(c, "max-parts", 1000, 1000);
	if (s3_find_upload(c, &path, &upload, err) < 0)
		return -1;
	if (!(prefix = mem_printf("%s/", path))) {
		err_nomem(err);
		goto out;
	}
	s3_xml_begin(c, "ListPartsResult");
	xml_element(b, "Bucket", c->bucket);
	xml_element(b, "Key", c->key);
	xml_element(b, "UploadId", s3_query(c, "uploadId"));
	s3_xml_owner(b, c, "Initiator");
	s3_xml_owner(b, c, "Owner");
	xml_element(b, "StorageClass", s3_class_name(&upload));
	if (objects_list(c->w->objects, S3_UPLOADS_BUCKET, prefix, "", list_part, &p, err) < 0)
		goto out;
	xml_elementf(b, "PartNumberMarker", "%ld", p.after);
	if (p.truncated)
		xml_elementf(b, "NextPartNumberMarker", "%ld", p.last);
	xml_elementf(b, "MaxParts", "%ld", p.max);
	xml_element(b, "IsTruncated", p.truncated ? "true" : "false");
	rc = s3_xml_end(c, "ListPartsResult", err);
out:
	object_info_clear(&upload);
	mem_free(prefix);
	mem_free(path);
	return rc;
}
