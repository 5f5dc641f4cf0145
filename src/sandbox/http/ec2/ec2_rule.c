#include "sandbox/http/ec2/ec2.h"

static int new_rule_id(struct json *rule, struct err *err)
{
	char id[64];

	if (world_id_hex("sgr-", 17, id, sizeof(id), err))
		return -1;
	return json_set_str(rule, "id", id) ? err_nomem(err) : 0;
}

int ec2_rule_add_any(struct json *group, bool egress, const char *peer_group, struct err *err)
{
	struct json *rule = json_new_object();

	if (!rule || json_set_bool(rule, "egress", egress) || json_set_str(rule, "protocol", "-1") ||
	    json_set_int(rule, "fromPort", -1) || json_set_int(rule, "toPort", -1) ||
	    json_set_str(rule, peer_group ? "groupId" : "cidr", peer_group ? peer_group : "0.0.0.0/0") ||
	    json_set(rule, "tags", json_new_object())) {
		json_free(rule);
		return err_nomem(err);
	}
	if (new_rule_id(rule, err)) {
		json_free(rule);
		return -1;
	}
	return json_append(json_get_mut(group, "rules"), rule) ? err_nomem(err) : 0;
}

static void write_rule(struct buf *out, const struct world *w, const struct caller *who, const char *group_id,
		       const struct json *rule, bool revoked)
{
	const char *cidr = json_str(rule, "cidr", NULL), *peer = json_str(rule, "groupId", NULL);
	const char *id = json_str(rule, "id", "");

	xml_open(out, "item");
	xml_element(out, "securityGroupRuleId", id);
	xml_element(out, "groupId", group_id);
	xml_element(out, "isEgress", json_bool(rule, "egress", false) ? "true" : "false");
	xml_element(out, "ipProtocol", json_str(rule, "protocol", ""));
	xml_elementf(out, "fromPort", "%lld", (long long)json_int(rule, "fromPort", -1));
	xml_elementf(out, "toPort", "%lld", (long long)json_int(rule, "toPort", -1));
	xml_element(out, cidr && strchr(cidr, ':') ? "cidrIpv6" : "cidrIpv4", cidr);
	xml_element(out, "description", json_str(rule, "description", NULL));
	if (revoked) {
		xml_element(out, "referencedGroupId", peer);
	} else {
		if (peer) {
			xml_open(out, "referencedGroupInfo");
			xml_element(out, "groupId", peer);
			xml_element(out, "userId", w->account);
			xml_close(out, "referencedGroupInfo");
		}
		xml_element(out, "groupOwnerId", w->account);
		xml_elementf(out, "securityGroupRuleArn", "arn:aws:ec2:%s:%s:security-group-rule/%s", who->region,
			     w->account, id);
		ec2_tags_write(out, json_get(rule, "tags"));
	}
	xml_close(out, "item");
}

static const struct json *find_same(const struct json *rules, const struct json *wanted)
{
	const struct json *r = json_first(rules);

	while (r && !ec2_rule_same(r, wanted))
		r = json_next(r);
	return r;
}

int ec2_rule_is_there(const struct json *rule, struct err *err)
{
	const char *protocol = json_str(rule, "protocol", ""), *peer = json_str(rule, "cidr", NULL);
	char upper[16] = "ALL", ports[64] = "";

	if (!peer)
		peer = json_str(rule, "groupId", "");
	if (strcmp(protocol, "-1")) {
		for (size_t i = 0; i < sizeof(upper) && (i == 0 || protocol[i - 1]); i++)
			upper[i] = (char)(protocol[i] >= 'a' && protocol[i] <= 'z' ? protocol[i] - 32 : protocol[i]);
		upper[sizeof(upper) - 1] = 0;
		snprintf(ports, sizeof(ports), "from port: %lld, to port: %lld, ",
			 (long long)json_int(rule, "fromPort", -1), (long long)json_int(rule, "toPort", -1));
	}
	return service_error(err, 400, "InvalidPermission.Duplicate",
			     "the specified rule \"peer: %s, %s, %sALLOW\" already exists", peer, upper, ports);
}

static size_t count_direction(const struct json *rules, bool egress)
{
	size_t n = 0;

	for (const struct json *r = json_first(rules); r; r = json_next(r))
		n += json_bool(r, "egress", false) == egress;
	return n;
}

