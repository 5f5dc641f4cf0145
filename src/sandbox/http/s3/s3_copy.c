/* CopyObject and UploadPartCopy. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "sandbox/http/s3/s3.h"
#include "sandbox/http/s3/s3_class.h"
#include "sandbox/http/s3/s3_tags.h"
#include "sandbox/store/objects_log.h"
#include "spark/base/file.h"
#include "spark/base/hash.h"
#include "spark/base/mem.h"
#include "spark/base/xml.h"

#define BLOCK ((size_t)256 * 1024)

static int put_small(struct s3_call *c, const char *bucket, const struct object_info *info, struct object_reader *r,
		     uint64_t from, uint64_t len, struct err *err)
{
	char *bytes = mem_alloc((size_t)len + 1);
	int rc;

	if (!bytes)
		return err_nomem(err);
	rc = object_reader_read(r, from, bytes, (size_t)len, err);
	if (rc == 0)
		rc = objects_put(c->w->objects, bucket, info, bytes, (size_t)len, true, err);
	mem_free(bytes);
	return rc;
}

static int write_range(int fd, struct object_reader *r, uint64_t from, uint64_t len, struct err *err)
{
	char *block = mem_alloc(BLOCK);
	int rc = block ? 0 : err_nomem(err);

	while (rc == 0 && len) {
		size_t n = len < BLOCK ? (size_t)len : BLOCK;

		rc = object_reader_read(r, from, block, n, err);
		if (rc == 0)
			rc = file_write_all(fd, block, n, err);
		from += n;
		len -= n;
	}
	mem_free(block);
	return rc;
}

int s3_put_from_reader(struct s3_call *c, const char *bucket, const struct object_info *info, struct object_reader *r,
		       uint64_t from, uint64_t len, struct err *err)
{
	char *path;
	int fd, rc;

	if (len <= LOG_INLINE_MAX)
		return put_small(c, bucket, info, r, from, len, err);
	if (!(path = mem_printf("%s/copy.XXXXXX", objects_tmp_dir(c->w->objects))))
		return err_nomem(err);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0) {
		rc = err_set_errno(err, ERR_IO, errno, "cannot make a file for the copy");
	} else {
		rc = write_range(fd, r, from, len, err);
		close(fd);
		if (rc == 0)
			rc = objects_put_file(c->w->objects, bucket, info, path, err);
		if (rc < 0)
			(void)unlink(path);
	}
	mem_free(path);
	return rc;
}

/* The object that x-amz-copy-source names, open, when its conditions hold. */
struct source {
	char bucket[256];
	char *key;
	struct object_info info;
	struct object_reader *reader;
};

static void source_close(struct source *s)
{
	mem_free(s->key);
	object_info_clear(&s->info);
	object_reader_close(s->reader);
}

static int source_locate(struct s3_call *c, struct source *s, struct err *err)
{
	const char *header = http_header(c->r, "x-amz-copy-source"), *version = strchr(header, '?');
	char *path = version ? mem_strndup(header, (size_t)(version - header)) : mem_strdup(header);
	int rc;

	if (!path)
		return err_nomem(err);
	rc = s3_split_path(c, path, s->bucket, &s->key, err);
	mem_free(path);
	if (rc == 0 && !s->key)
		rc = s3_bad_argument(c, err, "x-amz-copy-source", header, "Invalid copy source object key");
	if (rc == 0 && version && strcmp(version, "?versionId=null") != 0)
		rc = s3_failf(c, err, "NotImplemented", "The sandbox does not implement copying from a version");
	return rc;
}

static int source_open(struct s3_call *c, struct source *s, struct err *err)
{
	char region[32];
	struct err why = { 0 };
	int rc;

	if (source_locate(c, s, err) < 0)
		return -1;
	if (!s3_bucket_find(c->w, s->bucket, region, NULL, &why)) {
		if (why.kind != ERR_NONE) {
			*err = why;
			return -1;
		}
		s3_failf(c, err, "NoSuchBucket", "The specified bucket does not exist");
		buf_reset(&c->reply->body);
		xml_element(&c->reply->body, "BucketName", s->bucket);
		return -1;
	}
	if (s3_authorize_key(c, "s3:GetObject", s->bucket, s->key, err) < 0)
		return -1;
	rc = objects_reader_open(c->w->objects, s->bucket, s->key, &s->info, &s->reader, err);
	if (rc == 0) {
		s3_fail(c, err, "NoSuchKey");
		buf_reset(&c->reply->body);
		xml_element(&c->reply->body, "Key", s->key);
		return -1;
	}
	if (rc < 0 || s3_check_conditions(c, &s->info, true, err) < 0)
		return -1;
	return s3_class_check_read(c, s->bucket, &s->info, true, err);
}

static int copy_result(struct s3_call *c, const char *root, const char *bucket, const char *key, struct err *err)
{
	struct object_info made = { 0 };
	char modified[CLOCK_TEXT];

	if (!objects_head(c->w->objects, bucket, key, &made))
		return s3_fail(c, err, "NoSuchKey");
	clock_iso(made.modified_ms - made.modified_ms % 1000, modified);
	s3_xml_begin(c, root);
	xml_element(&c->reply->body, "LastModified", modified);
	s3_xml_etag(c, made.etag);
	object_info_clear(&made);
	return s3_xml_end(c, root, err);
}

