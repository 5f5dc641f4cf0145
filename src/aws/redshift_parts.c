#include "spark/aws/redshift_parts.h"

#include <stdio.h>
#include <string.h>

#include "aws/decode.h"
#include "aws/pages.h"
#include "aws/query.h"
#include "spark/base/clock.h"

#define VERSION "2012-12-01"

static const struct tag_names tag_names = { "Tag", "Key", "Value" };

void redshift_subnet_group_clear(struct redshift_subnet_group *g)
{
	if (g)
		aws_tags_clear(&g->tags);
}

struct group_walk {
	const char *name; /* one, else */
	const struct aws_tag *tag;
	int (*fn)(void *arg, const struct redshift_subnet_group *g);
	void *arg;
	struct redshift_subnet_group *one; /* instead of fn */
	bool found;
};

static void add_group_selection(void *arg, struct aws_params *p)
{
	const struct group_walk *w = arg;

	aws_params_add(p, "ClusterSubnetGroupName", w->name);
	if (w->tag) {
		aws_params_add(p, "TagKeys.TagKey.1", w->tag->key);
		aws_params_add(p, "TagValues.TagValue.1", w->tag->value[0] ? w->tag->value : NULL);
	}
}

static int each_group(void *arg, const struct xml_node *n, struct err *err)
{
	static const char action[] = "DescribeClusterSubnetGroups";
	struct group_walk *w = arg;
	struct redshift_subnet_group g = { 0 };
	const char *value;
	int rc = 0;

	if (decode_required(n, "ClusterSubnetGroupName", action, g.name, sizeof(g.name), err) != 0)
		return -1;
	decode_optional(n, "VpcId", g.vpc_id, sizeof(g.vpc_id));
	decode_optional(n, "SubnetGroupStatus", g.status, sizeof(g.status));
	if (decode_tags(xml_child(n, "Tags"), &tag_names, &g.tags, err) != 0)
		return -1;
	if (w->one) {
		*w->one = g;
		w->found = true;
		return 1;
	}
	/* the service answers groups that have the key or the value */
	value = aws_tags_get(&g.tags, w->tag->key);
	if (value && (!w->tag->value[0] || strcmp(value, w->tag->value) == 0))
		rc = w->fn(w->arg, &g);
	redshift_subnet_group_clear(&g);
	return rc;
}

static int walk_groups(struct aws_client *c, struct group_walk *w, struct err *err)
{
	const struct paged_list l = {
		.service = "redshift",
		.action = "DescribeClusterSubnetGroups",
		.version = VERSION,
		.list = "ClusterSubnetGroups",
		.item = "ClusterSubnetGroup",
		.marker_out = "Marker",
		.marker_in = "Marker",
		.add = add_group_selection,
		.each = each_group,
		.arg = w,
	};

	return pages_walk(c, &l, err);
}

int redshift_describe_subnet_group(struct aws_client *c, const char *name, struct redshift_subnet_group *out,
				   struct err *err)
{
	struct group_walk w = { .name = name, .one = out };

	if (walk_groups(c, &w, err) < 0)
		return -1;
	if (!w.found)
		return decode_refused(err, "the reply to redshift DescribeClusterSubnetGroups holds no group '%s'",
				      name);
	return 0;
}

int redshift_list_subnet_groups(struct aws_client *c, const struct aws_tag *tag,
				int (*fn)(void *arg, const struct redshift_subnet_group *g), void *arg, struct err *err)
{
	struct group_walk w = { .tag = tag, .fn = fn, .arg = arg };

	return walk_groups(c, &w, err);
}

int redshift_create_subnet_group(struct aws_client *c, const char *name, const char *description,
				 const char *const *subnet_ids, size_t subnet_count, const struct aws_tag *tags,
				 size_t tag_count, struct err *err)
{
	struct aws_params p;

	aws_params_init(&p, "CreateClusterSubnetGroup", VERSION);
	aws_params_add(&p, "ClusterSubnetGroupName", name);
	aws_params_add(&p, "Description", description);
	for (size_t i = 0; i < subnet_count; i++)
		aws_params_addf(&p, subnet_ids[i], "SubnetIds.SubnetIdentifier.%zu", i + 1);
	params_add_tags(&p, "Tags.Tag", tags, tag_count);
	return query_call_void(c, "redshift", &p, false, err);
}

int redshift_delete_subnet_group(struct aws_client *c, const char *name, struct err *err)
{
	struct aws_params p;

	aws_params_init(&p, "DeleteClusterSubnetGroup", VERSION);
	aws_params_add(&p, "ClusterSubnetGroupName", name);
	return query_call_void(c, "redshift", &p, true, err);
}

