/* CreateNamespace, GetNamespace, UpdateNamespace, DeleteNamespace. */
#include "sandbox/http/redshift/redshift.h"
#include "sandbox/http/serverless/serverless.h"
#include "spark/base/hash.h"
#include "spark/base/secret.h"

static int namespace_id(const struct json_call *c, char out[160])
{
	return snprintf(out, 160, "%s/%s", c->who->region, json_str(c->in, "namespaceName", ""));
}

/* A rule of clusters, with this service's code. */
static int as_invalid(int rc, const struct err *why, struct err *err)
{
	if (rc == 0)
		return 0;
	if (why->kind == ERR_AWS)
		return json_input_invalid(err, "%s", why->text);
	*err = *why;
	return -1;
}

/* PostgreSQL's own form: "md5" and the MD5 of password and user. */
static int make_verifier(const char *password, const char *user, char out[36], struct err *err)
{
	unsigned char md5[MD5_SIZE];
	struct buf both;
	int rc;

	buf_init(&both, 4096);
	/* Room for all of it at once: growing would leave a copy of the secret in freed memory. */
	if (buf_reserve(&both, 1024))
		buf_commit(&both, 0);
	buf_puts(&both, password);
	buf_puts(&both, user);
	rc = buf_check(&both, "a password", err) || hash_md5(both.data, both.len, md5, err) ? -1 : 0;
	buf_wipe(&both);
	if (rc)
		return -1;
	memcpy(out, "md5", 3);
	hash_hex(md5, sizeof(md5), out + 3);
	return 0;
}

/* AWS keeps a managed password in Secrets Manager, which is not here: nobody learns it. */
static int set_secret(struct json_call *c, struct json *doc, const char *user, struct err *err)
{
	unsigned char tail[3];
	char hex[7], arn[360];

	json_remove(doc, "adminSecretArn");
	if (!json_bool(c->in, "manageAdminPassword", false))
		return 0;
	if (secret_random_bytes(tail, sizeof(tail), err))
		return -1;
	hash_hex(tail, sizeof(tail), hex);
	snprintf(arn, sizeof(arn), "arn:aws:secretsmanager:%s:%s:secret:redshift!%s-%s-%s", c->who->region,
		 c->w->account, json_str(doc, "name", ""), user, hex);
	return json_set_str(doc, "adminSecretArn", arn) ? err_nomem(err) : 0;
}

/* Without a password nobody knows it: the namespace is used with temporary credentials. */
static int set_admin(struct json_call *c, struct json *doc, const char *user, struct err *err)
{
	const char *password = json_str(c->in, "adminUserPassword", NULL);
	struct secret made = { 0 };
	struct err why = { 0 };
	char verifier[36];
	int rc;

	if (json_bool(c->in, "manageAdminPassword", false) && password)
		return json_input_invalid(err, "adminUserPassword cannot be given when manageAdminPassword is true.");
	if (as_invalid(redshift_check_user("adminUsername", user, &why), &why, err) ||
	    (password && as_invalid(redshift_check_password(password, &why), &why, err)))
		return -1;
	if (!password && secret_random_password(&made, 64, err))
		return -1;
	rc = make_verifier(password ? password : secret_value(&made), user, verifier, err);
	secret_clear(&made);
	if (rc)
		return -1;
	if (json_set_str(doc, "adminUsername", user) || json_set_str(doc, "masterVerifier", verifier))
		return err_nomem(err);
	/* the caller's may have been the one that was replaced */
	return set_secret(c, doc, json_str(doc, "adminUsername", ""), err);
}

static bool has_text(const struct json *list, const char *text)
{
	for (const struct json *x = json_first(list); x; x = json_next(x))
		if (!strcmp(json_text(x), text))
			return true;
	return false;
}

static int set_list(struct json *doc, const char *member, const struct json *list, struct err *err)
{
	struct json *copy = list ? json_copy(list) : json_new_array();

	return !copy || json_set(doc, member, copy) ? err_nomem(err) : 0;
}

/* Those of the call take the place of the document's. */
static int set_roles(struct json_call *c, struct json *doc, struct err *err)
{
	const struct json *roles = json_get(c->in, "iamRoles");
	const char *standard = json_str(c->in, "defaultIamRoleArn", NULL);
	struct err why = { 0 };

	for (const struct json *r = json_first(roles); r; r = json_next(r))
		if (as_invalid(redshift_check_role_arn(json_text(r), &why), &why, err))
			return -1;
	if ((roles || !json_get(doc, "iamRoles")) && set_list(doc, "iamRoles", roles, err))
		return -1;
	if (standard && *standard && !has_text(json_get(doc, "iamRoles"), standard))
		return json_input_invalid(err, "The default IAM role %.200s must be one of iamRoles.", standard);
	if (standard && *standard)
		return json_set_str(doc, "defaultIamRoleArn", standard) ? err_nomem(err) : 0;
	if (standard || !has_text(json_get(doc, "iamRoles"), json_str(doc, "defaultIamRoleArn", "")))
		json_remove(doc, "defaultIamRoleArn");
	return 0;
}

