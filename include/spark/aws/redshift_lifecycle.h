#ifndef SPARK_AWS_REDSHIFT_LIFECYCLE_H
#define SPARK_AWS_REDSHIFT_LIFECYCLE_H

#include <stdbool.h>
#include <stdint.h>

#include "spark/aws/redshift.h"

/* What is done to a cluster between its beginning and its end. ClusterNotFound and InvalidClusterState everywhere. */
int redshift_pause_cluster(struct aws_client *c, const char *id, struct err *err) MUST_CHECK;
/* node_type NULL: as it is. nodes 1 makes it single-node. classic: copies all data into a new cluster of that shape,
 * for steps that an elastic resize cannot make. */
int redshift_resize_cluster(struct aws_client *c, const char *id, const char *node_type, int nodes, bool classic,
			    struct err *err) MUST_CHECK;
/* arn: of the cluster, "arn:aws:redshift:us-west-2:123456789012:cluster:x". */
int redshift_create_tags(struct aws_client *c, const char *arn, const struct aws_tag *tags, size_t tag_count,
			 struct err *err) MUST_CHECK;

struct redshift_snapshot {
	char id[256], cluster[64], status[32], type[16]; /* "available"; "manual", "automated" */
	char node_type[32];
	int nodes;
	int64_t created_ms; /* 0 when unknown */
	double size_mb;     /* 0 when unknown */
	struct aws_tags tags;
};
void redshift_snapshot_clear(struct redshift_snapshot *s);
/* ClusterSnapshotAlreadyExists. */
int redshift_create_snapshot(struct aws_client *c, const char *id, const char *cluster, const struct aws_tag *tags,
			     size_t tag_count, struct err *err) MUST_CHECK;
/* ClusterSnapshotNotFound. */
int redshift_describe_snapshot(struct aws_client *c, const char *id, struct redshift_snapshot *out,
			       struct err *err) MUST_CHECK;
/* The manual ones that carry the tag, all pages; fn returns non-zero to stop. */
int redshift_list_snapshots(struct aws_client *c, const struct aws_tag *tag,
			    int (*fn)(void *arg, const struct redshift_snapshot *s), void *arg,
			    struct err *err) MUST_CHECK;
/* ClusterSnapshotNotFound, InvalidClusterSnapshotState. */
int redshift_delete_snapshot(struct aws_client *c, const char *id, struct err *err) MUST_CHECK;
/* A new cluster with the snapshot's data, users and passwords. Of `in` are used: id, node_type and nodes (NULL and 0:
 * the snapshot's), port, role_arn, group_id, subnet_group, publicly_accessible, encrypted. Tags cannot be given in this
 * call: see redshift_create_tags(). ClusterAlreadyExists, ClusterSnapshotNotFound, InvalidClusterSnapshotState. */
int redshift_restore_cluster(struct aws_client *c, const char *snapshot, const struct redshift_create *in,
			     struct err *err) MUST_CHECK;

#endif
