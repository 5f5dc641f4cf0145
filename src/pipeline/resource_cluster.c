#include <stdio.h>
#include <string.h>

#include "pipeline/network.h"
#include "pipeline/resource.h"
#include "spark/aws/redshift_parts.h"

static const char *cluster_label(const struct run *r)
{
	return r->state->names.cluster;
}

/* For the bill, which is written when the cluster is gone. */
static void remember(struct run_state *s, const struct redshift_cluster *c)
{
	if (strcmp(c->id, s->names.cluster) != 0)
		return;
	s->created_ms = c->created_ms;
	s->nodes = c->nodes;
	memcpy(s->node_type, c->node_type, sizeof(s->node_type));
}

/* *there false when the service knows no cluster of that name. */
static int describe(struct run *r, const char *id, bool *there, struct redshift_cluster *out, struct err *err)
{
	memset(out, 0, sizeof(*out));
	*there = false;
	if (redshift_describe_cluster(r->aws, id, out, err) == 0) {
		*there = true;
		remember(r->state, out);
		return 0;
	}
	if (!err_has_code(err, "ClusterNotFound"))
		return -1;
	err_clear(err);
	return 0;
}

static int cluster_find(struct run *r, enum presence *p, struct err *err)
{
	struct redshift_cluster c;
	bool there;

	if (describe(r, r->state->names.cluster, &there, &c, err) < 0)
		return -1;
	*p = !there ? PRESENCE_ABSENT : run_owns(r, &c.tags) ? PRESENCE_OURS : PRESENCE_FOREIGN;
	redshift_cluster_clear(&c);
	return 0;
}

static void tell_status(struct run *r, const char *group, const char *status, const struct wait *w)
{
	char elapsed[CLOCK_TEXT], detail[128];

	clock_duration(wait_elapsed_ms(w), elapsed);
	(void)snprintf(detail, sizeof(detail), "%s %s", status, elapsed);
	run_step_update(r, group, "cluster", detail);
}

/* Waits while the cluster is on its way out. */
static int wait_until_gone(struct run *r, const char *id, const char *group, struct wait *w, struct err *err)
{
	for (;;) {
		struct redshift_cluster c;
		char status[64];
		bool there;

		if (describe(r, id, &there, &c, err) < 0)
			return -1;
		if (!there)
			return 0;
		memcpy(status, c.status, sizeof(status));
		redshift_cluster_clear(&c);
		if (wait_judge_cluster(status) != CLUSTER_LEAVING)
			return err_set(err, ERR_CONFLICT, "cluster '%s' stopped being deleted and is '%s'", id, status);
		tell_status(r, group, status, w);
		if (wait_pause(w, "the deletion of the cluster", err) < 0)
			return -1;
	}
}

static int cluster_check(struct run *r, struct err *err)
{
	const char *type = config_str(r->config, OPT_CLUSTER_TYPE);
	bool multi = strcmp(type, "multi-node") == 0;
	int nodes = (int)config_int(r->config, OPT_NUM_NODES);

	if (multi ? nodes >= 2 : nodes == 1)
		return 0;
	err_set(err, ERR_CONFIG, "a %s cluster cannot have %d node%s (%s)", type, nodes, nodes == 1 ? "" : "s",
		config_place(r->config, OPT_NUM_NODES));
	return err_hint(err, multi ? "give 2 nodes or more, or DWH_CLUSTER_TYPE=single-node"
				   : "give 1 node, or DWH_CLUSTER_TYPE=multi-node");
}

/* What can be ordered, for the message, and whether it is among that. */
struct order {
	const char *node_type, *cluster_type;
	bool type_known, found;
	char types[400];
};

static int note_orderable(void *arg, const char *node_type, const char *cluster_type)
{
	struct order *o = arg;
	size_t len = strlen(o->types);

	if (!strstr(o->types, node_type) && len + strlen(node_type) + 3 < sizeof(o->types))
		(void)snprintf(o->types + len, sizeof(o->types) - len, "%s%s", len ? ", " : "", node_type);
	if (strcmp(node_type, o->node_type) == 0) {
		o->type_known = true;
		o->found = o->found || strcmp(cluster_type, o->cluster_type) == 0;
	}
	return 0;
}

