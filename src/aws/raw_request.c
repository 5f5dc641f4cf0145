#include <ctype.h>

#include "spark/aws/sigv4.h"
#include "spark/base/hash.h"
#include "spark/base/mem.h"

#define HEAD_MAX    ((size_t)1024 * 1024)
#define HEADERS_MAX 1000

struct raw_request {
	char *method, *path, *query;
	struct sign_header *headers; /* names and values are ours */
	size_t header_count, header_cap;
	char payload_hash[SHA256_HEX]; /* of the body */
	struct sign_request view;
};

/* The text that is still to be read, line by line. */
struct lines {
	const char *text;
	size_t len;
	int number; /* of the line read last */
};

/* The next line without its end; false behind the last. */
static bool next_line(struct lines *in, const char **line, size_t *len)
{
	const char *end;

	if (in->len == 0)
		return false;
	end = memchr(in->text, '\n', in->len);
	*line = in->text;
	*len = end ? (size_t)(end - in->text) : in->len;
	in->text += end ? *len + 1 : *len;
	in->len -= end ? *len + 1 : *len;
	in->number++;
	if (*len > 0 && (*line)[*len - 1] == '\r')
		--*len;
	return true;
}

static void header_free(struct sign_header *h)
{
	mem_free((char *)h->name);
	if (h->value)
		mem_free_wiped((char *)h->value, strlen(h->value));
	*h = (struct sign_header){ 0 };
}

void raw_request_free(struct raw_request *raw)
{
	if (!raw)
		return;
	for (size_t i = 0; i < raw->header_count; i++)
		header_free(&raw->headers[i]);
	mem_free(raw->headers);
	mem_free(raw->method);
	mem_free(raw->path);
	mem_free(raw->query);
	mem_free(raw);
}

static int add_header(struct raw_request *raw, const char *name, size_t name_len, const char *value, size_t value_len,
		      struct err *err)
{
	struct sign_header h;

	if (raw->header_count >= HEADERS_MAX)
		return err_set(err, ERR_USAGE, "the request has more than %d headers", HEADERS_MAX);
	if (mem_grow(&raw->headers, &raw->header_cap, raw->header_count, sizeof(*raw->headers)) != 0)
		return err_nomem(err);
	h.name = mem_strndup(name, name_len);
	h.value = mem_strndup(value, value_len);
	if (!h.name || !h.value) {
		header_free(&h);
		return err_nomem(err);
	}
	raw->headers[raw->header_count++] = h;
	return 0;
}

static void remove_header(struct raw_request *raw, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < raw->header_count; i++) {
		if (strcasecmp(raw->headers[i].name, name) == 0)
			header_free(&raw->headers[i]);
		else
			raw->headers[kept++] = raw->headers[i];
	}
	raw->header_count = kept;
}

static const char *find_header(const struct raw_request *raw, const char *name)
{
	for (size_t i = 0; i < raw->header_count; i++)
		if (strcasecmp(raw->headers[i].name, name) == 0)
			return raw->headers[i].value;
	return NULL;
}

static int set_header(struct raw_request *raw, const char *name, const char *value, struct err *err)
{
	/* value may be lent from the header that goes. */
	char *copy = mem_strdup(value);
	int rc;

	if (!copy)
		return err_nomem(err);
	remove_header(raw, name);
	rc = add_header(raw, name, strlen(name), copy, strlen(copy), err);
	mem_free_wiped(copy, strlen(copy));
	return rc;
}

/* "scheme://host/path" on the request line, as sent to proxies: only the path is signed. */
static void skip_authority(const char **target, size_t *len)
{
	static const char *const schemes[] = { "http://", "https://" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t n = strlen(schemes[i]);
		if (*len < n || strncasecmp(*target, schemes[i], n) != 0)
			continue;
		while (n < *len && (*target)[n] != '/' && (*target)[n] != '?')
			n++;
		*target += n;
		*len -= n;
		return;
	}
}

/* METHOD target [HTTP/1.1]. The target may hold blanks: it ends at the last blank before the version. */
static int parse_request_line(struct raw_request *raw, const char *line, size_t len, struct err *err)
{
	const char *blank = memchr(line, ' ', len);
	const char *target, *mark;
	size_t target_len;

	if (!blank || blank == line)
		return err_set(err, ERR_USAGE, "line 1 is no request line: '%.*s'", (int)(len < 80 ? len : 80), line);
	target = blank + 1;
	target_len = len - (size_t)(target - line);
	for (size_t i = target_len; i-- > 0;) {
		if (target[i] != ' ')
			continue;
		if (target_len - i > 5 && strncmp(target + i, " HTTP/", 6) == 0)
			target_len = i;
		break;
	}
	skip_authority(&target, &target_len);
	if (target_len > 0 && target[0] != '/' && target[0] != '?') {
		err_set(err, ERR_USAGE, "line 1: the path '%.*s' does not begin with '/'",
			(int)(target_len < 80 ? target_len : 80), target);
		return err_hint(err, "the first line reads like 'GET /path?query HTTP/1.1'");
	}
	mark = memchr(target, '?', target_len);
	size_t path_len = mark ? (size_t)(mark - target) : target_len;
	raw->method = mem_strndup(line, (size_t)(blank - line));
	raw->path = mem_strndup(target, path_len);
	raw->query = mark ? mem_strndup(mark + 1, target_len - path_len - 1) : mem_strdup("");
	if (!raw->method || !raw->path || !raw->query)
		return err_nomem(err);
	for (const char *p = raw->method; *p; p++)
		if (!isgraph((unsigned char)*p))
			return err_set(err, ERR_USAGE, "line 1: the method holds a byte that no method has");
	return 0;
}

