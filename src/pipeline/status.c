#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/resource.h"
#include "pipeline/session.h"
#include "pipeline/status_parts.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"
#include "spark/pipeline/status.h"

/* Someone who asks how things are does not wait long for a database that is not there. */
#define STATUS_CONNECT_MS 5000

struct json *status_object(const struct member *members, size_t count)
{
	struct json *o = json_new_object();

	for (size_t i = 0; o && i < count; i++) {
		const struct member *m = &members[i];

		if ((m->text ? json_set_str(o, m->name, m->text) : json_set_int(o, m->name, m->number)) < 0) {
			json_free(o);
			o = NULL;
		}
	}
	return o;
}
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

int status_put(struct json *root, const char *name, struct json *value, struct err *err)
{
	return value && json_set(root, name, value) == 0 ? 0 : err_nomem(err);
}

static int put_null(struct json *root, const char *name, struct err *err)
{
	return json_set_str(root, name, NULL) == 0 ? 0 : err_nomem(err);
}

static int add_cluster(struct run *r, struct json *root, bool *available, char cluster_vpc[32], struct err *err)
{
	struct redshift_cluster c = { 0 };
	char created[CLOCK_TEXT] = "";
	struct json *o;
	int rc;

	*available = false;
	if (redshift_describe_cluster(r->aws, r->state->names.cluster, &c, err) < 0) {
		if (!err_has_code(err, "ClusterNotFound"))
			return -1;
		err_clear(err);
		return put_null(root, "cluster", err) < 0 ? -1 : status_add_workgroup(r, root, available, err);
	}
	*available = wait_judge_cluster(c.status) == CLUSTER_READY && c.host[0] && c.port;
	/* for the bill */
	r->state->created_ms = c.created_ms;
	r->state->nodes = c.nodes;
	memcpy(r->state->node_type, c.node_type, sizeof(r->state->node_type));
	/* the settings may name another network than those with which it was made */
	memcpy(cluster_vpc, c.vpc_id, sizeof(c.vpc_id));
	if (c.created_ms)
		clock_iso_s(c.created_ms, created);
	o = status_object(
		(const struct member[]){
			{ "id", c.id, 0 },
			{ "status", c.status, 0 },
			{ "host", c.host, 0 },
			{ "port", NULL, c.port },
			{ "node_type", c.node_type, 0 },
			{ "nodes", NULL, c.nodes },
			{ "created", created, 0 },
			{ "age_s", NULL, c.created_ms ? (clock_now(r->clock) - c.created_ms) / 1000 : 0 },
			{ "vpc", c.vpc_id, 0 },
			{ "role", c.role_count ? c.roles[0].arn : "", 0 },
		},
		10);
	if (o && json_set_bool(o, "ours", run_owns(r, &c.tags)) < 0) {
		json_free(o);
		o = NULL;
	}
	rc = status_put(root, "cluster", o, err);
	redshift_cluster_clear(&c);
	return rc;
}

static int add_role(struct run *r, struct json *root, struct err *err)
{
	static const char *const whose[] = {
		[PRESENCE_OURS] = "ours", [PRESENCE_FOREIGN] = "not ours", [PRESENCE_GIVEN] = "given"
	};
	enum presence p;

	if (resource_role.find(r, &p, err) < 0)
		return -1;
	if (p == PRESENCE_ABSENT)
		return put_null(root, "role", err);
	return status_put(root, "role",
			  status_object(
				  (const struct member[]){
					  { "name", resource_role.label(r), 0 },
					  { "arn", r->state->role_arn, 0 },
					  { "owner", whose[p], 0 },
				  },
				  3),
			  err);
}

static struct json *rule_list(const struct ec2_group *g)
{
	struct json *list = json_new_array();

