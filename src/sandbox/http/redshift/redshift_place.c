/* Where a cluster is: its subnet group's VPC, its zone, its security groups; and the identifiers that are made for it.
 */
#include "sandbox/http/redshift/redshift.h"
#include "sandbox/regions.h"
#include "spark/base/hash.h"
#include "spark/base/secret.h"

static void keep_first_zone(void *arg, const struct redshift_subnet *s)
{
	char *zone = arg;

	if (!*zone)
		snprintf(zone, 40, "%s", s->zone);
}

struct zone_search {
	const char *zone;
	bool found;
};

static void match_zone(void *arg, const struct redshift_subnet *s)
{
	struct zone_search *search = arg;

	search->found |= strcmp(s->zone, search->zone) == 0;
}

static int check_zone(const struct region_row *region, const char *zone, struct err *err)
{
	size_t len = strlen(region->name);

	if (strncmp(zone, region->name, len) == 0 && strlen(zone) == len + 1 && strchr(region->zones, zone[len]))
		return 0;
	return service_error(err, 400, "InvalidParameterValue", "The availability zone %.60s is not valid", zone);
}

/* A group of the account's own: its subnets say which zones there are. */
static int find_own_place(struct world *w, const struct caller *who, const char *zone, struct redshift_place *place,
			  struct err *err)
{
	const struct json *group = redshift_subnet_group(w, who, place->subnet_group, err);
	struct zone_search search = { zone, false };

	if (!group)
		return -1;
	snprintf(place->vpc, sizeof(place->vpc), "%s", json_str(group, "vpcId", ""));
	redshift_default_group(w, who->region, place->vpc, place->group);
	if (!zone) {
		redshift_each_group_subnet(w, group, keep_first_zone, place->zone);
		return 0;
	}
	redshift_each_group_subnet(w, group, match_zone, &search);
	if (!search.found)
		return service_error(err, 400, "InvalidVPCNetworkStateFault",
				     "Cluster subnet group %s has no subnet in the availability zone %s",
				     place->subnet_group, zone);
	snprintf(place->zone, sizeof(place->zone), "%s", zone);
	return 0;
}

int redshift_find_place(struct world *w, const struct caller *who, const struct params *p, struct redshift_place *place,
			struct err *err)
{
	const struct region_row *region = region_find(who->region);
	const char *subnets = params_get(p, "ClusterSubnetGroupName"), *zone = params_get(p, "AvailabilityZone");

	memset(place, 0, sizeof(*place));
	if (!region)
		return service_error(err, 400, "InvalidParameterValue", "There is no region %s", who->region);
	if (zone && !*zone)
		zone = NULL;
	if (zone && check_zone(region, zone, err) < 0)
		return -1;
	redshift_lower(subnets && *subnets ? subnets : "default", place->subnet_group, sizeof(place->subnet_group));
	if (strcmp(place->subnet_group, "default") != 0)
		return find_own_place(w, who, zone, place, err);
	redshift_default_network(w, who->region, place->vpc, place->group);
	if (!*place->vpc)
		return service_error(err, 400, "InvalidSubnet",
				     "No default VPC was found in %s. Name a cluster subnet group to say where the "
				     "cluster goes.",
				     who->region);
	if (zone)
		snprintf(place->zone, sizeof(place->zone), "%s", zone);
	else
		snprintf(place->zone, sizeof(place->zone), "%s%c", who->region, region->zones[0]);
	return 0;
}

/* ---- security groups ---- */

static bool in_vpc(struct world *w, const char *region, const char *group, const char *vpc)
{
	const struct json *doc;
	char id[128];

	snprintf(id, sizeof(id), "%s/%s", region, group);
	doc = store_get(w->store, "ec2:security-group", id);
	return doc && strcmp(json_str(doc, "vpcId", ""), vpc) == 0;
}

int redshift_take_groups(struct world *w, const struct caller *who, const struct params *p, const char *vpc,
			 struct json *into, struct err *err)
{
	struct json *groups;
	const char *id;

	if (!redshift_list_item(p, "VpcSecurityGroupIds", "VpcSecurityGroupId", 1))
		return 0;
	groups = json_new_array();
	if (!groups || json_set(into, "vpcSecurityGroupIds", groups) < 0)
		return err_nomem(err);
	for (int i = 1; (id = redshift_list_item(p, "VpcSecurityGroupIds", "VpcSecurityGroupId", i)) != NULL; i++) {
		if (!in_vpc(w, who->region, id, vpc))
			return service_error(err, 400, "InvalidParameterValue",
					     "Invalid security group , groupId= %.60s, groupName=.", id);
		if (json_append_str(groups, id) < 0)
			return err_nomem(err);
	}
	return 0;
}

int redshift_set_default_group(struct json *doc, const char *group, struct err *err)
{
	struct json *groups = json_new_array();

	if (!groups || json_set(doc, "vpcSecurityGroupIds", groups) < 0 ||
	    (*group && json_append_str(groups, group) < 0))
		return err_nomem(err);
	return 0;
}

/* ---- identifiers ---- */

/* PostgreSQL's own form: "md5" and the MD5 of password and user. */
int redshift_make_verifier(const char *password, const char *user, char out[36], struct err *err)
{
	unsigned char md5[MD5_SIZE];
	struct buf both = { 0 };
	int rc;

	buf_init(&both, BUF_MAX_DEFAULT);
	buf_puts(&both, password);
	buf_puts(&both, user);
	rc = buf_check(&both, "password", err);
	if (rc == 0)
		rc = hash_md5(both.data, both.len, md5, err);
	buf_wipe(&both);
	if (rc < 0)
		return -1;
	memcpy(out, "md5", 3);
	hash_hex(md5, sizeof(md5), out + 3);
	return 0;
}

int redshift_make_ids(char name[16], char space[40], struct err *err)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz012345";
	unsigned char random[28];
	char hex[33];

	if (secret_random_bytes(random, sizeof(random), err) < 0)
		return -1;
	name[0] = 'c';
	for (int i = 1; i < 12; i++)
		name[i] = alphabet[random[i] & 31];
	name[12] = 0;
	hash_hex(random + 12, 16, hex);
	snprintf(space, 40, "%.8s-%.4s-4%.3s-a%.3s-%.12s", hex, hex + 8, hex + 13, hex + 17, hex + 20);
	return 0;
}