static int set_rest(struct json_call *c, struct json *doc, struct err *err)
{
	const char *key = json_str(c->in, "kmsKeyId", NULL);
	const struct json *logs = json_get(c->in, "logExports");

	if (key && json_set_str(doc, "kmsKeyId", key))
		return err_nomem(err);
	return logs || !json_get(doc, "logExports") ? set_list(doc, "logExports", logs, err) : 0;
}

static int answer(struct json_call *c, const struct json *doc, struct err *err)
{
	struct json *shown = serverless_show_namespace(c->w, doc);

	return !shown || json_set(c->out, "namespace", shown) ? err_nomem(err) : 0;
}

static int fill_new(struct json_call *c, struct json *doc, const char *database, struct err *err)
{
	char uuid[40];

	if (serverless_make_uuid(uuid, err))
		return -1;
	if (json_set_str(doc, "name", json_str(c->in, "namespaceName", "")) ||
	    json_set_str(doc, "region", c->who->region) || json_set_str(doc, "uuid", uuid) ||
	    json_set_str(doc, "dbName", database) || json_set_str(doc, "kmsKeyId", "AWS_OWNED_KMS_KEY") ||
	    json_set_int(doc, "createdMs", clock_now(c->w->clock)))
		return err_nomem(err);
	if (set_admin(c, doc, json_str(c->in, "adminUsername", "admin"), err) || set_roles(c, doc, err) ||
	    set_rest(c, doc, err))
		return -1;
	return serverless_take_tags(c, doc, err);
}

int serverless_create_namespace(struct json_call *c, struct err *err)
{
	const char *database = json_str(c->in, "dbName", "dev");
	const struct json *old;
	struct err why = { 0 };
	struct json *doc;
	char id[160];

	namespace_id(c, id);
	old = store_get(c->w->store, NAMESPACE_KIND, id);
	if (old && !serverless_is_gone(c->w, NAMESPACE_KIND, old))
		return service_error(err, 400, "ConflictException", "Namespace %.64s already exists.",
				     json_str(old, "name", ""));
	if (as_invalid(redshift_check_database(database, &why), &why, err))
		return -1;
	doc = json_new_object();
	if (!doc)
		return err_nomem(err);
	if (fill_new(c, doc, database, err) || answer(c, doc, err)) {
		json_free(doc);
		return -1;
	}
	return store_put(c->w->store, NAMESPACE_KIND, id, doc, err);
}

int serverless_get_namespace(struct json_call *c, struct err *err)
{
	const struct json *doc = serverless_find(c, NAMESPACE_KIND, json_str(c->in, "namespaceName", ""), err);

	return doc ? answer(c, doc, err) : -1;
}

/* ---- changes, which its cluster follows ---- */

static int busy(const struct json *doc, struct err *err)
{
	return service_error(err, 400, "ConflictException",
			     "There is an operation running on the namespace %.64s. Try again later.",
			     json_str(doc, "name", ""));
}

/* Roles hold at once; a password is set by the cluster's own life. Without a workgroup it waits in the namespace's
 * document for the next one. */
static int change_cluster(struct json_call *c, const char *id, const struct json *old, const struct json *doc,
			  struct err *err)
{
	bool password = strcmp(json_str(old, "masterVerifier", ""), json_str(doc, "masterVerifier", "")) != 0;
	struct json *copy = json_copy(old), *pending;
	const char *standard = json_str(doc, "defaultIamRoleArn", NULL);

	if (!copy)
		return err_nomem(err);
	if (set_list(copy, "iamRoles", json_get(doc, "iamRoles"), err))
		goto failed;
	json_remove(copy, "defaultIamRoleArn");
	if (standard && json_set_str(copy, "defaultIamRoleArn", standard))
		goto no_memory;
	if (password && !strcmp(json_str(copy, "status", ""), "available")) {
		pending = json_new_object();
		if (!pending || json_set(copy, "pending", pending) ||
		    json_set_str(json_get_mut(copy, "pending"), "masterVerifier",
				 json_str(doc, "masterVerifier", "")) ||
		    json_set_str(copy, "status", "modifying"))
			goto no_memory;
	}
	return store_put(c->w->store, CLUSTER_KIND, id, copy, err);
no_memory:
	err_nomem(err);
failed:
	json_free(copy);
	return -1;
}

