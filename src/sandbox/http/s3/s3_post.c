/* POST of an object: a form of a web page, or a link to post. It carries its own signature, of a policy that says what
 * the form may be; the object is put as by PutObject. */
#include <fcntl.h>
#include <unistd.h>

#include "sandbox/access/verify.h"
#include "sandbox/http/s3/s3.h"
#include "sandbox/http/s3/s3_form.h"
#include "sandbox/http/s3/s3_post_policy.h"
#include "sandbox/http/s3/s3_tags.h"
#include "sandbox/store/objects_log.h"
#include "spark/base/file.h"
#include "spark/base/hash.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"
#include "spark/base/xml.h"

#define FILE_NAME "${filename}"

/* The form and the PutObject that it becomes. */
struct post {
	struct s3_call *c;
	struct s3_body body; /* the form's bytes */
	struct s3_form form;
	char *key;
	struct caller who;
	struct http_header headers[S3_FORM_FIELDS_MAX + 1];
	struct http_request request;
	struct buf tagging;
	char *path; /* of the file's bytes, when they are too many for memory */
};

static int no_field(struct s3_call *c, const char *name, struct err *err)
{
	return s3_bad_argument(c, err, name, "",
			       "Bucket POST must contain a field named '%s'.  If it is specified, please check the "
			       "order of the fields.",
			       name);
}

/* ---- the form ---- */

static int read_form(struct post *p, struct err *err)
{
	struct s3_call *c = p->c;
	const char *type = http_header(c->r, "content-type");
	char boundary[S3_FORM_BOUNDARY_MAX + 1];
	struct err why = { 0 };

	if (!type || strncasecmp(type, "multipart/form-data", 19) != 0) {
		s3_fail(c, err, "PreconditionFailed");
		xml_element(&c->reply->body, "Condition",
			    "Bucket POST must be of the enclosure-type multipart/form-data");
		return -1;
	}
	if (!s3_form_boundary(type, boundary))
		return s3_fail(c, err, "MalformedPOSTRequest");
	if (s3_body_open(c, &p->body, err) < 0)
		return -1;
	if (s3_form_parse(p->body.data, p->body.len, boundary, &p->form, &why) == 0)
		return 0;
	if (why.kind == ERR_CONFLICT) {
		s3_fail(c, err, "MaxPostPreDataLengthExceeded");
		xml_elementf(&c->reply->body, "MaxPostPreDataLengthBytes", "%zu", S3_FORM_BEFORE_MAX);
	} else if (why.kind == ERR_PARSE) {
		s3_fail(c, err, "MalformedPOSTRequest");
	} else {
		*err = why;
	}
	return -1;
}

/* The key, with the name of the file in it where the form wants that. */
static int read_key(struct post *p, struct err *err)
{
	const char *key = s3_form_get(&p->form, "key"), *at = key;
	struct buf text;

	if (!p->form.file)
		return s3_bad_argument(p->c, err, "file", "0", "POST requires exactly one file upload per request.");
	if (!key)
		return no_field(p->c, "key", err);
	buf_init(&text, 64 * 1024);
	while ((at = strstr(key, FILE_NAME)) != NULL) {
		buf_add(&text, key, (size_t)(at - key));
		buf_puts(&text, p->form.file_name);
		key = at + sizeof(FILE_NAME) - 1;
	}
	buf_puts(&text, key);
	p->key = buf_take(&text);
	buf_clear(&text);
	if (!p->key || strlen(p->key) > S3_KEY_MAX)
		return s3_fail(p->c, err, "KeyTooLongError");
	return *p->key ? 0 : s3_bad_argument(p->c, err, "key", "", "User key must have a length greater than 0.");
}

/* ---- who sends it ---- */

static void copy_field(const struct post *p, const char *name, char *to, size_t size, bool *fits)
{
	const char *value = s3_form_get(&p->form, name);

	if ((size_t)snprintf(to, size, "%s", value ? value : "") >= size)
		*fits = false;
}

