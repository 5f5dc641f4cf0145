#include "sandbox/http/ec2/ec2.h"

#include "spark/base/hash.h"

/* Documents of EC2 in the store, ids "<region>/<resource id>"; all have {id, ownerId, tags: {key: value}}:
 * "ec2:vpc": {cidr, state, tenancy, isDefault, dnsSupport, dnsHostnames, addressMetrics, dhcpOptionsId, associationId}
 * "ec2:subnet": {vpcId, cidr, state, zone, zoneId, defaultForAz, mapPublicIp, dns64, hostnameType, nameRecordA,
 *   nameRecordAaaa}
 * "ec2:internet-gateway": {vpcId (absent: not attached)}
 * "ec2:route-table": {vpcId, associations: [{id, main, subnetId}], routes: [{cidr (IPv6 too), gatewayId, origin}]}
 * "ec2:security-group": {name, description, vpcId, rules: [{id "sgr-...", egress, protocol "tcp"|"udp"|"icmp"|"-1"|...,
 *   fromPort, toPort (-1: any), cidr or groupId, description, tags}]}
 * "ec2:region", id = region: {created}; there once the region's default VPC has been made. */

static const struct action actions[] = {
	{ "DescribeVpcs", ec2_describe_vpcs, NULL },
	{ "DescribeSubnets", ec2_describe_subnets, NULL },
	{ "DescribeInternetGateways", ec2_describe_internet_gateways, NULL },
	{ "DescribeRouteTables", ec2_describe_route_tables, NULL },
	{ "DescribeAvailabilityZones", ec2_describe_availability_zones, NULL },
	{ "DescribeAccountAttributes", ec2_describe_account_attributes, NULL },
	{ "DescribeSecurityGroups", ec2_describe_security_groups, NULL },
	{ "DescribeSecurityGroupRules", ec2_describe_security_group_rules, NULL },
	{ "CreateSecurityGroup", ec2_create_security_group, NULL },
	{ "DeleteSecurityGroup", ec2_delete_security_group, NULL },
	{ "AuthorizeSecurityGroupIngress", ec2_authorize_ingress, NULL },
	{ "AuthorizeSecurityGroupEgress", ec2_authorize_egress, NULL },
	{ "RevokeSecurityGroupIngress", ec2_revoke_ingress, NULL },
	{ "RevokeSecurityGroupEgress", ec2_revoke_egress, NULL },
	{ "CreateTags", ec2_create_tags, NULL },
	{ "DeleteTags", ec2_delete_tags, NULL },
	{ "DescribeTags", ec2_describe_tags, NULL },
	{ "CreateVpc", ec2_create_vpc, NULL },
	{ "CreateDefaultVpc", ec2_create_default_vpc, NULL },
	{ "DeleteVpc", ec2_delete_vpc, NULL },
	{ "DescribeVpcAttribute", ec2_describe_vpc_attribute, NULL },
	{ "ModifyVpcAttribute", ec2_modify_vpc_attribute, NULL },
	{ "CreateSubnet", ec2_create_subnet, NULL },
	{ "DeleteSubnet", ec2_delete_subnet, NULL },
	{ "ModifySubnetAttribute", ec2_modify_subnet_attribute, NULL },
	{ "CreateInternetGateway", ec2_create_internet_gateway, NULL },
	{ "AttachInternetGateway", ec2_attach_internet_gateway, NULL },
	{ "DetachInternetGateway", ec2_detach_internet_gateway, NULL },
	{ "DeleteInternetGateway", ec2_delete_internet_gateway, NULL },
	{ "CreateRouteTable", ec2_create_route_table, NULL },
	{ "DeleteRouteTable", ec2_delete_route_table, NULL },
	{ "AssociateRouteTable", ec2_associate_route_table, NULL },
	{ "DisassociateRouteTable", ec2_disassociate_route_table, NULL },
	{ "ReplaceRouteTableAssociation", ec2_replace_route_table_association, NULL },
	{ "CreateRoute", ec2_create_route, NULL },
	{ "ReplaceRoute", ec2_replace_route, NULL },
	{ "DeleteRoute", ec2_delete_route, NULL },
	{ "DescribeNetworkInterfaces", ec2_describe_network_interfaces, NULL },
	{ "DescribeRegions", ec2_describe_regions, NULL },
	{ "DescribeNetworkAcls", ec2_describe_network_acls, NULL },
	{ "DescribeDhcpOptions", ec2_describe_dhcp_options, NULL },
	{ "DescribeInstances", ec2_describe_none, NULL },
	{ "DescribeNatGateways", ec2_describe_none, NULL },
	{ "DescribeVpcEndpoints", ec2_describe_none, NULL },
	{ "DescribeVpcPeeringConnections", ec2_describe_none, NULL },
	{ "DescribeVpnGateways", ec2_describe_none, NULL },
	{ "DescribeEgressOnlyInternetGateways", ec2_describe_none, NULL },
	{ "DescribeCarrierGateways", ec2_describe_none, NULL },
	{ "DescribeCustomerGateways", ec2_describe_none, NULL },
	{ "DescribeFlowLogs", ec2_describe_none, NULL },
	{ "DescribeKeyPairs", ec2_describe_none, NULL },
	{ "DescribeLaunchTemplates", ec2_describe_none, NULL },
	{ "DescribeTransitGatewayVpcAttachments", ec2_describe_none, NULL },
	{ "DescribeVolumes", ec2_describe_none, NULL },
	{ "DescribeVpnConnections", ec2_describe_none, NULL },
	{ "DescribeAddresses", ec2_describe_none, NULL },
	{ "UpdateSecurityGroupRuleDescriptionsIngress", ec2_describe_ingress_anew, NULL },
	{ "UpdateSecurityGroupRuleDescriptionsEgress", ec2_describe_egress_anew, NULL },
	{ "ModifySecurityGroupRules", ec2_modify_security_group_rules, NULL },
};

