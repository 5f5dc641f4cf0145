#include "aws/http_reply.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEAD_MAX ((size_t)64 * 1024)

void http_answer_init(struct http_answer *a)
{
	*a = (struct http_answer){ .content_length = -1 };
	buf_init(&a->body, BUF_MAX_DEFAULT);
}

void http_answer_clear(struct http_answer *a)
{
	buf_clear(&a->body);
}

/* The value of a header line, without blanks around, when its name is the one given. */
static bool header_value(const char *line, size_t len, const char *name, char *out, size_t size)
{
	size_t n = strlen(name);

	if (len <= n || strncasecmp(line, name, n) != 0 || line[n] != ':')
		return false;
	line += n + 1;
	len -= n + 1;
	while (len > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == '\n' || line[len - 1] == ' '))
		len--;
	if (len >= size)
		len = size - 1;
	memcpy(out, line, len);
	out[len] = '\0';
	return true;
}

/* Seconds; the header's other form, a date, is not waited for. An hour stands for everything longer. */
static int retry_after(const char *text)
{
	long seconds = strtol(text, NULL, 10);

	if (seconds < 0)
		return 0;
	return seconds > 3600 ? 3600 : (int)seconds;
}

/* What is kept of a reply's headers, told by the first letter before their names are compared: there are many lines. */
void http_answer_keep(struct http_answer *a, const char *line, size_t len)
{
	char number[32];

	switch (line[0] | 0x20) {
	case 'x':
		(void)(header_value(line, len, "x-amzn-requestid", a->request_id, sizeof(a->request_id)) ||
		       header_value(line, len, "x-amz-request-id", a->request_id, sizeof(a->request_id)) ||
		       header_value(line, len, "x-amz-bucket-region", a->bucket_region, sizeof(a->bucket_region)));
		break;
	case 'd':
		(void)header_value(line, len, "date", a->date, sizeof(a->date));
		break;
	case 'e':
		(void)header_value(line, len, "etag", a->etag, sizeof(a->etag));
		break;
	case 'r':
		if (header_value(line, len, "retry-after", number, sizeof(number)))
			a->retry_after_s = retry_after(number);
		break;
	case 'c':
		if (header_value(line, len, "content-length", number, sizeof(number)))
			a->content_length = strtoll(number, NULL, 10);
		break;
	default:
		break;
	}
}

void http_reply_begin(struct http_reply *r, struct http_answer *answer)
{
	struct buf line = r->line;

	*r = (struct http_reply){ .answer = answer, .keep = true, .line = line };
	if (line.cap)
		buf_reset(&r->line);
	else
		buf_init(&r->line, HEAD_MAX);
}

void http_reply_clear(struct http_reply *r)
{
	buf_clear(&r->line);
}

/* A number of decimal or hexadecimal digits at the text's begin, and where they end. -1: there is none, or it is more
 * than any object has bytes. */
static int64_t number_at(const char *text, size_t len, int base, size_t *end)
{
	int64_t value = 0;
	size_t i = 0;

	for (; i < len; i++) {
		char c = (char)(text[i] | 0x20);
		int digit = text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
		if (digit >= base)
			break;
		if (value > INT64_MAX >> 8)
			return -1;
		value = value * base + digit;
	}
	*end = i;
	return i > 0 ? value : -1;
}

/* "HTTP/1.1 200 OK". What comes before a final reply, and what an old server says, is odd. */
static bool read_status(struct http_reply *r, const char *line, size_t len)
{
	size_t end = 0;
	int64_t status;

	if (len < 12 || memcmp(line, "HTTP/1.1 ", 9) != 0)
		return false;
	status = number_at(line + 9, len - 9, 10, &end);
	if (end != 3 || status < 200 || status > 599 || (len > 12 && line[12] != ' '))
		return false;
	r->answer->status = (int)status;
	r->state = REPLY_HEADERS;
	return true;
}

/* The headers that say where the reply ends. */
static bool read_framing(struct http_reply *r, const char *name, size_t name_len, const char *value, size_t len)
{
	size_t end = 0;

	if (name_len == 14 && strncasecmp(name, "content-length", 14) == 0) {
		int64_t told = number_at(value, len, 10, &end);
		if (told < 0 || end != len || (r->length_told && told != r->left))
			return false;
		r->length_told = true;
		r->left = told;
		r->answer->content_length = told;
	} else if (name_len == 17 && strncasecmp(name, "transfer-encoding", 17) == 0) {
		if (r->chunked || len != 7 || strncasecmp(value, "chunked", 7) != 0)
			return false;
		r->chunked = true;
	} else if (name_len == 10 && strncasecmp(name, "connection", 10) == 0) {
		r->keep = r->keep && len == 10 && strncasecmp(value, "keep-alive", 10) == 0;
	}
	return true;
}

