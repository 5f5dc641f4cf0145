#include "spark/aws/sigv4.h"

#include <ctype.h>

#include "aws/sigv4_key.h"
#include "spark/base/hash.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"

#define ALGORITHM "AWS4-HMAC-SHA256"

/* A piece of text lent from elsewhere. */
struct piece {
	const char *text;
	size_t len;
};

/* A query pair, encoded, or a header: name and value. */
struct pair {
	struct piece name, value;
};

static int piece_compare(const struct piece *a, const struct piece *b)
{
	size_t shorter = a->len < b->len ? a->len : b->len;
	int c = shorter ? memcmp(a->text, b->text, shorter) : 0;

	if (c != 0)
		return c;
	return (a->len > b->len) - (a->len < b->len);
}

static int pair_compare_query(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int c = piece_compare(&x->name, &y->name);

	return c != 0 ? c : piece_compare(&x->value, &y->value);
}

static bool is_unreserved(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
	       c == '_' || c == '~';
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The strict encoding of text that may be encoded already, in whatever manner: what a verifier computes that decodes
 * and encodes again. A '%' that begins no escape stands for itself. */
static void add_strict(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		if (c == '%' && i + 2 < len && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
			c = (char)(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
			i += 2;
		}
		if (is_unreserved(c))
			buf_putc(out, c);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
	}
}

/* Removes '.', '..' and empty segments; a final '/' stays when something is left before it. */
static void remove_dot_segments(struct buf *clean, const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < len;) {
		size_t n = strcspn(path + i, "/");
		const char *segment = path + i;
		i += n + 1;
		if (n == 0 || (n == 1 && segment[0] == '.'))
			continue;
		if (n == 2 && segment[0] == '.' && segment[1] == '.') {
			const char *slash = strrchr(clean->data, '/');
			buf_cut(clean, slash ? (size_t)(slash - clean->data) : 0);
			continue;
		}
		buf_putc(clean, '/');
		buf_add(clean, segment, n);
	}
	if (clean->len == 0 || (len > 0 && path[len - 1] == '/'))
		buf_putc(clean, '/');
}

static int add_path(struct buf *out, const char *path, bool normalize, struct err *err)
{
	struct buf clean;

	if (!normalize) {
		buf_puts(out, path[0] ? path : "/");
		return 0;
	}
	buf_init(&clean, out->max);
	remove_dot_segments(&clean, path);
	url_encode(out, clean.data, clean.len, true);
	int rc = buf_check(&clean, "path", err);
	buf_clear(&clean);
	return rc;
}

/* Splits the query at '&' and '=', encodes strictly into `text`. The pairs' pieces are lent from it. */
static struct pair *split_query(const char *query, struct buf *text, size_t *count, struct err *err)
{
	size_t n = 1;
	struct pair *pairs;

	for (const char *p = query; *p; p++)
		n += *p == '&';
	pairs = mem_alloc_array(n, sizeof(*pairs));
	/* Never moves: encoding makes three bytes of one at most. */
	if (!pairs || !buf_reserve(text, 3 * strlen(query) + 1)) {
		mem_free(pairs);
		err_nomem(err);
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(query, "&");
		size_t name_len = strcspn(query, "=&");
		size_t from = text->len;
		add_strict(text, query, name_len);
		pairs[i].name = (struct piece){ text->data + from, text->len - from };
		from = text->len;
		if (name_len < len)
			add_strict(text, query + name_len + 1, len - name_len - 1);
		pairs[i].value = (struct piece){ text->data + from, text->len - from };
		query += len + 1;
	}
	*count = n;
	return pairs;
}

