#include "sandbox/access/verify.h"

#include "sandbox/access/keys.h"
#include "sandbox/access/signing_key.h"
#include "sandbox/access/verify_2.h"
#include "sandbox/regions.h"
#include "spark/base/hash.h"
#include "spark/base/mem.h"
#include "spark/base/secret.h"
#include "spark/sandbox/access.h"

#define MINUTE_MS      ((int64_t)60 * 1000)
#define SKEW_QUERY_MS  (5 * MINUTE_MS)
#define SKEW_S3_MS     (15 * MINUTE_MS)
#define EMPTY_SHA256   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define STREAM_SIGNED  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
#define STREAM_TRAILER "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
#define STREAM_PLAIN   "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

/* What the store knows of an access key, copied out from under its lock. Its texts are not cleared but for their first
 * byte. */
struct key_record {
	struct secret secret;
	int64_t expires_ms; /* 0: never */
	char arn[512], user_id[160], token[4096];
};

static void key_init(struct key_record *k)
{
	memset(k, 0, offsetof(struct key_record, arn));
	*k->arn = *k->user_id = *k->token = 0;
}

static void key_clear(struct key_record *k)
{
	secret_clear(&k->secret);
	explicit_bzero(k->token, strlen(k->token));
}

static void set_text(char *to, size_t size, const char *text)
{
	size_t len = strnlen(text, size - 1);

	memcpy(to, text, len);
	to[len] = 0;
}

static int key_load(struct world *w, const struct sign_claim *c, struct key_record *k, struct err *err)
{
	const struct json *doc;
	int rc = -1;

	store_lock(w->store);
	doc = store_get(w->store, "iam:access-key", c->key_id);
	if (!doc || strcmp(json_str(doc, "status", "Active"), "Active")) {
		signing_key_forget(c->key_id);
		sign_refuse(sign_style_of(c->service), SIGN_UNKNOWN_KEY, err, NULL);
		goto out;
	}
	set_text(k->token, sizeof(k->token), json_str(doc, "token", ""));
	set_text(k->arn, sizeof(k->arn), json_str(doc, "arn", ""));
	set_text(k->user_id, sizeof(k->user_id), json_str(doc, "userId", ""));
	k->expires_ms = json_int(doc, "expiresMs", 0);
	rc = secret_set(&k->secret, json_str(doc, "secret", ""), err);
out:
	store_unlock(w->store);
	return rc;
}

static int check_token(struct world *w, const struct sign_claim *c, const struct key_record *k, struct err *err)
{
	enum sign_style style = sign_style_of(c->service);

	/* A temporary key without its token is no key that S3 knows. */
	if (style == SIGN_S3 && !*c->token && *k->token)
		return sign_refuse(style, SIGN_UNKNOWN_KEY, err, NULL);
	if (!secret_equal(c->token, strlen(c->token), k->token, strlen(k->token)))
		return sign_refuse(style, SIGN_TOKEN, err, NULL);
	if (k->expires_ms && clock_now(w->clock) >= k->expires_ms)
		return sign_refuse(style, SIGN_TOKEN_EXPIRED, err, NULL);
	return 0;
}

static int check_scope(const struct sign_claim *c, struct err *err)
{
	enum sign_style style = sign_style_of(c->service);

	if (!region_find(c->region))
		return sign_refuse(style, SIGN_SCOPE, err, "Credential should be scoped to a valid region, not '%s'.",
				   c->region);
	if (strncmp(c->date, c->amz_date, 8) || strlen(c->date) != 8)
		return sign_refuse(style, SIGN_SCOPE, err,
				   "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
				   "from HTTP: '%s' != '%.8s', from '%s'.",
				   c->date, c->amz_date, c->amz_date);
	return 0;
}

static void time_members(struct buf *detail, int64_t signed_ms, int64_t now, int64_t skew)
{
	char then[CLOCK_TEXT], here[CLOCK_TEXT];

	clock_basic(signed_ms, then);
	clock_iso_s(now, here);
	xml_element(detail, "RequestTime", then);
	xml_element(detail, "ServerTime", here);
	xml_elementf(detail, "MaxAllowedSkewMilliseconds", "%lld", (long long)skew);
}

