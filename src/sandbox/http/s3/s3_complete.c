/* CompleteMultipartUpload: parts become one object. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "sandbox/http/s3/s3_parts.h"
#include "sandbox/http/s3/s3_tags.h"
#include "sandbox/http/s3/s3_upload.h"
#include "spark/base/file.h"
#include "spark/base/hash.h"
#include "spark/base/mem.h"
#include "spark/base/xml.h"

#define PART_SIZE_MIN ((uint64_t)5 * 1024 * 1024) /* of all but the last */
#define BLOCK         ((size_t)256 * 1024)

void s3_parts_clear(struct s3_part_list *l)
{
	mem_free(l->parts);
	*l = (struct s3_part_list){ 0 };
}

static int parse_part(const struct xml_node *n, struct s3_part *part, struct err *err)
{
	char number[16], etag[80], *end, *from = etag;
	size_t len;

	if (!xml_text_into(n, "PartNumber", number, sizeof(number)) || !xml_text_into(n, "ETag", etag, sizeof(etag)))
		return err_set(err, ERR_PARSE, "a part without PartNumber or ETag");
	part->number = (int)strtol(number, &end, 10);
	if (end == number || *end || part->number < 1 || part->number > S3_PARTS_MAX)
		return err_set(err, ERR_PARSE, "'%s' is no part's number", number);
	from += *from == '"';
	len = strcspn(from, "\"");
	if (len >= sizeof(part->etag))
		return err_set(err, ERR_PARSE, "a part's ETag is too long");
	memcpy(part->etag, from, len);
	part->etag[len] = 0;
	return 0;
}

int s3_parts_parse(const char *text, size_t len, struct s3_part_list *out, struct err *err)
{
	struct xml_doc *doc = xml_parse(text, len, err);
	struct s3_part_list l = { 0 };
	int rc = -1;

	if (!doc)
		return -1;
	for (const struct xml_node *n = xml_child(xml_root(doc), "Part"); n; n = xml_next(n, "Part")) {
		if (l.count == S3_PARTS_MAX) {
			err_set(err, ERR_PARSE, "more than %d parts", S3_PARTS_MAX);
			goto out;
		}
		if (mem_grow(&l.parts, &l.cap, l.count, sizeof(*l.parts)) < 0) {
			err_nomem(err);
			goto out;
		}
		if (parse_part(n, &l.parts[l.count], err) < 0)
			goto out;
		l.count++;
	}
	if (l.count == 0) {
		err_set(err, ERR_PARSE, "no part");
		goto out;
	}
	*out = l;
	l = (struct s3_part_list){ 0 };
	rc = 0;
out:
	s3_parts_clear(&l);
	xml_free(doc);
	return rc;
}

/* The object on its way to being whole. */
struct assembly {
	struct s3_call *c;
	const char *upload; /* path of the upload */
	int fd;
	char *file; /* gathers the bytes */
	char *block;
	struct buf md5s; /* the parts' MD5s, 16 bytes each */
	struct s3_part_sizes sizes;
	int kind; /* of the checksum, -1: none */
	bool whole;
	struct s3_checksum *checksum; /* over all bytes, or over the parts' checksums */
};

static int add_bytes(struct assembly *a, struct object_reader *r, struct err *err)
{
	uint64_t at = 0, size = object_reader_size(r);

	while (at < size) {
		size_t n = size - at < BLOCK ? (size_t)(size - at) : BLOCK;

		if (object_reader_read(r, at, a->block, n, err) < 0 || file_write_all(a->fd, a->block, n, err) < 0)
			return -1;
		if (a->checksum && a->whole && s3_checksum_update(a->checksum, a->block, n, err) < 0)
			return -1;
		at += n;
	}
	return 0;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 0;
}

static int add_digests(struct assembly *a, const struct object_info *part, struct err *err)
{
	const char *text;
	struct buf raw = { 0 };
	int rc = 0;

	for (const char *p = part->etag; p[0] && p[1]; p += 2)
		buf_putc(&a->md5s, (char)(hex_digit(p[0]) << 4 | hex_digit(p[1])));
	if (!a->checksum || a->whole)
		return 0;
	text = json_str(part->metadata, s3_checksums[a->kind].header, NULL);
	if (!text) {
		/* Parts that were sent without: the whole has none either. */
		s3_checksum_free(a->checksum);
		a->checksum = NULL;
		return 0;
	}
	buf_init(&raw, 256);
	rc = hash_base64_decode(text, strlen(text), &raw, err);
	if (rc == 0)
		rc = s3_checksum_update(a->checksum, raw.data, raw.len, err);
	buf_clear(&raw);
	return rc;
}