/* What to write instead of a node type that AWS has retired. */
static const char *successor(const char *node_type)
{
	static const char *const rows[][2] = {
		{ "dc1.large", "ra3.large" },     { "dc2.large", "ra3.large" },     { "ds2.xlarge", "ra3.xlplus" },
		{ "dc1.8xlarge", "ra3.4xlarge" }, { "dc2.8xlarge", "ra3.4xlarge" }, { "ds2.8xlarge", "ra3.4xlarge" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(node_type, rows[i][0]) == 0)
			return rows[i][1];
	}
	return NULL;
}

static int cluster_check_new(struct run *r, struct err *err)
{
	struct order o = { .node_type = config_str(r->config, OPT_NODE_TYPE),
			   .cluster_type = config_str(r->config, OPT_CLUSTER_TYPE) };
	const char *place = config_place(r->config, OPT_NODE_TYPE), *better = successor(o.node_type);

	if (redshift_list_orderable(r->aws, note_orderable, &o, err) < 0)
		return -1;
	if (o.found)
		return 0;
	if (o.type_known) {
		err_set(err, ERR_CONFIG, "node type '%s' (%s) makes no %s clusters", o.node_type, place,
			o.cluster_type);
		return err_hint(err, "choose another with --node-type or --cluster-type; there are %s", o.types);
	}
	err_set(err, ERR_CONFIG, "node type '%s' (%s) cannot be ordered in region '%s'%s", o.node_type, place,
		aws_client_region(r->aws), better ? " any more" : "");
	if (better && strstr(o.types, better))
		return err_hint(err, "write %s instead; there are %s", better, o.types);
	return err_hint(err, "there are %s", o.types[0] ? o.types : "none");
}

/* The first user's password: the user's own, or a random one that nobody ever learns, since sessions then use temporary
 * credentials. */
static int master_password(struct run *r, struct secret *out, struct err *err)
{
	const struct secret *given = config_secret(r->config, OPT_DB_PASSWORD);

	if (given && secret_is_set(given))
		return secret_copy(out, given, err);
	return secret_random_password(out, 40, err);
}

static int call_create(struct run *r, const void *in, struct err *err)
{
	return redshift_create_cluster(r->aws, in, NULL, err);
}

static int send_create(struct run *r, const struct redshift_create *in, struct err *err)
{
	const struct run_state *s = r->state;

	return change_patiently(r,
				&(struct patient_call){
					.action = "CreateCluster",
					.resource = "cluster",
					.name = s->names.cluster,
					.call = call_create,
					.arg = in,
					.is_new = s->role_is_new || s->group_is_new || s->network_is_new,
					.what = "the new role",
					.limit_ms = 60000,
				},
				err);
}

static int create_cluster(struct run *r, struct err *err)
{
	const struct option_row *port = &option_rows[OPT_DB_PORT];
	struct run_state *s = r->state;
	struct aws_tag tag = run_tag(r);
	struct secret password = { 0 };
	struct redshift_create in = {
		.id = s->names.cluster,
		.cluster_type = config_str(r->config, OPT_CLUSTER_TYPE),
		.node_type = config_str(r->config, OPT_NODE_TYPE),
		.db_name = config_str(r->config, OPT_DB_NAME),
		.master_username = config_str(r->config, OPT_DB_USER),
		.master_password = &password,
		.nodes = (int)config_int(r->config, OPT_NUM_NODES),
		.port = (int)config_int(r->config, OPT_DB_PORT),
		.role_arn = s->role_arn,
		.group_id = s->group_id,
		.manage_password = config_is_yes(r->config, OPT_MANAGE_PASSWORD),
		.subnet_group = network_mode(r) == NETWORK_DEFAULT ? NULL : s->names.subnet_group,
		/* reached from this machine through the security group's one rule */
		.publicly_accessible = true,
		.encrypted = true,
		.tags = &tag,
		.tag_count = 1,
	};
	int rc = -1;

	if (master_password(r, &password, err) < 0)
		goto out;
	rc = send_create(r, &in, err);
	if (rc < 0 && err->kind == ERR_AWS && err_has_code(err, "ClusterAlreadyExists"))
		err->kind = ERR_CONFLICT;
	if (rc < 0 && err_has_code(err, "InvalidParameterValue") && strcasestr(err->text, "the port "))
		(void)err_hint(err, "choose another port: --%s, or %s in section [%s]", port->flag, port->key,
			       port->section);
out:
	secret_clear(&password);
	return rc;
}

