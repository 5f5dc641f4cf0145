#ifndef SPARK_AWS_REDSHIFT_PARTS_H
#define SPARK_AWS_REDSHIFT_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "spark/aws/client.h"
#include "spark/aws/types.h"

/* What stands around a cluster: its subnet group, its scheduled actions, what can be ordered. */

struct redshift_subnet_group {
	char name[256], vpc_id[32], status[32];
	struct aws_tags tags;
};
void redshift_subnet_group_clear(struct redshift_subnet_group *g);
/* ClusterSubnetGroupNotFoundFault. */
int redshift_describe_subnet_group(struct aws_client *c, const char *name, struct redshift_subnet_group *out,
				   struct err *err) MUST_CHECK;
/* All that carry the tag (value "": of any value), all pages; fn returns non-zero to stop. */
int redshift_list_subnet_groups(struct aws_client *c, const struct aws_tag *tag,
				int (*fn)(void *arg, const struct redshift_subnet_group *g), void *arg,
				struct err *err) MUST_CHECK;
/* ClusterSubnetGroupAlreadyExists, InvalidSubnet. */
int redshift_create_subnet_group(struct aws_client *c, const char *name, const char *description,
				 const char *const *subnet_ids, size_t subnet_count, const struct aws_tag *tags,
				 size_t tag_count, struct err *err) MUST_CHECK;
/* ClusterSubnetGroupNotFoundFault; InvalidClusterSubnetGroupStateFault while a cluster uses it. */
int redshift_delete_subnet_group(struct aws_client *c, const char *name, struct err *err) MUST_CHECK;

/* A scheduled action has no tags: its name says whose it is. */
struct redshift_schedule {
	char name[64], state[16]; /* "ACTIVE", "DISABLED" */
	char schedule[64];        /* "at(2026-11-21T12:00:00)" in UTC */
	char cluster[64];         /* that it pauses; "" when it does something else */
	char role_arn[256];
	int64_t next_ms; /* 0: it does not run any more */
};
/* ScheduledActionNotFound. */
int redshift_describe_schedule(struct aws_client *c, const char *name, struct redshift_schedule *out,
			       struct err *err) MUST_CHECK;
/* Pauses the cluster once, at at_ms. ScheduledActionAlreadyExists, InvalidSchedule, UnauthorizedOperation. */
int redshift_schedule_pause(struct aws_client *c, const char *name, const char *cluster, const char *role_arn,
			    int64_t at_ms, const char *description, struct err *err) MUST_CHECK;
/* Moves it. ScheduledActionNotFound. */
int redshift_move_schedule(struct aws_client *c, const char *name, int64_t at_ms, struct err *err) MUST_CHECK;
/* ScheduledActionNotFound. */
int redshift_delete_schedule(struct aws_client *c, const char *name, struct err *err) MUST_CHECK;

/* What can be ordered in this region: each node type, once per cluster type ("single-node", "multi-node") and zones.
 * fn returns non-zero to stop. */
int redshift_list_orderable(struct aws_client *c, int (*fn)(void *arg, const char *node_type, const char *cluster_type),
			    void *arg, struct err *err) MUST_CHECK;

#endif
