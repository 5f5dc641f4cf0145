/* Layer: pipeline. Whatever a journal holds, reading it ends, and the end of its last whole line is found. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int look(void *arg, const struct journal_entry *e)
{
	size_t *entries = arg;

	if (e->seq < 0 || !e->event || !e->time)
		abort();
	(*entries)++;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t entries = 0, lines = 0;
	size_t whole = journal_scan((const char *)data, size, look, &entries);

	if (whole > size || (whole > 0 && data[whole - 1] != '\n'))
		abort();
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	if (entries > lines || memchr(data + whole, '\n', size - whole))
		abort();
	return 0;
}
