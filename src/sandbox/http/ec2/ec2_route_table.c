#include "sandbox/http/ec2/ec2.h"

#define TABLES_MAX 200 /* of a VPC: AWS's default quota */

static const char *truth(const struct json *doc, const char *member)
{
	return json_bool(doc, member, false) ? "true" : "false";
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

const char *ec2_route_state(const struct world *w, const char *region, const char *vpc, const char *target)
{
	const struct json *gateway;
	char id[EC2_ID_SIZE];

	if (!strcmp(target, "local"))
		return "active";
	ec2_doc_id(id, region, target);
	gateway = store_get(w->store, "ec2:internet-gateway", id);
	return gateway && !strcmp(json_str(gateway, "vpcId", ""), vpc) ? "active" : "blackhole";
}

static void write_route(struct buf *out, const struct world *w, const struct caller *who, const char *vpc,
			const struct json *r)
{
	const char *cidr = json_str(r, "cidr", ""), *gateway = json_str(r, "gatewayId", "");

	xml_open(out, "item");
	xml_element(out, strchr(cidr, ':') ? "destinationIpv6CidrBlock" : "destinationCidrBlock", cidr);
	xml_element(out, "gatewayId", gateway);
	xml_element(out, "state", ec2_route_state(w, who->region, vpc, gateway));
	xml_element(out, "origin", json_str(r, "origin", ""));
	xml_close(out, "item");
}

static void write_route_table(struct buf *out, const struct world *w, const struct caller *who, const struct json *doc)
{
	const char *vpc = json_str(doc, "vpcId", "");

	xml_element(out, "routeTableId", json_str(doc, "id", ""));
	xml_element(out, "vpcId", vpc);
	xml_element(out, "ownerId", w->account);
	xml_open(out, "routeSet");
	for (const struct json *r = json_first(json_get(doc, "routes")); r; r = json_next(r))
		write_route(out, w, who, vpc, r);
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

/* IPv4 and IPv6 destinations lie in one member. */
static void offer_destinations(struct ec2_match *m, const struct json *doc, bool v6)
{
	for (const struct json *r = json_first(json_get(doc, "routes")); r; r = json_next(r)) {
		const char *cidr = json_str(r, "cidr", "");

		ec2_offer(m, (strchr(cidr, ':') != NULL) == v6 ? cidr : NULL);
	}
}

static void offer_route_cidr(struct ec2_match *m, const struct json *doc)
{
	offer_destinations(m, doc, false);
}

static void offer_route_cidr6(struct ec2_match *m, const struct json *doc)
{
	offer_destinations(m, doc, true);
}

static void offer_route_gateway(struct ec2_match *m, const struct json *doc)
{
	offer_each(m, json_get(doc, "routes"), "gatewayId");
}

static void offer_route_origin(struct ec2_match *m, const struct json *doc)
{
	offer_each(m, json_get(doc, "routes"), "origin");
}

static void offer_route_state(struct ec2_match *m, const struct json *doc)
{
	for (const struct json *r = json_first(json_get(doc, "routes")); r; r = json_next(r))
		ec2_offer(m, ec2_route_state(m->world, m->region, json_str(doc, "vpcId", ""),
					     json_str(r, "gatewayId", "")));
}

static void offer_associated_table(struct ec2_match *m, const struct json *doc)
{
	if (json_count(json_get(doc, "associations")))
		ec2_offer(m, json_str(doc, "id", NULL));
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
	{ "route.origin", NULL, offer_route_origin },
	{ "route.state", NULL, offer_route_state },
	{ "route.destination-ipv6-cidr-block", NULL, offer_route_cidr6 },
	{ "association.route-table-id", NULL, offer_associated_table },
	{ "association.gateway-id", EC2_NONE_HAS, NULL },
	{ "route.destination-prefix-list-id", EC2_NONE_HAS, NULL },
	{ "route.egress-only-internet-gateway-id", EC2_NONE_HAS, NULL },
	{ "route.instance-id", EC2_NONE_HAS, NULL },
	{ "route.nat-gateway-id", EC2_NONE_HAS, NULL },
	{ "route.transit-gateway-id", EC2_NONE_HAS, NULL },
	{ "route.vpc-peering-connection-id", EC2_NONE_HAS, NULL },
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

static void answer_created(struct buf *out, const struct world *w, const struct caller *who, const struct json *doc)
{
	xml_open(out, "routeTable");
	write_route_table(out, w, who, doc);
	xml_close(out, "routeTable");
}

/* Whoever lost the reply asks again with the same token and gets the same table; no other call may use it. */
static int recall_created(struct world *w, const struct caller *who, const char *token, const char *vpc,
			  struct buf *out, bool *known, struct err *err)
{
	size_t there = 0;
	const struct json *doc = ec2_search(w, who->region, "ec2:route-table", "clientToken", token, &there);

	*known = there > 0;
	if (!*known)
		return 0;
	if (strcmp(json_str(doc, "vpcId", ""), vpc) != 0)
		return service_error(
			err, 400, "IdempotentParameterMismatch",
			"The request uses the same client token as a previous, but non-identical request.");
	answer_created(out, w, who, doc);
	return 0;
}

EC2_HANDLER(ec2_create_route_table)
{
	const struct json *vpc = ec2_named(w, who, p, &ec2_vpcs, err);
	const char *vpc_id = json_str(vpc, "id", ""), *token = params_get(p, "ClientToken");
	struct json *doc;
	bool known = false;
	size_t there;

	if (!vpc || (token && recall_created(w, who, token, vpc_id, out, &known, err)))
		return -1;
	if (known)
		return 0;
	ec2_search(w, who->region, "ec2:route-table", "vpcId", vpc_id, &there);
	if (there >= TABLES_MAX)
		return service_error(err, 400, "RouteTableLimitExceeded",
				     "The maximum number of route tables has been reached.");
	doc = ec2_route_table_new(vpc_id, json_str(vpc, "cidr", ""), err);
	if (!doc)
		return -1;
	if (token && json_set_str(doc, "clientToken", token)) {
		json_free(doc);
		return err_nomem(err);
	}
	if (ec2_tags_read_specification(p, "route-table", json_get_mut(doc, "tags"), err)) {
		json_free(doc);
		return -1;
	}
	answer_created(out, w, who, doc);
	return ec2_put(w, who->region, "ec2:route-table", doc, err);
}

EC2_HANDLER(ec2_delete_route_table)
{
	const struct json *table = ec2_named(w, who, p, &ec2_route_tables, err);
	const char *id = json_str(table, "id", "");

	if (!table)
		return -1;
	if (json_count(json_get(table, "associations")))
		return service_error(err, 400, "DependencyViolation",
				     "The routeTable '%s' has dependencies and cannot be deleted.", id);
	xml_element(out, "return", "true");
	return ec2_delete(w, who->region, "ec2:route-table", id, err);
}
