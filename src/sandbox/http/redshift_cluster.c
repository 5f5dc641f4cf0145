/* CreateCluster, DeleteCluster, ModifyClusterIamRoles. */
#include "sandbox/http/redshift.h"
#include "sandbox/regions.h"
#include "spark/base/hash.h"
#include "spark/base/mem.h"
#include "spark/base/secret.h"
#include "spark/sandbox/clusters.h"

#define ROLES_MAX 50
/* As many as there are ports for them: 5431 to 5455 and 8191 to 8215. */
#define CLUSTERS_MAX 50

/* What a creation asks for, checked. Texts are lent by the parameters. */
struct order {
	const char *id, *db, *user, *password, *zone, *window;
	char lower[CLUSTER_ID_MAX + 1], doc_id[128];
	const struct redshift_node *type;
	int64_t nodes, port, retention, manual_retention;
	bool public_access, encrypted, upgrade, routing;
	char vpc[32], group[32], zone_text[40];
};

static int check_names(const struct params *p, struct order *o, struct err *err)
{
	if (redshift_require(p, "ClusterIdentifier", &o->id, err) < 0 || redshift_check_identifier(o->id, err) < 0 ||
	    redshift_require(p, "MasterUsername", &o->user, err) < 0 ||
	    redshift_check_user("MasterUsername", o->user, err) < 0 ||
	    redshift_require(p, "MasterUserPassword", &o->password, err) < 0 ||
	    redshift_check_password(o->password, err) < 0)
		return -1;
	o->db = params_get(p, "DBName");
	if (!o->db || !*o->db)
		o->db = "dev";
	return redshift_check_database(o->db, err);
}

static int check_place(const struct caller *who, const struct params *p, struct order *o, struct err *err)
{
	const struct region_row *region = region_find(who->region);
	const char *subnets = params_get(p, "ClusterSubnetGroupName"),
		   *group = params_get(p, "ClusterParameterGroupName");
	size_t len = strlen(who->region);

	if (!region)
		return service_error(err, 400, "InvalidParameterValue", "There is no region %s", who->region);
	if (subnets && strcasecmp(subnets, "default") != 0)
		return service_error(err, 400, "ClusterSubnetGroupNotFoundFault",
				     "Cluster Subnet Group %.255s was not found.", subnets);
	if (group && strncmp(group, "default.redshift-", 17) != 0)
		return service_error(err, 404, "ClusterParameterGroupNotFound",
				     "ClusterParameterGroup not found: %.255s", group);
	o->zone = params_get(p, "AvailabilityZone");
	if (!o->zone || !*o->zone) {
		snprintf(o->zone_text, sizeof(o->zone_text), "%s%c", who->region, region->zones[0]);
		o->zone = o->zone_text;
	} else if (strncmp(o->zone, who->region, len) != 0 || strlen(o->zone) != len + 1 ||
		   !strchr(region->zones, o->zone[len])) {
		return service_error(err, 400, "InvalidParameterValue", "The availability zone %.60s is not valid",
				     o->zone);
	}
	o->window = params_get(p, "PreferredMaintenanceWindow");
	if (!o->window || !*o->window)
		o->window = "sun:08:00-sun:08:30";
	return redshift_check_window(o->window, err);
}

static int check_numbers(const struct params *p, struct order *o, struct err *err)
{
	const char *version = params_get(p, "ClusterVersion");

	if (redshift_check_nodes(p, &o->type, &o->nodes, err) < 0 || redshift_check_port(p, &o->port, err) < 0 ||
	    params_int(p, "AutomatedSnapshotRetentionPeriod", 1, 0, 35, &o->retention, err) < 0 ||
	    params_int(p, "ManualSnapshotRetentionPeriod", -1, -1, 3653, &o->manual_retention, err) < 0 ||
	    params_bool(p, "PubliclyAccessible", false, &o->public_access, err) < 0 ||
	    params_bool(p, "Encrypted", true, &o->encrypted, err) < 0 ||
	    params_bool(p, "AllowVersionUpgrade", true, &o->upgrade, err) < 0 ||
	    params_bool(p, "EnhancedVpcRouting", false, &o->routing, err) < 0)
		return -1;
	if (o->retention == 0)
		return service_error(
			err, 400, "InvalidParameterValue",
			"Automated snapshots cannot be disabled for %s: the retention period must be from 1 "
			"to 35 days.",
			o->type->name);
	if (version && strcmp(version, "1.0") != 0)
		return service_error(err, 400, "InvalidParameterValue", "Cluster version %.40s does not exist",
				     version);
	return 0;
}

