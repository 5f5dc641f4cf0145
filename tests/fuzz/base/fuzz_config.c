/* Layer: base. A settings file is refused with its place, or all of its keys come out trimmed and on a real line. */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "spark/base/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	int last_line;
	int lines;
};

static int on_key(void *arg, const char *section, const char *key, const char *value, int line)
{
	struct seen *seen = arg;

	if (line <= seen->last_line || line > seen->lines || !*section || !*key)
		abort();
	if (isspace((unsigned char)*key) || isspace((unsigned char)key[strlen(key) - 1]) || strchr(value, '\n'))
		abort();
	seen->last_line = line;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen seen = { 0, 1 };
	struct err err = { 0 };

	for (size_t i = 0; i < size; i++)
		seen.lines += data[i] == '\n';
	if (config_each_ini("fuzz", (const char *)data, size, on_key, &seen, &err) < 0 &&
	    (err.kind != ERR_CONFIG || strncmp(err.text, "fuzz:", 5) != 0))
		abort();
	return 0;
}
