/* CreateWorkgroup, GetWorkgroup, UpdateWorkgroup, DeleteWorkgroup, GetCredentials. */
#include "sandbox/http/data_api/data_api.h"
#include "sandbox/http/redshift/redshift.h"
#include "sandbox/http/serverless/serverless.h"
#include "spark/base/secret.h"
#include "spark/sandbox/clusters.h"

#define CAPACITY_STANDARD 128
#define PORT_STANDARD     5439

static void workgroup_id(const struct json_call *c, char out[160])
{
	snprintf(out, 160, "%s/%s", c->who->region, json_str(c->in, "workgroupName", ""));
}

static int answer(struct json_call *c, const struct json *doc, struct err *err)
{
	struct json *shown = serverless_show_workgroup(c->w, doc);

	return !shown || json_set(c->out, "workgroup", shown) ? err_nomem(err) : 0;
}

/* ---- what may be asked for ---- */

static int check_capacity(const struct json *in, const char *member, struct err *err)
{
	int64_t units = json_int(in, member, CAPACITY_STANDARD);

	if (units >= 4 && units <= 1024 && (units == 4 || units % 8 == 0))
		return 0;
	return json_input_invalid(err, "%s must be 4, or a multiple of 8 from 8 to 1024.", member);
}

static bool is_port(int64_t port)
{
	return (port >= 5431 && port <= 5455) || (port >= 8191 && port <= 8215);
}

/* All workgroups share this machine's ports, where each has an address of its own on AWS: without a wish it is 5439, or
 * the next that is free. */
static int choose_port(struct json_call *c, int64_t *port, struct err *err)
{
	struct err why = { 0 };
	int64_t wish = json_int(c->in, "port", 0);

	if (wish || json_get(c->in, "port")) {
		if (!is_port(wish))
			return json_input_invalid(err, "The port must be within the ranges 5431-5455 or 8191-8215.");
		if (clusters_check_port(c->w->clusters, (int)wish, &why))
			return why.kind == ERR_CONFLICT
				       ? service_error(err, 400, "ConflictException",
						       "The port %lld cannot be used on this machine: %s",
						       (long long)wish, why.text)
				       : err_set(err, why.kind, "%s", why.text);
		*port = wish;
		return 0;
	}
	for (*port = PORT_STANDARD; is_port(*port); *port = *port == 5455 ? 8191 : *port + 1)
		if (!clusters_check_port(c->w->clusters, (int)*port, &why))
			return 0;
	return service_error(err, 400, "InsufficientCapacityException", "No port is free on this machine.");
}

static bool exists(const struct json_call *c, const char *kind, const char *name)
{
	char id[160];

	snprintf(id, sizeof(id), "%s/%.60s", c->who->region, name);
	return store_get(c->w->store, kind, id) != NULL;
}

static int take_groups(struct json_call *c, struct json *doc, const char *standard, struct err *err)
{
	const struct json *given = json_get(c->in, "securityGroupIds");
	struct json *groups;

	if (json_get(doc, "securityGroupIds") && !given)
		return 0;
	for (const struct json *g = json_first(given); g; g = json_next(g))
		if (!exists(c, "ec2:security-group", json_text(g)))
			return json_input_invalid(err, "The security group '%.60s' does not exist.", json_text(g));
	groups = json_count(given) ? json_copy(given) : json_new_array();
	if (!groups)
		return err_nomem(err);
	if (!json_count(groups) && *standard && json_append_str(groups, standard)) {
		json_free(groups);
		return err_nomem(err);
	}
	return json_set(doc, "securityGroupIds", groups) ? err_nomem(err) : 0;
}

static void add_subnet(void *arg, const struct redshift_subnet *s)
{
	struct json **list = arg;

	if (*list && json_append_str(*list, s->id)) {
		json_free(*list);
		*list = NULL;
	}
}

