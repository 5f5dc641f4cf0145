#include "spark/base/url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "spark/base/mem.h"

static bool is_unreserved(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
	       c == '.' || c == '~';
}

void url_encode(struct buf *out, const char *text, size_t len, bool keep_slash)
{
	static const char digits[] = "0123456789ABCDEF";

	const char *end = text + len, *plain = text;

	for (; text < end; text++) {
		unsigned char c = (unsigned char)*text;
		char escape[3] = { '%', digits[c >> 4], digits[c & 15] };

		if (is_unreserved(c) || (c == '/' && keep_slash))
			continue;
		buf_add(out, plain, (size_t)(text - plain));
		buf_add(out, escape, sizeof(escape));
		plain = text + 1;
	}
	buf_add(out, plain, (size_t)(end - plain));
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

int url_decode(struct buf *out, const char *text, size_t len, bool plus_is_blank, struct err *err)
{
	for (size_t i = 0; i < len; i++) {
		size_t from = i;
		int high, low;

		while (i < len && text[i] != '%' && text[i] != '+')
			i++;
		buf_add(out, text + from, i - from);
		if (i == len)
			break;
		if (text[i] == '+' && plus_is_blank) {
			buf_putc(out, ' ');
			continue;
		}
		if (text[i] != '%') {
			buf_putc(out, text[i]);
			continue;
		}
		high = len - i > 2 ? hex_value(text[i + 1]) : -1;
		low = len - i > 2 ? hex_value(text[i + 2]) : -1;
		if (high < 0 || low < 0)
			return err_set(err, ERR_PARSE, "a '%%' that begins no escape, at byte %zu", i + 1);
		buf_putc(out, (char)(high * 16 + low));
		i += 2;
	}
	return buf_check(out, "the decoded text", err);
}

static int bad_url(struct err *err, const char *text, const char *why)
{
	err_set(err, ERR_PARSE, "'%.200s' is not an address: %s", text, why);
	return err_hint(err, "write it like http://localhost:4566 or https://example.com");
}

static const char *take_scheme(struct url *u, const char *p)
{
	if (strncasecmp(p, "http://", 7) == 0) {
		memcpy(u->scheme, "http", 5);
		u->port = 80;
		return p + 7;
	}
	if (strncasecmp(p, "https://", 8) == 0) {
		memcpy(u->scheme, "https", 6);
		u->port = 443;
		return p + 8;
	}
	return NULL;
}

/* The host, without the brackets of an IPv6 address; NULL when there is none that could be meant. */
static const char *take_host(struct url *u, const char *p, const char *end)
{
	const char *stop;
	size_t len;
	bool bracket = *p == '[';

	if (bracket)
		p++;
	stop = p;
	while (stop < end && (bracket ? *stop != ']' : *stop != ':'))
		stop++;
	len = (size_t)(stop - p);
	if (len == 0 || len >= sizeof(u->host) || (bracket && stop == end))
		return NULL;
	for (const char *c = p; c < stop; c++) {
		if (bracket ? !isxdigit((unsigned char)*c) && *c != ':' && *c != '.'
			    : !is_unreserved((unsigned char)*c))
			return NULL;
	}
	memcpy(u->host, p, len);
	u->host[len] = '\0';
	return bracket ? stop + 1 : stop;
}

static bool take_port(struct url *u, const char *p, const char *end)
{
	int port = 0;

	if (p == end)
		return true;
	if (*p++ != ':' || p == end || end - p > 5)
		return false;
	for (; p < end; p++) {
		if (!isdigit((unsigned char)*p))
			return false;
		port = port * 10 + (*p - '0');
	}
	u->port = port;
	u->port_given = true;
	return port >= 1 && port <= 65535;
}

int url_parse(struct url *u, const char *text, struct err *err)
{
	struct url parsed = { 0 };
	const char *p, *end, *stop;

	for (p = text; *p; p++) {
		if ((unsigned char)*p <= ' ' || *p == 127)
			return bad_url(err, text, "it holds a blank or a control character");
	}
	p = take_scheme(&parsed, text);
	if (!p)
		return bad_url(err, text, "it does not begin with http:// or https://");
	end = p + strcspn(p, "/?#");
	if (memchr(p, '@', (size_t)(end - p)))
		return bad_url(err, "...", "a user or password in it is not supported");
	if (*end == '?' || *end == '#')
		return bad_url(err, text, "a '/' is missing behind the host");
	stop = take_host(&parsed, p, end);
	if (!stop)
		return bad_url(err, text, "its host name cannot be used");
	if (!take_port(&parsed, stop, end))
		return bad_url(err, text, "its port is not a number from 1 to 65535");
	parsed.text = mem_strdup(text);
	if (!parsed.text)
		return err_nomem(err);
	parsed.path = parsed.text + (end - text);
	*u = parsed;
	return 0;
}

void url_clear(struct url *u)
{
	mem_free(u->text);
	memset(u, 0, sizeof(*u));
}

/* Source: Amazon S3 user guide, "Bucket naming rules". */
static bool is_bucket(const char *p, size_t len)
{
	if (len < 3 || len > 63)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool word = (p[i] >= 'a' && p[i] <= 'z') || (p[i] >= '0' && p[i] <= '9');

		if (!word && (i == 0 || i == len - 1 || (p[i] != '-' && p[i] != '.')))
			return false;
		if (p[i] == '.' && p[i + 1] == '.')
			return false;
	}
	return true;
}

int url_parse_s3(const char *uri, char bucket[64], const char **key, struct err *err)
{
	const char *name = uri + 5;
	size_t len;

	if (strncmp(uri, "s3://", 5) != 0) {
		err_set(err, ERR_PARSE, "'%.200s' does not begin with s3://", uri);
		return err_hint(err, "write s3://bucket/key");
	}
	len = strcspn(name, "/");
	if (!is_bucket(name, len)) {
		err_set(err, ERR_PARSE, "'%.*s' cannot be the name of a bucket", (int)(len > 200 ? 200 : len), name);
		return err_hint(err,
				"a bucket's name has 3 to 63 lower-case letters, digits, dots and hyphens, and begins "
				"and ends with a letter or digit");
	}
	memcpy(bucket, name, len);
	bucket[len] = '\0';
	*key = name[len] ? name + len + 1 : name + len;
	return 0;
}

bool url_is_loopback(const char *text)
{
	struct url u = { 0 };
	struct in_addr in;
	bool yes;

	if (url_parse(&u, text, NULL) != 0)
		return false;
	yes = strcasecmp(u.host, "localhost") == 0 || strcmp(u.host, "::1") == 0 ||
	      (inet_pton(AF_INET, u.host, &in) == 1 && ntohl(in.s_addr) >> 24 == 127);
	url_clear(&u);
	return yes;
}
