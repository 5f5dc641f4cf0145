#ifndef SPARK_SANDBOX_HTTP_REDSHIFT_H
#define SPARK_SANDBOX_HTTP_REDSHIFT_H

#include "spark/base/xml.h"
#include "spark/sandbox/http.h"

#define CLUSTER_KIND   "redshift:cluster"
#define CLUSTER_ID_MAX 63
#define TAGS_MAX       50

typedef int redshift_handler(struct world *w, const struct caller *who, const struct params *p, struct buf *out,
			     struct err *err);
redshift_handler redshift_create_cluster_call, redshift_delete_cluster_call, redshift_modify_roles;
redshift_handler redshift_describe_clusters, redshift_describe_logging, redshift_get_credentials;
redshift_handler redshift_describe_subnet_groups, redshift_describe_parameter_groups, redshift_describe_orderable;
redshift_handler redshift_create_tags, redshift_delete_tags, redshift_describe_tags;

/* redshift.c */
/* "<region>/<identifier in lower case>" from the ClusterIdentifier parameter; MissingParameter. */
int redshift_doc_id(const struct caller *who, const struct params *p, char out[128], struct err *err) MUST_CHECK;
/* Lends the document of the cluster that the call names; ClusterNotFound. */
const struct json *redshift_find(struct world *w, const struct caller *who, const struct params *p, struct err *err);
/* "list.item.N" or "list.member.N", n from 1; NULL behind the last. */
const char *redshift_list_item(const struct params *p, const char *list, const char *item, int n);
/* Marker and MaxRecords: the id behind which the page begins, and how many it holds. */
int redshift_page(const struct params *p, const char **after, int64_t *max, struct err *err) MUST_CHECK;
int redshift_require(const struct params *p, const char *name, const char **out, struct err *err) MUST_CHECK;

/* redshift_write.c */
/* The <Cluster> element. before (may be NULL): the document before a change, so that roles show as adding, removing. */
void redshift_write_cluster(struct world *w, const struct json *doc, const struct json *before, struct buf *out);
void redshift_write_tags(const struct json *tags, struct buf *out);
void redshift_cluster_arn(struct world *w, const struct json *doc, char out[256]);

/* redshift_nodes.c */
struct redshift_node {
	const char *name;
	int min_nodes, max_nodes;
	int64_t storage_mb;        /* managed storage per node */
	int64_t single_storage_mb; /* of a cluster of one node */
};
/* Node types that can be ordered; NULL when it is none. */
const struct redshift_node *redshift_node_find(const char *name);
const struct redshift_node *redshift_node_at(size_t index);

/* redshift_validate.c: each sets the service's error. */
int redshift_check_identifier(const char *id, struct err *err) MUST_CHECK;
int redshift_check_database(const char *name, struct err *err) MUST_CHECK;
int redshift_check_user(const char *parameter, const char *name, struct err *err) MUST_CHECK;
int redshift_check_password(const char *password, struct err *err) MUST_CHECK;
int redshift_check_nodes(const struct params *p, const struct redshift_node **type, int64_t *nodes,
			 struct err *err) MUST_CHECK;
int redshift_check_port(const struct params *p, int64_t *port, struct err *err) MUST_CHECK;
int redshift_check_role_arn(const char *arn, struct err *err) MUST_CHECK;
int redshift_check_window(const char *window, struct err *err) MUST_CHECK;
/* Refuses parameters of CreateCluster that ask for what is not there. */
int redshift_refuse_unsupported(const struct params *p, struct err *err) MUST_CHECK;

/* redshift_tags.c */
/* Adds Tags.Tag.N to the object. InvalidTagFault, TagLimitExceededFault. */
int redshift_take_tags(const struct params *p, struct json *tags, struct err *err) MUST_CHECK;
/* Does an object of tags pass TagKeys and TagValues? */
bool redshift_tags_match(const struct params *p, const struct json *tags);

/* redshift_network.c: what Redshift asks of EC2's resources. */
struct redshift_subnet {
	char id[32], zone[32];
};
/* The default VPC of the region ("" when there is none) and its default security group. */
void redshift_default_network(struct world *w, const char *region, char vpc[32], char group[32]);
bool redshift_group_exists(struct world *w, const char *region, const char *group);
/* Calls fn for each subnet of the VPC. */
void redshift_each_subnet(struct world *w, const char *region, const char *vpc,
			  void (*fn)(void *arg, const struct redshift_subnet *s), void *arg);

#endif