static int take_subnets(struct json_call *c, struct json *doc, const char *vpc, struct err *err)
{
	const struct json *given = json_get(c->in, "subnetIds");
	struct json *list;

	if (json_get(doc, "subnetIds") && !given)
		return 0;
	for (const struct json *s = json_first(given); s; s = json_next(s)) {
		if (!exists(c, "ec2:subnet", json_text(s)))
			return json_input_invalid(err, "The subnet '%.60s' does not exist.", json_text(s));
	}
	list = json_count(given) ? json_copy(given) : json_new_array();
	if (list && !json_count(list))
		redshift_each_subnet(c->w, c->who->region, vpc, add_subnet, &list);
	return !list || json_set(doc, "subnetIds", list) ? err_nomem(err) : 0;
}

/* Where it goes: the VPC of its subnets, else the default one; and that VPC's default group. */
static int find_network(struct json_call *c, const struct json *doc, char vpc[32], char group[32], struct err *err)
{
	const struct json *subnets = json_get(c->in, "subnetIds"), *first;
	struct redshift_subnet subnet;

	first = json_first(json_count(subnets) ? subnets : json_get(doc, "subnetIds"));
	if (first && redshift_find_subnet(c->w, c->who->region, json_text(first), &subnet)) {
		snprintf(vpc, 32, "%s", subnet.vpc);
		redshift_default_group(c->w, c->who->region, vpc, group);
		return 0;
	}
	redshift_default_network(c->w, c->who->region, vpc, group);
	if (!*vpc && !first)
		return json_input_invalid(err, "No default VPC was found in %s: subnetIds must be given.",
					  c->who->region);
	return 0;
}

/* What creating and updating have in common; the rest of the document is there. */
static int take_order(struct json_call *c, struct json *doc, struct err *err)
{
	char vpc[32], group[32];

	if (find_network(c, doc, vpc, group, err) || check_capacity(c->in, "baseCapacity", err) ||
	    check_capacity(c->in, "maxCapacity", err) || take_groups(c, doc, group, err) ||
	    take_subnets(c, doc, vpc, err) || serverless_take_parameters(c, doc, err))
		return -1;
	if (json_set_int(doc, "baseCapacity",
			 json_int(c->in, "baseCapacity", json_int(doc, "baseCapacity", CAPACITY_STANDARD))) ||
	    (json_get(c->in, "maxCapacity") && json_set_int(doc, "maxCapacity", json_int(c->in, "maxCapacity", 0))) ||
	    json_set_bool(doc, "enhancedVpcRouting",
			  json_bool(c->in, "enhancedVpcRouting", json_bool(doc, "enhancedVpcRouting", false))) ||
	    json_set_bool(doc, "publiclyAccessible",
			  json_bool(c->in, "publiclyAccessible", json_bool(doc, "publiclyAccessible", false))))
		return err_nomem(err);
	return 0;
}

/* ---- the cluster behind it ---- */

static int set_copy(struct json *doc, const char *member, const struct json *value)
{
	struct json *copy = value ? json_copy(value) : json_new_array();

	return copy ? json_set(doc, member, copy) : -1;
}

/* Members that follow the workgroup and its namespace at once. */
static int fill_cluster(struct json *cluster, const struct json *space, const struct json *workgroup, struct err *err)
{
	const char *standard = json_str(space, "defaultIamRoleArn", NULL);
	struct json *parameters = serverless_own_parameters(workgroup);

	if (!parameters || json_set(cluster, "parameters", parameters))
		return err_nomem(err);
	json_remove(cluster, "defaultIamRoleArn");
	if (set_copy(cluster, "iamRoles", json_get(space, "iamRoles")) ||
	    set_copy(cluster, "vpcSecurityGroupIds", json_get(workgroup, "securityGroupIds")) ||
	    (standard && json_set_str(cluster, "defaultIamRoleArn", standard)) ||
	    json_set_bool(cluster, "serverless", true))
		return err_nomem(err);
	return 0;
}

static struct json *new_cluster(const struct json *space, int64_t port)
{
	struct json *cluster = json_new_object();
	char folder[80];

	/* Of a name that no cluster's data can have. */
	snprintf(folder, sizeof(folder), "serverless_%s", json_str(space, "uuid", ""));
	if (cluster && !json_set_str(cluster, "id", json_str(space, "name", "")) &&
	    !json_set_str(cluster, "region", json_str(space, "region", "")) &&
	    !json_set_str(cluster, "folder", folder) && !json_set_str(cluster, "status", "creating") &&
	    !json_set_str(cluster, "dbName", json_str(space, "dbName", "")) &&
	    !json_set_str(cluster, "masterUsername", json_str(space, "adminUsername", "")) &&
	    !json_set_str(cluster, "masterVerifier", json_str(space, "masterVerifier", "")) &&
	    !json_set_int(cluster, "port", port))
		return cluster;
	json_free(cluster);
	return NULL;
}