/* A folded line: goes behind the last header's value with one blank between. */
static int extend_header(struct raw_request *raw, const char *line, size_t len, struct err *err)
{
	struct sign_header *last = &raw->headers[raw->header_count - 1];
	char *joined = mem_printf("%s %.*s", last->value, (int)len, line);

	if (!joined)
		return err_nomem(err);
	mem_free_wiped((char *)last->value, strlen(last->value));
	last->value = joined;
	return 0;
}

static int parse_headers(struct raw_request *raw, struct lines *in, struct err *err)
{
	const char *line;
	size_t len;

	while (next_line(in, &line, &len) && len > 0) {
		if (line[0] == ' ' || line[0] == '\t') {
			if (raw->header_count == 0)
				return err_set(err, ERR_USAGE, "line %d is folded, but there is no header before it",
					       in->number);
			if (extend_header(raw, line, len, err) != 0)
				return -1;
			continue;
		}
		const char *colon = memchr(line, ':', len);
		size_t name_len = colon ? (size_t)(colon - line) : 0;
		while (name_len > 0 && (line[name_len - 1] == ' ' || line[name_len - 1] == '\t'))
			name_len--;
		if (name_len == 0)
			return err_set(err, ERR_USAGE, "line %d is no header: '%.*s'", in->number,
				       (int)(len < 80 ? len : 80), line);
		size_t value_at = (size_t)(colon - line) + 1;
		if (add_header(raw, line, name_len, line + value_at, len - value_at, err) != 0)
			return -1;
	}
	return 0;
}

/* Where the head ends: behind the first empty line, or at the end of the text. */
static size_t head_length(const char *text, size_t len)
{
	struct lines in = { text, len, 0 };
	const char *line;
	size_t line_len;

	while (next_line(&in, &line, &line_len))
		if (line_len == 0)
			break;
	return len - in.len;
}

static void update_view(struct raw_request *raw)
{
	const char *hash = find_header(raw, "X-Amz-Content-SHA256");

	while (hash && isspace((unsigned char)*hash))
		hash++;
	raw->view = (struct sign_request){
		.method = raw->method,
		.path = raw->path,
		.query = raw->query,
		.headers = raw->headers,
		.header_count = raw->header_count,
		.payload_hash = hash ? hash : raw->payload_hash,
	};
}

struct raw_request *raw_request_parse(const char *text, size_t len, struct err *err)
{
	struct raw_request *raw = NULL;
	struct lines in = { text, len, 0 };
	const char *line = "";
	size_t line_len = 0, head = head_length(text, len);

	if (head > HEAD_MAX) {
		err_set(err, ERR_USAGE, "the request's head is longer than %zu bytes", HEAD_MAX);
		return NULL;
	}
	if (memchr(text, '\0', head)) {
		err_set(err, ERR_USAGE, "the request's head holds a zero byte");
		return NULL;
	}
	raw = mem_alloc(sizeof(*raw));
	if (!raw) {
		err_nomem(err);
		return NULL;
	}
	if (!next_line(&in, &line, &line_len)) {
		err_set(err, ERR_USAGE, "the request is empty");
		err_hint(err, "give a raw HTTP request: request line, headers, an empty line, body");
		goto fail;
	}
	if (parse_request_line(raw, line, line_len, err) != 0 || parse_headers(raw, &in, err) != 0 ||
	    hash_sha256_hex(in.text, in.len, raw->payload_hash, err) != 0)
		goto fail;
	update_view(raw);
	return raw;
fail:
	raw_request_free(raw);
	return NULL;
}

int raw_request_prepare(struct raw_request *raw, const struct sign_scope *s, const struct aws_credentials *creds,
			struct err *err)
{
	/* What proxies and libraries change on the way is not signed, nor is an older signature. */
	static const char *const unsigned_headers[] = { "Authorization", "Expect", "User-Agent", "X-Amzn-Trace-Id" };
	char hash[SHA256_HEX];

	for (size_t i = 0; i < sizeof(unsigned_headers) / sizeof(unsigned_headers[0]); i++)
		remove_header(raw, unsigned_headers[i]);
	/* A date or token that contradicts the signature would only be refused: ours takes its place. */
	if (set_header(raw, "X-Amz-Date", s->date, err) != 0)
		return -1;
	if (secret_is_set(&creds->session_token) &&
	    set_header(raw, "X-Amz-Security-Token", secret_value(&creds->session_token), err) != 0)
		return -1;
	if (!s->normalize && strcmp(s->service, "s3") == 0 && !find_header(raw, "X-Amz-Content-SHA256")) {
		/* S3 refuses requests without it. */
		memcpy(hash, raw->payload_hash, sizeof(hash));
		if (set_header(raw, "X-Amz-Content-SHA256", hash, err) != 0)
			return -1;
	}
	update_view(raw);
	return 0;
}

const struct sign_request *raw_request_view(const struct raw_request *raw)
{
	return &raw->view;
}
