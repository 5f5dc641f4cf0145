#include "spark/aws/ec2_network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/decode.h"
#include "aws/pages.h"
#include "aws/query.h"

#define VERSION "2016-11-15"

static const struct tag_names tag_names = { "item", "key", "value" };

/* How the API words each kind. Source: EC2 API reference, the actions' own pages. */
static const struct kind_words {
	const char *describe, *list, *create, *made, *delete, *id_in, *id_out, *tag_type;
} words[] = {
	[EC2_VPC] = { "DescribeVpcs", "vpcSet", "CreateVpc", "vpc", "DeleteVpc", "VpcId", "vpcId", "vpc" },
	[EC2_SUBNET] = { "DescribeSubnets", "subnetSet", "CreateSubnet", "subnet", "DeleteSubnet", "SubnetId",
			 "subnetId", "subnet" },
	[EC2_GATEWAY] = { "DescribeInternetGateways", "internetGatewaySet", "CreateInternetGateway", "internetGateway",
			  "DeleteInternetGateway", "InternetGatewayId", "internetGatewayId", "internet-gateway" },
	[EC2_ROUTE_TABLE] = { "DescribeRouteTables", "routeTableSet", "CreateRouteTable", "routeTable",
			      "DeleteRouteTable", "RouteTableId", "routeTableId", "route-table" },
};

void ec2_item_clear(struct ec2_item *i)
{
	if (i)
		aws_tags_clear(&i->tags);
}

static void decode_routes(const struct xml_node *n, struct ec2_item *out)
{
	const struct xml_node *set = xml_child(n, "routeSet");

	for (const struct xml_node *r = set ? xml_child(set, "item") : NULL; r; r = xml_next(r, "item")) {
		char to[44];

		decode_optional(r, "destinationCidrBlock", to, sizeof(to));
		if (strcmp(to, "0.0.0.0/0") == 0)
			decode_optional(r, "gatewayId", out->default_route, sizeof(out->default_route));
	}
	set = xml_child(n, "associationSet");
	for (const struct xml_node *a = set ? xml_child(set, "item") : NULL; a; a = xml_next(a, "item")) {
		size_t i = out->association_count;

		if (i == sizeof(out->associations) / sizeof(out->associations[0]))
			break;
		decode_optional(a, "routeTableAssociationId", out->associations[i][0], sizeof(out->associations[i][0]));
		decode_optional(a, "subnetId", out->associations[i][1], sizeof(out->associations[i][1]));
		out->association_count++;
	}
}

static int decode_item(const struct xml_node *n, enum ec2_kind kind, const char *action, struct ec2_item *out,
		       struct err *err)
{
	struct ec2_item i = { 0 };

	if (decode_required(n, words[kind].id_out, action, i.id, sizeof(i.id), err) != 0)
		return -1;
	decode_optional(n, "state", i.state, sizeof(i.state));
	decode_optional(n, "cidrBlock", i.cidr, sizeof(i.cidr));
	decode_optional(n, "availabilityZone", i.zone, sizeof(i.zone));
	i.is_default = decode_bool(n, "isDefault");
	decode_optional(n, kind == EC2_GATEWAY ? "attachmentSet/item/vpcId" : "vpcId", i.vpc_id, sizeof(i.vpc_id));
	if (kind == EC2_ROUTE_TABLE)
		decode_routes(n, &i);
	if (decode_tags(xml_child(n, "tagSet"), &tag_names, &i.tags, err) != 0)
		return -1;
	*out = i;
	return 0;
}

struct walk {
	enum ec2_kind kind;
	const struct ec2_filter *filters;
	size_t count;
	int (*fn)(void *arg, struct ec2_item *item);
	void *arg;
};

static void add_filters(void *arg, struct aws_params *p)
{
	const struct walk *w = arg;

	for (size_t i = 0; i < w->count; i++) {
		aws_params_addf(p, w->filters[i].name, "Filter.%zu.Name", i + 1);
		aws_params_addf(p, w->filters[i].value, "Filter.%zu.Value.1", i + 1);
	}
}

static int each_item(void *arg, const struct xml_node *n, struct err *err)
{
	const struct walk *w = arg;
	struct ec2_item item;
	int rc;

	if (decode_item(n, w->kind, words[w->kind].describe, &item, err) != 0)
		return -1;
	rc = w->fn(w->arg, &item);
	ec2_item_clear(&item);
	return rc;
}

