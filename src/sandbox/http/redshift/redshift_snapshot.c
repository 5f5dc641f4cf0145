/* Snapshots. Documents of kind "redshift:snapshot", id "<region>/<identifier>":
 *   id, region, clusterId, clusterDocId, folder (of the data), type ("manual", "automated"), final
 *   status ("creating", "available", "failed"), failure, sizeMb, completedMs: moved by cluster/snapshots.c
 *   cluster{}                   the cluster's document when it was taken
 *   retention, createdMs, tags{}
 * A copy has the folder of what it was copied from: data goes when no document names it any more. */
#include "sandbox/cluster/snapshots.h"
#include "sandbox/http/redshift/redshift.h"
#include "spark/sandbox/clusters.h"

#define KIND          "redshift:snapshot"
#define SNAPSHOTS_MAX 700
#define DAY_MS        (INT64_C(24) * 3600 * 1000)

static bool is_text(const struct json *doc, const char *member, const char *text)
{
	return strcmp(json_str(doc, member, ""), text) == 0;
}

void redshift_snapshot_id(const char *region, const char *name, char out[400])
{
	char lower[256];

	redshift_lower(name, lower, sizeof(lower));
	snprintf(out, 400, "%s/%s", region, lower);
}

static int check_name(const char *name, struct err *err)
{
	size_t len = strlen(name);
	bool letter = (name[0] | 32) >= 'a' && (name[0] | 32) <= 'z';

	if (letter && len <= 255 &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == len &&
	    name[len - 1] != '-' && !strstr(name, "--"))
		return 0;
	return service_error(err, 400, "InvalidParameterValue",
			     "The snapshot identifier %.255s is not valid. Identifiers must have 1 to 255 characters, "
			     "begin with a letter, contain only ASCII letters, digits and hyphens, and must not end "
			     "with a hyphen or contain two consecutive hyphens.",
			     name);
}

int redshift_take_retention(const struct params *p, const char *parameter, int64_t fallback, int64_t *days,
			    struct err *err)
{
	const char *text = params_get(p, parameter);

	if (params_int(p, parameter, fallback, INT32_MIN, INT32_MAX, days, err) < 0)
		return -1;
	if (*days == -1 || (*days >= 1 && *days <= 3653))
		return 0;
	return service_error(err, 400, "InvalidRetentionPeriodFault",
			     "The retention period %.20s is not valid: it must be -1 or from 1 to 3653 days.",
			     text ? text : "");
}

struct taking {
	const char *cluster;
};

static int is_being_taken(void *arg, const char *id, const struct json *doc)
{
	const struct taking *t = arg;

	(void)id;
	/* Nobody is kept waiting for an automated one. */
	return is_text(doc, "clusterDocId", t->cluster) && is_text(doc, "status", "creating") &&
	       !snapshots_is_automated(doc);
}

bool redshift_snapshot_under_way(struct world *w, const char *cluster_doc_id)
{
	struct taking t = { cluster_doc_id };

	return store_each(w->store, KIND, "", is_being_taken, &t) != 0;
}

/* What a restored cluster does not inherit. */
static struct json *copy_cluster(const struct json *cluster)
{
	static const char *const own[] = { "pending", "resize",  "restoreFolder", "restoreSnapshot",
					   "failure", "logging", "tags",          "folder" };
	struct json *copy = json_copy(cluster);

	for (size_t i = 0; copy && i < sizeof(own) / sizeof(*own); i++)
		json_remove(copy, own[i]);
	return copy;
}

static int fill_snapshot(struct world *w, const struct json *cluster, const char *id, const char *type,
			 struct json *doc, struct err *err)
{
	struct json *properties = copy_cluster(cluster), *tags = json_new_object();
	const char *region = json_str(cluster, "region", ""), *name = json_str(cluster, "id", "");
	char folder[64], cluster_id[160];
	int failed = properties ? json_set(doc, "cluster", properties) : -1;

