#include "sandbox/http/ec2/ec2.h"

#include <arpa/inet.h>

#define VPCS_MAX 5 /* of a region: AWS's default quota */

static const char *truth(const struct json *doc, const char *member)
{
	return json_bool(doc, member, false) ? "true" : "false";
}

static void write_vpc_as(struct buf *out, const struct world *w, const struct json *doc, const char *state)
{
	const char *cidr = json_str(doc, "cidr", "");

	xml_element(out, "vpcId", json_str(doc, "id", ""));
	xml_element(out, "ownerId", w->account);
	xml_element(out, "state", state);
	xml_element(out, "cidrBlock", cidr);
	buf_puts(out, "<cidrBlockAssociationSet><item>");
	xml_element(out, "cidrBlock", cidr);
	xml_element(out, "associationId", json_str(doc, "associationId", ""));
	buf_puts(out, "<cidrBlockState><state>associated</state></cidrBlockState></item></cidrBlockAssociationSet>");
	buf_puts(out, "<ipv6CidrBlockAssociationSet/>");
	xml_element(out, "dhcpOptionsId", json_str(doc, "dhcpOptionsId", ""));
	xml_element(out, "instanceTenancy", json_str(doc, "tenancy", "default"));
	xml_element(out, "isDefault", truth(doc, "isDefault"));
	ec2_tags_write(out, json_get(doc, "tags"));
}

static void write_vpc(struct buf *out, const struct world *w, const struct caller *who, const struct json *doc)
{
	(void)who;
	write_vpc_as(out, w, doc, json_str(doc, "state", ""));
}

static void offer_association_state(struct ec2_match *m, const struct json *doc)
{
	(void)doc;
	ec2_offer(m, "associated");
}

static const struct ec2_filter_row vpc_filters[] = {
	{ "vpc-id", "id", NULL },
	{ "is-default", "isDefault", NULL },
	{ "isDefault", "isDefault", NULL },
	{ "cidr", "cidr", NULL },
	{ "cidr-block", "cidr", NULL },
	{ "cidrBlock", "cidr", NULL },
	{ "cidr-block-association.cidr-block", "cidr", NULL },
	{ "cidr-block-association.association-id", "associationId", NULL },
	{ "state", "state", NULL },
	{ "owner-id", "ownerId", NULL },
	{ "dhcp-options-id", "dhcpOptionsId", NULL },
	{ "cidr-block-association.state", NULL, offer_association_state },
	{ "ipv6-cidr-block-association.ipv6-cidr-block", EC2_NONE_HAS, NULL },
	{ "ipv6-cidr-block-association.ipv6-pool", EC2_NONE_HAS, NULL },
	{ "ipv6-cidr-block-association.association-id", EC2_NONE_HAS, NULL },
	{ "ipv6-cidr-block-association.state", EC2_NONE_HAS, NULL },
};

const struct ec2_kind ec2_vpcs = {
	.kind = "ec2:vpc",
	.prefix = "vpc-",
	.id_param = "VpcId",
	.set = "vpcSet",
	.not_found = "InvalidVpcID.NotFound",
	.malformed = "InvalidVpcId.Malformed",
	.noun = "vpc ID",
	.filters = vpc_filters,
	.filter_count = sizeof(vpc_filters) / sizeof(*vpc_filters),
	.write = write_vpc,
};

EC2_HANDLER(ec2_describe_vpcs)
{
	return ec2_describe(w, who, p, &ec2_vpcs, out, err);
}

/* AWS answers to the call that makes a VPC before the VPC is there. */
static void write_new_vpc(struct buf *out, const struct world *w, const struct json *doc)
{
	xml_open(out, "vpc");
	write_vpc_as(out, w, doc, "pending");
	xml_close(out, "vpc");
}

static int check_room(struct world *w, const struct caller *who, struct err *err)
{
	char prefix[EC2_ID_SIZE];

	ec2_doc_id(prefix, who->region, "");
	if (store_count(w->store, "ec2:vpc", prefix) >= VPCS_MAX)
		return service_error(err, 400, "VpcLimitExceeded", "The maximum number of VPCs has been reached.");
	return 0;
}

