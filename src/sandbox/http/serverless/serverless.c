/* Redshift Serverless: the table of operations, and what they share.
 *
 * A namespace holds the data, a workgroup serves it. Documents of kind "redshift-serverless:namespace", id
 * "<region>/<name>": name, region, uuid, adminUsername, masterVerifier ("md5" + md5(password + user)), adminSecretArn
 * (when AWS manages the password), dbName, iamRoles[], defaultIamRoleArn, kmsKeyId, logExports[], createdMs, tags{},
 * deleting. Of kind "redshift-serverless:workgroup", likewise: name, region, uuid, namespace, busy (what is under way
 * while its server is not available: CREATING, MODIFYING, DELETING), port, baseCapacity, maxCapacity,
 * enhancedVpcRouting, publiclyAccessible, securityGroupIds[], subnetIds[], configParameters{}, createdMs, tags{}.
 *
 * With its first workgroup a namespace gets a cluster's document, see clusters.h, and so the life of a cluster. Without
 * a workgroup that cluster is paused: its data stays. It goes with the namespace. */
#include "sandbox/http/serverless/serverless.h"

#include "sandbox/http/redshift/redshift.h"
#include "spark/base/hash.h"
#include "spark/base/mem.h"
#include "spark/base/secret.h"
#include "spark/sandbox/clusters.h"

void serverless_cluster_id(const char *region, const char *namespace_name, char *out, size_t size)
{
	snprintf(out, size, "%s.serverless/%s", region, namespace_name);
}

static const struct json *cluster_of(const struct world *w, const struct json *doc, const char *namespace_name)
{
	char id[200];

	serverless_cluster_id(json_str(doc, "region", ""), namespace_name, id, sizeof(id));
	return store_get(w->store, CLUSTER_KIND, id);
}

bool serverless_is_gone(const struct world *w, const char *kind, const struct json *doc)
{
	const struct json *cluster;

	if (!strcmp(kind, NAMESPACE_KIND))
		return json_bool(doc, "deleting", false) && !cluster_of(w, doc, json_str(doc, "name", ""));
	if (strcmp(json_str(doc, "busy", ""), "DELETING") != 0)
		return false;
	cluster = cluster_of(w, doc, json_str(doc, "namespace", ""));
	return !cluster || !strcmp(json_str(cluster, "status", ""), "paused");
}

static const struct json *get(struct json_call *c, const char *kind, const char *name)
{
	const struct json *doc;
	char id[160];

	snprintf(id, sizeof(id), "%s/%s", c->who->region, name);
	doc = store_get(c->w->store, kind, id);
	return doc && !serverless_is_gone(c->w, kind, doc) ? doc : NULL;
}

const struct json *serverless_find(struct json_call *c, const char *kind, const char *name, struct err *err)
{
	const struct json *doc = get(c, kind, name);

	if (doc)
		return doc;
	if (json_set_str(c->fault, "resourceName", name))
		err_nomem(err);
	else
		service_error(err, 400, "ResourceNotFoundException", "%s %.64s not found.",
			      !strcmp(kind, NAMESPACE_KIND) ? "Namespace" : "Workgroup", name);
	return NULL;
}

bool serverless_cluster_of(struct world *w, const char *region, const char *workgroup, char *out, size_t size)
{
	const struct json *doc;
	char id[256];

	snprintf(id, sizeof(id), "%s/%s", region, workgroup);
	doc = store_get(w->store, WORKGROUP_KIND, id);
	if (!doc || serverless_is_gone(w, WORKGROUP_KIND, doc))
		return false;
	serverless_cluster_id(region, json_str(doc, "namespace", ""), out, size);
	return true;
}

int serverless_follow(struct json_call *c, struct err *err)
{
	const char *workgroup = json_str(c->in, "workgroupName", NULL), *name = json_str(c->in, "namespaceName", "");
	const struct json *doc;
	char id[200] = "";
	bool there;

	store_lock(c->w->store);
	if (!workgroup) {
		serverless_cluster_id(c->who->region, name, id, sizeof(id));
	} else {
		char doc_id[160];

		snprintf(doc_id, sizeof(doc_id), "%s/%s", c->who->region, workgroup);
		doc = store_get(c->w->store, WORKGROUP_KIND, doc_id);
		serverless_cluster_id(c->who->region, json_str(doc, "namespace", ""), id, sizeof(id));
	}
	there = store_get(c->w->store, CLUSTER_KIND, id) != NULL;
	store_unlock(c->w->store);
	return there ? clusters_follow(c->w->clusters, id, err) : 0;
}

