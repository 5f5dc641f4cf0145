#include "sandbox/dialect/attributes.h"

#include <string.h>

#include "spark/base/json.h"

#define LIST_MAX ((size_t)1024 * 1024)

void attributes_init(struct table_attributes *a)
{
	memset(a, 0, sizeof *a);
	buf_init(&a->sort_keys, LIST_MAX);
	buf_init(&a->encodings, LIST_MAX);
	buf_init(&a->keys, LIST_MAX);
	buf_init(&a->others, LIST_MAX);
}

void attributes_clear(struct table_attributes *a)
{
	buf_clear(&a->sort_keys);
	buf_clear(&a->encodings);
	buf_clear(&a->keys);
	buf_clear(&a->others);
}

static void separate(struct buf *b)
{
	if (b->len > 0)
		buf_putc(b, ',');
}

void attributes_set_dist_key(struct table_attributes *a, const char *column)
{
	/* Said twice of the same column, at the column and of the table, it is one. */
	if (!a->dist_keys || strcmp(a->dist_key, column) != 0)
		a->dist_keys++;
	snprintf(a->dist_key, sizeof a->dist_key, "%s", column);
	a->said = true;
}

void attributes_add_sort_key(struct table_attributes *a, const char *column)
{
	separate(&a->sort_keys);
	json_quote(&a->sort_keys, column, strlen(column));
	a->sort_key_count++;
	a->said = true;
}

void attributes_add_encoding(struct table_attributes *a, const char *column, const char *encoding)
{
	separate(&a->encodings);
	json_quote(&a->encodings, column, strlen(column));
	buf_putc(&a->encodings, ':');
	json_quote(&a->encodings, encoding, strlen(encoding));
	a->said = true;
}

static void add_member(struct buf *b, const char *name, const char *value)
{
	if (!*value)
		return;
	buf_printf(b, ",\"%s\":", name);
	json_quote(b, value, strlen(value));
}

void attributes_add_member(struct table_attributes *a, const char *name, const char *first, const char *second)
{
	struct buf *b = &a->others;

	buf_printf(b, ",\"%s\":%s", name, second ? "[" : "");
	json_quote(b, first, strlen(first));
	if (second) {
		buf_putc(b, ',');
		json_quote(b, second, strlen(second));
		buf_putc(b, ']');
	}
	a->said = true;
}

void attributes_begin_key(struct table_attributes *a, const char *kind, const char *name)
{
	separate(&a->keys);
	buf_printf(&a->keys, "{\"kind\":\"%s\"", kind);
	add_member(&a->keys, "name", name);
	buf_puts(&a->keys, ",\"columns\":[");
	a->said = true;
}

void attributes_add_key_column(struct table_attributes *a, const char *column)
{
	if (a->keys.len && a->keys.data[a->keys.len - 1] != '[')
		buf_putc(&a->keys, ',');
	json_quote(&a->keys, column, strlen(column));
}

void attributes_add_reference(struct table_attributes *a, const char *schema, const char *table)
{
	buf_puts(&a->keys, "]");
	add_member(&a->keys, "to_schema", schema);
	add_member(&a->keys, "to_table", table);
	buf_puts(&a->keys, ",\"to_columns\":[");
}

void attributes_end_key(struct table_attributes *a)
{
	buf_puts(&a->keys, "]}");
}

void attributes_comment(const struct table_attributes *a, struct buf *out)
{
	struct buf b;

	if (!a->said)
		return;
	buf_init(&b, LIST_MAX);
	buf_printf(&b, "{\"op\":\"%s\"", a->alter ? "alter" : a->drop ? "drop" : "create");
	add_member(&b, "schema", a->schema);
	add_member(&b, "table", a->table);
	add_member(&b, "diststyle", a->dist_style);
	add_member(&b, "distkey", a->dist_key);
	add_member(&b, "sortstyle", a->sort_style);
	if (a->sort_keys.len)
		buf_printf(&b, ",\"sortkey\":[%s]", a->sort_keys.data);
	if (a->encodings.len)
		buf_printf(&b, ",\"encode\":{%s}", a->encodings.data);
	if (a->keys.len)
		buf_printf(&b, ",\"keys\":[%s]", a->keys.data);
	if (a->others.len)
		buf_add(&b, a->others.data, a->others.len);
	buf_putc(&b, '}');
	buf_puts(out, " /*sparkctl:");
	/* Neither end nor begin of a comment may stand in it: JSON lets a slash be escaped. */
	for (size_t i = 0; i < b.len; i++) {
		if (b.data[i] == '/')
			buf_putc(out, '\\');
		buf_putc(out, b.data[i]);
	}
	buf_puts(out, "*/");
	if (b.failed || a->keys.failed || a->others.failed)
		out->failed = true;
	buf_clear(&b);
}