/* Networks that no VPC can have, whatever their size. Source: VPC user guide, "VPC CIDR blocks". */
static bool is_reserved(const struct cidr *c)
{
	static const char *const reserved[] = { "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3" };
	struct cidr r;

	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
		if (cidr_parse(reserved[i], false, &r) && cidr_contains(&r, c))
			return true;
	return false;
}

int ec2_cidr_read(const char *text, const char *code, struct cidr *c, char canonical[CIDR_TEXT], struct err *err)
{
	if (!cidr_parse(text, false, c) || c->family != AF_INET)
		return service_error(err, 400, "InvalidParameterValue",
				     "Value (%.60s) for parameter cidrBlock is invalid. This is not a valid CIDR "
				     "block.",
				     text);
	if (c->prefix < 16 || c->prefix > 28)
		return service_error(err, 400, code, "The CIDR '%.60s' is invalid.", text);
	cidr_canonical(c, canonical);
	return 0;
}

static int refuse_ipv6_and_pools(const struct params *p, struct err *err)
{
	static const char *const unknown[] = { "Ipv6CidrBlock", "Ipv6Pool", "Ipv4IpamPoolId", "Ipv6IpamPoolId" };
	bool ipv6;

	if (params_bool(p, "AmazonProvidedIpv6CidrBlock", false, &ipv6, err))
		return -1;
	for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown) && !ipv6; i++)
		ipv6 = params_get(p, unknown[i]) != NULL;
	return ipv6 ? service_error(err, 400, "UnsupportedOperation",
				    "The sandbox has neither IPv6 networks nor address pools")
		    : 0;
}

static int check_tenancy(const struct params *p, const char **out, struct err *err)
{
	*out = params_get(p, "InstanceTenancy");
	if (!*out)
		*out = "default";
	if (strcmp(*out, "default") && strcmp(*out, "dedicated"))
		return service_error(err, 400, "InvalidParameterValue",
				     "Value (%.60s) for parameter instanceTenancy is invalid.", *out);
	return 0;
}

EC2_HANDLER(ec2_create_vpc)
{
	const char *given, *tenancy;
	char cidr[CIDR_TEXT];
	struct cidr c;
	struct json *doc;
	int rc = -1;

	if (refuse_ipv6_and_pools(p, err) || check_tenancy(p, &tenancy, err) ||
	    !(given = ec2_required(p, "CidrBlock", err)) || ec2_cidr_read(given, "InvalidVpc.Range", &c, cidr, err))
		return -1;
	if (is_reserved(&c))
		return service_error(err, 400, "InvalidVpc.Range", "The CIDR '%s' is invalid.", cidr);
	if (check_room(w, who, err) || !(doc = ec2_vpc_new(w, who->region, cidr, tenancy, false, err)))
		return -1;
	if (!ec2_tags_read_specification(p, "vpc", json_get_mut(doc, "tags"), err) &&
	    !ec2_vpc_put(w, who->region, doc, NULL, err)) {
		write_new_vpc(out, w, doc);
		rc = 0;
	}
	json_free(doc);
	return rc;
}

EC2_HANDLER(ec2_create_default_vpc)
{
	struct json *doc;

	(void)p;
	if (ec2_default_vpc(w, who))
		return service_error(err, 400, "DefaultVpcAlreadyExists",
				     "A Default VPC already exists for this account in this region.");
	if (check_room(w, who, err) || !(doc = ec2_default_network_put(w, region_find(who->region), err)))
		return -1;
	write_new_vpc(out, w, doc);
	json_free(doc);
	return 0;
}

/* The main route table and the group "default" go with the VPC; all else has to be gone before. */
static bool has_dependents(struct world *w, const char *region, const char *vpc)
{
	size_t subnets, gateways, tables, groups;

	ec2_search(w, region, "ec2:subnet", "vpcId", vpc, &subnets);
	ec2_search(w, region, "ec2:internet-gateway", "vpcId", vpc, &gateways);
	ec2_search(w, region, "ec2:route-table", "vpcId", vpc, &tables);
	ec2_search(w, region, "ec2:security-group", "vpcId", vpc, &groups);
	return subnets || gateways || tables > 1 || groups > 1 || ec2_vpc_is_used(w, region, vpc);
}