/* A copy of the rule with an id and the request's tags, into the group; its reply. */
static int add_rule(struct world *w, const struct caller *who, const struct params *p, struct json *group,
		    const struct json *wanted, struct buf *out, struct err *err)
{
	struct json *rules = json_get_mut(group, "rules"), *rule;

	if (find_same(rules, wanted))
		return ec2_rule_is_there(wanted, err);
	if (count_direction(rules, json_bool(wanted, "egress", false)) >= EC2_RULES_MAX)
		return service_error(err, 400, "RulesPerSecurityGroupLimitExceeded",
				     "The maximum number of rules per security group has been reached.");
	rule = json_copy(wanted);
	if (!rule)
		return err_nomem(err);
	if (new_rule_id(rule, err) ||
	    ec2_tags_read_specification(p, "security-group-rule", json_get_mut(rule, "tags"), err)) {
		json_free(rule);
		return -1;
	}
	write_rule(out, w, who, json_str(group, "id", ""), rule, false);
	return json_append(rules, rule) ? err_nomem(err) : 0;
}

static int authorize(struct world *w, const struct caller *who, const struct params *p, bool egress, struct buf *out,
		     struct err *err)
{
	const struct json *found = ec2_group_find(w, who, p, err);
	struct json *wanted = found ? ec2_permissions_read(w, who, p, found, egress, err) : NULL;
	struct json *group;
	int rc = 0;

	if (!wanted)
		return -1;
	group = json_copy(found);
	if (!group) {
		json_free(wanted);
		return err_nomem(err);
	}
	xml_element(out, "return", "true");
	xml_open(out, "securityGroupRuleSet");
	for (const struct json *r = json_first(wanted); r && rc == 0; r = json_next(r))
		rc = add_rule(w, who, p, group, r, out, err);
	xml_close(out, "securityGroupRuleSet");
	json_free(wanted);
	if (rc) {
		json_free(group);
		return -1;
	}
	return ec2_put(w, who->region, "ec2:security-group", group, err);
}

EC2_HANDLER(ec2_authorize_ingress)
{
	return authorize(w, who, p, false, out, err);
}

EC2_HANDLER(ec2_authorize_egress)
{
	return authorize(w, who, p, true, out, err);
}

static void remove_rule(struct world *w, const struct caller *who, struct json *group, const struct json *rule,
			struct buf *out)
{
	struct json *rules = json_get_mut(group, "rules");
	size_t i = 0;

	write_rule(out, w, who, json_str(group, "id", ""), rule, true);
	while (json_at(rules, i) != rule)
		i++;
	json_remove_at(rules, i);
}

const struct json *ec2_rule_by_id(const struct json *group, const char *id)
{
	const struct json *r = json_first(json_get(group, "rules"));

	while (r && strcmp(json_str(r, "id", ""), id))
		r = json_next(r);
	return r;
}

static int no_such_rule(const char *id, struct err *err)
{
	if (strncmp(id, "sgr-", 4) || !id[4] || strlen(id) > 40 || id[4 + strspn(id + 4, "0123456789abcdef")])
		return service_error(err, 400, "InvalidSecurityGroupRuleId.Malformed",
				     "Invalid id: \"%.100s\" (expecting \"sgr-...\")", id);
	return service_error(err, 400, "InvalidSecurityGroupRuleId.NotFound",
			     "The security group rule ID '%.60s' does not exist", id);
}

const struct json *ec2_rule_named(const struct json *group, const char *id, struct err *err)
{
	const struct json *rule = ec2_rule_by_id(group, id);

	if (!rule)
		no_such_rule(id, err);
	return rule;
}

const struct json *ec2_rule_of_direction(const struct json *group, const char *id, bool egress, struct err *err)
{
	const struct json *rule = ec2_rule_by_id(group, id);

	return ec2_rule_named(rule && json_bool(rule, "egress", false) == egress ? group : NULL, id, err);
}

static int revoke_ids(struct world *w, const struct caller *who, const struct params *p, struct json *group,
		      bool egress, struct buf *out, struct err *err)
{
	const char *id;

	for (int n = 1; (id = params_getf(p, "SecurityGroupRuleId.%d", n)); n++) {
		const struct json *rule = ec2_rule_of_direction(group, id, egress, err);

		if (!rule)
			return -1;
		remove_rule(w, who, group, rule, out);
	}
	return 0;
}

