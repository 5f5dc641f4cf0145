/* The Describe calls and temporary credentials. */
#include "sandbox/http/redshift.h"
#include "sandbox/regions.h"
#include "spark/base/secret.h"
#include "spark/sandbox/clusters.h"

/* A page of clusters in the order of their identifiers. The marker is the last one of the page before. */
struct page {
	struct world *w;
	const struct params *p;
	struct buf *out;
	const char *after;
	int64_t max, count;
	char last[CLUSTER_ID_MAX + 1];
	bool more;
};

static int write_one(void *arg, const char *id, const struct json *doc)
{
	struct page *page = arg;
	const char *name = strchr(id, '/') + 1;

	if (strcmp(name, page->after) <= 0 || !redshift_tags_match(page->p, json_get(doc, "tags")))
		return 0;
	if (page->count == page->max) {
		page->more = true;
		return 1;
	}
	redshift_write_cluster(page->w, doc, NULL, page->out);
	snprintf(page->last, sizeof(page->last), "%s", name);
	page->count++;
	return 0;
}

int redshift_describe_clusters(struct world *w, const struct caller *who, const struct params *p, struct buf *out,
			       struct err *err)
{
	const char *id = params_get(p, "ClusterIdentifier");
	struct page page = { .w = w, .p = p, .out = out };
	const struct json *doc;
	char prefix[64];

	if (redshift_page(p, &page.after, &page.max, err) < 0)
		return -1;
	if (id && *id) {
		if (!(doc = redshift_find(w, who, p, err)))
			return -1;
		xml_open(out, "Clusters");
		redshift_write_cluster(w, doc, NULL, out);
		xml_close(out, "Clusters");
		return buf_check(out, "reply", err);
	}
	snprintf(prefix, sizeof(prefix), "%s/", who->region);
	xml_open(out, "Clusters");
	store_each(w->store, CLUSTER_KIND, prefix, write_one, &page);
	xml_close(out, "Clusters");
	if (page.more)
		xml_element(out, "Marker", page.last);
	return buf_check(out, "reply", err);
}

int redshift_describe_logging(struct world *w, const struct caller *who, const struct params *p, struct buf *out,
			      struct err *err)
{
	if (!redshift_find(w, who, p, err))
		return -1;
	xml_element(out, "LoggingEnabled", "false");
	return buf_check(out, "reply", err);
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

int redshift_describe_subnet_groups(struct world *w, const struct caller *who, const struct params *p, struct buf *out,
				    struct err *err)
{
	const char *name = params_get(p, "ClusterSubnetGroupName");
	char vpc[32], group[32];

	if (name && *name && strcasecmp(name, "default") != 0)
		return service_error(err, 400, "ClusterSubnetGroupNotFoundFault",
				     "Cluster Subnet Group %.255s was not found.", name);
	redshift_default_network(w, who->region, vpc, group);
	xml_open(out, "ClusterSubnetGroups");
	if (*vpc && redshift_tags_match(p, NULL)) {
		xml_open(out, "ClusterSubnetGroup");
		xml_element(out, "ClusterSubnetGroupName", "default");
		xml_element(out, "Description", "default");
		xml_element(out, "VpcId", vpc);
		xml_element(out, "SubnetGroupStatus", "Complete");
		xml_open(out, "Subnets");
		redshift_each_subnet(w, who->region, vpc, write_subnet, out);
		xml_close(out, "Subnets");
		redshift_write_tags(NULL, out);
		xml_close(out, "ClusterSubnetGroup");
	}
	xml_close(out, "ClusterSubnetGroups");
	return buf_check(out, "reply", err);
}

int redshift_describe_parameter_groups(struct world *w, const struct caller *who, const struct params *p,
				       struct buf *out, struct err *err)
{
	static const char *const families[] = { "redshift-1.0", "redshift-2.0" };
	const char *wanted = params_get(p, "ParameterGroupName");
	char name[64];
	int found = 0;

	(void)w;
	(void)who;
	xml_open(out, "ParameterGroups");
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
		snprintf(name, sizeof(name), "default.%s", families[i]);
		if ((wanted && *wanted && strcmp(wanted, name) != 0) || !redshift_tags_match(p, NULL))
			continue;
		found++;
		xml_open(out, "ClusterParameterGroup");
		xml_element(out, "ParameterGroupName", name);
		xml_element(out, "ParameterGroupFamily", families[i]);
		xml_elementf(out, "Description", "Default parameter group for %s", families[i]);
		redshift_write_tags(NULL, out);
		xml_close(out, "ClusterParameterGroup");
	}
	xml_close(out, "ParameterGroups");
	if (wanted && *wanted && !found)
		return service_error(err, 404, "ClusterParameterGroupNotFound",
				     "ClusterParameterGroup not found: %.255s", wanted);
	return buf_check(out, "reply", err);
}

