/* On which database a call of the Data API acts, and as which of its users. */
#include "sandbox/http/data_api/data_api.h"
#include "sandbox/http/redshift/redshift.h"
#include "sandbox/http/serverless/serverless.h"

void data_api_role_of(const struct caller *who, char *out, size_t size)
{
	const char *resource = strrchr(who->arn, ':');
	const char *role = resource ? strstr(resource, ":assumed-role/") : NULL, *name;

	if (role) {
		name = role + strlen(":assumed-role/");
		snprintf(out, size, "IAMR:%.*s", (int)strcspn(name, "/"), name);
		return;
	}
	/* "user/path/name", or the account's "root". */
	name = resource ? strrchr(resource, '/') : NULL;
	snprintf(out, size, "IAM:%s", name ? name + 1 : resource ? resource + 1 : "");
}

static int not_found(struct json_call *c, struct err *err, const char *what, const char *id)
{
	if (json_set_str(c->fault, "ResourceId", id))
		return err_nomem(err);
	return service_error(err, 400, "ResourceNotFoundException", "%s %s not found.", what, id);
}

/* Lends the cluster's document. */
static const struct json *find_cluster(struct json_call *c, struct data_target *t, struct err *err)
{
	const struct json *doc;

	if (t->cluster) {
		snprintf(t->cluster_doc, sizeof(t->cluster_doc), "%s/%s", c->who->region, t->cluster);
		doc = store_get(c->w->store, CLUSTER_KIND, t->cluster_doc);
		if (!doc)
			not_found(c, err, "Redshift cluster", t->cluster);
		return doc;
	}
	if (!serverless_cluster_of(c->w, c->who->region, t->workgroup, t->cluster_doc, sizeof(t->cluster_doc))) {
		not_found(c, err, "Redshift endpoint", t->workgroup);
		return NULL;
	}
	doc = store_get(c->w->store, CLUSTER_KIND, t->cluster_doc);
	if (!doc)
		json_input_invalid(err, "The workgroup %.128s is being created or deleted.", t->workgroup);
	return doc;
}

void data_api_resource(const struct json_call *c, char *out, size_t size)
{
	const char *cluster = json_str(c->in, "ClusterIdentifier", NULL);
	const char *workgroup = json_str(c->in, "WorkgroupName", NULL);
	const struct json *doc;
	char id[256], arn[256];

	snprintf(out, size, "*");
	if (cluster) {
		snprintf(out, size, "arn:aws:redshift:%s:%s:cluster:%s", c->who->region, c->w->account, cluster);
	} else if (workgroup) {
		snprintf(id, sizeof(id), "%s/%s", c->who->region, workgroup);
		doc = store_get(c->w->store, WORKGROUP_KIND, id);
		if (!doc)
			return;
		serverless_arn(c->w, WORKGROUP_KIND, doc, arn);
		snprintf(out, size, "%s", arn);
	}
}

/* The service takes the caller's temporary credentials for the database: he must be allowed to have them. */
static int authorize_login(const struct json_call *c, const struct data_target *t, struct err *err)
{
	char resource[512];

	if (t->workgroup) {
		data_api_resource(c, resource, sizeof(resource));
		return access_authorize(c->w, c->who, "redshift-serverless:GetCredentials", resource, NULL, err);
	}
	snprintf(resource, sizeof(resource), "arn:aws:redshift:%s:%s:%s:%s/%s", c->who->region, c->w->account,
		 t->db_user ? "dbuser" : "dbname", t->cluster, t->db_user ? t->db_user : t->database);
	return access_authorize(c->w, c->who,
				t->db_user ? "redshift:GetClusterCredentials" : "redshift:GetClusterCredentialsWithIAM",
				resource, NULL, err);
}

static int check_who(const struct data_target *t, const char *secret, struct err *err)
{
	if (!t->cluster == !t->workgroup)
		return json_input_invalid(err, t->cluster
						       ? "Either ClusterIdentifier or WorkgroupName must be given, not "
							 "both."
						       : "Either ClusterIdentifier or WorkgroupName must be given.");
	if (secret)
		return json_input_invalid(
			err, "The sandbox has no Secrets Manager: SecretArn is not supported. Use DbUser, or "
			     "neither, to run statements with temporary credentials.");
	if (t->workgroup && t->db_user)
		return json_input_invalid(err, "DbUser is not supported with WorkgroupName: the statement runs as the "
					       "caller's own database user.");
	return 0;
}

int data_api_target(struct json_call *c, struct data_target *t, struct err *err)
{
	const char *database = json_str(c->in, "ConnectedDatabase", json_str(c->in, "Database", NULL));
	const struct json *doc;
	int rc = -1;

	memset(t, 0, sizeof(*t));
	t->cluster = json_str(c->in, "ClusterIdentifier", NULL);
	t->workgroup = json_str(c->in, "WorkgroupName", NULL);
	t->db_user = json_str(c->in, "DbUser", NULL);
	if (check_who(t, json_str(c->in, "SecretArn", NULL), err))
		return -1;
	store_lock(c->w->store);
	doc = find_cluster(c, t, err);
	if (!doc)
		goto out;
	if (strcmp(json_str(doc, "status", ""), "available") != 0) {
		json_input_invalid(err, "Redshift %s %s is %s, not available.", t->cluster ? "cluster" : "workgroup",
				   t->cluster ? t->cluster : t->workgroup, json_str(doc, "status", ""));
		goto out;
	}
	if (!database) {
		json_input_invalid(err, "Database must be given.");
		goto out;
	}
	snprintf(t->database, sizeof(t->database), "%s", database);
	t->make_role = !t->db_user;
	if (t->db_user)
		snprintf(t->role, sizeof(t->role), "%s", t->db_user);
	else
		data_api_role_of(c->who, t->role, sizeof(t->role));
	rc = authorize_login(c, t, err);
out:
	store_unlock(c->w->store);
	return rc;
}
