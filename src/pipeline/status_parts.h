#ifndef SPARK_PIPELINE_STATUS_PARTS_H
#define SPARK_PIPELINE_STATUS_PARTS_H

#include "pipeline/resource.h"

/* The parts of run_status(), and what builds them. */

/* A list of members as rows, so that objects are built without a check per line. */
struct member {
	const char *name;
	const char *text; /* NULL: number is meant */
	int64_t number;
};
struct json *status_object(const struct member *members, size_t count);
/* Puts a value under a name; NULL as value means that memory ran out. */
int status_put(struct json *root, const char *name, struct json *value, struct err *err) MUST_CHECK;

/* "workgroup", when the stack has one instead of a cluster. */
int status_add_workgroup(struct run *r, struct json *root, bool *available, struct err *err) MUST_CHECK;
/* "network": mode, vpc, subnets, gateway. */
int status_add_network(struct run *r, struct json *root, struct err *err) MUST_CHECK;
/* "cost": rate, spent, when the service pauses it. */
int status_add_cost(struct run *r, struct json *root, struct err *err) MUST_CHECK;
/* "last_run", when one was kept. */
int status_add_last_run(struct run *r, struct json *root, struct err *err) MUST_CHECK;
/* "next": the command that comes next. */
int status_add_next(struct run *r, struct json *root, struct err *err) MUST_CHECK;

/* <state>, of all accounts. Allocated. */
char *state_base_dir(const struct config *config, struct err *err) MUST_CHECK;

#endif
