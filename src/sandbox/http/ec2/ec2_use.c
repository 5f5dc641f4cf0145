#include "sandbox/http/ec2/ec2.h"
#include "sandbox/http/serverless/serverless.h"

/* What of the network is in use, and by whom: only clusters have interfaces here, one for each node. Documents of
 * Redshift that are read: "redshift:cluster" {vpcId, availabilityZone, nodes, publiclyAccessible, subnetGroup,
 * vpcSecurityGroupIds[], subnetIds[] (optional)} and "redshift:subnet-group" {subnetIds[]}. Serverless workgroups hold
 * subnets and groups, too: "redshift-serverless:workgroup" {securityGroupIds[], subnetIds[]}. */

static bool has_text(const struct json *array, const char *text)
{
	for (const struct json *x = json_first(array); x; x = json_next(x))
		if (json_is_string(x) && !strcmp(json_text(x), text))
			return true;
	return false;
}

struct placing {
	const struct json *allowed; /* ids of subnets; NULL: all of the VPC */
	const char *vpc, *zone;
	const struct json *found;
	int rank; /* of what was found */
};

/* The subnet of the cluster's zone, the zone's default one first; else any that it may be in. */
static int place_in(void *arg, const char *id, const struct json *subnet)
{
	struct placing *pl = arg;
	int rank = 1;

	(void)id;
	if (pl->allowed ? !has_text(pl->allowed, json_str(subnet, "id", ""))
			: strcmp(json_str(subnet, "vpcId", ""), pl->vpc))
		return 0;
	if (!strcmp(json_str(subnet, "zone", ""), pl->zone))
		rank = json_bool(subnet, "defaultForAz", false) ? 3 : 2;
	if (rank > pl->rank) {
		pl->rank = rank;
		pl->found = subnet;
	}
	return 0;
}

static const struct json *subnet_of(const struct world *w, const char *region, const struct json *cluster)
{
	struct placing pl = { .allowed = json_get(cluster, "subnetIds"),
			      .vpc = json_str(cluster, "vpcId", ""),
			      .zone = json_str(cluster, "availabilityZone", "") };
	const struct json *group;
	char prefix[EC2_ID_SIZE], id[512];

	if (!pl.allowed) {
		snprintf(id, sizeof(id), "%s/%s", region, json_str(cluster, "subnetGroup", ""));
		group = store_get(w->store, "redshift:subnet-group", id);
		pl.allowed = json_get(group, "subnetIds");
	}
	ec2_doc_id(prefix, region, "");
	store_each(w->store, "ec2:subnet", prefix, place_in, &pl);
	return pl.found;
}

/* A cluster of several nodes has a leader besides. */
static int count_nodes(const struct json *cluster)
{
	int64_t nodes = json_int(cluster, "nodes", 1);

	return nodes > 1 && nodes < 1000 ? (int)nodes + 1 : 1;
}

struct walk {
	const struct world *world;
	const char *region;
	int (*fn)(void *arg, const struct ec2_interface *i);
	void *arg;
};

static int visit_cluster(void *arg, const char *id, const struct json *cluster)
{
	struct walk *walk = arg;
	struct ec2_interface i = { .cluster = cluster, .subnet = subnet_of(walk->world, walk->region, cluster) };
	int nodes = count_nodes(cluster), stop = 0;

	(void)id;
	for (i.node = 0; i.subnet && i.node < nodes && !stop; i.node++)
		stop = walk->fn(walk->arg, &i);
	return stop;
}

void ec2_each_interface(const struct world *w, const char *region, int (*fn)(void *arg, const struct ec2_interface *i),
			void *arg)
{
	struct walk walk = { w, region, fn, arg };
	char prefix[EC2_ID_SIZE];

	ec2_doc_id(prefix, region, "");
	store_each(w->store, "redshift:cluster", prefix, visit_cluster, &walk);
}

struct counting {
	const char *subnet;
	size_t count;
};

static int count_one(void *arg, const struct ec2_interface *i)
{
	struct counting *c = arg;

	c->count += !strcmp(json_str(i->subnet, "id", ""), c->subnet);
	return 0;
}

size_t ec2_subnet_addresses(const struct world *w, const char *region, const struct json *subnet)
{
	struct counting c = { json_str(subnet, "id", ""), 0 };

	ec2_each_interface(w, region, count_one, &c);
	return c.count;
}

struct usage {
	const char *member, *value;
	bool only_public, used;
	const struct world *world; /* for workgroups: one that was deleted is among the documents a while longer */
};

/* Is the value the member's text, or one of its texts? */
static int check_use(void *arg, const char *id, const struct json *doc)
{
	struct usage *u = arg;

	(void)id;
	if ((u->only_public && !json_bool(doc, "publiclyAccessible", false)) ||
	    (u->world && serverless_is_gone(u->world, WORKGROUP_KIND, doc)))
		return 0;
	u->used = !strcmp(json_str(doc, u->member, ""), u->value) || has_text(json_get(doc, u->member), u->value);
	return u->used;
}

static bool is_used(const struct world *w, const char *region, const char *kind, struct usage u)
{
	char prefix[EC2_ID_SIZE];

	ec2_doc_id(prefix, region, "");
	store_each(w->store, kind, prefix, check_use, &u);
	return u.used;
}

bool ec2_subnet_is_used(const struct world *w, const char *region, const struct json *subnet)
{
	const char *id = json_str(subnet, "id", "");

	return ec2_subnet_addresses(w, region, subnet) ||
	       is_used(w, region, "redshift:cluster", (struct usage){ .member = "subnetIds", .value = id }) ||
	       is_used(w, region, "redshift:subnet-group", (struct usage){ .member = "subnetIds", .value = id }) ||
	       is_used(w, region, WORKGROUP_KIND, (struct usage){ .member = "subnetIds", .value = id, .world = w });
}

bool ec2_vpc_is_used(const struct world *w, const char *region, const char *vpc)
{
	return is_used(w, region, "redshift:cluster", (struct usage){ .member = "vpcId", .value = vpc });
}

bool ec2_vpc_has_public_addresses(const struct world *w, const char *region, const char *vpc)
{
	return is_used(w, region, "redshift:cluster",
		       (struct usage){ .member = "vpcId", .value = vpc, .only_public = true });
}

bool ec2_group_is_used(const struct world *w, const char *region, const char *group)
{
	return is_used(w, region, "redshift:cluster",
		       (struct usage){ .member = "vpcSecurityGroupIds", .value = group }) ||
	       is_used(w, region, WORKGROUP_KIND,
		       (struct usage){ .member = "securityGroupIds", .value = group, .world = w });
}
