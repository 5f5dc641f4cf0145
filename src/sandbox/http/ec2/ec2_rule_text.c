#include "sandbox/http/ec2/ec2.h"

/* Descriptions of rules that are there already. */

/* Iteration hands out const items; the group is a copy of ours. */
static int set_description(const struct json *rule, const char *text, struct err *err)
{
	struct json *mine = (struct json *)(uintptr_t)rule;

	if (text && strlen(text) > 255)
		return service_error(err, 400, "InvalidParameterValue",
				     "Invalid rule description. Must be less than 256 characters long.");
	if (!text || !*text) {
		json_remove(mine, "description");
		return 0;
	}
	return json_set_str(mine, "description", text) ? err_nomem(err) : 0;
}

static int by_id(const struct params *p, const struct json *group, bool egress, struct err *err)
{
	const char *id;

	for (int n = 1; (id = params_getf(p, "SecurityGroupRuleDescription.%d.SecurityGroupRuleId", n)); n++) {
		const struct json *rule = ec2_rule_of_direction(group, id, egress, err);

		if (!rule)
			return -1;
		if (set_description(rule, params_getf(p, "SecurityGroupRuleDescription.%d.Description", n), err))
			return -1;
	}
	return 0;
}

static int by_permission(struct world *w, const struct caller *who, const struct params *p, const struct json *group,
			 bool egress, struct err *err)
{
	struct json *wanted = ec2_permissions_read(w, who, p, group, egress, err);
	int rc = wanted ? 0 : -1;

	for (const struct json *x = json_first(wanted); x && rc == 0; x = json_next(x)) {
		const struct json *r = json_first(json_get(group, "rules"));

		while (r && !ec2_rule_same(r, x))
			r = json_next(r);
		rc = r ? set_description(r, json_str(x, "description", NULL), err)
		       : service_error(err, 400, "InvalidPermission.NotFound",
				       "The specified rule does not exist in this security group.");
	}
	json_free(wanted);
	return rc;
}

static int update(struct world *w, const struct caller *who, const struct params *p, bool egress, struct buf *out,
		  struct err *err)
{
	const struct json *found = ec2_group_find(w, who, p, err);
	bool ids = params_get(p, "SecurityGroupRuleDescription.1.SecurityGroupRuleId") != NULL;
	struct json *group;

	if (!found)
		return -1;
	if (ids && params_get(p, "IpPermissions.1.IpProtocol"))
		return service_error(err, 400, "InvalidParameterCombination",
				     "The parameter securityGroupRuleDescriptions cannot be used with the parameter "
				     "ipPermissions");
	group = json_copy(found);
	if (!group)
		return err_nomem(err);
	if (ids ? by_id(p, group, egress, err) : by_permission(w, who, p, group, egress, err)) {
		json_free(group);
		return -1;
	}
	xml_element(out, "return", "true");
	return ec2_put(w, who->region, "ec2:security-group", group, err);
}

EC2_HANDLER(ec2_describe_ingress_anew)
{
	return update(w, who, p, false, out, err);
}

EC2_HANDLER(ec2_describe_egress_anew)
{
	return update(w, who, p, true, out, err);
}