static int read_claim(const struct post *p, struct sign_claim *claim, struct err *err)
{
	const char *credential = s3_form_get(&p->form, "x-amz-credential");
	const char *algorithm = s3_form_get(&p->form, "x-amz-algorithm");
	bool fits = true;

	*claim = (struct sign_claim){ .version_2 = !algorithm && s3_form_get(&p->form, "AWSAccessKeyId") };
	copy_field(p, "x-amz-security-token", claim->token, sizeof(claim->token), &fits);
	if (!fits)
		return sign_refuse(SIGN_S3, SIGN_TOKEN, err, NULL);
	if (claim->version_2) {
		snprintf(claim->service, sizeof(claim->service), "s3");
		copy_field(p, "AWSAccessKeyId", claim->key_id, sizeof(claim->key_id), &fits);
		if (!fits)
			return sign_refuse(SIGN_S3, SIGN_UNKNOWN_KEY, err, NULL);
		copy_field(p, "signature", claim->signature, sizeof(claim->signature), &fits);
		return fits && *claim->signature ? 0 : no_field(p->c, "signature", err);
	}
	if (!algorithm || strcmp(algorithm, "AWS4-HMAC-SHA256") != 0)
		return s3_bad_argument(p->c, err, "X-Amz-Algorithm", algorithm ? algorithm : "",
				       "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"");
	if (!credential)
		return no_field(p->c, "X-Amz-Credential", err);
	if (sign_parse_scope(credential, claim, err) < 0)
		return -1;
	copy_field(p, "x-amz-date", claim->amz_date, sizeof(claim->amz_date), &fits);
	if (!fits || strlen(claim->amz_date) != 16)
		return no_field(p->c, "X-Amz-Date", err);
	copy_field(p, "x-amz-signature", claim->signature, sizeof(claim->signature), &fits);
	return fits && *claim->signature ? 0 : no_field(p->c, "X-Amz-Signature", err);
}

/* A form without a policy is nobody's. */
static int find_sender(struct post *p, struct err *err)
{
	const char *policy = s3_form_get(&p->form, "policy");
	struct sign_claim claim;
	int rc;

	p->who = *p->c->who;
	if (!policy) {
		if (s3_form_get(&p->form, "x-amz-signature") || s3_form_get(&p->form, "signature"))
			return no_field(p->c, "policy", err);
		return 0;
	}
	rc = read_claim(p, &claim, err);
	if (rc == 0)
		rc = verify_text(p->c->w, p->c->r, &claim, policy, &p->who, &p->c->reply->body, err);
	explicit_bzero(claim.token, sizeof(claim.token));
	if (rc == 0 && p->c->reply->sender)
		*p->c->reply->sender = p->who;
	return rc < 0 ? -1 : s3_post_policy_check(p->c, policy, &p->form, p->key, err);
}

/* ---- the PutObject ---- */

/* Fields that are headers of the put; x-amz-meta-* and x-amz-checksum-* beside them. */
static const struct {
	const char *field, *header;
} header_fields[] = {
	{ "acl", "x-amz-acl" },
	{ "Cache-Control", "Cache-Control" },
	{ "Content-Disposition", "Content-Disposition" },
	{ "Content-Encoding", "Content-Encoding" },
	{ "Content-Language", "Content-Language" },
	{ "Content-Type", "Content-Type" },
	{ "Expires", "Expires" },
	{ "x-amz-server-side-encryption", "x-amz-server-side-encryption" },
	{ "x-amz-server-side-encryption-customer-algorithm", "x-amz-server-side-encryption-customer-algorithm" },
	{ "x-amz-storage-class", "x-amz-storage-class" },
	{ "x-amz-website-redirect-location", "x-amz-website-redirect-location" },
};

static const char *header_of(const char *field)
{
	for (size_t i = 0; i < sizeof(header_fields) / sizeof(*header_fields); i++)
		if (strcasecmp(header_fields[i].field, field) == 0)
			return header_fields[i].header;
	if (strncasecmp(field, "x-amz-meta-", 11) == 0 || strncasecmp(field, "x-amz-checksum-", 15) == 0)
		return field;
	return NULL;
}

static int make_headers(struct post *p, struct err *err)
{
	const char *tagging = s3_form_get(&p->form, "tagging");

	for (size_t i = 0; i < p->form.count; i++) {
		const struct s3_form_field *f = &p->form.fields[i];
		const char *header = header_of(f->name);

		if (header && strpbrk(f->value, "\r\n"))
			return s3_bad_argument(p->c, err, f->name, "", "The field %.100s is more than a line", f->name);
		if (header)
			p->headers[p->request.header_count++] = (struct http_header){ header, f->value };
	}
	if (tagging && s3_tags_to_header(p->c, tagging, &p->tagging, err) < 0)
		return -1;
	if (tagging)
		p->headers[p->request.header_count++] = (struct http_header){ "x-amz-tagging", p->tagging.data };
	return 0;
}

/* The file's bytes into a file of their own, which is moved into the store. */
static int split_file(struct post *p, struct err *err)
{
	int fd, rc;

	if (!(p->path = mem_printf("%s/posted.XXXXXX", objects_tmp_dir(p->c->w->objects))))
		return err_nomem(err);
	fd = mkostemp(p->path, O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_IO, "cannot make a file for the object");
	rc = file_write_all(fd, p->form.file, p->form.file_len, err);
	close(fd);
	return rc;
}

static int make_request(struct post *p, struct err *err)
{
	const struct http_request *r = p->c->r;
	unsigned char md5[MD5_SIZE];

	p->request = (struct http_request){ .method = "PUT",
					    .target = r->target,
					    .query = "",
					    .headers = p->headers,
					    .peer_ip = r->peer_ip,
					    .tls = r->tls,
					    .body_len = p->form.file_len };
	if (make_headers(p, err) < 0 || hash_md5(p->form.file, p->form.file_len, md5, err) < 0)
		return -1;
	hash_hex(md5, sizeof(md5), p->request.body_md5);
	if (p->form.file_len <= LOG_INLINE_MAX) {
		p->request.body = p->form.file;
		return 0;
	}
	if (split_file(p, err) < 0)
		return -1;
	p->request.body_file = p->path;
	return 0;
}

/* ---- the answer ---- */

/* Its ETag, as it was just told. */
static const char *etag_of(const struct http_reply *reply)
{
	for (size_t i = 0; i < reply->extra_count; i++)
		if (strcasecmp(reply->extra[i].name, "ETag") == 0)
			return reply->extra[i].value;
	return "";
}

/* The object's address, as far as the request tells it. */
static void put_location(const struct post *p, struct buf *out)
{
	const char *host = http_header(p->c->r, "host");

	buf_printf(out, "%s://%s/", p->c->r->tls ? "https" : "http", host ? host : "localhost");
	if (!p->c->virtual_host)
		buf_printf(out, "%s/", p->c->bucket);
	url_encode(out, p->key, strlen(p->key), true);
}

static void put_query(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "%s=", name);
	url_encode(out, value, strlen(value), false);
}

