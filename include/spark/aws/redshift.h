#ifndef SPARK_AWS_REDSHIFT_H
#define SPARK_AWS_REDSHIFT_H

#include <stdbool.h>
#include <stdint.h>

#include "spark/aws/client.h"
#include "spark/aws/types.h"
#include "spark/base/secret.h"

struct redshift_role {
	char arn[256];
	char state[16]; /* "in-sync", "adding", "removing" */
};

struct redshift_cluster {
	char id[64], status[64], node_type[32], db_name[65], master_username[129];
	char host[256]; /* "" while the service tells no endpoint */
	int port;       /* 0 while unknown */
	int nodes;
	int64_t created_ms; /* 0 when unknown */
	char vpc_id[32], availability_zone[32], namespace_arn[256];
	struct redshift_role *roles;
	size_t role_count, role_cap;
	char (*group_ids)[32];
	size_t group_count, group_cap;
	struct aws_tags tags;
};
void redshift_cluster_clear(struct redshift_cluster *c);

struct redshift_create {
	const char *id, *cluster_type, *node_type, *db_name, *master_username;
	const struct secret *master_password;
	int nodes; /* sent for multi-node only */
	int port;
	const char *role_arn, *group_id;
	bool manage_password;     /* AWS makes it and keeps it in Secrets Manager; then master_password is not sent */
	const char *subnet_group; /* NULL: the default VPC's */
	bool publicly_accessible, encrypted;
	const struct aws_tag *tags;
	size_t tag_count;
};
/* ClusterAlreadyExists, ... out may be NULL. */
int redshift_create_cluster(struct aws_client *c, const struct redshift_create *in, struct redshift_cluster *out,
			    struct err *err) MUST_CHECK;
/* ClusterNotFound. */
int redshift_describe_cluster(struct aws_client *c, const char *id, struct redshift_cluster *out,
			      struct err *err) MUST_CHECK;
/* All clusters, all pages; tag_key NULL: every cluster. */
int redshift_list_clusters(struct aws_client *c, const char *tag_key, const char *tag_value,
			   int (*fn)(void *arg, const struct redshift_cluster *cluster), void *arg,
			   struct err *err) MUST_CHECK;
/* final_snapshot NULL: SkipFinalClusterSnapshot. ClusterNotFound, InvalidClusterState. */
int redshift_delete_cluster(struct aws_client *c, const char *id, const char *final_snapshot,
			    struct err *err) MUST_CHECK;
/* ClusterNotFound; InvalidClusterState when it is not paused. */
int redshift_resume_cluster(struct aws_client *c, const char *id, struct err *err) MUST_CHECK;
/* Attaches one more role. ClusterNotFound, InvalidClusterState. */
int redshift_add_cluster_iam_role(struct aws_client *c, const char *id, const char *role_arn,
				  struct err *err) MUST_CHECK;
/* Temporary database credentials for an existing user, 15 to 60 minutes. *expires_ms since 1970. */
int redshift_get_cluster_credentials(struct aws_client *c, const char *id, const char *db_user, const char *db_name,
				     int duration_s, char user_out[136], struct secret *password_out,
				     int64_t *expires_ms, struct err *err) MUST_CHECK;

#endif
