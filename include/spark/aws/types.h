#ifndef SPARK_AWS_TYPES_H
#define SPARK_AWS_TYPES_H

#include <stddef.h>

/* Shapes that several services share. */
struct aws_tag {
	char key[129], value[257];
};

struct aws_tags {
	struct aws_tag *items;
	size_t count;
};
void aws_tags_clear(struct aws_tags *t);
const char *aws_tags_get(const struct aws_tags *t, const char *key); /* NULL when absent */

#endif