/* No cluster of that name, room for one more, and its port free. */
static int check_room(struct world *w, const struct caller *who, const struct params *p, struct order *o,
		      struct err *err)
{
	struct err why = { 0 };

	if (redshift_doc_id(who, p, o->doc_id, err) < 0)
		return -1;
	snprintf(o->lower, sizeof(o->lower), "%s", strchr(o->doc_id, '/') + 1);
	if (store_get(w->store, CLUSTER_KIND, o->doc_id))
		return service_error(err, 400, "ClusterAlreadyExists", "Cluster already exists");
	if (store_count(w->store, CLUSTER_KIND, "") >= CLUSTERS_MAX)
		return service_error(err, 400, "ClusterQuotaExceeded",
				     "The request would exceed the quota of %d clusters.", CLUSTERS_MAX);
	if (clusters_check_port(w->clusters, (int)o->port, &why) == 0)
		return 0;
	if (why.kind != ERR_CONFLICT) {
		*err = why;
		return -1;
	}
	return service_error(err, 400, "InvalidParameterValue", "The port %lld cannot be used on this machine: %s",
			     (long long)o->port, why.text);
}

static struct json *take_groups(struct world *w, const struct caller *who, const struct params *p, struct order *o,
				struct err *err)
{
	struct json *groups = json_new_array();
	const char *id;
	int failed = groups ? 0 : err_nomem(err);

	redshift_default_network(w, who->region, o->vpc, o->group);
	for (int i = 1; !failed && (id = redshift_list_item(p, "VpcSecurityGroupIds", "VpcSecurityGroupId", i)); i++) {
		if (!redshift_group_exists(w, who->region, id))
			failed = service_error(err, 400, "InvalidParameterValue",
					       "Invalid security group , groupId= %.60s, groupName=.", id);
		else if (json_append_str(groups, id) < 0)
			failed = err_nomem(err);
	}
	if (!failed && json_count(groups) == 0 && *o->group && json_append_str(groups, o->group) < 0)
		failed = err_nomem(err);
	if (failed) {
		json_free(groups);
		return NULL;
	}
	return groups;
}

static bool has_text(const struct json *array, const char *text)
{
	for (const struct json *x = json_first(array); x; x = json_next(x))
		if (strcmp(json_text(x), text) == 0)
			return true;
	return false;
}

/* Adds the ARNs of a list parameter. */
static int take_roles(const struct params *p, const char *list, struct json *roles, struct err *err)
{
	const char *arn;

	for (int i = 1; (arn = redshift_list_item(p, list, "IamRoleArn", i)) != NULL; i++) {
		if (redshift_check_role_arn(arn, err) < 0)
			return -1;
		if (!has_text(roles, arn) && json_append_str(roles, arn) < 0)
			return err_nomem(err);
		if (json_count(roles) > ROLES_MAX)
			return service_error(err, 400, "InvalidParameterValue",
					     "A cluster cannot have more than %d IAM roles.", ROLES_MAX);
	}
	return 0;
}

static int set_default_role(const struct params *p, struct json *doc, struct err *err)
{
	const char *arn = params_get(p, "DefaultIamRoleArn");

	if (!arn)
		return 0;
	if (!*arn) {
		json_remove(doc, "defaultIamRoleArn");
		return 0;
	}
	if (!has_text(json_get(doc, "iamRoles"), arn))
		return service_error(err, 400, "InvalidParameterValue",
				     "The default IAM role %.200s is not associated with the cluster.", arn);
	return json_set_str(doc, "defaultIamRoleArn", arn) < 0 ? err_nomem(err) : 0;
}

/* PostgreSQL's own form: "md5" and the MD5 of password and user. */
static int make_verifier(const struct order *o, char out[4 + 32], struct err *err)
{
	unsigned char md5[MD5_SIZE];
	struct buf both = { 0 };
	int rc;

	buf_init(&both, BUF_MAX_DEFAULT);
	buf_puts(&both, o->password);
	buf_puts(&both, o->user);
	rc = buf_check(&both, "password", err);
	if (rc == 0)
		rc = hash_md5(both.data, both.len, md5, err);
	buf_wipe(&both);
	if (rc < 0)
		return -1;
	memcpy(out, "md5", 3);
	hash_hex(md5, sizeof(md5), out + 3);
	return 0;
}

