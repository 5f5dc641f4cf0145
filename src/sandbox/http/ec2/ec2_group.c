#include "sandbox/http/ec2/ec2.h"

#define GROUP_TEXT_MAX 255
#define GROUPS_PER_VPC 500

static void write_group(struct buf *out, const struct world *w, const struct caller *who, const struct json *doc)
{
	const char *id = json_str(doc, "id", "");

	xml_element(out, "ownerId", w->account);
	xml_element(out, "groupId", id);
	xml_element(out, "groupName", json_str(doc, "name", ""));
	xml_element(out, "groupDescription", json_str(doc, "description", ""));
	xml_element(out, "vpcId", json_str(doc, "vpcId", ""));
	xml_elementf(out, "securityGroupArn", "arn:aws:ec2:%s:%s:security-group/%s", who->region, w->account, id);
	ec2_permissions_write(out, w, doc, false);
	ec2_permissions_write(out, w, doc, true);
	ec2_tags_write(out, json_get(doc, "tags"));
}

/* What a filter looks at in a rule. */
enum rule_value {
	RULE_CIDR,
	RULE_CIDR6,
	RULE_PROTOCOL,
	RULE_FROM,
	RULE_TO,
	RULE_PEER,
	RULE_PEER_NAME,
	RULE_PEER_OWNER
};

static void offer_rule(struct ec2_match *m, const struct json *rule, enum rule_value what)
{
	const char *cidr = json_str(rule, "cidr", NULL), *peer = json_str(rule, "groupId", NULL);
	char text[EC2_ID_SIZE];

	switch (what) {
	case RULE_CIDR:
	case RULE_CIDR6:
		ec2_offer(m, cidr && (strchr(cidr, ':') != NULL) == (what == RULE_CIDR6) ? cidr : NULL);
		break;
	case RULE_PROTOCOL:
		ec2_offer(m, json_str(rule, "protocol", NULL));
		break;
	case RULE_FROM:
	case RULE_TO:
		snprintf(text, sizeof(text), "%lld",
			 (long long)json_int(rule, what == RULE_FROM ? "fromPort" : "toPort", -1));
		ec2_offer(m, text);
		break;
	case RULE_PEER:
		ec2_offer(m, peer);
		break;
	case RULE_PEER_OWNER:
		ec2_offer(m, peer ? m->world->account : NULL);
		break;
	case RULE_PEER_NAME:
		ec2_doc_id(text, m->region, peer ? peer : "");
		ec2_offer(m, json_str(store_get(m->world->store, "ec2:security-group", text), "name", NULL));
		break;
	}
}

#define RULE_FILTER(name, of_egress, what)                                                           \
	static void name(struct ec2_match *m, const struct json *doc)                                \
	{                                                                                            \
		for (const struct json *r = json_first(json_get(doc, "rules")); r; r = json_next(r)) \
			if (json_bool(r, "egress", false) == (of_egress))                            \
				offer_rule(m, r, what);                                              \
	}

RULE_FILTER(offer_in_cidr, false, RULE_CIDR)
RULE_FILTER(offer_in_cidr6, false, RULE_CIDR6)
RULE_FILTER(offer_in_protocol, false, RULE_PROTOCOL)
RULE_FILTER(offer_in_group, false, RULE_PEER)
RULE_FILTER(offer_in_group_name, false, RULE_PEER_NAME)
RULE_FILTER(offer_in_owner, false, RULE_PEER_OWNER)
RULE_FILTER(offer_in_from, false, RULE_FROM)
RULE_FILTER(offer_in_to, false, RULE_TO)
RULE_FILTER(offer_out_cidr, true, RULE_CIDR)
RULE_FILTER(offer_out_cidr6, true, RULE_CIDR6)
RULE_FILTER(offer_out_protocol, true, RULE_PROTOCOL)
RULE_FILTER(offer_out_group, true, RULE_PEER)
RULE_FILTER(offer_out_group_name, true, RULE_PEER_NAME)
RULE_FILTER(offer_out_owner, true, RULE_PEER_OWNER)
RULE_FILTER(offer_out_from, true, RULE_FROM)
RULE_FILTER(offer_out_to, true, RULE_TO)