int redshift_describe_schedule(struct aws_client *c, const char *name, struct redshift_schedule *out, struct err *err)
{
	static const char action[] = "DescribeScheduledActions";
	struct aws_params p;
	struct xml_doc *doc = NULL;
	const struct xml_node *result, *n;
	struct redshift_schedule s = { 0 };
	int rc;

	aws_params_init(&p, action, VERSION);
	aws_params_add(&p, "ScheduledActionName", name);
	rc = aws_call(c, "redshift", &p, true, &doc, &result, err);
	aws_params_clear(&p);
	if (rc != 0)
		return -1;
	n = xml_path(result, "ScheduledActions/ScheduledAction");
	rc = decode_required(n, "ScheduledActionName", action, s.name, sizeof(s.name), err);
	decode_optional(n, "State", s.state, sizeof(s.state));
	decode_optional(n, "Schedule", s.schedule, sizeof(s.schedule));
	decode_optional(n, "IamRole", s.role_arn, sizeof(s.role_arn));
	decode_optional(n, "TargetAction/PauseCluster/ClusterIdentifier", s.cluster, sizeof(s.cluster));
	s.next_ms = decode_time(n, "NextInvocations/ScheduledActionTime");
	xml_free(doc);
	if (rc == 0)
		*out = s;
	return rc;
}

/* "at(2026-11-21T12:00:00)": UTC, whole minutes are kept by the service. */
static void write_schedule(int64_t at_ms, char out[64])
{
	char iso[CLOCK_TEXT];

	clock_iso_s(at_ms, iso);
	iso[strcspn(iso, "Z")] = 0;
	(void)snprintf(out, 64, "at(%.30s)", iso);
}

int redshift_schedule_pause(struct aws_client *c, const char *name, const char *cluster, const char *role_arn,
			    int64_t at_ms, const char *description, struct err *err)
{
	struct aws_params p;
	char at[64];

	write_schedule(at_ms, at);
	aws_params_init(&p, "CreateScheduledAction", VERSION);
	aws_params_add(&p, "ScheduledActionName", name);
	aws_params_add(&p, "TargetAction.PauseCluster.ClusterIdentifier", cluster);
	aws_params_add(&p, "Schedule", at);
	aws_params_add(&p, "IamRole", role_arn);
	aws_params_add(&p, "ScheduledActionDescription", description);
	aws_params_add_bool(&p, "Enable", true);
	return query_call_void(c, "redshift", &p, false, err);
}

int redshift_move_schedule(struct aws_client *c, const char *name, int64_t at_ms, struct err *err)
{
	struct aws_params p;
	char at[64];

	write_schedule(at_ms, at);
	aws_params_init(&p, "ModifyScheduledAction", VERSION);
	aws_params_add(&p, "ScheduledActionName", name);
	aws_params_add(&p, "Schedule", at);
	aws_params_add_bool(&p, "Enable", true);
	return query_call_void(c, "redshift", &p, true, err);
}

int redshift_delete_schedule(struct aws_client *c, const char *name, struct err *err)
{
	struct aws_params p;

	aws_params_init(&p, "DeleteScheduledAction", VERSION);
	aws_params_add(&p, "ScheduledActionName", name);
	return query_call_void(c, "redshift", &p, true, err);
}

struct orderable_walk {
	int (*fn)(void *arg, const char *node_type, const char *cluster_type);
	void *arg;
};

static int each_orderable(void *arg, const struct xml_node *n, struct err *err)
{
	const struct orderable_walk *w = arg;
	char node_type[32], cluster_type[32];

	if (decode_required(n, "NodeType", "DescribeOrderableClusterOptions", node_type, sizeof(node_type), err) != 0)
		return -1;
	decode_optional(n, "ClusterType", cluster_type, sizeof(cluster_type));
	return w->fn(w->arg, node_type, cluster_type);
}

int redshift_list_orderable(struct aws_client *c, int (*fn)(void *arg, const char *node_type, const char *cluster_type),
			    void *arg, struct err *err)
{
	struct orderable_walk w = { fn, arg };
	const struct paged_list l = {
		.service = "redshift",
		.action = "DescribeOrderableClusterOptions",
		.version = VERSION,
		.list = "OrderableClusterOptions",
		.item = "OrderableClusterOption",
		.marker_out = "Marker",
		.marker_in = "Marker",
		.each = each_orderable,
		.arg = &w,
	};

	return pages_walk(c, &l, err);
}
