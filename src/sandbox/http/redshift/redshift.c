/* Redshift's API: the table of actions and what they share.
 *
 * Documents of kind "redshift:cluster", id "<region>/<identifier>":
 *   id, region                  identifier in lower case; where it is
 *   status, statusMs            "creating", "available", ...: clusters.h moves it; since when
 *   pending{}                   members that take the place of these here when the state ends
 *   endpointName                12 characters, as in AWS's host names
 *   endpointHost, endpointPort  where clients connect; written by clusters.h, absent until then
 *   failure                     why something failed; written by clusters.h
 *   folder                      of its data
 *   dbName, masterUsername      database and its owner
 *   masterVerifier              "md5" + md5(password + user); the password itself is kept nowhere
 *   masterSecretArn             "" or absent unless AWS manages the password
 *   port, vpcId, vpcSecurityGroupIds[], subnetGroup, availabilityZone, publiclyAccessible, enhancedVpcRouting
 *   nodeType, nodes, clusterType ("single-node", "multi-node"), encrypted, kmsKeyId
 *   iamRoles[] (ARNs), defaultIamRoleArn
 *   appliedGroup, appliedParameters{}  what the server was started with; written by clusters.h
 *   parameterGroup (in lower case), version, allowVersionUpgrade, maintenanceWindow, snapshotRetention, manualRetention
 *   resize{type, targetType, targetNodes, targetKind, status, startedMs, endedMs}  the last one
 *   restoreFolder, restoreSnapshot  when it was made from a snapshot
 *   logging{bucket, prefix, destination, exports[], ...}  see redshift_audit.c
 *   namespace                   a UUID
 *   createdMs, tags{}
 * "redshift:snapshot": see redshift_snapshot.c; "redshift:subnet-group", "redshift:parameter-group",
 * "redshift:scheduled-action", "redshift:event": see their files. */
#include "sandbox/http/redshift/redshift.h"

#include "spark/sandbox/clusters.h"

void redshift_lower(const char *text, char *out, size_t size)
{
	size_t len = strnlen(text, size - 1);

	for (size_t i = 0; i < len; i++)
		out[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]);
	out[len] = 0;
}

struct json *redshift_copy_as(const struct world *w, const struct json *doc, const char *status, struct err *err)
{
	struct json *copy = json_copy(doc);

	if (copy && json_set_str(copy, "status", status) == 0 &&
	    json_set_int(copy, "statusMs", clock_now(w->clock)) == 0)
		return copy;
	json_free(copy);
	err_nomem(err);
	return NULL;
}

int redshift_require(const struct params *p, const char *name, const char **out, struct err *err)
{
	*out = params_get(p, name);
	if (!*out || !**out)
		return service_error(err, 400, "MissingParameter", "The request must contain the parameter %s", name);
	return 0;
}

int redshift_doc_id(const struct caller *who, const struct params *p, char out[128], struct err *err)
{
	const char *id;
	char lower[CLUSTER_ID_MAX + 1];

	if (redshift_require(p, "ClusterIdentifier", &id, err) < 0)
		return -1;
	/* A longer name is nobody's; it is cut so that the message stays readable. */
	redshift_lower(id, lower, sizeof(lower));
	snprintf(out, 128, "%s/%s", who->region, lower);
	return 0;
}

const struct json *redshift_find(struct world *w, const struct caller *who, const struct params *p, struct err *err)
{
	const struct json *doc;
	char id[128];

	if (redshift_doc_id(who, p, id, err) < 0)
		return NULL;
	doc = strlen(params_get(p, "ClusterIdentifier")) > CLUSTER_ID_MAX ? NULL
									  : store_get(w->store, CLUSTER_KIND, id);
	if (!doc)
		service_error(err, 404, "ClusterNotFound", "Cluster %s not found.", strchr(id, '/') + 1);
	return doc;
}

const char *redshift_list_item(const struct params *p, const char *list, const char *item, int n)
{
	const char *value = params_getf(p, "%s.%s.%d", list, item, n);

	return value ? value : params_getf(p, "%s.member.%d", list, n);
}

int redshift_page(const struct params *p, const char **after, int64_t *max, struct err *err)
{
	*after = params_get(p, "Marker");
	if (!*after)
		*after = "";
	return params_int(p, "MaxRecords", 100, 20, 100, max, err);
}

/* ---- lists ---- */