	failed |= tags ? json_set(doc, "tags", tags) : -1;
	if (world_id_hex("snap-", 24, folder, sizeof(folder), err) < 0)
		return -1;
	snprintf(cluster_id, sizeof(cluster_id), "%s/%s", region, name);
	if (failed || json_set_str(doc, "id", strchr(id, '/') + 1) < 0 || json_set_str(doc, "region", region) < 0 ||
	    json_set_str(doc, "clusterId", name) < 0 || json_set_str(doc, "clusterDocId", cluster_id) < 0 ||
	    json_set_str(doc, "folder", folder) < 0 || json_set_str(doc, "type", type) < 0 ||
	    json_set_str(doc, "status", "creating") < 0 || json_set_int(doc, "createdMs", clock_now(w->clock)) < 0)
		return err_nomem(err);
	return 0;
}

const struct json *redshift_snapshot_named(struct world *w, const struct caller *who, const char *name,
					   const char *cluster, struct err *err)
{
	const struct json *doc;
	char id[400];

	redshift_snapshot_id(who->region, name, id);
	doc = strlen(name) > 255 ? NULL : store_get(w->store, KIND, id);
	if (doc && (!cluster || !*cluster || strcasecmp(cluster, json_str(doc, "clusterId", "")) == 0))
		return doc;
	service_error(err, 404, "ClusterSnapshotNotFound", "Snapshot not found: %.255s", name);
	return NULL;
}

const struct json *redshift_find_snapshot(struct world *w, const struct caller *who, const struct params *p,
					  const char *parameter, struct err *err)
{
	const char *name;

	return redshift_require(p, parameter, &name, err) < 0 ? NULL : redshift_snapshot_named(w, who, name, NULL, err);
}

/* ---- as the API shows it ---- */

/* Members of the cluster's document at that time. */
static const struct shown {
	const char *element, *member;
	enum { SHOW_TEXT, SHOW_INT, SHOW_BOOL } as;
} shown[] = {
	{ "Port", "port", SHOW_INT },
	{ "AvailabilityZone", "availabilityZone", SHOW_TEXT },
	{ "MasterUsername", "masterUsername", SHOW_TEXT },
	{ "ClusterVersion", "version", SHOW_TEXT },
	{ "NodeType", "nodeType", SHOW_TEXT },
	{ "NumberOfNodes", "nodes", SHOW_INT },
	{ "DBName", "dbName", SHOW_TEXT },
	{ "VpcId", "vpcId", SHOW_TEXT },
	{ "Encrypted", "encrypted", SHOW_BOOL },
	{ "KmsKeyId", "kmsKeyId", SHOW_TEXT },
	{ "EnhancedVpcRouting", "enhancedVpcRouting", SHOW_BOOL },
};

static void write_cluster_part(const struct json *cluster, struct buf *out)
{
	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++) {
		const struct shown *s = &shown[i];

		if (s->as == SHOW_TEXT)
			xml_element(out, s->element, json_str(cluster, s->member, NULL));
		else if (s->as == SHOW_INT)
			xml_elementf(out, s->element, "%lld", (long long)json_int(cluster, s->member, 0));
		else
			xml_element(out, s->element, json_bool(cluster, s->member, false) ? "true" : "false");
	}
}

static void write_times(struct world *w, const struct json *doc, struct buf *out)
{
	int64_t created = json_int(doc, "createdMs", 0), now = clock_now(w->clock);
	int64_t end = json_int(doc, "completedMs", now), days = json_int(doc, "retention", -1);
	int64_t past = (now - created) / DAY_MS;
	char text[CLOCK_TEXT];

	clock_iso(created, text);
	xml_element(out, "SnapshotCreateTime", text);
	xml_element(out, "SnapshotRetentionStartTime", text);
	clock_iso(json_int(json_get(doc, "cluster"), "createdMs", 0), text);
	xml_element(out, "ClusterCreateTime", text);
	xml_elementf(out, "ElapsedTimeInSeconds", "%lld", (long long)((end - created) / 1000));
	xml_element(out, "EstimatedSecondsToCompletion", "0");
	xml_elementf(out, "ManualSnapshotRetentionPeriod", "%lld", (long long)days);
	if (days > 0)
		xml_elementf(out, "ManualSnapshotRemainingDays", "%lld", (long long)(past > days ? 0 : days - past));
}