static int check_time(struct world *w, const struct sign_claim *c, struct buf *detail, struct err *err)
{
	enum sign_style style = sign_style_of(c->service);
	int64_t now = clock_now(w->clock), at, skew = style == SIGN_S3 ? SKEW_S3_MS : SKEW_QUERY_MS;
	char here[CLOCK_TEXT], bound[CLOCK_TEXT];
	bool late;

	if (clock_parse(c->amz_date, &at, err))
		return -1;
	late = now - at > (c->presigned ? c->expires_s * 1000 : skew);
	if (!late && at - now <= skew)
		return 0;
	if (style == SIGN_S3) {
		if (c->presigned && late) {
			clock_iso_s(at + c->expires_s * 1000, bound);
			clock_iso_s(now, here);
			xml_elementf(detail, "X-Amz-Expires", "%lld", (long long)c->expires_s);
			xml_element(detail, "Expires", bound);
			xml_element(detail, "ServerTime", here);
			return sign_refuse(style, SIGN_EXPIRED, err, NULL);
		}
		time_members(detail, at, now, skew);
		return sign_refuse(style, SIGN_TIME, err, NULL);
	}
	clock_basic(now, here);
	clock_basic(late ? now - skew : now + skew, bound);
	if (late)
		return sign_refuse(style, SIGN_TIME, err, "Signature expired: %s is now earlier than %s (%s - 5 min.)",
				   c->amz_date, bound, here);
	return sign_refuse(style, SIGN_TIME, err, "Signature not yet current: %s is still later than %s (%s + 5 min.)",
			   c->amz_date, bound, here);
}

/* Everything that steers the request must be under the signature. */
static int check_signed_headers(const struct http_request *r, const struct sign_claim *c, struct buf *detail,
				struct err *err)
{
	enum sign_style style = sign_style_of(c->service);

	if (!sign_list_has(c->signed_headers, "host"))
		return sign_refuse(style, SIGN_UNSIGNED_HEADER, err,
				   "'Host' must be a 'SignedHeader' in the AWS Authorization.");
	for (size_t i = 0; i < r->header_count; i++) {
		const char *name = r->headers[i].name;

		if (strncasecmp(name, "x-amz-", 6) || sign_list_has(c->signed_headers, name))
			continue;
		xml_element(detail, "HeadersNotSigned", name);
		if (style == SIGN_S3)
			return sign_refuse(style, SIGN_UNSIGNED_HEADER, err, NULL);
		return sign_refuse(style, SIGN_UNSIGNED_HEADER, err,
				   "'%.100s' must be a 'SignedHeader' in the AWS Authorization.", name);
	}
	return 0;
}

static bool is_hex_hash(const char *text)
{
	return strlen(text) == 64 && strspn(text, "0123456789abcdefABCDEF") == 64;
}

/* The canonical request's last line. *fixed: it promises a hash that the body has to have. */
static int payload_line(const struct http_request *r, const struct sign_claim *c, const char **out, bool *fixed,
			struct err *err)
{
	const char *given = http_header(r, "x-amz-content-sha256");

	*fixed = false;
	if (sign_style_of(c->service) != SIGN_S3) {
		*out = r->body_len ? r->body_sha256 : EMPTY_SHA256;
		return 0;
	}
	if (c->presigned && !given) {
		*out = "UNSIGNED-PAYLOAD";
		return 0;
	}
	if (!given)
		return service_error(err, 400, "InvalidRequest",
				     "Missing required header for this request: x-amz-content-sha256");
	*fixed = is_hex_hash(given);
	if (!*fixed && strcmp(given, "UNSIGNED-PAYLOAD") && strcmp(given, STREAM_SIGNED) &&
	    strcmp(given, STREAM_TRAILER) && strcmp(given, STREAM_PLAIN))
		return service_error(err, 400, "InvalidArgument",
				     "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, " STREAM_TRAILER ", " STREAM_SIGNED
				     ", " STREAM_PLAIN " or a valid sha256 value.");
	*out = given;
	return 0;
}

