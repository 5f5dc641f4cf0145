#include "pipeline/cluster_create.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/network.h"
#include "pipeline/password.h"
#include "pipeline/resource.h"
#include "spark/aws/redshift_lifecycle.h"
#include "spark/aws/redshift_parts.h"

int cluster_check(struct run *r, struct err *err)
{
	const char *type = config_str(r->config, OPT_CLUSTER_TYPE);
	bool multi = strcmp(type, "multi-node") == 0;
	int nodes = (int)config_int(r->config, OPT_NUM_NODES);

	if (multi ? nodes >= 2 : nodes == 1)
		return password_check(r, err);
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

int cluster_check_new(struct run *r, struct err *err)
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

static int call_restore(struct run *r, const void *in, struct err *err)
{
	return redshift_restore_cluster(r->aws, r->restore_from, in, err);
}

/* The snapshot says of what kind the nodes are, unless the user does. */
static int send_restore(struct run *r, const struct redshift_create *like, struct err *err)
{
	const struct run_state *s = r->state;
	struct redshift_create in = *like;

	if (!config_is_set(r->config, OPT_NODE_TYPE))
		in.node_type = NULL;
	if (!config_is_set(r->config, OPT_NUM_NODES))
		in.nodes = 0;
	return change_patiently(r,
				&(struct patient_call){
					.action = CLUSTER_RESTORE_ACTION,
					.resource = r->restore_from, /* so that a repeat knows what it repeats */
					.name = s->names.cluster,
					.call = call_restore,
					.arg = &in,
					.is_new = s->role_is_new || s->group_is_new || s->network_is_new,
					.what = "the new role",
					.limit_ms = 60000,
				},
				err) < 0
		       ? -1
		       : cluster_tag(r, err);
}

static int call_tag(struct run *r, const void *arn, struct err *err)
{
	struct aws_tag tag = run_tag(r);

	return redshift_create_tags(r->aws, arn, &tag, 1, err);
}

int cluster_tag(struct run *r, struct err *err)
{
	const struct run_state *s = r->state;
	char arn[256];

	(void)snprintf(arn, sizeof(arn), "arn:%s:redshift:%s:%s:cluster:%s", s->names.partition,
		       aws_client_region(r->aws), s->identity.account, s->names.cluster);
	return change_patiently(r,
				&(struct patient_call){
					.action = "CreateTags",
					.resource = "cluster",
					.name = s->names.cluster,
					.call = call_tag,
					.arg = arn,
					.is_new = true,
					.what = "the restored cluster",
					.limit_ms = 60000,
				},
				err);
}

int cluster_create(struct run *r, struct err *err)
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
		.subnet_group = network_mode(r) == NETWORK_DEFAULT ? NULL : s->names.subnet_group,
		/* reached from this machine through the security group's one rule */
		.publicly_accessible = true,
		.encrypted = true,
		.tags = &tag,
		.tag_count = 1,
	};
	int rc = -1;

	if (r->restore_from) {
		rc = send_restore(r, &in, err);
	} else {
		if (password_choose(r, &password, &in.manage_password, err) < 0)
			goto out;
		rc = send_create(r, &in, err);
	}
	s->cluster_is_new = rc == 0;
	if (rc < 0 && err->kind == ERR_AWS && err_has_code(err, "ClusterAlreadyExists"))
		err->kind = ERR_CONFLICT;
	if (rc < 0 && err_has_code(err, "InvalidParameterValue") && strcasestr(err->text, "the port "))
		(void)err_hint(err, "choose another port: --%s, or %s in section [%s]", port->flag, port->key,
			       port->section);
out:
	secret_clear(&password);
	return rc;
}
