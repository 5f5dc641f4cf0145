#ifndef SPARK_AWS_SIMULATE_H
#define SPARK_AWS_SIMULATE_H

#include <stdbool.h>
#include <stddef.h>

#include "spark/aws/client.h"

/* What the policies of a user or role would say of calls, without making them. */
struct iam_simulation {
	const char *principal; /* the ARN of a user or role; a session's is its role's */
	const char *const *actions;
	size_t action_count;
	const char *resource; /* ARN; NULL: "*" */
	/* One condition key of the request, "s3:prefix"; NULL: none. */
	const char *context_key, *context_value;
};
/* Calls fn with each action. allowed false with sure false: a condition decides that this call cannot know. fn returns
 * non-zero to stop, which is passed on. AccessDenied for who may not ask, NoSuchEntity, InvalidInput. */
int iam_simulate(struct aws_client *c, const struct iam_simulation *in,
		 int (*fn)(void *arg, const char *action, bool allowed, bool sure), void *arg,
		 struct err *err) MUST_CHECK;

#endif
