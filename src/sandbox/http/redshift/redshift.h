#ifndef SPARK_SANDBOX_HTTP_REDSHIFT_H
#define SPARK_SANDBOX_HTTP_REDSHIFT_H

#include "spark/base/xml.h"
#include "spark/sandbox/http.h"

#define CLUSTER_KIND   "redshift:cluster"
#define CLUSTER_ID_MAX 63
#define TAGS_MAX       50

typedef int redshift_handler(struct world *w, const struct caller *who, const struct params *p, struct buf *out,
			     struct err *err);
/* A handler's head, for files of many. */
#define REDSHIFT_HANDLER(name) \
	int name(struct world *w, const struct caller *who, const struct params *p, struct buf *out, struct err *err)

redshift_handler redshift_create_cluster_call, redshift_delete_cluster_call, redshift_modify_roles;
redshift_handler redshift_modify_cluster, redshift_pause, redshift_resume, redshift_reboot;
redshift_handler redshift_resize, redshift_describe_resize, redshift_cancel_resize;
redshift_handler redshift_create_snapshot, redshift_describe_snapshots, redshift_delete_snapshot;
redshift_handler redshift_copy_snapshot, redshift_modify_snapshot, redshift_restore;
redshift_handler redshift_delete_snapshots, redshift_modify_snapshots;
redshift_handler redshift_describe_clusters, redshift_get_credentials, redshift_get_credentials_iam;
redshift_handler redshift_enable_logging, redshift_disable_logging, redshift_describe_logging;
redshift_handler redshift_create_subnet_group, redshift_modify_subnet_group, redshift_delete_subnet_group;
redshift_handler redshift_describe_subnet_groups;
redshift_handler redshift_create_parameter_group, redshift_delete_parameter_group, redshift_describe_parameter_groups;
redshift_handler redshift_modify_parameter_group, redshift_reset_parameter_group;
redshift_handler redshift_describe_parameters, redshift_describe_default_parameters;
redshift_handler redshift_create_schedule, redshift_modify_schedule, redshift_delete_schedule;
redshift_handler redshift_describe_schedules;
redshift_handler redshift_describe_orderable, redshift_describe_node_options, redshift_describe_versions;
redshift_handler redshift_describe_attributes, redshift_describe_tracks, redshift_describe_storage;
redshift_handler redshift_describe_events;
redshift_handler redshift_describe_none, redshift_disable_snapshot_copy, redshift_modify_aqua;
redshift_handler redshift_create_tags, redshift_delete_tags, redshift_describe_tags;

struct redshift_subnet {
	char id[32], zone[32], vpc[32];
};
struct redshift_node;

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

/* Lower-case letters; cut to the room. */
void redshift_lower(const char *text, char *out, size_t size);
/* A copy of a document that waits in the state `status` from now on; NULL with err. */
struct json *redshift_copy_as(const struct world *w, const struct json *doc, const char *status, struct err *err);
/* A list in the order of its ids, page by page: rows of the caller's region that pass TagKeys and TagValues, and
 * `match` when there is one. The marker is the id of the last one shown. */
struct redshift_list {
	const char *kind, *element; /* "redshift:cluster", "Clusters" */
	bool (*match)(void *arg, const struct json *doc);
	void (*write)(struct world *w, const struct json *doc, struct buf *out);
	void *arg;
	/* What comes before all rows, on the first page, and has no tags; how many they are. */
	int (*first)(struct world *w, const struct caller *who, struct buf *out);
};
int redshift_write_list(struct world *w, const struct caller *who, const struct params *p,
			const struct redshift_list *list, struct buf *out, struct err *err) MUST_CHECK;
/* Runs an action as the front door does, commit and all: for what the sandbox does by itself. The form is a query. */
int redshift_run(struct world *w, const struct caller *who, const char *action, const char *form,
		 struct err *err) MUST_CHECK;

/* redshift_state.c */
/* Refuses with InvalidClusterState what must wait until nothing is under way. */
int redshift_check_idle(struct world *w, const struct json *doc, struct err *err) MUST_CHECK;
/* Will a cluster that is being renamed have that id? */
bool redshift_name_wanted(struct world *w, const char *doc_id);
/* Puts the changed document and writes the <Cluster>; takes doc. */
int redshift_put_cluster(struct world *w, const char *doc_id, struct json *doc, struct buf *out,
			 struct err *err) MUST_CHECK;

