#include "sandbox/http/ec2/ec2.h"

#define SUBNETS_MAX 200 /* of a VPC: AWS's default quota */

static const char *truth(const struct json *doc, const char *member)
{
	return json_bool(doc, member, false) ? "true" : "false";
}

/* AWS keeps the first four addresses of a subnet and the last. */
static long available_addresses(const struct world *w, const char *region, const struct json *subnet)
{
	struct cidr c;
	long free_ones;

	if (!cidr_parse(json_str(subnet, "cidr", ""), false, &c))
		return 0;
	free_ones = (1L << (32 - c.prefix)) - 5 - (long)ec2_subnet_addresses(w, region, subnet);
	return free_ones > 0 ? free_ones : 0;
}

static void write_subnet(struct buf *out, const struct world *w, const struct caller *who, const struct json *doc)
{
	const char *id = json_str(doc, "id", "");

	xml_element(out, "subnetId", id);
	xml_elementf(out, "subnetArn", "arn:aws:ec2:%s:%s:subnet/%s", who->region, w->account, id);
	xml_element(out, "state", json_str(doc, "state", ""));
	xml_element(out, "ownerId", w->account);
	xml_element(out, "vpcId", json_str(doc, "vpcId", ""));
	xml_element(out, "cidrBlock", json_str(doc, "cidr", ""));
	buf_puts(out, "<ipv6CidrBlockAssociationSet/>");
	xml_element(out, "assignIpv6AddressOnCreation", "false");
	xml_elementf(out, "availableIpAddressCount", "%ld", available_addresses(w, who->region, doc));
	xml_element(out, "availabilityZone", json_str(doc, "zone", ""));
	xml_element(out, "availabilityZoneId", json_str(doc, "zoneId", ""));
	xml_element(out, "defaultForAz", truth(doc, "defaultForAz"));
	xml_element(out, "mapPublicIpOnLaunch", truth(doc, "mapPublicIp"));
	xml_element(out, "mapCustomerOwnedIpOnLaunch", "false");
	xml_element(out, "enableDns64", truth(doc, "dns64"));
	xml_element(out, "ipv6Native", "false");
	xml_open(out, "privateDnsNameOptionsOnLaunch");
	xml_element(out, "hostnameType", json_str(doc, "hostnameType", "ip-name"));
	xml_element(out, "enableResourceNameDnsARecord", truth(doc, "nameRecordA"));
	xml_element(out, "enableResourceNameDnsAAAARecord", truth(doc, "nameRecordAaaa"));
	xml_close(out, "privateDnsNameOptionsOnLaunch");
	ec2_tags_write(out, json_get(doc, "tags"));
}

static void offer_addresses(struct ec2_match *m, const struct json *doc)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", available_addresses(m->world, m->region, doc));
	ec2_offer(m, text);
}

static void offer_arn(struct ec2_match *m, const struct json *doc)
{
	char arn[160];

	snprintf(arn, sizeof(arn), "arn:aws:ec2:%s:%s:subnet/%s", m->region, m->world->account,
		 json_str(doc, "id", ""));
	ec2_offer(m, arn);
}

static void offer_hostname_type(struct ec2_match *m, const struct json *doc)
{
	ec2_offer(m, json_str(doc, "hostnameType", "ip-name"));
}

/* Members that a document has only once ModifySubnetAttribute set them; false before. */
static void offer_dns64(struct ec2_match *m, const struct json *doc)
{
	ec2_offer(m, truth(doc, "dns64"));
}

static void offer_record_a(struct ec2_match *m, const struct json *doc)
{
	ec2_offer(m, truth(doc, "nameRecordA"));
}

static void offer_record_aaaa(struct ec2_match *m, const struct json *doc)
{
	ec2_offer(m, truth(doc, "nameRecordAaaa"));
}