/* What it has to become, which its life brings about: another port, the namespace's password. status: "reconfiguring"
 * when the server has to start anew. */
static int set_pending(struct json *cluster, const struct json *space, int64_t port, const char *status,
		       struct err *err)
{
	const char *verifier = json_str(space, "masterVerifier", "");
	struct json *pending = json_new_object();

	if (!pending || json_set(cluster, "pending", pending) || json_set_str(cluster, "status", status))
		return err_nomem(err);
	pending = json_get_mut(cluster, "pending");
	if (json_set_int(pending, "port", port) || (strcmp(verifier, json_str(cluster, "masterVerifier", "")) != 0 &&
						    json_set_str(pending, "masterVerifier", verifier)))
		return err_nomem(err);
	return 0;
}

/* A new one, or that which kept the namespace's data since its last workgroup. */
static int start_cluster(struct json_call *c, const struct json *space, const struct json *workgroup, struct err *err)
{
	const struct json *old;
	struct json *cluster;
	int64_t port = json_int(workgroup, "port", 0);
	char id[200];

	serverless_cluster_id(c->who->region, json_str(space, "name", ""), id, sizeof(id));
	old = store_get(c->w->store, CLUSTER_KIND, id);
	cluster = old ? json_copy(old) : new_cluster(space, port);
	if (!cluster)
		return err_nomem(err);
	if ((old && set_pending(cluster, space, port, "reconfiguring", err)) ||
	    fill_cluster(cluster, space, workgroup, err)) {
		json_free(cluster);
		return -1;
	}
	return store_put(c->w->store, CLUSTER_KIND, id, cluster, err);
}

/* ---- the calls ---- */

static int fill_new(struct json_call *c, struct json *doc, struct err *err)
{
	char uuid[40];
	int64_t port;

	if (choose_port(c, &port, err) || serverless_make_uuid(uuid, err))
		return -1;
	if (json_set_str(doc, "name", json_str(c->in, "workgroupName", "")) ||
	    json_set_str(doc, "namespace", json_str(c->in, "namespaceName", "")) ||
	    json_set_str(doc, "region", c->who->region) || json_set_str(doc, "uuid", uuid) ||
	    json_set_str(doc, "busy", "CREATING") || json_set_int(doc, "port", port) ||
	    json_set_int(doc, "createdMs", clock_now(c->w->clock)))
		return err_nomem(err);
	return take_order(c, doc, err) || serverless_take_tags(c, doc, err) ? -1 : 0;
}

struct space_search {
	struct world *w;
	const char *space;
	const char *found;
};

static int match_space(void *arg, const char *id, const struct json *doc)
{
	struct space_search *s = arg;

	(void)id;
	if (strcmp(json_str(doc, "namespace", ""), s->space) != 0 || serverless_is_gone(s->w, WORKGROUP_KIND, doc))
		return 0;
	s->found = json_str(doc, "name", "");
	return 1;
}

/* The namespace is there and has no workgroup, and the name is free. Lends the namespace. */
static const struct json *check_free(struct json_call *c, const char *id, struct err *err)
{
	struct space_search s = { .w = c->w, .space = json_str(c->in, "namespaceName", "") };
	const struct json *space = serverless_find(c, NAMESPACE_KIND, s.space, err);
	const struct json *old = store_get(c->w->store, WORKGROUP_KIND, id);
	char prefix[64];

	if (!space)
		return NULL;
	snprintf(prefix, sizeof(prefix), "%s/", c->who->region);
	store_each(c->w->store, WORKGROUP_KIND, prefix, match_space, &s);
	if (old && !serverless_is_gone(c->w, WORKGROUP_KIND, old))
		service_error(err, 400, "ConflictException", "Workgroup %.64s already exists.",
			      json_str(old, "name", ""));
	else if (s.found)
		service_error(err, 400, "ConflictException",
			      "Namespace %.64s is already associated with the workgroup %.64s.", s.space, s.found);
	else if (json_bool(space, "deleting", false))
		service_error(err, 400, "ConflictException", "Namespace %.64s is being deleted.", s.space);
	else
		return space;
	return NULL;
}

