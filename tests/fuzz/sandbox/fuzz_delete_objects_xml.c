/* Layer: sandbox. What is accepted as the body of DeleteObjects or CompleteMultipartUpload keeps their limits. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/http/s3/s3_upload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct s3_delete_list keys = { 0 };
	struct s3_part_list parts = { 0 };
	struct err err;

	if (s3_delete_parse((const char *)data, size, &keys, &err) == 0) {
		if (keys.count < 1 || keys.count > 1000)
			abort();
		for (size_t i = 0; i < keys.count; i++) {
			size_t len = strlen(keys.items[i].key);

			if (len < 1 || len > S3_KEY_MAX || !s3_text_is_utf8(keys.items[i].key, len))
				abort();
			if (keys.items[i].etag && strlen(keys.items[i].etag) > S3_KEY_MAX)
				abort();
		}
	}
	s3_delete_clear(&keys);
	if (s3_parts_parse((const char *)data, size, &parts, &err) == 0)
		for (size_t i = 0; i < parts.count; i++)
			if (parts.parts[i].number < 1 || parts.parts[i].number > 10000)
				abort();
	s3_parts_clear(&parts);
	return 0;
}
