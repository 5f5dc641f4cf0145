#include "sandbox/http/ec2.h"
#include "sandbox/regions.h"

/* What an account finds in a region that it has never used: a VPC of 172.31.0.0/16 with a subnet per zone, a gateway, a
 * main route table that leads there, and the group "default". */

#define DEFAULT_CIDR "172.31.0.0/16"

struct making {
	struct world *world;
	const struct region_row *region;
	char vpc[64], gateway[64];
};

static int put(struct making *m, const char *kind, struct json *doc, char keep[64], struct err *err)
{
	if (keep)
		snprintf(keep, 64, "%s", json_str(doc, "id", ""));
	return ec2_put(m->world, m->region->name, kind, doc, err);
}

static int fail(struct json *doc, struct err *err)
{
	json_free(doc);
	return err_nomem(err);
}

static int make_vpc(struct making *m, struct err *err)
{
	struct json *doc = ec2_new_doc("vpc-", err);
	char options[64], association[64];

	if (!doc)
		return -1;
	if (world_id_hex("dopt-", 17, options, sizeof(options), err) ||
	    world_id_hex("vpc-cidr-assoc-", 17, association, sizeof(association), err)) {
		json_free(doc);
		return -1;
	}
	if (json_set_str(doc, "cidr", DEFAULT_CIDR) || json_set_str(doc, "state", "available") ||
	    json_set_bool(doc, "isDefault", true) || json_set_str(doc, "dhcpOptionsId", options) ||
	    json_set_str(doc, "associationId", association))
		return fail(doc, err);
	return put(m, "ec2:vpc", doc, m->vpc, err);
}

static int make_subnet(struct making *m, size_t i, struct err *err)
{
	struct json *doc = ec2_new_doc("subnet-", err);
	char cidr[32], zone[48], zone_id[24];

	if (!doc)
		return -1;
	snprintf(cidr, sizeof(cidr), "172.31.%zu.0/20", i * 16);
	snprintf(zone, sizeof(zone), "%s%c", m->region->name, m->region->zones[i]);
	snprintf(zone_id, sizeof(zone_id), "%s-az%zu", m->region->zone_id, i + 1);
	if (json_set_str(doc, "vpcId", m->vpc) || json_set_str(doc, "cidr", cidr) ||
	    json_set_str(doc, "state", "available") || json_set_str(doc, "zone", zone) ||
	    json_set_str(doc, "zoneId", zone_id) || json_set_bool(doc, "defaultForAz", true) ||
	    json_set_bool(doc, "mapPublicIp", true))
		return fail(doc, err);
	return put(m, "ec2:subnet", doc, NULL, err);
}

static int make_gateway(struct making *m, struct err *err)
{
	struct json *doc = ec2_new_doc("igw-", err);

	if (!doc)
		return -1;
	if (json_set_str(doc, "vpcId", m->vpc))
		return fail(doc, err);
	return put(m, "ec2:internet-gateway", doc, m->gateway, err);
}

static struct json *route(const char *cidr, const char *gateway, const char *origin)
{
	struct json *r = json_new_object();

	if (r && !json_set_str(r, "cidr", cidr) && !json_set_str(r, "gatewayId", gateway) &&
	    !json_set_str(r, "origin", origin))
		return r;
	json_free(r);
	return NULL;
}

static int append(struct json *array, struct json *value)
{
	return array && value ? json_append(array, value) : (json_free(value), -1);
}

static int make_route_table(struct making *m, struct err *err)
{
	struct json *doc = ec2_new_doc("rtb-", err), *association;
	char id[64];

	if (!doc)
		return -1;
	if (world_id_hex("rtbassoc-", 17, id, sizeof(id), err)) {
		json_free(doc);
		return -1;
	}
	if (json_set_str(doc, "vpcId", m->vpc) || json_set(doc, "associations", json_new_array()) ||
	    json_set(doc, "routes", json_new_array()) ||
	    append(json_get_mut(doc, "routes"), route(DEFAULT_CIDR, "local", "CreateRouteTable")) ||
	    append(json_get_mut(doc, "routes"), route("0.0.0.0/0", m->gateway, "CreateRoute")))
		return fail(doc, err);
	association = json_new_object();
	if (!association || json_set_str(association, "id", id) || json_set_bool(association, "main", true)) {
		json_free(association);
		return fail(doc, err);
	}
	if (append(json_get_mut(doc, "associations"), association))
		return fail(doc, err);
	return put(m, "ec2:route-table", doc, NULL, err);
}

/* Members of the group reach each other, and everything is reached from inside; nobody outside gets in. */
static int make_group(struct making *m, struct err *err)
{
	struct json *doc = ec2_new_doc("sg-", err);

	if (!doc)
		return -1;
	if (json_set_str(doc, "name", "default") || json_set_str(doc, "description", "default VPC security group") ||
	    json_set_str(doc, "vpcId", m->vpc) || json_set(doc, "rules", json_new_array()))
		return fail(doc, err);
	if (ec2_rule_add_any(doc, false, json_str(doc, "id", ""), err) || ec2_rule_add_any(doc, true, NULL, err)) {
		json_free(doc);
		return -1;
	}
	return put(m, "ec2:security-group", doc, NULL, err);
}

static int mark(struct making *m, struct err *err)
{
	struct json *doc = json_new_object();
	char now[CLOCK_TEXT];

	clock_iso_s(clock_now(m->world->clock), now);
	if (!doc || json_set_str(doc, "created", now))
		return fail(doc, err);
	return store_put(m->world->store, "ec2:region", m->region->name, doc, err);
}

int ec2_ensure_region(struct world *w, const char *region, struct err *err)
{
	struct making m = { .world = w, .region = region_find(region) };
	int rc = 0;

	if (!m.region)
		return service_error(err, 400, "InvalidParameterValue", "There is no region '%.40s'", region);
	store_lock(w->store);
	if (store_get(w->store, "ec2:region", region))
		goto out;
	rc = make_vpc(&m, err) || make_gateway(&m, err) || make_route_table(&m, err) || make_group(&m, err);
	for (size_t i = 0; rc == 0 && m.region->zones[i]; i++)
		rc = make_subnet(&m, i, err);
	if (rc == 0)
		rc = mark(&m, err);
	if (rc == 0)
		rc = store_commit(w->store, err);
	if (rc)
		store_rollback(w->store);
out:
	store_unlock(w->store);
	return rc ? -1 : 0;
}