/* redshift_create.c */
/* No cluster has or will have that id, there is room for one more, and the port is free. */
int redshift_check_room(struct world *w, const char *doc_id, int64_t port, struct err *err) MUST_CHECK;
int redshift_fill_identity(const struct world *w, const struct caller *who, const char *id, struct json *doc,
			   struct err *err) MUST_CHECK;

/* redshift_place.c */
struct redshift_place {
	char subnet_group[256], vpc[32], zone[40];
	char group[32]; /* the VPC's default security group */
};
/* From ClusterSubnetGroupName and AvailabilityZone. */
int redshift_find_place(struct world *w, const struct caller *who, const struct params *p, struct redshift_place *place,
			struct err *err) MUST_CHECK;
/* Sets vpcSecurityGroupIds when the call names some; they must be the VPC's. */
int redshift_take_groups(struct world *w, const struct caller *who, const struct params *p, const char *vpc,
			 struct json *into, struct err *err) MUST_CHECK;
int redshift_set_default_group(struct json *doc, const char *group, struct err *err) MUST_CHECK;
/* PostgreSQL's own form: "md5" and the MD5 of password and user. */
int redshift_make_verifier(const char *password, const char *user, char out[36], struct err *err) MUST_CHECK;
/* The 12 characters of host names, and a UUID. */
int redshift_make_ids(char name[16], char space[40], struct err *err) MUST_CHECK;

/* redshift_roles.c */
/* Adds the ARNs of a list parameter. */
int redshift_take_roles(const struct params *p, const char *list, struct json *roles, struct err *err) MUST_CHECK;
int redshift_set_default_role(const struct params *p, struct json *doc, struct err *err) MUST_CHECK;

/* redshift_settings.c */
/* Settings that several calls may change, checked, into the object as members of a cluster's document. */
int redshift_take_settings(struct world *w, const struct caller *who, const struct params *p,
			   const struct redshift_node *type, struct json *into, struct err *err) MUST_CHECK;
/* Can the setting be changed at once, with no work? */
bool redshift_setting_is_light(const char *member);

/* redshift_subnets.c */
/* Lends the document; ClusterSubnetGroupNotFoundFault. */
const struct json *redshift_subnet_group(struct world *w, const struct caller *who, const char *name, struct err *err);
void redshift_each_group_subnet(struct world *w, const struct json *group,
				void (*fn)(void *arg, const struct redshift_subnet *s), void *arg);

/* redshift_parameters.c */
/* ClusterParameterGroupNotFound. */
int redshift_check_parameter_group(struct world *w, const struct caller *who, const char *name,
				   struct err *err) MUST_CHECK;

/* The <ClusterParameterGroups> of a cluster: which of the group's values its server was started with, and which wait
 * for the next start. */
void redshift_write_applied_group(struct world *w, const struct json *cluster, struct buf *out);

/* redshift_snapshot.c */
/* "<region>/<identifier>", in lower case. */
void redshift_snapshot_id(const char *region, const char *name, char out[400]);
/* The document of a new snapshot, "creating"; put, not committed. Its <Snapshot> is written; out NULL: a final one.
 * AlreadyExists, quota, retention. */
int redshift_new_snapshot(struct world *w, const struct params *p, const struct json *cluster, const char *name,
			  struct buf *out, struct err *err) MUST_CHECK;
/* The document of an automated one, "rs:<cluster>-<time>"; put, not committed. */
int redshift_new_automated_snapshot(struct world *w, const struct json *cluster, struct err *err) MUST_CHECK;
/* Is a cluster being made from its data? */
bool redshift_snapshot_is_restored(struct world *w, const struct json *doc);
/* Lends the document; cluster (may be NULL or ""): the one that it must be of. ClusterSnapshotNotFound. */
const struct json *redshift_snapshot_named(struct world *w, const struct caller *who, const char *name,
					   const char *cluster, struct err *err);
const struct json *redshift_find_snapshot(struct world *w, const struct caller *who, const struct params *p,
					  const char *parameter, struct err *err);
/* Days that a manual snapshot is kept: -1 for ever. InvalidRetentionPeriodFault. */
int redshift_take_retention(const struct params *p, const char *parameter, int64_t fallback, int64_t *days,
			    struct err *err) MUST_CHECK;