static void write_snapshot_as(struct world *w, const struct json *doc, const char *status, struct buf *out)
{
	const struct json *cluster = json_get(doc, "cluster");
	const struct redshift_node *n;
	int64_t mb = json_int(doc, "sizeMb", 0);

	xml_open(out, "Snapshot");
	xml_element(out, "SnapshotIdentifier", json_str(doc, "id", ""));
	xml_element(out, "ClusterIdentifier", json_str(doc, "clusterId", ""));
	xml_element(out, "Status", status);
	xml_element(out, "SnapshotType", json_str(doc, "type", "manual"));
	write_times(w, doc, out);
	write_cluster_part(cluster, out);
	xml_element(out, "EncryptedWithHSM", "false");
	xml_element(out, "AccountsWithRestoreAccess", "");
	xml_element(out, "OwnerAccount", w->account);
	xml_elementf(out, "TotalBackupSizeInMegaBytes", "%lld.0", (long long)mb);
	xml_elementf(out, "ActualIncrementalBackupSizeInMegaBytes", "%lld.0", (long long)mb);
	xml_elementf(out, "BackupProgressInMegaBytes", "%lld.0", (long long)mb);
	xml_element(out, "CurrentBackupRateInMegaBytesPerSecond", "0.0");
	xml_element(out, "MaintenanceTrackName", "current");
	xml_elementf(out, "SnapshotArn", "arn:aws:redshift:%s:%s:snapshot:%s/%s", json_str(doc, "region", ""),
		     w->account, json_str(doc, "clusterId", ""), json_str(doc, "id", ""));
	xml_open(out, "RestorableNodeTypes");
	for (size_t i = 0; (n = redshift_node_at(i)) != NULL; i++)
		if (!n->retired || clusters_allow_retired(w->clusters))
			xml_element(out, "NodeType", n->name);
	xml_close(out, "RestorableNodeTypes");
	redshift_write_tags(json_get(doc, "tags"), out);
	xml_close(out, "Snapshot");
}

static void write_snapshot(struct world *w, const struct json *doc, struct buf *out)
{
	const char *status = json_str(doc, "status", "");

	if (strcmp(status, "creating") == 0 && json_bool(doc, "final", false))
		status = "final snapshot";
	write_snapshot_as(w, doc, status, out);
}

/* ---- actions ---- */

int redshift_new_snapshot(struct world *w, const struct params *p, const struct json *cluster, const char *name,
			  struct buf *out, struct err *err)
{
	const char *retention = out ? "ManualSnapshotRetentionPeriod" : "FinalClusterSnapshotRetentionPeriod";
	struct json *doc;
	int64_t days;
	char id[400];

	if (check_name(name, err) < 0 ||
	    redshift_take_retention(p, retention, json_int(cluster, "manualRetention", -1), &days, err) < 0)
		return -1;
	redshift_snapshot_id(json_str(cluster, "region", ""), name, id);
	if (store_get(w->store, KIND, id))
		return service_error(err, 400, "ClusterSnapshotAlreadyExists", "Snapshot %s already exists.", name);
	if (store_count(w->store, KIND, "") >= SNAPSHOTS_MAX)
		return service_error(err, 400, "ClusterSnapshotQuotaExceeded",
				     "The request would exceed the quota of %d snapshots.", SNAPSHOTS_MAX);
	doc = json_new_object();
	if (!doc)
		return err_nomem(err);
	if (fill_snapshot(w, cluster, id, "manual", doc, err) < 0 ||
	    (out && redshift_take_tags(p, json_get_mut(doc, "tags"), err) < 0))
		goto failed;
	if (json_set_int(doc, "retention", days) < 0 || json_set_bool(doc, "final", !out) < 0) {
		err_nomem(err);
		goto failed;
	}
	if (snapshots_put_event(w, doc, SNAPSHOT_STARTED, err) < 0)
		goto failed;
	if (out)
		write_snapshot(w, doc, out);
	return store_put(w->store, KIND, id, doc, err);
failed:
	json_free(doc);
	return -1;
}