static bool read_header(struct http_reply *r, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len), *value, *end = line + len;

	if (!colon || colon == line || line[0] == ' ' || line[0] == '\t' || colon[-1] == ' ' || colon[-1] == '\t')
		return false;
	switch (line[0] | 0x20) {
	case 'c':
	case 't':
		value = colon + 1;
		while (value < end && (*value == ' ' || *value == '\t'))
			value++;
		while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
			end--;
		return read_framing(r, line, (size_t)(colon - line), value, (size_t)(end - value));
	default:
		http_answer_keep(r->answer, line, len);
		return true;
	}
}

/* The empty line behind the headers. A reply that only the connection's end would end is odd. */
static bool end_head(struct http_reply *r)
{
	bool empty = r->answer->status == 204 || r->answer->status == 304;

	if (r->chunked == r->length_told && !empty)
		return false;
	if (empty || (r->length_told && r->left == 0))
		r->state = REPLY_END;
	else
		r->state = r->chunked ? REPLY_CHUNK_SIZE : REPLY_BODY;
	return true;
}

static bool read_chunk_size(struct http_reply *r, const char *line, size_t len)
{
	size_t end = 0;

	r->left = number_at(line, len, 16, &end);
	if (r->left < 0 || (end < len && line[end] != ';'))
		return false;
	r->state = r->left == 0 ? REPLY_TRAILERS : REPLY_CHUNK;
	return true;
}

/* One line without its end. */
static bool read_line(struct http_reply *r, const char *line, size_t len)
{
	if (memchr(line, '\0', len) || memchr(line, '\r', len))
		return false;
	switch (r->state) {
	case REPLY_STATUS:
		return read_status(r, line, len);
	case REPLY_HEADERS:
		return len > 0 ? read_header(r, line, len) : end_head(r);
	case REPLY_CHUNK_SIZE:
		return read_chunk_size(r, line, len);
	case REPLY_CHUNK_END:
		r->state = REPLY_CHUNK_SIZE;
		return len == 0;
	default:
		if (len == 0)
			r->state = REPLY_END;
		return true;
	}
}

/* Takes a line, or what has come of it. 0: odd. */
static size_t take_line(struct http_reply *r, const char *data, size_t len)
{
	const char *newline = memchr(data, '\n', len), *line = data;
	size_t taken = newline ? (size_t)(newline - data) + 1 : len, line_len = taken;
	bool fine;

	r->head_len += taken;
	if (r->state != REPLY_CHUNK_SIZE && r->state != REPLY_CHUNK_END && r->head_len > HEAD_MAX)
		return 0;
	if (!newline || r->line.len > 0) {
		buf_add(&r->line, data, taken);
		if (r->line.failed)
			return 0;
		line = r->line.data;
		line_len = r->line.len;
	}
	if (!newline)
		return taken;
	fine = line_len >= 2 && line[line_len - 2] == '\r' && read_line(r, line, line_len - 2);
	buf_reset(&r->line);
	return fine ? taken : 0;
}

/* Takes what belongs to the body. 0: there is no room for it. */
static size_t take_body(struct http_reply *r, const char *data, size_t len)
{
	size_t taken = (uint64_t)r->left < len ? (size_t)r->left : len;

	buf_add(&r->answer->body, data, taken);
	if (r->answer->body.failed)
		return 0;
	r->left -= (int64_t)taken;
	if (r->left == 0)
		r->state = r->state == REPLY_BODY ? REPLY_END : REPLY_CHUNK_END;
	return taken;
}

enum reply_progress http_reply_feed(struct http_reply *r, const char *data, size_t len, size_t *used)
{
	*used = 0;
	r->begun = r->begun || len > 0;
	while (r->state != REPLY_END && *used < len) {
		bool body = r->state == REPLY_BODY || r->state == REPLY_CHUNK;
		size_t taken = body ? take_body(r, data + *used, len - *used) : take_line(r, data + *used, len - *used);
		if (taken == 0)
			return REPLY_ODD;
		*used += taken;
	}
	return r->state == REPLY_END ? REPLY_WHOLE : REPLY_MORE;
}
