#include "spark/aws/redshift_lifecycle.h"

#include <stdlib.h>
#include <string.h>

#include "aws/decode.h"
#include "aws/pages.h"
#include "aws/query.h"

#define VERSION "2012-12-01"

static const struct tag_names tag_names = { "Tag", "Key", "Value" };

static int call_on(struct aws_client *c, const char *action, const char *name, const char *value, bool idempotent,
		   struct err *err)
{
	struct aws_params p;

	aws_params_init(&p, action, VERSION);
	aws_params_add(&p, name, value);
	return query_call_void(c, "redshift", &p, idempotent, err);
}

int redshift_pause_cluster(struct aws_client *c, const char *id, struct err *err)
{
	return call_on(c, "PauseCluster", "ClusterIdentifier", id, true, err);
}

int redshift_resize_cluster(struct aws_client *c, const char *id, const char *node_type, int nodes, bool classic,
			    struct err *err)
{
	struct aws_params p;

	aws_params_init(&p, "ResizeCluster", VERSION);
	aws_params_add(&p, "ClusterIdentifier", id);
	aws_params_add(&p, "ClusterType", nodes > 1 ? "multi-node" : "single-node");
	aws_params_add(&p, "NodeType", node_type);
	if (nodes > 1)
		aws_params_add_int(&p, "NumberOfNodes", nodes);
	if (classic)
		aws_params_add_bool(&p, "Classic", true);
	return query_call_void(c, "redshift", &p, false, err);
}

int redshift_create_tags(struct aws_client *c, const char *arn, const struct aws_tag *tags, size_t tag_count,
			 struct err *err)
{
	struct aws_params p;

	aws_params_init(&p, "CreateTags", VERSION);
	aws_params_add(&p, "ResourceName", arn);
	params_add_tags(&p, "Tags.Tag", tags, tag_count);
	return query_call_void(c, "redshift", &p, true, err);
}

void redshift_snapshot_clear(struct redshift_snapshot *s)
{
	if (s)
		aws_tags_clear(&s->tags);
}

int redshift_create_snapshot(struct aws_client *c, const char *id, const char *cluster, const struct aws_tag *tags,
			     size_t tag_count, struct err *err)
{
	struct aws_params p;

	aws_params_init(&p, "CreateClusterSnapshot", VERSION);
	aws_params_add(&p, "SnapshotIdentifier", id);
	aws_params_add(&p, "ClusterIdentifier", cluster);
	params_add_tags(&p, "Tags.Tag", tags, tag_count);
	return query_call_void(c, "redshift", &p, false, err);
}

struct snapshot_walk {
	const char *id; /* one, else */
	const struct aws_tag *tag;
	int (*fn)(void *arg, const struct redshift_snapshot *s);
	void *arg;
	struct redshift_snapshot *one; /* instead of fn */
	bool found;
};

static void add_selection(void *arg, struct aws_params *p)
{
	const struct snapshot_walk *w = arg;

	aws_params_add(p, "SnapshotIdentifier", w->id);
	if (w->tag) {
		aws_params_add(p, "SnapshotType", "manual");
		aws_params_add(p, "TagKeys.TagKey.1", w->tag->key);
		aws_params_add(p, "TagValues.TagValue.1", w->tag->value);
	}
}

static int decode_snapshot(const struct xml_node *n, struct redshift_snapshot *out, struct err *err)
{
	static const char action[] = "DescribeClusterSnapshots";
	struct redshift_snapshot s = { 0 };
	char size[32];

	if (decode_required(n, "SnapshotIdentifier", action, s.id, sizeof(s.id), err) != 0)
		return -1;
	decode_optional(n, "ClusterIdentifier", s.cluster, sizeof(s.cluster));
	decode_optional(n, "Status", s.status, sizeof(s.status));
	decode_optional(n, "SnapshotType", s.type, sizeof(s.type));
	decode_optional(n, "NodeType", s.node_type, sizeof(s.node_type));
	decode_optional(n, "TotalBackupSizeInMegaBytes", size, sizeof(size));
	s.size_mb = strtod(size, NULL);
	s.nodes = (int)decode_int(n, "NumberOfNodes", 0);
	s.created_ms = decode_time(n, "SnapshotCreateTime");
	if (decode_tags(xml_child(n, "Tags"), &tag_names, &s.tags, err) != 0)
		return -1;
	*out = s;
	return 0;
}

static int each_snapshot(void *arg, const struct xml_node *n, struct err *err)
{
	struct snapshot_walk *w = arg;
	struct redshift_snapshot s;
	const char *value;
	int rc = 0;

	if (decode_snapshot(n, &s, err) != 0)
		return -1;
	if (w->one) {
		*w->one = s;
		w->found = true;
		return 1;
	}
	/* the service answers those that have the key or the value */
	value = aws_tags_get(&s.tags, w->tag->key);
	if (value && strcmp(value, w->tag->value) == 0)
		rc = w->fn(w->arg, &s);
	redshift_snapshot_clear(&s);
	return rc;
}

static int walk_snapshots(struct aws_client *c, struct snapshot_walk *w, struct err *err)
{
	const struct paged_list l = {
		.service = "redshift",
		.action = "DescribeClusterSnapshots",
		.version = VERSION,
		.list = "Snapshots",
		.item = "Snapshot",
		.marker_out = "Marker",
		.marker_in = "Marker",
		.add = add_selection,
		.each = each_snapshot,
		.arg = w,
	};

	return pages_walk(c, &l, err);
}

int redshift_describe_snapshot(struct aws_client *c, const char *id, struct redshift_snapshot *out, struct err *err)
{
	struct snapshot_walk w = { .id = id, .one = out };

	if (walk_snapshots(c, &w, err) < 0)
		return -1;
	if (!w.found)
		return decode_refused(err, "the reply to redshift DescribeClusterSnapshots holds no snapshot '%s'", id);
	return 0;
}

int redshift_list_snapshots(struct aws_client *c, const struct aws_tag *tag,
			    int (*fn)(void *arg, const struct redshift_snapshot *s), void *arg, struct err *err)
{
	struct snapshot_walk w = { .tag = tag, .fn = fn, .arg = arg };

	return walk_snapshots(c, &w, err);
}

int redshift_delete_snapshot(struct aws_client *c, const char *id, struct err *err)
{
	return call_on(c, "DeleteClusterSnapshot", "SnapshotIdentifier", id, true, err);
}

int redshift_restore_cluster(struct aws_client *c, const char *snapshot, const struct redshift_create *in,
			     struct err *err)
{
	struct aws_params p;

	aws_params_init(&p, "RestoreFromClusterSnapshot", VERSION);
	aws_params_add(&p, "ClusterIdentifier", in->id);
	aws_params_add(&p, "SnapshotIdentifier", snapshot);
	aws_params_add(&p, "NodeType", in->node_type);
	if (in->nodes > 0)
		aws_params_add_int(&p, "NumberOfNodes", in->nodes);
	if (in->port > 0)
		aws_params_add_int(&p, "Port", in->port);
	aws_params_add(&p, "ClusterSubnetGroupName", in->subnet_group);
	aws_params_add(&p, "VpcSecurityGroupIds.VpcSecurityGroupId.1", in->group_id);
	aws_params_add(&p, "IamRoles.IamRoleArn.1", in->role_arn);
	aws_params_add_bool(&p, "PubliclyAccessible", in->publicly_accessible);
	aws_params_add_bool(&p, "Encrypted", in->encrypted);
	return query_call_void(c, "redshift", &p, false, err);
}
