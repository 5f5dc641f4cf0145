#include "sandbox/http/ec2/ec2.h"

#include <arpa/inet.h>

/* Where the parameters of one permission are: "IpPermissions.2.", "SecurityGroupRule.1.SecurityGroupRule." or "" for
 * the older flat form. */
struct source {
	struct world *world;
	const struct caller *who;
	const struct params *params;
	const struct json *group;
	char prefix[64];
	bool egress;
	const char *protocol;
	int64_t from, to;
	struct json *rules; /* the result so far */
};

static int invalid(struct err *err, const char *text)
{
	return service_error(err, 400, "InvalidParameterValue", "%s", text);
}

/* Names and numbers of protocols to the form that AWS answers with. */
static const char *protocol_name(const char *given)
{
	static const struct {
		const char *name, *number;
	} known[] = { { "tcp", "6" }, { "udp", "17" }, { "icmp", "1" }, { "icmpv6", "58" } };
	char *end;
	long number;

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcasecmp(given, known[i].name) || !strcmp(given, known[i].number))
			return known[i].name;
	if (!strcmp(given, "-1") || !strcasecmp(given, "all"))
		return "-1";
	number = strtol(given, &end, 10);
	return *given && !*end && number >= 0 && number <= 255 ? given : NULL;
}

static int read_ports(struct source *s, struct err *err)
{
	const char *from = params_getf(s->params, "%sFromPort", s->prefix);
	const char *to = params_getf(s->params, "%sToPort", s->prefix);
	bool tcp_udp = !strcmp(s->protocol, "tcp") || !strcmp(s->protocol, "udp");
	char *from_end = NULL, *to_end = NULL;

	s->from = s->to = -1;
	if (!strcmp(s->protocol, "-1") || (!tcp_udp && strncmp(s->protocol, "icmp", 4)))
		return 0;
	if (!from || !to)
		return tcp_udp ? invalid(err, "Invalid value 'Must specify both from and to ports with TCP/UDP.' for "
					      "portRange.")
			       : 0;
	s->from = strtoll(from, &from_end, 10);
	s->to = strtoll(to, &to_end, 10);
	if (!*from || *from_end || !*to || *to_end)
		return invalid(err, "Invalid value for portRange: ports are whole numbers.");
	if (!tcp_udp)
		return 0;
	if (s->from == -1 && s->to == -1)
		s->from = 0, s->to = 65535;
	if (s->from < 0 || s->from > 65535 || s->to < 0 || s->to > 65535)
		return service_error(err, 400, "InvalidParameterValue", "TCP/UDP port (%lld) out of range",
				     (long long)(s->from < 0 || s->from > 65535 ? s->from : s->to));
	if (s->from > s->to)
		return service_error(err, 400, "InvalidParameterValue", "Invalid TCP/UDP port range (%lld:%lld)",
				     (long long)s->from, (long long)s->to);
	return 0;
}

static int add_rule(struct source *s, const char *peer_member, const char *peer, const char *description,
		    struct err *err)
{
	struct json *rule;

	/* No group holds more, and each is compared with all before it. */
	if (json_count(s->rules) >= EC2_RULES_MAX)
		return service_error(err, 400, "RulesPerSecurityGroupLimitExceeded",
				     "The maximum number of rules per security group has been reached.");
	rule = json_new_object();
	if (!rule || json_set_bool(rule, "egress", s->egress) || json_set_str(rule, "protocol", s->protocol) ||
	    json_set_int(rule, "fromPort", s->from) || json_set_int(rule, "toPort", s->to) ||
	    json_set_str(rule, peer_member, peer) || (description && json_set_str(rule, "description", description)) ||
	    json_set(rule, "tags", json_new_object())) {
		json_free(rule);
		return err_nomem(err);
	}
	for (const struct json *r = json_first(s->rules); r; r = json_next(r)) {
		if (ec2_rule_same(r, rule)) {
			json_free(rule);
			return invalid(err, "The same permission must not appear multiple times");
		}
	}
	return json_append(s->rules, rule) ? err_nomem(err) : 0;
}

/* The network with the bits behind its prefix cleared, as AWS keeps it. */
static int add_cidr(struct source *s, const char *text, int family, const char *description, struct err *err)
{
	struct cidr c;
	char whole[CIDR_TEXT];

	if (!cidr_parse(text, false, &c) || c.family != family)
		return service_error(err, 400, "InvalidParameterValue", "CIDR block %.60s is malformed", text);
	cidr_canonical(&c, whole);
	return add_rule(s, "cidr", whole, description, err);
}