static bool is_settled(const struct json *cluster)
{
	const char *status = json_str(cluster, "status", "paused");

	return !strcmp(status, "available") || !strcmp(status, "paused");
}

static int change(struct json_call *c, struct json *doc, struct err *err)
{
	const char *user = json_str(c->in, "adminUsername", NULL);
	const char *password = json_str(c->in, "adminUserPassword", NULL);
	bool managed = json_get(doc, "adminSecretArn") != NULL;
	bool manage = json_bool(c->in, "manageAdminPassword", managed);

	if (user && strcmp(user, json_str(doc, "adminUsername", "")) != 0)
		return json_input_invalid(err, "The sandbox does not support another adminUsername: it is %.128s.",
					  json_str(doc, "adminUsername", ""));
	if (managed && manage && password)
		return json_input_invalid(err, "adminUserPassword cannot be given while manageAdminPassword is true.");
	if (managed && !manage && !password)
		return json_input_invalid(err,
					  "adminUserPassword must be given when manageAdminPassword becomes false.");
	if ((password || manage != managed) && set_admin(c, doc, json_str(doc, "adminUsername", ""), err))
		return -1;
	return set_roles(c, doc, err) || set_rest(c, doc, err) ? -1 : 0;
}

int serverless_update_namespace(struct json_call *c, struct err *err)
{
	const struct json *old = serverless_find(c, NAMESPACE_KIND, json_str(c->in, "namespaceName", ""), err);
	const struct json *cluster;
	struct json *doc;
	char id[160], cluster_id[200];

	if (!old)
		return -1;
	namespace_id(c, id);
	serverless_cluster_id(c->who->region, json_str(old, "name", ""), cluster_id, sizeof(cluster_id));
	cluster = store_get(c->w->store, CLUSTER_KIND, cluster_id);
	if (json_bool(old, "deleting", false) || (cluster && !is_settled(cluster)))
		return busy(old, err);
	doc = json_copy(old);
	if (!doc)
		return err_nomem(err);
	if (change(c, doc, err) || (cluster && change_cluster(c, cluster_id, cluster, doc, err)) ||
	    answer(c, doc, err)) {
		json_free(doc);
		return -1;
	}
	return store_put(c->w->store, NAMESPACE_KIND, id, doc, err);
}

/* ---- the end ---- */

struct user_search {
	struct world *w;
	const char *name;
	bool found;
};

static int match_user(void *arg, const char *id, const struct json *doc)
{
	struct user_search *s = arg;

	(void)id;
	s->found = !strcmp(json_str(doc, "namespace", ""), s->name) && !serverless_is_gone(s->w, WORKGROUP_KIND, doc);
	return s->found;
}

static bool has_workgroup(struct json_call *c, const char *name)
{
	struct user_search s = { .w = c->w, .name = name };
	char prefix[64];

	snprintf(prefix, sizeof(prefix), "%s/", c->who->region);
	store_each(c->w->store, WORKGROUP_KIND, prefix, match_user, &s);
	return s.found;
}

static int end_cluster(struct json_call *c, const char *name, struct err *err)
{
	const struct json *cluster;
	struct json *copy;
	char id[200];

	serverless_cluster_id(c->who->region, name, id, sizeof(id));
	cluster = store_get(c->w->store, CLUSTER_KIND, id);
	if (!cluster)
		return 0;
	copy = json_copy(cluster);
	if (!copy || json_set_str(copy, "status", "deleting")) {
		json_free(copy);
		return err_nomem(err);
	}
	return store_put(c->w->store, CLUSTER_KIND, id, copy, err);
}

int serverless_delete_namespace(struct json_call *c, struct err *err)
{
	const char *name = json_str(c->in, "namespaceName", "");
	const struct json *old = serverless_find(c, NAMESPACE_KIND, name, err);
	struct json *doc;
	char id[160];

	if (!old)
		return -1;
	if (json_bool(old, "deleting", false))
		return busy(old, err);
	if (json_str(c->in, "finalSnapshotName", NULL))
		return json_input_invalid(err, "The sandbox does not keep snapshots of namespaces: finalSnapshotName "
					       "is not supported. Nothing was deleted.");
	if (has_workgroup(c, name))
		return service_error(err, 400, "ConflictException",
				     "Namespace %.64s cannot be deleted while it is associated with a workgroup.",
				     name);
	namespace_id(c, id);
	doc = json_copy(old);
	if (!doc || json_set_bool(doc, "deleting", true)) {
		json_free(doc);
		return err_nomem(err);
	}
	if (answer(c, doc, err) || end_cluster(c, name, err)) {
		json_free(doc);
		return -1;
	}
	return store_put(c->w->store, NAMESPACE_KIND, id, doc, err);
}
