#include "sandbox/http/ec2.h"

#include "sandbox/access/cidr.h"

static const char *truth(const struct json *doc, const char *member)
{
	return json_bool(doc, member, false) ? "true" : "false";
}

static void write_vpc(struct buf *out, const struct world *w, const struct caller *who, const struct json *doc)
{
	const char *cidr = json_str(doc, "cidr", "");

	(void)who;
	xml_element(out, "vpcId", json_str(doc, "id", ""));
	xml_element(out, "ownerId", w->account);
	xml_element(out, "state", json_str(doc, "state", ""));
	xml_element(out, "cidrBlock", cidr);
	buf_puts(out, "<cidrBlockAssociationSet><item>");
	xml_element(out, "cidrBlock", cidr);
	xml_element(out, "associationId", json_str(doc, "associationId", ""));
	buf_puts(out, "<cidrBlockState><state>associated</state></cidrBlockState></item></cidrBlockAssociationSet>");
	xml_element(out, "dhcpOptionsId", json_str(doc, "dhcpOptionsId", ""));
	xml_element(out, "instanceTenancy", "default");
	xml_element(out, "isDefault", truth(doc, "isDefault"));
	ec2_tags_write(out, json_get(doc, "tags"));
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

/* AWS keeps the first four addresses of a subnet and the last. */
static long available_addresses(const char *text)
{
	struct cidr c;

	return cidr_parse(text, false, &c) ? (1L << (32 - c.prefix)) - 5 : 0;
}

static void write_subnet(struct buf *out, const struct world *w, const struct caller *who, const struct json *doc)
{
	const char *id = json_str(doc, "id", ""), *cidr = json_str(doc, "cidr", "");

	xml_element(out, "subnetId", id);
	xml_elementf(out, "subnetArn", "arn:aws:ec2:%s:%s:subnet/%s", who->region, w->account, id);
	xml_element(out, "state", json_str(doc, "state", ""));
	xml_element(out, "ownerId", w->account);
	xml_element(out, "vpcId", json_str(doc, "vpcId", ""));
	xml_element(out, "cidrBlock", cidr);
	buf_puts(out, "<ipv6CidrBlockAssociationSet/>");
	xml_element(out, "assignIpv6AddressOnCreation", "false");
	xml_elementf(out, "availableIpAddressCount", "%ld", available_addresses(cidr));
	xml_element(out, "availabilityZone", json_str(doc, "zone", ""));
	xml_element(out, "availabilityZoneId", json_str(doc, "zoneId", ""));
	xml_element(out, "defaultForAz", truth(doc, "defaultForAz"));
	xml_element(out, "mapPublicIpOnLaunch", truth(doc, "mapPublicIp"));
	xml_element(out, "enableDns64", "false");
	xml_element(out, "ipv6Native", "false");
	ec2_tags_write(out, json_get(doc, "tags"));
}

static const struct ec2_filter_row subnet_filters[] = {
	{ "subnet-id", "id", NULL },
	{ "vpc-id", "vpcId", NULL },
	{ "state", "state", NULL },
	{ "default-for-az", "defaultForAz", NULL },
	{ "defaultForAz", "defaultForAz", NULL },
	{ "map-public-ip-on-launch", "mapPublicIp", NULL },
	{ "availability-zone", "zone", NULL },
	{ "availabilityZone", "zone", NULL },
	{ "availability-zone-id", "zoneId", NULL },
	{ "availabilityZoneId", "zoneId", NULL },
	{ "cidr", "cidr", NULL },
	{ "cidr-block", "cidr", NULL },
	{ "cidrBlock", "cidr", NULL },
	{ "owner-id", "ownerId", NULL },
};

const struct ec2_kind ec2_subnets = {
	.kind = "ec2:subnet",
	.prefix = "subnet-",
	.id_param = "SubnetId",
	.set = "subnetSet",
	.not_found = "InvalidSubnetID.NotFound",
	.malformed = "InvalidSubnetId.Malformed",
	.noun = "subnet ID",
	.filters = subnet_filters,
	.filter_count = sizeof(subnet_filters) / sizeof(*subnet_filters),
	.write = write_subnet,
};

EC2_HANDLER(ec2_describe_subnets)
{
	return ec2_describe(w, who, p, &ec2_subnets, out, err);
}

static void write_gateway(struct buf *out, const struct world *w, const struct caller *who, const struct json *doc)
{
	const char *vpc = json_str(doc, "vpcId", NULL);

	(void)who;
	xml_element(out, "internetGatewayId", json_str(doc, "id", ""));
	xml_element(out, "ownerId", w->account);
	xml_open(out, "attachmentSet");
	if (vpc) {
		xml_open(out, "item");
		xml_element(out, "vpcId", vpc);
		xml_element(out, "state", "available");
		xml_close(out, "item");
	}
	xml_close(out, "attachmentSet");
	ec2_tags_write(out, json_get(doc, "tags"));
}

static void offer_attachment_state(struct ec2_match *m, const struct json *doc)
{
	if (json_get(doc, "vpcId"))
		ec2_offer(m, "available");
}

static const struct ec2_filter_row gateway_filters[] = {
	{ "internet-gateway-id", "id", NULL },
	{ "attachment.vpc-id", "vpcId", NULL },
	{ "attachment.state", NULL, offer_attachment_state },
	{ "owner-id", "ownerId", NULL },
};

const struct ec2_kind ec2_gateways = {
	.kind = "ec2:internet-gateway",
	.prefix = "igw-",
	.id_param = "InternetGatewayId",
	.set = "internetGatewaySet",
	.not_found = "InvalidInternetGatewayID.NotFound",
	.malformed = "InvalidInternetGatewayId.Malformed",
	.noun = "internetGateway ID",
	.filters = gateway_filters,
	.filter_count = sizeof(gateway_filters) / sizeof(*gateway_filters),
	.write = write_gateway,
};

EC2_HANDLER(ec2_describe_internet_gateways)
{
	return ec2_describe(w, who, p, &ec2_gateways, out, err);
}

static void write_association(struct buf *out, const char *table, const struct json *a)
{
	xml_open(out, "item");
	xml_element(out, "routeTableAssociationId", json_str(a, "id", ""));
	xml_element(out, "routeTableId", table);
	xml_element(out, "subnetId", json_str(a, "subnetId", NULL));
	xml_element(out, "main", truth(a, "main"));
	buf_puts(out, "<associationState><state>associated</state></associationState>");
	xml_close(out, "item");
}

static void write_route(struct buf *out, const struct json *r)
{
	xml_open(out, "item");
	xml_element(out, "destinationCidrBlock", json_str(r, "cidr", ""));
	xml_element(out, "gatewayId", json_str(r, "gatewayId", NULL));
	xml_element(out, "state", "active");
	xml_element(out, "origin", json_str(r, "origin", ""));
	xml_close(out, "item");
}

static void write_route_table(struct buf *out, const struct world *w, const struct caller *who, const struct json *doc)
{
	(void)who;
	xml_element(out, "routeTableId", json_str(doc, "id", ""));
	xml_element(out, "vpcId", json_str(doc, "vpcId", ""));
	xml_element(out, "ownerId", w->account);
	xml_open(out, "routeSet");
	for (const struct json *r = json_first(json_get(doc, "routes")); r; r = json_next(r))
		write_route(out, r);
	xml_close(out, "routeSet");
	xml_open(out, "associationSet");
	for (const struct json *a = json_first(json_get(doc, "associations")); a; a = json_next(a))
		write_association(out, json_str(doc, "id", ""), a);
	xml_close(out, "associationSet");
	buf_puts(out, "<propagatingVgwSet/>");
	ec2_tags_write(out, json_get(doc, "tags"));
}

static void offer_each(struct ec2_match *m, const struct json *array, const char *member)
{
	for (const struct json *i = json_first(array); i; i = json_next(i))
		ec2_offer(m, json_str(i, member, NULL));
}

static void offer_main(struct ec2_match *m, const struct json *doc)
{
	for (const struct json *a = json_first(json_get(doc, "associations")); a; a = json_next(a))
		ec2_offer(m, truth(a, "main"));
}

static void offer_association(struct ec2_match *m, const struct json *doc)
{
	offer_each(m, json_get(doc, "associations"), "id");
}

static void offer_subnet(struct ec2_match *m, const struct json *doc)
{
	offer_each(m, json_get(doc, "associations"), "subnetId");
}

static void offer_route_cidr(struct ec2_match *m, const struct json *doc)
{
	offer_each(m, json_get(doc, "routes"), "cidr");
}

static void offer_route_gateway(struct ec2_match *m, const struct json *doc)
{
	offer_each(m, json_get(doc, "routes"), "gatewayId");
}

static const struct ec2_filter_row route_table_filters[] = {
	{ "route-table-id", "id", NULL },
	{ "vpc-id", "vpcId", NULL },
	{ "owner-id", "ownerId", NULL },
	{ "association.main", NULL, offer_main },
	{ "association.route-table-association-id", NULL, offer_association },
	{ "association.subnet-id", NULL, offer_subnet },
	{ "route.destination-cidr-block", NULL, offer_route_cidr },
	{ "route.gateway-id", NULL, offer_route_gateway },
};

const struct ec2_kind ec2_route_tables = {
	.kind = "ec2:route-table",
	.prefix = "rtb-",
	.id_param = "RouteTableId",
	.set = "routeTableSet",
	.not_found = "InvalidRouteTableID.NotFound",
	.malformed = "InvalidRouteTableId.Malformed",
	.noun = "routeTable ID",
	.filters = route_table_filters,
	.filter_count = sizeof(route_table_filters) / sizeof(*route_table_filters),
	.write = write_route_table,
};

EC2_HANDLER(ec2_describe_route_tables)
{
	return ec2_describe(w, who, p, &ec2_route_tables, out, err);
}