	for (size_t i = 0; list && i < g->ingress_count; i++) {
		const struct ec2_rule *rule = &g->ingress[i];
		char text[128];

		(void)snprintf(text, sizeof(text), "%s %d-%d from %s", rule->protocol, rule->from_port, rule->to_port,
			       rule->cidr);
		if (rule->from_port == rule->to_port)
			(void)snprintf(text, sizeof(text), "%s %d from %s", rule->protocol, rule->from_port,
				       rule->cidr);
		if (json_append_str(list, text) < 0) {
			json_free(list);
			return NULL;
		}
	}
	return list;
}

static int add_group(struct run *r, struct json *root, const char *cluster_vpc, struct err *err)
{
	const char *vpc = cluster_vpc[0] ? cluster_vpc : r->state->vpc_id;
	struct ec2_group g = { 0 };
	enum presence p;
	bool found = false;
	struct json *o;
	int rc;

	if (resource_vpc.find(r, &p, err) < 0) {
		if (!err_has_code(err, "DefaultVpcNotFound"))
			return -1;
		err_clear(err);
	}
	if (!vpc[0])
		return put_null(root, "group", err);
	if (ec2_find_group(r->aws, vpc, r->state->names.group, NULL, &found, &g, err) < 0)
		return -1;
	if (!found)
		return put_null(root, "group", err);
	o = status_object((const struct member[]){ { "id", g.id, 0 }, { "name", g.name, 0 }, { "vpc", vpc, 0 } }, 3);
	rc = o ? status_put(o, "ingress", rule_list(&g), err) : err_nomem(err);
	if (rc == 0)
		rc = status_put(root, "group", o, err);
	else
		json_free(o);
	ec2_group_clear(&g);
	return rc;
}

static int add_connection(struct run *r, const struct endpoint *e, struct json *root, struct err *err)
{
	char expires[CLOCK_TEXT] = "";

	if (e->expires_ms)
		clock_iso_s(e->expires_ms, expires);
	return status_put(root, "connection",
			  status_object(
				  (const struct member[]){
					  { "host", e->host, 0 },
					  { "port", NULL, e->port },
					  { "dbname", e->database, 0 },
					  { "user", e->user, 0 },
					  { "password", secret_value(&e->password), 0 },
					  { "expires", expires, 0 },
					  { "sslmode", r->ssl_mode ? r->ssl_mode : "prefer", 0 },
					  { "sslrootcert", r->ssl_ca ? r->ssl_ca : "", 0 },
				  },
				  8),
			  err);
}

/* One more row of the list that is being built. */
static int add_count(struct json *list, const char *schema, const char *table, int64_t rows)
{
	struct json *o = status_object(
		(const struct member[]){ { "schema", schema, 0 }, { "name", table, 0 }, { "rows", NULL, rows } }, 3);

	return o && json_append(list, o) == 0 ? 0 : -1;
}

static void add_quoted(struct buf *out, const char *name)
{
	buf_putc(out, '"');
	for (; *name; name++) {
		if (*name == '"')
			buf_putc(out, '"');
		buf_putc(out, *name);
	}
	buf_putc(out, '"');
}

static int count_rows(struct conn *c, const char *schema, const char *table, struct json *list, struct err *err)
{
	struct result r;
	struct buf sql;
	int rc = -1;

	buf_init(&sql, 4096);
	buf_puts(&sql, "SELECT COUNT(*) FROM ");
	add_quoted(&sql, schema);
	buf_putc(&sql, '.');
	add_quoted(&sql, table);
	if (buf_check(&sql, "statement", err) == 0 && conn_exec(c, sql.data, &r, err) == 0) {
		const char *n = result_value(&r, 0, 0);

		rc = add_count(list, schema, table, n ? strtoll(n, NULL, 10) : 0);
		if (rc < 0)
			err_nomem(err);
		result_clear(&r);
	}
	buf_clear(&sql);
	return rc;
}

static int list_tables(struct conn *c, struct json *list, struct err *err)
{
	static const char sql[] =
		"SELECT schemaname, tablename FROM pg_tables WHERE schemaname <> 'information_schema' "
		"AND schemaname NOT LIKE 'pg!_%' ESCAPE '!' ORDER BY schemaname, tablename";
	struct result r;
	int rc = 0;

	if (conn_exec(c, sql, &r, err) < 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < r.rows; i++)
		rc = count_rows(c, result_value(&r, i, 0), result_value(&r, i, 1), list, err);
	result_clear(&r);
	return rc;
}

