/* ModifyCluster. */
#include "sandbox/http/redshift/redshift.h"
#include "spark/sandbox/clusters.h"

static int take_password(struct world *w, const struct caller *who, const struct params *p, const struct json *doc,
			 struct json *pending, struct err *err)
{
	struct redshift_password password;

	if (redshift_take_password(w, who, p, doc, &password, err) < 0)
		return -1;
	return password.changes ? redshift_set_password(pending, &password, err) : 0;
}

static int take_port(struct world *w, const struct params *p, const struct json *doc, const struct redshift_node *type,
		     struct json *pending, struct err *err)
{
	int64_t now = json_int(doc, "port", 5439), port;

	if (redshift_check_port(p, type, now, &port, err) < 0)
		return -1;
	if (port == now)
		return 0;
	if (redshift_check_port_free(w, port, err) < 0)
		return -1;
	return json_set_int(pending, "port", port) < 0 ? err_nomem(err) : 0;
}

static int take_name(struct world *w, const struct caller *who, const struct params *p, const struct json *doc,
		     struct json *pending, struct err *err)
{
	const char *name = params_get(p, "NewClusterIdentifier");
	char lower[CLUSTER_ID_MAX + 1], id[128];

	if (!name || !*name)
		return 0;
	if (redshift_check_identifier(name, err) < 0)
		return -1;
	redshift_lower(name, lower, sizeof(lower));
	if (strcmp(lower, json_str(doc, "id", "")) == 0)
		return service_error(err, 400, "InvalidParameterValue",
				     "NewClusterIdentifier must differ from the cluster's identifier.");
	snprintf(id, sizeof(id), "%s/%s", who->region, lower);
	if (store_get(w->store, CLUSTER_KIND, id) || redshift_name_wanted(w, id))
		return service_error(err, 400, "ClusterAlreadyExists", "Cluster already exists");
	return json_set_str(pending, "id", lower) < 0 ? err_nomem(err) : 0;
}

static int take_shape(const struct redshift_shape *shape, struct json *pending, struct err *err)
{
	if (!shape->changes)
		return 0;
	if (json_set_str(pending, "nodeType", shape->type->name) < 0 ||
	    json_set_int(pending, "nodes", shape->nodes) < 0 || json_set_str(pending, "clusterType", shape->kind) < 0)
		return err_nomem(err);
	return 0;
}

static int gather(struct world *w, const struct caller *who, const struct params *p, const struct json *doc,
		  struct json *pending, struct redshift_shape *shape, struct err *err)
{
	if (redshift_check_shape(p, doc, clusters_allow_retired(w->clusters), shape, err) < 0 ||
	    take_shape(shape, pending, err) < 0 || take_password(w, who, p, doc, pending, err) < 0 ||
	    redshift_take_settings(w, who, p, shape->type, pending, err) < 0 ||
	    redshift_take_groups(w, who, p, json_str(doc, "vpcId", ""), pending, err) < 0 ||
	    take_port(w, p, doc, shape->type, pending, err) < 0 || take_name(w, who, p, doc, pending, err) < 0)
		return -1;
	if (json_count(pending) == 0)
		return service_error(err, 400, "InvalidParameterCombination",
				     "No modifications were requested for the cluster.");
	if (shape->changes && json_get(pending, "id"))
		return service_error(err, 400, "InvalidParameterCombination",
				     "A cluster cannot be resized and renamed by the same call.");
	return 0;
}

/* Settings that need no work are changed at once. */
static int apply_light(struct json *doc, struct json *pending, struct err *err)
{
	struct json *kept = json_copy(pending);
	int rc = kept ? 0 : err_nomem(err);

	for (const struct json *m = json_first(kept); !rc && m; m = json_next(m)) {
		struct json *value;

		if (!redshift_setting_is_light(json_name(m)))
			continue;
		value = json_copy(m);
		if (!value || json_set(doc, json_name(m), value) < 0)
			rc = err_nomem(err);
		json_remove(pending, json_name(m));
	}
	json_free(kept);
	return rc;
}

static const char *next_state(const struct json *pending, const struct redshift_shape *shape)
{
	if (json_count(pending) == 0)
		return "available";
	if (shape->changes)
		return "resizing";
	return json_get(pending, "id") ? "renaming" : "modifying";
}

static struct json *make_document(struct world *w, const struct json *doc, struct json *pending,
				  const struct redshift_shape *shape, struct err *err)
{
	struct json *copy;

	/* A password beside a resize is changed by neither of its steps. */
	if (shape->changes && json_get(pending, "masterVerifier")) {
		service_error(err, 400, "InvalidParameterCombination",
			      "The password cannot be changed together with the size of the cluster.");
		return NULL;
	}
	if (json_get(pending, "id") && json_get(pending, "masterVerifier")) {
		service_error(err, 400, "InvalidParameterCombination",
			      "The password cannot be changed together with the name of the cluster.");
		return NULL;
	}
	copy = redshift_copy_as(w, doc, "available", err);
	if (!copy || apply_light(copy, pending, err) < 0 ||
	    (json_set_str(copy, "status", next_state(pending, shape)) < 0 && err_nomem(err) < 0) ||
	    (shape->changes && redshift_begin_resize(w, copy, shape, true, err) < 0))
		goto failed;
	if (json_count(pending) > 0) {
		struct json *mine = json_copy(pending);

		if (!mine || json_set(copy, "pending", mine) < 0) {
			err_nomem(err);
			goto failed;
		}
	}
	return copy;
failed:
	json_free(copy);
	return NULL;
}

REDSHIFT_HANDLER(redshift_modify_cluster)
{
	const struct json *doc = redshift_find(w, who, p, err);
	struct redshift_shape shape;
	struct json *pending, *copy = NULL;
	char id[128];

	if (!doc || redshift_doc_id(who, p, id, err) < 0 || redshift_refuse_unsupported(p, err) < 0 ||
	    redshift_check_idle(w, doc, err) < 0)
		return -1;
	pending = json_new_object();
	if (!pending)
		return err_nomem(err);
	if (gather(w, who, p, doc, pending, &shape, err) == 0)
		copy = make_document(w, doc, pending, &shape, err);
	json_free(pending);
	if (!copy)
		return -1;
	return redshift_put_cluster(w, id, copy, out, err);
}
