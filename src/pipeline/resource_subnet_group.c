#include <stdio.h>
#include <string.h>

#include "pipeline/network.h"
#include "pipeline/resource.h"
#include "pipeline/serverless.h"
#include "spark/aws/redshift_parts.h"

/* Tells Redshift in which subnets a cluster may stand. In the default VPC it finds out by itself; a serverless
 * workgroup is told in its own call. */

static const char *subnet_group_label(const struct run *r)
{
	return r->state->names.subnet_group;
}

static bool is_wanted(const struct run *r)
{
	return network_mode(r) != NETWORK_DEFAULT && !serverless_is_wanted(r);
}

static int subnet_group_find(struct run *r, enum presence *p, struct err *err)
{
	struct redshift_subnet_group g = { 0 };

	*p = PRESENCE_ABSENT;
	if (redshift_describe_subnet_group(r->aws, r->state->names.subnet_group, &g, err) < 0) {
		if (!err_has_code(err, "ClusterSubnetGroupNotFoundFault"))
			return -1;
		err_clear(err);
		return 0;
	}
	*p = run_owns(r, &g.tags) ? PRESENCE_OURS : PRESENCE_FOREIGN;
	redshift_subnet_group_clear(&g);
	return 0;
}

static int call_create(struct run *r, const void *arg, struct err *err)
{
	const struct network_subnets *in = arg;
	struct aws_tag tag = run_tag(r);

	return redshift_create_subnet_group(r->aws, r->state->names.subnet_group, "where the cluster may stand",
					    in->pointers, in->count, &tag, 1, err);
}

static int subnet_group_ensure(struct run *r, enum presence p, bool *changed, struct err *err)
{
	struct network_subnets subnets;

	*changed = p == PRESENCE_ABSENT;
	if (p != PRESENCE_ABSENT)
		return 0;
	if (network_gather_subnets(r, &subnets, err) < 0)
		return -1;
	return change_patiently(r,
				&(struct patient_call){
					.action = "CreateClusterSubnetGroup",
					.resource = "subnet group",
					.name = r->state->names.subnet_group,
					.call = call_create,
					.arg = &subnets,
					.is_new = r->state->network_is_new,
					.what = "the new network",
					.limit_ms = 30000,
				},
				err);
}

int subnet_group_remove(struct run *r, const char *name, struct err *err)
{
	struct wait w;

	run_wait_begin(r, &w);
	for (;;) {
		struct change c;

		if (change_begin(r, &c, "DeleteClusterSubnetGroup", "subnet group", name, err) < 0)
			return -1;
		if (change_end(r, &c, c.planned ? 0 : redshift_delete_subnet_group(r->aws, name, err), err) == 0)
			return 0;
		if (err_has_code(err, "ClusterSubnetGroupNotFoundFault")) {
			err_clear(err);
			return 0;
		}
		/* a cluster that was deleted a moment ago still counts */
		if (!err_has_code(err, "InvalidClusterSubnetGroupStateFault"))
			return -1;
		if (wait_pause(&w, "the release of the subnet group", err) < 0)
			return -1;
	}
}

static int subnet_group_destroy(struct run *r, struct err *err)
{
	return subnet_group_remove(r, r->state->names.subnet_group, err);
}

const struct resource resource_subnet_group = {
	.name = "subnet group",
	.needs = 1u << RESOURCE_VPC | 1u << RESOURCE_SUBNETS,
	.wanted = is_wanted,
	.label = subnet_group_label,
	.find = subnet_group_find,
	.ensure = subnet_group_ensure,
	.destroy = subnet_group_destroy,
};
