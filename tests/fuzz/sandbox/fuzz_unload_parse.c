/* Layer: sandbox. Any bytes as an UNLOAD statement: taken apart, or an error with text and SQLSTATE. What the dialect
 * makes of it has a query where the statement has one. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "spark/sandbox/dialect.h"
#include "spark/sandbox/unload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unload_statement *s = NULL;
	struct dialect_script script = { 0 };
	char *text = malloc(size + 1);
	struct err err = { 0 };

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	if (unload_parse(text, size, &s, &err) == 0)
		unload_statement_free(s);
	else if (!err.text[0] || (err.kind == ERR_DATABASE && !err.sqlstate[0]))
		abort();
	memset(&err, 0, sizeof err);
	if (dialect_rewrite(text, size, NULL, &script, &err) == 0) {
		for (size_t i = 0; i < script.count; i++) {
			int at = dialect_map_position(&script.items[i], text, 1 + (int)(script.items[i].sql.len / 2));

			if (at < 0 || (size_t)at > size + 1)
				abort();
		}
		dialect_script_clear(&script);
	} else if (!err.text[0] || (err.kind == ERR_DATABASE && !err.sqlstate[0])) {
		abort();
	}
	free(text);
	return 0;
}