int ec2_each(struct aws_client *c, enum ec2_kind kind, const struct ec2_filter *filters, size_t count,
	     int (*fn)(void *arg, struct ec2_item *item), void *arg, struct err *err)
{
	struct walk w = { kind, filters, count, fn, arg };
	const struct paged_list l = {
		.service = "ec2",
		.action = words[kind].describe,
		.version = VERSION,
		.list = words[kind].list,
		.item = "item",
		.marker_out = "nextToken",
		.marker_in = "NextToken",
		.add = add_filters,
		.each = each_item,
		.arg = &w,
	};

	return pages_walk(c, &l, err);
}

struct smallest {
	struct ec2_item *out;
	bool found;
};

static int keep_smallest(void *arg, struct ec2_item *item)
{
	struct smallest *s = arg;

	if (s->found && strcmp(s->out->id, item->id) <= 0)
		return 0;
	ec2_item_clear(s->out);
	*s->out = *item;
	memset(&item->tags, 0, sizeof(item->tags));
	s->found = true;
	return 0;
}

int ec2_find(struct aws_client *c, enum ec2_kind kind, const struct ec2_filter *filters, size_t count, bool *found,
	     struct ec2_item *out, struct err *err)
{
	struct smallest s = { .out = out };

	memset(out, 0, sizeof(*out));
	/* without a filter the answer would be somebody's */
	if (count == 0)
		return err_set(err, ERR_BUG, "%s without a filter", words[kind].describe);
	if (ec2_each(c, kind, filters, count, keep_smallest, &s, err) < 0) {
		ec2_item_clear(out);
		return -1;
	}
	*found = s.found;
	return 0;
}

