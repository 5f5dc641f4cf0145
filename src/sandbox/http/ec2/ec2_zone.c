#include "sandbox/http/ec2/ec2.h"

static const struct ec2_filter_row zone_filters[] = {
	{ "zone-name", "zoneName", NULL },
	{ "zone-id", "zoneId", NULL },
	{ "state", "state", NULL },
	{ "region-name", "regionName", NULL },
	{ "group-name", "groupName", NULL },
	{ "zone-type", "zoneType", NULL },
	{ "opt-in-status", "optInStatus", NULL },
	{ "group-long-name", EC2_NONE_HAS, NULL },
	{ "message", EC2_NONE_HAS, NULL },
	{ "parent-zone-id", EC2_NONE_HAS, NULL },
	{ "parent-zone-name", EC2_NONE_HAS, NULL },
	{ "parent-zoneID", EC2_NONE_HAS, NULL }, /* as AWS spelt them once */
	{ "parent-zoneName", EC2_NONE_HAS, NULL },
};

static struct json *zone_doc(const struct region_row *region, size_t i, struct err *err)
{
	struct json *zone = json_new_object();
	char name[48], id[24], group[48];

	snprintf(name, sizeof(name), "%s%c", region->name, region->zones[i]);
	snprintf(id, sizeof(id), "%s-az%zu", region->zone_id, i + 1);
	snprintf(group, sizeof(group), "%s-zg-1", region->name);
	if (zone && !json_set_str(zone, "zoneName", name) && !json_set_str(zone, "zoneId", id) &&
	    !json_set_str(zone, "state", "available") && !json_set_str(zone, "regionName", region->name) &&
	    !json_set_str(zone, "groupName", group) && !json_set_str(zone, "zoneType", "availability-zone") &&
	    !json_set_str(zone, "optInStatus", "opt-in-not-required"))
		return zone;
	json_free(zone);
	err_nomem(err);
	return NULL;
}

static int check_names(const struct region_row *region, const struct params *p, struct err *err)
{
	const char *name;
	size_t len = strlen(region->name);

	for (int n = 1; (name = params_getf(p, "ZoneName.%d", n)); n++)
		if (strncmp(name, region->name, len) || !name[len] || name[len + 1] ||
		    !strchr(region->zones, name[len]))
			return service_error(err, 400, "InvalidParameterValue", "Invalid availability zone: [%.60s]",
					     name);
	return 0;
}

EC2_HANDLER(ec2_describe_availability_zones)
{
	const struct region_row *region = region_find(who->region);
	struct ec2_filters filters;

	(void)w;
	if (check_names(region, p, err) ||
	    ec2_filters_begin(&filters, p, zone_filters, sizeof(zone_filters) / sizeof(*zone_filters), err))
		return -1;
	xml_open(out, "availabilityZoneInfo");
	for (size_t i = 0; region->zones[i]; i++) {
		struct json *z = zone_doc(region, i, err);

		if (!z)
			return -1;
		if (ec2_filters_hold(&filters, z) && ec2_asked_for(p, "ZoneName", json_str(z, "zoneName", "")) &&
		    ec2_asked_for(p, "ZoneId", json_str(z, "zoneId", ""))) {
			xml_open(out, "item");
			xml_element(out, "zoneName", json_str(z, "zoneName", ""));
			xml_element(out, "zoneState", "available");
			xml_element(out, "regionName", region->name);
			xml_element(out, "zoneId", json_str(z, "zoneId", ""));
			xml_element(out, "zoneType", "availability-zone");
			xml_element(out, "groupName", json_str(z, "groupName", ""));
			xml_element(out, "networkBorderGroup", region->name);
			xml_element(out, "optInStatus", "opt-in-not-required");
			buf_puts(out, "<messageSet/>");
			xml_close(out, "item");
		}
		json_free(z);
	}
	xml_close(out, "availabilityZoneInfo");
	return 0;
}

static int first_default(void *arg, const char *id, const struct json *vpc)
{
	(void)id;
	if (!json_bool(vpc, "isDefault", false))
		return 0;
	*(const char **)arg = json_str(vpc, "id", "none");
	return 1;
}

static void write_attribute(const struct params *p, struct buf *out, const char *name, const char *value)
{
	if (!ec2_asked_for(p, "AttributeName", name))
		return;
	xml_open(out, "item");
	xml_element(out, "attributeName", name);
	buf_puts(out, "<attributeValueSet><item>");
	xml_element(out, "attributeValue", value);
	buf_puts(out, "</item></attributeValueSet></item>");
}

EC2_HANDLER(ec2_describe_account_attributes)
{
	const char *vpc = "none";
	char prefix[EC2_ID_SIZE];

	(void)err;
	ec2_doc_id(prefix, who->region, "");
	store_each(w->store, "ec2:vpc", prefix, first_default, &vpc);
	xml_open(out, "accountAttributeSet");
	write_attribute(p, out, "supported-platforms", "VPC");
	write_attribute(p, out, "default-vpc", vpc);
	write_attribute(p, out, "max-instances", "20");
	write_attribute(p, out, "vpc-max-security-groups-per-interface", "5");
	write_attribute(p, out, "max-elastic-ips", "5");
	write_attribute(p, out, "vpc-max-elastic-ips", "5");
	xml_close(out, "accountAttributeSet");
	return 0;
}