static int make_ids(char name[16], char space[40], struct err *err)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz012345";
	unsigned char random[28];
	char hex[33];

	if (secret_random_bytes(random, sizeof(random), err) < 0)
		return -1;
	name[0] = 'c';
	for (int i = 1; i < 12; i++)
		name[i] = alphabet[random[i] & 31];
	name[12] = 0;
	hash_hex(random + 12, 16, hex);
	snprintf(space, 40, "%.8s-%.4s-4%.3s-a%.3s-%.12s", hex, hex + 8, hex + 13, hex + 17, hex + 20);
	return 0;
}

static int fill_texts(const struct caller *who, const struct params *p, const struct order *o, struct json *doc,
		      struct err *err)
{
	char verifier[4 + 32], name[16], space[40];
	const char *group = params_get(p, "ClusterParameterGroupName"), *key = params_get(p, "KmsKeyId");

	if (make_verifier(o, verifier, err) < 0 || make_ids(name, space, err) < 0)
		return -1;
	const struct {
		const char *member, *text;
	} texts[] = {
		{ "id", o->lower },
		{ "region", who->region },
		{ "status", "creating" },
		{ "endpointName", name },
		{ "namespace", space },
		{ "dbName", o->db },
		{ "masterUsername", o->user },
		{ "masterVerifier", verifier },
		{ "vpcId", o->vpc },
		{ "subnetGroup", "default" },
		{ "availabilityZone", o->zone },
		{ "nodeType", o->type->name },
		{ "clusterType", o->nodes == 1 ? "single-node" : "multi-node" },
		{ "parameterGroup", group ? group : "default.redshift-2.0" },
		{ "version", "1.0" },
		{ "maintenanceWindow", o->window },
		{ "kmsKeyId", key && *key ? key : NULL },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (texts[i].text && json_set_str(doc, texts[i].member, texts[i].text) < 0)
			return err_nomem(err);
	return 0;
}

static int fill_numbers(const struct world *w, const struct order *o, struct json *doc, struct err *err)
{
	if (json_set_int(doc, "port", o->port) < 0 || json_set_int(doc, "nodes", o->nodes) < 0 ||
	    json_set_int(doc, "snapshotRetention", o->retention) < 0 ||
	    json_set_int(doc, "manualRetention", o->manual_retention) < 0 ||
	    json_set_int(doc, "createdMs", clock_now(w->clock)) < 0 ||
	    json_set_bool(doc, "publiclyAccessible", o->public_access) < 0 ||
	    json_set_bool(doc, "encrypted", o->encrypted) < 0 ||
	    json_set_bool(doc, "allowVersionUpgrade", o->upgrade) < 0 ||
	    json_set_bool(doc, "enhancedVpcRouting", o->routing) < 0)
		return err_nomem(err);
	return 0;
}

static int fill_lists(struct world *w, const struct caller *who, const struct params *p, struct order *o,
		      struct json *doc, struct err *err)
{
	struct json *groups = take_groups(w, who, p, o, err);
	struct json *roles = json_new_array(), *tags = json_new_object();

	if (!groups) {
		json_free(roles);
		json_free(tags);
		return -1;
	}
	/* The document takes all three, also when it fails. */
	int failed = json_set(doc, "vpcSecurityGroupIds", groups);

	failed |= roles ? json_set(doc, "iamRoles", roles) : -1;
	failed |= tags ? json_set(doc, "tags", tags) : -1;
	if (failed)
		return err_nomem(err);
	if (take_roles(p, "IamRoles", json_get_mut(doc, "iamRoles"), err) < 0)
		return -1;
	return set_default_role(p, doc, err) < 0 ? -1 : redshift_take_tags(p, json_get_mut(doc, "tags"), err);
}

int redshift_create_cluster_call(struct world *w, const struct caller *who, const struct params *p, struct buf *out,
				 struct err *err)
{
	struct order o = { .id = NULL };
	struct json *doc;

