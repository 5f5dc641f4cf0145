#include "sandbox/unload/columns.h"

#include <string.h>

#include "sandbox/copy/fail.h"
#include "spark/base/mem.h"

#define TEXT_LENGTH 65535 /* of character types without a length */

/* OIDs of pg_type are part of the wire protocol and do not change. */
static const struct type {
	uint32_t oid;
	const char *name;
	enum unload_kind kind;
	bool can_part;
} types[] = {
	{ 16, "boolean", UNLOAD_OTHER, true },
	{ 21, "smallint", UNLOAD_NUMBER, true },
	{ 23, "integer", UNLOAD_NUMBER, true },
	{ 20, "bigint", UNLOAD_NUMBER, true },
	{ 26, "oid", UNLOAD_NUMBER, false },
	{ 700, "real", UNLOAD_NUMBER, true },
	{ 701, "double precision", UNLOAD_NUMBER, false },
	{ 1700, "numeric", UNLOAD_NUMBER, true },
	{ 1042, "character", UNLOAD_CHARACTER, true },
	{ 1043, "character varying", UNLOAD_CHARACTER, true },
	{ 25, "character varying", UNLOAD_CHARACTER, true },
	{ 19, "name", UNLOAD_CHARACTER, true },
	{ 705, "character varying", UNLOAD_CHARACTER, true },
	{ 1082, "date", UNLOAD_OTHER, true },
	{ 1083, "time without time zone", UNLOAD_OTHER, false },
	{ 1266, "time with time zone", UNLOAD_OTHER, false },
	{ 1114, "timestamp without time zone", UNLOAD_OTHER, true },
	{ 1184, "timestamp with time zone", UNLOAD_OTHER, false },
	{ 3802, "super", UNLOAD_SUPER, false },
	{ 114, "super", UNLOAD_SUPER, false },
	{ 17, "binary varying", UNLOAD_BYTES, false },
};

static int take_column(void *arg, const char *name, uint32_t oid, int32_t modifier)
{
	struct unload_columns *c = arg;
	struct unload_column *column;

	if (mem_grow(&c->items, &c->cap, c->count, sizeof *c->items) < 0)
		return -1;
	column = &c->items[c->count];
	*column = (struct unload_column){ .name = mem_strdup(name), .type = "character varying" };
	if (!column->name)
		return -1;
	c->count++;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (types[i].oid == oid) {
			column->type = types[i].name;
			column->kind = types[i].kind;
			column->can_part = types[i].can_part;
		}
	}
	if (oid == 1700) {
		column->precision = modifier >= 4 ? (modifier - 4) >> 16 : 38;
		column->scale = modifier >= 4 ? (modifier - 4) & 0x7FF : 20;
	} else if (column->kind == UNLOAD_CHARACTER) {
		column->length = modifier >= 4 ? modifier - 4 : TEXT_LENGTH;
	}
	return 0;
}

static int find_key(struct unload_columns *c, const char *name, struct err *err)
{
	for (size_t i = 0; i < c->count; i++) {
		if (strcasecmp(c->items[i].name, name) != 0)
			continue;
		if (!c->items[i].can_part)
			return copy_fail_state(err, "0A000", "UNLOAD cannot be partitioned by column \"%s\" of type %s",
					       name, c->items[i].type);
		for (size_t k = 0; k < c->key_count; k++) {
			if (c->keys[k] == i)
				return copy_fail_state(err, "42701", "column \"%s\" appears twice in PARTITION BY",
						       name);
		}
		c->keys[c->key_count++] = i;
		return 0;
	}
	return copy_fail_state(err, "42703", "column \"%s\" of PARTITION BY is not in the query", name);
}

static int find_keys(struct unload_columns *c, const struct unload_statement *s, struct err *err)
{
	if (s->partition_count == 0)
		return 0;
	c->keys = mem_alloc_array(s->partition_count, sizeof *c->keys);
	if (!c->keys)
		return err_nomem(err);
	for (size_t i = 0; i < s->partition_count; i++) {
		if (find_key(c, s->partition[i], err) < 0)
			return -1;
	}
	if (c->key_count == c->count && !s->include)
		return copy_fail_state(err, "0A000", "UNLOAD needs at least one column that is not in PARTITION BY");
	for (size_t k = 0; k < c->key_count; k++)
		c->items[c->keys[k]].hidden = !s->include;
	return 0;
}

static int check_names(const struct unload_columns *c, struct err *err)
{
	for (size_t i = 0; i < c->count; i++) {
		for (size_t k = 0; k < i; k++) {
			if (strcmp(c->items[i].name, c->items[k].name) == 0)
				return copy_fail_state(err, "42701",
						       "UNLOAD to JSON needs unique column names: \"%s\" stands twice",
						       c->items[i].name);
		}
	}
	return 0;
}

/* Does the format go together with what the columns are? */
static int check_format(const struct unload_columns *c, const struct unload_statement *s, struct err *err)
{
	if (s->format == UNLOAD_JSON && check_names(c, err) < 0)
		return -1;
	if (s->format == UNLOAD_FIXED && s->to->width_count != c->count)
		return copy_fail_state(err, "XX000",
				       "FIXEDWIDTH tells the widths of %zu columns, and the query has %zu",
				       s->to->width_count, c->count);
	for (size_t i = 0; i < c->count; i++) {
		if (c->items[i].kind == UNLOAD_BYTES && (s->format == UNLOAD_JSON || s->format == UNLOAD_FIXED))
			return copy_fail_state(err, "0A000",
					       "column \"%s\" is VARBYTE, which UNLOAD writes to text and CSV only",
					       c->items[i].name);
	}
	return 0;
}

int unload_columns_open(const struct unload_session *session, const struct unload_statement *s, const char *query,
			struct unload_columns *out, struct err *err)
{
	if (session->describe(session->copy.arg, query, take_column, out, err) < 0)
		return -1;
	if (out->count == 0)
		return copy_fail_state(err, "42601", "UNLOAD needs a query that has columns");
	return find_keys(out, s, err) < 0 || check_format(out, s, err) < 0 ? -1 : 0;
}

void unload_columns_clear(struct unload_columns *c)
{
	for (size_t i = 0; i < c->count; i++)
		mem_free(c->items[i].name);
	mem_free(c->items);
	mem_free(c->keys);
	memset(c, 0, sizeof *c);
}