int serverless_make_uuid(char out[40], struct err *err)
{
	unsigned char b[16];
	char hex[33];

	if (secret_random_bytes(b, sizeof(b), err))
		return -1;
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	hash_hex(b, sizeof(b), hex);
	snprintf(out, 40, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
	return 0;
}

/* ---- lists ---- */

struct listing {
	struct json_call *c;
	const char *kind, *after;
	struct json *list;
	struct json *(*show)(struct world *w, const struct json *doc);
	size_t most;
	char last[80];
	int rc;
	struct err *err;
};

static int add_one(void *arg, const char *id, const struct json *doc)
{
	struct listing *l = arg;
	const char *name = strchr(id, '/') + 1;
	struct json *one;

	if (strcmp(name, l->after) <= 0 || serverless_is_gone(l->c->w, l->kind, doc))
		return 0;
	if (json_count(l->list) == l->most) {
		l->rc = json_page_token_set(l->c->out, "nextToken", l->last, l->err);
		return 1;
	}
	one = l->show(l->c->w, doc);
	if (!one || json_append(l->list, one))
		l->rc = err_nomem(l->err);
	snprintf(l->last, sizeof(l->last), "%s", name);
	return l->rc;
}

int serverless_list(struct json_call *c, const char *kind, const char *member,
		    struct json *(*show)(struct world *w, const struct json *doc), struct err *err)
{
	struct listing l = {
		.c = c, .kind = kind, .show = show, .err = err, .most = (size_t)json_int(c->in, "maxResults", 100)
	};
	struct json *fresh = json_new_array();
	struct buf after;
	char prefix[64];

	buf_init(&after, 4096);
	if (!fresh || json_set(c->out, member, fresh)) {
		l.rc = err_nomem(err);
		goto out;
	}
	l.list = json_get_mut(c->out, member);
	l.rc = json_page_token_get(c->in, "nextToken", &after, err);
	if (l.rc)
		goto out;
	l.after = after.data;
	snprintf(prefix, sizeof(prefix), "%s/", c->who->region);
	store_each(c->w->store, kind, prefix, add_one, &l);
out:
	buf_clear(&after);
	return l.rc;
}

int serverless_list_namespaces(struct json_call *c, struct err *err)
{
	return serverless_list(c, NAMESPACE_KIND, "namespaces", serverless_show_namespace, err);
}

int serverless_list_workgroups(struct json_call *c, struct err *err)
{
	return serverless_list(c, WORKGROUP_KIND, "workgroups", serverless_show_workgroup, err);
}

/* ---- the table ---- */

#define NAMESPACE_NAME                                                     \
	{                                                                  \
		"namespaceName", JSON_RULE_TEXT, true, 3, 64, "[a-z0-9-]+" \
	}
#define WORKGROUP_NAME                                                     \
	{                                                                  \
		"workgroupName", JSON_RULE_TEXT, true, 3, 64, "[a-z0-9-]+" \
	}
#define NAMESPACE_RULES                                                                              \
	NAMESPACE_NAME, { "adminUsername", JSON_RULE_TEXT, false, 1, 128, NULL },                    \
		{ "adminUserPassword", JSON_RULE_TEXT, false, 0, 0, NULL },                          \
		{ "defaultIamRoleArn", JSON_RULE_TEXT, false, 0, 512, NULL },                        \
		{ "iamRoles", JSON_RULE_TEXTS, false, 0, 50, NULL },                                 \
		{ "kmsKeyId", JSON_RULE_TEXT, false, 0, 2048, NULL },                                \
		{ "manageAdminPassword", JSON_RULE_BOOL, false, 0, 0, NULL },                        \
	{                                                                                            \
		"logExports", JSON_RULE_TEXTS, false, 0, 16, "useractivitylog|userlog|connectionlog" \
	}
#define WORKGROUP_RULES                                                                   \
	WORKGROUP_NAME, { "baseCapacity", JSON_RULE_INTEGER, false, INT32_MIN, 0, NULL }, \
		{ "maxCapacity", JSON_RULE_INTEGER, false, INT32_MIN, 0, NULL },          \
		{ "port", JSON_RULE_INTEGER, false, INT32_MIN, 0, NULL },                 \
		{ "enhancedVpcRouting", JSON_RULE_BOOL, false, 0, 0, NULL },              \
		{ "publiclyAccessible", JSON_RULE_BOOL, false, 0, 0, NULL },              \
		{ "securityGroupIds", JSON_RULE_TEXTS, false, 0, 50, NULL },              \
		{ "subnetIds", JSON_RULE_TEXTS, false, 0, 50, NULL },                     \
	{                                                                                 \
		"configParameters", JSON_RULE_OBJECTS, false, 0, 50, NULL                 \
	}
#define TAGS_RULE                                              \
	{                                                      \
		"tags", JSON_RULE_OBJECTS, false, 0, 200, NULL \
	}
#define RESOURCE                                                   \
	{                                                          \
		"resourceArn", JSON_RULE_TEXT, true, 1, 1011, NULL \
	}
#define NO_MORE                                         \
	{                                               \
		NULL, JSON_RULE_TEXT, false, 0, 0, NULL \
	}

static const struct json_rule create_namespace_rules[] = {
	NAMESPACE_RULES, { "dbName", JSON_RULE_TEXT, false, 1, 64, NULL }, TAGS_RULE, NO_MORE
};
static const struct json_rule update_namespace_rules[] = { NAMESPACE_RULES, NO_MORE };
static const struct json_rule delete_namespace_rules[] = { NAMESPACE_NAME,
							   { "finalSnapshotName", JSON_RULE_TEXT, false, 0, 255, NULL },
							   NO_MORE };
static const struct json_rule namespace_rules[] = { NAMESPACE_NAME, NO_MORE };
static const struct json_rule create_workgroup_rules[] = { NAMESPACE_NAME, WORKGROUP_RULES, TAGS_RULE, NO_MORE };
static const struct json_rule update_workgroup_rules[] = { WORKGROUP_RULES, NO_MORE };
static const struct json_rule workgroup_rules[] = { WORKGROUP_NAME, NO_MORE };
static const struct json_rule credentials_rules[] = {
	WORKGROUP_NAME,
	{ "dbName", JSON_RULE_TEXT, false, 0, 127, NULL },
	{ "durationSeconds", JSON_RULE_INTEGER, false, 900, 3600, NULL },
	NO_MORE,
};
static const struct json_rule list_rules[] = { { "maxResults", JSON_RULE_INTEGER, false, 1, 100, NULL },
					       { "nextToken", JSON_RULE_TEXT, false, 0, 4096, NULL },
					       NO_MORE };
static const struct json_rule tag_rules[] = { RESOURCE, { "tags", JSON_RULE_OBJECTS, true, 0, 200, NULL }, NO_MORE };
static const struct json_rule untag_rules[] = { RESOURCE, { "tagKeys", JSON_RULE_TEXTS, true, 0, 200, NULL }, NO_MORE };
static const struct json_rule resource_rules[] = { RESOURCE, NO_MORE };

static const struct json_action actions[] = {
	{ "CreateNamespace", create_namespace_rules, serverless_create_namespace, NULL, false },
	{ "CreateWorkgroup", create_workgroup_rules, serverless_create_workgroup, serverless_follow, false },
	{ "DeleteNamespace", delete_namespace_rules, serverless_delete_namespace, serverless_follow, false },
	{ "DeleteWorkgroup", workgroup_rules, serverless_delete_workgroup, serverless_follow, false },
	{ "GetCredentials", credentials_rules, serverless_get_credentials, NULL, true },
	{ "GetNamespace", namespace_rules, serverless_get_namespace, NULL, false },
	{ "GetWorkgroup", workgroup_rules, serverless_get_workgroup, NULL, false },
	{ "ListNamespaces", list_rules, serverless_list_namespaces, NULL, false },
	{ "ListTagsForResource", resource_rules, serverless_list_tags, NULL, false },
	{ "ListWorkgroups", list_rules, serverless_list_workgroups, NULL, false },
	{ "TagResource", tag_rules, serverless_tag, NULL, false },
	{ "UntagResource", untag_rules, serverless_untag, NULL, false },
	{ "UpdateNamespace", update_namespace_rules, serverless_update_namespace, serverless_follow, false },
	{ "UpdateWorkgroup", update_workgroup_rules, serverless_update_workgroup, serverless_follow, false },
};

const struct json_service service_redshift_serverless = {
	.name = "redshift-serverless",
	.target = "RedshiftServerless",
	.message_member = "message",
	.resource = serverless_resource,
	.actions = actions,
	.action_count = sizeof(actions) / sizeof(*actions),
};