static int add_group(struct source *s, const char *id, const char *name, const char *description, struct err *err)
{
	const struct json *peer;

	if (id) {
		peer = ec2_find(s->world, s->who, &ec2_groups, id, err);
	} else {
		peer = ec2_group_by_name(s->world, s->who, json_str(s->group, "vpcId", ""), name);
		if (!peer)
			service_error(err, 400, "InvalidGroup.NotFound", "The security group '%.255s' does not exist",
				      name);
	}
	return peer ? add_rule(s, "groupId", json_str(peer, "id", ""), description, err) : -1;
}

static int check_description(const char *text, struct err *err)
{
	if (text && strlen(text) > 255)
		return invalid(err, "Invalid rule description. Must be less than 256 characters long.");
	return 0;
}

static int read_ranges(struct source *s, const char *list, const char *member, int family, struct err *err)
{
	const char *cidr;

	for (int n = 1; (cidr = params_getf(s->params, "%s%s.%d.%s", s->prefix, list, n, member)); n++) {
		const char *text = params_getf(s->params, "%s%s.%d.Description", s->prefix, list, n);

		if (check_description(text, err) || add_cidr(s, cidr, family, text, err))
			return -1;
	}
	return 0;
}

static int read_groups(struct source *s, struct err *err)
{
	for (int n = 1;; n++) {
		const char *id = params_getf(s->params, "%sGroups.%d.GroupId", s->prefix, n);
		const char *name = params_getf(s->params, "%sGroups.%d.GroupName", s->prefix, n);
		const char *text = params_getf(s->params, "%sGroups.%d.Description", s->prefix, n);

		if (!id && !name)
			return 0;
		if (check_description(text, err) || add_group(s, id, name, text, err))
			return -1;
	}
}

static int read_protocol(struct source *s, struct err *err)
{
	const char *given = params_getf(s->params, "%sIpProtocol", s->prefix);

	if (!given)
		return service_error(err, 400, "MissingParameter", "The request must contain the parameter ipProtocol");
	s->protocol = protocol_name(given);
	if (!s->protocol)
		return service_error(err, 400, "InvalidParameterValue",
				     "Invalid value '%.40s' for IP protocol. Unknown protocol.", given);
	return read_ports(s, err);
}

static int read_one(struct source *s, struct err *err)
{
	size_t before = json_count(s->rules);

	if (params_getf(s->params, "%sPrefixListIds.1.PrefixListId", s->prefix))
		return service_error(err, 400, "UnsupportedOperation", "The sandbox does not have prefix lists");
	if (read_protocol(s, err) || read_ranges(s, "IpRanges", "CidrIp", AF_INET, err) ||
	    read_ranges(s, "Ipv6Ranges", "CidrIpv6", AF_INET6, err) || read_groups(s, err))
		return -1;
	if (json_count(s->rules) == before)
		return service_error(err, 400, "MissingParameter",
				     "The request must contain the parameter ipRanges, ipv6Ranges or groups");
	return 0;
}

/* CidrIp, IpProtocol, FromPort, ToPort, SourceSecurityGroupName without a list. */
static int read_flat(struct source *s, struct err *err)
{
	const char *cidr = params_get(s->params, "CidrIp");
	const char *name = params_get(s->params, "SourceSecurityGroupName");

	if (!cidr && !name)
		return service_error(err, 400, "MissingParameter",
				     "Either 'ipPermissions' or 'securityGroupRuleIds' should be provided");
	if (!cidr && !params_get(s->params, "IpProtocol")) {
		s->protocol = "-1";
		s->from = s->to = -1;
	} else if (read_protocol(s, err)) {
		return -1;
	}
	return cidr ? add_cidr(s, cidr, AF_INET, NULL, err) : add_group(s, NULL, name, NULL, err);
}

struct json *ec2_permissions_read(struct world *w, const struct caller *who, const struct params *p,
				  const struct json *group, bool egress, struct err *err)
{
	struct source s = { .world = w, .who = who, .params = p, .group = group, .egress = egress };
	int rc = 0, n = 1;

	s.rules = json_new_array();
	if (!s.rules) {
		err_nomem(err);
		return NULL;
	}
	for (; rc == 0; n++) {
		snprintf(s.prefix, sizeof(s.prefix), "IpPermissions.%d.", n);
		if (!params_getf(p, "%sIpProtocol", s.prefix))
			break;
		rc = read_one(&s, err);
	}
	if (rc == 0 && n == 1) {
		s.prefix[0] = 0;
		rc = read_flat(&s, err);
	}
	if (rc == 0)
		return s.rules;
	json_free(s.rules);
	return NULL;
}

