/* Layer: sandbox. Any bytes as a JSONPaths file, and as the record that its paths are looked for in. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/copy/format.h"
#include "sandbox/copy/json_match.h"

#define COLUMNS 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct copy_value values[COLUMNS];
	struct json_match *m = NULL;
	struct err err = { 0 };
	const char *text = (const char *)data, *pos;
	const char *record = size ? memchr(text, '\n', size) : NULL;
	size_t paths = record ? (size_t)(record - text) : size;
	bool use_auto;
	int out_of_range;

	if (json_match_new(COLUMNS, false, &m, &err) < 0)
		return 0;
	if (copy_jsonpaths_read(text, paths, COLUMNS, m, &use_auto, &err) == 0 && record) {
		pos = record + 1;
		if (json_match_record(m, &pos, text + size, values, &out_of_range) == JSON_SCAN_OK) {
			for (int i = 0; i < COLUMNS; i++) {
				if (values[i].kind != COPY_VALUE_MISSING &&
				    (values[i].text < text || values[i].text + values[i].len > text + size))
					abort();
			}
		}
	}
	json_match_free(m);
	return 0;
}
