/* A cluster's document as the API shows it. */
#include "sandbox/http/redshift/redshift.h"

static const char *yes(bool value)
{
	return value ? "true" : "false";
}

static bool is_status(const struct json *doc, const char *status)
{
	return strcmp(json_str(doc, "status", ""), status) == 0;
}

/* What goes with each status. Terraform polls this one. */
static const char *availability(const char *status)
{
	static const char *const rows[][2] = {
		{ "available", "Available" },
		{ "available, prep-for-resize", "Available" },
		{ "available, resize-cleanup", "Available" },
		{ "creating", "Modifying" },
		{ "deleting", "Modifying" },
		{ "modifying", "Modifying" },
		{ "renaming", "Modifying" },
		{ "rebooting", "Modifying" },
		{ "resizing", "Modifying" },
		{ "cancelling-resize", "Modifying" },
		{ "final-snapshot", "Modifying" },
		{ "pausing", "Modifying" },
		{ "resuming", "Modifying" },
		{ "paused", "Unavailable" },
		{ "storage-full", "Unavailable" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i][0], status) == 0)
			return rows[i][1];
	return "Failed";
}

void redshift_cluster_arn(struct world *w, const struct json *doc, char out[256])
{
	snprintf(out, 256, "arn:aws:redshift:%s:%s:cluster:%s", json_str(doc, "region", ""), w->account,
		 json_str(doc, "id", ""));
}

void redshift_write_tags(const struct json *tags, struct buf *out)
{
	xml_open(out, "Tags");
	for (const struct json *t = json_first(tags); t; t = json_next(t)) {
		xml_open(out, "Tag");
		xml_element(out, "Key", json_name(t));
		xml_element(out, "Value", json_text(t));
		xml_close(out, "Tag");
	}
	xml_close(out, "Tags");
}

static bool has_text(const struct json *array, const char *text)
{
	for (const struct json *x = json_first(array); x; x = json_next(x))
		if (strcmp(json_text(x), text) == 0)
			return true;
	return false;
}

static void write_role(struct buf *out, const char *arn, const char *status)
{
	xml_open(out, "ClusterIamRole");
	xml_element(out, "IamRoleArn", arn);
	xml_element(out, "ApplyStatus", status);
	xml_close(out, "ClusterIamRole");
}

static void write_roles(const struct json *doc, const struct json *before, struct buf *out)
{
	const struct json *now = json_get(doc, "iamRoles"), *old = json_get(before, "iamRoles");
	const char *fresh = is_status(doc, "creating") ? "adding" : "in-sync";

	xml_open(out, "IamRoles");
	for (const struct json *x = json_first(now); x; x = json_next(x))
		write_role(out, json_text(x), before && !has_text(old, json_text(x)) ? "adding" : fresh);
	for (const struct json *x = json_first(old); x; x = json_next(x))
		if (!has_text(now, json_text(x)))
			write_role(out, json_text(x), "removing");
	xml_close(out, "IamRoles");
}

static void write_groups(struct world *w, const struct json *doc, struct buf *out)
{
	const struct json *groups = json_get(doc, "vpcSecurityGroupIds");

	xml_element(out, "ClusterSecurityGroups", "");
	xml_open(out, "VpcSecurityGroups");
	for (const struct json *x = json_first(groups); x; x = json_next(x)) {
		xml_open(out, "VpcSecurityGroup");
		xml_element(out, "VpcSecurityGroupId", json_text(x));
		xml_element(out, "Status", "active");
		xml_close(out, "VpcSecurityGroup");
	}
	xml_close(out, "VpcSecurityGroups");
	redshift_write_applied_group(w, doc, out);
}

