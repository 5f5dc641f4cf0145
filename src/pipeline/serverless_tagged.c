#include <stdio.h>
#include <string.h>

#include "pipeline/resource.h"
#include "pipeline/serverless.h"
#include "spark/base/mem.h"

/* The service cannot be asked by tag: all are listed, then each is asked for its tags. */
struct item {
	int resource, rpu;
	int64_t created_ms;
	char name[65], arn[256];
};
struct items {
	struct item *list;
	size_t count, cap;
	bool failed; /* memory ran out */
};

static struct item *add(struct items *items)
{
	if (mem_grow(&items->list, &items->cap, items->count, sizeof(*items->list)) < 0) {
		items->failed = true;
		return NULL;
	}
	return &items->list[items->count++];
}

static int add_workgroup(void *arg, const struct serverless_workgroup *w)
{
	struct item *item = add(arg);

	if (!item)
		return -1;
	item->resource = RESOURCE_WORKGROUP;
	item->rpu = w->base_capacity;
	item->created_ms = w->created_ms;
	memcpy(item->name, w->name, sizeof(item->name));
	memcpy(item->arn, w->arn, sizeof(item->arn));
	return 0;
}

static int add_namespace(void *arg, const struct serverless_namespace *n)
{
	struct item *item = add(arg);

	if (!item)
		return -1;
	item->resource = RESOURCE_NAMESPACE;
	item->rpu = 0;
	item->created_ms = n->created_ms;
	memcpy(item->name, n->name, sizeof(item->name));
	memcpy(item->arn, n->arn, sizeof(item->arn));
	return 0;
}

static int tell(struct run *r, const struct item *item, const char *value,
		int (*fn)(void *arg, const struct serverless_found *f), void *arg, struct err *err)
{
	struct serverless_found found = {
		.resource = item->resource, .name = item->name, .created_ms = item->created_ms, .rpu = item->rpu
	};
	struct aws_tags tags = { 0 };
	int rc = 0;

	if (serverless_list_tags(r->aws, item->arn, &tags, err) < 0) {
		if (!err_has_code(err, "ResourceNotFoundException"))
			return -1;
		err_clear(err); /* it went away between the two looks */
		return 0;
	}
	found.stack = aws_tags_get(&tags, STACK_TAG);
	if (found.stack && (!value || strcmp(found.stack, value) == 0))
		rc = fn(arg, &found);
	aws_tags_clear(&tags);
	return rc;
}

/* Some regions do not have the service, and its host has no name there; the others of the region were just reached. */
static bool is_not_offered(const struct run *r, const struct err *err)
{
	return err->kind == ERR_UNREACHABLE && !serverless_is_wanted(r) &&
	       strstr(err->text, "cannot resolve the name of") != NULL;
}

int serverless_each_tagged(struct run *r, const char *value, int (*fn)(void *arg, const struct serverless_found *f),
			   void *arg, struct err *err)
{
	struct items items = { 0 };
	int rc = serverless_list_workgroups(r->aws, add_workgroup, &items, err);

	if (rc < 0 && !items.failed && is_not_offered(r, err)) {
		err_clear(err);
		return 0;
	}
	if (rc == 0)
		rc = serverless_list_namespaces(r->aws, add_namespace, &items, err);
	if (items.failed)
		rc = err_nomem(err);
	for (size_t i = 0; rc == 0 && i < items.count; i++)
		rc = tell(r, &items.list[i], value, fn, arg, err);
	mem_free(items.list);
	return rc;
}