static int delete_part(struct world *w, const char *region, const char *kind, const char *vpc, struct err *err)
{
	const struct json *part = ec2_search(w, region, kind, "vpcId", vpc, NULL);

	return part ? ec2_delete(w, region, kind, json_str(part, "id", ""), err) : 0;
}

EC2_HANDLER(ec2_delete_vpc)
{
	const struct json *vpc = ec2_named(w, who, p, &ec2_vpcs, err);
	const char *id = json_str(vpc, "id", "");

	if (!vpc)
		return -1;
	if (has_dependents(w, who->region, id))
		return service_error(err, 400, "DependencyViolation",
				     "The vpc '%s' has dependencies and cannot be deleted.", id);
	xml_element(out, "return", "true");
	if (delete_part(w, who->region, "ec2:route-table", id, err) ||
	    delete_part(w, who->region, "ec2:security-group", id, err))
		return -1;
	return ec2_delete(w, who->region, "ec2:vpc", id, err);
}

static const struct vpc_attribute {
	const char *name;   /* of DescribeVpcAttribute, and of the reply's element */
	const char *param;  /* of ModifyVpcAttribute */
	const char *member; /* of the document */
} attributes[] = {
	{ "enableDnsSupport", "EnableDnsSupport.Value", "dnsSupport" },
	{ "enableDnsHostnames", "EnableDnsHostnames.Value", "dnsHostnames" },
	{ "enableNetworkAddressUsageMetrics", "EnableNetworkAddressUsageMetrics.Value", "addressMetrics" },
};

/* Documents of an older sandbox lack the members. */
static bool attribute_of(const struct json *vpc, const char *member)
{
	bool fallback = !strcmp(member, "dnsSupport") ||
			(!strcmp(member, "dnsHostnames") && json_bool(vpc, "isDefault", false));

	return json_bool(vpc, member, fallback);
}

EC2_HANDLER(ec2_describe_vpc_attribute)
{
	const char *name = ec2_required(p, "Attribute", err);
	const struct json *vpc = name ? ec2_named(w, who, p, &ec2_vpcs, err) : NULL;

	if (!vpc)
		return -1;
	for (size_t i = 0; i < sizeof(attributes) / sizeof(*attributes); i++) {
		if (strcmp(attributes[i].name, name))
			continue;
		xml_element(out, "vpcId", json_str(vpc, "id", ""));
		xml_open(out, name);
		xml_element(out, "value", attribute_of(vpc, attributes[i].member) ? "true" : "false");
		xml_close(out, name);
		return 0;
	}
	return service_error(err, 400, "InvalidParameterValue", "Value (%.60s) for parameter attribute is invalid.",
			     name);
}

static const struct vpc_attribute *given_attribute(const struct params *p, struct err *err)
{
	const struct vpc_attribute *found = NULL;

	for (size_t i = 0; i < sizeof(attributes) / sizeof(*attributes); i++) {
		if (!params_get(p, attributes[i].param))
			continue;
		if (found) {
			service_error(err, 400, "InvalidParameterCombination",
				      "Fields for multiple attribute types specified: %s, %s", found->name,
				      attributes[i].name);
			return NULL;
		}
		found = &attributes[i];
	}
	if (!found)
		service_error(err, 400, "MissingParameter",
			      "The request must contain exactly one of enableDnsSupport, enableDnsHostnames or "
			      "enableNetworkAddressUsageMetrics");
	return found;
}

EC2_HANDLER(ec2_modify_vpc_attribute)
{
	const struct json *vpc = ec2_named(w, who, p, &ec2_vpcs, err);
	const struct vpc_attribute *a = vpc ? given_attribute(p, err) : NULL;
	struct json *doc;
	bool value;

	if (!a || params_bool(p, a->param, false, &value, err))
		return -1;
	if (value && !strcmp(a->member, "dnsHostnames") && !attribute_of(vpc, "dnsSupport"))
		return service_error(err, 400, "InvalidParameterCombination",
				     "DNS hostnames cannot be enabled while DNS support is disabled");
	doc = json_copy(vpc);
	if (!doc || json_set_bool(doc, a->member, value)) {
		json_free(doc);
		return err_nomem(err);
	}
	xml_element(out, "return", "true");
	return ec2_put(w, who->region, "ec2:vpc", doc, err);
}
