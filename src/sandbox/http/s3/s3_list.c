/* ListObjects, ListObjectsV2 and ListObjectVersions: of each object there is one version, "null". */
#include "sandbox/http/s3/s3.h"
#include "sandbox/http/s3/s3_class.h"
#include "spark/base/hash.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"
#include "spark/base/xml.h"

#define PAGE_MAX 1000

enum { WALK_FULL = 1, WALK_SKIP = 2, WALK_FAILED = -1 };

struct listing {
	struct s3_call *c;
	bool v2, url, with_owner, versions;
	const char *prefix, *delimiter;
	char *from; /* names up to and including this one are passed over */
	long max, count;
	bool truncated;
	char *last;          /* the last name that was listed: key or common prefix */
	char *skip;          /* a common prefix whose keys are to be passed over */
	struct buf prefixes; /* CommonPrefixes, which follow all Contents */
	struct err *err;
};

static void element(struct listing *l, struct buf *out, const char *name, const char *text)
{
	struct buf encoded = { 0 };

	if (!text)
		return;
	if (!l->url) {
		xml_element(out, name, text);
		return;
	}
	buf_init(&encoded, BUF_MAX_DEFAULT);
	url_encode(&encoded, text, strlen(text), true);
	xml_element(out, name, encoded.failed ? "" : encoded.data);
	out->failed |= encoded.failed;
	buf_clear(&encoded);
}

static int remember(char **slot, const char *text, size_t len, struct err *err)
{
	char *copy = mem_strndup(text, len);

	if (!copy)
		return err_nomem(err);
	mem_free(*slot);
	*slot = copy;
	return 0;
}

static void add_contents(struct listing *l, const struct object_info *info)
{
	struct buf *b = &l->c->reply->body;
	char modified[CLOCK_TEXT];

	clock_iso(info->modified_ms - info->modified_ms % 1000, modified);
	xml_open(b, l->versions ? "Version" : "Contents");
	element(l, b, "Key", info->key);
	if (l->versions) {
		xml_element(b, "VersionId", "null");
		xml_element(b, "IsLatest", "true");
	}
	xml_element(b, "LastModified", modified);
	s3_xml_etag(l->c, info->etag);
	buf_puts(b, "<Size>");
	buf_put_int(b, (int64_t)info->size_bytes);
	buf_puts(b, "</Size>");
	if (l->with_owner)
		s3_xml_owner(b, l->c, "Owner");
	xml_element(b, "StorageClass", s3_class_name(info));
	xml_close(b, l->versions ? "Version" : "Contents");
}

static int list_one(void *arg, const struct object_info *info)
{
	struct listing *l = arg;
	const char *tail = info->key + strlen(l->prefix), *cut = NULL;
	size_t len = strlen(info->key);

	if (l->count >= l->max) {
		l->truncated = l->max > 0;
		return WALK_FULL;
	}
	if (l->delimiter && (cut = strstr(tail, l->delimiter)) != NULL)
		len = (size_t)(cut - info->key) + strlen(l->delimiter);
	if (remember(&l->last, info->key, len, l->err) < 0)
		return WALK_FAILED;
	l->count++;
	if (!cut) {
		add_contents(l, info);
		return 0;
	}
	xml_open(&l->prefixes, "CommonPrefixes");
	element(l, &l->prefixes, "Prefix", l->last);
	xml_close(&l->prefixes, "CommonPrefixes");
	if (remember(&l->skip, l->last, len, l->err) < 0)
		return WALK_FAILED;
	return WALK_SKIP;
}

/* Where to begin so that no key below the common prefix is seen. No key in UTF-8 holds the byte 0xff. */
static char *behind_prefix(const char *prefix)
{
	return mem_printf("%s\xff", prefix);
}

static int walk(struct listing *l, struct err *err)
{
	struct objects *o = l->c->w->objects;
	size_t from_len = strlen(l->from), end_len = l->delimiter ? strlen(l->delimiter) : 0;
	char *after;
	int rc;

	/* A page that ended with a common prefix goes on behind it. */
	if (end_len && from_len > strlen(l->prefix) && from_len >= end_len &&
	    strcmp(l->from + from_len - end_len, l->delimiter) == 0)
		after = behind_prefix(l->from);
	else
		after = mem_strdup(l->from);
	do {
		if (!after)
			return err_nomem(err);
		rc = objects_list(o, l->c->bucket, l->prefix, after, list_one, l, err);
		mem_free(after);
		after = NULL;
		if (rc == WALK_SKIP)
			after = behind_prefix(l->skip);
	} while (rc == WALK_SKIP);
	return rc < 0 ? -1 : 0;
}

/* Continuation tokens are the last name in base64: they hold what a stateless server has to know. */
static int decode_token(struct s3_call *c, const char *token, char **from, struct err *err)
{
	struct buf b = { 0 };
	struct err why = { 0 };
	int rc = -1;

	buf_init(&b, S3_KEY_MAX + 8);
	if (!*token || hash_base64_decode(token, strlen(token), &b, &why) < 0 || b.failed ||
	    !s3_text_is_utf8(b.data, b.len)) {
		if (why.kind == ERR_NOMEM)
			err_nomem(err);
		else
			s3_bad_argument(c, err, "continuation-token", token,
					"The continuation token provided is incorrect");
	} else if ((*from = buf_take(&b)) == NULL) {
		err_nomem(err);
	} else {
		rc = 0;
	}
	buf_clear(&b);
	return rc;
}

