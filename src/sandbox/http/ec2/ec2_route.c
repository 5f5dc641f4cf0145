#include "sandbox/http/ec2/ec2.h"

#include <arpa/inet.h>

#define ROUTES_MAX 50 /* of a table: AWS's default quota */

/* Where a route may lead. The sandbox has internet gateways only; of the others none exists. */
static const struct target {
	const char *param, *not_found, *noun;
} targets[] = {
	{ "GatewayId", "InvalidGatewayID.NotFound", "gateway ID" },
	{ "InstanceId", "InvalidInstanceID.NotFound", "instance ID" },
	{ "NatGatewayId", "InvalidNatGatewayID.NotFound", "NatGateway ID" },
	{ "NetworkInterfaceId", "InvalidNetworkInterfaceID.NotFound", "networkInterface ID" },
	{ "VpcPeeringConnectionId", "InvalidVpcPeeringConnectionID.NotFound", "vpcPeeringConnection ID" },
	{ "TransitGatewayId", "InvalidTransitGatewayID.NotFound", "transitGateway ID" },
	{ "VpcEndpointId", "InvalidVpcEndpointId.NotFound", "vpcEndpoint ID" },
	{ "EgressOnlyInternetGatewayId", "InvalidGatewayID.NotFound", "eigw ID" },
	{ "LocalGatewayId", "InvalidLocalGatewayID.NotFound", "localGateway ID" },
	{ "CarrierGatewayId", "InvalidCarrierGatewayID.NotFound", "carrierGateway ID" },
};

/* A route of a call: the table that it is in, where it goes to, and its place there when it is one of the table's. */
struct route {
	const struct json *table, *there;
	size_t index;
	struct cidr to;
	char cidr[CIDR_TEXT];
};

/* DestinationCidrBlock or DestinationIpv6CidrBlock, with the bits behind the prefix cleared as AWS does. */
static int read_destination(const struct params *p, struct route *r, struct err *err)
{
	const char *v4 = params_get(p, "DestinationCidrBlock"), *v6 = params_get(p, "DestinationIpv6CidrBlock");
	const char *given = v4 ? v4 : v6;

	if (params_get(p, "DestinationPrefixListId"))
		return service_error(err, 400, "UnsupportedOperation", "The sandbox does not have prefix lists");
	if (!given)
		return service_error(err, 400, "MissingParameter",
				     "The request must contain the parameter destinationCidrBlock");
	if (v4 && v6)
		return service_error(err, 400, "InvalidParameterCombination",
				     "The parameter destinationCidrBlock cannot be used with the parameter "
				     "destinationIpv6CidrBlock");
	if (!cidr_parse(given, false, &r->to) || r->to.family != (v4 ? AF_INET : AF_INET6))
		return service_error(err, 400, "InvalidParameterValue",
				     "Value (%.60s) for parameter %s is invalid. This is not a valid CIDR block.",
				     given, v4 ? "destinationCidrBlock" : "destinationIpv6CidrBlock");
	cidr_canonical(&r->to, r->cidr);
	return 0;
}

static int read_route(struct world *w, const struct caller *who, const struct params *p, struct route *r,
		      struct err *err)
{
	memset(r, 0, sizeof(*r));
	r->table = ec2_named(w, who, p, &ec2_route_tables, err);
	if (!r->table || read_destination(p, r, err))
		return -1;
	for (r->there = json_first(json_get(r->table, "routes")); r->there; r->there = json_next(r->there)) {
		if (!strcmp(json_str(r->there, "cidr", ""), r->cidr))
			return 0;
		r->index++;
	}
	return 0;
}

static bool is_local(const struct json *route)
{
	return route && !strcmp(json_str(route, "gatewayId", ""), "local");
}

/* The one target that the call names, or NULL with err. */
static const struct target *find_target(const struct params *p, struct err *err)
{
	const struct target *found = NULL;

	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		if (!params_get(p, targets[i].param))
			continue;
		if (found) {
			service_error(err, 400, "InvalidParameterCombination",
				      "The parameter %s cannot be used with the parameter %s", found->param,
				      targets[i].param);
			return NULL;
		}
		found = &targets[i];
	}
	if (!found)
		service_error(err, 400, "MissingParameter",
			      "The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId, "
			      "vpcPeeringConnectionId, transitGatewayId, vpcEndpointId or instanceId");
	return found;
}

/* The gateway that the call's route leads to (lent). */
static const char *read_target(struct world *w, const struct caller *who, const struct params *p, const struct route *r,
			       struct err *err)
{
	const struct target *target = find_target(p, err);
	const char *id = target ? params_get(p, target->param) : NULL;
	const struct json *gateway = NULL;
	char doc_id[EC2_ID_SIZE];

