/* Where a request goes: bucket and key from Host and target, and its query. */
#include "sandbox/http/s3/s3.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"

#define QUERY_MAX 200

static bool is_address(const char *host)
{
	return strspn(host, "0123456789.") == strlen(host) || strchr(host, ':') != NULL || host[0] == '[';
}

/* The last label that is "s3" or begins with "s3-" ends the bucket's name: "my.bucket.s3.us-west-2.localhost". */
static const char *service_label(const char *host)
{
	const char *found = NULL;

	for (const char *label = host; label; label = strchr(label, '.') ? strchr(label, '.') + 1 : NULL)
		if (strncmp(label, "s3", 2) == 0 && (label[2] == '.' || label[2] == '-' || label[2] == 0))
			found = label;
	return found;
}

void s3_host_bucket(const char *host, char out[256])
{
	static const char local[] = ".localhost";
	char name[256];
	const char *label;
	size_t len = strcspn(host, ":");

	out[0] = 0;
	if (host[0] == '[' || len >= sizeof(name))
		return;
	memcpy(name, host, len);
	name[len] = 0;
	if (is_address(name))
		return;
	label = service_label(name);
	if (label)
		len = label == name ? 0 : (size_t)(label - name) - 1;
	else if (len > sizeof(local) - 1 && strcmp(name + len - (sizeof(local) - 1), local) == 0)
		len -= sizeof(local) - 1;
	else
		len = 0;
	memcpy(out, name, len);
	out[len] = 0;
}

bool s3_bucket_name_is_valid(const char *name)
{
	static const char *const prefixes[] = { "xn--", "sthree-", "amzn-s3-demo-" };
	static const char *const suffixes[] = { "-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3" };
	size_t len = strlen(name);

	if (len < 3 || len > 63 || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") != len)
		return false;
	if (strchr(".-", name[0]) || strchr(".-", name[len - 1]) || strstr(name, ".."))
		return false;
	if (strspn(name, "0123456789.") == len && strchr(name, '.')) {
		int dots = 0;

		for (const char *p = name; *p; p++)
			dots += *p == '.';
		if (dots == 3)
			return false;
	}
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return false;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
		if (len > strlen(suffixes[i]) && strcmp(name + len - strlen(suffixes[i]), suffixes[i]) == 0)
			return false;
	return true;
}

/* Length of the UTF-8 sequence at p (RFC 3629), 0 when it is none. */
static size_t sequence_length(const unsigned char *p, size_t left)
{
	static const struct {
		unsigned char first, last;            /* of the leading byte */
		unsigned char second_min, second_max; /* of the byte behind it */
		size_t len;
	} forms[] = {
		{ 0x01, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		if (p[0] < forms[i].first || p[0] > forms[i].last)
			continue;
		if (forms[i].len > left)
			return 0;
		if (forms[i].len > 1 && (p[1] < forms[i].second_min || p[1] > forms[i].second_max))
			return 0;
		for (size_t k = 2; k < forms[i].len; k++)
			if (p[k] < 0x80 || p[k] > 0xbf)
				return 0;
		return forms[i].len;
	}
	return 0;
}

bool s3_text_is_utf8(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;

	while (len) {
		size_t n = *p && *p < 0x80 ? 1 : sequence_length(p, len);

		if (n == 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

/* Decoded text without zero bytes and in UTF-8, or InvalidURI. */
static char *decode_text(struct s3_call *c, const char *text, size_t len, bool plus_is_blank, struct err *err)
{
	struct buf b = { 0 };
	struct err why = { 0 };
	char *out = NULL;

	buf_init(&b, BUF_MAX_DEFAULT);
	if (url_decode(&b, text, len, plus_is_blank, &why) < 0 || b.failed || !s3_text_is_utf8(b.data, b.len)) {
		if (b.failed || why.kind == ERR_NOMEM)
			err_nomem(err);
		else
			s3_fail(c, err, "InvalidURI");
		goto out;
	}
	if (!(out = buf_take(&b)))
		err_nomem(err);
out:
	buf_clear(&b);
	return out;
}

int s3_split_path(struct s3_call *c, const char *path, char bucket[256], char **key, struct err *err)
{
	const char *slash;
	char *name;

	*key = NULL;
	path += *path == '/';
	slash = strchr(path, '/');
	name = decode_text(c, path, slash ? (size_t)(slash - path) : strlen(path), false, err);
	if (!name)
		return -1;
	if (strlen(name) >= 256) {
		bucket[0] = 0;
		mem_free(name);
		return s3_fail(c, err, "InvalidBucketName");
	}
	memcpy(bucket, name, strlen(name) + 1);
	mem_free(name);
	if (slash && slash[1]) {
		*key = decode_text(c, slash + 1, strlen(slash + 1), false, err);
		return *key ? 0 : -1;
	}
	return 0;
}

static int add_pair(struct s3_call *c, const char *text, size_t len, struct err *err)
{
	const char *eq = memchr(text, '=', len);
	size_t name_len = eq ? (size_t)(eq - text) : len;
	struct s3_pair p = { 0 };

	if (c->query_count == QUERY_MAX)
		return s3_fail(c, err, "InvalidURI");
	p.name = decode_text(c, text, name_len, true, err);
	if (!p.name)
		return -1;
	p.value = decode_text(c, eq ? eq + 1 : "", eq ? len - name_len - 1 : 0, true, err);
	if (!p.value) {
		mem_free(p.name);
		return -1;
	}
	c->query[c->query_count++] = p;
	return 0;
}

static int parse_query(struct s3_call *c, struct err *err)
{
	const char *text = c->r->query ? c->r->query : "";
	size_t pairs = 1;

	if (!*text)
		return 0;
	for (const char *p = text; *p && pairs < QUERY_MAX; p++)
		pairs += *p == '&';
	c->query = mem_alloc_array(pairs, sizeof(*c->query));
	if (!c->query)
		return err_nomem(err);
	while (*text) {
		size_t len = strcspn(text, "&");

		if (len && add_pair(c, text, len, err) < 0)
			return -1;
		text += len;
		text += *text == '&';
	}
	return 0;
}

int s3_call_init(struct s3_call *c, struct err *err)
{
	const char *host = http_header(c->r, "host");

	s3_host_bucket(host ? host : "", c->bucket);
	if (*c->bucket) {
		c->virtual_host = true;
		if (c->r->target[0] == '/' && c->r->target[1]) {
			c->key = decode_text(c, c->r->target + 1, strlen(c->r->target + 1), false, err);
			if (!c->key)
				return -1;
		}
	} else if (s3_split_path(c, c->r->target, c->bucket, &c->key, err) < 0) {
		return -1;
	}
	if (!*c->bucket && c->key)
		return s3_fail(c, err, "InvalidBucketName");
	if (parse_query(c, err) < 0)
		return -1;
	if (c->key && strlen(c->key) > S3_KEY_MAX) {
		s3_fail(c, err, "KeyTooLongError");
		return -1;
	}
	return 0;
}

void s3_call_clear(struct s3_call *c)
{
	for (size_t i = 0; i < c->query_count; i++) {
		mem_free(c->query[i].name);
		mem_free(c->query[i].value);
	}
	mem_free(c->query);
	mem_free(c->key);
	c->query = NULL;
	c->query_count = 0;
	c->key = NULL;
}

const char *s3_query(const struct s3_call *c, const char *name)
{
	for (size_t i = 0; i < c->query_count; i++)
		if (strcmp(c->query[i].name, name) == 0)
			return c->query[i].value;
	return NULL;
}
