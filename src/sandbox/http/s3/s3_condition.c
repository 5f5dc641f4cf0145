/* Conditional requests (RFC 9110, section 13, in S3's manner) and ranges. */
#include "sandbox/http/s3/s3.h"
#include "spark/base/xml.h"

enum { IF_MATCH, IF_UNMODIFIED, IF_NONE_MATCH, IF_MODIFIED };
static const char *const names[2][4] = {
	{ "If-Match", "If-Unmodified-Since", "If-None-Match", "If-Modified-Since" },
	{ "x-amz-copy-source-if-match", "x-amz-copy-source-if-unmodified-since", "x-amz-copy-source-if-none-match",
	  "x-amz-copy-source-if-modified-since" },
};

/* Is the etag in a list like `"a", W/"b"` or is it "*"? Clients leave out the quotes, too. */
bool s3_etag_listed(const char *list, const char *etag)
{
	size_t len = strlen(etag);

	while (*list) {
		size_t n;

		list += strspn(list, " ,\t");
		if (strncmp(list, "W/", 2) == 0)
			list += 2;
		list += *list == '"';
		n = strcspn(list, "\" ,\t");
		if ((n == 1 && *list == '*') || (n == len && strncmp(list, etag, n) == 0))
			return true;
		list += n;
		list += *list == '"';
	}
	return false;
}

/* Changed after that moment? Headers tell whole seconds. A date that cannot be read asks nothing. */
static int modified_since(const struct object_info *info, const char *date)
{
	struct err ignored;
	int64_t when;

	if (clock_parse(date, &when, &ignored) < 0)
		return -1;
	return info->modified_ms / 1000 > when / 1000;
}

static int failed(struct s3_call *c, struct err *err, const char *name)
{
	s3_fail(c, err, "PreconditionFailed");
	xml_element(&c->reply->body, "Condition", name);
	return -1;
}

int s3_check_conditions(struct s3_call *c, const struct object_info *info, bool copy_source, struct err *err)
{
	const char *const *name = names[copy_source];
	const char *value[4];
	bool reads = copy_source || strcmp(c->r->method, "PUT") != 0, not_modified = false;

	for (int i = 0; i < 4; i++)
		value[i] = http_header(c->r, name[i]);
	if (!info) {
		if (value[IF_MATCH])
			return s3_fail(c, err, "NoSuchKey");
		return 0;
	}
	if (value[IF_MATCH] && !s3_etag_listed(value[IF_MATCH], info->etag))
		return failed(c, err, name[IF_MATCH]);
	if (!value[IF_MATCH] && value[IF_UNMODIFIED] && modified_since(info, value[IF_UNMODIFIED]) == 1)
		return failed(c, err, name[IF_UNMODIFIED]);
	if (value[IF_NONE_MATCH])
		not_modified = s3_etag_listed(value[IF_NONE_MATCH], info->etag);
	else if (value[IF_MODIFIED])
		not_modified = modified_since(info, value[IF_MODIFIED]) == 0;
	if (!not_modified)
		return 0;
	if (copy_source || !reads)
		return failed(c, err, name[value[IF_NONE_MATCH] ? IF_NONE_MATCH : IF_MODIFIED]);
	return 304;
}

static const char *take_number(const char *p, uint64_t *out)
{
	char *end;

	if (*p < '0' || *p > '9')
		return NULL;
	*out = strtoull(p, &end, 10);
	return end;
}

int s3_parse_range(const char *range, uint64_t size, uint64_t *from, uint64_t *len)
{
	uint64_t first = 0, last = UINT64_MAX;
	const char *p;

	/* What is no single range of bytes is passed over, as S3 does. */
	if (!range || strncasecmp(range, "bytes=", 6) != 0)
		return 0;
	p = range + 6;
	if (*p == '-') {
		uint64_t suffix;

		if (!(p = take_number(p + 1, &suffix)) || *p)
			return 0;
		if (suffix == 0 || size == 0)
			return -1;
		*from = suffix < size ? size - suffix : 0;
		*len = size - *from;
		return 1;
	}
	if (!(p = take_number(p, &first)) || *p++ != '-')
		return 0;
	if (*p && (!(p = take_number(p, &last)) || *p))
		return 0;
	if (last < first)
		return 0;
	if (first >= size)
		return -1;
	*from = first;
	*len = (last < size ? last + 1 : size) - first;
	return 1;
}
