#include "aws/s3_call.h"

#include "aws/decode.h"
#include "spark/base/url.h"

/* S3's keys are at most 1,024 bytes; encoded, three times that. */
#define PATH_MAX_BYTES ((size_t)4096)

/* The bucket becomes part of a path or a host's name. */
static int check_bucket(const char *bucket, struct err *err)
{
	size_t len = strlen(bucket);

	if (len >= 3 && len <= 63 &&
	    strspn(bucket, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == len &&
	    bucket[0] != '.')
		return 0;
	err_set(err, ERR_USAGE, "'%.80s' is no bucket's name", bucket);
	return err_hint(err, "it has 3 to 63 lower-case letters, digits, '-' and '.'");
}

/* Thousands of calls are made of which none is told. */
static void put_subject(struct buf *out, const char *bucket, const char *key)
{
	(void)buf_reserve(out, strlen(bucket) + (key ? strlen(key) : 0) + 8);
	buf_puts(out, "s3://");
	buf_puts(out, bucket);
	if (key) {
		buf_putc(out, '/');
		buf_puts(out, key);
	}
}

int s3_call_init(struct s3_call *call, const char *action, const char *method, const char *bucket, const char *key,
		 struct err *err)
{
	buf_init(&call->path, PATH_MAX_BYTES);
	buf_init(&call->subject, PATH_MAX_BYTES);
	aws_request_init(&call->request, "s3", action, method);
	if (bucket && check_bucket(bucket, err) != 0)
		return -1;
	if (key && key[0] == '\0')
		return err_set(err, ERR_USAGE, "an object of bucket '%s' has no key", bucket);
	buf_putc(&call->path, '/');
	if (key)
		url_encode(&call->path, key, strlen(key), true);
	if (bucket)
		put_subject(&call->subject, bucket, key);
	if (buf_check(&call->path, "key", err) != 0 || buf_check(&call->subject, "key", err) != 0)
		return -1;
	call->request.bucket = bucket;
	call->request.path = call->path.data;
	call->request.subject = call->subject.len > 0 ? call->subject.data : NULL;
	return 0;
}

void s3_call_clear(struct s3_call *call)
{
	buf_clear(&call->path);
	buf_clear(&call->subject);
}

int s3_call_send(struct aws_client *c, const struct s3_call *call, struct http_answer *answer, struct err *err)
{
	return aws_request_send(c, &call->request, answer, err);
}

int s3_call_xml(struct aws_client *c, const struct s3_call *call, const char *root, struct xml_doc **doc,
		struct err *err)
{
	const struct aws_request *r = &call->request;
	char source[256];
	const struct call_context ctx = { r->service, r->action, r->subject, source };
	struct http_answer answer;
	struct service_error e;
	struct xml_doc *parsed = NULL;
	int rc = s3_call_send(c, call, &answer, err);

	if (rc != 0)
		goto out;
	client_source(c, source);
	parsed = xml_parse(answer.body.data, answer.body.len, err);
	if (!parsed) {
		rc = err_wrap(err, "the reply to s3 %s cannot be read", r->action);
		if (err && err->kind == ERR_PARSE)
			err_hint(err, "check the endpoint: this is not what the service sends");
		decode_mark(err);
	} else if (strcmp(xml_name(xml_root(parsed)), root) != 0) {
		rc = service_error_parse(answer.body.data, answer.body.len, &e)
			     ? service_error_tell(&e, &ctx, answer.status, err)
			     : decode_refused(err, "the reply to s3 %s is a '%s', not a '%s'", r->action,
					      xml_name(xml_root(parsed)), root);
	} else {
		*doc = parsed;
		parsed = NULL;
	}
out:
	xml_free(parsed);
	http_answer_clear(&answer);
	return rc;
}

int s3_call_void(struct aws_client *c, struct s3_call *call, struct err *err)
{
	struct http_answer answer;
	int rc = s3_call_send(c, call, &answer, err);

	http_answer_clear(&answer);
	s3_call_clear(call);
	return rc;
}
