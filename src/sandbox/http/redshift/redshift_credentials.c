/* GetClusterCredentials and GetClusterCredentialsWithIAM: passwords that hold for minutes. */
#include "sandbox/http/redshift/redshift.h"
#include "spark/base/secret.h"
#include "spark/sandbox/clusters.h"

#define GROUPS_MAX 20
#define LOGIN_MAX  140
#define ROLE_MAX   63 /* of PostgreSQL's names */

struct grant {
	char doc_id[128], login[LOGIN_MAX], role[LOGIN_MAX];
	const char *groups[GROUPS_MAX];
	size_t group_count;
	bool create;
	int64_t seconds;
};

static int take_groups(const struct params *p, struct grant *g, struct err *err)
{
	const char *name;

	for (int i = 1; (name = redshift_list_item(p, "DbGroups", "DbGroup", i)) != NULL; i++) {
		if (g->group_count == GROUPS_MAX)
			return service_error(err, 400, "InvalidParameterValue",
					     "The sandbox does not support more than %d groups.", GROUPS_MAX);
		if (redshift_check_user("DbGroups", name, err) < 0)
			return -1;
		g->groups[g->group_count++] = name;
	}
	return 0;
}

/* "IAM:user", "IAMA:user" when it is made, with groups "IAMA:user:group". */
static int make_login(const char *user, struct grant *g, struct err *err)
{
	struct buf text;
	int rc = -1;

	buf_init(&text, 65536);
	buf_printf(&text, "%s:%s", g->create ? "IAMA" : "IAM", user);
	for (size_t i = 0; i < g->group_count; i++)
		buf_printf(&text, ":%s", g->groups[i]);
	if (strlen(user) > ROLE_MAX || text.len >= sizeof(g->login)) {
		service_error(err, 400, "InvalidParameterValue",
			      "The sandbox does not support a DbUser of more than %d characters, %d with its groups.",
			      ROLE_MAX, LOGIN_MAX - 1);
	} else if (!buf_check(&text, "a user's name", err)) {
		snprintf(g->login, sizeof(g->login), "%s", text.data);
		snprintf(g->role, sizeof(g->role), "%s", user);
		rc = 0;
	}
	buf_clear(&text);
	return rc;
}

static int check_cluster(const struct json *doc, struct err *err)
{
	if (strncmp(json_str(doc, "status", ""), "available", 9) == 0)
		return 0;
	return service_error(err, 400, "InvalidClusterState", "The cluster %s is %s, not available.",
			     json_str(doc, "id", ""), json_str(doc, "status", ""));
}

static int check_database(const struct params *p, struct err *err)
{
	const char *db = params_get(p, "DbName");

	return db && *db ? redshift_check_database(db, err) : 0;
}

/* Redshift ends a membership with the session; here it stays. */
static int prepare_user(struct world *w, const struct grant *g, struct err *err)
{
	struct err why = { 0 };

	if (!g->create && g->group_count == 0)
		return 0;
	if (clusters_add_user(w->clusters, g->doc_id, g->role, g->create, g->groups, g->group_count, &why) == 0)
		return 0;
	if (why.kind == ERR_DATABASE)
		return service_error(err, 400, "InvalidParameterValue", "The database refused: %s", why.text);
	*err = why;
	return -1;
}

static int give(struct world *w, const struct grant *g, bool refresh, struct buf *out, struct err *err)
{
	struct secret password = { 0 };
	int64_t until = clock_now(w->clock) + g->seconds * 1000;
	char expires[CLOCK_TEXT];
	int rc = -1;

	if (prepare_user(w, g, err) < 0 || secret_random_password(&password, 64, err) < 0 ||
	    clusters_add_login(w->clusters, g->doc_id, g->login, g->role, &password, until, err) < 0)
		goto out;
	clock_iso(until, expires);
	xml_element(out, "DbUser", g->login);
	xml_element(out, "DbPassword", secret_value(&password));
	xml_element(out, "Expiration", expires);
	if (refresh)
		xml_element(out, "NextRefreshTime", expires);
	rc = buf_check(out, "reply", err);
out:
	secret_clear(&password);
	return rc;
}

/* Without AutoCreate the user need not exist: as on AWS, the login fails then. */
REDSHIFT_HANDLER(redshift_get_credentials)
{
	const struct json *doc = redshift_find(w, who, p, err);
	struct grant g = { .create = false };
	const char *user;

	if (!doc || redshift_doc_id(who, p, g.doc_id, err) < 0 || redshift_require(p, "DbUser", &user, err) < 0 ||
	    params_int(p, "DurationSeconds", 900, 900, 3600, &g.seconds, err) < 0 ||
	    redshift_check_user("DbUser", user, err) < 0 || check_database(p, err) < 0 ||
	    params_bool(p, "AutoCreate", false, &g.create, err) < 0 || take_groups(p, &g, err) < 0 ||
	    make_login(user, &g, err) < 0 || check_cluster(doc, err) < 0)
		return -1;
	return give(w, &g, false, out, err);
}

/* The database user is the caller: "IAM:user" or "IAMR:role", made when it is not there. */
static int name_caller(const struct caller *who, struct grant *g, struct err *err)
{
	const char *resource = strrchr(who->arn, ':'), *first = strchr(who->arn, '/'), *name;
	bool role = resource && strncmp(resource + 1, "assumed-role/", 13) == 0;
	size_t len;

	if (!first)
		return service_error(err, 400, "UnsupportedOperation",
				     "The caller %.200s has no name that a database user could have.", who->arn);
	/* assumed-role/ROLE/SESSION; user/path/NAME */
	name = role ? first + 1 : strrchr(who->arn, '/') + 1;
	len = role ? strcspn(name, "/") : strlen(name);
	if (len + 5 > ROLE_MAX)
		return service_error(err, 400, "UnsupportedOperation",
				     "The sandbox does not support a name of more than %d characters.", ROLE_MAX - 5);
	snprintf(g->login, sizeof(g->login), "%s:%.*s", role ? "IAMR" : "IAM", (int)len, name);
	snprintf(g->role, sizeof(g->role), "%s", g->login);
	return 0;
}

REDSHIFT_HANDLER(redshift_get_credentials_iam)
{
	const struct json *doc = redshift_find(w, who, p, err);
	struct grant g = { .create = true };

	if (!doc || redshift_doc_id(who, p, g.doc_id, err) < 0 ||
	    params_int(p, "DurationSeconds", 900, 900, 3600, &g.seconds, err) < 0 || check_database(p, err) < 0 ||
	    name_caller(who, &g, err) < 0 || check_cluster(doc, err) < 0)
		return -1;
	return give(w, &g, true, out, err);
}