static void put_scope(const struct sign_claim *c, char out[96])
{
	snprintf(out, 96, "%s/%s/%s/aws4_request", c->date, c->region, c->service);
}

static int sign_text(const unsigned char key[SHA256_SIZE], const struct buf *text, char out[SHA256_HEX],
		     struct err *err)
{
	unsigned char mac[SHA256_SIZE];

	if (hash_hmac_sha256(key, SHA256_SIZE, text->data, text->len, mac, err))
		return -1;
	hash_hex(mac, SHA256_SIZE, out);
	return 0;
}

void sign_put_mismatch(struct buf *detail, const struct sign_claim *c, const struct buf *to_sign)
{
	xml_element(detail, "AWSAccessKeyId", c->key_id);
	xml_element(detail, "StringToSign", to_sign->data);
	xml_element(detail, "SignatureProvided", c->signature);
	xml_open(detail, "StringToSignBytes");
	for (size_t i = 0; i < to_sign->len; i++)
		buf_printf(detail, "%s%02x", i ? " " : "", (unsigned char)to_sign->data[i]);
	xml_close(detail, "StringToSignBytes");
}

static int check_signature(const struct http_request *r, const struct sign_claim *c, const struct secret *secret,
			   const char *payload, struct buf *detail, struct err *err)
{
	unsigned char key[SHA256_SIZE];
	char hash[SHA256_HEX], expected[SHA256_HEX], scope[96];
	struct buf canonical, to_sign;
	int rc = -1;

	buf_init(&canonical, BUF_MAX_DEFAULT);
	buf_init(&to_sign, 4096);
	if (sign_canonical(r, c, payload, &canonical, err) || hash_sha256_hex(canonical.data, canonical.len, hash, err))
		goto out;
	put_scope(c, scope);
	(void)buf_reserve(&to_sign, 256);
	buf_puts(&to_sign, "AWS4-HMAC-SHA256\n");
	buf_puts(&to_sign, c->amz_date);
	buf_putc(&to_sign, '\n');
	buf_puts(&to_sign, scope);
	buf_putc(&to_sign, '\n');
	buf_puts(&to_sign, hash);
	if (buf_check(&to_sign, "the string to sign", err) || signing_key_get(c, secret, key, err) ||
	    sign_text(key, &to_sign, expected, err))
		goto out;
	if (!secret_equal(expected, strlen(expected), c->signature, strlen(c->signature))) {
		sign_put_mismatch(detail, c, &to_sign);
		xml_element(detail, "CanonicalRequest", canonical.data);
		rc = sign_refuse(sign_style_of(c->service), SIGN_MISMATCH, err, NULL);
		goto out;
	}
	rc = 0;
out:
	explicit_bzero(key, sizeof(key));
	buf_clear(&to_sign);
	buf_clear(&canonical);
	return rc;
}

static int check_payload(const struct http_request *r, const struct sign_claim *c, const char *payload,
			 struct buf *detail, struct err *err)
{
	const char *body = r->body_len ? r->body_sha256 : EMPTY_SHA256;

	if (!strcasecmp(payload, body))
		return 0;
	xml_element(detail, "ClientComputedContentSHA256", payload);
	xml_element(detail, "S3ComputedContentSHA256", body);
	return sign_refuse(sign_style_of(c->service), SIGN_PAYLOAD, err, NULL);
}

static void fill_caller(const struct world *w, const struct http_request *r, const struct sign_claim *c,
			const struct key_record *k, struct caller *out)
{
	memset(out, 0, sizeof(*out));
	set_text(out->access_key_id, sizeof(out->access_key_id), c->key_id);
	set_text(out->account, sizeof(out->account), w->account);
	set_text(out->arn, sizeof(out->arn), k->arn);
	set_text(out->user_id, sizeof(out->user_id), k->user_id);
	set_text(out->service, sizeof(out->service), c->service);
	set_text(out->region, sizeof(out->region), c->region);
	set_text(out->source_ip, sizeof(out->source_ip), r->peer_ip ? r->peer_ip : "");
	out->session = *k->token != 0;
	out->tls = r->tls;
}