static const struct ec2_filter_row group_filters[] = {
	{ "group-id", "id", NULL },
	{ "group-name", "name", NULL },
	{ "description", "description", NULL },
	{ "vpc-id", "vpcId", NULL },
	{ "owner-id", "ownerId", NULL },
	{ "ip-permission.cidr", NULL, offer_in_cidr },
	{ "ip-permission.protocol", NULL, offer_in_protocol },
	{ "ip-permission.group-id", NULL, offer_in_group },
	{ "ip-permission.from-port", NULL, offer_in_from },
	{ "ip-permission.to-port", NULL, offer_in_to },
	{ "egress.ip-permission.cidr", NULL, offer_out_cidr },
	{ "egress.ip-permission.protocol", NULL, offer_out_protocol },
	{ "egress.ip-permission.group-id", NULL, offer_out_group },
	{ "egress.ip-permission.from-port", NULL, offer_out_from },
	{ "egress.ip-permission.to-port", NULL, offer_out_to },
	{ "ip-permission.ipv6-cidr", NULL, offer_in_cidr6 },
	{ "ip-permission.group-name", NULL, offer_in_group_name },
	{ "ip-permission.user-id", NULL, offer_in_owner },
	{ "ip-permission.prefix-list-id", EC2_NONE_HAS, NULL },
	{ "egress.ip-permission.ipv6-cidr", NULL, offer_out_cidr6 },
	{ "egress.ip-permission.group-name", NULL, offer_out_group_name },
	{ "egress.ip-permission.user-id", NULL, offer_out_owner },
	{ "egress.ip-permission.prefix-list-id", EC2_NONE_HAS, NULL },
};

const struct ec2_kind ec2_groups = {
	.kind = "ec2:security-group",
	.prefix = "sg-",
	.id_param = "GroupId",
	.name_param = "GroupName",
	.set = "securityGroupInfo",
	.not_found = "InvalidGroup.NotFound",
	.malformed = "InvalidGroupId.Malformed",
	.noun = "security group",
	.filters = group_filters,
	.filter_count = sizeof(group_filters) / sizeof(*group_filters),
	.write = write_group,
};

EC2_HANDLER(ec2_describe_security_groups)
{
	return ec2_describe(w, who, p, &ec2_groups, out, err);
}

struct search {
	const char *vpc, *name;
	const struct json *found;
	size_t in_vpc;
};

static int search_group(void *arg, const char *id, const struct json *group)
{
	struct search *s = arg;

	(void)id;
	if (strcmp(json_str(group, "vpcId", ""), s->vpc))
		return 0;
	s->in_vpc++;
	if (!strcmp(json_str(group, "name", ""), s->name))
		s->found = group;
	return 0;
}

const struct json *ec2_group_by_name(struct world *w, const struct caller *who, const char *vpc_id, const char *name)
{
	struct search s = { vpc_id, name, NULL, 0 };
	char prefix[EC2_ID_SIZE];

	ec2_doc_id(prefix, who->region, "");
	store_each(w->store, "ec2:security-group", prefix, search_group, &s);
	return s.found;
}

static int match_default(void *arg, const char *id, const struct json *vpc)
{
	(void)id;
	if (!json_bool(vpc, "isDefault", false))
		return 0;
	*(const struct json **)arg = vpc;
	return 1;
}

const struct json *ec2_default_vpc(struct world *w, const struct caller *who)
{
	const struct json *vpc = NULL;
	char prefix[EC2_ID_SIZE];

	ec2_doc_id(prefix, who->region, "");
	store_each(w->store, "ec2:vpc", prefix, match_default, &vpc);
	return vpc;
}

const struct json *ec2_group_find(struct world *w, const struct caller *who, const struct params *p, struct err *err)
{
	const char *id = params_get(p, "GroupId"), *name = params_get(p, "GroupName");
	const struct json *vpc, *group;

	if (id)
		return ec2_find(w, who, &ec2_groups, id, err);
	if (!name) {
		service_error(err, 400, "MissingParameter",
			      "The request must contain the parameter groupName or "
			      "groupId");
		return NULL;
	}
	/* Names are looked up in the default VPC only. */
	vpc = ec2_default_vpc(w, who);
	group = vpc ? ec2_group_by_name(w, who, json_str(vpc, "id", ""), name) : NULL;
	if (!group)
		service_error(err, 400, "InvalidGroup.NotFound",
			      "The security group '%.255s' does not exist in default VPC '%s'", name,
			      vpc ? json_str(vpc, "id", "") : "none");
	return group;
}

static int check_text(const char *param, const char *text, struct err *err)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._-:/()#,@[]+=&;{}!$*";

	if (strlen(text) > GROUP_TEXT_MAX)
		return service_error(err, 400, "InvalidParameterValue",
				     "Value for parameter %s is invalid. Cannot exceed %d characters", param,
				     GROUP_TEXT_MAX);
	if (text[strspn(text, allowed)])
		return service_error(err, 400, "InvalidParameterValue",
				     "Value (%.255s) for parameter %s is invalid. Valid characters are a-z, A-Z, 0-9, "
				     "spaces, and ._-:/()#,@[]+=&;{}!$*",
				     text, param);
	return 0;
}

