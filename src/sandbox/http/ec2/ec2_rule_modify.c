#include "sandbox/http/ec2/ec2.h"

/* ModifySecurityGroupRules: other traffic under the same ids. */

/* A rule of addresses stays one, as does one of a group's members. */
static const char *type_of(const struct json *rule)
{
	const char *cidr = json_str(rule, "cidr", NULL);

	if (!cidr)
		return "ReferencedGroupId";
	return strchr(cidr, ':') ? "CidrIpv6" : "CidrIpv4";
}

/* What a rule keeps when its traffic changes. */
static int keep_own(struct json *rule, const struct json *old)
{
	struct json *tags = json_get(old, "tags") ? json_copy(json_get(old, "tags")) : json_new_object();

	if (!tags)
		return -1;
	return json_set(rule, "tags", tags) || json_set_str(rule, "id", json_str(old, "id", "")) ? -1 : 0;
}

/* Puts the rule into the place of the group's one; takes it. */
static int replace_rule(struct json *group, const struct json *old, struct json *rule, struct err *err)
{
	struct json *fresh = json_new_array();
	int rc = fresh ? 0 : -1;

	for (const struct json *r = json_first(json_get(group, "rules")); r && rc == 0; r = json_next(r)) {
		struct json *copy = json_copy(r == old ? rule : r);

		rc = copy ? json_append(fresh, copy) : -1;
	}
	json_free(rule);
	if (rc == 0)
		return json_set(group, "rules", fresh) ? err_nomem(err) : 0;
	json_free(fresh);
	return err_nomem(err);
}

static int modify_one(struct world *w, const struct caller *who, const struct params *p, struct json *group, int n,
		      struct err *err)
{
	const char *id = params_getf(p, "SecurityGroupRule.%d.SecurityGroupRuleId", n);
	const struct json *old = ec2_rule_named(group, id, err);
	struct json *rule;
	char prefix[64];

	snprintf(prefix, sizeof(prefix), "SecurityGroupRule.%d.SecurityGroupRule.", n);
	rule = old ? ec2_rule_read(w, who, p, group, json_bool(old, "egress", false), prefix, err) : NULL;
	if (!rule)
		return -1;
	if (strcmp(type_of(old), type_of(rule)) != 0) {
		service_error(err, 400, "InvalidParameterValue",
			      "The type of the security group rule '%s' cannot be changed from %s to %s", id,
			      type_of(old), type_of(rule));
		json_free(rule);
		return -1;
	}
	if (keep_own(rule, old)) {
		json_free(rule);
		return err_nomem(err);
	}
	return replace_rule(group, old, rule, err);
}

/* Rules may take each other's places, so that only the outcome counts. */
static int check_unique(const struct json *group, struct err *err)
{
	const struct json *rules = json_get(group, "rules");

	for (const struct json *a = json_first(rules); a; a = json_next(a))
		for (const struct json *b = json_next(a); b; b = json_next(b))
			if (ec2_rule_same(a, b))
				return ec2_rule_is_there(a, err);
	return 0;
}

EC2_HANDLER(ec2_modify_security_group_rules)
{
	const struct json *found = ec2_required(p, "GroupId", err) ? ec2_group_find(w, who, p, err) : NULL;
	struct json *group;
	int rc = 0;

	if (!found || !ec2_required(p, "SecurityGroupRule.1.SecurityGroupRuleId", err))
		return -1;
	group = json_copy(found);
	if (!group)
		return err_nomem(err);
	for (int n = 1; rc == 0 && params_getf(p, "SecurityGroupRule.%d.SecurityGroupRuleId", n); n++)
		rc = modify_one(w, who, p, group, n, err);
	if (rc || check_unique(group, err)) {
		json_free(group);
		return -1;
	}
	xml_element(out, "return", "true");
	return ec2_put(w, who->region, "ec2:security-group", group, err);
}