static int resume_cluster(struct run *r, const char *id, struct err *err)
{
	struct change c;

	if (change_begin(r, &c, "ResumeCluster", "cluster", id, err) < 0)
		return -1;
	return change_end(r, &c, c.planned ? 0 : redshift_resume_cluster(r->aws, id, err), err);
}

static int attach_role(struct run *r, struct err *err)
{
	const struct run_state *s = r->state;
	struct change c;

	if (change_begin(r, &c, "ModifyClusterIamRoles", "cluster", s->names.cluster, err) < 0)
		return -1;
	return change_end(
		r, &c, c.planned ? 0 : redshift_add_cluster_iam_role(r->aws, s->names.cluster, s->role_arn, err), err);
}

/* Our role among the cluster's, NULL when it is not attached. */
static const struct redshift_role *find_role(const struct run_state *s, const struct redshift_cluster *c)
{
	for (size_t i = 0; i < c->role_count; i++) {
		if (strcmp(c->roles[i].arn, s->role_arn) == 0)
			return &c->roles[i];
	}
	return NULL;
}

/* COPY is refused until the role has reached the cluster. */
static bool role_in_sync(const struct run_state *s, const struct redshift_cluster *c)
{
	const struct redshift_role *role = find_role(s, c);

	return !role || strcmp(role->state, "adding") != 0;
}

static int cluster_ensure(struct run *r, enum presence p, bool *changed, struct err *err)
{
	struct redshift_cluster c;
	enum cluster_verdict verdict;
	struct wait w;
	bool there, attached;

	*changed = true;
	if (p == PRESENCE_ABSENT)
		return create_cluster(r, err);
	if (describe(r, r->state->names.cluster, &there, &c, err) < 0)
		return -1;
	verdict = there ? wait_judge_cluster(c.status) : CLUSTER_LEAVING;
	attached = find_role(r->state, &c) != NULL;
	redshift_cluster_clear(&c);
	if (verdict == CLUSTER_PAUSED)
		return resume_cluster(r, r->state->names.cluster, err);
	/* the stack's role may have been named anew, or made anew under another name */
	if (verdict == CLUSTER_READY && !attached)
		return attach_role(r, err);
	if (verdict != CLUSTER_LEAVING) {
		*changed = false;
		return 0;
	}
	run_wait_begin(r, &w);
	if (there && wait_until_gone(r, r->state->names.cluster, "provision", &w, err) < 0)
		return -1;
	return create_cluster(r, err);
}

static int broken(const struct run *r, const char *status, struct err *err)
{
	err_set(err, ERR_AWS, "cluster '%s' is '%s' and does not become available by itself", r->state->names.cluster,
		status);
	return err_hint(err, "take it down and build it again: sparkctl down %s, then sparkctl up %s", run_operands(r),
			run_operands(r));
}

/* A cluster that was on its way to being paused has arrived there. *asked: the state that is seen may be older than
 * what was asked for, so a second request is refused and that is fine. */
static int wake_up(struct run *r, bool *asked, struct err *err)
{
	if (*asked)
		return 0;
	*asked = true;
	if (resume_cluster(r, r->state->names.cluster, err) == 0)
		return 0;
	if (!err_has_code(err, "InvalidClusterState"))
		return -1;
	err_clear(err);
	return 0;
}

