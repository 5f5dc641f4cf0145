#ifndef SPARK_PIPELINE_NAMES_H
#define SPARK_PIPELINE_NAMES_H

#include <stdbool.h>

#include "spark/base/config.h"
#include "spark/base/err.h"

#define STACK_TAG "sparkctl:stack"
/* On roles, which have no region of their own. Roles of old stacks have none. */
#define REGION_TAG "sparkctl:region"

/* Everything a stack owns has a name that follows from the stack's, so that a run which lost its memory finds it. */
struct names {
	char stack[32];
	char cluster[64];
	char role[65]; /* also set when the role is given; see role_look() */
	char plain_role[65], plain_pause_role[65];
	char group[64];
	char subnet_group[64];
	char pause_role[65];  /* of the scheduled pause */
	char pause[64];       /* the scheduled action */
	char partition[16];   /* "aws", "aws-cn", ...: of ARNs */
	char policy_arn[128]; /* with OPT_S3_ACCESS any: what the role may do */
	bool role_given;      /* OPT_ROLE_ARN: the role is neither made nor deleted */
};

/* ERR_CONFIG naming the setting whose value cannot be used. partition: "aws", "aws-cn", ... */
int names_work_out(const struct config *config, const char *partition, struct names *out, struct err *err) MUST_CHECK;
/* The rules alone. */
bool names_is_stack(const char *name);
bool names_is_cluster(const char *name);
bool names_is_role(const char *name);
bool names_is_region(const char *name);

/* "10.1.2.3/24" to its network "10.1.2.0/24"; an address alone gets /32. False when it is not IPv4. */
bool names_normal_cidr(const char *text, char out[44], int *prefix_bits);

#endif