int ec2_make(struct aws_client *c, enum ec2_kind kind, const struct ec2_make *in, char id[32], struct err *err)
{
	const struct kind_words *k = &words[kind];
	struct aws_params p;
	struct xml_doc *doc = NULL;
	const struct xml_node *result;
	char path[64], made[32];
	int rc;

	aws_params_init(&p, k->create, VERSION);
	aws_params_add(&p, "VpcId", in->vpc_id);
	aws_params_add(&p, "CidrBlock", in->cidr);
	aws_params_add(&p, "AvailabilityZone", in->zone);
	aws_params_add(&p, "ClientToken", in->token);
	if (in->tag_count > 0) {
		aws_params_add(&p, "TagSpecification.1.ResourceType", k->tag_type);
		params_add_tags(&p, "TagSpecification.1.Tag", in->tags, in->tag_count);
	}
	rc = aws_call(c, "ec2", &p, in->token != NULL, &doc, &result, err);
	aws_params_clear(&p);
	if (rc != 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/%s", k->made, k->id_out);
	rc = decode_required(result, path, k->create, made, sizeof(made), err);
	xml_free(doc);
	if (rc == 0)
		memcpy(id, made, sizeof(made));
	return rc;
}

int ec2_delete(struct aws_client *c, enum ec2_kind kind, const char *id, struct err *err)
{
	struct aws_params p;

	aws_params_init(&p, words[kind].delete, VERSION);
	aws_params_add(&p, words[kind].id_in, id);
	return query_call_void(c, "ec2", &p, true, err);
}

bool ec2_is_gone(const struct err *err)
{
	static const char *const codes[] = {
		"InvalidVpcID.NotFound",        "InvalidSubnetID.NotFound", "InvalidInternetGatewayID.NotFound",
		"InvalidRouteTableID.NotFound", "InvalidGroup.NotFound",    "InvalidGroupId.NotFound"
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (err_has_code(err, codes[i]))
			return true;
	}
	return false;
}

int ec2_get_dns_hostnames(struct aws_client *c, const char *vpc_id, bool *on, struct err *err)
{
	struct aws_params p;
	struct xml_doc *doc = NULL;
	const struct xml_node *result;
	int rc;

	aws_params_init(&p, "DescribeVpcAttribute", VERSION);
	aws_params_add(&p, "VpcId", vpc_id);
	aws_params_add(&p, "Attribute", "enableDnsHostnames");
	rc = aws_call(c, "ec2", &p, true, &doc, &result, err);
	aws_params_clear(&p);
	if (rc != 0)
		return -1;
	*on = decode_bool(result, "enableDnsHostnames/value");
	xml_free(doc);
	return 0;
}

int ec2_enable_dns_hostnames(struct aws_client *c, const char *vpc_id, struct err *err)
{
	struct aws_params p;

	aws_params_init(&p, "ModifyVpcAttribute", VERSION);
	aws_params_add(&p, "VpcId", vpc_id);
	aws_params_add_bool(&p, "EnableDnsHostnames.Value", true);
	return query_call_void(c, "ec2", &p, true, err);
}

/* Two names and values; a code that says "it is so already" is success. */
static int call_pair(struct aws_client *c, const char *action, const char *const pairs[][2], size_t count,
		     const char *fine, struct err *err)
{
	struct err local = { 0 };
	struct aws_params p;

	aws_params_init(&p, action, VERSION);
	for (size_t i = 0; i < count; i++)
		aws_params_add(&p, pairs[i][0], pairs[i][1]);
	if (query_call_void(c, "ec2", &p, true, &local) == 0 || (fine && err_has_code(&local, fine)))
		return 0;
	if (err)
		*err = local;
	return -1;
}

int ec2_attach_gateway(struct aws_client *c, const char *gateway_id, const char *vpc_id, struct err *err)
{
	const char *const pairs[][2] = { { "InternetGatewayId", gateway_id }, { "VpcId", vpc_id } };

	return call_pair(c, "AttachInternetGateway", pairs, 2, NULL, err);
}

int ec2_detach_gateway(struct aws_client *c, const char *gateway_id, const char *vpc_id, struct err *err)
{
	const char *const pairs[][2] = { { "InternetGatewayId", gateway_id }, { "VpcId", vpc_id } };

	return call_pair(c, "DetachInternetGateway", pairs, 2, "Gateway.NotAttached", err);
}

int ec2_route_to_gateway(struct aws_client *c, const char *table_id, const char *gateway_id, struct err *err)
{
	const char *const pairs[][2] = { { "RouteTableId", table_id },
					 { "DestinationCidrBlock", "0.0.0.0/0" },
					 { "GatewayId", gateway_id } };

	return call_pair(c, "CreateRoute", pairs, 3, "RouteAlreadyExists", err);
}

int ec2_associate_table(struct aws_client *c, const char *table_id, const char *subnet_id, struct err *err)
{
	const char *const pairs[][2] = { { "RouteTableId", table_id }, { "SubnetId", subnet_id } };

	return call_pair(c, "AssociateRouteTable", pairs, 2, NULL, err);
}

int ec2_disassociate_table(struct aws_client *c, const char *association_id, struct err *err)
{
	const char *const pairs[][2] = { { "AssociationId", association_id } };

	return call_pair(c, "DisassociateRouteTable", pairs, 1, "InvalidAssociationID.NotFound", err);
}

static int compare_zones(const void *a, const void *b)
{
	return strcmp(a, b);
}

int ec2_list_zones(struct aws_client *c, char zones[][32], size_t max, size_t *count, struct err *err)
{
	struct aws_params p;
	struct xml_doc *doc = NULL;
	const struct xml_node *result, *set;
	char all[32][32];
	size_t n = 0;
	int rc;

	aws_params_init(&p, "DescribeAvailabilityZones", VERSION);
	aws_params_add(&p, "Filter.1.Name", "state");
	aws_params_add(&p, "Filter.1.Value.1", "available");
	aws_params_add(&p, "Filter.2.Name", "zone-type");
	aws_params_add(&p, "Filter.2.Value.1", "availability-zone");
	rc = aws_call(c, "ec2", &p, true, &doc, &result, err);
	aws_params_clear(&p);
	if (rc != 0)
		return -1;
	set = xml_child(result, "availabilityZoneInfo");
	for (const struct xml_node *z = set ? xml_child(set, "item") : NULL; z && n < 32; z = xml_next(z, "item")) {
		decode_optional(z, "zoneName", all[n], sizeof(all[n]));
		if (all[n][0])
			n++;
	}
	xml_free(doc);
	qsort(all, n, sizeof(all[0]), compare_zones);
	*count = n < max ? n : max;
	memcpy(zones, all, *count * sizeof(all[0]));
	return 0;
}
