#include "sandbox/copy/target.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/copy/fail.h"
#include "spark/base/mem.h"

#define VARCHAR_MAX 65535
#define VARBYTE_MAX ((size_t)1024000)
#define SUPER_MAX   ((size_t)16 * 1024 * 1024)

static const struct type_row {
	const char *pg_name;
	const char *name;
	const char *label;
} type_rows[COPY_TYPES] = {
	[COPY_INT2] = { "int2", "int2", "Short" },
	[COPY_INT4] = { "int4", "int4", "Integer" },
	[COPY_INT8] = { "int8", "int8", "Long" },
	[COPY_NUMERIC] = { "numeric", "numeric", "Decimal" },
	[COPY_FLOAT4] = { "float4", "float4", "Float" },
	[COPY_FLOAT8] = { "float8", "float8", "Double" },
	[COPY_BOOL] = { "bool", "bool", "Boolean" },
	[COPY_VARCHAR] = { "varchar", "varchar", "Varchar" },
	[COPY_CHAR] = { "bpchar", "char", "Char" },
	[COPY_TEXT] = { "text", "varchar", "Varchar" },
	[COPY_VARBYTE] = { "bytea", "varbyte", "Varbyte" },
	[COPY_DATE] = { "date", "date", "Date" },
	[COPY_TIME] = { "time", "time", "Time" },
	[COPY_TIMETZ] = { "timetz", "timetz", "Timetz" },
	[COPY_TIMESTAMP] = { "timestamp", "timestamp", "Timestamp" },
	[COPY_TIMESTAMPTZ] = { "timestamptz", "timestamptz", "Timestamptz" },
	[COPY_SUPER] = { "jsonb", "super", "Super" },
};

const char *copy_type_name(enum copy_type type)
{
	return type_rows[type].name;
}

const char *copy_type_label(enum copy_type type)
{
	return type_rows[type].label;
}

void copy_column_length(const struct copy_column *c, char *out, size_t size)
{
	if (c->type == COPY_NUMERIC)
		snprintf(out, size, "%d, %d", c->precision, c->scale);
	else
		snprintf(out, size, "%zu", c->type == COPY_SUPER ? 0 : c->max_bytes);
}

void copy_quote_name(struct buf *out, const char *name)
{
	buf_putc(out, '"');
	for (; *name; name++) {
		if (*name == '"')
			buf_putc(out, '"');
		buf_putc(out, *name);
	}
	buf_putc(out, '"');
}

void copy_quote_text(struct buf *out, const char *text, size_t len)
{
	buf_puts(out, "E'");
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\'' || text[i] == '\\')
			buf_putc(out, text[i]);
		buf_putc(out, text[i]);
	}
	buf_putc(out, '\'');
}

/* Columns of the answer to the catalogue question. */
enum {
	ROW_SCHEMA,
	ROW_TABLE,
	ROW_OID,
	ROW_KIND,
	ROW_NAME,
	ROW_TYPE,
	ROW_TYPMOD,
	ROW_NOT_NULL,
	ROW_IDENTITY,
	ROW_COUNT
};

static const char question[] =
	"SELECT n.nspname, c.relname, c.oid, c.relkind, a.attname, t.typname, a.atttypmod, a.attnotnull, a.attidentity "
	"FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
	"LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
	"LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid WHERE c.oid = pg_catalog.to_regclass(";

struct answer {
	struct copy_target t; /* all columns of the table */
	size_t cap;
	char kind;
	char unknown_type[64], unknown_column[64]; /* the first column that COPY cannot fill */
	struct err err;
	bool failed;
};

static bool set_type(struct copy_column *c, const char *pg_name, long typmod)
{
	c->type = COPY_TYPES;
	for (size_t i = 0; i < COPY_TYPES && pg_name; i++) {
		if (strcmp(type_rows[i].pg_name, pg_name) == 0)
			c->type = (enum copy_type)i;
	}
	switch (c->type) {
	case COPY_VARCHAR:
	case COPY_CHAR:
		c->max_bytes = typmod >= 4 ? (size_t)typmod - 4 : VARCHAR_MAX;
		break;
	case COPY_TEXT:
		c->max_bytes = VARCHAR_MAX;
		break;
	case COPY_VARBYTE:
		c->max_bytes = VARBYTE_MAX;
		break;
	case COPY_SUPER:
		c->max_bytes = SUPER_MAX;
		break;
	case COPY_NUMERIC:
		c->precision = typmod >= 4 ? (int)((typmod - 4) >> 16) : 38;
		c->scale = typmod >= 4 ? (int)((typmod - 4) & 0x7FF) : 20;
		break;
	default:
		break;
	}
	return c->type != COPY_TYPES;
}

