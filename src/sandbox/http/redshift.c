/* Redshift's API: the table of actions and what they share.
 *
 * Documents of kind "redshift:cluster", id "<region>/<identifier>":
 *   id, region                  identifier in lower case; where it is
 *   status                      "creating", "available", "deleting", ...: clusters.h moves it
 *   endpointName                12 characters, as in AWS's host names
 *   endpointHost, endpointPort  where clients connect; written by clusters.h, absent until then
 *   failure                     why creating failed; written by clusters.h
 *   dbName, masterUsername      database and its owner
 *   masterVerifier              "md5" + md5(password + user); the password itself is kept nowhere
 *   port, vpcId, vpcSecurityGroupIds[], subnetGroup, availabilityZone, publiclyAccessible, enhancedVpcRouting
 *   nodeType, nodes, clusterType ("single-node", "multi-node"), encrypted, kmsKeyId
 *   iamRoles[] (ARNs), defaultIamRoleArn
 *   parameterGroup, version, allowVersionUpgrade, maintenanceWindow, snapshotRetention, manualRetention
 *   namespace                   a UUID
 *   createdMs, tags{} */
#include "sandbox/http/redshift.h"

#include "spark/sandbox/clusters.h"

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
	size_t len;

	if (redshift_require(p, "ClusterIdentifier", &id, err) < 0)
		return -1;
	/* A longer name is nobody's; it is cut so that the message stays readable. */
	len = strnlen(id, sizeof(lower) - 1);
	for (size_t i = 0; i < len; i++)
		lower[i] = (char)(id[i] >= 'A' && id[i] <= 'Z' ? id[i] + 32 : id[i]);
	lower[len] = 0;
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

static int after_create(struct world *w, const struct caller *who, const struct params *p, struct err *err)
{
	char id[128];

	if (redshift_doc_id(who, p, id, err) < 0)
		return -1;
	return clusters_create(w->clusters, id, err);
}

static int after_delete(struct world *w, const struct caller *who, const struct params *p, struct err *err)
{
	char id[128];

	if (redshift_doc_id(who, p, id, err) < 0)
		return -1;
	return clusters_delete(w->clusters, id, err);
}

static const struct action actions[] = {
	{ "CreateCluster", redshift_create_cluster_call, after_create },
	{ "CreateTags", redshift_create_tags, NULL },
	{ "DeleteCluster", redshift_delete_cluster_call, after_delete },
	{ "DeleteTags", redshift_delete_tags, NULL },
	{ "DescribeClusterParameterGroups", redshift_describe_parameter_groups, NULL },
	{ "DescribeClusterSubnetGroups", redshift_describe_subnet_groups, NULL },
	{ "DescribeClusters", redshift_describe_clusters, NULL },
	{ "DescribeLoggingStatus", redshift_describe_logging, NULL },
	{ "DescribeOrderableClusterOptions", redshift_describe_orderable, NULL },
	{ "DescribeTags", redshift_describe_tags, NULL },
	{ "GetClusterCredentials", redshift_get_credentials, NULL },
	{ "ModifyClusterIamRoles", redshift_modify_roles, NULL },
};

const struct service service_redshift = {
	.name = "redshift",
	.version = "2012-12-01",
	.xmlns = "http://redshift.amazonaws.com/doc/2012-12-01/",
	.actions = actions,
	.action_count = sizeof(actions) / sizeof(*actions),
};