static int add_part(struct assembly *a, const struct s3_part *part, bool last, struct err *err)
{
	struct object_info info = { 0 };
	struct object_reader *r = NULL;
	char *key = mem_printf("%s/%05d", a->upload, part->number);
	int rc;

	if (!key)
		return err_nomem(err);
	rc = objects_reader_open(a->c->w->objects, S3_UPLOADS_BUCKET, key, &info, &r, err);
	if (rc == 0 || (rc == 1 && strcmp(info.etag, part->etag) != 0)) {
		rc = s3_fail(a->c, err, "InvalidPart");
		xml_elementf(&a->c->reply->body, "PartNumber", "%d", part->number);
		xml_element(&a->c->reply->body, "ETag", part->etag);
	} else if (rc == 1 && !last && info.size_bytes < PART_SIZE_MIN) {
		rc = s3_fail(a->c, err, "EntityTooSmall");
		xml_elementf(&a->c->reply->body, "ProposedSize", "%llu", (unsigned long long)info.size_bytes);
		xml_elementf(&a->c->reply->body, "MinSizeAllowed", "%llu", (unsigned long long)PART_SIZE_MIN);
		xml_elementf(&a->c->reply->body, "PartNumber", "%d", part->number);
	} else if (rc == 1) {
		s3_part_sizes_add(&a->sizes, info.size_bytes);
		rc = add_bytes(a, r, err) < 0 ? -1 : add_digests(a, &info, err);
	}
	object_reader_close(r);
	object_info_clear(&info);
	mem_free(key);
	return rc;
}

static int assembly_open(struct assembly *a, struct err *err)
{
	if (!(a->block = mem_alloc(BLOCK)) ||
	    !(a->file = mem_printf("%s/whole.XXXXXX", objects_tmp_dir(a->c->w->objects))))
		return err_nomem(err);
	if (a->kind >= 0 && !(a->checksum = s3_checksum_new((enum s3_checksum_kind)a->kind, err)))
		return -1;
	a->fd = mkostemp(a->file, O_CLOEXEC);
	return a->fd < 0 ? err_set_errno(err, ERR_IO, errno, "cannot make a file for the object") : 0;
}

static void assembly_close(struct assembly *a)
{
	if (a->fd >= 0) {
		close(a->fd);
		(void)unlink(a->file);
	}
	s3_checksum_free(a->checksum);
	buf_clear(&a->md5s);
	s3_part_sizes_clear(&a->sizes);
	mem_free(a->file);
	mem_free(a->block);
}

/* The checksum becomes metadata of the object; one that the request gives must be the same. */
static int finish_checksum(struct assembly *a, struct object_info *info, size_t parts, struct err *err)
{
	const struct s3_checksum_row *row = &s3_checksums[a->kind];
	const char *given = http_header(a->c->r, row->header);
	struct buf text = { 0 };
	int rc;

	buf_init(&text, 256);
	rc = s3_checksum_finish(a->checksum, &text, err);
	a->checksum = NULL;
	if (rc == 0 && !a->whole)
		buf_printf(&text, "-%zu", parts);
	if (rc == 0)
		rc = buf_check(&text, "checksum", err);
	if (rc == 0 && given && strcmp(given, text.data) != 0)
		rc = s3_failf(a->c, err, "BadDigest", "The %s you specified did not match the calculated checksum.",
			      row->name);
	if (rc == 0 &&
	    (json_set_str(info->metadata, row->header, text.data) < 0 ||
	     json_set_str(info->metadata, "x-amz-checksum-type", a->whole ? "FULL_OBJECT" : "COMPOSITE") < 0))
		rc = err_nomem(err);
	buf_clear(&text);
	return rc;
}

static int finish_info(struct assembly *a, struct object_info *info, size_t parts, struct err *err)
{
	unsigned char md5[MD5_SIZE];
	char hex[MD5_HEX];

	if (buf_check(&a->md5s, "parts", err) < 0 || hash_md5(a->md5s.data, a->md5s.len, md5, err) < 0)
		return -1;
	hash_hex(md5, sizeof(md5), hex);
	snprintf(info->etag, sizeof(info->etag), "%s-%zu", hex, parts);
	mem_free(info->key);
	if (!(info->key = mem_strdup(a->c->key)))
		return err_nomem(err);
	info->modified_ms = clock_now(a->c->w->clock);
	json_remove(info->metadata, S3_UPLOAD_KEY);
	json_remove(info->metadata, S3_UPLOAD_CHECKSUM);
	json_remove(info->metadata, S3_UPLOAD_WHOLE);
	if (s3_part_sizes_keep(&a->sizes, info->metadata, err) < 0)
		return -1;
	return a->checksum ? finish_checksum(a, info, parts, err) : 0;
}