struct redshift_retention {
	int64_t days;
	bool force; /* what is older already is deleted, not refused */
};
/* Both are put, not committed, and nothing is put when they refuse. out (may be NULL): its <Snapshot> is written. */
int redshift_retain_snapshot(struct world *w, const struct caller *who, const struct json *doc,
			     const struct redshift_retention *r, struct buf *out, struct err *err) MUST_CHECK;
int redshift_remove_snapshot(struct world *w, const struct caller *who, const struct json *doc, struct buf *out,
			     struct err *err) MUST_CHECK;
/* Is a snapshot of that cluster being taken? */
bool redshift_snapshot_under_way(struct world *w, const char *cluster_doc_id);

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
	bool retired;              /* not offered for new clusters */
};
/* NULL when it is no node type. */
const struct redshift_node *redshift_node_find(const char *name);
const struct redshift_node *redshift_node_at(size_t index);

/* redshift_validate.c: each sets the service's error. */
/* AquaConfigurationStatus (may be NULL); what it says has no meaning any more. */
int redshift_check_aqua(const char *status, struct err *err) MUST_CHECK;
int redshift_check_identifier(const char *id, struct err *err) MUST_CHECK;
int redshift_check_database(const char *name, struct err *err) MUST_CHECK;
int redshift_check_user(const char *parameter, const char *name, struct err *err) MUST_CHECK;
int redshift_check_password(const char *password, struct err *err) MUST_CHECK;
/* retired: node types that are not offered any more will do. */
int redshift_check_nodes(const struct params *p, bool retired, const struct redshift_node **type, int64_t *nodes,
			 struct err *err) MUST_CHECK;
/* NodeType, ClusterType and NumberOfNodes of a cluster that is there; what is not given stays. */
struct redshift_shape {
	const struct redshift_node *type;
	const char *kind;
	int64_t nodes;
	bool changes;
};
int redshift_check_shape(const struct params *p, const struct json *doc, bool retired, struct redshift_shape *out,
			 struct err *err) MUST_CHECK;
/* redshift_resize.c: notes in the document that a resize begins. */
int redshift_begin_resize(struct world *w, struct json *doc, const struct redshift_shape *shape, bool classic,
			  struct err *err) MUST_CHECK;
/* Of a cluster without automated snapshots. */
int redshift_check_retention(const struct redshift_node *type, struct err *err) MUST_CHECK;
int redshift_check_port(const struct params *p, const struct redshift_node *type, int64_t fallback, int64_t *port,
			struct err *err) MUST_CHECK;
int redshift_check_port_free(struct world *w, int64_t port, struct err *err) MUST_CHECK;
int redshift_check_role_arn(const char *arn, struct err *err) MUST_CHECK;
int redshift_check_window(const char *window, struct err *err) MUST_CHECK;
/* redshift_password.c: what MasterUserPassword and ManageMasterPassword ask for. */
struct redshift_password {
	bool changes;
	char verifier[36];
	char secret_arn[360]; /* "": not managed by AWS */
};
/* doc: the cluster's, or of a new one id and masterUsername only; then no password at all leaves changes false. */
int redshift_take_password(const struct world *w, const struct caller *who, const struct params *p,
			   const struct json *doc, struct redshift_password *out, struct err *err) MUST_CHECK;
int redshift_set_password(struct json *doc, const struct redshift_password *password, struct err *err) MUST_CHECK;
/* Refuses parameters of CreateCluster that ask for what is not there. */
int redshift_refuse_unsupported(const struct params *p, struct err *err) MUST_CHECK;

/* redshift_tags.c */
/* Adds Tags.Tag.N to the object. InvalidTagFault, TagLimitExceededFault. */
int redshift_take_tags(const struct params *p, struct json *tags, struct err *err) MUST_CHECK;
/* Does an object of tags pass TagKeys and TagValues? */
bool redshift_tags_match(const struct params *p, const struct json *tags);

/* redshift_network.c: what Redshift asks of EC2's resources. */
/* The default VPC of the region ("" when there is none) and its default security group. */
void redshift_default_network(struct world *w, const char *region, char vpc[32], char group[32]);
void redshift_default_group(struct world *w, const char *region, const char *vpc, char group[32]);
bool redshift_find_subnet(struct world *w, const char *region, const char *subnet, struct redshift_subnet *out);
/* Calls fn for each subnet of the VPC. */
void redshift_each_subnet(struct world *w, const char *region, const char *vpc,
			  void (*fn)(void *arg, const struct redshift_subnet *s), void *arg);

#endif
