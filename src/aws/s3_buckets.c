#include "aws/decode.h"
#include "aws/s3_call.h"
#include "spark/base/clock.h"
#include "spark/base/url.h"

/* Listing and buckets; objects are in s3.c. */

static void add_param(struct buf *query, const char *name, const char *value)
{
	if (!value || !value[0])
		return;
	if (query->len > 0)
		buf_putc(query, '&');
	buf_printf(query, "%s=", name);
	url_encode(query, value, strlen(value), false);
}

/* A key of a list: encoded, as keys may hold characters that XML cannot. */
static int decode_key(const struct xml_node *n, const char *path, struct buf *raw, struct buf *out, struct err *err)
{
	buf_reset(raw);
	buf_reset(out);
	if (!xml_text(n, path, raw))
		return decode_refused(err, "the reply to s3 ListObjectsV2 has an element without '%s'", path);
	if (url_decode(out, raw->data, raw->len, true, err) != 0)
		return -1;
	return buf_check(out, "key", err);
}

struct listing {
	int (*fn)(void *arg, const struct s3_object *o);
	void *arg;
	struct buf raw, key; /* of the element at hand */
};

static int tell_object(struct listing *l, const struct xml_node *n, struct err *err)
{
	char etag[80];
	struct s3_object o = { .size_bytes = decode_int(n, "Size", 0), .etag = etag };

	if (decode_key(n, "Key", &l->raw, &l->key, err) != 0)
		return -1;
	decode_optional(n, "ETag", etag, sizeof(etag));
	o.key = l->key.data;
	o.modified_ms = decode_time(n, "LastModified");
	return l->fn(l->arg, &o);
}

static int tell_prefix(struct listing *l, const struct xml_node *n, struct err *err)
{
	struct s3_object o = { .size_bytes = -1, .etag = "" };

	if (decode_key(n, "Prefix", &l->raw, &l->key, err) != 0)
		return -1;
	o.key = l->key.data;
	return l->fn(l->arg, &o);
}

/* Objects and common prefixes come as two sorted rows; together they are in key order (both are encoded in the same
 * manner, so comparing what they decode to is what the service did). */
static int tell_page(struct listing *l, const struct xml_node *root, struct err *err)
{
	const struct xml_node *object = xml_child(root, "Contents");
	const struct xml_node *prefix = xml_child(root, "CommonPrefixes");
	struct buf a, b;
	int rc = 0;

	buf_init(&a, 8192);
	buf_init(&b, 8192);
	while (rc == 0 && (object || prefix)) {
		bool object_first = object && !prefix;
		if (object && prefix) {
			if (decode_key(object, "Key", &l->raw, &a, err) != 0 ||
			    decode_key(prefix, "Prefix", &l->raw, &b, err) != 0) {
				rc = -1;
				break;
			}
			object_first = strcmp(a.data, b.data) < 0;
		}
		if (object_first) {
			rc = tell_object(l, object, err);
			object = xml_next(object, "Contents");
		} else {
			rc = tell_prefix(l, prefix, err);
			prefix = xml_next(prefix, "CommonPrefixes");
		}
	}
	buf_clear(&a);
	buf_clear(&b);
	return rc;
}

/* One page: 0 and *token set (empty behind the last), or what fn or the call returned. */
static int list_page(struct aws_client *c, struct s3_call *call, const char *prefix, const char *delimiter,
		     struct listing *l, struct buf *token, struct err *err)
{
	struct buf query;
	struct xml_doc *doc = NULL;
	int rc = -1;

	buf_init(&query, 64 * 1024);
	add_param(&query, "continuation-token", token->data);
	add_param(&query, "delimiter", delimiter);
	add_param(&query, "encoding-type", "url");
	add_param(&query, "list-type", "2");
	add_param(&query, "prefix", prefix);
	call->request.query = query.data;
	if (buf_check(&query, "prefix", err) != 0 || s3_call_xml(c, call, "ListBucketResult", &doc, err) != 0)
		goto out;
	buf_reset(token);
	if (decode_bool(xml_root(doc), "IsTruncated")) {
		xml_text(xml_root(doc), "NextContinuationToken", token);
		if (token->len == 0) {
			decode_refused(err, "the reply to s3 ListObjectsV2 is cut, but names no next page");
			goto out;
		}
	}
	rc = tell_page(l, xml_root(doc), err);
out:
	xml_free(doc);
	buf_clear(&query);
	return rc;
}

int s3_list(struct aws_client *c, const char *bucket, const char *prefix, const char *delimiter,
	    int (*fn)(void *arg, const struct s3_object *o), void *arg, struct err *err)
{
	struct listing l = { .fn = fn, .arg = arg };
	struct s3_call call;
	struct buf token;
	int rc = s3_call_init(&call, "ListObjectsV2", "GET", bucket, NULL, err);

	buf_init(&token, 16 * 1024);
	buf_init(&l.raw, 16 * 1024);
	buf_init(&l.key, 16 * 1024);
	if (rc == 0) {
		do
			rc = list_page(c, &call, prefix, delimiter, &l, &token, err);
		while (rc == 0 && token.len > 0);
	}
	buf_clear(&l.key);
	buf_clear(&l.raw);
	buf_clear(&token);
	s3_call_clear(&call);
	return rc;
}

int s3_list_buckets(struct aws_client *c, int (*fn)(void *arg, const char *name, int64_t created_ms), void *arg,
		    struct err *err)
{
	struct s3_call call;
	struct xml_doc *doc = NULL;
	int rc = s3_call_init(&call, "ListBuckets", "GET", NULL, NULL, err);

	if (rc == 0)
		rc = s3_call_xml(c, &call, "ListAllMyBucketsResult", &doc, err);
	s3_call_clear(&call);
	if (rc != 0)
		return -1;
	for (const struct xml_node *n = xml_path(xml_root(doc), "Buckets/Bucket"); n && rc == 0;
	     n = xml_next(n, "Bucket")) {
		char name[256];
		rc = decode_required(n, "Name", "ListBuckets", name, sizeof(name), err);
		if (rc == 0)
			rc = fn(arg, name, decode_time(n, "CreationDate"));
	}
	xml_free(doc);
	return rc;
}

int s3_create_bucket(struct aws_client *c, const char *bucket, const char *region, struct err *err)
{
	struct s3_call call;
	struct buf body;
	int rc = s3_call_init(&call, "CreateBucket", "PUT", bucket, NULL, err);

	buf_init(&body, 4096);
	if (rc == 0) {
		/* The call has to go to the region itself; us-east-1 is the one that must not be named. */
		(void)client_learn_bucket(c, bucket, region);
		if (strcmp(region, "us-east-1") != 0) {
			buf_puts(&body,
				 "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
			xml_element(&body, "LocationConstraint", region);
			buf_puts(&body, "</CreateBucketConfiguration>");
		}
		rc = buf_check(&body, "bucket's configuration", err);
	}
	if (rc != 0) {
		buf_clear(&body);
		s3_call_clear(&call);
		return -1;
	}
	call.request.body = body.data;
	call.request.body_len = body.len;
	rc = s3_call_void(c, &call, err);
	buf_clear(&body);
	return rc;
}

int s3_delete_bucket(struct aws_client *c, const char *bucket, struct err *err)
{
	struct s3_call call;

	if (s3_call_init(&call, "DeleteBucket", "DELETE", bucket, NULL, err) != 0) {
		s3_call_clear(&call);
		return -1;
	}
	return s3_call_void(c, &call, err);
}