static int take_names(struct answer *a, const char *const *v)
{
	if (a->t.table)
		return 0;
	a->t.schema = mem_strdup(v[ROW_SCHEMA] ? v[ROW_SCHEMA] : "");
	a->t.table = mem_strdup(v[ROW_TABLE] ? v[ROW_TABLE] : "");
	a->t.oid = v[ROW_OID] ? strtoul(v[ROW_OID], NULL, 10) : 0;
	a->kind = v[ROW_KIND] ? v[ROW_KIND][0] : 0;
	return a->t.schema && a->t.table ? 0 : -1;
}

static int take_row(void *arg, int count, const char *const *v)
{
	struct answer *a = arg;
	struct copy_column *c;

	if (a->failed || count < ROW_COUNT)
		return -1;
	a->failed = true; /* until the row is taken wholly */
	if (take_names(a, v) < 0 || mem_grow(&a->t.columns, &a->cap, a->t.count, sizeof *a->t.columns) < 0)
		return -1;
	a->failed = false;
	if (!v[ROW_NAME])
		return 0;
	c = &a->t.columns[a->t.count];
	memset(c, 0, sizeof *c);
	c->name = mem_strdup(v[ROW_NAME]);
	a->failed = !c->name;
	if (a->failed)
		return -1;
	a->t.count++;
	if (!set_type(c, v[ROW_TYPE], v[ROW_TYPMOD] ? strtol(v[ROW_TYPMOD], NULL, 10) : -1) &&
	    a->unknown_type[0] == 0) {
		snprintf(a->unknown_type, sizeof a->unknown_type, "%s", v[ROW_TYPE] ? v[ROW_TYPE] : "?");
		snprintf(a->unknown_column, sizeof a->unknown_column, "%s", c->name);
	}
	c->not_null = v[ROW_NOT_NULL] && v[ROW_NOT_NULL][0] == 't';
	c->identity = v[ROW_IDENTITY] && v[ROW_IDENTITY][0] != 0;
	c->identity_always = c->identity && v[ROW_IDENTITY][0] == 'a';
	return 0;
}

static int ask(const struct copy_session *session, const struct copy_statement *s, struct answer *a, struct err *err)
{
	struct buf name, sql;
	int rc = -1;

	buf_init(&name, BUF_MAX_DEFAULT);
	buf_init(&sql, BUF_MAX_DEFAULT);
	if (s->schema) {
		copy_quote_name(&name, s->schema);
		buf_putc(&name, '.');
	}
	copy_quote_name(&name, s->table);
	buf_puts(&sql, question);
	copy_quote_text(&sql, name.data, name.len);
	buf_puts(&sql, ") ORDER BY a.attnum");
	if (buf_check(&name, "the table's name", err) < 0 || buf_check(&sql, "a catalogue question", err) < 0)
		goto out;
	rc = session->query(session->arg, sql.data, take_row, a, err);
	if (a->failed)
		rc = err_nomem(err);
out:
	buf_clear(&name);
	buf_clear(&sql);
	return rc;
}

static void clear_column(struct copy_column *c)
{
	mem_free(c->name);
	c->name = NULL;
}

static struct copy_column *find_column(struct copy_target *t, const char *name)
{
	for (size_t i = 0; i < t->count; i++) {
		if (t->columns[i].name && strcmp(t->columns[i].name, name) == 0)
			return &t->columns[i];
	}
	return NULL;
}