static void offer_false(struct ec2_match *m, const struct json *doc)
{
	(void)doc;
	ec2_offer(m, "false");
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
	{ "available-ip-address-count", NULL, offer_addresses },
	{ "subnet-arn", NULL, offer_arn },
	{ "enable-dns64", NULL, offer_dns64 },
	{ "private-dns-name-options-on-launch.hostname-type", NULL, offer_hostname_type },
	{ "private-dns-name-options-on-launch.enable-resource-name-dns-a-record", NULL, offer_record_a },
	{ "private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record", NULL, offer_record_aaaa },
	{ "ipv6-native", NULL, offer_false },
	{ "map-customer-owned-ip-on-launch", NULL, offer_false },
	{ "customer-owned-ipv4-pool", EC2_NONE_HAS, NULL },
	{ "enable-lni-at-device-index", EC2_NONE_HAS, NULL },
	{ "ipv6-cidr-block-association.ipv6-cidr-block", EC2_NONE_HAS, NULL },
	{ "ipv6-cidr-block-association.association-id", EC2_NONE_HAS, NULL },
	{ "ipv6-cidr-block-association.state", EC2_NONE_HAS, NULL },
	{ "outpost-arn", EC2_NONE_HAS, NULL },
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

/* The zone that AvailabilityZone or AvailabilityZoneId names, as index; the region's first when neither is there. */
static int choose_zone(const struct region_row *region, const struct params *p, size_t *out, struct err *err)
{
	const char *name = params_get(p, "AvailabilityZone"), *id = params_get(p, "AvailabilityZoneId");
	char known[256] = "", zone_name[48], zone_id[24];

	*out = 0;
	if (name && id)
		return service_error(err, 400, "InvalidParameterCombination",
				     "The parameter availabilityZone cannot be used with the parameter "
				     "availabilityZoneId");
	if (!name && !id)
		return 0;
	for (size_t i = 0; region->zones[i]; i++) {
		size_t len = strlen(known);

		snprintf(zone_name, sizeof(zone_name), "%s%c", region->name, region->zones[i]);
		snprintf(zone_id, sizeof(zone_id), "%s-az%zu", region->zone_id, i + 1);
		if (name ? !strcmp(name, zone_name) : !strcmp(id, zone_id)) {
			*out = i;
			return 0;
		}
		snprintf(known + len, sizeof(known) - len, "%s%s", len ? ", " : "", name ? zone_name : zone_id);
	}
	return service_error(err, 400, "InvalidParameterValue",
			     "Value (%.60s) for parameter %s is invalid. Subnets can currently only be created in the "
			     "following availability zones: %s.",
			     name ? name : id, name ? "availabilityZone" : "availabilityZoneId", known);
}

struct overlap {
	const char *vpc;
	const struct cidr *wanted;
	bool found;
};

static int find_overlap(void *arg, const char *id, const struct json *subnet)
{
	struct overlap *o = arg;
	struct cidr c;

	(void)id;
	if (strcmp(json_str(subnet, "vpcId", ""), o->vpc) || !cidr_parse(json_str(subnet, "cidr", ""), false, &c))
		return 0;
	o->found = cidr_contains(&c, o->wanted) || cidr_contains(o->wanted, &c);
	return o->found;
}

static int check_place(struct world *w, const struct caller *who, const struct json *vpc, const char *given,
		       char cidr[CIDR_TEXT], struct err *err)
{
	const char *id = json_str(vpc, "id", "");
	struct cidr wanted, whole;
	struct overlap o = { id, &wanted, false };
	char prefix[EC2_ID_SIZE];
	size_t there;

	if (ec2_cidr_read(given, "InvalidSubnet.Range", &wanted, cidr, err))
		return -1;
	if (!cidr_parse(json_str(vpc, "cidr", ""), false, &whole) || !cidr_contains(&whole, &wanted))
		return service_error(err, 400, "InvalidSubnet.Range", "The CIDR '%s' is invalid.", cidr);
	ec2_doc_id(prefix, who->region, "");
	store_each(w->store, "ec2:subnet", prefix, find_overlap, &o);
	if (o.found)
		return service_error(err, 400, "InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet",
				     cidr);
	ec2_search(w, who->region, "ec2:subnet", "vpcId", id, &there);
	if (there >= SUBNETS_MAX)
		return service_error(err, 400, "SubnetLimitExceeded",
				     "The maximum number of subnets has been reached.");
	return 0;
}

static int refuse_ipv6(const struct params *p, struct err *err)
{
	bool native;

	if (params_bool(p, "Ipv6Native", false, &native, err))
		return -1;
	if (native || params_get(p, "Ipv6CidrBlock") || params_get(p, "OutpostArn") ||
	    params_get(p, "Ipv4IpamPoolId") || params_get(p, "Ipv6IpamPoolId"))
		return service_error(err, 400, "UnsupportedOperation",
				     "The sandbox has neither IPv6 networks nor address pools nor Outposts");
	return 0;
}

EC2_HANDLER(ec2_create_subnet)
{
	const struct region_row *region = region_find(who->region);
	const struct json *vpc = ec2_named(w, who, p, &ec2_vpcs, err);
	const char *given = vpc ? ec2_required(p, "CidrBlock", err) : NULL;
	char cidr[CIDR_TEXT];
	struct json *doc;
	size_t zone;

	if (!given || refuse_ipv6(p, err) || choose_zone(region, p, &zone, err) ||
	    check_place(w, who, vpc, given, cidr, err))
		return -1;
	doc = ec2_subnet_new(region, zone, json_str(vpc, "id", ""), cidr, false, err);
	if (!doc)
		return -1;
	if (ec2_tags_read_specification(p, "subnet", json_get_mut(doc, "tags"), err)) {
		json_free(doc);
		return -1;
	}
	xml_open(out, "subnet");
	write_subnet(out, w, who, doc);
	xml_close(out, "subnet");
	return ec2_put(w, who->region, "ec2:subnet", doc, err);
}

EC2_HANDLER(ec2_delete_subnet)
{
	const struct json *subnet = ec2_named(w, who, p, &ec2_subnets, err);
	const char *id = json_str(subnet, "id", "");

	if (!subnet)
		return -1;
	if (ec2_subnet_is_used(w, who->region, subnet))
		return service_error(err, 400, "DependencyViolation",
				     "The subnet '%s' has dependencies and cannot be deleted.", id);
	xml_element(out, "return", "true");
	if (ec2_associations_forget(w, who->region, id, err))
		return -1;
	return ec2_delete(w, who->region, "ec2:subnet", id, err);
}

static const struct subnet_attribute {
	const char *param, *member;
} attributes[] = {
	{ "MapPublicIpOnLaunch.Value", "mapPublicIp" },
	{ "EnableDns64.Value", "dns64" },
	{ "EnableResourceNameDnsARecordOnLaunch.Value", "nameRecordA" },
	{ "EnableResourceNameDnsAAAARecordOnLaunch.Value", "nameRecordAaaa" },
};

/* AWS takes one attribute with each call. */
/* Of these, false is all that a subnet here can have. */
static const char *const never[] = { "AssignIpv6AddressOnCreation.Value", "MapCustomerOwnedIpOnLaunch.Value" };

static int set_attribute(const struct params *p, struct json *doc, struct err *err)
{
	const char *type = params_get(p, "PrivateDnsHostnameTypeOnLaunch");
	size_t given = type != NULL;
	bool value;

	if (type && strcmp(type, "ip-name") && strcmp(type, "resource-name"))
		return service_error(err, 400, "InvalidParameterValue",
				     "Value (%.60s) for parameter privateDnsHostnameTypeOnLaunch is invalid.", type);
	if (type && json_set_str(doc, "hostnameType", type))
		return err_nomem(err);
	for (size_t i = 0; i < sizeof(attributes) / sizeof(*attributes); i++) {
		if (!params_get(p, attributes[i].param))
			continue;
		given++;
		if (params_bool(p, attributes[i].param, false, &value, err))
			return -1;
		if (json_set_bool(doc, attributes[i].member, value))
			return err_nomem(err);
	}
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++) {
		if (!params_get(p, never[i]))
			continue;
		given++;
		if (params_bool(p, never[i], false, &value, err))
			return -1;
		if (value)
			return service_error(err, 400, "UnsupportedOperation",
					     "The sandbox has neither IPv6 networks nor Outposts");
	}
	if (given != 1)
		return service_error(err, 400, given ? "InvalidParameterCombination" : "MissingParameter",
				     given ? "Only one subnet attribute can be modified at a time"
					   : "The request must contain an attribute to modify");
	return 0;
}

EC2_HANDLER(ec2_modify_subnet_attribute)
{
	const struct json *subnet = ec2_named(w, who, p, &ec2_subnets, err);
	struct json *doc;

	if (!subnet)
		return -1;
	doc = json_copy(subnet);
	if (!doc)
		return err_nomem(err);
	if (set_attribute(p, doc, err)) {
		json_free(doc);
		return -1;
	}
	xml_element(out, "return", "true");
	return ec2_put(w, who->region, "ec2:subnet", doc, err);
}
