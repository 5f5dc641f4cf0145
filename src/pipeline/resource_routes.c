#include <stdio.h>
#include <string.h>

#include "pipeline/network.h"
#include "pipeline/resource.h"

/* The way out of the stack's own network: the gateway, and the route table that leads to it. */

static const char *gateway_label(const struct run *r)
{
	return r->state->gateway_id[0] ? r->state->gateway_id : run_stack(r);
}

static int gateway_find(struct run *r, enum presence *p, struct err *err)
{
	struct run_state *s = r->state;
	struct ec2_item item;
	bool found;

	s->gateway_id[0] = s->gateway_vpc[0] = 0;
	if (network_find(r, EC2_GATEWAY, &found, &item, err) < 0)
		return -1;
	*p = found ? PRESENCE_OURS : PRESENCE_ABSENT;
	if (found) {
		memcpy(s->gateway_id, item.id, sizeof(s->gateway_id));
		memcpy(s->gateway_vpc, item.vpc_id, sizeof(s->gateway_vpc));
	}
	ec2_item_clear(&item);
	return 0;
}

static int gateway_ensure(struct run *r, enum presence p, bool *changed, struct err *err)
{
	struct run_state *s = r->state;

	*changed = p == PRESENCE_ABSENT;
	if (p == PRESENCE_ABSENT &&
	    network_make(r, EC2_GATEWAY, "gateway", &(struct ec2_make){ 0 }, s->gateway_id, err) < 0)
		return -1;
	if (s->gateway_vpc[0] && strcmp(s->gateway_vpc, s->vpc_id) == 0)
		return 0;
	*changed = true;
	if (network_change(r,
			   &(struct network_call){ "AttachInternetGateway", "gateway", ec2_attach_gateway,
						   s->gateway_id, s->vpc_id },
			   err) < 0)
		return -1;
	memcpy(s->gateway_vpc, s->vpc_id, sizeof(s->gateway_vpc));
	return 0;
}

static int gateway_destroy(struct run *r, struct err *err)
{
	struct run_state *s = r->state;
	struct ec2_item seen = { 0 };

	if (s->several[EC2_GATEWAY])
		return network_remove_all(r, EC2_GATEWAY, err);
	memcpy(seen.id, s->gateway_id, sizeof(seen.id));
	memcpy(seen.vpc_id, s->gateway_vpc, sizeof(seen.vpc_id));
	return network_remove(r, EC2_GATEWAY, s->gateway_id, &seen, err);
}

static const char *routes_label(const struct run *r)
{
	return r->state->table.id[0] ? r->state->table.id : run_stack(r);
}

static int routes_find(struct run *r, enum presence *p, struct err *err)
{
	struct run_state *s = r->state;
	struct ec2_item item;
	bool found;

	memset(&s->table, 0, sizeof(s->table));
	if (network_find(r, EC2_ROUTE_TABLE, &found, &item, err) < 0)
		return -1;
	*p = found ? PRESENCE_OURS : PRESENCE_ABSENT;
	ec2_item_clear(&item); /* its tags */
	if (found)
		s->table = item;
	return 0;
}

static bool is_associated(const struct ec2_item *table, const char *subnet)
{
	for (size_t i = 0; i < table->association_count; i++) {
		if (strcmp(table->associations[i][1], subnet) == 0)
			return true;
	}
	return false;
}

/* What the table lacks: the route out, and the subnets that follow it. */
static int complete_table(struct run *r, bool *changed, struct err *err)
{
	struct run_state *s = r->state;
	const struct ec2_item *table = &s->table;

	if (strcmp(table->default_route, s->gateway_id) != 0 || !table->default_route[0]) {
		*changed = true;
		if (network_change(r,
				   &(struct network_call){ "CreateRoute", "routes", ec2_route_to_gateway, s->table.id,
							   s->gateway_id },
				   err) < 0)
			return -1;
	}
	for (size_t i = 0; i < SUBNETS_MAX; i++) {
		/* in a plan, one that is not there yet will be */
		bool there = s->subnets[i].id[0] || (s->planning && i < network_subnets_needed(r));

		if (!there || is_associated(table, s->subnets[i].id))
			continue;
		*changed = true;
		if (network_change(r,
				   &(struct network_call){ "AssociateRouteTable", "routes", ec2_associate_table,
							   s->table.id, s->subnets[i].id },
				   err) < 0)
			return -1;
	}
	return 0;
}

static int routes_ensure(struct run *r, enum presence p, bool *changed, struct err *err)
{
	struct run_state *s = r->state;
	struct ec2_make in = { .vpc_id = s->vpc_id };
	char token[64];

	*changed = p == PRESENCE_ABSENT;
	if (p == PRESENCE_ABSENT) {
		/* a lost reply is asked for again under the same token; a VPC made anew gives a new one */
		(void)snprintf(token, sizeof(token), "sparkctl-%s", s->vpc_id);
		in.token = token;
		if (network_make(r, EC2_ROUTE_TABLE, "routes", &in, s->table.id, err) < 0)
			return -1;
	}
	return complete_table(r, changed, err);
}

static int routes_destroy(struct run *r, struct err *err)
{
	if (r->state->several[EC2_ROUTE_TABLE])
		return network_remove_all(r, EC2_ROUTE_TABLE, err);
	return network_remove(r, EC2_ROUTE_TABLE, r->state->table.id, &r->state->table, err);
}

const struct resource resource_gateway = {
	.name = "gateway",
	.needs = 1u << RESOURCE_VPC,
	.look_after = 1u << RESOURCE_VPC,
	.wanted = network_is_own,
	.label = gateway_label,
	.find = gateway_find,
	.ensure = gateway_ensure,
	.destroy = gateway_destroy,
	.nameless = true,
};

const struct resource resource_routes = {
	.name = "routes",
	.needs = 1u << RESOURCE_SUBNETS | 1u << RESOURCE_GATEWAY,
	.look_after = 1u << RESOURCE_VPC,
	.wanted = network_is_own,
	.label = routes_label,
	.find = routes_find,
	.ensure = routes_ensure,
	.destroy = routes_destroy,
	.nameless = true,
};
