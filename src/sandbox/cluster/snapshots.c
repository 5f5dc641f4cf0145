#include "sandbox/cluster/snapshots.h"

#include <dirent.h>

#include "sandbox/cluster/events.h"
#include "sandbox/store/pgcopy.h"
#include "spark/base/file.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

#define AWS_SECONDS 60
#define MB          (1024 * 1024)

char *snapshots_dir(const struct clusters *all, const char *folder)
{
	return mem_printf("%s/snapshots/%s", all->world->dir, folder);
}

static int make_parent(const struct clusters *all, struct err *err)
{
	mode_t mode = all->tools.uid == (uid_t)-1 ? 0700 : 0711;
	char *parent = file_join(all->world->dir, "snapshots");
	int rc = parent ? file_make_dirs(parent, mode, err) : err_nomem(err);

	mem_free(parent);
	return rc;
}

static int add_size(void *arg, const char *rel, int64_t size_bytes)
{
	int64_t *sum = arg;

	(void)rel;
	*sum += size_bytes;
	return 0;
}

static int copy_data(struct cluster *c, const struct json *doc, int64_t *bytes, struct err *err)
{
	char *dir = snapshots_dir(c->all, json_str(doc, "folder", ""));
	int rc = -1;

	if (!dir) {
		err_nomem(err);
	} else if (!c->server) {
		err_set(err, ERR_CONFLICT, "cluster '%s' does not run", c->doc_id);
	} else {
		struct pgcopy_options o = { .tools = &c->all->tools,
					    .server = pgserver_pid(c->server),
					    .socket_dir = c->socket_dir,
					    .from = c->dir,
					    .to = dir };

		*bytes = 0;
		rc = make_parent(c->all, err) || pgcopy_running(&o, err) || file_walk(dir, add_size, bytes, err) ? -1
														 : 0;
	}
	mem_free(dir);
	return rc;
}

bool snapshots_is_automated(const struct json *doc)
{
	return strcmp(json_str(doc, "type", ""), "automated") == 0;
}

int snapshots_put_event(struct world *w, const struct json *doc, enum snapshot_event what, struct err *err)
{
	static const struct {
		const char *user_id, *final_id, *text;
	} rows[] = {
		[SNAPSHOT_STARTED] = { "REDSHIFT-EVENT-2009", "REDSHIFT-EVENT-2012", "started" },
		[SNAPSHOT_DONE] = { "REDSHIFT-EVENT-3004", "REDSHIFT-EVENT-3005", "completed successfully" },
		[SNAPSHOT_FAILED] = { "REDSHIFT-EVENT-3503", "REDSHIFT-EVENT-3502", "failed" },
		[SNAPSHOT_DELETED] = { "REDSHIFT-EVENT-2011", "REDSHIFT-EVENT-2011", "was deleted" },
	};
	bool final = json_bool(doc, "final", false);
	const char *id = json_str(doc, "id", ""), *event_id = final ? rows[what].final_id : rows[what].user_id;
	char text[600], now[CLOCK_TEXT];
	struct event e = { "cluster-snapshot", id, event_id, what == SNAPSHOT_FAILED ? "ERROR" : "INFO", text };

	if (snapshots_is_automated(doc))
		return 0;
	clock_iso_s(clock_now(w->clock), now);
	snprintf(text, sizeof(text), "%s %s for cluster %s %s at %s.",
		 final ? "Final cluster snapshot" : "Cluster snapshot", id, json_str(doc, "clusterId", ""),
		 rows[what].text, now);
	return events_put(w, json_str(doc, "region", ""), &e, err);
}