int serverless_create_workgroup(struct json_call *c, struct err *err)
{
	const struct json *space;
	struct json *doc;
	char id[160];

	if (ec2_ensure_region(c->w, c->who->region, err))
		return -1;
	workgroup_id(c, id);
	space = check_free(c, id, err);
	if (!space)
		return -1;
	doc = json_new_object();
	if (!doc)
		return err_nomem(err);
	if (fill_new(c, doc, err) || start_cluster(c, space, doc, err) || answer(c, doc, err)) {
		json_free(doc);
		return -1;
	}
	return store_put(c->w->store, WORKGROUP_KIND, id, doc, err);
}

int serverless_get_workgroup(struct json_call *c, struct err *err)
{
	const struct json *doc = serverless_find(c, WORKGROUP_KIND, json_str(c->in, "workgroupName", ""), err);

	return doc ? answer(c, doc, err) : -1;
}

/* Its server did not start, or its port was taken: nothing goes on until it is deleted or the daemon starts anew. */
static bool has_failed(struct json_call *c, const struct json *doc)
{
	const char *status;
	char id[200];

	serverless_cluster_id(c->who->region, json_str(doc, "namespace", ""), id, sizeof(id));
	status = json_str(store_get(c->w->store, CLUSTER_KIND, id), "status", "");
	return !strcmp(status, "hardware-failure") || !strcmp(status, "incompatible-network");
}

/* Lends the workgroup's document when nothing is under way. */
static const struct json *find_settled(struct json_call *c, bool also_failed, struct err *err)
{
	const struct json *doc = serverless_find(c, WORKGROUP_KIND, json_str(c->in, "workgroupName", ""), err);

	if (!doc || !strcmp(serverless_status(c->w, WORKGROUP_KIND, doc), "AVAILABLE") ||
	    (also_failed && has_failed(c, doc)))
		return doc;
	service_error(err, 400, "ConflictException",
		      "There is an operation running on the workgroup %.64s. Try again later.",
		      json_str(doc, "name", ""));
	return NULL;
}

static bool same_texts(const struct json *a, const struct json *b)
{
	if (json_count(a) != json_count(b))
		return false;
	for (const struct json *m = json_first(a); m; m = json_next(m))
		if (strcmp(json_text(m), json_str(b, json_name(m), "")) != 0)
			return false;
	return true;
}

/* moves: to another port. *waits: what it becomes takes its time. */
static int change_cluster(struct json_call *c, const struct json *doc, bool moves, bool *waits, struct err *err)
{
	const struct json *space;
	struct json *cluster, *before;
	bool anew;
	char id[200];
	int rc;

	serverless_cluster_id(c->who->region, json_str(doc, "namespace", ""), id, sizeof(id));
	space = serverless_find(c, NAMESPACE_KIND, json_str(doc, "namespace", ""), err);
	cluster = space ? json_copy(store_get(c->w->store, CLUSTER_KIND, id)) : NULL;
	if (!cluster)
		return space ? err_nomem(err) : -1;
	before = json_get(cluster, "parameters") ? json_copy(json_get(cluster, "parameters")) : json_new_object();
	rc = before ? fill_cluster(cluster, space, doc, err) : err_nomem(err);
	anew = !rc && !same_texts(before, json_get(cluster, "parameters"));
	if (!rc && (moves || anew))
		rc = set_pending(cluster, space, json_int(doc, "port", 0), anew ? "reconfiguring" : "modifying", err);
	json_free(before);
	*waits = moves || anew;
	if (!rc)
		return store_put(c->w->store, CLUSTER_KIND, id, cluster, err);
	json_free(cluster);
	return -1;
}

/* The reply shows it as it will be: the cluster's change is not committed yet. */
static int answer_busy(struct json_call *c, const struct json *doc, struct err *err)
{
	struct json *shown;

	if (answer(c, doc, err))
		return -1;
	shown = json_get_mut(c->out, "workgroup");
	json_remove(shown, "endpoint");
	return json_set_str(shown, "status", json_str(doc, "busy", "")) ? err_nomem(err) : 0;
}

