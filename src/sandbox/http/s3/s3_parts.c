/* What an object was made of: reading single parts, and GetObjectAttributes. */
#include "sandbox/http/s3/s3_parts.h"
#include "sandbox/http/s3/s3_class.h"
#include "sandbox/http/s3/s3_tags.h"
#include "spark/base/xml.h"

/* Beyond that, parts have so many different sizes that remembering them costs more than it gives. */
#define SIZES_TEXT_MAX ((size_t)32 * 1024)

void s3_part_sizes_init(struct s3_part_sizes *p)
{
	*p = (struct s3_part_sizes){ 0 };
	buf_init(&p->text, SIZES_TEXT_MAX);
}

static void write_run(struct s3_part_sizes *p)
{
	if (!p->run)
		return;
	buf_printf(&p->text, "%s%llu", p->text.len ? "," : "", (unsigned long long)p->size);
	if (p->run > 1)
		buf_printf(&p->text, "*%llu", (unsigned long long)p->run);
	p->run = 0;
}

void s3_part_sizes_add(struct s3_part_sizes *p, uint64_t size)
{
	if (p->run && p->size != size)
		write_run(p);
	p->size = size;
	p->run++;
}

int s3_part_sizes_keep(struct s3_part_sizes *p, struct json *metadata, struct err *err)
{
	write_run(p);
	if (p->text.too_long)
		return 0;
	if (buf_check(&p->text, "sizes of parts", err) < 0)
		return -1;
	return json_set_str(metadata, S3_META_PARTS, p->text.data) ? err_nomem(err) : 0;
}

void s3_part_sizes_clear(struct s3_part_sizes *p)
{
	buf_clear(&p->text);
}

unsigned s3_parts_count(const struct object_info *info)
{
	const char *dash = strchr(info->etag, '-');

	return dash ? (unsigned)strtoul(dash + 1, NULL, 10) : 0;
}

bool s3_part_find(const struct object_info *info, unsigned number, uint64_t *from, uint64_t *len)
{
	const char *p = json_str(info->metadata, S3_META_PARTS, "");
	uint64_t at = 0, left = number;

	while (*p && left) {
		char *end;
		uint64_t size = strtoull(p, &end, 10), run = 1;

		if (*end == '*')
			run = strtoull(end + 1, &end, 10);
		if (left <= run) {
			*from = at + (left - 1) * size;
			*len = size;
			return true;
		}
		at += run * size;
		left -= run;
		p = end + (*end == ',');
	}
	return false;
}

/* Is the word in a list like "ETag, ObjectSize"? */
static bool listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (*list) {
		list += strspn(list, " ,");
		if (strncmp(list, word, len) == 0 && strchr(" ,", list[len]))
			return true;
		list += strcspn(list, ",");
	}
	return false;
}

static void write_checksum(struct buf *b, const struct object_info *info)
{
	const char *type = json_str(info->metadata, "x-amz-checksum-type", NULL);
	bool open = false;

	for (int k = 0; k < S3_CHECKSUM_KINDS; k++) {
		const char *value = json_str(info->metadata, s3_checksums[k].header, NULL);

		if (!value)
			continue;
		if (!open)
			xml_open(b, "Checksum");
		open = true;
		xml_element(b, s3_checksums[k].element, value);
	}
	if (!open)
		return;
	xml_element(b, "ChecksumType", type ? type : "FULL_OBJECT");
	xml_close(b, "Checksum");
}

static int write_attributes(struct s3_call *c, const char *wanted, const struct object_info *info, struct err *err)
{
	struct buf *b = &c->reply->body;
	unsigned parts = s3_parts_count(info);
	char modified[CLOCK_TEXT];

	clock_http(info->modified_ms, modified);
	if (http_reply_header(c->reply, "Last-Modified", modified, err) < 0)
		return -1;
	s3_xml_begin(c, "GetObjectAttributesResponse");
	if (listed(wanted, "ETag"))
		xml_element(b, "ETag", info->etag);
	if (listed(wanted, "Checksum"))
		write_checksum(b, info);
	if (listed(wanted, "ObjectParts") && parts) {
		xml_open(b, "ObjectParts");
		xml_elementf(b, "PartsCount", "%u", parts);
		xml_close(b, "ObjectParts");
	}
	if (listed(wanted, "StorageClass"))
		xml_element(b, "StorageClass", s3_class_name(info));
	if (listed(wanted, "ObjectSize"))
		xml_elementf(b, "ObjectSize", "%llu", (unsigned long long)info->size_bytes);
	return s3_xml_end(c, "GetObjectAttributesResponse", err);
}

int s3_get_attributes(struct s3_call *c, struct err *err)
{
	const char *wanted = http_header(c->r, "x-amz-object-attributes");
	struct object_info info = { 0 };
	int rc;

	if (!wanted || !*wanted)
		return s3_bad_argument(
			c, err, "x-amz-object-attributes", "",
			"The x-amz-object-attributes header specifying the attributes to be retrieved is "
			"either missing or empty");
	if (!objects_head(c->w->objects, c->bucket, c->key, &info))
		return s3_fail(c, err, "NoSuchKey");
	rc = write_attributes(c, wanted, &info, err);
	object_info_clear(&info);
	return rc;
}
