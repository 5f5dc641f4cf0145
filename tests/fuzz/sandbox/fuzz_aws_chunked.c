/* Layer: sandbox. Chunks of an aws-chunked body lie within the body, one behind the other. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/http/s3/s3_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	const uint8_t *begin, *end, *last;
	int ended;
};

static int see_chunk(void *arg, const void *bytes, size_t len, const char *signature, struct err *err)
{
	struct seen *s = arg;
	const uint8_t *p = bytes;

	(void)err;
	if (s->ended || p < s->last || p > s->end || len > (size_t)(s->end - p) || strlen(signature) > 128)
		abort();
	s->last = p + len;
	s->ended = len == 0;
	return 0;
}

static int see_trailer(void *arg, const char *name, const char *value, struct err *err)
{
	struct seen *s = arg;

	(void)err;
	if (!s->ended || strchr(name, ':') || strlen(name) + strlen(value) > (size_t)(s->end - s->begin))
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen s = { data, data + size, data, 0 };
	struct s3_chunk_handler h = { see_chunk, see_trailer, &s };
	struct err err;

	if (s3_chunked_decode(data, size, &h, &err) == 0 && !s.ended)
		abort();
	return 0;
}
