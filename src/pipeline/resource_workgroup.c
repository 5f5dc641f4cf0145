#include "pipeline/network.h"
#include "pipeline/serverless_parts.h"

/* What serves the data of a serverless warehouse, and is billed. */

static int refuse_setting(const struct run *r, enum option_id id, const char *rule, struct err *err)
{
	err_set(err, ERR_CONFIG, "a serverless workgroup cannot have %s %lld (%s)", option_rows[id].key,
		(long long)config_int(r->config, id), config_place(r->config, id));
	return err_hint(err, "%s", rule);
}

static int workgroup_check(struct run *r, struct err *err)
{
	int64_t port = config_int(r->config, OPT_DB_PORT), rpu = config_int(r->config, OPT_BASE_CAPACITY);

	if (!(port >= 5431 && port <= 5455) && !(port >= 8191 && port <= 8215))
		return refuse_setting(r, OPT_DB_PORT, "choose one of 5431 to 5455 or 8191 to 8215", err);
	if (rpu != 4 && rpu % 8 != 0)
		return refuse_setting(r, OPT_BASE_CAPACITY, "write 4, or a multiple of 8", err);
	return 0;
}

static int wait_for_workgroup(struct run *r, bool *waited, struct err *err)
{
	return serverless_wait(r, PART_WORKGROUP, waited, err);
}

static int destroy_workgroup(struct run *r, struct err *err)
{
	return serverless_destroy(r, PART_WORKGROUP, err);
}

static int workgroup_find(struct run *r, enum presence *p, struct err *err)
{
	return serverless_find(r, PART_WORKGROUP, p, err);
}

static int call_create_workgroup(struct run *r, const void *in, struct err *err)
{
	return serverless_create_workgroup(r->aws, in, err);
}

/* Does not grow beyond its base capacity, so that the price that was told is the most that an hour can cost. */
static int create_workgroup(struct run *r, struct err *err)
{
	int rc;
	struct run_state *s = r->state;
	struct aws_tag tag = run_tag(r);
	struct network_subnets subnets;
	struct serverless_create_workgroup in = {
		.name = s->names.cluster,
		.namespace_name = s->names.cluster,
		.base_capacity = (int)config_int(r->config, OPT_BASE_CAPACITY),
		.max_capacity = (int)config_int(r->config, OPT_BASE_CAPACITY),
		.port = (int)config_int(r->config, OPT_DB_PORT),
		.group_id = s->group_id,
		/* reached from this machine through the security group's one rule */
		.publicly_accessible = true,
		.tags = &tag,
		.tag_count = 1,
	};

	if (network_mode(r) != NETWORK_DEFAULT) {
		if (network_gather_subnets(r, &subnets, err) < 0)
			return -1;
		in.subnet_ids = subnets.pointers;
		in.subnet_count = subnets.count;
	}
	rc = change_patiently(r,
			      &(struct patient_call){
				      .action = "CreateWorkgroup",
				      .resource = "workgroup",
				      .name = s->names.cluster,
				      .call = call_create_workgroup,
				      .arg = &in,
				      .is_new = s->namespace_is_new || s->group_is_new || s->network_is_new,
				      .what = "the new namespace",
				      .limit_ms = 60000,
			      },
			      err);
	s->workgroup_is_new = rc == 0;
	return rc;
}

/* The service takes one change with each call, and the base may never lie above the maximum. */
struct capacity {
	const char *member;
	int rpu;
};

static int call_set_capacity(struct run *r, const void *arg, struct err *err)
{
	const struct capacity *c = arg;

	return serverless_set_capacity(r->aws, r->state->names.cluster, c->member, c->rpu, err);
}

static int set_capacity(struct run *r, const char *member, int rpu, struct err *err)
{
	struct capacity capacity = { member, rpu };
	bool waited;
	struct change c;

	if (!r->state->planning && wait_for_workgroup(r, &waited, err) < 0)
		return -1;
	if (change_begin(r, &c, "UpdateWorkgroup", "workgroup", r->state->names.cluster, err) < 0)
		return -1;
	return change_end(r, &c, c.planned ? 0 : call_set_capacity(r, &capacity, err), err);
}

/* Only a capacity that was asked for in so many words changes a workgroup that is there. */
static int change_capacity(struct run *r, bool *changed, struct err *err)
{
	int wanted = (int)config_int(r->config, OPT_BASE_CAPACITY), base = r->state->rpu, max = r->state->rpu_max;

	*changed = false;
	if (!config_is_set(r->config, OPT_BASE_CAPACITY) || (base == wanted && max == wanted))
		return 0;
	*changed = true;
	if (max > 0 && max < wanted && set_capacity(r, "maxCapacity", wanted, err) < 0)
		return -1;
	if (base != wanted && set_capacity(r, "baseCapacity", wanted, err) < 0)
		return -1;
	return max == 0 || max > wanted ? set_capacity(r, "maxCapacity", wanted, err) : 0;
}

static int workgroup_ensure(struct run *r, enum presence p, bool *changed, struct err *err)
{
	*changed = true;
	if (serverless_clear_name(r, PART_WORKGROUP, &p, err) < 0)
		return -1;
	return p == PRESENCE_ABSENT ? create_workgroup(r, err) : change_capacity(r, changed, err);
}

const struct resource resource_workgroup = {
	.name = "workgroup",
	.needs = 1u << RESOURCE_NAMESPACE | 1u << RESOURCE_GROUP | 1u << RESOURCE_SUBNETS | 1u << RESOURCE_ROUTES,
	.wanted = serverless_is_wanted,
	.label = serverless_label,
	.check = workgroup_check,
	.find = workgroup_find,
	.ensure = workgroup_ensure,
	.wait = wait_for_workgroup,
	.destroy = destroy_workgroup,
};
