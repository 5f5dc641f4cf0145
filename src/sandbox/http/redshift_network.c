#include "sandbox/http/redshift.h"

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

bool redshift_group_exists(struct world *w, const char *region, const char *group)
{
	char id[128];

	snprintf(id, sizeof(id), "%s/%s", region, group);
	return store_get(w->store, "ec2:security-group", id) != NULL;
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
