#include "spark/aws/redshift.h"

#include "aws/decode.h"
#include "aws/pages.h"
#include "aws/query.h"
#include "spark/base/mem.h"

#define VERSION "2012-12-01"

static const struct tag_names tag_names = { "Tag", "Key", "Value" };

void redshift_cluster_clear(struct redshift_cluster *c)
{
	if (!c)
		return;
	mem_free(c->roles);
	c->roles = NULL;
	c->role_count = c->role_cap = 0;
	mem_free(c->group_ids);
	c->group_ids = NULL;
	c->group_count = c->group_cap = 0;
	aws_tags_clear(&c->tags);
}

/* Optional texts of <Cluster>, each with its place in the struct. */
static const struct {
	const char *path;
	size_t offset, size;
} cluster_texts[] = {
#define TEXT(path, member)                                                                                      \
	{                                                                                                       \
		path, offsetof(struct redshift_cluster, member), sizeof(((struct redshift_cluster *)0)->member) \
	}
	TEXT("NodeType", node_type),
	TEXT("DBName", db_name),
	TEXT("MasterUsername", master_username),
	TEXT("Endpoint/Address", host),
	TEXT("VpcId", vpc_id),
	TEXT("AvailabilityZone", availability_zone),
	TEXT("ClusterNamespaceArn", namespace_arn),
#undef TEXT
};

static int decode_roles(const struct xml_node *list, struct redshift_cluster *c)
{
	const struct xml_node *n = xml_child(list, "ClusterIamRole");

	for (; n; n = xml_next(n, "ClusterIamRole")) {
		struct redshift_role *role;

		if (mem_grow(&c->roles, &c->role_cap, c->role_count, sizeof(*c->roles)) != 0)
			return -1;
		role = &c->roles[c->role_count++];
		decode_optional(n, "IamRoleArn", role->arn, sizeof(role->arn));
		decode_optional(n, "ApplyStatus", role->state, sizeof(role->state));
	}
	return 0;
}

static int decode_groups(const struct xml_node *list, struct redshift_cluster *c)
{
	const struct xml_node *n = xml_child(list, "VpcSecurityGroup");

	for (; n; n = xml_next(n, "VpcSecurityGroup")) {
		if (mem_grow(&c->group_ids, &c->group_cap, c->group_count, sizeof(*c->group_ids)) != 0)
			return -1;
		decode_optional(n, "VpcSecurityGroupId", c->group_ids[c->group_count], sizeof(*c->group_ids));
		c->group_count++;
	}
	return 0;
}

static int decode_cluster(const struct xml_node *n, const char *action, struct redshift_cluster *out, struct err *err)
{
	struct redshift_cluster c = { 0 };

	if (decode_required(n, "ClusterIdentifier", action, c.id, sizeof(c.id), err) != 0 ||
	    decode_required(n, "ClusterStatus", action, c.status, sizeof(c.status), err) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(cluster_texts) / sizeof(cluster_texts[0]); i++)
		decode_optional(n, cluster_texts[i].path, (char *)&c + cluster_texts[i].offset, cluster_texts[i].size);
	c.port = (int)decode_int(n, "Endpoint/Port", 0);
	c.nodes = (int)decode_int(n, "NumberOfNodes", 0);
	c.created_ms = decode_time(n, "ClusterCreateTime");
	if (decode_roles(xml_child(n, "IamRoles"), &c) != 0 ||
	    decode_groups(xml_child(n, "VpcSecurityGroups"), &c) != 0) {
		err_nomem(err);
		goto fail;
	}
	if (decode_tags(xml_child(n, "Tags"), &tag_names, &c.tags, err) != 0)
		goto fail;
	*out = c;
	return 0;
fail:
	redshift_cluster_clear(&c);
	return -1;
}

