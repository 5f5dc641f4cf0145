/* Layer: sandbox. Any bytes as a COPY statement: taken apart, or an error with text and SQLSTATE. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "spark/sandbox/copy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct copy_statement *s = NULL;
	struct err err = { 0 };

	if (copy_parse((const char *)data, size, &s, &err) == 0)
		copy_statement_free(s);
	else if (!err.text[0] || (err.kind == ERR_DATABASE && !err.sqlstate[0]))
		abort();
	return 0;
}