static void write_orderable(const struct region_row *region, const struct redshift_node *n, const char *type,
			    struct buf *out)
{
	xml_open(out, "OrderableClusterOption");
	xml_element(out, "ClusterVersion", "1.0");
	xml_element(out, "ClusterType", type);
	xml_element(out, "NodeType", n->name);
	xml_open(out, "AvailabilityZones");
	for (const char *z = region->zones; *z; z++) {
		xml_open(out, "AvailabilityZone");
		xml_elementf(out, "Name", "%s%c", region->name, *z);
		xml_close(out, "AvailabilityZone");
	}
	xml_close(out, "AvailabilityZones");
	xml_close(out, "OrderableClusterOption");
}

int redshift_describe_orderable(struct world *w, const struct caller *who, const struct params *p, struct buf *out,
				struct err *err)
{
	const char *wanted = params_get(p, "NodeType"), *version = params_get(p, "ClusterVersion");
	const struct region_row *region = region_find(who->region);
	const struct redshift_node *n;

	(void)w;
	xml_open(out, "OrderableClusterOptions");
	for (size_t i = 0; region && (n = redshift_node_at(i)) != NULL; i++) {
		if ((wanted && *wanted && strcasecmp(wanted, n->name) != 0) || (version && strcmp(version, "1.0") != 0))
			continue;
		if (n->min_nodes == 1)
			write_orderable(region, n, "single-node", out);
		write_orderable(region, n, "multi-node", out);
	}
	xml_close(out, "OrderableClusterOptions");
	return buf_check(out, "reply", err);
}

static int check_credentials_call(const struct params *p, const struct json *doc, const char *user, struct err *err)
{
	const char *db = params_get(p, "DbName");
	bool create;

	if (redshift_check_user("DbUser", user, err) < 0 || (db && *db && redshift_check_database(db, err) < 0) ||
	    params_bool(p, "AutoCreate", false, &create, err) < 0)
		return -1;
	if (strlen(user) > 63)
		return service_error(err, 400, "InvalidParameterValue",
				     "The sandbox does not support a DbUser of more than 63 characters.");
	if (create)
		return service_error(err, 400, "UnsupportedOperation",
				     "The sandbox does not support AutoCreate: create the user with SQL first.");
	if (redshift_list_item(p, "DbGroups", "DbGroup", 1))
		return service_error(err, 400, "UnsupportedOperation", "The sandbox does not support DbGroups.");
	if (strcmp(json_str(doc, "status", ""), "available") != 0)
		return service_error(err, 400, "InvalidClusterState", "The cluster %s is %s, not available.",
				     json_str(doc, "id", ""), json_str(doc, "status", ""));
	return 0;
}

/* The user need not exist: as on AWS, the login fails then. */
int redshift_get_credentials(struct world *w, const struct caller *who, const struct params *p, struct buf *out,
			     struct err *err)
{
	const struct json *doc = redshift_find(w, who, p, err);
	struct secret password = { 0 };
	const char *user;
	char id[128], login[80], expires[CLOCK_TEXT];
	int64_t seconds, until;
	int rc = -1;

	if (!doc || redshift_doc_id(who, p, id, err) < 0 || redshift_require(p, "DbUser", &user, err) < 0 ||
	    params_int(p, "DurationSeconds", 900, 900, 3600, &seconds, err) < 0 ||
	    check_credentials_call(p, doc, user, err) < 0)
		return -1;
	snprintf(login, sizeof(login), "IAM:%s", user);
	until = clock_now(w->clock) + seconds * 1000;
	if (secret_random_password(&password, 64, err) < 0 ||
	    clusters_add_login(w->clusters, id, login, user, &password, until, err) < 0)
		goto out;
	clock_iso(until, expires);
	xml_element(out, "DbUser", login);
	xml_element(out, "DbPassword", secret_value(&password));
	xml_element(out, "Expiration", expires);
	rc = buf_check(out, "reply", err);
out:
	secret_clear(&password);
	return rc;
}
