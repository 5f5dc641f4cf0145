/* Layer: base. Addresses are refused or taken apart within their bounds; escapes survive decoding and encoding. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "spark/base/mem.h"
#include "spark/base/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_escapes(const char *text, size_t size)
{
	struct buf plain, coded, back;
	struct err err;

	buf_init(&plain, 0);
	buf_init(&coded, 0);
	buf_init(&back, 0);
	if (url_decode(&plain, text, size, size % 2 == 0, &err) == 0) {
		url_encode(&coded, plain.data, plain.len, size % 3 == 0);
		if (url_decode(&back, coded.data, coded.len, false, &err) < 0 || back.len != plain.len ||
		    memcmp(back.data, plain.data, plain.len) != 0)
			abort();
	}
	buf_clear(&back);
	buf_clear(&coded);
	buf_clear(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size), bucket[64];
	const char *key;
	struct url u;
	struct err err;

	if (!text)
		return 0;
	check_escapes((const char *)data, size);
	if (url_parse(&u, text, &err) == 0) {
		if (!*u.host || u.port < 1 || u.port > 65535 || (*u.path && *u.path != '/'))
			abort();
		url_clear(&u);
	}
	if (url_parse_s3(text, bucket, &key, &err) == 0 &&
	    (strlen(bucket) < 3 || key < text || key > text + strlen(text)))
		abort();
	mem_free(text);
	return 0;
}