const struct service service_ec2 = {
	.name = "ec2",
	.version = "2016-11-15",
	.xmlns = "http://ec2.amazonaws.com/doc/2016-11-15/",
	.ec2_style = true,
	.actions = actions,
	.action_count = sizeof(actions) / sizeof(*actions),
};

void ec2_doc_id(char out[EC2_ID_SIZE], const char *region, const char *id)
{
	snprintf(out, EC2_ID_SIZE, "%s/%s", region, id);
}

const char *ec2_required(const struct params *p, const char *name, struct err *err)
{
	const char *value = params_get(p, name);

	if (value && *value)
		return value;
	service_error(err, 400, "MissingParameter", "The request must contain the parameter %s", name);
	return NULL;
}

const struct json *ec2_find(struct world *w, const struct caller *who, const struct ec2_kind *kind, const char *id,
			    struct err *err)
{
	size_t prefix = strlen(kind->prefix);
	const struct json *doc;
	char doc_id[EC2_ID_SIZE];

	if (strncmp(id, kind->prefix, prefix) || !id[prefix] || strlen(id) > 40 ||
	    id[prefix + strspn(id + prefix, "0123456789abcdef")]) {
		service_error(err, 400, kind->malformed, "Invalid id: \"%.100s\" (expecting \"%s...\")", id,
			      kind->prefix);
		return NULL;
	}
	ec2_doc_id(doc_id, who->region, id);
	doc = store_get(w->store, kind->kind, doc_id);
	if (!doc)
		service_error(err, 400, kind->not_found, "The %s '%s' does not exist", kind->noun, id);
	return doc;
}

const struct json *ec2_named(struct world *w, const struct caller *who, const struct params *p,
			     const struct ec2_kind *kind, struct err *err)
{
	const char *id = ec2_required(p, kind->id_param, err);

	return id ? ec2_find(w, who, kind, id, err) : NULL;
}

struct search {
	const char *member, *value;
	const struct json *first;
	size_t count;
};

static int match_member(void *arg, const char *id, const struct json *doc)
{
	struct search *s = arg;

	(void)id;
	if (strcmp(json_str(doc, s->member, ""), s->value))
		return 0;
	if (!s->count++)
		s->first = doc;
	return 0;
}

const struct json *ec2_search(struct world *w, const char *region, const char *kind, const char *member,
			      const char *value, size_t *count)
{
	struct search s = { member, value, NULL, 0 };
	char prefix[EC2_ID_SIZE];

	ec2_doc_id(prefix, region, "");
	store_each(w->store, kind, prefix, match_member, &s);
	if (count)
		*count = s.count;
	return s.first;
}

int ec2_delete(struct world *w, const char *region, const char *kind, const char *id, struct err *err)
{
	char doc_id[EC2_ID_SIZE];

	ec2_doc_id(doc_id, region, id);
	return store_delete(w->store, kind, doc_id, err);
}

struct json *ec2_new_doc(const char *prefix, struct err *err)
{
	struct json *doc = json_new_object();
	char id[64];

	if (!doc || json_set(doc, "tags", json_new_object()))
		err_nomem(err);
	else if (!world_id_hex(prefix, 17, id, sizeof(id), err)) {
		if (!json_set_str(doc, "id", id))
			return doc;
		err_nomem(err);
	}
	json_free(doc);
	return NULL;
}

int ec2_put(struct world *w, const char *region, const char *kind, struct json *doc, struct err *err)
{
	char id[EC2_ID_SIZE];

	if (json_set_str(doc, "ownerId", w->account)) {
		json_free(doc);
		return err_nomem(err);
	}
	ec2_doc_id(id, region, json_str(doc, "id", ""));
	return store_put(w->store, kind, id, doc, err);
}

