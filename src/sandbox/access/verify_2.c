/* Links that are signed with version 2 (HMAC-SHA1 over the request's parts, all in the query): S3's older regions still
 * take them, and SDKs make links this way there unless they are told otherwise. Requests with an Authorization header
 * of version 2 are refused. Source: Amazon S3 API reference, "Signing and authenticating REST requests". */
#include "sandbox/access/verify_2.h"

#include <ctype.h>

#include "sandbox/http/s3/s3.h"
#include "spark/base/hash.h"
#include "spark/base/secret.h"
#include "spark/base/url.h"

#define PAIRS_MAX 64

bool sign_2_is_claimed(const char *query)
{
	char any[SIGN_2_FIELD];

	return sign_query_param(query, "AWSAccessKeyId", any, sizeof(any));
}

int sign_2_parse(const struct http_request *r, struct sign_claim *c, struct err *err)
{
	const char *q = r->query;
	char *end;

	c->presigned = c->version_2 = true;
	memcpy(c->service, "s3", sizeof("s3"));
	if (!sign_query_param(q, "AWSAccessKeyId", c->key_id, sizeof(c->key_id)) ||
	    !sign_query_param(q, "Signature", c->signature, sizeof(c->signature)) ||
	    !sign_query_param(q, "Expires", c->expires, sizeof(c->expires)))
		return service_error(err, 403, "AccessDenied",
				     "Query-string authentication requires the Signature, Expires and AWSAccessKeyId "
				     "parameters");
	c->expires_s = strtoll(c->expires, &end, 10);
	/* Later than any clock here counts: multiplied it stays a number. */
	if (end == c->expires || *end || c->expires_s < 0 || c->expires_s > INT64_MAX / 1000)
		return service_error(err, 403, "AccessDenied", "Invalid date (should be seconds since epoch): %s",
				     c->expires);
	if (strstr(q, "x-amz-security-token=") &&
	    !sign_query_param(q, "x-amz-security-token", c->token, sizeof(c->token)))
		return sign_refuse(SIGN_S3, SIGN_TOKEN, err, NULL);
	return 0;
}

static int check_time(const struct world *w, const struct sign_claim *c, struct buf *detail, struct err *err)
{
	int64_t now = clock_now(w->clock);
	char text[CLOCK_TEXT];

	if (now / 1000 < c->expires_s)
		return 0;
	clock_iso_s(c->expires_s * 1000, text);
	xml_element(detail, "Expires", text);
	clock_iso_s(now, text);
	xml_element(detail, "ServerTime", text);
	return sign_refuse(SIGN_S3, SIGN_EXPIRED, err, NULL);
}

/* ---- the string to sign ---- */

struct pair {
	const char *name, *value; /* in the query, not decoded; value NULL: none was written */
	size_t name_len, value_len;
};

struct pairs {
	struct pair at[PAIRS_MAX];
	size_t count;
};

static int compare_names(const struct pair *x, const struct pair *y)
{
	size_t len = x->name_len < y->name_len ? x->name_len : y->name_len;
	int order = strncasecmp(x->name, y->name, len);

	if (order)
		return order;
	return x->name_len < y->name_len ? -1 : x->name_len > y->name_len;
}

/* They are few, and those of one name must keep their order. */
static void sort_pairs(struct pairs *all)
{
	for (size_t i = 1; i < all->count; i++)
		for (size_t k = i; k > 0 && compare_names(&all->at[k - 1], &all->at[k]) > 0; k--) {
			struct pair swap = all->at[k];

			all->at[k] = all->at[k - 1];
			all->at[k - 1] = swap;
		}
}

static bool is_one_of(const char *name, size_t len, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i]) == len && memcmp(list[i], name, len) == 0)
			return true;
	return false;
}

/* What changes the meaning of a request is signed; the rest of the query is not. */
static bool is_signed_query(const char *name, size_t len)
{
	static const char *const names[] = {
		"accelerate",
		"acl",
		"analytics",
		"cors",
		"delete",
		"inventory",
		"lifecycle",
		"location",
		"logging",
		"metrics",
		"notification",
		"object-lock",
		"partNumber",
		"policy",
		"replication",
		"requestPayment",
		"response-cache-control",
		"response-content-disposition",
		"response-content-encoding",
		"response-content-language",
		"response-content-type",
		"response-expires",
		"restore",
		"select",
		"select-type",
		"storageClass",
		"tagging",
		"torrent",
		"uploadId",
		"uploads",
		"versionId",
		"versioning",
		"versions",
		"website",
	};

	return is_one_of(name, len, names, sizeof(names) / sizeof(*names));
}

static int add_pair(struct pairs *all, struct pair p, struct err *err)
{
	if (all->count == PAIRS_MAX)
		return service_error(err, 400, "InvalidRequest", "The request has too many signed parts");
	all->at[all->count++] = p;
	return 0;
}

static int put_query(struct buf *out, const char *query, struct err *err)
{
	struct pairs all = { .count = 0 };

	while (*query) {
		size_t len = strcspn(query, "&"), name_len = strcspn(query, "=&");
		struct pair p = { query, name_len < len ? query + name_len + 1 : NULL, name_len,
				  name_len < len ? len - name_len - 1 : 0 };

		if (is_signed_query(query, name_len) && add_pair(&all, p, err))
			return -1;
		query += len;
		query += *query == '&';
	}
	sort_pairs(&all);
	for (size_t i = 0; i < all.count; i++) {
		struct err ignored;

		buf_putc(out, i ? '&' : '?');
		buf_add(out, all.at[i].name, all.at[i].name_len);
		if (!all.at[i].value)
			continue;
		buf_putc(out, '=');
		/* An escape that is none was no signer's: the signatures will differ. */
		if (url_decode(out, all.at[i].value, all.at[i].value_len, true, &ignored))
			buf_add(out, all.at[i].value, all.at[i].value_len);
	}
	return 0;
}

