#ifndef SPARK_PIPELINE_SERVERLESS_H
#define SPARK_PIPELINE_SERVERLESS_H

#include "pipeline/state.h"
#include "spark/aws/serverless.h"

/* A stack with `serverless = yes` has a namespace and a workgroup, both of the name that its cluster would have. */

bool serverless_is_wanted(const struct run *r);
/* The stack's workgroup, as the service tells. *there false: there is none of that name. *ours: it carries our tag. */
int serverless_describe(struct run *r, struct serverless_workgroup *out, bool *there, bool *ours,
			struct err *err) MUST_CHECK;
/* ERR_CONFLICT when the stack exists in the other form already: two warehouses would be billed. */
int serverless_refuse_beside(struct run *r, struct err *err) MUST_CHECK;
/* By name, for what a sweep finds. 0 also when it is gone already. */
int namespace_remove(struct run *r, const char *name, struct err *err) MUST_CHECK;
int workgroup_remove(struct run *r, const char *name, struct err *err) MUST_CHECK;
/* Calls fn with each workgroup, then each namespace, of the region that carries the tag; value NULL: any value. fn
 * returns non-zero to stop, which is passed on. `resource` is RESOURCE_WORKGROUP or RESOURCE_NAMESPACE. */
struct serverless_found {
	int resource;
	const char *name, *stack; /* stack: the tag's value */
	int64_t created_ms;       /* 0 when unknown */
	int rpu;                  /* of a workgroup */
};
int serverless_each_tagged(struct run *r, const char *value, int (*fn)(void *arg, const struct serverless_found *f),
			   void *arg, struct err *err) MUST_CHECK;

#endif
