/* Layer: sandbox. Any bytes as a schedule: an error with text, or times that rise, for ever or until there are none. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/cluster/cron.h"
#include "spark/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size);
	int64_t at = INT64_C(1795262400000), next;
	struct err err = { 0 };
	struct cron c;

	if (text && cron_parse(text, &c, &err)) {
		if (!err.text[0])
			abort();
	} else if (text) {
		for (int i = 0; i < 3 && cron_next(&c, at, &next); i++) {
			if (next <= at)
				abort();
			at = next;
		}
	}
	mem_free(text);
	return 0;
}
