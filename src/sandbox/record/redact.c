#include "sandbox/record/redact.h"

#include "spark/base/mem.h"
#include "spark/base/url.h"

#define MASK      "***"
#define VALUE_MAX ((size_t)4096)
#define DEPTH_MAX 20

static bool contains(const char *text, const char *part)
{
	return strcasestr(text, part) != NULL;
}

static bool is_secret_name(const char *name)
{
	static const char *const parts[] = { "password",          "secret",        "sessiontoken",
					     "security-token",    "securitytoken", "identitytoken",
					     "samlassertion",     "tokencode",     "signature",
					     "authenticationcode" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (contains(name, parts[i]))
			return true;
	return false;
}

/* COPY and CREATE USER carry them in their text. */
static bool is_secret_text(const char *text)
{
	return contains(text, "secret_access_key") || contains(text, "password") || contains(text, "session_token") ||
	       contains(text, "credentials");
}

static void add_value(struct buf *out, const char *name, const char *value, size_t len)
{
	if (is_secret_name(name) || is_secret_text(value))
		buf_puts(out, "\"" MASK "\"");
	else
		json_quote(out, value, len < VALUE_MAX ? len : VALUE_MAX);
}

/* One pair of a form or a query, still encoded. A name that comes twice is told once. */
static void add_pair(struct buf *out, const char *pair, size_t len, bool *first)
{
	const char *mark = memchr(pair, '=', len);
	size_t name_len = mark ? (size_t)(mark - pair) : len;
	struct buf name, value;

	buf_init(&name, 4096);
	buf_init(&value, BUF_MAX_DEFAULT);
	/* What cannot be decoded was refused; it is shown as it came. */
	if (url_decode(&name, pair, name_len, true, NULL)) {
		buf_reset(&name);
		buf_add(&name, pair, name_len);
	}
	if (mark && url_decode(&value, mark + 1, len - name_len - 1, true, NULL)) {
		buf_reset(&value);
		buf_add(&value, mark + 1, len - name_len - 1);
	}
	if (!name.failed && !value.failed && name.len) {
		buf_puts(out, *first ? "" : ",");
		*first = false;
		json_quote(out, name.data, name.len);
		buf_putc(out, ':');
		add_value(out, name.data, value.data, value.len);
	}
	buf_wipe(&value);
	buf_clear(&name);
}

static void add_pairs(struct buf *out, const char *text, size_t len, bool *first)
{
	const char *end = text + len;

	while (text < end) {
		const char *amp = memchr(text, '&', (size_t)(end - text));
		size_t n = (size_t)((amp ? amp : end) - text);

		if (n)
			add_pair(out, text, n, first);
		text += n + 1;
	}
}

static void add_json(struct buf *out, const char *name, const struct json *j, int depth)
{
	const char *text = json_text(j), *between = "";
	struct err ignored;

	if (depth > DEPTH_MAX || (is_secret_name(name) && !json_is_object(j))) {
		buf_puts(out, "\"" MASK "\"");
	} else if (text) {
		add_value(out, name, text, strlen(text));
	} else if (json_is_object(j) || json_is_array(j)) {
		buf_putc(out, json_is_object(j) ? '{' : '[');
		for (const struct json *x = json_first(j); x; x = json_next(x)) {
			buf_puts(out, between);
			between = ",";
			if (json_is_object(j)) {
				json_quote(out, json_name(x), strlen(json_name(x)));
				buf_putc(out, ':');
			}
			add_json(out, json_is_object(j) ? json_name(x) : name, x, depth + 1);
		}
		buf_putc(out, json_is_object(j) ? '}' : ']');
	} else if (json_print(j, false, out, &ignored)) {
		buf_puts(out, "null");
	}
}

static bool is_json(const struct http_request *r)
{
	const char *type = http_header(r, "content-type");

	return type && !strncasecmp(type, "application/x-amz-json", 22);
}

static void add_s3(const struct http_request *r, struct buf *out)
{
	bool first = true;

	(void)buf_reserve(out, 256);
	buf_puts(out, "{\"method\":");
	json_quote(out, r->method, strlen(r->method));
	buf_puts(out, ",\"path\":");
	json_quote(out, r->target, strlen(r->target));
	buf_puts(out, ",\"bytes\":");
	buf_put_int(out, (int64_t)r->body_len);
	buf_puts(out, ",\"query\":{");
	add_pairs(out, r->query, strlen(r->query), &first);
	buf_puts(out, "}}");
}

void redact_parameters(const struct http_request *r, bool is_s3, struct buf *out)
{
	bool first = true;

	if (is_s3) {
		add_s3(r, out);
		return;
	}
	if (is_json(r) && r->body && r->body_len) {
		struct err ignored;
		struct json *doc = json_parse(r->body, r->body_len, &ignored);

		if (json_is_object(doc))
			add_json(out, "", doc, 0);
		else
			buf_puts(out, "{}");
		json_free(doc);
		return;
	}
	buf_putc(out, '{');
	add_pairs(out, r->query, strlen(r->query), &first);
	if (r->body && r->body_len)
		add_pairs(out, r->body, r->body_len, &first);
	buf_putc(out, '}');
}