/* AWS tells no endpoint while a cluster is being made. */
static void write_endpoint(const struct json *doc, struct buf *out)
{
	const char *host = json_str(doc, "endpointHost", NULL);

	if (!host || !*host || is_status(doc, "creating"))
		return;
	xml_open(out, "Endpoint");
	xml_element(out, "Address", host);
	xml_elementf(out, "Port", "%lld", (long long)json_int(doc, "endpointPort", json_int(doc, "port", 0)));
	xml_close(out, "Endpoint");
}

static void write_nodes(const struct json *doc, struct buf *out)
{
	int64_t count = json_int(doc, "nodes", 1);

	xml_elementf(out, "NumberOfNodes", "%lld", (long long)count);
	xml_open(out, "ClusterNodes");
	for (int64_t i = 0; i <= (count > 1 ? count : 0); i++) {
		xml_open(out, "member");
		if (count == 1)
			xml_element(out, "NodeRole", "SHARED");
		else if (i == 0)
			xml_element(out, "NodeRole", "LEADER");
		else
			xml_elementf(out, "NodeRole", "COMPUTE-%lld", (long long)i - 1);
		xml_close(out, "member");
	}
	xml_close(out, "ClusterNodes");
}

/* Members of the document that the API shows as they are. */
static const struct shown {
	const char *element, *member;
	enum { SHOW_TEXT, SHOW_INT, SHOW_BOOL } as;
} shown[] = {
	{ "ClusterIdentifier", "id", SHOW_TEXT },
	{ "NodeType", "nodeType", SHOW_TEXT },
	{ "ClusterStatus", "status", SHOW_TEXT },
	{ "MasterUsername", "masterUsername", SHOW_TEXT },
	{ "DBName", "dbName", SHOW_TEXT },
	{ "AutomatedSnapshotRetentionPeriod", "snapshotRetention", SHOW_INT },
	{ "ManualSnapshotRetentionPeriod", "manualRetention", SHOW_INT },
	{ "ClusterSubnetGroupName", "subnetGroup", SHOW_TEXT },
	{ "VpcId", "vpcId", SHOW_TEXT },
	{ "AvailabilityZone", "availabilityZone", SHOW_TEXT },
	{ "PreferredMaintenanceWindow", "maintenanceWindow", SHOW_TEXT },
	{ "ClusterVersion", "version", SHOW_TEXT },
	{ "AllowVersionUpgrade", "allowVersionUpgrade", SHOW_BOOL },
	{ "PubliclyAccessible", "publiclyAccessible", SHOW_BOOL },
	{ "Encrypted", "encrypted", SHOW_BOOL },
	{ "KmsKeyId", "kmsKeyId", SHOW_TEXT },
	{ "EnhancedVpcRouting", "enhancedVpcRouting", SHOW_BOOL },
	{ "DefaultIamRoleArn", "defaultIamRoleArn", SHOW_TEXT },
};

static void write_one(const struct shown *s, const struct json *doc, struct buf *out)
{
	if (s->as == SHOW_TEXT)
		xml_element(out, s->element, json_str(doc, s->member, NULL));
	else if (s->as == SHOW_INT)
		xml_elementf(out, s->element, "%lld", (long long)json_int(doc, s->member, 0));
	else
		xml_element(out, s->element, yes(json_bool(doc, s->member, false)));
}

static void write_shown(const struct json *doc, struct buf *out)
{
	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++)
		write_one(&shown[i], doc, out);
}

static void write_pending(const struct json *doc, struct buf *out)
{
	const struct json *pending = json_get(doc, "pending");
	static const struct shown rows[] = {
		{ "NodeType", "nodeType", SHOW_TEXT },
		{ "NumberOfNodes", "nodes", SHOW_INT },
		{ "ClusterType", "clusterType", SHOW_TEXT },
		{ "AutomatedSnapshotRetentionPeriod", "snapshotRetention", SHOW_INT },
		{ "ClusterIdentifier", "id", SHOW_TEXT },
		{ "PubliclyAccessible", "publiclyAccessible", SHOW_BOOL },
		{ "EnhancedVpcRouting", "enhancedVpcRouting", SHOW_BOOL },
	};

	xml_open(out, "PendingModifiedValues");
	/* AWS shows the password's change, masked, until the cluster has taken it up. */
	if (is_status(doc, "creating") || json_get(pending, "masterVerifier"))
		xml_element(out, "MasterUserPassword", "****");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (json_get(pending, rows[i].member))
			write_one(&rows[i], pending, out);
	if (json_get(pending, "encrypted"))
		xml_element(out, "EncryptionType", json_bool(pending, "encrypted", true) ? "KMS" : "NONE");
	xml_close(out, "PendingModifiedValues");
}

