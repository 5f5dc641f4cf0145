/* Namespaces and workgroups as the API shows them. */
#include "sandbox/http/redshift/redshift.h"
#include "sandbox/http/serverless/serverless.h"

void serverless_arn(struct world *w, const char *kind, const struct json *doc, char out[256])
{
	snprintf(out, 256, "arn:aws:redshift-serverless:%s:%s:%s/%s", json_str(doc, "region", ""), w->account,
		 strchr(kind, ':') + 1, json_str(doc, "uuid", ""));
}

static const struct json *cluster_of(struct world *w, const struct json *doc, const char *namespace_name)
{
	char id[200];

	serverless_cluster_id(json_str(doc, "region", ""), namespace_name, id, sizeof(id));
	return store_get(w->store, CLUSTER_KIND, id);
}

const char *serverless_status(struct world *w, const char *kind, const struct json *doc)
{
	bool is_namespace = !strcmp(kind, NAMESPACE_KIND);
	const char *status =
		json_str(cluster_of(w, doc, json_str(doc, is_namespace ? "name" : "namespace", "")), "status", "");

	if (is_namespace)
		return json_bool(doc, "deleting", false)  ? "DELETING"
		       : strcmp(status, "modifying") == 0 ? "MODIFYING"
							  : "AVAILABLE";
	return strcmp(status, "available") == 0 ? "AVAILABLE" : json_str(doc, "busy", "MODIFYING");
}

void serverless_resource(const struct json_call *c, char *out, size_t size)
{
	const char *arn = json_str(c->in, "resourceArn", NULL), *workgroup = json_str(c->in, "workgroupName", NULL);
	const char *name = workgroup ? workgroup : json_str(c->in, "namespaceName", NULL);
	const char *kind = workgroup ? WORKGROUP_KIND : NAMESPACE_KIND;
	const struct json *doc;
	char id[160], made[256];

	snprintf(out, size, "%s", arn ? arn : "*");
	if (arn || !name)
		return;
	snprintf(id, sizeof(id), "%s/%s", c->who->region, name);
	doc = store_get(c->w->store, kind, id);
	if (!doc)
		return;
	serverless_arn(c->w, kind, doc, made);
	snprintf(out, size, "%s", made);
}

/* Members of the documents that the API shows as they are. */
static const struct shown {
	const char *member, *from;
	enum { SHOW_TEXT, SHOW_NUMBER, SHOW_BOOL, SHOW_LIST } as;
} of_namespace[] = {
	{ "namespaceName", "name", SHOW_TEXT },
	{ "namespaceId", "uuid", SHOW_TEXT },
	{ "adminUsername", "adminUsername", SHOW_TEXT },
	{ "adminPasswordSecretArn", "adminSecretArn", SHOW_TEXT },
	{ "dbName", "dbName", SHOW_TEXT },
	{ "defaultIamRoleArn", "defaultIamRoleArn", SHOW_TEXT },
	{ "kmsKeyId", "kmsKeyId", SHOW_TEXT },
	{ "logExports", "logExports", SHOW_LIST },
}, of_workgroup[] = {
	{ "workgroupName", "name", SHOW_TEXT },
	{ "workgroupId", "uuid", SHOW_TEXT },
	{ "namespaceName", "namespace", SHOW_TEXT },
	{ "baseCapacity", "baseCapacity", SHOW_NUMBER },
	{ "maxCapacity", "maxCapacity", SHOW_NUMBER },
	{ "port", "port", SHOW_NUMBER },
	{ "enhancedVpcRouting", "enhancedVpcRouting", SHOW_BOOL },
	{ "publiclyAccessible", "publiclyAccessible", SHOW_BOOL },
	{ "securityGroupIds", "securityGroupIds", SHOW_LIST },
	{ "subnetIds", "subnetIds", SHOW_LIST },
};