int redshift_new_automated_snapshot(struct world *w, const struct json *cluster, struct err *err)
{
	char name[160], id[400], now[CLOCK_TEXT];
	struct json *doc;

	/* "2026-11-22T03:20:11Z" */
	clock_iso_s(clock_now(w->clock), now);
	snprintf(name, sizeof(name), "rs:%s-%.10s-%.2s-%.2s-%.2s", json_str(cluster, "id", ""), now, now + 11, now + 14,
		 now + 17);
	redshift_snapshot_id(json_str(cluster, "region", ""), name, id);
	if (store_get(w->store, KIND, id))
		return 0;
	doc = json_new_object();
	if (!doc)
		return err_nomem(err);
	if (fill_snapshot(w, cluster, id, "automated", doc, err) < 0) {
		json_free(doc);
		return -1;
	}
	if (json_set_int(doc, "retention", -1) < 0) {
		json_free(doc);
		return err_nomem(err);
	}
	return store_put(w->store, KIND, id, doc, err);
}

REDSHIFT_HANDLER(redshift_create_snapshot)
{
	const struct json *cluster;
	const char *name;

	if (redshift_require(p, "SnapshotIdentifier", &name, err) < 0 || !(cluster = redshift_find(w, who, p, err)) ||
	    redshift_check_idle(w, cluster, err) < 0 || redshift_new_snapshot(w, p, cluster, name, out, err) < 0)
		return -1;
	return buf_check(out, "reply", err);
}

struct filter {
	struct world *w;
	const char *cluster, *type, *arn_name;
	int64_t from, to;
	int exists; /* -1: not asked */
};

static bool passes(void *arg, const struct json *doc)
{
	const struct filter *f = arg;
	int64_t created = json_int(doc, "createdMs", 0);
	const char *cluster = json_str(doc, "clusterDocId", "");

	if ((f->cluster && strcasecmp(json_str(doc, "clusterId", ""), f->cluster) != 0) ||
	    (f->type && !is_text(doc, "type", f->type)) || (f->arn_name && !is_text(doc, "id", f->arn_name)))
		return false;
	if (f->exists >= 0 && (store_get(f->w->store, CLUSTER_KIND, cluster) != NULL) != (f->exists != 0))
		return false;
	return created >= f->from && created <= f->to;
}

static int take_time(const struct params *p, const char *name, int64_t fallback, int64_t *ms, struct err *err)
{
	const char *text = params_get(p, name);
	struct err why = { 0 };

	*ms = fallback;
	if (!text || !*text || clock_parse(text, ms, &why) == 0)
		return 0;
	return service_error(err, 400, "InvalidParameterValue", "The parameter %s is not a time: %.60s", name, text);
}

static int take_filter(struct world *w, const struct params *p, struct filter *f, struct err *err)
{
	const char *arn = params_get(p, "SnapshotArn");
	bool exists;

	memset(f, 0, sizeof(*f));
	f->w = w;
	f->exists = -1;
	f->cluster = params_get(p, "ClusterIdentifier");
	f->type = params_get(p, "SnapshotType");
	if (f->type && strcmp(f->type, "manual") != 0 && strcmp(f->type, "automated") != 0)
		return service_error(err, 400, "InvalidParameterValue",
				     "The snapshot type must be manual or automated, not %.40s", f->type);
	if (arn && *arn) {
		f->arn_name = strrchr(arn, '/');
		f->arn_name = f->arn_name ? f->arn_name + 1 : arn;
	}
	if (params_get(p, "ClusterExists")) {
		if (params_bool(p, "ClusterExists", false, &exists, err) < 0)
			return -1;
		if (exists && !f->cluster)
			return service_error(err, 400, "InvalidParameterCombination",
					     "ClusterExists needs ClusterIdentifier when it is true.");
		f->exists = exists;
	}
	if (take_time(p, "StartTime", 0, &f->from, err) < 0 || take_time(p, "EndTime", INT64_MAX, &f->to, err) < 0)
		return -1;
	return 0;
}

