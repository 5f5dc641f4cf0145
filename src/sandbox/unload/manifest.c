#include "sandbox/unload/manifest.h"

#include <string.h>

#include "spark/base/json.h"

static void put_address(struct buf *out, const struct unload_files *f, const char *key)
{
	struct buf url;

	buf_init(&url, BUF_MAX_DEFAULT);
	buf_printf(&url, "s3://%s/%s", f->s->to->bucket, key);
	json_quote(out, url.data, url.len);
	out->failed = out->failed || url.failed;
	buf_clear(&url);
}

static void put_meta(struct buf *out, uint64_t bytes, int64_t lines, bool verbose)
{
	buf_printf(out, "\"meta\":{\"content_length\":%llu", (unsigned long long)bytes);
	if (verbose)
		buf_printf(out, ",\"record_count\":%lld", (long long)lines);
	buf_putc(out, '}');
}

static void put_column(struct buf *out, const struct unload_column *c)
{
	buf_puts(out, "{\"name\":");
	json_quote(out, c->name, strlen(c->name));
	buf_printf(out, ",\"type\":{\"base\":\"%s\"", c->type);
	if (c->length)
		buf_printf(out, ",\"length\":%d", c->length);
	if (c->precision)
		buf_printf(out, ",\"precision\":%d,\"scale\":%d", c->precision, c->scale);
	buf_puts(out, "}}");
}

static void put_schema(struct buf *out, const struct unload_columns *c)
{
	bool first = true;

	buf_puts(out, ",\n  \"schema\": {\n    \"elements\": [");
	for (size_t i = 0; i < c->count; i++) {
		if (c->items[i].hidden)
			continue;
		buf_puts(out, first ? "\n      " : ",\n      ");
		put_column(out, &c->items[i]);
		first = false;
	}
	buf_puts(out, "\n    ]\n  }");
}

int unload_manifest_write(const struct unload_files *f, struct buf *out, struct err *err)
{
	uint64_t bytes = 0;
	int64_t lines = 0;

	buf_puts(out, "{\n  \"entries\": [");
	for (size_t i = 0; i < f->count; i++) {
		const struct unload_file *file = &f->items[i];

		buf_puts(out, i ? ",\n    {\"url\":" : "\n    {\"url\":");
		put_address(out, f, file->key);
		buf_putc(out, ',');
		put_meta(out, file->bytes, file->lines, f->s->verbose);
		buf_putc(out, '}');
		bytes += file->bytes;
		lines += file->lines;
	}
	buf_puts(out, "\n  ]");
	if (f->s->verbose) {
		put_schema(out, f->columns);
		buf_puts(out, ",\n  ");
		put_meta(out, bytes, lines, true);
		buf_puts(out, ",\n  \"author\": {\"name\":\"Amazon Redshift\",\"version\":\"1.0.0\"}");
	}
	buf_puts(out, "\n}\n");
	return buf_check(out, "the manifest", err);
}
