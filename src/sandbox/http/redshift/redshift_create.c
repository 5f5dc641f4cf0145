/* CreateCluster. */
#include "sandbox/http/redshift/redshift.h"
#include "sandbox/regions.h"
#include "spark/sandbox/clusters.h"

/* As many as there are ports for them: 5431 to 5455 and 8191 to 8215. */
#define CLUSTERS_MAX 50

/* What a creation asks for, checked. Texts are lent by the parameters. */
struct order {
	const char *id, *db, *user, *window;
	struct redshift_password password;
	char doc_id[128];
	const struct redshift_node *type;
	int64_t nodes, port, retention, manual_retention;
	bool public_access, encrypted, upgrade, routing;
	struct redshift_place place;
};

/* A password that cannot be is told before anything of the account is looked at, as every parameter is. */
static int check_password(const struct params *p, struct err *err)
{
	const char *password = params_get(p, "MasterUserPassword");
	bool managed;

	if (params_bool(p, "ManageMasterPassword", false, &managed, err) < 0)
		return -1;
	if (!password && !managed)
		return redshift_require(p, "MasterUserPassword", &password, err);
	return password ? redshift_check_password(password, err) : 0;
}

static int check_names(const struct params *p, struct order *o, struct err *err)
{
	if (redshift_require(p, "ClusterIdentifier", &o->id, err) < 0 || redshift_check_identifier(o->id, err) < 0 ||
	    redshift_require(p, "MasterUsername", &o->user, err) < 0 ||
	    redshift_check_user("MasterUsername", o->user, err) < 0 || check_password(p, err) < 0)
		return -1;
	o->db = params_get(p, "DBName");
	if (!o->db || !*o->db)
		o->db = "dev";
	return redshift_check_database(o->db, err);
}

/* id, masterUsername and the password that goes with them. */
static int fill_password(struct world *w, const struct caller *who, const struct params *p, struct order *o,
			 struct json *doc, struct err *err)
{
	if (json_set_str(doc, "masterUsername", o->user) < 0)
		return err_nomem(err);
	if (redshift_take_password(w, who, p, doc, &o->password, err) < 0)
		return -1;
	return redshift_set_password(doc, &o->password, err);
}

static int check_place(struct world *w, const struct caller *who, const struct params *p, struct order *o,
		       struct err *err)
{
	const char *group = params_get(p, "ClusterParameterGroupName");

	if ((group && redshift_check_parameter_group(w, who, group, err) < 0) ||
	    redshift_find_place(w, who, p, &o->place, err) < 0)
		return -1;
	o->window = params_get(p, "PreferredMaintenanceWindow");
	if (!o->window || !*o->window)
		o->window = "sun:08:00-sun:08:30";
	return redshift_check_window(o->window, err);
}

static int check_numbers(struct world *w, const struct params *p, struct order *o, struct err *err)
{
	const char *version = params_get(p, "ClusterVersion");

	if (redshift_check_nodes(p, clusters_allow_retired(w->clusters), &o->type, &o->nodes, err) < 0 ||
	    redshift_check_port(p, o->type, 5439, &o->port, err) < 0 ||
	    params_int(p, "AutomatedSnapshotRetentionPeriod", 1, 0, 35, &o->retention, err) < 0 ||
	    params_int(p, "ManualSnapshotRetentionPeriod", -1, -1, 3653, &o->manual_retention, err) < 0 ||
	    params_bool(p, "PubliclyAccessible", false, &o->public_access, err) < 0 ||
	    params_bool(p, "Encrypted", true, &o->encrypted, err) < 0 ||
	    params_bool(p, "AllowVersionUpgrade", true, &o->upgrade, err) < 0 ||
	    params_bool(p, "EnhancedVpcRouting", false, &o->routing, err) < 0)
		return -1;
	if (o->retention == 0 && redshift_check_retention(o->type, err) < 0)
		return -1;
	if (version && strcmp(version, "1.0") != 0)
		return service_error(err, 400, "InvalidParameterValue", "Cluster version %.40s does not exist",
				     version);
	return 0;
}

int redshift_check_room(struct world *w, const char *doc_id, int64_t port, struct err *err)
{
	if (store_get(w->store, CLUSTER_KIND, doc_id) || redshift_name_wanted(w, doc_id))
		return service_error(err, 400, "ClusterAlreadyExists", "Cluster already exists");
	if (store_count(w->store, CLUSTER_KIND, "") >= CLUSTERS_MAX)
		return service_error(err, 400, "ClusterQuotaExceeded",
				     "The request would exceed the quota of %d clusters.", CLUSTERS_MAX);
	return redshift_check_port_free(w, port, err) < 0 ? -1 : 0;
}