/* A conditional completion looks and writes under the store's lock, so that two of them cannot both win. */
static int store_whole(struct assembly *a, const struct object_info *info, struct err *err)
{
	struct s3_call *c = a->c;
	struct object_info there = { 0 };
	bool found;
	int rc;

	if (!http_header(c->r, "if-match") && !http_header(c->r, "if-none-match"))
		return objects_put_file(c->w->objects, c->bucket, info, a->file, err);
	store_lock(c->w->store);
	found = objects_head(c->w->objects, c->bucket, c->key, &there);
	rc = s3_check_conditions(c, found ? &there : NULL, false, err);
	if (rc == 304)
		rc = s3_fail(c, err, "PreconditionFailed");
	if (rc == 0)
		rc = objects_put_file(c->w->objects, c->bucket, info, a->file, err);
	store_unlock(c->w->store);
	object_info_clear(&there);
	return rc;
}

static int assemble(struct s3_call *c, const char *path, struct object_info *info, const struct s3_part_list *l,
		    struct err *err)
{
	struct assembly a = { .c = c, .upload = path, .fd = -1 };
	int rc = -1;

	a.kind = (int)json_int(info->metadata, S3_UPLOAD_CHECKSUM, -1);
	a.whole = json_bool(info->metadata, S3_UPLOAD_WHOLE, false);
	buf_init(&a.md5s, BUF_MAX_DEFAULT);
	s3_part_sizes_init(&a.sizes);
	if (assembly_open(&a, err) < 0)
		goto out;
	for (size_t i = 0; i < l->count; i++)
		if (add_part(&a, &l->parts[i], i + 1 == l->count, err) < 0)
			goto out;
	if (finish_info(&a, info, l->count, err) < 0)
		goto out;
	rc = store_whole(&a, info, err);
out:
	assembly_close(&a);
	return rc;
}

static int answer(struct s3_call *c, const struct object_info *info, struct err *err)
{
	const char *host = http_header(c->r, "host");
	struct buf *b = &c->reply->body;

	s3_xml_begin(c, "CompleteMultipartUploadResult");
	xml_elementf(b, "Location", "http://%s/%s%s%s", host ? host : "", c->virtual_host ? "" : c->bucket,
		     c->virtual_host ? "" : "/", c->key);
	xml_element(b, "Bucket", c->bucket);
	xml_element(b, "Key", c->key);
	s3_xml_etag(c, info->etag);
	for (int k = 0; k < S3_CHECKSUM_KINDS; k++)
		xml_element(b, s3_checksums[k].element, json_str(info->metadata, s3_checksums[k].header, NULL));
	xml_element(b, "ChecksumType", json_str(info->metadata, "x-amz-checksum-type", NULL));
	return s3_xml_end(c, "CompleteMultipartUploadResult", err);
}

/* The body is XML about parts; checksum headers of this request speak of the object. */
static int read_parts(struct s3_call *c, struct s3_part_list *l, struct err *err)
{
	struct buf text = { 0 };
	struct err why = { 0 };
	int rc = 0;

	buf_init(&text, BUF_MAX_DEFAULT);
	if (c->r->body_file)
		rc = file_read(c->r->body_file, &text, &why);
	else
		buf_add(&text, c->r->body, c->r->body_len);
	if (rc == 0)
		rc = buf_check(&text, "the list of parts", &why);
	if (rc == 0)
		rc = s3_parts_parse(text.data, text.len, l, &why);
	if (rc < 0 && why.kind == ERR_PARSE)
		s3_fail(c, err, "MalformedXML");
	else if (rc < 0)
		*err = why;
	buf_clear(&text);
	return rc;
}

static int check_order(struct s3_call *c, const struct s3_part_list *l, struct err *err)
{
	for (size_t i = 1; i < l->count; i++)
		if (l->parts[i].number <= l->parts[i - 1].number)
			return s3_fail(c, err, "InvalidPartOrder");
	return 0;
}

int s3_complete_upload(struct s3_call *c, struct err *err)
{
	struct object_info info = { 0 };
	struct s3_part_list list = { 0 };
	struct err ignored;
	char *path = NULL;
	int rc = -1;

	if (s3_find_upload(c, &path, &info, err) < 0)
		return -1;
	if (read_parts(c, &list, err) < 0 || check_order(c, &list, err) < 0 || assemble(c, path, &info, &list, err) < 0)
		goto out;
	s3_tags_forget(c, c->key);
	/* The object is there: parts that cannot be removed now are no failure of this call. */
	(void)!s3_remove_upload(c, path, &ignored);
	rc = answer(c, &info, err);
out:
	s3_parts_clear(&list);
	object_info_clear(&info);
	mem_free(path);
	return rc;
}