static int revoke_permissions(struct world *w, const struct caller *who, const struct params *p, struct json *group,
			      bool egress, struct buf *out, struct err *err)
{
	struct json *wanted = ec2_permissions_read(w, who, p, group, egress, err);
	int rc = wanted ? 0 : -1;

	for (const struct json *r = json_first(wanted); r && rc == 0; r = json_next(r)) {
		const struct json *rule = find_same(json_get(group, "rules"), r);

		if (rule)
			remove_rule(w, who, group, rule, out);
		else
			rc = service_error(err, 400, "InvalidPermission.NotFound",
					   "The specified rule does not exist in this security group.");
	}
	json_free(wanted);
	return rc;
}

static int revoke(struct world *w, const struct caller *who, const struct params *p, bool egress, struct buf *out,
		  struct err *err)
{
	const struct json *found = ec2_group_find(w, who, p, err);
	struct json *group = found ? json_copy(found) : NULL;
	int rc;

	if (!group)
		return found ? err_nomem(err) : -1;
	xml_element(out, "return", "true");
	xml_open(out, "revokedSecurityGroupRuleSet");
	if (params_get(p, "SecurityGroupRuleId.1"))
		rc = revoke_ids(w, who, p, group, egress, out, err);
	else
		rc = revoke_permissions(w, who, p, group, egress, out, err);
	xml_close(out, "revokedSecurityGroupRuleSet");
	if (rc) {
		json_free(group);
		return -1;
	}
	return ec2_put(w, who->region, "ec2:security-group", group, err);
}

EC2_HANDLER(ec2_revoke_ingress)
{
	return revoke(w, who, p, false, out, err);
}

EC2_HANDLER(ec2_revoke_egress)
{
	return revoke(w, who, p, true, out, err);
}

/* Filters look at a rule as if the group's id were its member. */
struct describing {
	const struct world *world;
	const struct caller *who;
	const struct params *params;
	struct ec2_page page;
	struct ec2_filters filters;
	struct buf *out;
	bool failed;
};

static const struct ec2_filter_row rule_filters[] = {
	{ "group-id", "ofGroup", NULL },
	{ "security-group-rule-id", "id", NULL },
};

static bool rule_wanted(struct describing *d, const char *group_id, const struct json *rule)
{
	const char *id = params_get(d->params, "SecurityGroupRuleId.1");
	struct json *seen;
	bool holds;

	for (int n = 1; id && strcmp(id, json_str(rule, "id", ""));)
		id = params_getf(d->params, "SecurityGroupRuleId.%d", ++n);
	if (!id && params_get(d->params, "SecurityGroupRuleId.1"))
		return false;
	seen = json_copy(rule);
	if (!seen || json_set_str(seen, "ofGroup", group_id)) {
		d->failed = true;
		json_free(seen);
		return false;
	}
	holds = ec2_filters_hold(&d->filters, seen);
	json_free(seen);
	return holds;
}

static int describe_group(void *arg, const char *id, const struct json *group)
{
	struct describing *d = arg;
	const char *group_id = json_str(group, "id", "");

	(void)id;
	for (const struct json *r = json_first(json_get(group, "rules")); r && !d->failed; r = json_next(r))
		if (rule_wanted(d, group_id, r) && ec2_page_takes(&d->page))
			write_rule(d->out, d->world, d->who, group_id, r, false);
	return d->failed || d->page.more;
}

struct rule_search {
	const char *id;
	bool found;
};

static int search_group(void *arg, const char *id, const struct json *group)
{
	struct rule_search *s = arg;

	(void)id;
	s->found = ec2_rule_by_id(group, s->id) != NULL;
	return s->found;
}

EC2_HANDLER(ec2_describe_security_group_rules)
{
	struct describing d = { .world = w, .who = who, .params = p, .out = out };
	struct rule_search s;
	char prefix[EC2_ID_SIZE];

	ec2_doc_id(prefix, who->region, "");
	for (int n = 1; (s.id = params_getf(p, "SecurityGroupRuleId.%d", n)); n++) {
		s.found = false;
		store_each(w->store, "ec2:security-group", prefix, search_group, &s);
		if (!s.found)
			return no_such_rule(s.id, err);
	}
	if (ec2_page_begin(p, &d.page, err) ||
	    ec2_filters_begin(&d.filters, p, rule_filters, sizeof(rule_filters) / sizeof(*rule_filters), err))
		return -1;
	xml_open(out, "securityGroupRuleSet");
	store_each(w->store, "ec2:security-group", prefix, describe_group, &d);
	xml_close(out, "securityGroupRuleSet");
	ec2_page_end(&d.page, out);
	return d.failed ? err_nomem(err) : 0;
}
