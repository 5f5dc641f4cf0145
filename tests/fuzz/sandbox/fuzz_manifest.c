/* Layer: sandbox. Any bytes as a manifest: every entry handed out has an address, and what is refused says why. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/copy/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int take(void *arg, const char *url, bool mandatory, struct err *err)
{
	(void)arg;
	(void)mandatory;
	(void)err;
	if (strncmp(url, "s3://", 5) != 0)
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { 0 };

	if (copy_manifest_read((const char *)data, size, take, NULL, &err) < 0 && !err.text[0])
		abort();
	return 0;
}