/* As it was read while the request arrived, or read now into *room; NULL with err. */
static const struct sign_claim *claim_of(const struct http_request *r, struct sign_claim *room, struct err *err)
{
	if (r->claim)
		return r->claim;
	return sign_claim_parse(r, room, err) ? NULL : room;
}

/* The signature with what it covers: host, time and headers. */
static int check_claim(struct world *w, const struct http_request *r, const struct sign_claim *c,
		       const struct secret *secret, struct buf *detail, struct err *err)
{
	const char *payload = "";
	bool fixed;

	if (!c->version_2 && (check_time(w, c, detail, err) || check_signed_headers(r, c, detail, err)))
		return -1;
	if (payload_line(r, c, &payload, &fixed, err))
		return -1;
	/* Signed chunks go on from a signature of version 4. */
	if (c->version_2 && !strncmp(payload, STREAM_SIGNED, strlen(STREAM_SIGNED)))
		return service_error(err, 400, "InvalidRequest", "%s", SIGN_USE_4);
	if (c->version_2 ? sign_2_check(w, r, c, secret, detail, err)
			 : check_signature(r, c, secret, payload, detail, err))
		return -1;
	return fixed ? check_payload(r, c, payload, detail, err) : 0;
}

static int text_signature(const struct sign_claim *c, const struct secret *secret, const struct buf *text,
			  struct buf *out, struct err *err)
{
	unsigned char key[SHA256_SIZE], mac[SHA1_SIZE];
	const char *value = secret_value(secret);
	char hex[SHA256_HEX];
	int rc = -1;

	if (c->version_2) {
		if (hash_hmac_sha1(value, strlen(value), text->data, text->len, mac, err))
			return -1;
		hash_base64(out, mac, sizeof(mac));
		return buf_check(out, "a signature", err);
	}
	if (!signing_key_get(c, secret, key, err) && !sign_text(key, text, hex, err)) {
		buf_puts(out, hex);
		rc = buf_check(out, "a signature", err);
	}
	explicit_bzero(key, sizeof(key));
	return rc;
}

static int check_text(const struct sign_claim *c, const struct secret *secret, const char *text, struct buf *detail,
		      struct err *err)
{
	struct buf to_sign, expected;
	int rc = -1;

	buf_init(&to_sign, BUF_MAX_DEFAULT);
	buf_init(&expected, 256);
	buf_puts(&to_sign, text);
	if (buf_check(&to_sign, "the string to sign", err) || text_signature(c, secret, &to_sign, &expected, err))
		goto out;
	if (secret_equal(expected.data, expected.len, c->signature, strlen(c->signature))) {
		rc = 0;
	} else {
		sign_put_mismatch(detail, c, &to_sign);
		rc = sign_refuse(SIGN_S3, SIGN_MISMATCH, err, NULL);
	}
out:
	buf_clear(&expected);
	buf_clear(&to_sign);
	return rc;
}

int verify_text(struct world *w, const struct http_request *r, const struct sign_claim *c, const char *text,
		struct caller *out, struct buf *detail, struct err *err)
{
	struct key_record k = { .expires_ms = 0 };
	int rc = -1;

	if ((!c->version_2 && check_scope(c, err)) || key_load(w, c, &k, err) || check_token(w, c, &k, err) ||
	    check_text(c, &k.secret, text, detail, err))
		goto out;
	fill_caller(w, r, c, &k, out);
	keys_note_use(w, out);
	rc = 0;
out:
	secret_clear(&k.secret);
	explicit_bzero(k.token, sizeof(k.token));
	return rc;
}

