/* What is the same for everybody: node types, versions, tracks, account attributes; and DescribeStorage. */
#include "sandbox/http/redshift/redshift.h"
#include "sandbox/regions.h"
#include "spark/sandbox/clusters.h"

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

REDSHIFT_HANDLER(redshift_describe_orderable)
{
	const char *wanted = params_get(p, "NodeType"), *version = params_get(p, "ClusterVersion");
	const struct region_row *region = region_find(who->region);
	const struct redshift_node *n;

	xml_open(out, "OrderableClusterOptions");
	for (size_t i = 0; region && (n = redshift_node_at(i)) != NULL; i++) {
		if ((wanted && *wanted && strcasecmp(wanted, n->name) != 0) || (version && strcmp(version, "1.0") != 0))
			continue;
		if (n->retired && !clusters_allow_retired(w->clusters))
			continue;
		if (n->min_nodes == 1)
			write_orderable(region, n, "single-node", out);
		write_orderable(region, n, "multi-node", out);
	}
	xml_close(out, "OrderableClusterOptions");
	return buf_check(out, "reply", err);
}

/* ---- DescribeNodeConfigurationOptions ---- */

static bool is_text(const char *text, const char *wanted)
{
	return text && strcmp(text, wanted) == 0;
}

/* Node numbers to choose from: twice as many at each step, as the console offers. */
static void write_options(const struct redshift_node *n, int64_t used_mb, struct buf *out)
{
	for (int64_t count = n->min_nodes; count <= n->max_nodes; count *= 2) {
		int64_t room = count == 1 ? n->single_storage_mb : count * n->storage_mb;

		if (used_mb > room)
			continue;
		xml_open(out, "NodeConfigurationOption");
		xml_element(out, "NodeType", n->name);
		xml_elementf(out, "NumberOfNodes", "%lld", (long long)count);
		xml_elementf(out, "EstimatedDiskUtilizationPercent", "%.2f", (double)used_mb * 100.0 / (double)room);
		xml_element(out, "Mode", "standard");
		xml_close(out, "NodeConfigurationOption");
	}
}

REDSHIFT_HANDLER(redshift_describe_node_options)
{
	const char *type;
	const struct json *snapshot = NULL;
	const struct redshift_node *n;

	if (redshift_require(p, "ActionType", &type, err) < 0)
		return -1;
	if (is_text(type, "restore-cluster")) {
		if (!(snapshot = redshift_find_snapshot(w, who, p, "SnapshotIdentifier", err)))
			return -1;
	} else if (is_text(type, "resize-cluster") || is_text(type, "recommend-node-config")) {
		if (!redshift_find(w, who, p, err))
			return -1;
	} else {
		return service_error(err, 400, "InvalidParameterValue", "The action type %.60s is not valid", type);
	}
	xml_open(out, "NodeConfigurationOptionList");
	for (size_t i = 0; (n = redshift_node_at(i)) != NULL; i++)
		if (!n->retired || clusters_allow_retired(w->clusters))
			write_options(n, json_int(snapshot, "sizeMb", 0), out);
	xml_close(out, "NodeConfigurationOptionList");
	return buf_check(out, "reply", err);
}

/* ---- versions, tracks, attributes ---- */

REDSHIFT_HANDLER(redshift_describe_versions)
{
	static const char *const families[] = { "redshift-1.0", "redshift-2.0" };
	const char *version = params_get(p, "ClusterVersion"), *family = params_get(p, "ClusterParameterGroupFamily");

	(void)w;
	(void)who;
	xml_open(out, "ClusterVersions");
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
		if ((version && *version && strcmp(version, "1.0") != 0) ||
		    (family && *family && strcmp(family, families[i]) != 0))
			continue;
		xml_open(out, "ClusterVersion");
		xml_element(out, "ClusterVersion", "1.0");
		xml_element(out, "ClusterParameterGroupFamily", families[i]);
		xml_element(out, "Description", "Initial release");
		xml_close(out, "ClusterVersion");
	}
	xml_close(out, "ClusterVersions");
	return buf_check(out, "reply", err);
}

REDSHIFT_HANDLER(redshift_describe_tracks)
{
	static const char *const tracks[] = { "current", "trailing" };
	const char *wanted = params_get(p, "MaintenanceTrackName");
	int found = 0;

	(void)w;
	(void)who;
	xml_open(out, "MaintenanceTracks");
	for (size_t i = 0; i < sizeof(tracks) / sizeof(*tracks); i++) {
		if (wanted && *wanted && strcmp(wanted, tracks[i]) != 0)
			continue;
		found++;
		xml_open(out, "MaintenanceTrack");
		xml_element(out, "MaintenanceTrackName", tracks[i]);
		xml_element(out, "DatabaseVersion", "1.0");
		xml_element(out, "UpdateTargets", "");
		xml_close(out, "MaintenanceTrack");
	}
	xml_close(out, "MaintenanceTracks");
	if (!found)
		return service_error(err, 404, "InvalidClusterTrack", "There is no maintenance track %.60s", wanted);
	return buf_check(out, "reply", err);
}

REDSHIFT_HANDLER(redshift_describe_attributes)
{
	static const char name[] = "max-defer-maintenance-duration";
	const char *asked;
	bool shown = redshift_list_item(p, "AttributeNames", "AttributeName", 1) == NULL;

	(void)w;
	(void)who;
	for (int i = 1; (asked = redshift_list_item(p, "AttributeNames", "AttributeName", i)) != NULL; i++)
		shown |= strcmp(asked, name) == 0;
	xml_open(out, "AccountAttributes");
	if (shown) {
		xml_open(out, "AccountAttribute");
		xml_element(out, "AttributeName", name);
		xml_open(out, "AttributeValues");
		xml_open(out, "AttributeValueTarget");
		xml_element(out, "AttributeValue", "45");
		xml_close(out, "AttributeValueTarget");
		xml_close(out, "AttributeValues");
		xml_close(out, "AccountAttribute");
	}
	xml_close(out, "AccountAttributes");
	return buf_check(out, "reply", err);
}

/* ---- DescribeStorage ---- */

static int add_size(void *arg, const char *id, const struct json *doc)
{
	int64_t *sum = arg;

	(void)id;
	*sum += json_int(doc, "sizeMb", 0);
	return 0;
}

REDSHIFT_HANDLER(redshift_describe_storage)
{
	int64_t backups = 0;
	char prefix[64];

	(void)p;
	snprintf(prefix, sizeof(prefix), "%s/", who->region);
	store_each(w->store, "redshift:snapshot", prefix, add_size, &backups);
	xml_elementf(out, "TotalBackupSizeInMegaBytes", "%lld.0", (long long)backups);
	/* Managed storage is billed by what is used; nothing is provisioned. */
	xml_element(out, "TotalProvisionedStorageInMegaBytes", "0.0");
	return buf_check(out, "reply", err);
}
