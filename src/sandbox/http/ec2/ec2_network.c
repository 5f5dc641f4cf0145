#include "sandbox/http/ec2/ec2.h"

/* The parts that networks are made of, as documents. Each maker returns one that is the caller's, or NULL with err. */

#define DEFAULT_CIDR "172.31.0.0/16"

static struct json *fail(struct json *doc, struct err *err)
{
	json_free(doc);
	err_nomem(err);
	return NULL;
}

struct json *ec2_vpc_new(const struct world *w, const char *region, const char *cidr, const char *tenancy,
			 bool is_default, struct err *err)
{
	struct json *doc = ec2_new_doc("vpc-", err);
	char options[64], association[64];

	if (!doc)
		return NULL;
	if (ec2_dhcp_id(w, region, options, err) ||
	    world_id_hex("vpc-cidr-assoc-", 17, association, sizeof(association), err)) {
		json_free(doc);
		return NULL;
	}
	if (json_set_str(doc, "cidr", cidr) || json_set_str(doc, "state", "available") ||
	    json_set_str(doc, "tenancy", tenancy) || json_set_bool(doc, "isDefault", is_default) ||
	    json_set_bool(doc, "dnsSupport", true) || json_set_bool(doc, "dnsHostnames", is_default) ||
	    json_set_str(doc, "dhcpOptionsId", options) || json_set_str(doc, "associationId", association))
		return fail(doc, err);
	return doc;
}

struct json *ec2_subnet_new(const struct region_row *region, size_t zone, const char *vpc, const char *cidr,
			    bool is_default, struct err *err)
{
	struct json *doc = ec2_new_doc("subnet-", err);
	char name[48], id[24];

	if (!doc)
		return NULL;
	snprintf(name, sizeof(name), "%s%c", region->name, region->zones[zone]);
	snprintf(id, sizeof(id), "%s-az%zu", region->zone_id, zone + 1);
	if (json_set_str(doc, "vpcId", vpc) || json_set_str(doc, "cidr", cidr) ||
	    json_set_str(doc, "state", "available") || json_set_str(doc, "zone", name) ||
	    json_set_str(doc, "zoneId", id) || json_set_bool(doc, "defaultForAz", is_default) ||
	    json_set_bool(doc, "mapPublicIp", is_default))
		return fail(doc, err);
	return doc;
}

int ec2_route_add(struct json *table, const char *cidr, const char *gateway, const char *origin, struct err *err)
{
	struct json *route = json_new_object();

	if (!route || json_set_str(route, "cidr", cidr) || json_set_str(route, "gatewayId", gateway) ||
	    json_set_str(route, "origin", origin)) {
		json_free(route);
		return err_nomem(err);
	}
	return json_append(json_get_mut(table, "routes"), route) ? err_nomem(err) : 0;
}

struct json *ec2_route_table_new(const char *vpc, const char *cidr, struct err *err)
{
	struct json *doc = ec2_new_doc("rtb-", err);

	if (!doc)
		return NULL;
	if (json_set_str(doc, "vpcId", vpc) || json_set(doc, "associations", json_new_array()) ||
	    json_set(doc, "routes", json_new_array()))
		return fail(doc, err);
	if (ec2_route_add(doc, cidr, "local", "CreateRouteTable", err)) {
		json_free(doc);
		return NULL;
	}
	return doc;
}

int ec2_association_add(struct json *table, const char *subnet, char id[64], struct err *err)
{
	struct json *association;

	if (world_id_hex("rtbassoc-", 17, id, 64, err))
		return -1;
	association = json_new_object();
	if (!association || json_set_str(association, "id", id) || json_set_bool(association, "main", !subnet) ||
	    (subnet && json_set_str(association, "subnetId", subnet))) {
		json_free(association);
		return err_nomem(err);
	}
	return json_append(json_get_mut(table, "associations"), association) ? err_nomem(err) : 0;
}

/* gateway: where its main route table leads, or NULL. */
static int put_route_table(struct world *w, const char *region, const char *vpc, const char *cidr, const char *gateway,
			   struct err *err)
{
	struct json *doc = ec2_route_table_new(vpc, cidr, err);
	char id[64];

	if (!doc)
		return -1;
	if ((gateway && ec2_route_add(doc, "0.0.0.0/0", gateway, "CreateRoute", err)) ||
	    ec2_association_add(doc, NULL, id, err)) {
		json_free(doc);
		return -1;
	}
	return ec2_put(w, region, "ec2:route-table", doc, err);
}

/* Members of the group reach each other, and everything is reached from inside; nobody outside gets in. */
static int put_group(struct world *w, const char *region, const char *vpc, struct err *err)
{
	struct json *doc = ec2_new_doc("sg-", err);

	if (!doc)
		return -1;
	if (json_set_str(doc, "name", "default") || json_set_str(doc, "description", "default VPC security group") ||
	    json_set_str(doc, "vpcId", vpc) || json_set(doc, "rules", json_new_array())) {
		json_free(doc);
		return err_nomem(err);
	}
	if (ec2_rule_add_any(doc, false, json_str(doc, "id", ""), err) || ec2_rule_add_any(doc, true, NULL, err)) {
		json_free(doc);
		return -1;
	}
	return ec2_put(w, region, "ec2:security-group", doc, err);
}

int ec2_vpc_put(struct world *w, const char *region, const struct json *vpc, const char *gateway, struct err *err)
{
	const char *id = json_str(vpc, "id", ""), *cidr = json_str(vpc, "cidr", "");
	struct json *copy = json_copy(vpc);

	if (!copy)
		return err_nomem(err);
	if (ec2_put(w, region, "ec2:vpc", copy, err) || put_route_table(w, region, id, cidr, gateway, err))
		return -1;
	return put_group(w, region, id, err);
}

static int put_default_gateway(struct world *w, const char *region, const char *vpc, char id[64], struct err *err)
{
	struct json *doc = ec2_new_doc("igw-", err);

	if (!doc)
		return -1;
	snprintf(id, 64, "%s", json_str(doc, "id", ""));
	if (json_set_str(doc, "vpcId", vpc)) {
		json_free(doc);
		return err_nomem(err);
	}
	return ec2_put(w, region, "ec2:internet-gateway", doc, err);
}

static int put_default_subnets(struct world *w, const struct region_row *region, const char *vpc, struct err *err)
{
	char cidr[32];

	for (size_t i = 0; region->zones[i]; i++) {
		struct json *doc;

		snprintf(cidr, sizeof(cidr), "172.31.%zu.0/20", i * 16);
		doc = ec2_subnet_new(region, i, vpc, cidr, true, err);
		if (!doc || ec2_put(w, region->name, "ec2:subnet", doc, err))
			return -1;
	}
	return 0;
}

struct json *ec2_default_network_put(struct world *w, const struct region_row *region, struct err *err)
{
	struct json *vpc = ec2_vpc_new(w, region->name, DEFAULT_CIDR, "default", true, err);
	char gateway[64];

	if (!vpc)
		return NULL;
	if (!put_default_gateway(w, region->name, json_str(vpc, "id", ""), gateway, err) &&
	    !ec2_vpc_put(w, region->name, vpc, gateway, err) &&
	    !put_default_subnets(w, region, json_str(vpc, "id", ""), err))
		return vpc;
	json_free(vpc);
	return NULL;
}
