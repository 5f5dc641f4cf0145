#ifndef SPARK_SANDBOX_ACCESS_RESOURCES_H
#define SPARK_SANDBOX_ACCESS_RESOURCES_H

#include "sandbox/access/identity.h"

/* A call as the tables see it. */
struct access_call {
	struct world *w;
	const struct caller *who;
	const char *action; /* "redshift:CreateCluster" */
	const struct params *p;
};

/* Calls fn for the ARN of each resource that the call takes ("*" when it takes none); stops when it is not 0. */
int resources_each(const struct access_call *c, int (*fn)(void *arg, const char *arn, struct err *err), void *arg,
		   struct err *err) MUST_CHECK;
/* The condition keys that the call's parameters give: aws:RequestTag/..., aws:TagKeys, iam:PolicyARN, ... */
int resources_add_request(const struct access_call *c, struct json *context, struct err *err) MUST_CHECK;
/* aws:ResourceTag/... of the resource with this ARN, as far as it is there. */
int resources_add_tags(struct world *w, const char *arn, struct json *context, struct err *err) MUST_CHECK;

#endif
