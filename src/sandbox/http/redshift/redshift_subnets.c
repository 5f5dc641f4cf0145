/* Cluster subnet groups. Documents of kind "redshift:subnet-group", id "<region>/<name>": name, region, description,
 * vpcId, subnets[] (ids), tags{}. The group "default", all subnets of the default VPC, is always there and has none. */
#include "sandbox/http/redshift/redshift.h"

#define KIND        "redshift:subnet-group"
#define GROUPS_MAX  50
#define SUBNETS_MAX 20

static void group_id(const struct caller *who, const char *name, char out[400])
{
	char lower[256];

	redshift_lower(name, lower, sizeof(lower));
	snprintf(out, 400, "%s/%s", who->region, lower);
}

const struct json *redshift_subnet_group(struct world *w, const struct caller *who, const char *name, struct err *err)
{
	const struct json *doc;
	char id[400];

	group_id(who, name, id);
	doc = store_get(w->store, KIND, id);
	if (!doc)
		service_error(err, 400, "ClusterSubnetGroupNotFoundFault", "Cluster Subnet Group %.255s was not found.",
			      name);
	return doc;
}

void redshift_each_group_subnet(struct world *w, const struct json *group,
				void (*fn)(void *arg, const struct redshift_subnet *s), void *arg)
{
	struct redshift_subnet s;

	/* Subnets that were deleted meanwhile are left out. */
	for (const struct json *x = json_first(json_get(group, "subnets")); x; x = json_next(x))
		if (redshift_find_subnet(w, json_str(group, "region", ""), json_text(x), &s))
			fn(arg, &s);
}

static void write_subnet(void *arg, const struct redshift_subnet *s)
{
	struct buf *out = arg;

	xml_open(out, "Subnet");
	xml_element(out, "SubnetIdentifier", s->id);
	xml_open(out, "SubnetAvailabilityZone");
	xml_element(out, "Name", s->zone);
	xml_close(out, "SubnetAvailabilityZone");
	xml_element(out, "SubnetStatus", "Active");
	xml_close(out, "Subnet");
}

static void begin_group(struct buf *out, const char *name, const char *description, const char *vpc)
{
	xml_open(out, "ClusterSubnetGroup");
	xml_element(out, "ClusterSubnetGroupName", name);
	xml_element(out, "Description", description);
	xml_element(out, "VpcId", vpc);
	xml_element(out, "SubnetGroupStatus", "Complete");
	xml_open(out, "Subnets");
}

static void end_group(struct buf *out, const struct json *tags)
{
	xml_close(out, "Subnets");
	redshift_write_tags(tags, out);
	xml_close(out, "ClusterSubnetGroup");
}

static void write_group(struct world *w, const struct json *doc, struct buf *out)
{
	begin_group(out, json_str(doc, "name", ""), json_str(doc, "description", ""), json_str(doc, "vpcId", ""));
	redshift_each_group_subnet(w, doc, write_subnet, out);
	end_group(out, json_get(doc, "tags"));
}

static int write_default(struct world *w, const struct caller *who, struct buf *out)
{
	char vpc[32], group[32];

	redshift_default_network(w, who->region, vpc, group);
	if (!*vpc)
		return 0;
	begin_group(out, "default", "default", vpc);
	redshift_each_subnet(w, who->region, vpc, write_subnet, out);
	end_group(out, NULL);
	return 1;
}

/* ---- checks ---- */

