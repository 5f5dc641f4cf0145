#include "spark/aws/types.h"

#include "spark/base/mem.h"

void aws_tags_clear(struct aws_tags *t)
{
	if (!t)
		return;
	mem_free(t->items);
	*t = (struct aws_tags){ 0 };
}

const char *aws_tags_get(const struct aws_tags *t, const char *key)
{
	for (size_t i = 0; i < t->count; i++)
		if (strcmp(t->items[i].key, key) == 0)
			return t->items[i].value;
	return NULL;
}