struct walk {
	struct world *w;
	const struct params *p;
	const struct redshift_list *list;
	struct buf *out;
	const char *after;
	int64_t max, count;
	char last[320];
	bool more;
};

static int write_row(void *arg, const char *id, const struct json *doc)
{
	struct walk *walk = arg;
	const char *name = strchr(id, '/') + 1;

	if (strcmp(name, walk->after) <= 0 || !redshift_tags_match(walk->p, json_get(doc, "tags")) ||
	    (walk->list->match && !walk->list->match(walk->list->arg, doc)))
		return 0;
	if (walk->count == walk->max) {
		walk->more = true;
		return 1;
	}
	walk->list->write(walk->w, doc, walk->out);
	snprintf(walk->last, sizeof(walk->last), "%s", name);
	walk->count++;
	return 0;
}

int redshift_write_list(struct world *w, const struct caller *who, const struct params *p,
			const struct redshift_list *list, struct buf *out, struct err *err)
{
	struct walk walk = { .w = w, .p = p, .list = list, .out = out };
	char prefix[64];

	if (redshift_page(p, &walk.after, &walk.max, err) < 0)
		return -1;
	snprintf(prefix, sizeof(prefix), "%s/", who->region);
	xml_open(out, list->element);
	if (list->first && !*walk.after && redshift_tags_match(p, NULL))
		walk.count = list->first(w, who, out);
	store_each(w->store, list->kind, prefix, write_row, &walk);
	xml_close(out, list->element);
	if (walk.more)
		xml_element(out, "Marker", walk.last);
	return buf_check(out, "reply", err);
}

/* ---- actions ---- */

static int follow(struct world *w, const struct caller *who, const struct params *p, struct err *err)
{
	char id[128];

	if (redshift_doc_id(who, p, id, err) < 0)
		return -1;
	return clusters_follow(w->clusters, id, err);
}

/* The document is gone for good before its data goes. */
static int sweep(struct world *w, const struct caller *who, const struct params *p, struct err *err)
{
	(void)who;
	(void)p;
	(void)err;
	clusters_sweep_snapshots(w->clusters);
	return 0;
}

