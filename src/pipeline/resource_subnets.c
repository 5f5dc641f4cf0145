#include <stdio.h>
#include <string.h>

#include "pipeline/network.h"
#include "pipeline/resource.h"
#include "pipeline/serverless.h"

static const char *const cidrs[SUBNETS_MAX] = { "10.0.0.0/20", "10.0.16.0/20", "10.0.32.0/20" };

/* Each in a zone of its own: some node types and features of clusters ask for two, a serverless workgroup for three. */
size_t network_subnets_needed(const struct run *r)
{
	return serverless_is_wanted(r) ? 3 : 2;
}

static const char *subnets_label(const struct run *r)
{
	return run_stack(r);
}

/* Each subnet of ours, in the slot of its range; one of another range is not used, and goes with the others. */
static int note_subnet(void *arg, struct ec2_item *item)
{
	struct run_state *s = arg;

	for (size_t i = 0; i < SUBNETS_MAX; i++) {
		if (strcmp(item->cidr, cidrs[i]) != 0 || s->subnets[i].id[0])
			continue;
		memcpy(s->subnets[i].id, item->id, sizeof(s->subnets[i].id));
		memcpy(s->subnets[i].zone, item->zone, sizeof(s->subnets[i].zone));
		return 0;
	}
	s->several[EC2_SUBNET] = true;
	return 0;
}

static int subnets_find(struct run *r, enum presence *p, struct err *err)
{
	struct ec2_filter filters[] = { { "tag:" STACK_TAG, run_stack(r) }, { "vpc-id", r->state->vpc_id } };
	struct run_state *s = r->state;

	memset(s->subnets, 0, sizeof(s->subnets));
	s->several[EC2_SUBNET] = false;
	*p = PRESENCE_ABSENT;
	if (!s->vpc_id[0])
		return 0;
	if (ec2_each(r->aws, EC2_SUBNET, filters, 2, note_subnet, s, err) < 0)
		return -1;
	if (s->several[EC2_SUBNET])
		*p = PRESENCE_OURS;
	for (size_t i = 0; i < SUBNETS_MAX; i++) {
		if (s->subnets[i].id[0])
			*p = PRESENCE_OURS;
	}
	return 0;
}

/* With the look, because it would hold up the making. */
static int learn_zones(struct run *r, struct err *err)
{
	struct run_state *s = r->state;

	return s->zone_count ? 0 : ec2_list_zones(r->aws, s->zones, 8, &s->zone_count, err);
}

static bool zone_taken(const struct run_state *s, const char *zone)
{
	for (size_t i = 0; i < SUBNETS_MAX; i++) {
		if (strcmp(s->subnets[i].zone, zone) == 0)
			return true;
	}
	return false;
}

static int make_subnet(struct run *r, size_t i, const char *zone, struct err *err)
{
	struct run_state *s = r->state;
	struct ec2_make in = { .vpc_id = s->vpc_id, .cidr = cidrs[i], .zone = zone };

	if (network_make(r, EC2_SUBNET, "subnets", &in, s->subnets[i].id, err) < 0)
		return -1;
	(void)snprintf(s->subnets[i].zone, sizeof(s->subnets[i].zone), "%s", zone);
	return 0;
}

static int subnets_ensure(struct run *r, enum presence p, bool *changed, struct err *err)
{
	struct run_state *s = r->state;
	size_t count, next = 0, missing = 0;

	(void)p;
	*changed = false;
	for (size_t i = 0; i < network_subnets_needed(r); i++)
		missing += !s->subnets[i].id[0];
	if (missing == 0)
		return 0;
	if (learn_zones(r, err) < 0)
		return -1;
	count = s->zone_count;
	for (size_t i = 0; i < network_subnets_needed(r); i++) {
		if (s->subnets[i].id[0])
			continue;
		while (next < count && zone_taken(s, s->zones[next]))
			next++;
		/* in a region of few zones a cluster has fewer subnets, and a workgroup two in one zone */
		if (next == count && (count == 0 || !serverless_is_wanted(r)))
			break;
		*changed = true;
		if (make_subnet(r, i, s->zones[next < count ? next : i % count], err) < 0)
			return -1;
	}
	return 0;
}

static int subnets_destroy(struct run *r, struct err *err)
{
	if (r->state->several[EC2_SUBNET])
		return network_remove_all(r, EC2_SUBNET, err);
	for (size_t i = 0; i < SUBNETS_MAX; i++) {
		if (r->state->subnets[i].id[0] && network_remove(r, EC2_SUBNET, r->state->subnets[i].id, NULL, err) < 0)
			return -1;
	}
	return 0;
}

const struct resource resource_subnets = {
	.name = "subnets",
	.needs = 1u << RESOURCE_VPC,
	.look_after = 1u << RESOURCE_VPC,
	.wanted = network_is_own,
	.label = subnets_label,
	.check_new = learn_zones,
	.find = subnets_find,
	.ensure = subnets_ensure,
	.destroy = subnets_destroy,
	.nameless = true,
};
