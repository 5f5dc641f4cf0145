#include "spark/aws/ec2.h"

#include "aws/decode.h"
#include "aws/pages.h"
#include "aws/query.h"
#include "spark/base/mem.h"

#define VERSION "2016-11-15"

static const struct tag_names tag_names = { "item", "key", "value" };

void ec2_group_clear(struct ec2_group *g)
{
	if (!g)
		return;
	aws_tags_clear(&g->tags);
	mem_free(g->ingress);
	g->ingress = NULL;
	g->ingress_count = 0;
}

int ec2_find_default_vpc(struct aws_client *c, char vpc_id[32], struct err *err)
{
	struct aws_params p;
	struct xml_doc *doc = NULL;
	const struct xml_node *result, *vpc;
	char id[32];
	int rc;

	aws_params_init(&p, "DescribeVpcs", VERSION);
	aws_params_add(&p, "Filter.1.Name", "is-default");
	aws_params_add(&p, "Filter.1.Value.1", "true");
	rc = aws_call(c, "ec2", &p, true, &doc, &result, err);
	aws_params_clear(&p);
	if (rc != 0)
		return -1;
	vpc = xml_path(result, "vpcSet/item");
	if (!vpc) {
		rc = err_set(err, ERR_AWS, "region '%s' has no default VPC", aws_client_region(c));
		if (err)
			memcpy(err->code, "DefaultVpcNotFound", sizeof("DefaultVpcNotFound"));
		err_hint(err, "create one: aws ec2 create-default-vpc --region %s", aws_client_region(c));
	} else {
		rc = decode_required(vpc, "vpcId", "DescribeVpcs", id, sizeof(id), err);
	}
	xml_free(doc);
	if (rc == 0)
		memcpy(vpc_id, id, sizeof(id));
	return rc;
}

/* One permission holds several ranges; each becomes a rule of its own. */
static int decode_rules(const struct xml_node *permissions, struct ec2_group *g, struct err *err)
{
	size_t cap = 0;
	const struct xml_node *perm = permissions ? xml_child(permissions, "item") : NULL;

	for (; perm; perm = xml_next(perm, "item")) {
		const struct xml_node *ranges = xml_child(perm, "ipRanges");
		const struct xml_node *range = ranges ? xml_child(ranges, "item") : NULL;
		for (; range; range = xml_next(range, "item")) {
			struct ec2_rule rule = {
				.from_port = (int)decode_int(perm, "fromPort", -1),
				.to_port = (int)decode_int(perm, "toPort", -1),
			};
			decode_optional(perm, "ipProtocol", rule.protocol, sizeof(rule.protocol));
			decode_optional(range, "cidrIp", rule.cidr, sizeof(rule.cidr));
			if (mem_grow(&g->ingress, &cap, g->ingress_count, sizeof(*g->ingress)) != 0)
				return err_nomem(err);
			g->ingress[g->ingress_count++] = rule;
		}
	}
	return 0;
}

static int decode_group(const struct xml_node *n, struct ec2_group *out, struct err *err)
{
	static const char action[] = "DescribeSecurityGroups";
	struct ec2_group g = { 0 };

	if (decode_required(n, "groupId", action, g.id, sizeof(g.id), err) != 0 ||
	    decode_required(n, "groupName", action, g.name, sizeof(g.name), err) != 0)
		return -1;
	decode_optional(n, "vpcId", g.vpc_id, sizeof(g.vpc_id));
	if (decode_tags(xml_child(n, "tagSet"), &tag_names, &g.tags, err) != 0 ||
	    decode_rules(xml_child(n, "ipPermissions"), &g, err) != 0) {
		ec2_group_clear(&g);
		return -1;
	}
	*out = g;
	return 0;
}

struct group_search {
	const char *vpc_id, *name;
	const struct aws_tag *tag;
	struct ec2_group *out;
	bool found;
	/* instead of tag and out: each that has a tag of this key */
	const char *tag_key;
	int (*fn)(void *arg, const struct ec2_group *group);
	void *arg;
};

static void add_filter(struct aws_params *p, int *n, const char *name, const char *value)
{
	++*n;
	aws_params_addf(p, name, "Filter.%d.Name", *n);
	aws_params_addf(p, value, "Filter.%d.Value.1", *n);
}

static void add_group_filters(void *arg, struct aws_params *p)
{
	const struct group_search *s = arg;
	char tag_filter[160];
	int n = 0;

	if (s->tag_key)
		add_filter(p, &n, "tag-key", s->tag_key);
	if (s->vpc_id)
		add_filter(p, &n, "vpc-id", s->vpc_id);
	if (s->name) {
		add_filter(p, &n, "group-name", s->name);
	} else if (s->tag) {
		snprintf(tag_filter, sizeof(tag_filter), "tag:%s", s->tag->key);
		add_filter(p, &n, tag_filter, s->tag->value);
	}
}

