/* Layer: sandbox. Any bytes as a simple query: rewritten or refused, never more; positions map into the text. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spark/base/mem.h"
#include "spark/sandbox/dialect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int has_column(void *arg, const char *schema, const char *relation, const char *column)
{
	(void)arg;
	(void)schema;
	return relation[0] == 't' ? column[0] == 'a' : -1;
}

/* Tables t...: a, b of type SUPER, c. */
static int columns(void *arg, const char *schema, const char *relation, struct buf *out)
{
	(void)arg;
	(void)schema;
	if (relation[0] != 't')
		return -1;
	for (const char *c = "abc"; *c; c++)
		buf_printf(out, "%c%c%s%c", *c, DIALECT_COLUMN_TYPE, *c == 'b' ? "jsonb" : "int4", DIALECT_COLUMN_END);
	return 1;
}

static bool setting(void *arg, const char *name, char *value, size_t size)
{
	(void)arg;
	(void)name;
	snprintf(value, size, "on");
	return true;
}

static void check_positions(const struct dialect_statement *s, const char *text, size_t size)
{
	if (s->from > s->to || s->to > size)
		abort();
	for (int position = 0; position < 80; position++) {
		int at = dialect_map_position(s, text, position);

		if (at < 0 || (size_t)at > size + 1)
			abort();
	}
}

static void rewrite(const char *text, size_t size, bool strict)
{
	const struct dialect_catalog catalog = {
		.has_column = has_column, .columns = columns, .setting = setting, .strict = strict, .in_block = strict
	};
	struct dialect_script script;
	struct err err = { 0 };

	if (dialect_rewrite(text, size, &catalog, &script, &err) < 0) {
		if (!err.text[0])
			abort();
		return;
	}
	for (size_t i = 0; i < script.count; i++) {
		check_positions(&script.items[i], text, size);
		if (script.items[i].late && dialect_rewrite_late(text, size, &catalog, &script, i, &err) < 0 &&
		    !err.text[0])
			abort();
		check_positions(&script.items[i], text, size);
	}
	dialect_script_clear(&script);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_alloc(size + 1);

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	text[size] = 0;
	rewrite(text, size, false);
	rewrite(text, size, true);
	mem_free(text);
	return 0;
}