/* Moves the columns of the statement's list, in its order, from `all` to t. */
static int pick_listed(const struct copy_statement *s, struct copy_target *all, struct copy_target *t, struct err *err)
{
	for (size_t i = 0; i < s->column_count; i++) {
		struct copy_column *c = find_column(all, s->columns[i]);

		if (!c) {
			bool twice = find_column(t, s->columns[i]) != NULL;

			return copy_fail_state(err, twice ? "42701" : "42703",
					       twice ? "column \"%s\" specified more than once"
						     : "column \"%s\" of relation \"%s\" does not exist",
					       s->columns[i], s->table);
		}
		if (c->identity_always && !s->explicit_ids)
			return copy_fail_state(err, "XX000",
					       "cannot load identity column \"%s\" without the EXPLICIT_IDS option",
					       c->name);
		t->columns[t->count++] = *c;
		c->name = NULL;
	}
	return 0;
}

/* All columns; a counter fills those of identity unless EXPLICIT_IDS says that the data has them. */
static void pick_all(const struct copy_statement *s, struct copy_target *all, struct copy_target *t)
{
	for (size_t i = 0; i < all->count; i++) {
		struct copy_column *c = &all->columns[i];

		if (c->identity && !s->explicit_ids)
			continue;
		t->columns[t->count++] = *c;
		c->name = NULL;
	}
}

static int check_types(const struct copy_target *t, const struct answer *a, struct err *err)
{
	for (size_t i = 0; i < t->count; i++) {
		if (t->columns[i].type == COPY_TYPES)
			return copy_fail_state(err, "0A000",
					       "COPY into column \"%s\" is not supported: it cannot fill type \"%s\"",
					       t->columns[i].name, a->unknown_type);
	}
	if (t->count == 0)
		return copy_fail_state(err, "42809", "relation \"%s\" has no column that COPY could fill", t->table);
	return 0;
}

int copy_target_open(const struct copy_session *session, const struct copy_statement *s, struct copy_target *t,
		     struct err *err)
{
	struct answer a;
	int rc = -1;

	memset(&a, 0, sizeof a);
	memset(t, 0, sizeof *t);
	if (ask(session, s, &a, err) < 0)
		goto out;
	if (!a.t.table) {
		copy_fail_state(err, "42P01", "Cannot COPY into nonexistent table %s", s->table);
		goto out;
	}
	if (a.kind != 'r' && a.kind != 'p') {
		copy_fail_state(err, "42809", "\"%s\" is not a table", s->table);
		goto out;
	}
	t->columns = mem_alloc_array(a.t.count + 1, sizeof *t->columns);
	if (!t->columns) {
		err_nomem(err);
		goto out;
	}
	t->schema = a.t.schema;
	t->table = a.t.table;
	t->oid = a.t.oid;
	a.t.schema = a.t.table = NULL;
	if (s->columns) {
		if (pick_listed(s, &a.t, t, err) < 0)
			goto out;
	} else {
		pick_all(s, &a.t, t);
	}
	rc = check_types(t, &a, err);
out:
	copy_target_clear(&a.t);
	if (rc < 0)
		copy_target_clear(t);
	return rc;
}

void copy_target_clear(struct copy_target *t)
{
	for (size_t i = 0; i < t->count; i++)
		clear_column(&t->columns[i]);
	mem_free(t->columns);
	mem_free(t->schema);
	mem_free(t->table);
	memset(t, 0, sizeof *t);
}

/* "schema"."table" ("column", ...) */
static void put_target(const struct copy_target *t, struct buf *out)
{
	copy_quote_name(out, t->schema);
	buf_putc(out, '.');
	copy_quote_name(out, t->table);
	for (size_t i = 0; i < t->count; i++) {
		buf_puts(out, i ? ", " : " (");
		copy_quote_name(out, t->columns[i].name);
	}
	buf_putc(out, ')');
}

void copy_target_sql(const struct copy_target *t, struct buf *out)
{
	buf_puts(out, "COPY ");
	put_target(t, out);
	buf_puts(out, " FROM STDIN (FORMAT binary)");
}

void copy_target_stage(const struct copy_target *t, struct buf *columns, struct buf *insert)
{
	for (size_t i = 0; i < t->count; i++)
		buf_printf(columns, "%sc%zu pg_catalog.%s", i ? ", " : "", i + 1,
			   type_rows[t->columns[i].type].pg_name);
	buf_puts(insert, "INSERT INTO ");
	put_target(t, insert);
	buf_puts(insert, " OVERRIDING SYSTEM VALUE SELECT * FROM " COPY_STAGE);
}