/* A form is meant for a query service, what has a target for one that speaks JSON; all else is S3's. */
static bool is_for_s3(const struct http_request *r)
{
	const char *type = http_header(r, "content-type");

	if (http_header(r, "x-amz-target") || !strncmp(r->target, "/_sparkctl/", 11))
		return false;
	return strcmp(r->method, "POST") || strcmp(r->target, "/") ||
	       (type && !strncasecmp(type, "multipart/form-data", 19));
}

bool verify_anonymous(const struct http_request *r, struct caller *out)
{
	if (r->claim || http_header(r, "authorization") || strstr(r->query, "X-Amz-") ||
	    strstr(r->query, "AWSAccessKeyId=") || !is_for_s3(r))
		return false;
	memset(out, 0, sizeof(*out));
	out->anonymous = true;
	set_text(out->service, sizeof(out->service), "s3");
	set_text(out->source_ip, sizeof(out->source_ip), r->peer_ip ? r->peer_ip : "");
	out->tls = r->tls;
	return true;
}

int verify_request(struct world *w, const struct http_request *r, struct caller *out, struct buf *detail,
		   struct err *err)
{
	struct key_record k;
	struct sign_claim room;
	const struct sign_claim *c;
	int rc = -1;

	key_init(&k);
	if (!(c = claim_of(r, &room, err)) || (!c->version_2 && check_scope(c, err)))
		goto out;
	if (key_load(w, c, &k, err)) {
		xml_element(detail, "AWSAccessKeyId", c->key_id);
		goto out;
	}
	if (check_token(w, c, &k, err) || check_claim(w, r, c, &k.secret, detail, err))
		goto out;
	fill_caller(w, r, c, &k, out);
	keys_note_use(w, out);
	rc = 0;
out:
	key_clear(&k);
	return rc;
}

int access_verify(struct world *w, const struct http_request *r, struct caller *out, struct err *err)
{
	struct buf detail;
	int rc;

	buf_init(&detail, BUF_MAX_DEFAULT);
	rc = verify_request(w, r, out, &detail, err);
	buf_clear(&detail);
	return rc;
}

int access_chunk_begin(struct world *w, const struct http_request *r, struct chunk_verifier *v, struct err *err)
{
	struct key_record k;
	struct sign_claim c;
	int rc = -1;

	key_init(&k);
	memset(v, 0, sizeof(*v));
	if (sign_claim_parse(r, &c, err))
		goto out;
	if (c.version_2) {
		service_error(err, 400, "InvalidRequest", "%s", SIGN_USE_4);
		goto out;
	}
	if (key_load(w, &c, &k, err) || signing_key_get(&c, &k.secret, v->key, err))
		goto out;
	set_text(v->amz_date, sizeof(v->amz_date), c.amz_date);
	put_scope(&c, v->scope);
	set_text(v->previous, sizeof(v->previous), c.signature);
	rc = 0;
out:
	key_clear(&k);
	return rc;
}

int access_chunk_check(struct chunk_verifier *v, const void *data, size_t len, const char *signature, struct err *err)
{
	char hash[SHA256_HEX], expected[SHA256_HEX];
	struct buf to_sign;
	int rc = -1;

	buf_init(&to_sign, 4096);
	if (hash_sha256_hex(data, len, hash, err))
		goto out;
	buf_printf(&to_sign, "AWS4-HMAC-SHA256-PAYLOAD\n%s\n%s\n%s\n" EMPTY_SHA256 "\n%s", v->amz_date, v->scope,
		   v->previous, hash);
	if (buf_check(&to_sign, "the string to sign", err) || sign_text(v->key, &to_sign, expected, err))
		goto out;
	if (!secret_equal(expected, strlen(expected), signature, strlen(signature))) {
		rc = sign_refuse(SIGN_S3, SIGN_MISMATCH, err, NULL);
		goto out;
	}
	set_text(v->previous, sizeof(v->previous), expected);
	rc = 0;
out:
	buf_clear(&to_sign);
	return rc;
}

void access_chunk_end(struct chunk_verifier *v)
{
	explicit_bzero(v->key, sizeof(v->key));
}