static void write_resize(const struct json *doc, struct buf *out)
{
	const struct json *resize = json_get(doc, "resize");
	bool classic = strcmp(json_str(resize, "type", ""), "ClassicResize") == 0;

	if (strcmp(json_str(resize, "status", ""), "IN_PROGRESS") != 0)
		return;
	xml_open(out, "ResizeInfo");
	xml_element(out, "ResizeType", json_str(resize, "type", ""));
	xml_element(out, "AllowCancelResize", yes(classic && is_status(doc, "resizing")));
	xml_close(out, "ResizeInfo");
}

static void write_restore(const struct world *w, const struct json *doc, struct buf *out)
{
	bool done = !is_status(doc, "creating");
	int64_t mb = json_int(doc, "restoreMb", 0), since = json_int(doc, "createdMs", 0);

	if (!json_get(doc, "restoreFolder"))
		return;
	xml_open(out, "RestoreStatus");
	xml_element(out, "Status", done ? "completed" : "restoring");
	xml_elementf(out, "SnapshotSizeInMegaBytes", "%lld", (long long)mb);
	xml_elementf(out, "ProgressInMegaBytes", "%lld", (long long)(done ? mb : 0));
	if (!done)
		xml_elementf(out, "ElapsedTimeInSeconds", "%lld", (long long)(clock_now(w->clock) - since) / 1000);
	xml_element(out, "EstimatedTimeToCompletionInSeconds", "0");
	xml_close(out, "RestoreStatus");
}

void redshift_write_cluster(struct world *w, const struct json *doc, const struct json *before, struct buf *out)
{
	const struct redshift_node *type = redshift_node_find(json_str(doc, "nodeType", ""));
	int64_t nodes = json_int(doc, "nodes", 1);
	char created[CLOCK_TEXT];

	xml_open(out, "Cluster");
	write_shown(doc, out);
	if (*json_str(doc, "masterSecretArn", ""))
		xml_element(out, "MasterPasswordSecretArn", json_str(doc, "masterSecretArn", ""));
	xml_element(out, "ClusterAvailabilityStatus", availability(json_str(doc, "status", "")));
	if (!is_status(doc, "creating")) {
		clock_iso(json_int(doc, "createdMs", 0), created);
		xml_element(out, "ClusterCreateTime", created);
	}
	write_endpoint(doc, out);
	write_groups(w, doc, out);
	write_nodes(doc, out);
	write_roles(doc, before, out);
	redshift_write_tags(json_get(doc, "tags"), out);
	write_pending(doc, out);
	write_resize(doc, out);
	write_restore(w, doc, out);
	xml_element(out, "ClusterRevisionNumber", "1");
	xml_element(out, "MaintenanceTrackName", "current");
	xml_element(out, "AvailabilityZoneRelocationStatus", "disabled");
	xml_element(out, "MultiAZ", "Disabled");
	xml_elementf(out, "ClusterNamespaceArn", "arn:aws:redshift:%s:%s:namespace:%s", json_str(doc, "region", ""),
		     w->account, json_str(doc, "namespace", ""));
	if (type)
		xml_elementf(out, "TotalStorageCapacityInMegaBytes", "%lld",
			     (long long)(nodes == 1 ? type->single_storage_mb : nodes * type->storage_mb));
	xml_close(out, "Cluster");
}