/* One peer, of the kind that the parameter's name says. */
static int read_peer(struct source *s, struct err *err)
{
	static const char *const names[] = { "CidrIpv4", "CidrIpv6", "ReferencedGroupId", "PrefixListId" };
	enum { V4, V6, GROUP, LIST };
	const char *description = params_getf(s->params, "%sDescription", s->prefix), *peer = NULL;
	size_t kind = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = params_getf(s->params, "%s%s", s->prefix, names[i]);

		if (value && peer)
			return service_error(err, 400, "InvalidParameterCombination",
					     "The parameter %s cannot be used with the parameter %s", names[i],
					     names[kind]);
		if (value)
			peer = value, kind = i;
	}
	if (!peer)
		return service_error(err, 400, "MissingParameter",
				     "The request must contain exactly one of: CidrIpv4, CidrIpv6, PrefixListId, "
				     "ReferencedGroupId");
	if (kind == LIST)
		return service_error(err, 400, "UnsupportedOperation", "The sandbox does not have prefix lists");
	if (check_description(description, err))
		return -1;
	return kind == GROUP ? add_group(s, peer, NULL, description, err)
			     : add_cidr(s, peer, kind == V4 ? AF_INET : AF_INET6, description, err);
}

struct json *ec2_rule_read(struct world *w, const struct caller *who, const struct params *p, const struct json *group,
			   bool egress, const char *prefix, struct err *err)
{
	struct source s = { .world = w, .who = who, .params = p, .group = group, .egress = egress };
	struct json *rule = NULL;

	snprintf(s.prefix, sizeof(s.prefix), "%s", prefix);
	s.rules = json_new_array();
	if (!s.rules)
		err_nomem(err);
	else if (!read_protocol(&s, err) && !read_peer(&s, err) && !(rule = json_copy(json_first(s.rules))))
		err_nomem(err);
	json_free(s.rules);
	return rule;
}

bool ec2_rule_same(const struct json *a, const struct json *b)
{
	return json_bool(a, "egress", false) == json_bool(b, "egress", false) &&
	       !strcmp(json_str(a, "protocol", ""), json_str(b, "protocol", "")) &&
	       json_int(a, "fromPort", -1) == json_int(b, "fromPort", -1) &&
	       json_int(a, "toPort", -1) == json_int(b, "toPort", -1) &&
	       !strcmp(json_str(a, "cidr", ""), json_str(b, "cidr", "")) &&
	       !strcmp(json_str(a, "groupId", ""), json_str(b, "groupId", ""));
}

static bool same_permission(const struct json *a, const struct json *b)
{
	return json_bool(a, "egress", false) == json_bool(b, "egress", false) &&
	       !strcmp(json_str(a, "protocol", ""), json_str(b, "protocol", "")) &&
	       json_int(a, "fromPort", -1) == json_int(b, "fromPort", -1) &&
	       json_int(a, "toPort", -1) == json_int(b, "toPort", -1);
}

static bool is_first(const struct json *rules, const struct json *rule)
{
	const struct json *r = json_first(rules);

	while (r != rule && !same_permission(r, rule))
		r = json_next(r);
	return r == rule;
}

/* The peers of one kind of a permission: "groups", "ipRanges" or "ipv6Ranges". */
static void write_peers(struct buf *out, const struct world *w, const struct json *first, const char *set)
{
	bool groups = !strcmp(set, "groups"), v6 = !strcmp(set, "ipv6Ranges");

	xml_open(out, set);
	for (const struct json *r = first; r; r = json_next(r)) {
		const char *cidr = json_str(r, "cidr", NULL);

		if (!same_permission(r, first) || (cidr ? groups || v6 != (strchr(cidr, ':') != NULL) : !groups))
			continue;
		xml_open(out, "item");
		if (groups) {
			xml_element(out, "groupId", json_str(r, "groupId", ""));
			xml_element(out, "userId", w->account);
		} else {
			xml_element(out, v6 ? "cidrIpv6" : "cidrIp", cidr);
		}
		xml_element(out, "description", json_str(r, "description", NULL));
		xml_close(out, "item");
	}
	xml_close(out, set);
}

void ec2_permissions_write(struct buf *out, const struct world *w, const struct json *group, bool egress)
{
	const char *set = egress ? "ipPermissionsEgress" : "ipPermissions";
	const struct json *rules = json_get(group, "rules");

	xml_open(out, set);
	for (const struct json *r = json_first(rules); r; r = json_next(r)) {
		if (json_bool(r, "egress", false) != egress || !is_first(rules, r))
			continue;
		xml_open(out, "item");
		xml_element(out, "ipProtocol", json_str(r, "protocol", ""));
		if (strcmp(json_str(r, "protocol", ""), "-1")) {
			xml_elementf(out, "fromPort", "%lld", (long long)json_int(r, "fromPort", -1));
			xml_elementf(out, "toPort", "%lld", (long long)json_int(r, "toPort", -1));
		}
		write_peers(out, w, r, "groups");
		write_peers(out, w, r, "ipRanges");
		write_peers(out, w, r, "ipv6Ranges");
		buf_puts(out, "<prefixListIds/>");
		xml_close(out, "item");
	}
	xml_close(out, set);
}