REDSHIFT_HANDLER(redshift_describe_snapshots)
{
	const char *name = params_get(p, "SnapshotIdentifier");
	const struct json *doc;
	struct filter f;
	struct redshift_list list = {
		.kind = KIND, .element = "Snapshots", .match = passes, .write = write_snapshot, .arg = &f
	};

	if (take_filter(w, p, &f, err) < 0)
		return -1;
	if (!name || !*name)
		return redshift_write_list(w, who, p, &list, out, err);
	if (!(doc = redshift_find_snapshot(w, who, p, "SnapshotIdentifier", err)))
		return -1;
	xml_open(out, "Snapshots");
	if (passes(&f, doc))
		write_snapshot(w, doc, out);
	xml_close(out, "Snapshots");
	return buf_check(out, "reply", err);
}

struct restoring {
	const char *folder;
};

static int is_restoring(void *arg, const char *id, const struct json *doc)
{
	const struct restoring *r = arg;

	(void)id;
	return is_text(doc, "restoreFolder", r->folder) && is_text(doc, "status", "creating");
}

bool redshift_snapshot_is_restored(struct world *w, const struct json *doc)
{
	struct restoring r = { json_str(doc, "folder", "") };

	return store_each(w->store, CLUSTER_KIND, "", is_restoring, &r) != 0;
}

static int check_deletable(struct world *w, const struct json *doc, struct err *err)
{
	const char *status = json_str(doc, "status", "");

	if (!is_text(doc, "type", "manual"))
		return service_error(err, 400, "InvalidClusterSnapshotState",
				     "Automated snapshots cannot be deleted. They go with their retention period.");
	if ((strcmp(status, "available") != 0 && strcmp(status, "failed") != 0) ||
	    redshift_snapshot_is_restored(w, doc))
		return service_error(err, 400, "InvalidClusterSnapshotState",
				     "The snapshot %s is in use: it is being taken or restored.",
				     json_str(doc, "id", ""));
	return 0;
}

int redshift_remove_snapshot(struct world *w, const struct caller *who, const struct json *doc, struct buf *out,
			     struct err *err)
{
	char id[400];

	if (check_deletable(w, doc, err) < 0)
		return -1;
	if (out)
		write_snapshot_as(w, doc, "deleted", out);
	redshift_snapshot_id(who->region, json_str(doc, "id", ""), id);
	return snapshots_put_event(w, doc, SNAPSHOT_DELETED, err) < 0 ? -1 : store_delete(w->store, KIND, id, err);
}

REDSHIFT_HANDLER(redshift_delete_snapshot)
{
	const char *cluster = params_get(p, "SnapshotClusterIdentifier"), *name;
	const struct json *doc;

	if (redshift_require(p, "SnapshotIdentifier", &name, err) < 0 ||
	    !(doc = redshift_snapshot_named(w, who, name, cluster, err)) ||
	    redshift_remove_snapshot(w, who, doc, out, err) < 0)
		return -1;
	return buf_check(out, "reply", err);
}

static struct json *copy_as_manual(const struct json *doc, const char *id, int64_t days, struct err *err)
{
	struct json *copy = json_copy(doc), *tags = json_new_object();

	if (!copy || !tags || json_set(copy, "tags", tags) < 0) {
		if (!copy)
			json_free(tags);
		json_free(copy);
		err_nomem(err);
		return NULL;
	}
	if (json_set_str(copy, "id", id) == 0 && json_set_str(copy, "type", "manual") == 0 &&
	    json_set_int(copy, "retention", days) == 0)
		return copy;
	json_free(copy);
	err_nomem(err);
	return NULL;
}

