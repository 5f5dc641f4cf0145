#include "sandbox/http/ec2/ec2.h"

#define GATEWAYS_MAX 5 /* of a region: AWS's default quota */

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

EC2_HANDLER(ec2_create_internet_gateway)
{
	struct json *doc;
	char prefix[EC2_ID_SIZE];

	ec2_doc_id(prefix, who->region, "");
	if (store_count(w->store, "ec2:internet-gateway", prefix) >= GATEWAYS_MAX)
		return service_error(err, 400, "InternetGatewayLimitExceeded",
				     "The maximum number of internet gateways has been reached.");
	doc = ec2_new_doc("igw-", err);
	if (!doc)
		return -1;
	if (ec2_tags_read_specification(p, "internet-gateway", json_get_mut(doc, "tags"), err)) {
		json_free(doc);
		return -1;
	}
	xml_open(out, "internetGateway");
	write_gateway(out, w, who, doc);
	xml_close(out, "internetGateway");
	return ec2_put(w, who->region, "ec2:internet-gateway", doc, err);
}

/* InternetGatewayId and VpcId of a call; both are lent. */
static int read_pair(struct world *w, const struct caller *who, const struct params *p, const struct json **gateway,
		     const struct json **vpc, struct err *err)
{
	*gateway = ec2_named(w, who, p, &ec2_gateways, err);
	*vpc = *gateway ? ec2_named(w, who, p, &ec2_vpcs, err) : NULL;
	return *vpc ? 0 : -1;
}

EC2_HANDLER(ec2_attach_internet_gateway)
{
	const struct json *gateway, *vpc;
	const char *vpc_id, *attached;
	struct json *doc;

	if (read_pair(w, who, p, &gateway, &vpc, err))
		return -1;
	vpc_id = json_str(vpc, "id", "");
	attached = json_str(gateway, "vpcId", NULL);
	if (attached)
		return service_error(err, 400, "Resource.AlreadyAssociated",
				     "resource %s is already attached to network %s", json_str(gateway, "id", ""),
				     attached);
	if (ec2_search(w, who->region, "ec2:internet-gateway", "vpcId", vpc_id, NULL))
		return service_error(err, 400, "InvalidParameterValue",
				     "Network %s already has an internet gateway attached", vpc_id);
	doc = json_copy(gateway);
	if (!doc || json_set_str(doc, "vpcId", vpc_id)) {
		json_free(doc);
		return err_nomem(err);
	}
	xml_element(out, "return", "true");
	return ec2_put(w, who->region, "ec2:internet-gateway", doc, err);
}

EC2_HANDLER(ec2_detach_internet_gateway)
{
	const struct json *gateway, *vpc;
	const char *vpc_id;
	struct json *doc;

	if (read_pair(w, who, p, &gateway, &vpc, err))
		return -1;
	vpc_id = json_str(vpc, "id", "");
	if (strcmp(json_str(gateway, "vpcId", ""), vpc_id))
		return service_error(err, 400, "Gateway.NotAttached", "resource %s is not attached to network %s",
				     json_str(gateway, "id", ""), vpc_id);
	if (ec2_vpc_has_public_addresses(w, who->region, vpc_id))
		return service_error(err, 400, "DependencyViolation",
				     "Network %s has some mapped public address(es). Please unmap those public "
				     "address(es) before detaching the gateway.",
				     vpc_id);
	doc = json_copy(gateway);
	if (!doc)
		return err_nomem(err);
	json_remove(doc, "vpcId");
	xml_element(out, "return", "true");
	return ec2_put(w, who->region, "ec2:internet-gateway", doc, err);
}

EC2_HANDLER(ec2_delete_internet_gateway)
{
	const struct json *gateway = ec2_named(w, who, p, &ec2_gateways, err);
	const char *id = json_str(gateway, "id", "");

	if (!gateway)
		return -1;
	if (json_get(gateway, "vpcId"))
		return service_error(err, 400, "DependencyViolation",
				     "The internetGateway '%s' has dependencies and cannot be deleted.", id);
	xml_element(out, "return", "true");
	return ec2_delete(w, who->region, "ec2:internet-gateway", id, err);
}
