#include "spark/aws/s3.h"

#include "aws/decode.h"
#include "aws/s3_call.h"
#include "spark/base/hash.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"

#define DELETE_MAX 1000

int s3_head(struct aws_client *c, const char *bucket, const char *key, int64_t *size_bytes, struct err *err)
{
	struct s3_call call;
	struct http_answer answer;
	int rc = s3_call_init(&call, "HeadObject", "HEAD", bucket, key, err);

	if (rc != 0) {
		s3_call_clear(&call);
		return -1;
	}
	rc = s3_call_send(c, &call, &answer, err);
	if (rc != 0 && err && err->http_status == 404) {
		/* A HEAD has no body to say which it is; a missing bucket looks the same. */
		memcpy(err->code, "NoSuchKey", sizeof("NoSuchKey"));
		err_hint(err, "check the bucket's name and the key");
	} else if (rc == 0 && answer.content_length < 0) {
		rc = decode_refused(err, "the reply to s3 HeadObject of '%s' tells no size", call.subject.data);
	} else if (rc == 0) {
		*size_bytes = answer.content_length;
	}
	http_answer_clear(&answer);
	s3_call_clear(&call);
	return rc;
}

int s3_get(struct aws_client *c, const char *bucket, const char *key, struct buf *out, struct err *err)
{
	struct s3_call call;
	struct http_answer answer;
	int rc = s3_call_init(&call, "GetObject", "GET", bucket, key, err);

	if (rc != 0) {
		s3_call_clear(&call);
		return -1;
	}
	call.request.bulk = true;
	call.request.body_max = out->max > out->len ? out->max - out->len : 1;
	rc = s3_call_send(c, &call, &answer, err);
	if (rc == 0 && out->len == 0) {
		/* Hands the memory over instead of copying it. */
		size_t max = out->max;
		buf_clear(out);
		*out = answer.body;
		out->max = max;
		answer.body = (struct buf){ 0 };
	} else if (rc == 0) {
		buf_add(out, answer.body.data, answer.body.len);
		rc = buf_check(out, "object", err);
	}
	http_answer_clear(&answer);
	s3_call_clear(&call);
	return rc;
}

int s3_put(struct aws_client *c, const char *bucket, const char *key, const void *data, size_t len,
	   const char *content_type, struct err *err)
{
	struct s3_call call;

	if (s3_call_init(&call, "PutObject", "PUT", bucket, key, err) != 0) {
		s3_call_clear(&call);
		return -1;
	}
	call.request.bulk = true;
	call.request.body = data;
	call.request.body_len = len;
	if (content_type)
		aws_request_header(&call.request, "Content-Type", content_type);
	return s3_call_void(c, &call, err);
}

int s3_delete(struct aws_client *c, const char *bucket, const char *key, struct err *err)
{
	struct s3_call call;

	if (s3_call_init(&call, "DeleteObject", "DELETE", bucket, key, err) != 0) {
		s3_call_clear(&call);
		return -1;
	}
	return s3_call_void(c, &call, err);
}

int s3_copy(struct aws_client *c, const char *from_bucket, const char *from_key, const char *to_bucket,
	    const char *to_key, struct err *err)
{
	struct s3_call call;
	struct buf source;
	struct xml_doc *doc = NULL;
	int rc = s3_call_init(&call, "CopyObject", "PUT", to_bucket, to_key, err);

	buf_init(&source, 8192);
	buf_printf(&source, "/%s/", from_bucket);
	url_encode(&source, from_key, strlen(from_key), true);
	if (rc == 0)
		rc = buf_check(&source, "copy source", err);
	if (rc == 0) {
		call.request.bulk = true; /* the service answers when it has copied */
		aws_request_header(&call.request, "X-Amz-Copy-Source", source.data);
		rc = s3_call_xml(c, &call, "CopyObjectResult", &doc, err);
	}
	xml_free(doc);
	buf_clear(&source);
	s3_call_clear(&call);
	return rc;
}

/* The list of keys as DeleteObjects wants it; quiet: only what failed is answered. */
static int delete_body(const char *const *keys, size_t count, struct buf *out, struct err *err)
{
	buf_puts(out, "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>");
	for (size_t i = 0; i < count; i++) {
		xml_open(out, "Object");
		xml_element(out, "Key", keys[i]);
		xml_close(out, "Object");
	}
	xml_close(out, "Delete");
	return buf_check(out, "list of keys", err);
}

static int first_undeleted(const struct xml_doc *doc, const char *bucket, struct err *err)
{
	const struct xml_node *n = xml_child(xml_root(doc), "Error");
	char code[64], message[512];
	struct buf key;

	if (!n)
		return 0;
	buf_init(&key, 8192);
	xml_text(n, "Key", &key);
	decode_optional(n, "Code", code, sizeof(code));
	decode_optional(n, "Message", message, sizeof(message));
	err_set(err, ERR_AWS, "s3 DeleteObjects could not delete 's3://%s/%s': %s (%s)", bucket, key.data, message,
		code);
	if (err)
		memcpy(err->code, code, sizeof(err->code));
	buf_clear(&key);
	return -1;
}

int s3_delete_many(struct aws_client *c, const char *bucket, const char *const *keys, size_t count, struct err *err)
{
	struct s3_call call;
	struct buf body, md5;
	unsigned char digest[MD5_SIZE];
	struct xml_doc *doc = NULL;
	int rc = -1;

	if (count > DELETE_MAX)
		return err_set(err, ERR_BUG, "%zu keys are more than the %d that one call can delete", count,
			       DELETE_MAX);
	if (count == 0)
		return 0;
	buf_init(&body, BUF_MAX_DEFAULT);
	buf_init(&md5, 64);
	if (s3_call_init(&call, "DeleteObjects", "POST", bucket, NULL, err) != 0 ||
	    delete_body(keys, count, &body, err) != 0 || hash_md5(body.data, body.len, digest, err) != 0)
		goto out;
	hash_base64(&md5, digest, sizeof(digest));
	if (buf_check(&md5, "checksum", err) != 0)
		goto out;
	call.request.query = "delete=";
	call.request.body = body.data;
	call.request.body_len = body.len;
	aws_request_header(&call.request, "Content-MD5", md5.data);
	aws_request_header(&call.request, "Content-Type", "application/xml");
	if (s3_call_xml(c, &call, "DeleteResult", &doc, err) != 0)
		goto out;
	rc = first_undeleted(doc, bucket, err);
out:
	xml_free(doc);
	s3_call_clear(&call);
	buf_clear(&md5);
	buf_clear(&body);
	return rc;
}