static int parse_max(struct s3_call *c, long *max, struct err *err)
{
	const char *text = s3_query(c, "max-keys");
	char *end;

	*max = PAGE_MAX;
	if (!text)
		return 0;
	*max = strtol(text, &end, 10);
	if (end == text || *end || *text == ' ' || *text == '+')
		return s3_bad_argument(c, err, "max-keys", text,
				       "Provided max-keys not an integer or within integer range");
	if (*max < 0)
		return s3_bad_argument(c, err, "max-keys", text,
				       "Argument maxKeys must be an integer between 0 and 2147483647");
	if (*max > PAGE_MAX)
		*max = PAGE_MAX;
	return 0;
}

static int parse_listing(struct s3_call *c, struct listing *l, struct err *err)
{
	const char *type = s3_query(c, "list-type"), *encoding = s3_query(c, "encoding-type");
	const char *token = s3_query(c, "continuation-token"), *from;
	const char *owner = s3_query(c, "fetch-owner");

	if (type && strcmp(type, "2") != 0)
		return s3_bad_argument(c, err, "list-type", type, "Invalid List Type specified in Request");
	l->v2 = type != NULL && !l->versions;
	if (encoding && strcmp(encoding, "url") != 0)
		return s3_bad_argument(c, err, "encoding-type", encoding,
				       "Invalid Encoding Method specified in Request");
	l->url = encoding != NULL;
	l->with_owner = !l->v2 || (owner && strcmp(owner, "true") == 0);
	l->prefix = s3_query(c, "prefix") ? s3_query(c, "prefix") : "";
	l->delimiter = s3_query(c, "delimiter");
	if (l->delimiter && !*l->delimiter)
		l->delimiter = NULL;
	if (parse_max(c, &l->max, err) < 0)
		return -1;
	if (l->v2 && token)
		return decode_token(c, token, &l->from, err);
	from = s3_query(c, l->versions ? "key-marker" : l->v2 ? "start-after" : "marker");
	return (l->from = mem_strdup(from ? from : "")) ? 0 : err_nomem(err);
}

static void add_next(struct listing *l)
{
	struct buf *b = &l->c->reply->body, token = { 0 };

	if (!l->truncated || !l->last)
		return;
	if (l->v2) {
		buf_init(&token, BUF_MAX_DEFAULT);
		hash_base64(&token, l->last, strlen(l->last));
		xml_element(b, "NextContinuationToken", token.failed ? "" : token.data);
		b->failed |= token.failed;
		buf_clear(&token);
	} else if (l->versions) {
		element(l, b, "NextKeyMarker", l->last);
		xml_element(b, "NextVersionIdMarker", "null");
	} else if (l->delimiter) {
		element(l, b, "NextMarker", l->last);
	}
}

static void add_summary(struct listing *l)
{
	struct s3_call *c = l->c;
	struct buf *b = &c->reply->body;

	buf_add(b, l->prefixes.data, l->prefixes.len);
	b->failed |= l->prefixes.failed;
	xml_element(b, "Name", c->bucket);
	element(l, b, "Prefix", l->prefix);
	element(l, b, "Delimiter", l->delimiter);
	xml_elementf(b, "MaxKeys", "%ld", l->max);
	if (l->url)
		xml_element(b, "EncodingType", "url");
	if (l->v2) {
		xml_elementf(b, "KeyCount", "%ld", l->count);
		xml_element(b, "ContinuationToken", s3_query(c, "continuation-token"));
		element(l, b, "StartAfter", s3_query(c, "start-after"));
	} else {
		element(l, b, l->versions ? "KeyMarker" : "Marker", l->from);
	}
	if (l->versions)
		xml_element(b, "VersionIdMarker",
			    s3_query(c, "version-id-marker") ? s3_query(c, "version-id-marker") : "");
	xml_element(b, "IsTruncated", l->truncated ? "true" : "false");
	add_next(l);
}

static int list(struct s3_call *c, bool versions, const char *root, struct err *err)
{
	struct listing l = { .c = c, .versions = versions, .err = err };
	int rc = -1;

	buf_init(&l.prefixes, BUF_MAX_DEFAULT);
	if (parse_listing(c, &l, err) < 0)
		goto out;
	s3_xml_begin(c, root);
	if (walk(&l, err) < 0)
		goto out;
	add_summary(&l);
	rc = s3_xml_end(c, root, err);
out:
	buf_clear(&l.prefixes);
	mem_free(l.from);
	mem_free(l.last);
	mem_free(l.skip);
	return rc;
}

int s3_list_objects(struct s3_call *c, struct err *err)
{
	return list(c, false, "ListBucketResult", err);
}

int s3_list_versions(struct s3_call *c, struct err *err)
{
	return list(c, true, "ListVersionsResult", err);
}