/* What is new with every cluster, whatever it is made from. */
int redshift_fill_identity(const struct world *w, const struct caller *who, const char *id, struct json *doc,
			   struct err *err)
{
	char name[16], space[40], folder[CLUSTER_ID_MAX + 20];
	int64_t now = clock_now(w->clock);

	if (redshift_make_ids(name, space, err) < 0)
		return -1;
	snprintf(folder, sizeof(folder), "%s-%s", id, name);
	if (json_set_str(doc, "id", id) < 0 || json_set_str(doc, "region", who->region) < 0 ||
	    json_set_str(doc, "status", "creating") < 0 || json_set_int(doc, "statusMs", now) < 0 ||
	    json_set_str(doc, "endpointName", name) < 0 || json_set_str(doc, "namespace", space) < 0 ||
	    json_set_str(doc, "folder", folder) < 0 || json_set_int(doc, "createdMs", now) < 0)
		return err_nomem(err);
	return 0;
}

static int fill_texts(const struct params *p, const struct order *o, struct json *doc, struct err *err)
{
	const char *named = params_get(p, "ClusterParameterGroupName"), *key = params_get(p, "KmsKeyId");
	char group[256];
	const struct {
		const char *member, *text;
	} texts[] = {
		{ "dbName", o->db },
		{ "vpcId", o->place.vpc },
		{ "subnetGroup", o->place.subnet_group },
		{ "availabilityZone", o->place.zone },
		{ "nodeType", o->type->name },
		{ "clusterType", o->nodes == 1 ? "single-node" : "multi-node" },
		{ "parameterGroup", group },
		{ "version", "1.0" },
		{ "maintenanceWindow", o->window },
		{ "kmsKeyId", key && *key ? key : NULL },
	};

	redshift_lower(named ? named : "default.redshift-2.0", group, sizeof(group));
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (texts[i].text && json_set_str(doc, texts[i].member, texts[i].text) < 0)
			return err_nomem(err);
	return 0;
}

static int fill_numbers(const struct order *o, struct json *doc, struct err *err)
{
	if (json_set_int(doc, "port", o->port) < 0 || json_set_int(doc, "nodes", o->nodes) < 0 ||
	    json_set_int(doc, "snapshotRetention", o->retention) < 0 ||
	    json_set_int(doc, "manualRetention", o->manual_retention) < 0 ||
	    json_set_bool(doc, "publiclyAccessible", o->public_access) < 0 ||
	    json_set_bool(doc, "encrypted", o->encrypted) < 0 ||
	    json_set_bool(doc, "allowVersionUpgrade", o->upgrade) < 0 ||
	    json_set_bool(doc, "enhancedVpcRouting", o->routing) < 0)
		return err_nomem(err);
	return 0;
}

static int fill_lists(struct world *w, const struct caller *who, const struct params *p, const struct order *o,
		      struct json *doc, struct err *err)
{
	struct json *roles = json_new_array(), *tags = json_new_object();
	/* The document takes both, also when it fails. */
	int failed = roles ? json_set(doc, "iamRoles", roles) : -1;

	failed |= tags ? json_set(doc, "tags", tags) : -1;
	if (failed)
		return err_nomem(err);
	if (redshift_take_groups(w, who, p, o->place.vpc, doc, err) < 0 ||
	    redshift_take_roles(p, "IamRoles", json_get_mut(doc, "iamRoles"), err) < 0 ||
	    redshift_set_default_role(p, doc, err) < 0)
		return -1;
	if (!json_get(doc, "vpcSecurityGroupIds") && redshift_set_default_group(doc, o->place.group, err) < 0)
		return -1;
	return redshift_take_tags(p, json_get_mut(doc, "tags"), err);
}

int redshift_create_cluster_call(struct world *w, const struct caller *who, const struct params *p, struct buf *out,
				 struct err *err)
{
	struct order o = { .id = NULL };
	struct json *doc;

	if (check_names(p, &o, err) < 0 || redshift_refuse_unsupported(p, err) < 0 ||
	    check_numbers(w, p, &o, err) < 0 || check_place(w, who, p, &o, err) < 0 ||
	    redshift_doc_id(who, p, o.doc_id, err) < 0 || redshift_check_room(w, o.doc_id, o.port, err) < 0)
		return -1;
	if (!(doc = json_new_object()))
		return err_nomem(err);
	if (redshift_fill_identity(w, who, strchr(o.doc_id, '/') + 1, doc, err) < 0 ||
	    fill_password(w, who, p, &o, doc, err) < 0 || fill_lists(w, who, p, &o, doc, err) < 0 ||
	    fill_texts(p, &o, doc, err) < 0 || fill_numbers(&o, doc, err) < 0) {
		json_free(doc);
		return -1;
	}
	redshift_write_cluster(w, doc, NULL, out);
	if (store_put(w->store, CLUSTER_KIND, o.doc_id, doc, err) < 0)
		return -1;
	return buf_check(out, "reply", err);
}