static int check_name(const char *name, struct err *err)
{
	size_t len = strlen(name);

	if (strcasecmp(name, "default") != 0 && len >= 1 && len <= 255 &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_. ") == len)
		return 0;
	return service_error(
		err, 400, "InvalidParameterValue",
		"The parameter ClusterSubnetGroupName is not valid. It must have 1 to 255 letters, digits, "
		"hyphens, underscores, periods and blanks, and must not be \"Default\".");
}

/* Sets subnets[] and vpcId. */
static int take_subnets(struct world *w, const struct caller *who, const struct params *p, struct json *doc,
			struct err *err)
{
	struct json *subnets = json_new_array();
	const char *id;
	char vpc[32] = "";

	if (!subnets || json_set(doc, "subnets", subnets) < 0)
		return err_nomem(err);
	for (int i = 1; (id = redshift_list_item(p, "SubnetIds", "SubnetIdentifier", i)) != NULL; i++) {
		struct redshift_subnet s;

		if (!redshift_find_subnet(w, who->region, id, &s))
			return service_error(err, 400, "InvalidSubnet", "Subnet %.60s does not exist.", id);
		if (*vpc && strcmp(vpc, s.vpc) != 0)
			return service_error(
				err, 400, "InvalidSubnet",
				"The subnets of a cluster subnet group must be of one VPC: %s is of %s, not of %s.",
				s.id, s.vpc, vpc);
		if (i > SUBNETS_MAX)
			return service_error(err, 400, "ClusterSubnetQuotaExceededFault",
					     "A cluster subnet group cannot have more than %d subnets.", SUBNETS_MAX);
		snprintf(vpc, sizeof(vpc), "%s", s.vpc);
		if (json_append_str(subnets, s.id) < 0)
			return err_nomem(err);
	}
	if (!*vpc)
		return service_error(err, 400, "MissingParameter", "The request must contain the parameter SubnetIds");
	return json_set_str(doc, "vpcId", vpc) < 0 ? err_nomem(err) : 0;
}

struct usage {
	const char *name;
};

static int is_used(void *arg, const char *id, const struct json *doc)
{
	const struct usage *u = arg;

	(void)id;
	return strcmp(json_str(doc, "subnetGroup", ""), u->name) == 0;
}

static bool in_use(struct world *w, const struct caller *who, const char *name)
{
	struct usage u = { name };
	char prefix[64];

	snprintf(prefix, sizeof(prefix), "%s/", who->region);
	return store_each(w->store, CLUSTER_KIND, prefix, is_used, &u) != 0;
}

/* ---- actions ---- */

static int fill_group(struct world *w, const struct caller *who, const struct params *p, const char *id,
		      const char *description, struct json *doc, struct err *err)
{
	struct json *tags = json_new_object();

	if (!tags || json_set(doc, "tags", tags) < 0 || json_set_str(doc, "name", strchr(id, '/') + 1) < 0 ||
	    json_set_str(doc, "region", who->region) < 0 || json_set_str(doc, "description", description) < 0)
		return err_nomem(err);
	if (take_subnets(w, who, p, doc, err) < 0)
		return -1;
	return redshift_take_tags(p, json_get_mut(doc, "tags"), err);
}

REDSHIFT_HANDLER(redshift_create_subnet_group)
{
	const char *name, *description;
	struct json *doc;
	char id[400];

	if (redshift_require(p, "ClusterSubnetGroupName", &name, err) < 0 || check_name(name, err) < 0 ||
	    redshift_require(p, "Description", &description, err) < 0)
		return -1;
	group_id(who, name, id);
	if (store_get(w->store, KIND, id))
		return service_error(err, 400, "ClusterSubnetGroupAlreadyExists",
				     "Cluster subnet group %s already exists.", strchr(id, '/') + 1);
	if (store_count(w->store, KIND, "") >= GROUPS_MAX)
		return service_error(err, 400, "ClusterSubnetGroupQuotaExceeded",
				     "The request would exceed the quota of %d cluster subnet groups.", GROUPS_MAX);
	doc = json_new_object();
	if (!doc)
		return err_nomem(err);
	if (fill_group(w, who, p, id, description, doc, err) < 0) {
		json_free(doc);
		return -1;
	}
	write_group(w, doc, out);
	if (store_put(w->store, KIND, id, doc, err) < 0)
		return -1;
	return buf_check(out, "reply", err);
}

REDSHIFT_HANDLER(redshift_modify_subnet_group)
{
	const char *name, *description = params_get(p, "Description");
	const struct json *doc;
	struct json *copy;
	char id[400];

	if (redshift_require(p, "ClusterSubnetGroupName", &name, err) < 0 ||
	    !(doc = redshift_subnet_group(w, who, name, err)))
		return -1;
	copy = json_copy(doc);
	if (!copy || (description && *description && json_set_str(copy, "description", description) < 0)) {
		json_free(copy);
		return err_nomem(err);
	}
	if (take_subnets(w, who, p, copy, err) < 0)
		goto failed;
	if (in_use(w, who, json_str(doc, "name", "")) &&
	    strcmp(json_str(copy, "vpcId", ""), json_str(doc, "vpcId", "")) != 0) {
		service_error(err, 400, "InvalidSubnet",
			      "The cluster subnet group %s is in use; its subnets must stay in %s.",
			      json_str(doc, "name", ""), json_str(doc, "vpcId", ""));
		goto failed;
	}
	write_group(w, copy, out);
	group_id(who, name, id);
	if (store_put(w->store, KIND, id, copy, err) < 0)
		return -1;
	return buf_check(out, "reply", err);
failed:
	json_free(copy);
	return -1;
}

REDSHIFT_HANDLER(redshift_delete_subnet_group)
{
	const char *name;
	const struct json *doc;
	char id[400];

	if (redshift_require(p, "ClusterSubnetGroupName", &name, err) < 0)
		return -1;
	if (strcasecmp(name, "default") == 0)
		return service_error(err, 400, "InvalidClusterSubnetGroupStateFault",
				     "The default cluster subnet group cannot be deleted.");
	if (!(doc = redshift_subnet_group(w, who, name, err)))
		return -1;
	if (in_use(w, who, json_str(doc, "name", "")))
		return service_error(err, 400, "InvalidClusterSubnetGroupStateFault",
				     "The cluster subnet group %s is in use by a cluster.", json_str(doc, "name", ""));
	(void)out;
	group_id(who, name, id);
	return store_delete(w->store, KIND, id, err);
}

REDSHIFT_HANDLER(redshift_describe_subnet_groups)
{
	const char *name = params_get(p, "ClusterSubnetGroupName");
	struct redshift_list list = {
		.kind = KIND, .element = "ClusterSubnetGroups", .write = write_group, .first = write_default
	};
	const struct json *doc = NULL;

	if (!name || !*name)
		return redshift_write_list(w, who, p, &list, out, err);
	if (strcasecmp(name, "default") != 0 && !(doc = redshift_subnet_group(w, who, name, err)))
		return -1;
	xml_open(out, list.element);
	if (doc)
		write_group(w, doc, out);
	else
		write_default(w, who, out);
	xml_close(out, list.element);
	return buf_check(out, "reply", err);
}