static void add_create_params(struct aws_params *p, const struct redshift_create *in)
{
	bool multi = in->cluster_type && strcmp(in->cluster_type, "multi-node") == 0;

	aws_params_add(p, "DBName", in->db_name);
	aws_params_add(p, "ClusterIdentifier", in->id);
	aws_params_add(p, "ClusterType", in->cluster_type);
	aws_params_add(p, "NodeType", in->node_type);
	aws_params_add(p, "MasterUsername", in->master_username);
	if (in->manage_password)
		aws_params_add_bool(p, "ManageMasterPassword", true);
	else if (in->master_password)
		aws_params_add(p, "MasterUserPassword", secret_value(in->master_password));
	aws_params_add(p, "VpcSecurityGroupIds.VpcSecurityGroupId.1", in->group_id);
	aws_params_add(p, "ClusterSubnetGroupName", in->subnet_group);
	if (in->port > 0)
		aws_params_add_int(p, "Port", in->port);
	if (multi)
		aws_params_add_int(p, "NumberOfNodes", in->nodes);
	aws_params_add_bool(p, "PubliclyAccessible", in->publicly_accessible);
	aws_params_add_bool(p, "Encrypted", in->encrypted);
	params_add_tags(p, "Tags.Tag", in->tags, in->tag_count);
	aws_params_add(p, "IamRoles.IamRoleArn.1", in->role_arn);
}

int redshift_create_cluster(struct aws_client *c, const struct redshift_create *in, struct redshift_cluster *out,
			    struct err *err)
{
	struct aws_params p;
	struct xml_doc *doc = NULL;
	const struct xml_node *result;
	struct redshift_cluster cluster;
	int rc;

	aws_params_init(&p, "CreateCluster", VERSION);
	/* Room beforehand: a buffer that grows leaves copies of the password behind. */
	if (!buf_reserve(&p.body, 16 * 1024)) {
		aws_params_clear(&p);
		return err_nomem(err);
	}
	add_create_params(&p, in);
	rc = aws_call(c, "redshift", &p, false, &doc, &result, err);
	aws_params_clear(&p);
	if (rc != 0)
		return -1;
	rc = decode_cluster(xml_child(result, "Cluster"), "CreateCluster", &cluster, err);
	xml_free(doc);
	if (rc != 0)
		return -1;
	if (out)
		*out = cluster;
	else
		redshift_cluster_clear(&cluster);
	return 0;
}

struct walk {
	const char *id, *tag_key, *tag_value;
	int (*fn)(void *arg, const struct redshift_cluster *cluster);
	void *arg;
	struct redshift_cluster *one; /* instead of fn */
	bool found;
};

static void add_selection(void *arg, struct aws_params *p)
{
	const struct walk *w = arg;

	aws_params_add(p, "ClusterIdentifier", w->id);
	if (w->tag_key)
		aws_params_add(p, "TagKeys.TagKey.1", w->tag_key);
	if (w->tag_key && w->tag_value)
		aws_params_add(p, "TagValues.TagValue.1", w->tag_value);
}

/* The service takes keys and values apart and answers clusters that have any of them; the pair is what is meant. */
static bool has_tag(const struct redshift_cluster *c, const struct walk *w)
{
	const char *value;

	if (!w->tag_key)
		return true;
	value = aws_tags_get(&c->tags, w->tag_key);
	return value && (!w->tag_value || strcmp(value, w->tag_value) == 0);
}

static int each_cluster(void *arg, const struct xml_node *item, struct err *err)
{
	struct walk *w = arg;
	struct redshift_cluster cluster;
	int rc = decode_cluster(item, "DescribeClusters", &cluster, err);

	if (rc != 0)
		return rc;
	if (w->one) {
		*w->one = cluster;
		w->found = true;
		return 1;
	}
	rc = has_tag(&cluster, w) ? w->fn(w->arg, &cluster) : 0;
	redshift_cluster_clear(&cluster);
	return rc;
}

static int walk_clusters(struct aws_client *c, struct walk *w, struct err *err)
{
	const struct paged_list l = {
		.service = "redshift",
		.action = "DescribeClusters",
		.version = VERSION,
		.list = "Clusters",
		.item = "Cluster",
		.marker_out = "Marker",
		.marker_in = "Marker",
		.add = add_selection,
		.each = each_cluster,
		.arg = w,
	};
	return pages_walk(c, &l, err);
}