int serverless_update_workgroup(struct json_call *c, struct err *err)
{
	const struct json *old = find_settled(c, false, err);
	struct json *doc;
	int64_t port;
	bool moves, waits = false;
	char id[160];

	if (!old)
		return -1;
	workgroup_id(c, id);
	port = json_int(old, "port", 0);
	moves = json_get(c->in, "port") && json_int(c->in, "port", 0) != port;
	if (moves && choose_port(c, &port, err))
		return -1;
	doc = json_copy(old);
	if (!doc)
		return err_nomem(err);
	if (json_set_int(doc, "port", port) || json_set_str(doc, "busy", "MODIFYING")) {
		json_free(doc);
		return err_nomem(err);
	}
	if (take_order(c, doc, err) || change_cluster(c, doc, moves, &waits, err) ||
	    (waits ? answer_busy(c, doc, err) : answer(c, doc, err))) {
		json_free(doc);
		return -1;
	}
	return store_put(c->w->store, WORKGROUP_KIND, id, doc, err);
}

/* Its port is given back; the data stays with the namespace. */
static int stop_cluster(struct json_call *c, const struct json *doc, struct err *err)
{
	struct json *cluster;
	char id[200];

	serverless_cluster_id(c->who->region, json_str(doc, "namespace", ""), id, sizeof(id));
	cluster = json_copy(store_get(c->w->store, CLUSTER_KIND, id));
	if (!cluster || json_set_str(cluster, "status", "pausing") || json_set_int(cluster, "port", 0)) {
		json_free(cluster);
		return err_nomem(err);
	}
	return store_put(c->w->store, CLUSTER_KIND, id, cluster, err);
}

int serverless_delete_workgroup(struct json_call *c, struct err *err)
{
	const struct json *old = find_settled(c, true, err);
	struct json *doc;
	char id[160];

	if (!old)
		return -1;
	workgroup_id(c, id);
	doc = json_copy(old);
	if (!doc || json_set_str(doc, "busy", "DELETING")) {
		json_free(doc);
		return err_nomem(err);
	}
	if (answer_busy(c, doc, err) || stop_cluster(c, doc, err)) {
		json_free(doc);
		return -1;
	}
	return store_put(c->w->store, WORKGROUP_KIND, id, doc, err);
}

/* ---- credentials ---- */

static int find_endpoint(struct json_call *c, char id[200], struct err *err)
{
	const struct json *doc;

	store_lock(c->w->store);
	doc = serverless_find(c, WORKGROUP_KIND, json_str(c->in, "workgroupName", ""), err);
	if (doc) {
		const char *status = serverless_status(c->w, WORKGROUP_KIND, doc);

		serverless_cluster_id(c->who->region, json_str(doc, "namespace", ""), id, 200);
		if (strcmp(status, "AVAILABLE") != 0) {
			json_input_invalid(err, "The workgroup %.64s is %s, not AVAILABLE.", json_str(doc, "name", ""),
					   status);
			doc = NULL;
		}
	}
	store_unlock(c->w->store);
	return doc ? 0 : -1;
}

/* The caller has a database user of his own, made when he first needs him. */
int serverless_get_credentials(struct json_call *c, struct err *err)
{
	int64_t seconds = json_int(c->in, "durationSeconds", 900), now = clock_now(c->w->clock);
	int64_t until = now + seconds * 1000;
	struct secret password = { 0 };
	char id[200], user[128];
	int rc = -1;

	data_api_role_of(c->who, user, sizeof(user));
	if (find_endpoint(c, id, err) || clusters_add_user(c->w->clusters, id, user, true, NULL, 0, err) ||
	    secret_random_password(&password, 64, err) ||
	    clusters_add_login(c->w->clusters, id, user, user, &password, until, err))
		goto out;
	if (json_set_str(c->out, "dbUser", user) || json_set_str(c->out, "dbPassword", secret_value(&password)) ||
	    json_set_time(c->out, "expiration", until) || json_set_time(c->out, "nextRefreshTime", until))
		err_nomem(err);
	else
		rc = 0;
out:
	secret_clear(&password);
	return rc;
}