static int cluster_wait(struct run *r, bool *waited, struct err *err)
{
	struct run_state *s = r->state;
	bool asked = false;
	struct wait w;

	*waited = false;
	run_wait_begin(r, &w);
	for (;;) {
		struct redshift_cluster c;
		enum cluster_verdict verdict;
		char status[64];
		bool there, ready;

		if (describe(r, s->names.cluster, &there, &c, err) < 0)
			return -1;
		if (!there)
			return err_set(err, ERR_CONFLICT, "cluster '%s' was deleted by someone else", s->names.cluster);
		verdict = wait_judge_cluster(c.status);
		ready = verdict == CLUSTER_READY && c.host[0] && c.port && role_in_sync(s, &c);
		memcpy(status, c.status, sizeof(status));
		redshift_cluster_clear(&c);
		if (ready)
			return 0;
		if (verdict == CLUSTER_BROKEN)
			return broken(r, status, err);
		if (verdict == CLUSTER_LEAVING)
			return err_set(err, ERR_CONFLICT, "cluster '%s' is being deleted by someone else",
				       s->names.cluster);
		if (verdict == CLUSTER_PAUSED && wake_up(r, &asked, err) < 0)
			return -1;
		*waited = true;
		tell_status(r, "provision", status, &w);
		if (wait_pause(&w, "the cluster", err) < 0)
			return -1;
	}
}

/* Asks for the deletion. A cluster in the middle of something refuses: *asked stays false, try again later. */
static int ask_delete(struct run *r, const char *id, bool *asked, struct err *err)
{
	struct change c;

	*asked = false;
	if (change_begin(r, &c, "DeleteCluster", "cluster", id, err) < 0)
		return -1;
	if (change_end(r, &c, c.planned ? 0 : redshift_delete_cluster(r->aws, id, NULL, err), err) == 0 ||
	    err_has_code(err, "ClusterNotFound")) {
		*asked = true;
		err_clear(err);
		return 0;
	}
	if (!err_has_code(err, "InvalidClusterState"))
		return -1;
	err_clear(err);
	return 0;
}

int cluster_remove(struct run *r, const char *id, struct err *err)
{
	char refused_in[64] = "";
	struct wait w;

	run_wait_begin(r, &w);
	for (;;) {
		struct redshift_cluster c;
		enum cluster_verdict verdict;
		char status[64];
		bool there, asked;

		if (describe(r, id, &there, &c, err) < 0)
			return -1;
		if (!there)
			return 0;
		verdict = wait_judge_cluster(c.status);
		memcpy(status, c.status, sizeof(status));
		redshift_cluster_clear(&c);
		if (verdict == CLUSTER_LEAVING)
			return wait_until_gone(r, id, "destroy", &w, err);
		/* asked again only once the state has moved on, or at the pace of the pauses */
		if (strcmp(refused_in, status) != 0 || wait_elapsed_ms(&w) > 5000) {
			if (ask_delete(r, id, &asked, err) < 0)
				return -1;
			if (!asked)
				memcpy(refused_in, status, sizeof(refused_in));
			if (!asked && verdict == CLUSTER_PAUSED && resume_cluster(r, id, err) < 0)
				return err_wrap(err, "cluster '%s' is paused and cannot be deleted so", id);
		}
		tell_status(r, "destroy", status, &w);
		if (wait_pause(&w, "the deletion of the cluster", err) < 0)
			return -1;
	}
}

static int cluster_destroy(struct run *r, struct err *err)
{
	return cluster_remove(r, r->state->names.cluster, err);
}

const struct resource resource_cluster = {
	.name = "cluster",
	.needs = 1u << RESOURCE_ROLE | 1u << RESOURCE_GROUP | 1u << RESOURCE_SUBNET_GROUP | 1u << RESOURCE_ROUTES,
	.label = cluster_label,
	.check = cluster_check,
	.check_new = cluster_check_new,
	.find = cluster_find,
	.ensure = cluster_ensure,
	.wait = cluster_wait,
	.destroy = cluster_destroy,
};