/* Tables and their rows, when the database answers; a database that does not is no failure of the question. */
static int add_tables(struct run *r, const struct endpoint *e, struct json *root, struct err *err)
{
	struct json *list = json_new_array();
	struct conn *c = NULL;
	struct err why;

	if (!list)
		return err_nomem(err);
	if (endpoint_connect(r, e, STATUS_CONNECT_MS, 0, &c, &why) < 0 || list_tables(c, list, &why) < 0) {
		conn_close(c);
		json_free(list);
		if (why.kind == ERR_INTERRUPTED || why.kind == ERR_NOMEM) {
			if (err)
				*err = why;
			return -1;
		}
		log_debug("tables: %s", why.text);
		return json_set_str(root, "tables_error", why.text) < 0 ? err_nomem(err) : 0;
	}
	conn_close(c);
	return status_put(root, "tables", list, err);
}

static int add_database(struct run *r, struct json *root, bool with_credentials, struct err *err)
{
	struct endpoint e;
	struct err why;
	int rc;

	if (endpoint_find(r, &e, err) < 0)
		return -1;
	if (endpoint_credentials(r, &e, &why) < 0) {
		/* whoever may not log in may still see what there is */
		endpoint_clear(&e);
		return json_set_str(root, "tables_error", why.text) < 0 ? err_nomem(err) : 0;
	}
	rc = add_tables(r, &e, root, err);
	if (rc == 0 && with_credentials)
		rc = add_connection(r, &e, root, err);
	endpoint_clear(&e);
	return rc;
}

struct json *run_status(struct run *r, bool with_credentials, struct err *err)
{
	const struct member head[] = {
		{ "stack", run_stack(r), 0 },
		{ "target", config_str(r->config, OPT_TARGET), 0 },
		{ "region", aws_client_region(r->aws), 0 },
		{ "account", run_account(r), 0 },
		{ "identity", r->state->identity.arn, 0 },
	};
	struct json *root = status_object(head, COUNT(head));
	char cluster_vpc[32] = "";
	bool available;

	if (!root) {
		err_nomem(err);
		return NULL;
	}
	if (add_cluster(r, root, &available, cluster_vpc, err) < 0 || add_role(r, root, err) < 0 ||
	    add_group(r, root, cluster_vpc, err) < 0 || status_add_network(r, root, err) < 0 ||
	    status_add_cost(r, root, err) < 0 || status_add_last_run(r, root, err) < 0 ||
	    (available && add_database(r, root, with_credentials, err) < 0) || status_add_next(r, root, err) < 0) {
		json_free(root);
		return NULL;
	}
	return root;
}

int run_access(struct run *r, struct run_access *out, struct err *err)
{
	struct run_access a = { .ssl_mode = r->ssl_mode ? r->ssl_mode : "prefer", .ssl_ca = r->ssl_ca };
	struct endpoint e;
	enum presence p;

	if (endpoint_find(r, &e, err) < 0)
		return -1;
	if (endpoint_credentials(r, &e, err) < 0 || resource_role.find(r, &p, err) < 0) {
		endpoint_clear(&e);
		return -1;
	}
	memcpy(a.host, e.host, sizeof(a.host));
	memcpy(a.user, e.user, sizeof(a.user));
	memcpy(a.database, e.database, sizeof(a.database));
	a.port = e.port;
	a.expires_ms = e.expires_ms;
	a.password = e.password; /* taken */
	if (p != PRESENCE_ABSENT)
		(void)snprintf(a.role_arn, sizeof(a.role_arn), "%s", r->state->role_arn);
	*out = a;
	return 0;
}

void run_access_clear(struct run_access *a)
{
	secret_clear(&a->password);
}
