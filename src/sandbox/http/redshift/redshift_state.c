/* Changes of a cluster's state: PauseCluster, ResumeCluster, RebootCluster, DeleteCluster. */
#include "sandbox/http/redshift/redshift.h"

static bool one_of(const char *status, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(*list, status) == 0)
			return true;
	return false;
}

static const char *const at_rest[] = { "available", NULL };
static const char *const asleep[] = { "paused", NULL };
/* Something failed, and nothing is under way. */
static const char *const startable[] = { "available", "hardware-failure", "incompatible-network", "storage-full",
					 NULL };

static int refuse_state(const struct json *doc, struct err *err)
{
	const char *status = json_str(doc, "status", ""), *id = json_str(doc, "id", "");

	if (strcmp(status, "paused") == 0)
		return service_error(err, 400, "InvalidClusterState",
				     "The cluster %s is paused. Resume it, and try again when it is available.", id);
	if (one_of(status, startable))
		return service_error(err, 400, "InvalidClusterState",
				     "You cannot perform this operation on the cluster %s in its state: %s.", id,
				     status);
	return service_error(err, 400, "InvalidClusterState",
			     "The Cluster is being modified by a concurrent operation. Please check the Cluster's "
			     "status and try again.");
}

static int check_state(struct world *w, const struct json *doc, const char *const *from, struct err *err)
{
	char id[160];

	if (!one_of(json_str(doc, "status", ""), from))
		return refuse_state(doc, err);
	snprintf(id, sizeof(id), "%s/%s", json_str(doc, "region", ""), json_str(doc, "id", ""));
	if (redshift_snapshot_under_way(w, id))
		return service_error(err, 400, "InvalidClusterState",
				     "There is an operation running on the Cluster: a snapshot is being taken. Please "
				     "try again at a later time.");
	return 0;
}

int redshift_check_idle(struct world *w, const struct json *doc, struct err *err)
{
	return check_state(w, doc, at_rest, err);
}

struct wanted {
	const char *name;
};

static int is_wanted(void *arg, const char *id, const struct json *doc)
{
	struct wanted *wanted = arg;
	const char *pending = json_str(json_get(doc, "pending"), "id", NULL);

	(void)id;
	return pending && strcmp(pending, wanted->name) == 0;
}

bool redshift_name_wanted(struct world *w, const char *doc_id)
{
	const char *slash = strchr(doc_id, '/');
	struct wanted wanted = { slash + 1 };
	char prefix[64];

	snprintf(prefix, sizeof(prefix), "%.*s", (int)(slash - doc_id) + 1, doc_id);
	return store_each(w->store, CLUSTER_KIND, prefix, is_wanted, &wanted) != 0;
}

int redshift_put_cluster(struct world *w, const char *doc_id, struct json *doc, struct buf *out, struct err *err)
{
	redshift_write_cluster(w, doc, NULL, out);
	if (store_put(w->store, CLUSTER_KIND, doc_id, doc, err) < 0)
		return -1;
	return buf_check(out, "reply", err);
}

static int change(struct world *w, const struct caller *who, const struct params *p, const char *const *from,
		  const char *to, struct buf *out, struct err *err)
{
	const struct json *doc = redshift_find(w, who, p, err);
	struct json *copy;
	char id[128];

	if (!doc || redshift_doc_id(who, p, id, err) < 0 || check_state(w, doc, from, err) < 0)
		return -1;
	if (!(copy = redshift_copy_as(w, doc, to, err)))
		return -1;
	return redshift_put_cluster(w, id, copy, out, err);
}

REDSHIFT_HANDLER(redshift_pause)
{
	return change(w, who, p, at_rest, "pausing", out, err);
}

REDSHIFT_HANDLER(redshift_resume)
{
	return change(w, who, p, asleep, "resuming", out, err);
}

REDSHIFT_HANDLER(redshift_reboot)
{
	return change(w, who, p, startable, "rebooting", out, err);
}

/* ---- DeleteCluster ---- */

/* Statuses from which a cluster can be deleted: those in which nothing is under way, and it is not paused. */
static bool can_be_deleted(const char *status)
{
	return one_of(status, startable) || strncmp(status, "incompatible-", 13) == 0;
}

static int check_final_snapshot(const struct params *p, const char **snapshot, struct err *err)
{
	bool skip;

	*snapshot = params_get(p, "FinalClusterSnapshotIdentifier");
	if (*snapshot && !**snapshot)
		*snapshot = NULL;
	if (params_bool(p, "SkipFinalClusterSnapshot", false, &skip, err) < 0)
		return -1;
	if (!skip && !*snapshot)
		return service_error(err, 400, "InvalidParameterCombination",
				     "FinalClusterSnapshotIdentifier is required unless SkipFinalClusterSnapshot is "
				     "specified.");
	if (skip && *snapshot)
		return service_error(
			err, 400, "InvalidParameterCombination",
			"FinalClusterSnapshotIdentifier cannot be specified when SkipFinalClusterSnapshot is "
			"true.");
	return 0;
}

REDSHIFT_HANDLER(redshift_delete_cluster_call)
{
	const struct json *doc = redshift_find(w, who, p, err);
	const char *snapshot;
	struct json *copy;
	char id[128];

	if (!doc || redshift_doc_id(who, p, id, err) < 0 || check_final_snapshot(p, &snapshot, err) < 0)
		return -1;
	if (strcmp(json_str(doc, "status", ""), "paused") == 0)
		return refuse_state(doc, err);
	if (!can_be_deleted(json_str(doc, "status", "")) || redshift_snapshot_under_way(w, id))
		return service_error(err, 400, "InvalidClusterState",
				     "There is an operation running on the Cluster. Please try to delete it at a later "
				     "time.");
	if (snapshot && check_state(w, doc, at_rest, err) < 0)
		return -1;
	if (!(copy = redshift_copy_as(w, doc, snapshot ? "final-snapshot" : "deleting", err)))
		return -1;
	if (snapshot && redshift_new_snapshot(w, p, doc, snapshot, NULL, err) < 0) {
		json_free(copy);
		return -1;
	}
	return redshift_put_cluster(w, id, copy, out, err);
}