static int add_query(struct buf *out, const char *query, struct err *err)
{
	struct buf text;
	struct pair *pairs;
	size_t count = 0;
	int rc;

	if (query[0] == '\0')
		return 0;
	buf_init(&text, 4 * strlen(query) + 64);
	pairs = split_query(query, &text, &count, err);
	rc = pairs ? buf_check(&text, "query", err) : -1;
	if (rc == 0) {
		qsort(pairs, count, sizeof(*pairs), pair_compare_query);
		for (size_t i = 0; i < count; i++) {
			if (i > 0)
				buf_putc(out, '&');
			buf_add(out, pairs[i].name.text, pairs[i].name.len);
			buf_putc(out, '=');
			buf_add(out, pairs[i].value.text, pairs[i].value.len);
		}
	}
	mem_free(pairs);
	buf_clear(&text);
	return rc;
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct piece trimmed(const char *text)
{
	struct piece p = { text, strlen(text) };

	while (p.len > 0 && is_blank(p.text[0])) {
		p.text++;
		p.len--;
	}
	while (p.len > 0 && is_blank(p.text[p.len - 1]))
		p.len--;
	return p;
}

/* Trimmed, runs of blanks inside reduced to one. */
static void add_collapsed(struct buf *out, const struct piece *p)
{
	const char *end = p->text + p->len;

	for (const char *from = p->text; from < end;) {
		const char *to = from;
		while (to < end && !is_blank(*to))
			to++;
		if (from > p->text)
			buf_putc(out, ' ');
		buf_add(out, from, (size_t)(to - from));
		while (to < end && is_blank(*to))
			to++;
		from = to;
	}
}

/* A request's headers, sorted by lower-case name; equal names stay as they came. */
struct headers {
	struct pair *pairs;
	size_t count;
	struct buf names; /* what the pairs' names are lent from */
};

static void headers_clear(struct headers *h)
{
	mem_free(h->pairs);
	buf_clear(&h->names);
}

/* A request has a handful of headers, nearly in order: each goes to its place from behind. */
static void headers_insert(struct headers *h, const struct pair *p)
{
	size_t at = h->count++;

	for (; at > 0 && piece_compare(&h->pairs[at - 1].name, &p->name) > 0; at--)
		h->pairs[at] = h->pairs[at - 1];
	h->pairs[at] = *p;
}

static int headers_init(struct headers *h, const struct sign_request *r, struct err *err)
{
	size_t total = 1;
	bool host = false;

	*h = (struct headers){ .pairs = mem_alloc_array(r->header_count + 1, sizeof(*h->pairs)) };
	for (size_t i = 0; i < r->header_count; i++)
		total += strlen(r->headers[i].name);
	buf_init(&h->names, BUF_MAX_DEFAULT);
	/* Never moves, so that the pairs can point into it. */
	char *to = buf_reserve(&h->names, total);
	if (!h->pairs || !to)
		return err_nomem(err);
	for (size_t i = 0; i < r->header_count; i++) {
		struct piece name = trimmed(r->headers[i].name);
		const struct pair p = { { to, name.len }, trimmed(r->headers[i].value) };
		for (size_t j = 0; j < name.len; j++)
			*to++ = (char)(name.text[j] >= 'A' && name.text[j] <= 'Z' ? name.text[j] + 32 : name.text[j]);
		headers_insert(h, &p);
		host = host || (p.name.len == 4 && memcmp(p.name.text, "host", 4) == 0);
	}
	return host ? 0 : err_set(err, ERR_USAGE, "the request has no 'Host' header, which must be signed");
}

static void add_header_lines(struct buf *out, const struct headers *h)
{
	const struct pair *pairs = h->pairs;

	for (size_t i = 0; i < h->count; i++) {
		bool again = i > 0 && piece_compare(&pairs[i - 1].name, &pairs[i].name) == 0;
		if (again) {
			buf_putc(out, ',');
		} else {
			if (i > 0)
				buf_putc(out, '\n');
			buf_add(out, pairs[i].name.text, pairs[i].name.len);
			buf_putc(out, ':');
		}
		add_collapsed(out, &pairs[i].value);
	}
	buf_putc(out, '\n');
}

static void add_signed_names(struct buf *out, const struct headers *h)
{
	const struct pair *pairs = h->pairs;

	for (size_t i = 0; i < h->count; i++) {
		if (i > 0 && piece_compare(&pairs[i - 1].name, &pairs[i].name) == 0)
			continue;
		if (i > 0)
			buf_putc(out, ';');
		buf_add(out, pairs[i].name.text, pairs[i].name.len);
	}
}

static int check_scope(const struct sign_scope *s, struct err *err)
{
	static const char form[] = "ddddddddTddddddZ";
	const char *d = s->date ? s->date : "";

	for (size_t i = 0; i < sizeof(form); i++) {
		bool ok = form[i] == 'd' ? isdigit((unsigned char)d[i]) != 0 : d[i] == form[i];
		if (!ok) {
			err_set(err, ERR_USAGE, "'%.40s' is no date that can be signed", d);
			return err_hint(err, "write it as YYYYMMDDTHHMMSSZ, like 20261121T100632Z");
		}
	}
	if (!s->region || !s->region[0] || strchr(s->region, '/'))
		return err_set(err, ERR_USAGE, "'%.64s' is no region that can be signed", s->region ? s->region : "");
	if (!s->service || !s->service[0] || strchr(s->service, '/'))
		return err_set(err, ERR_USAGE, "'%.64s' is no service that can be signed",
			       s->service ? s->service : "");
	return 0;
}

static int add_canonical_request(const struct sign_request *r, const struct headers *h, const struct sign_scope *s,
				 struct buf *out, struct err *err)
{
	for (const char *p = r->method; *p; p++)
		buf_putc(out, (char)toupper((unsigned char)*p));
	buf_putc(out, '\n');
	if (add_path(out, r->path, s->normalize, err) != 0)
		return -1;
	buf_putc(out, '\n');
	if (add_query(out, r->query, err) != 0)
		return -1;
	buf_putc(out, '\n');
	add_header_lines(out, h);
	buf_putc(out, '\n');
	add_signed_names(out, h);
	buf_putc(out, '\n');
	buf_puts(out, r->payload_hash);
	return buf_check(out, "canonical request", err);
}

int sigv4_canonical_request(const struct sign_request *r, const struct sign_scope *s, struct buf *out, struct err *err)
{
	struct headers h;
	int rc = headers_init(&h, r, err);

	if (rc == 0)
		rc = add_canonical_request(r, &h, s, out, err);
	headers_clear(&h);
	return rc;
}

static void add_scope(struct buf *out, const struct sign_scope *s)
{
	buf_add(out, s->date, 8);
	buf_putc(out, '/');
	buf_puts(out, s->region);
	buf_putc(out, '/');
	buf_puts(out, s->service);
	buf_puts(out, "/aws4_request");
}

int sigv4_string_to_sign(const char *canonical_request, size_t len, const struct sign_scope *s, struct buf *out,
			 struct err *err)
{
	char digest[SHA256_HEX];

	if (check_scope(s, err) != 0 || hash_sha256_hex(canonical_request, len, digest, err) != 0)
		return -1;
	buf_puts(out, ALGORITHM "\n");
	buf_puts(out, s->date);
	buf_putc(out, '\n');
	add_scope(out, s);
	buf_putc(out, '\n');
	buf_add(out, digest, sizeof(digest) - 1);
	return buf_check(out, "string to sign", err);
}

int sigv4_derive_key(const struct secret *secret_key, const struct sign_scope *s, unsigned char out[SHA256_SIZE],
		     struct err *err)
{
	const char *const parts[] = { s->region, s->service, "aws4_request" };
	struct buf first;
	unsigned char key[SHA256_SIZE], next[SHA256_SIZE];
	int rc = -1;

	if (check_scope(s, err) != 0)
		return -1;
	buf_init(&first, 4096);
	/* Room beforehand: a buffer that grows leaves copies of what it held behind. */
	if (!buf_reserve(&first, secret_key->len + 5)) {
		err_nomem(err);
		goto out;
	}
	buf_puts(&first, "AWS4");
	buf_puts(&first, secret_value(secret_key));
	if (buf_check(&first, "secret access key", err) != 0 ||
	    hash_hmac_sha256(first.data, first.len, s->date, 8, key, err) != 0)
		goto out;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (hash_hmac_sha256(key, sizeof(key), parts[i], strlen(parts[i]), next, err) != 0)
			goto out;
		memcpy(key, next, sizeof(key));
	}
	memcpy(out, key, sizeof(key));
	rc = 0;
out:
	explicit_bzero(key, sizeof(key));
	explicit_bzero(next, sizeof(next));
	buf_wipe(&first);
	return rc;
}