static int redirect(struct post *p, const char *to, struct err *err)
{
	struct buf url;
	int rc;

	buf_init(&url, 64 * 1024);
	buf_puts(&url, to);
	buf_puts(&url, strchr(to, '?') ? "&" : "?");
	put_query(&url, "bucket", p->c->bucket);
	buf_putc(&url, '&');
	put_query(&url, "key", p->key);
	buf_putc(&url, '&');
	put_query(&url, "etag", etag_of(p->c->reply));
	rc = buf_check(&url, "the address", err);
	if (rc == 0)
		rc = http_reply_header(p->c->reply, "Location", url.data, err);
	buf_clear(&url);
	p->c->reply->status = 303;
	return rc;
}

static int answer_created(struct post *p, const char *location, struct err *err)
{
	struct buf *b = &p->c->reply->body;

	buf_reset(b);
	p->c->reply->status = 201;
	buf_puts(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse>");
	xml_element(b, "Location", location);
	xml_element(b, "Bucket", p->c->bucket);
	xml_element(b, "Key", p->key);
	xml_element(b, "ETag", etag_of(p->c->reply));
	buf_puts(b, "</PostResponse>");
	return buf_check(b, "reply", err);
}

static int answer(struct post *p, struct err *err)
{
	const char *status = s3_form_get(&p->form, "success_action_status");
	const char *to = s3_form_get(&p->form, "success_action_redirect");
	struct buf location;
	int rc;

	if (!to)
		to = s3_form_get(&p->form, "redirect");
	/* One that cannot be an address is passed over, as on AWS. */
	if (to && (strncmp(to, "http://", 7) == 0 || strncmp(to, "https://", 8) == 0) && !strpbrk(to, "\r\n"))
		return redirect(p, to, err);
	buf_init(&location, 64 * 1024);
	put_location(p, &location);
	rc = buf_check(&location, "the address", err);
	if (rc == 0)
		rc = http_reply_header(p->c->reply, "Location", location.data, err);
	if (rc == 0 && status && strcmp(status, "201") == 0)
		rc = answer_created(p, location.data, err);
	else
		p->c->reply->status = status && strcmp(status, "200") == 0 ? 200 : 204;
	buf_clear(&location);
	return rc;
}

static int put_object(struct post *p, struct err *err)
{
	struct s3_call put = *p->c;
	struct caller scoped;

	put.who = &p->who;
	put.r = &p->request;
	put.key = p->key;
	put.query = NULL;
	put.query_count = 0;
	if (s3_adopt(&put, &scoped, err) < 0)
		return -1;
	if (s3_authorize(&put, "s3:PutObject", err) < 0 || s3_refuse_unsupported(&put, NULL, err) < 0)
		return -1;
	return s3_put_object(&put, err);
}

int s3_post_object(struct s3_call *c, struct err *err)
{
	struct post p = { .c = c };
	int rc = -1;

	/* Who signs the request itself does not sign what a form says. */
	if (!c->who->anonymous)
		return s3_fail(c, err, "MethodNotAllowed");
	buf_init(&p.tagging, 64 * 1024);
	if (read_form(&p, err) == 0 && read_key(&p, err) == 0 && find_sender(&p, err) == 0 &&
	    make_request(&p, err) == 0 && put_object(&p, err) == 0)
		rc = answer(&p, err);
	if (p.path)
		(void)unlink(p.path);
	mem_free(p.path);
	mem_free(p.key);
	buf_clear(&p.tagging);
	s3_form_clear(&p.form);
	s3_body_close(&p.body);
	return rc;
}
