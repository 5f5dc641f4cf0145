#include "sandbox/access/verify.h"
#include "spark/base/mem.h"

#define QUERY_PAIRS_MAX 4096

static bool is_unreserved(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
	       c == '.' || c == '~';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void put_encoded(struct buf *out, unsigned char c, bool keep_slash)
{
	if (is_unreserved(c) || (keep_slash && c == '/'))
		buf_putc(out, (char)c);
	else
		buf_printf(out, "%%%02X", c);
}

/* Takes escapes apart and writes each byte in the one canonical way. A '%' that begins no escape stands for itself. */
static void recode(struct buf *out, const char *text, size_t len, bool keep_slash, bool plus_is_blank)
{
	for (size_t i = 0; i < len; i++) {
		size_t plain = i;
		int high, low;

		while (i < len && (is_unreserved((unsigned char)text[i]) || (keep_slash && text[i] == '/')))
			i++;
		buf_add(out, text + plain, i - plain);
		if (i == len)
			break;
		high = text[i] == '%' && i + 2 < len ? hex_digit(text[i + 1]) : -1;
		low = high >= 0 ? hex_digit(text[i + 2]) : -1;

		if (low >= 0) {
			put_encoded(out, (unsigned char)(high * 16 + low), keep_slash);
			i += 2;
		} else {
			put_encoded(out, text[i] == '+' && plus_is_blank ? ' ' : (unsigned char)text[i], keep_slash);
		}
	}
}

/* RFC 3986 5.2.4 and no empty segments: what every service but S3 signs. */
static void normalise(struct buf *out, const char *path)
{
	const char *p = path;
	bool ends_in_slash = false;

	while (*p) {
		size_t len = strcspn(p, "/");

		ends_in_slash = p[len] == '/';
		if (len == 2 && p[0] == '.' && p[1] == '.') {
			while (out->len && out->data[out->len - 1] != '/')
				buf_cut(out, out->len - 1);
			if (out->len)
				buf_cut(out, out->len - 1);
			ends_in_slash = true;
		} else if (len == 1 && p[0] == '.') {
			ends_in_slash = true;
		} else if (len) {
			buf_putc(out, '/');
			buf_add(out, p, len);
		}
		p += len;
		p += *p == '/';
	}
	if (!out->len || ends_in_slash)
		buf_putc(out, '/');
}

static void put_path(struct buf *out, const char *target, bool s3)
{
	struct buf plain;

	if (s3) {
		recode(out, target, strlen(target), true, false);
		return;
	}
	buf_init(&plain, out->max);
	normalise(&plain, target);
	for (size_t i = 0; i < plain.len; i++)
		put_encoded(out, (unsigned char)plain.data[i], true);
	if (plain.failed)
		out->failed = true;
	buf_clear(&plain);
}

/* A pair in canonical form: "name" 0 "value" 0. */
struct pair {
	const char *name, *value;
};

static int compare_pair(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int names = strcmp(x->name, y->name);

	return names ? names : strcmp(x->value, y->value);
}

static size_t count_pairs(const char *query)
{
	size_t n = 1;

	for (const char *p = query; *p; p++)
		n += *p == '&';
	return n;
}

/* Recodes all pairs into `text`, one after the other, each name and value ended by a zero byte. */
static size_t recode_pairs(const char *query, struct buf *text)
{
	size_t count = 0;

	while (*query) {
		size_t len = strcspn(query, "&"), name_len = strcspn(query, "=&");

		if (len) {
			recode(text, query, name_len, false, true);
			buf_putc(text, 0);
			if (name_len < len)
				recode(text, query + name_len + 1, len - name_len - 1, false, true);
			buf_putc(text, 0);
			count++;
		}
		query += len;
		query += *query == '&';
	}
	return count;
}

static int put_query(struct buf *out, const char *query, bool presigned, struct err *err)
{
	size_t count = count_pairs(query), at = 0;
	struct pair *pairs;
	struct buf text;
	int rc = -1;

	if (!*query)
		return 0;
	if (count > QUERY_PAIRS_MAX)
		return service_error(err, 400, "MalformedQueryString", "The query has too many parameters");
	buf_init(&text, BUF_MAX_DEFAULT);
	pairs = mem_alloc_array(count, sizeof(*pairs));
	if (!pairs) {
		err_nomem(err);
		goto out;
	}
	count = recode_pairs(query, &text);
	if (buf_check(&text, "the query", err))
		goto out;
	for (size_t i = 0; i < count; i++) {
		pairs[i].name = text.data + at;
		at += strlen(pairs[i].name) + 1;
		pairs[i].value = text.data + at;
		at += strlen(pairs[i].value) + 1;
	}
	qsort(pairs, count, sizeof(*pairs), compare_pair);
	at = out->len;
	for (size_t i = 0; i < count; i++) {
		if (presigned && !strcmp(pairs[i].name, "X-Amz-Signature"))
			continue;
		buf_printf(out, "%s%s=%s", out->len > at ? "&" : "", pairs[i].name, pairs[i].value);
	}
	rc = 0;
out:
	mem_free(pairs);
	buf_clear(&text);
	return rc;
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Trimmed, and each run of blanks one blank. */
static void put_value(struct buf *out, const char *value)
{
	bool begun = false;

	for (;;) {
		size_t len = 0;

		while (is_blank(*value))
			value++;
		while (value[len] && !is_blank(value[len]))
			len++;
		if (!len)
			return;
		if (begun)
			buf_putc(out, ' ');
		begun = true;
		buf_add(out, value, len);
		value += len;
	}
}

static bool put_header(struct buf *out, const struct http_request *r, const char *name, size_t len)
{
	bool found = false;

	buf_add(out, name, len);
	buf_putc(out, ':');
	for (size_t i = 0; i < r->header_count; i++) {
		const struct http_header *h = &r->headers[i];

		if (strlen(h->name) != len || strncasecmp(h->name, name, len))
			continue;
		if (found)
			buf_putc(out, ',');
		put_value(out, h->value);
		found = true;
	}
	buf_putc(out, '\n');
	return found;
}

int sign_canonical(const struct http_request *r, const struct sign_claim *c, const char *payload, struct buf *out,
		   struct err *err)
{
	enum sign_style style = sign_style_of(c->service);

	/* Most are shorter; of what is longer the allocator keeps none at hand. */
	(void)buf_reserve(out, 800);
	buf_puts(out, r->method);
	buf_putc(out, '\n');
	put_path(out, r->target, style == SIGN_S3);
	buf_putc(out, '\n');
	if (put_query(out, r->query, c->presigned, err))
		return -1;
	buf_putc(out, '\n');
	for (const char *p = c->signed_headers; *p;) {
		size_t len = strcspn(p, ";");

		if (!put_header(out, r, p, len))
			return sign_refuse(style, SIGN_MISMATCH, err, NULL);
		p += len;
		p += *p == ';';
	}
	buf_putc(out, '\n');
	buf_puts(out, c->signed_headers);
	buf_putc(out, '\n');
	buf_puts(out, payload);
	return buf_check(out, "the canonical request", err);
}