	if (check_names(p, &o, err) < 0 || redshift_refuse_unsupported(p, err) < 0 || check_numbers(p, &o, err) < 0 ||
	    check_place(who, p, &o, err) < 0 || check_room(w, who, p, &o, err) < 0)
		return -1;
	if (!(doc = json_new_object()))
		return err_nomem(err);
	if (fill_lists(w, who, p, &o, doc, err) < 0 || fill_texts(who, p, &o, doc, err) < 0 ||
	    fill_numbers(w, &o, doc, err) < 0) {
		json_free(doc);
		return -1;
	}
	redshift_write_cluster(w, doc, NULL, out);
	if (store_put(w->store, CLUSTER_KIND, o.doc_id, doc, err) < 0)
		return -1;
	return buf_check(out, "reply", err);
}

/* Statuses from which a cluster can be deleted: those in which nothing is under way. */
static bool can_be_deleted(const char *status)
{
	return strcmp(status, "available") == 0 || strncmp(status, "incompatible-", 13) == 0 ||
	       strcmp(status, "hardware-failure") == 0 || strcmp(status, "storage-full") == 0 ||
	       strcmp(status, "failed") == 0;
}

static int check_final_snapshot(const struct params *p, struct err *err)
{
	const char *snapshot = params_get(p, "FinalClusterSnapshotIdentifier");
	bool skip;

	if (params_bool(p, "SkipFinalClusterSnapshot", false, &skip, err) < 0)
		return -1;
	if (!skip && (!snapshot || !*snapshot))
		return service_error(err, 400, "InvalidParameterCombination",
				     "FinalClusterSnapshotIdentifier is required unless SkipFinalClusterSnapshot is "
				     "specified.");
	if (skip && snapshot && *snapshot)
		return service_error(
			err, 400, "InvalidParameterCombination",
			"FinalClusterSnapshotIdentifier cannot be specified when SkipFinalClusterSnapshot is "
			"true.");
	if (!skip)
		return service_error(
			err, 400, "UnsupportedOperation",
			"The sandbox does not keep snapshots: FinalClusterSnapshotIdentifier is not supported. "
			"Nothing was deleted; SkipFinalClusterSnapshot deletes the cluster with its data.");
	return 0;
}

int redshift_delete_cluster_call(struct world *w, const struct caller *who, const struct params *p, struct buf *out,
				 struct err *err)
{
	const struct json *doc = redshift_find(w, who, p, err);
	struct json *copy;
	char id[128];

	if (!doc || redshift_doc_id(who, p, id, err) < 0 || check_final_snapshot(p, err) < 0)
		return -1;
	if (!can_be_deleted(json_str(doc, "status", "")))
		return service_error(err, 400, "InvalidClusterState",
				     "There is an operation running on the Cluster. Please try to delete it at a later "
				     "time.");
	copy = json_copy(doc);
	if (!copy || json_set_str(copy, "status", "deleting") < 0) {
		json_free(copy);
		return err_nomem(err);
	}
	redshift_write_cluster(w, copy, NULL, out);
	if (store_put(w->store, CLUSTER_KIND, id, copy, err) < 0)
		return -1;
	return buf_check(out, "reply", err);
}

static void remove_roles(const struct params *p, struct json *roles)
{
	const char *arn;

	for (int i = 1; (arn = redshift_list_item(p, "RemoveIamRoles", "IamRoleArn", i)) != NULL; i++)
		for (size_t k = json_count(roles); k > 0; k--)
			if (strcmp(json_text(json_at(roles, k - 1)), arn) == 0)
				json_remove_at(roles, k - 1);
}

static int change_roles(const struct params *p, struct json *doc, struct err *err)
{
	struct json *roles = json_get_mut(doc, "iamRoles");
	const char *standard;

	if (!roles)
		return err_set(err, ERR_BUG, "a cluster without a list of roles");
	remove_roles(p, roles);
	if (take_roles(p, "AddIamRoles", roles, err) < 0 || set_default_role(p, doc, err) < 0)
		return -1;
	standard = json_str(doc, "defaultIamRoleArn", NULL);
	if (standard && !has_text(roles, standard))
		json_remove(doc, "defaultIamRoleArn");
	return 0;
}

int redshift_modify_roles(struct world *w, const struct caller *who, const struct params *p, struct buf *out,
			  struct err *err)
{
	const struct json *doc = redshift_find(w, who, p, err);
	struct json *copy;
	char id[128];

	if (!doc || redshift_doc_id(who, p, id, err) < 0)
		return -1;
	if (strcmp(json_str(doc, "status", ""), "available") != 0)
		return service_error(
			err, 400, "InvalidClusterState",
			"The Cluster is being modified by a concurrent operation. Please check the Cluster's "
			"status and try again.");
	if (!(copy = json_copy(doc)))
		return err_nomem(err);
	if (change_roles(p, copy, err) < 0) {
		json_free(copy);
		return -1;
	}
	redshift_write_cluster(w, copy, doc, out);
	if (store_put(w->store, CLUSTER_KIND, id, copy, err) < 0)
		return -1;
	return buf_check(out, "reply", err);
}