static int show_member(struct json *out, const struct json *doc, const struct shown *row)
{
	const struct json *value = json_get(doc, row->from);
	struct json *copy;

	if (!value)
		return 0;
	switch (row->as) {
	case SHOW_TEXT:
		return json_set_str(out, row->member, json_str(doc, row->from, ""));
	case SHOW_NUMBER:
		return json_set_int(out, row->member, json_int(doc, row->from, 0));
	case SHOW_BOOL:
		return json_set_bool(out, row->member, json_bool(doc, row->from, false));
	default:
		copy = json_copy(value);
		return copy ? json_set(out, row->member, copy) : -1;
	}
}

static struct json *show(struct world *w, const char *kind, const struct json *doc, const struct shown *rows,
			 size_t count)
{
	struct json *out = json_new_object();
	char created[CLOCK_TEXT], arn[256];
	int failed = out ? 0 : -1;

	clock_iso(json_int(doc, "createdMs", 0), created);
	serverless_arn(w, kind, doc, arn);
	for (size_t i = 0; i < count && !failed; i++)
		failed = show_member(out, doc, &rows[i]);
	if (!failed && !json_set_str(out, "creationDate", created) &&
	    !json_set_str(out, "status", serverless_status(w, kind, doc)) &&
	    !json_set_str(out, !strcmp(kind, NAMESPACE_KIND) ? "namespaceArn" : "workgroupArn", arn))
		return out;
	json_free(out);
	return NULL;
}

/* The service prints roles as its own program's objects, and that is what its clients parse. */
static int show_roles(struct json *out, const struct json *doc)
{
	struct json *list = json_new_array();
	char text[640];

	for (const struct json *r = json_first(json_get(doc, "iamRoles")); list && r; r = json_next(r)) {
		snprintf(text, sizeof(text), "IamRole(applyStatus=in-sync, iamRoleArn=%s)", json_text(r));
		if (json_append_str(list, text)) {
			json_free(list);
			return -1;
		}
	}
	return list ? json_set(out, "iamRoles", list) : -1;
}

struct json *serverless_show_namespace(struct world *w, const struct json *doc)
{
	struct json *out = show(w, NAMESPACE_KIND, doc, of_namespace, sizeof(of_namespace) / sizeof(*of_namespace));

	if (out && !show_roles(out, doc))
		return out;
	json_free(out);
	return NULL;
}

static int show_endpoint(struct world *w, struct json *out, const struct json *doc)
{
	const struct json *cluster = cluster_of(w, doc, json_str(doc, "namespace", ""));
	const char *host = json_str(cluster, "endpointHost", NULL);
	struct json *endpoint, *none;

	if (!host || strcmp(serverless_status(w, WORKGROUP_KIND, doc), "AVAILABLE") != 0)
		return 0;
	endpoint = json_new_object();
	none = json_new_array();
	if (!endpoint || !none) {
		json_free(endpoint);
		json_free(none);
		return -1;
	}
	if (json_set(endpoint, "vpcEndpoints", none) || json_set_str(endpoint, "address", host) ||
	    json_set_int(endpoint, "port", json_int(cluster, "endpointPort", 0))) {
		json_free(endpoint);
		return -1;
	}
	return json_set(out, "endpoint", endpoint);
}

static int show_parameters(struct json *out, const struct json *doc)
{
	struct json *list = json_new_array();

	for (const struct json *p = json_first(json_get(doc, "configParameters")); list && p; p = json_next(p)) {
		struct json *one = json_new_object();

		if (!one || json_set_str(one, "parameterKey", json_name(p)) ||
		    json_set_str(one, "parameterValue", json_text(p))) {
			json_free(one);
			json_free(list);
			return -1;
		}
		if (json_append(list, one)) {
			json_free(list);
			return -1;
		}
	}
	return list ? json_set(out, "configParameters", list) : -1;
}

struct json *serverless_show_workgroup(struct world *w, const struct json *doc)
{
	struct json *out = show(w, WORKGROUP_KIND, doc, of_workgroup, sizeof(of_workgroup) / sizeof(*of_workgroup));

	if (out && !show_endpoint(w, out, doc) && !show_parameters(out, doc))
		return out;
	json_free(out);
	return NULL;
}