int redshift_describe_cluster(struct aws_client *c, const char *id, struct redshift_cluster *out, struct err *err)
{
	struct walk w = { .id = id, .one = out };

	if (walk_clusters(c, &w, err) < 0)
		return -1;
	if (!w.found)
		return decode_refused(err, "the reply to redshift DescribeClusters holds no cluster '%s'", id);
	return 0;
}

int redshift_list_clusters(struct aws_client *c, const char *tag_key, const char *tag_value,
			   int (*fn)(void *arg, const struct redshift_cluster *cluster), void *arg, struct err *err)
{
	struct walk w = { .tag_key = tag_key, .tag_value = tag_value, .fn = fn, .arg = arg };

	return walk_clusters(c, &w, err);
}

int redshift_delete_cluster(struct aws_client *c, const char *id, const char *final_snapshot, struct err *err)
{
	struct aws_params p;

	aws_params_init(&p, "DeleteCluster", VERSION);
	aws_params_add(&p, "ClusterIdentifier", id);
	aws_params_add_bool(&p, "SkipFinalClusterSnapshot", final_snapshot == NULL);
	aws_params_add(&p, "FinalClusterSnapshotIdentifier", final_snapshot);
	return query_call_void(c, "redshift", &p, true, err);
}

int redshift_resume_cluster(struct aws_client *c, const char *id, struct err *err)
{
	struct aws_params p;

	aws_params_init(&p, "ResumeCluster", VERSION);
	aws_params_add(&p, "ClusterIdentifier", id);
	return query_call_void(c, "redshift", &p, true, err);
}

int redshift_add_cluster_iam_role(struct aws_client *c, const char *id, const char *role_arn, struct err *err)
{
	struct aws_params p;

	aws_params_init(&p, "ModifyClusterIamRoles", VERSION);
	aws_params_add(&p, "ClusterIdentifier", id);
	aws_params_add(&p, "AddIamRoles.IamRoleArn.1", role_arn);
	return query_call_void(c, "redshift", &p, true, err);
}

/* The password passes through a buffer of fixed size, so that no copy of it stays behind. */
static int decode_credentials(const struct xml_node *n, char user_out[136], struct secret *password_out,
			      int64_t *expires_ms, struct err *err)
{
	static const char action[] = "GetClusterCredentials";
	char user[136], password[1024];
	int rc = -1;

	if (decode_required(n, "DbUser", action, user, sizeof(user), err) != 0)
		return -1;
	if (decode_required(n, "DbPassword", action, password, sizeof(password), err) == 0 &&
	    secret_set(password_out, password, err) == 0) {
		memcpy(user_out, user, sizeof(user));
		*expires_ms = decode_time(n, "Expiration");
		rc = 0;
	}
	explicit_bzero(password, sizeof(password));
	return rc;
}

int redshift_get_cluster_credentials(struct aws_client *c, const char *id, const char *db_user, const char *db_name,
				     int duration_s, char user_out[136], struct secret *password_out,
				     int64_t *expires_ms, struct err *err)
{
	struct aws_params p;
	struct xml_doc *doc = NULL;
	const struct xml_node *result;
	int rc;

	aws_params_init(&p, "GetClusterCredentials", VERSION);
	aws_params_add(&p, "DbUser", db_user);
	aws_params_add(&p, "DbName", db_name);
	aws_params_add(&p, "ClusterIdentifier", id);
	aws_params_add_int(&p, "DurationSeconds", duration_s);
	aws_params_add_bool(&p, "AutoCreate", false);
	rc = aws_call(c, "redshift", &p, true, &doc, &result, err);
	aws_params_clear(&p);
	if (rc != 0)
		return -1;
	rc = decode_credentials(result, user_out, password_out, expires_ms, err);
	xml_free(doc);
	return rc;
}