/* Headers in lower case and in order, those of one name joined; a link's token counts as one. */
static int put_headers(struct buf *out, const struct http_request *r, const struct sign_claim *c, struct err *err)
{
	struct pairs all = { .count = 0 };
	struct pair token = { "x-amz-security-token", c->token, sizeof("x-amz-security-token") - 1, strlen(c->token) };
	bool same = false;

	if (*c->token && add_pair(&all, token, err))
		return -1;
	for (size_t i = 0; i < r->header_count; i++) {
		const struct http_header *h = &r->headers[i];
		struct pair p = { h->name, h->value, strlen(h->name), strlen(h->value) };

		if (strncasecmp(h->name, "x-amz-", 6) == 0 && add_pair(&all, p, err))
			return -1;
	}
	sort_pairs(&all);
	for (size_t i = 0; i < all.count; i++) {
		for (size_t k = 0; !same && k < all.at[i].name_len; k++)
			buf_putc(out, (char)tolower((unsigned char)all.at[i].name[k]));
		buf_putc(out, same ? ',' : ':');
		buf_add(out, all.at[i].value, all.at[i].value_len);
		same = i + 1 < all.count && compare_names(&all.at[i], &all.at[i + 1]) == 0;
		if (!same)
			buf_putc(out, '\n');
	}
	return 0;
}

/* A header, or what the link says that it will be. */
static void put_standard(struct buf *out, const struct http_request *r, const char *header)
{
	const char *value = http_header(r, header);
	char said[SIGN_2_FIELD];

	if (value)
		buf_puts(out, value);
	else if (sign_query_param(r->query, header, said, sizeof(said)))
		buf_puts(out, said);
	buf_putc(out, '\n');
}

static int put_string_to_sign(struct buf *out, const struct http_request *r, const struct sign_claim *c, bool slash,
			      struct err *err)
{
	const char *host = http_header(r, "host");
	char bucket[256];

	buf_puts(out, r->method);
	buf_putc(out, '\n');
	put_standard(out, r, "content-md5");
	put_standard(out, r, "content-type");
	buf_puts(out, c->expires);
	buf_putc(out, '\n');
	if (put_headers(out, r, c, err))
		return -1;
	/* The path as it was sent, in path style. */
	s3_host_bucket(host ? host : "", bucket);
	if (*bucket) {
		buf_putc(out, '/');
		buf_puts(out, bucket);
	}
	buf_puts(out, r->target);
	if (slash)
		buf_putc(out, '/');
	if (put_query(out, r->query, err))
		return -1;
	return buf_check(out, "the string to sign", err);
}

/* SDKs put headers of the order into the link. Here they have no effect from there, so they are refused by name. */
static int refuse_query_headers(const char *query, struct err *err)
{
	static const char *const known[] = { "x-amz-security-token" };

	while (*query) {
		size_t len = strcspn(query, "&"), name_len = strcspn(query, "=&");

		if (name_len > 6 && strncmp(query, "x-amz-", 6) == 0 && !is_one_of(query, name_len, known, 1))
			return service_error(err, 501, "NotImplemented",
					     "The sandbox does not implement %.*s in a link of signature version 2: "
					     "sign with version 4 (signature_version='s3v4')",
					     (int)(name_len < 100 ? name_len : 100), query);
		query += len;
		query += *query == '&';
	}
	return 0;
}

/* *fits: is the claimed signature that of this string? */
static int compare_signature(const struct buf *to_sign, const struct sign_claim *c, const struct secret *secret,
			     bool *fits, struct err *err)
{
	const char *value = secret_value(secret);
	unsigned char mac[SHA1_SIZE];
	struct buf expected;
	int rc = -1;

	buf_init(&expected, 64);
	if (hash_hmac_sha1(value, strlen(value), to_sign->data, to_sign->len, mac, err))
		goto out;
	hash_base64(&expected, mac, sizeof(mac));
	if (buf_check(&expected, "the signature", err))
		goto out;
	*fits = secret_equal(expected.data, expected.len, c->signature, strlen(c->signature));
	rc = 0;
out:
	explicit_bzero(mac, sizeof(mac));
	buf_wipe(&expected);
	return rc;
}

/* "/bucket": some SDKs sign it with a slash behind. */
static bool is_bare_bucket(const char *target)
{
	return target[0] == '/' && target[1] && !strchr(target + 1, '/');
}

int sign_2_check(const struct world *w, const struct http_request *r, const struct sign_claim *c,
		 const struct secret *secret, struct buf *detail, struct err *err)
{
	struct buf to_sign;
	bool fits;
	int rc = -1;

	buf_init(&to_sign, BUF_MAX_DEFAULT);
	if (check_time(w, c, detail, err) || refuse_query_headers(r->query, err) ||
	    put_string_to_sign(&to_sign, r, c, false, err) || compare_signature(&to_sign, c, secret, &fits, err))
		goto out;
	if (!fits && is_bare_bucket(r->target)) {
		buf_reset(&to_sign);
		if (put_string_to_sign(&to_sign, r, c, true, err) || compare_signature(&to_sign, c, secret, &fits, err))
			goto out;
	}
	if (!fits) {
		sign_put_mismatch(detail, c, &to_sign);
		rc = sign_refuse(SIGN_S3, SIGN_MISMATCH, err, NULL);
		goto out;
	}
	rc = 0;
out:
	buf_clear(&to_sign);
	return rc;
}
