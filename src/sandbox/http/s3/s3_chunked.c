#include "sandbox/http/s3/s3_body.h"

#define SIGNATURE_MAX 128
#define TRAILER_MAX   1024

/* The bytes that are left. */
struct rest {
	const char *p;
	size_t len;
};

static int broken(struct err *err, const char *why)
{
	return err_set(err, ERR_PARSE, "the aws-chunked body is malformed: %s", why);
}

/* A line without its end of \r\n, taken from the front; false when there is no end within `max` bytes. */
static bool take_line(struct rest *r, size_t max, const char **line, size_t *len)
{
	const char *end = memmem(r->p, r->len < max + 2 ? r->len : max + 2, "\r\n", 2);

	if (!end)
		return false;
	*line = r->p;
	*len = (size_t)(end - r->p);
	r->p += *len + 2;
	r->len -= *len + 2;
	return true;
}

static int parse_size(const char *line, size_t len, size_t *size, size_t *used)
{
	size_t value = 0, i = 0;

	for (; i < len && line[i] != ';'; i++) {
		const char *digits = "0123456789abcdef", *at;
		char c = line[i] >= 'A' && line[i] <= 'F' ? (char)(line[i] + 32) : line[i];

		at = c ? strchr(digits, c) : NULL;
		if (!at || value > (SIZE_MAX >> 4))
			return -1;
		value = value << 4 | (size_t)(at - digits);
	}
	*size = value;
	*used = i;
	return i == 0 ? -1 : 0;
}

/* "1000;chunk-signature=ab12": other extensions are passed over. */
static int parse_chunk_line(const char *line, size_t len, size_t *size, char signature[SIGNATURE_MAX + 1],
			    struct err *err)
{
	static const char name[] = ";chunk-signature=";
	const char *at;
	size_t used, n = 0;

	if (parse_size(line, len, size, &used) < 0)
		return broken(err, "a chunk's size is no hexadecimal number");
	at = memmem(line + used, len - used, name, sizeof(name) - 1);
	if (at) {
		at += sizeof(name) - 1;
		while (at + n < line + len && at[n] != ';')
			n++;
		if (n > SIGNATURE_MAX)
			return broken(err, "a chunk's signature is too long");
		memcpy(signature, at, n);
	}
	signature[n] = 0;
	return 0;
}

static int parse_trailers(struct rest *r, const struct s3_chunk_handler *h, struct err *err)
{
	const char *line;
	size_t len;

	while (r->len) {
		char text[TRAILER_MAX + 1], *value;

		/* The last line may lack its end. */
		if (!take_line(r, TRAILER_MAX, &line, &len)) {
			if (r->len > TRAILER_MAX)
				return broken(err, "a trailer is too long");
			line = r->p;
			len = r->len;
			r->len = 0;
		}
		while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
			len--;
		if (len == 0)
			continue;
		memcpy(text, line, len);
		text[len] = 0;
		value = strchr(text, ':');
		if (!value || strlen(text) != len)
			return broken(err, "a trailer is not 'name:value'");
		*value++ = 0;
		value += strspn(value, " ");
		if (h->trailer(h->arg, text, value, err) < 0)
			return -1;
	}
	return 0;
}

int s3_chunked_decode(const void *body, size_t len, const struct s3_chunk_handler *h, struct err *err)
{
	struct rest r = { body, len };
	size_t size = 0;

	do {
		char signature[SIGNATURE_MAX + 1];
		const char *line;
		size_t line_len;

		if (!take_line(&r, 512, &line, &line_len))
			return broken(err, "a chunk does not begin with its size");
		if (parse_chunk_line(line, line_len, &size, signature, err) < 0)
			return -1;
		if (size > r.len)
			return broken(err, "it ends within a chunk");
		if (h->data(h->arg, r.p, size, signature, err) < 0)
			return -1;
		if (size == 0)
			break;
		r.p += size;
		r.len -= size;
		if (r.len < 2 || memcmp(r.p, "\r\n", 2) != 0)
			return broken(err, "a chunk does not end with a line break");
		r.p += 2;
		r.len -= 2;
	} while (size);
	return parse_trailers(&r, h, err);
}
