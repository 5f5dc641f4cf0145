/* RestoreFromClusterSnapshot: a new cluster with the data and the properties of an old one. */
#include "sandbox/http/redshift/redshift.h"
#include "spark/sandbox/clusters.h"

struct restoration {
	const struct json *snapshot, *cluster; /* the snapshot's document, and the old cluster's in it */
	struct redshift_shape shape;
	struct redshift_place place;
	int64_t port;
	char doc_id[128];
};

static const struct json *find_source(struct world *w, const struct caller *who, const struct params *p,
				      struct err *err)
{
	const char *arn = params_get(p, "SnapshotArn"), *name = params_get(p, "SnapshotIdentifier"), *slash;
	const struct json *doc;
	char id[400];

	if ((!name || !*name) && arn && *arn) {
		slash = strrchr(arn, '/');
		redshift_snapshot_id(who->region, slash ? slash + 1 : arn, id);
		doc = store_get(w->store, "redshift:snapshot", id);
		if (!doc)
			service_error(err, 404, "ClusterSnapshotNotFound", "Snapshot not found: %.300s", arn);
	} else {
		doc = redshift_find_snapshot(w, who, p, "SnapshotIdentifier", err);
	}
	if (doc && strcmp(json_str(doc, "status", ""), "available") != 0) {
		service_error(err, 400, "InvalidClusterSnapshotState", "The snapshot %s is %s, not available.",
			      json_str(doc, "id", ""), json_str(doc, "status", ""));
		return NULL;
	}
	return doc;
}

static int check_order(struct world *w, const struct caller *who, const struct params *p, struct restoration *r,
		       struct err *err)
{
	const char *name;
	bool manage;

	if (params_bool(p, "ManageMasterPassword", false, &manage, err) < 0)
		return -1;
	if (manage)
		return service_error(err, 400, "UnsupportedOperation",
				     "The sandbox does not support the parameter ManageMasterPassword of a restored "
				     "cluster");
	if (redshift_require(p, "ClusterIdentifier", &name, err) < 0 || redshift_check_identifier(name, err) < 0 ||
	    redshift_doc_id(who, p, r->doc_id, err) < 0 || redshift_refuse_unsupported(p, err) < 0)
		return -1;
	r->snapshot = find_source(w, who, p, err);
	if (!r->snapshot)
		return -1;
	r->cluster = json_get(r->snapshot, "cluster");
	/* The old node type will do, even one that is not offered any more. */
	if (redshift_check_shape(p, r->cluster, clusters_allow_retired(w->clusters), &r->shape, err) < 0 ||
	    redshift_check_port(p, r->shape.type, json_int(r->cluster, "port", 5439), &r->port, err) < 0 ||
	    redshift_find_place(w, who, p, &r->place, err) < 0)
		return -1;
	return redshift_check_room(w, r->doc_id, r->port, err);
}

static int fill_place(const struct restoration *r, struct json *doc, struct err *err)
{
	if (json_set_str(doc, "subnetGroup", r->place.subnet_group) < 0 ||
	    json_set_str(doc, "vpcId", r->place.vpc) < 0 || json_set_str(doc, "availabilityZone", r->place.zone) < 0 ||
	    json_set_int(doc, "port", r->port) < 0 || json_set_str(doc, "nodeType", r->shape.type->name) < 0 ||
	    json_set_int(doc, "nodes", r->shape.nodes) < 0 || json_set_str(doc, "clusterType", r->shape.kind) < 0 ||
	    json_set_str(doc, "restoreFolder", json_str(r->snapshot, "folder", "")) < 0 ||
	    json_set_str(doc, "restoreSnapshot", json_str(r->snapshot, "id", "")) < 0 ||
	    json_set_int(doc, "restoreMb", json_int(r->snapshot, "sizeMb", 0)) < 0)
		return err_nomem(err);
	return redshift_set_default_group(doc, r->place.group, err);
}

/* Roles are not the old cluster's, and neither are its tags. */
static int fill_lists(struct world *w, const struct caller *who, const struct params *p, const struct restoration *r,
		      struct json *doc, struct err *err)
{
	struct json *roles = json_new_array(), *tags = json_new_object();
	int failed = roles ? json_set(doc, "iamRoles", roles) : -1;

	failed |= tags ? json_set(doc, "tags", tags) : -1;
	if (failed)
		return err_nomem(err);
	json_remove(doc, "defaultIamRoleArn");
	if (redshift_take_groups(w, who, p, r->place.vpc, doc, err) < 0 ||
	    redshift_take_roles(p, "IamRoles", json_get_mut(doc, "iamRoles"), err) < 0)
		return -1;
	return redshift_set_default_role(p, doc, err);
}

REDSHIFT_HANDLER(redshift_restore)
{
	struct restoration r;
	struct json *doc;

	if (check_order(w, who, p, &r, err) < 0)
		return -1;
	doc = json_copy(r.cluster);
	if (!doc)
		return err_nomem(err);
	json_remove(doc, "endpointHost");
	json_remove(doc, "endpointPort");
	json_remove(doc, "appliedGroup");
	json_remove(doc, "appliedParameters");
	/* The password is that of then, but nobody manages it any more. */
	json_remove(doc, "masterSecretArn");
	if (redshift_fill_identity(w, who, strchr(r.doc_id, '/') + 1, doc, err) < 0 || fill_place(&r, doc, err) < 0 ||
	    fill_lists(w, who, p, &r, doc, err) < 0 || redshift_take_settings(w, who, p, r.shape.type, doc, err) < 0) {
		json_free(doc);
		return -1;
	}
	return redshift_put_cluster(w, r.doc_id, doc, out, err);
}