/* An automated snapshot goes with its retention period; a copy of it is a manual one, which stays. */
REDSHIFT_HANDLER(redshift_copy_snapshot)
{
	const char *target, *source, *cluster = params_get(p, "SourceSnapshotClusterIdentifier");
	const struct json *doc;
	struct json *copy;
	int64_t days;
	char id[400];

	if (redshift_require(p, "TargetSnapshotIdentifier", &target, err) < 0 || check_name(target, err) < 0 ||
	    redshift_take_retention(p, "ManualSnapshotRetentionPeriod", -1, &days, err) < 0 ||
	    redshift_require(p, "SourceSnapshotIdentifier", &source, err) < 0 ||
	    !(doc = redshift_snapshot_named(w, who, source, cluster, err)))
		return -1;
	if (!snapshots_is_automated(doc))
		return service_error(err, 400, "InvalidClusterSnapshotState",
				     "Only automated snapshots can be copied. The source is a manual snapshot.");
	if (!is_text(doc, "status", "available"))
		return service_error(err, 400, "InvalidClusterSnapshotState", "The snapshot %s is not available.",
				     json_str(doc, "id", ""));
	redshift_snapshot_id(who->region, target, id);
	if (store_get(w->store, KIND, id))
		return service_error(err, 400, "ClusterSnapshotAlreadyExists", "Snapshot %s already exists.", target);
	if (store_count(w->store, KIND, "") >= SNAPSHOTS_MAX)
		return service_error(err, 400, "ClusterSnapshotQuotaExceeded",
				     "The request would exceed the quota of %d snapshots.", SNAPSHOTS_MAX);
	if (!(copy = copy_as_manual(doc, strchr(id, '/') + 1, days, err)))
		return -1;
	write_snapshot(w, copy, out);
	if (store_put(w->store, KIND, id, copy, err) < 0)
		return -1;
	return buf_check(out, "reply", err);
}

/* How old a snapshot is, in whole days. */
static int64_t days_old(const struct world *w, const struct json *doc)
{
	return (clock_now(w->clock) - json_int(doc, "createdMs", 0)) / DAY_MS;
}

int redshift_retain_snapshot(struct world *w, const struct caller *who, const struct json *doc,
			     const struct redshift_retention *r, struct buf *out, struct err *err)
{
	struct json *copy;
	char id[400];

	if (snapshots_is_automated(doc))
		return service_error(err, 400, "InvalidClusterSnapshotState",
				     "The retention period of the cluster holds for its automated snapshots.");
	if (r->days > 0 && days_old(w, doc) >= r->days) {
		if (r->force)
			return redshift_remove_snapshot(w, who, doc, out, err);
		return service_error(
			err, 400, "InvalidRetentionPeriodFault",
			"The snapshot %s is older than the retention period of %lld days. With Force it is "
			"deleted.",
			json_str(doc, "id", ""), (long long)r->days);
	}
	copy = json_copy(doc);
	if (!copy || json_set_int(copy, "retention", r->days) < 0) {
		json_free(copy);
		return err_nomem(err);
	}
	if (out)
		write_snapshot(w, copy, out);
	redshift_snapshot_id(who->region, json_str(doc, "id", ""), id);
	return store_put(w->store, KIND, id, copy, err);
}

REDSHIFT_HANDLER(redshift_modify_snapshot)
{
	const struct json *doc = redshift_find_snapshot(w, who, p, "SnapshotIdentifier", err);
	struct redshift_retention r;

	if (!doc ||
	    redshift_take_retention(p, "ManualSnapshotRetentionPeriod", json_int(doc, "retention", -1), &r.days, err) <
		    0 ||
	    params_bool(p, "Force", false, &r.force, err) < 0 ||
	    redshift_retain_snapshot(w, who, doc, &r, out, err) < 0)
		return -1;
	return buf_check(out, "reply", err);
}