/* What the copy says of itself: the source's words, or with the REPLACE directive the request's. */
static int copy_info(struct s3_call *c, const struct source *s, bool replace, struct object_info *info, struct err *err)
{
	if (!(info->key = mem_strdup(c->key)))
		return err_nomem(err);
	if (replace)
		return s3_info_from_headers(c, info, err);
	info->modified_ms = clock_now(c->w->clock);
	snprintf(info->content_type, sizeof(info->content_type), "%s", s->info.content_type);
	if (!s->info.metadata)
		return s3_class_from_header(c, info, err);
	if (!(info->metadata = json_copy(s->info.metadata)))
		return err_nomem(err);
	/* A checksum of parts says nothing about the copy, which is one whole. */
	for (int k = 0; k < S3_CHECKSUM_KINDS; k++)
		if (strchr(json_str(info->metadata, s3_checksums[k].header, ""), '-'))
			json_remove(info->metadata, s3_checksums[k].header);
	json_remove(info->metadata, "x-amz-checksum-type");
	json_remove(info->metadata, S3_META_PARTS);
	json_remove(info->metadata, S3_META_TAGS);
	return s3_class_from_header(c, info, err);
}

/* Tags go with the copy, unless the request brings others; x-amz-tagging alone says nothing, as on AWS. */
static int copy_tags(struct s3_call *c, const struct source *s, struct object_info *info, struct err *err)
{
	const char *directive = http_header(c->r, "x-amz-tagging-directive");
	struct json *tags = NULL;

	if (directive && strcmp(directive, "COPY") != 0 && strcmp(directive, "REPLACE") != 0)
		return s3_bad_argument(c, err, "x-amz-tagging-directive", directive, "Unknown tagging directive.");
	if (!info->metadata && !(info->metadata = json_new_object()))
		return err_nomem(err);
	json_remove(info->metadata, S3_META_TAGS);
	if (directive && strcmp(directive, "REPLACE") == 0)
		return s3_tags_from_header(c, info, err);
	if (s3_tags_of(c, s->bucket, &s->info, &tags, err) < 0)
		return -1;
	if (!json_count(tags)) {
		json_free(tags);
		return 0;
	}
	return json_set(info->metadata, S3_META_TAGS, tags) ? err_nomem(err) : 0;
}

int s3_copy_object(struct s3_call *c, struct err *err)
{
	const char *directive = http_header(c->r, "x-amz-metadata-directive");
	bool replace = directive && strcmp(directive, "REPLACE") == 0;
	struct source s = { .key = NULL };
	struct object_info info = { 0 };
	int rc = -1;

	if (directive && !replace && strcmp(directive, "COPY") != 0)
		return s3_bad_argument(c, err, "x-amz-metadata-directive", directive, "Unknown metadata directive.");
	if (source_open(c, &s, err) < 0)
		goto out;
	if (s.info.size_bytes > S3_PUT_MAX) {
		s3_failf(c, err, "InvalidRequest",
			 "The specified copy source is larger than the maximum allowable size for a copy source: %llu",
			 (unsigned long long)S3_PUT_MAX);
		goto out;
	}
	if (!replace && !http_header(c->r, OBJECT_STORAGE_CLASS) && strcmp(s.bucket, c->bucket) == 0 &&
	    strcmp(s.key, c->key) == 0) {
		s3_failf(c, err, "InvalidRequest",
			 "This copy request is illegal because it is trying to copy an object to itself without "
			 "changing the object's metadata, storage class, website redirect location or encryption "
			 "attributes.");
		goto out;
	}
	if (copy_info(c, &s, replace, &info, err) < 0 || copy_tags(c, &s, &info, err) < 0)
		goto out;
	if (s3_put_from_reader(c, c->bucket, &info, s.reader, 0, s.info.size_bytes, err) < 0)
		goto out;
	s3_tags_forget(c, c->key);
	rc = copy_result(c, "CopyObjectResult", c->bucket, c->key, err);
out:
	object_info_clear(&info);
	source_close(&s);
	return rc;
}

int s3_upload_part_copy(struct s3_call *c, struct err *err)
{
	const char *range = http_header(c->r, "x-amz-copy-source-range");
	struct source s = { .key = NULL };
	struct object_info info = { 0 };
	uint64_t from = 0, len;
	int rc = -1;

	if (s3_part_key(c, &info.key, err) < 0 || source_open(c, &s, err) < 0)
		goto out;
	len = s.info.size_bytes;
	if (range && s3_parse_range(range, s.info.size_bytes, &from, &len) != 1) {
		s3_bad_argument(c, err, "x-amz-copy-source-range", range,
				"The x-amz-copy-source-range value must be of the form bytes=first-last where first "
				"and last are the zero-based offsets of the first and last bytes to copy");
		goto out;
	}
	info.modified_ms = clock_now(c->w->clock);
	if (s3_put_from_reader(c, S3_UPLOADS_BUCKET, &info, s.reader, from, len, err) < 0)
		goto out;
	rc = copy_result(c, "CopyPartResult", S3_UPLOADS_BUCKET, info.key, err);
out:
	object_info_clear(&info);
	source_close(&s);
	return rc;
}