	if (!id)
		return NULL;
	if (target == &targets[0] && !strcmp(id, "local")) {
		service_error(err, 400, "InvalidParameterValue",
			      "The route %s cannot have the target local: it is no route inside the VPC", r->cidr);
		return NULL;
	}
	if (target == &targets[0]) {
		ec2_doc_id(doc_id, who->region, id);
		gateway = store_get(w->store, "ec2:internet-gateway", doc_id);
	}
	if (!gateway) {
		service_error(err, 400, target->not_found, "The %s '%.60s' does not exist", target->noun, id);
		return NULL;
	}
	if (strcmp(json_str(gateway, "vpcId", ""), json_str(r->table, "vpcId", ""))) {
		service_error(err, 400, "InvalidParameterValue",
			      "route table %s and network gateway %s belong to different networks",
			      json_str(r->table, "id", ""), id);
		return NULL;
	}
	return id;
}

/* Inside the VPC, only its own addresses are reached. */
static int refuse_inside(const struct route *r, struct err *err)
{
	struct cidr local;

	for (const struct json *x = json_first(json_get(r->table, "routes")); x; x = json_next(x))
		if (is_local(x) && cidr_parse(json_str(x, "cidr", ""), false, &local) && cidr_contains(&local, &r->to))
			return service_error(err, 400, "InvalidParameterValue",
					     "The destination CIDR block %s is equal to or more specific than one of "
					     "this VPC's CIDR blocks. This route can target only an interface or an "
					     "instance.",
					     r->cidr);
	return 0;
}

EC2_HANDLER(ec2_create_route)
{
	const char *gateway;
	struct route r;
	struct json *doc;

	if (read_route(w, who, p, &r, err) || !(gateway = read_target(w, who, p, &r, err)) || refuse_inside(&r, err))
		return -1;
	if (r.there)
		return service_error(err, 400, "RouteAlreadyExists", "The route identified by %s already exists.",
				     r.cidr);
	if (json_count(json_get(r.table, "routes")) >= ROUTES_MAX)
		return service_error(err, 400, "RouteLimitExceeded", "The maximum number of routes has been reached.");
	doc = json_copy(r.table);
	if (!doc)
		return err_nomem(err);
	if (ec2_route_add(doc, r.cidr, gateway, "CreateRoute", err)) {
		json_free(doc);
		return -1;
	}
	xml_element(out, "return", "true");
	return ec2_put(w, who->region, "ec2:route-table", doc, err);
}

static int not_defined(const struct route *r, struct err *err)
{
	return service_error(err, 400, "InvalidParameterValue",
			     "There is no route defined for '%s' in the route table. Use CreateRoute instead.",
			     r->cidr);
}

/* A local route stays local, which is all that the sandbox can offer it. */
static int replace_local(const struct params *p, const struct route *r, struct buf *out, struct err *err)
{
	const char *gateway = params_get(p, "GatewayId");
	bool local;

	if (params_bool(p, "LocalTarget", false, &local, err))
		return -1;
	if (!local && (!gateway || strcmp(gateway, "local")))
		return service_error(err, 400, "InvalidParameterValue",
				     "cannot replace local route %s in route table %s: it can target only an interface "
				     "or an instance",
				     r->cidr, json_str(r->table, "id", ""));
	xml_element(out, "return", "true");
	return 0;
}

EC2_HANDLER(ec2_replace_route)
{
	const char *gateway;
	struct route r;
	struct json *doc;

	if (read_route(w, who, p, &r, err))
		return -1;
	if (!r.there)
		return not_defined(&r, err);
	if (is_local(r.there))
		return replace_local(p, &r, out, err);
	gateway = read_target(w, who, p, &r, err);
	if (!gateway)
		return -1;
	doc = json_copy(r.table);
	if (!doc)
		return err_nomem(err);
	json_remove_at(json_get_mut(doc, "routes"), r.index);
	if (ec2_route_add(doc, r.cidr, gateway, "CreateRoute", err)) {
		json_free(doc);
		return -1;
	}
	xml_element(out, "return", "true");
	return ec2_put(w, who->region, "ec2:route-table", doc, err);
}

EC2_HANDLER(ec2_delete_route)
{
	struct route r;
	struct json *doc;

	if (read_route(w, who, p, &r, err))
		return -1;
	if (!r.there)
		return service_error(err, 400, "InvalidRoute.NotFound",
				     "no route with destination-cidr-block %s in route table %s", r.cidr,
				     json_str(r.table, "id", ""));
	if (is_local(r.there))
		return service_error(err, 400, "InvalidParameterValue",
				     "cannot remove local route %s in route table %s", r.cidr,
				     json_str(r.table, "id", ""));
	doc = json_copy(r.table);
	if (!doc)
		return err_nomem(err);
	json_remove_at(json_get_mut(doc, "routes"), r.index);
	xml_element(out, "return", "true");
	return ec2_put(w, who->region, "ec2:route-table", doc, err);
}