static const struct action actions[] = {
	{ "BatchDeleteClusterSnapshots", redshift_delete_snapshots, sweep },
	{ "BatchModifyClusterSnapshots", redshift_modify_snapshots, sweep },
	{ "CancelResize", redshift_cancel_resize, follow },
	{ "CopyClusterSnapshot", redshift_copy_snapshot, NULL },
	{ "CreateCluster", redshift_create_cluster_call, follow },
	{ "CreateClusterParameterGroup", redshift_create_parameter_group, NULL },
	{ "CreateClusterSnapshot", redshift_create_snapshot, follow },
	{ "CreateClusterSubnetGroup", redshift_create_subnet_group, NULL },
	{ "CreateScheduledAction", redshift_create_schedule, NULL },
	{ "CreateTags", redshift_create_tags, NULL },
	{ "DeleteCluster", redshift_delete_cluster_call, follow },
	{ "DeleteClusterParameterGroup", redshift_delete_parameter_group, NULL },
	{ "DeleteClusterSnapshot", redshift_delete_snapshot, sweep },
	{ "DeleteClusterSubnetGroup", redshift_delete_subnet_group, NULL },
	{ "DeleteScheduledAction", redshift_delete_schedule, NULL },
	{ "DeleteTags", redshift_delete_tags, NULL },
	{ "DescribeAccountAttributes", redshift_describe_attributes, NULL },
	{ "DescribeAuthenticationProfiles", redshift_describe_none, NULL },
	{ "DescribeClusterParameterGroups", redshift_describe_parameter_groups, NULL },
	{ "DescribeClusterParameters", redshift_describe_parameters, NULL },
	{ "DescribeClusterSecurityGroups", redshift_describe_none, NULL },
	{ "DescribeClusterSnapshots", redshift_describe_snapshots, NULL },
	{ "DescribeClusterSubnetGroups", redshift_describe_subnet_groups, NULL },
	{ "DescribeClusterTracks", redshift_describe_tracks, NULL },
	{ "DescribeClusterVersions", redshift_describe_versions, NULL },
	{ "DescribeClusters", redshift_describe_clusters, NULL },
	{ "DescribeDataShares", redshift_describe_none, NULL },
	{ "DescribeDataSharesForConsumer", redshift_describe_none, NULL },
	{ "DescribeDataSharesForProducer", redshift_describe_none, NULL },
	{ "DescribeDefaultClusterParameters", redshift_describe_default_parameters, NULL },
	{ "DescribeEndpointAccess", redshift_describe_none, NULL },
	{ "DescribeEndpointAuthorization", redshift_describe_none, NULL },
	{ "DescribeEventSubscriptions", redshift_describe_none, NULL },
	{ "DescribeEvents", redshift_describe_events, NULL },
	{ "DescribeHsmClientCertificates", redshift_describe_none, NULL },
	{ "DescribeHsmConfigurations", redshift_describe_none, NULL },
	{ "DescribeLoggingStatus", redshift_describe_logging, NULL },
	{ "DescribeNodeConfigurationOptions", redshift_describe_node_options, NULL },
	{ "DescribeOrderableClusterOptions", redshift_describe_orderable, NULL },
	{ "DescribePartners", redshift_describe_none, NULL },
	{ "DescribeReservedNodes", redshift_describe_none, NULL },
	{ "DescribeResize", redshift_describe_resize, NULL },
	{ "DescribeScheduledActions", redshift_describe_schedules, NULL },
	{ "DescribeSnapshotCopyGrants", redshift_describe_none, NULL },
	{ "DescribeSnapshotSchedules", redshift_describe_none, NULL },
	{ "DescribeStorage", redshift_describe_storage, NULL },
	{ "DescribeTableRestoreStatus", redshift_describe_none, NULL },
	{ "DescribeTags", redshift_describe_tags, NULL },
	{ "DescribeUsageLimits", redshift_describe_none, NULL },
	{ "DisableLogging", redshift_disable_logging, NULL },
	{ "DisableSnapshotCopy", redshift_disable_snapshot_copy, NULL },
	{ "EnableLogging", redshift_enable_logging, NULL },
	{ "GetClusterCredentials", redshift_get_credentials, NULL },
	{ "GetClusterCredentialsWithIAM", redshift_get_credentials_iam, NULL },
	{ "ModifyAquaConfiguration", redshift_modify_aqua, NULL },
	{ "ModifyCluster", redshift_modify_cluster, follow },
	{ "ModifyClusterIamRoles", redshift_modify_roles, NULL },
	{ "ModifyClusterParameterGroup", redshift_modify_parameter_group, NULL },
	{ "ModifyClusterSnapshot", redshift_modify_snapshot, sweep },
	{ "ModifyClusterSubnetGroup", redshift_modify_subnet_group, NULL },
	{ "ModifyScheduledAction", redshift_modify_schedule, NULL },
	{ "PauseCluster", redshift_pause, follow },
	{ "RebootCluster", redshift_reboot, follow },
	{ "ResetClusterParameterGroup", redshift_reset_parameter_group, NULL },
	{ "ResizeCluster", redshift_resize, follow },
	{ "RestoreFromClusterSnapshot", redshift_restore, follow },
	{ "ResumeCluster", redshift_resume, follow },
};

int redshift_run(struct world *w, const struct caller *who, const char *action, const char *form, struct err *err)
{
	struct http_request r = { .method = "POST", .target = "/", .query = form };
	const struct action *a = NULL;
	struct params *p = NULL;
	struct buf out;
	int rc = -1;

	buf_init(&out, BUF_MAX_DEFAULT);
	for (size_t i = 0; !a && i < sizeof(actions) / sizeof(*actions); i++)
		if (strcmp(actions[i].name, action) == 0)
			a = &actions[i];
	if (!a) {
		err_set(err, ERR_BUG, "there is no action '%s'", action);
		goto out;
	}
	if (params_parse(&r, &p, err))
		goto out;
	store_lock(w->store);
	rc = a->handle(w, who, p, &out, err);
	if (!rc)
		rc = store_commit(w->store, err);
	if (rc)
		store_rollback(w->store);
	store_unlock(w->store);
	if (!rc && a->after)
		rc = a->after(w, who, p, err);
out:
	params_free(p);
	buf_wipe(&out);
	return rc;
}

const struct service service_redshift = {
	.name = "redshift",
	.version = "2012-12-01",
	.xmlns = "http://redshift.amazonaws.com/doc/2012-12-01/",
	.actions = actions,
	.action_count = sizeof(actions) / sizeof(*actions),
};