/* The first one ends the walk: 1. */
static int each_group(void *arg, const struct xml_node *item, struct err *err)
{
	struct group_search *s = arg;
	struct ec2_group group;
	int rc;

	if (s->fn) {
		if (decode_group(item, &group, err) != 0)
			return -1;
		rc = s->fn(s->arg, &group);
		ec2_group_clear(&group);
		return rc;
	}
	if (decode_group(item, s->out, err) != 0)
		return -1;
	s->found = true;
	return 1;
}

static int walk_groups(struct aws_client *c, struct group_search *s, struct err *err)
{
	const struct paged_list l = {
		.service = "ec2",
		.action = "DescribeSecurityGroups",
		.version = VERSION,
		.list = "securityGroupInfo",
		.item = "item",
		.marker_out = "nextToken",
		.marker_in = "NextToken",
		.add = add_group_filters,
		.each = each_group,
		.arg = s,
	};

	return pages_walk(c, &l, err);
}

int ec2_each_tagged_group(struct aws_client *c, const char *tag_key,
			  int (*fn)(void *arg, const struct ec2_group *group), void *arg, struct err *err)
{
	struct group_search s = { .tag_key = tag_key, .fn = fn, .arg = arg };

	return walk_groups(c, &s, err);
}

int ec2_find_group(struct aws_client *c, const char *vpc_id, const char *name, const struct aws_tag *tag, bool *found,
		   struct ec2_group *out, struct err *err)
{
	struct group_search s = { .vpc_id = vpc_id, .name = name, .tag = tag, .out = out };

	/* Without a filter the answer would be somebody's group. */
	if (!name && !tag)
		return err_set(err, ERR_BUG, "a security group is looked for without name and tag");
	if (walk_groups(c, &s, err) < 0)
		return -1;
	*found = s.found;
	return 0;
}

int ec2_create_group(struct aws_client *c, const char *vpc_id, const char *name, const char *description,
		     const struct aws_tag *tags, size_t tag_count, char group_id[32], struct err *err)
{
	struct aws_params p;
	struct xml_doc *doc = NULL;
	const struct xml_node *result;
	char id[32];
	int rc;

	aws_params_init(&p, "CreateSecurityGroup", VERSION);
	aws_params_add(&p, "GroupDescription", description);
	aws_params_add(&p, "GroupName", name);
	aws_params_add(&p, "VpcId", vpc_id);
	if (tag_count > 0) {
		aws_params_add(&p, "TagSpecification.1.ResourceType", "security-group");
		params_add_tags(&p, "TagSpecification.1.Tag", tags, tag_count);
	}
	rc = aws_call(c, "ec2", &p, false, &doc, &result, err);
	aws_params_clear(&p);
	if (rc != 0)
		return -1;
	rc = decode_required(result, "groupId", "CreateSecurityGroup", id, sizeof(id), err);
	xml_free(doc);
	if (rc == 0)
		memcpy(group_id, id, sizeof(id));
	return rc;
}

static int change_ingress(struct aws_client *c, const char *action, const char *group_id, const struct ec2_rule *rule,
			  const char *description, struct err *err)
{
	struct aws_params p;

	aws_params_init(&p, action, VERSION);
	aws_params_add(&p, "GroupId", group_id);
	aws_params_add(&p, "IpPermissions.1.IpProtocol", rule->protocol);
	if (strcmp(rule->protocol, "-1") != 0) {
		aws_params_add_int(&p, "IpPermissions.1.FromPort", rule->from_port);
		aws_params_add_int(&p, "IpPermissions.1.ToPort", rule->to_port);
	}
	aws_params_add(&p, "IpPermissions.1.IpRanges.1.CidrIp", rule->cidr);
	aws_params_add(&p, "IpPermissions.1.IpRanges.1.Description", description);
	return query_call_void(c, "ec2", &p, true, err);
}

/* A code that says "it is so already" is success. */
static int unless_code(int rc, const char *code, struct err *local, struct err *err)
{
	if (rc == 0 || err_has_code(local, code))
		return 0;
	if (err)
		*err = *local;
	return -1;
}

int ec2_authorize_ingress(struct aws_client *c, const char *group_id, const struct ec2_rule *rule,
			  const char *description, struct err *err)
{
	struct err local = { 0 };
	int rc = change_ingress(c, "AuthorizeSecurityGroupIngress", group_id, rule, description, &local);

	return unless_code(rc, "InvalidPermission.Duplicate", &local, err);
}

int ec2_revoke_ingress(struct aws_client *c, const char *group_id, const struct ec2_rule *rule, struct err *err)
{
	struct err local = { 0 };
	int rc = change_ingress(c, "RevokeSecurityGroupIngress", group_id, rule, NULL, &local);

	return unless_code(rc, "InvalidPermission.NotFound", &local, err);
}

int ec2_delete_group(struct aws_client *c, const char *group_id, struct err *err)
{
	struct aws_params p;

	aws_params_init(&p, "DeleteSecurityGroup", VERSION);
	aws_params_add(&p, "GroupId", group_id);
	return query_call_void(c, "ec2", &p, true, err);
}