int ec2_page_begin(const struct params *p, struct ec2_page *page, struct err *err)
{
	const char *token = params_get(p, "NextToken");
	struct err ignored;
	struct buf b;
	char *end = NULL;
	bool ok;

	memset(page, 0, sizeof(*page));
	if (params_get(p, "MaxResults") && params_int(p, "MaxResults", 0, 5, 1000, &page->max, err))
		return -1;
	if (!token || !*token)
		return 0;
	/* The token is how many were given already, dressed so that nobody relies on it. */
	buf_init(&b, 64);
	ok = !hash_base64_decode(token, strlen(token), &b, &ignored) && !strncmp(b.data, "from:", 5);
	if (ok)
		page->skip = strtoul(b.data + 5, &end, 10);
	ok = ok && end && !*end;
	buf_clear(&b);
	return ok ? 0 : service_error(err, 400, "InvalidNextToken", "The token '%.60s' is invalid", token);
}

bool ec2_page_takes(struct ec2_page *page)
{
	if (page->offered++ < page->skip)
		return false;
	if (page->max && page->taken == (size_t)page->max) {
		page->more = true;
		return false;
	}
	page->taken++;
	return true;
}

void ec2_page_end(const struct ec2_page *page, struct buf *out)
{
	char token[48];

	if (!page->more)
		return;
	snprintf(token, sizeof(token), "from:%zu", page->skip + page->taken);
	xml_open(out, "nextToken");
	hash_base64(out, token, strlen(token));
	xml_close(out, "nextToken");
}

struct describing {
	const struct ec2_kind *kind;
	const struct world *world;
	const struct caller *who;
	const struct params *params;
	struct ec2_filters filters;
	struct ec2_page page;
	struct buf *out;
};

bool ec2_asked_for(const struct params *p, const char *param, const char *value)
{
	const char *wanted = param ? params_getf(p, "%s.1", param) : NULL;

	if (!wanted)
		return true;
	for (int n = 1; (wanted = params_getf(p, "%s.%d", param, n)); n++)
		if (!strcmp(wanted, value))
			return true;
	return false;
}

static int describe_one(void *arg, const char *id, const struct json *doc)
{
	struct describing *d = arg;

	(void)id;
	if (!ec2_asked_for(d->params, d->kind->id_param, json_str(doc, "id", "")) ||
	    !ec2_asked_for(d->params, d->kind->name_param, json_str(doc, "name", "")) ||
	    !ec2_filters_hold(&d->filters, doc) || !ec2_page_takes(&d->page))
		return d->page.more;
	xml_open(d->out, "item");
	d->kind->write(d->out, d->world, d->who, doc);
	xml_close(d->out, "item");
	return 0;
}

struct name_search {
	const char *name;
	bool found;
};

static int match_name(void *arg, const char *id, const struct json *doc)
{
	struct name_search *s = arg;

	(void)id;
	s->found = s->found || !strcmp(json_str(doc, "name", ""), s->name);
	return s->found;
}

static int check_asked(struct describing *d, struct world *w, const char *region_prefix, struct err *err)
{
	const char *wanted;

	for (int n = 1; (wanted = params_getf(d->params, "%s.%d", d->kind->id_param, n)); n++)
		if (!ec2_find(w, d->who, d->kind, wanted, err))
			return -1;
	if (d->page.max && params_getf(d->params, "%s.1", d->kind->id_param))
		return service_error(err, 400, "InvalidParameterCombination",
				     "The parameter %s cannot be used with the parameter MaxResults",
				     d->kind->id_param);
	for (int n = 1; d->kind->name_param && (wanted = params_getf(d->params, "%s.%d", d->kind->name_param, n));
	     n++) {
		struct name_search s = { wanted, false };

		store_each(w->store, d->kind->kind, region_prefix, match_name, &s);
		if (!s.found)
			return service_error(err, 400, d->kind->not_found, "The %s '%.255s' does not exist",
					     d->kind->noun, wanted);
	}
	return 0;
}

int ec2_describe(struct world *w, const struct caller *who, const struct params *p, const struct ec2_kind *kind,
		 struct buf *out, struct err *err)
{
	struct describing d = { .kind = kind, .world = w, .who = who, .params = p, .out = out };
	char prefix[EC2_ID_SIZE];

	ec2_doc_id(prefix, who->region, "");
	if (ec2_page_begin(p, &d.page, err) || check_asked(&d, w, prefix, err) ||
	    ec2_filters_begin(&d.filters, p, kind->filters, kind->filter_count, err))
		return -1;
	ec2_filters_see(&d.filters, w, who->region);
	xml_open(out, kind->set);
	store_each(w->store, kind->kind, prefix, describe_one, &d);
	xml_close(out, kind->set);
	ec2_page_end(&d.page, out);
	return 0;
}
