/* Snapshots that nobody asked for: taken now and then of clusters that keep some, and snapshots whose time is over. */
#include "sandbox/cluster/snapshots.h"
#include "sandbox/http/redshift/redshift.h"
#include "sandbox/http/redshift/redshift_schedule.h"
#include "spark/base/log.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

/* An automated snapshot's cluster by its namespace, which a new name does not change. */
struct owner {
	const char *space;
	const struct json *cluster;
};

static int is_owner(void *arg, const char *id, const struct json *doc)
{
	struct owner *o = arg;

	(void)id;
	if (strcmp(json_str(doc, "namespace", ""), o->space) != 0)
		return 0;
	o->cluster = doc;
	return 1;
}

static const char *space_of(const struct json *snapshot)
{
	return json_str(json_get(snapshot, "cluster"), "namespace", "");
}

/* How many days it is kept; -1: for ever. Automated ones go with their cluster. */
static int64_t days_kept(struct world *w, const struct json *snapshot)
{
	struct owner o = { space_of(snapshot), NULL };

	if (!snapshots_is_automated(snapshot))
		return json_int(snapshot, "retention", -1);
	store_each(w->store, CLUSTER_KIND, "", is_owner, &o);
	return o.cluster ? json_int(o.cluster, "snapshotRetention", 1) : 0;
}

struct expired {
	struct world *w;
	int64_t now;
	char id[400];
};

static int find_expired(void *arg, const char *id, const struct json *doc)
{
	struct expired *e = arg;
	int64_t days = days_kept(e->w, doc), age = e->now - json_int(doc, "createdMs", e->now);

	if (days < 0 || age < days * DAY_MS || strcmp(json_str(doc, "status", ""), "creating") == 0 ||
	    redshift_snapshot_is_restored(e->w, doc))
		return 0;
	snprintf(e->id, sizeof(e->id), "%s", id);
	return 1;
}

static bool delete_expired(struct world *w)
{
	struct expired e = { .w = w, .now = clock_now(w->clock) };
	struct err err = { 0 };
	bool found;

	store_lock(w->store);
	found = store_each(w->store, SNAPSHOT_KIND, "", find_expired, &e) != 0;
	if (found && (store_delete(w->store, SNAPSHOT_KIND, e.id, &err) || store_commit(w->store, &err))) {
		store_rollback(w->store);
		log_error("snapshot '%s', whose time is over, stays: %s", e.id, err.text);
		found = false;
	}
	store_unlock(w->store);
	if (found)
		log_info("snapshot '%s': its time is over", e.id);
	return found;
}

struct latest {
	const char *space;
	int64_t ms;
};

static int take_latest(void *arg, const char *id, const struct json *doc)
{
	struct latest *l = arg;
	int64_t created = json_int(doc, "createdMs", 0);

	(void)id;
	if (snapshots_is_automated(doc) && strcmp(space_of(doc), l->space) == 0 && created > l->ms)
		l->ms = created;
	return 0;
}

struct due {
	struct world *w;
	const struct json *cluster;
	char id[160];
};

static int find_due(void *arg, const char *id, const struct json *doc)
{
	struct due *d = arg;
	struct latest l = { json_str(doc, "namespace", ""), json_int(doc, "createdMs", 0) };

	if (json_bool(doc, "serverless", false) || strcmp(json_str(doc, "status", ""), "available") != 0 ||
	    json_int(doc, "snapshotRetention", 1) <= 0 || !*l.space)
		return 0;
	store_each(d->w->store, SNAPSHOT_KIND, "", take_latest, &l);
	if (clock_now(d->w->clock) - l.ms < d->w->snapshot_interval_ms || redshift_snapshot_under_way(d->w, id))
		return 0;
	snprintf(d->id, sizeof(d->id), "%s", id);
	d->cluster = doc;
	return 1;
}

static bool take_due(struct world *w)
{
	struct due d = { .w = w };
	struct err err = { 0 };
	bool found;

	store_lock(w->store);
	found = store_each(w->store, CLUSTER_KIND, "", find_due, &d) != 0;
	if (found && (redshift_new_automated_snapshot(w, d.cluster, &err) || store_commit(w->store, &err))) {
		store_rollback(w->store);
		log_error("no automated snapshot of cluster '%s': %s", d.id, err.text);
		found = false;
	}
	store_unlock(w->store);
	if (found && clusters_follow(w->clusters, d.id, &err)) {
		log_error("cluster '%s': %s", d.id, err.text);
		found = false;
	}
	return found;
}

void automated_run_due(struct world *w)
{
	bool some = false;

	while (delete_expired(w))
		some = true;
	if (some)
		clusters_sweep_snapshots(w->clusters);
	while (w->snapshot_interval_ms > 0 && take_due(w))
		continue;
}