static int check_new_group(struct world *w, const struct caller *who, const char *vpc, const char *name,
			   const char *description, struct err *err)
{
	struct search s = { vpc, name, NULL, 0 };
	char prefix[EC2_ID_SIZE];

	if (check_text("GroupName", name, err) || check_text("GroupDescription", description, err))
		return -1;
	if (!strcasecmp(name, "default"))
		return service_error(err, 400, "InvalidParameterValue", "Cannot use reserved security group name: %s",
				     name);
	if (!strncasecmp(name, "sg-", 3))
		return service_error(err, 400, "InvalidParameterValue",
				     "Value (%.255s) for parameter GroupName is invalid. Group names may not be in "
				     "the format sg-*.",
				     name);
	ec2_doc_id(prefix, who->region, "");
	store_each(w->store, "ec2:security-group", prefix, search_group, &s);
	if (s.found)
		return service_error(err, 400, "InvalidGroup.Duplicate",
				     "The security group '%s' already exists for VPC '%s'", name, vpc);
	if (s.in_vpc >= GROUPS_PER_VPC)
		return service_error(err, 400, "SecurityGroupLimitExceeded",
				     "The maximum number of security groups has been reached.");
	return 0;
}

/* VpcId, or the default VPC. NULL with err. */
static const char *choose_vpc(struct world *w, const struct caller *who, const struct params *p, struct err *err)
{
	const char *id = params_get(p, "VpcId");
	const struct json *vpc = id ? ec2_find(w, who, &ec2_vpcs, id, err) : ec2_default_vpc(w, who);

	if (!vpc && !id)
		service_error(err, 400, "VPCIdNotSpecified", "No default VPC for this user");
	return vpc ? json_str(vpc, "id", "") : NULL;
}

EC2_HANDLER(ec2_create_security_group)
{
	const char *name = ec2_required(p, "GroupName", err);
	const char *description = name ? ec2_required(p, "GroupDescription", err) : NULL;
	const char *vpc = description ? choose_vpc(w, who, p, err) : NULL;
	struct json *doc;

	if (!vpc || check_new_group(w, who, vpc, name, description, err))
		return -1;
	doc = ec2_new_doc("sg-", err);
	if (!doc)
		return -1;
	if (json_set_str(doc, "name", name) || json_set_str(doc, "description", description) ||
	    json_set_str(doc, "vpcId", vpc) || json_set(doc, "rules", json_new_array())) {
		json_free(doc);
		return err_nomem(err);
	}
	if (ec2_rule_add_any(doc, true, NULL, err) ||
	    ec2_tags_read_specification(p, "security-group", json_get_mut(doc, "tags"), err)) {
		json_free(doc);
		return -1;
	}
	xml_element(out, "return", "true");
	xml_element(out, "groupId", json_str(doc, "id", ""));
	xml_elementf(out, "securityGroupArn", "arn:aws:ec2:%s:%s:security-group/%s", who->region, w->account,
		     json_str(doc, "id", ""));
	ec2_tags_write(out, json_get(doc, "tags"));
	return ec2_put(w, who->region, "ec2:security-group", doc, err);
}

struct usage {
	const char *id;
	bool used;
};

static int used_by_group(void *arg, const char *id, const struct json *group)
{
	struct usage *u = arg;

	(void)id;
	if (!strcmp(json_str(group, "id", ""), u->id))
		return 0;
	for (const struct json *r = json_first(json_get(group, "rules")); r; r = json_next(r))
		u->used = u->used || !strcmp(json_str(r, "groupId", ""), u->id);
	return u->used;
}

EC2_HANDLER(ec2_delete_security_group)
{
	const struct json *group = ec2_group_find(w, who, p, err);
	struct usage u = { json_str(group, "id", ""), false };
	char prefix[EC2_ID_SIZE];

	if (!group)
		return -1;
	if (!strcmp(json_str(group, "name", ""), "default"))
		return service_error(err, 400, "CannotDelete",
				     "the specified group: \"%s\" name: \"default\" cannot be deleted by a user", u.id);
	ec2_doc_id(prefix, who->region, "");
	store_each(w->store, "ec2:security-group", prefix, used_by_group, &u);
	if (u.used || ec2_group_is_used(w, who->region, u.id))
		return service_error(err, 400, "DependencyViolation", "resource %s has a dependent object", u.id);
	xml_element(out, "return", "true");
	xml_element(out, "groupId", u.id);
	return ec2_delete(w, who->region, "ec2:security-group", u.id, err);
}