static int sign_with(const char *string_to_sign, size_t len, const unsigned char key[SHA256_SIZE], char out_hex[65],
		     struct err *err)
{
	unsigned char mac[SHA256_SIZE];

	if (hash_hmac_sha256(key, SHA256_SIZE, string_to_sign, len, mac, err) != 0)
		return -1;
	hash_hex(mac, sizeof(mac), out_hex);
	return 0;
}

int sigv4_signature(const char *string_to_sign, size_t len, const struct secret *key, const struct sign_scope *s,
		    char out_hex[65], struct err *err)
{
	unsigned char derived[SHA256_SIZE];
	int rc = sigv4_derive_key(key, s, derived, err);

	if (rc == 0)
		rc = sign_with(string_to_sign, len, derived, out_hex, err);
	explicit_bzero(derived, sizeof(derived));
	return rc;
}

int sigv4_authorization_with(const struct sign_request *r, const struct sign_scope *s, const char *access_key_id,
			     const unsigned char key[SHA256_SIZE], struct buf *out, struct err *err)
{
	struct buf canonical, to_sign;
	struct headers h;
	char signature[65];
	int rc = -1;

	buf_init(&canonical, BUF_MAX_DEFAULT);
	buf_init(&to_sign, 4096);
	/* Room for what is usual, instead of growing to it; a failure shows in the additions. (Of more than a kilobyte
	 * malloc() keeps no pieces at hand.) */
	buf_reserve(&canonical, 800);
	buf_reserve(&to_sign, 255);
	if (headers_init(&h, r, err) != 0 || add_canonical_request(r, &h, s, &canonical, err) != 0 ||
	    sigv4_string_to_sign(canonical.data, canonical.len, s, &to_sign, err) != 0 ||
	    sign_with(to_sign.data, to_sign.len, key, signature, err) != 0)
		goto out;
	buf_puts(out, ALGORITHM " Credential=");
	buf_puts(out, access_key_id);
	buf_putc(out, '/');
	add_scope(out, s);
	buf_puts(out, ", SignedHeaders=");
	add_signed_names(out, &h);
	buf_puts(out, ", Signature=");
	buf_puts(out, signature);
	rc = buf_check(out, "authorization", err);
out:
	headers_clear(&h);
	buf_clear(&to_sign);
	buf_wipe(&canonical); /* may hold a session token */
	return rc;
}

int sigv4_authorization(const struct sign_request *r, const struct sign_scope *s, const struct aws_credentials *creds,
			struct buf *out, struct err *err)
{
	unsigned char key[SHA256_SIZE];
	int rc = sigv4_derive_key(&creds->secret_access_key, s, key, err);

	if (rc == 0)
		rc = sigv4_authorization_with(r, s, creds->access_key_id, key, out, err);
	explicit_bzero(key, sizeof(key));
	return rc;
}
