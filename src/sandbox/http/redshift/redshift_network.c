#include "sandbox/http/redshift/redshift.h"

struct network {
	char *vpc, *group;
};

static int find_vpc(void *arg, const char *id, const struct json *doc)
{
	struct network *n = arg;

	if (!json_bool(doc, "isDefault", false))
		return 0;
	snprintf(n->vpc, 32, "%s", strchr(id, '/') + 1);
	return 1;
}

static int find_group(void *arg, const char *id, const struct json *doc)
{
	struct network *n = arg;

	if (strcmp(json_str(doc, "name", ""), "default") != 0 || strcmp(json_str(doc, "vpcId", ""), n->vpc) != 0)
		return 0;
	snprintf(n->group, 32, "%s", strchr(id, '/') + 1);
	return 1;
}

void redshift_default_network(struct world *w, const char *region, char vpc[32], char group[32])
{
	struct network n = { vpc, group };
	char prefix[64];

	vpc[0] = group[0] = 0;
	snprintf(prefix, sizeof(prefix), "%s/", region);
	store_each(w->store, "ec2:vpc", prefix, find_vpc, &n);
	if (*vpc)
		store_each(w->store, "ec2:security-group", prefix, find_group, &n);
}

void redshift_default_group(struct world *w, const char *region, const char *vpc, char group[32])
{
	char prefix[64], name[32];
	struct network n = { name, group };

	group[0] = 0;
	snprintf(name, sizeof(name), "%s", vpc);
	snprintf(prefix, sizeof(prefix), "%s/", region);
	store_each(w->store, "ec2:security-group", prefix, find_group, &n);
}

bool redshift_find_subnet(struct world *w, const char *region, const char *subnet, struct redshift_subnet *out)
{
	const struct json *doc;
	char id[128];

	snprintf(id, sizeof(id), "%s/%s", region, subnet);
	doc = store_get(w->store, "ec2:subnet", id);
	if (!doc || strlen(subnet) >= sizeof(out->id))
		return false;
	snprintf(out->id, sizeof(out->id), "%s", subnet);
	snprintf(out->zone, sizeof(out->zone), "%s", json_str(doc, "zone", ""));
	snprintf(out->vpc, sizeof(out->vpc), "%s", json_str(doc, "vpcId", ""));
	return true;
}

struct subnet_walk {
	const char *vpc;
	void (*fn)(void *arg, const struct redshift_subnet *s);
	void *arg;
};

static int visit_subnet(void *arg, const char *id, const struct json *doc)
{
	struct subnet_walk *walk = arg;
	struct redshift_subnet s;

	if (strcmp(json_str(doc, "vpcId", ""), walk->vpc) != 0)
		return 0;
	snprintf(s.id, sizeof(s.id), "%s", strchr(id, '/') + 1);
	snprintf(s.zone, sizeof(s.zone), "%s", json_str(doc, "zone", ""));
	snprintf(s.vpc, sizeof(s.vpc), "%s", walk->vpc);
	walk->fn(walk->arg, &s);
	return 0;
}

void redshift_each_subnet(struct world *w, const char *region, const char *vpc,
			  void (*fn)(void *arg, const struct redshift_subnet *s), void *arg)
{
	struct subnet_walk walk = { vpc, fn, arg };
	char prefix[64];

	snprintf(prefix, sizeof(prefix), "%s/", region);
	store_each(w->store, "ec2:subnet", prefix, visit_subnet, &walk);
}
