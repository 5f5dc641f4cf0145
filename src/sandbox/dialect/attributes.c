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
}

void attributes_clear(struct table_attributes *a)
{
	buf_clear(&a->sort_keys);
	buf_clear(&a->encodings);
	buf_clear(&a->keys);
}

static void separate(struct buf *b)
{
	if (b->len > 0)
		buf_putc(b, ',');
}

void attributes_add_sort_key(struct table_attributes *a, const char *column)
{
	separate(&a->sort_keys);
	json_quote(&a->sort_keys, column, strlen(column));
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

void attributes_add_key(struct table_attributes *a, const char *kind, const char *text, size_t len)
{
	separate(&a->keys);
	buf_printf(&a->keys, "{\"kind\":\"%s\",\"text\":", kind);
	json_quote(&a->keys, text, len);
	buf_putc(&a->keys, '}');
	a->said = true;
}

static void add_member(struct buf *b, const char *name, const char *value)
{
	if (!*value)
		return;
	buf_printf(b, ",\"%s\":", name);
	json_quote(b, value, strlen(value));
}

void attributes_comment(const struct table_attributes *a, struct buf *out)
{
	struct buf b;

	if (!a->said)
		return;
	buf_init(&b, LIST_MAX);
	buf_puts(&b, "{\"table\":");
	json_quote(&b, a->table, strlen(a->table));
	add_member(&b, "diststyle", a->dist_style);
	add_member(&b, "distkey", a->dist_key);
	add_member(&b, "sortstyle", a->sort_style);
	if (a->sort_keys.len)
		buf_printf(&b, ",\"sortkey\":[%s]", a->sort_keys.data);
	if (a->encodings.len)
		buf_printf(&b, ",\"encode\":{%s}", a->encodings.data);
	if (a->keys.len)
		buf_printf(&b, ",\"keys\":[%s]", a->keys.data);
	buf_putc(&b, '}');
	buf_puts(out, " /*sparkctl:");
	/* Neither end nor begin of a comment may stand in it: JSON lets a slash be escaped. */
	for (size_t i = 0; i < b.len; i++) {
		if (b.data[i] == '/')
			buf_putc(out, '\\');
		buf_putc(out, b.data[i]);
	}
	buf_puts(out, "*/");
	if (b.failed)
		out->failed = true;
	buf_clear(&b);
}