static int write_result(struct cluster *c, const char *id, int64_t bytes, const struct err *why, struct err *err)
{
	struct world *w = c->all->world;
	const struct json *old;
	struct json *doc = NULL;
	int rc = 0;

	store_lock(w->store);
	old = store_get(w->store, SNAPSHOT_KIND, id);
	if (!old || strcmp(json_str(old, "status", ""), "creating") != 0)
		goto out;
	rc = -1;
	doc = json_copy(old);
	if (!doc || json_set_str(doc, "status", why ? "failed" : "available") ||
	    json_set_int(doc, "sizeMb", (bytes + MB - 1) / MB) ||
	    json_set_int(doc, "completedMs", clock_now(w->clock)) || (why && json_set_str(doc, "failure", why->text))) {
		err_nomem(err);
		goto out;
	}
	if (snapshots_put_event(w, doc, why ? SNAPSHOT_FAILED : SNAPSHOT_DONE, err))
		goto out;
	rc = store_put(w->store, SNAPSHOT_KIND, id, doc, err);
	doc = NULL;
	if (!rc)
		rc = store_commit(w->store, err);
out:
	if (rc)
		store_rollback(w->store);
	json_free(doc);
	store_unlock(w->store);
	return rc;
}

struct search {
	const char *cluster;
	struct json *doc;
	char id[400];
	bool failed;
};

static int find_next(void *arg, const char *id, const struct json *doc)
{
	struct search *s = arg;

	if (strcmp(json_str(doc, "clusterDocId", ""), s->cluster) != 0 ||
	    strcmp(json_str(doc, "status", ""), "creating") != 0)
		return 0;
	snprintf(s->id, sizeof(s->id), "%s", id);
	s->doc = json_copy(doc);
	s->failed = !s->doc;
	return 1;
}

static int take_one(struct cluster *c, const struct search *s, bool *failed, struct err *err)
{
	struct world *w = c->all->world;
	int64_t bytes = 0, ms = (int64_t)AWS_SECONDS * w->time_scale_percent * 10;
	struct err why = { 0 };

	*failed = copy_data(c, s->doc, &bytes, &why) != 0;
	if (*failed)
		log_error("snapshot '%s': %s", s->id, why.text);
	/* Nobody waits for an automated one, but calls that find it under way would. Closing: the next daemon takes it
	 * anew. */
	if (ms > 0 && !snapshots_is_automated(s->doc) && clock_sleep(w->clock, ms, &c->abandon))
		return 0;
	if (write_result(c, s->id, bytes, *failed ? &why : NULL, err))
		return -1;
	log_info("snapshot '%s' of cluster '%s': %s", s->id, c->doc_id, *failed ? "failed" : "available");
	if (*failed)
		*err = why;
	return 0;
}

int snapshots_take(struct cluster *c, bool all, struct err *err)
{
	struct world *w = c->all->world;
	bool some_failed = false;

	while (!c->abandon) {
		struct search s = { .cluster = c->doc_id };
		bool failed = false;
		int rc;

		store_lock(w->store);
		store_each(w->store, SNAPSHOT_KIND, "", find_next, &s);
		store_unlock(w->store);
		if (s.failed)
			return err_nomem(err);
		if (!s.doc)
			return all && some_failed ? -1 : 0;
		rc = take_one(c, &s, &failed, err);
		json_free(s.doc);
		if (rc)
			return -1;
		some_failed |= failed;
	}
	return 0;
}

struct folder_search {
	const char *folder;
};

static int match_folder(void *arg, const char *id, const struct json *doc)
{
	const struct folder_search *s = arg;

	(void)id;
	return strcmp(json_str(doc, "folder", ""), s->folder) == 0;
}

void snapshots_sweep(struct clusters *all)
{
	char *parent = file_join(all->world->dir, "snapshots");
	DIR *d = parent ? opendir(parent) : NULL;
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		struct folder_search s = { entry->d_name };
		char *path;

		if (entry->d_name[0] == '.' || store_each(all->world->store, SNAPSHOT_KIND, "", match_folder, &s))
			continue;
		path = file_join(parent, entry->d_name);
		log_info("removing '%s', which no snapshot names", entry->d_name);
		if (path && file_remove_tree(path, NULL))
			log_warn("'%s' cannot be removed", path);
		mem_free(path);
	}
	if (d)
		closedir(d);
	mem_free(parent);
}
