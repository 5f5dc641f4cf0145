/* Places and lists of names for the parts of `s3`. */
#include <string.h>

#include "spark/aws/s3.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"
#include "spark/cli/s3_commands.h"

#define DELETE_BATCH 1000

int s3_place_parse_remote(const char *text, struct s3_place *out, struct err *err)
{
	memset(out, 0, sizeof(*out));
	out->remote = true;
	if (url_parse_s3(text, out->bucket, &out->key, err) == 0)
		return 0;
	if (err && err->kind == ERR_PARSE)
		err->kind = ERR_USAGE;
	return -1;
}

int s3_place_parse(const char *text, struct s3_place *out, struct err *err)
{
	if (strncmp(text, "s3://", 5) == 0)
		return s3_place_parse_remote(text, out, err);
	if (*text == 0)
		return err_set(err, ERR_USAGE, "a path is empty");
	memset(out, 0, sizeof(*out));
	out->path = text;
	return 0;
}

int s3_names_add(struct s3_names *list, const char *name, int64_t size_bytes)
{
	if (mem_grow(&list->items, &list->cap, list->count, sizeof(*list->items)) != 0)
		return -1;
	char *copy = mem_strdup(name);
	if (!copy)
		return -1;
	list->items[list->count++] = (struct s3_name){ copy, size_bytes };
	return 0;
}

void s3_names_clear(struct s3_names *list)
{
	for (size_t i = 0; i < list->count; i++)
		mem_free(list->items[i].name);
	mem_free(list->items);
	memset(list, 0, sizeof(*list));
}

bool s3_name_is_folder(const char *key, int64_t size_bytes)
{
	size_t len = strlen(key);
	return len > 0 && key[len - 1] == '/' && size_bytes == 0;
}

struct listing {
	const struct context *ctx;
	struct s3_names *out;
	bool no_memory;
};

static int take_object(void *arg, const struct s3_object *o)
{
	struct listing *l = arg;
	if (*l->ctx->stop)
		return 1;
	l->no_memory = s3_names_add(l->out, o->key, o->size_bytes) != 0;
	return l->no_memory ? 1 : 0;
}

int s3_names_list(const struct context *ctx, const struct target *t, const char *bucket, const char *prefix,
		  struct s3_names *out, struct err *err)
{
	struct listing l = { .ctx = ctx, .out = out };
	int rc = s3_list(t->aws, bucket, prefix, NULL, take_object, &l, err);
	if (rc > 0)
		return l.no_memory ? err_nomem(err) : err_set(err, ERR_INTERRUPTED, "interrupted while listing");
	return rc;
}

int s3_names_delete(const struct context *ctx, const struct target *t, const char *bucket, const struct s3_names *list,
		    size_t *deleted, struct err *err)
{
	const char *keys[DELETE_BATCH];
	*deleted = 0;
	while (*deleted < list->count) {
		size_t n = list->count - *deleted;
		if (*ctx->stop)
			return err_set(err, ERR_INTERRUPTED, "interrupted after %zu of %zu objects", *deleted,
				       list->count);
		if (n > DELETE_BATCH)
			n = DELETE_BATCH;
		for (size_t i = 0; i < n; i++)
			keys[i] = list->items[*deleted + i].name;
		if (s3_delete_many(t->aws, bucket, keys, n, err) != 0)
			return -1;
		*deleted += n;
	}
	return 0;
}
