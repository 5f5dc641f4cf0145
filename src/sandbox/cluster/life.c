#include "sandbox/cluster/life.h"

#include "sandbox/cluster/events.h"
#include "sandbox/cluster/parameters.h"
#include "sandbox/cluster/server.h"
#include "sandbox/cluster/snapshots.h"
#include "sandbox/store/pgcatalog.h"
#include "spark/base/file.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

#define KIND "redshift:cluster"

/* ---- what the transitions do ---- */

/* A folder is whole when this file is in it; a daemon's death in the middle of building leaves none. */
static char *built_mark(const struct cluster *c)
{
	return file_join(c->dir, "built");
}

/* A cluster, or a snapshot, that an older build made gets this build's functions and views. It serves without them,
 * when that fails, rather than not at all. */
static int start_current(struct cluster *c, struct err *err)
{
	struct err why = { 0 };
	char *data = file_join(c->dir, "data");
	int rc = data ? server_start(c, err) : err_nomem(err);

	if (!rc && pgcatalog_refresh(data, c->socket_dir, &why))
		log_warn("the catalogue of cluster '%s' stays as an older build made it: %s", c->doc_id, why.text);
	mem_free(data);
	return rc;
}

/* From the template, or for a restored cluster from the snapshot, in which the master user is already. */
static int build_server(struct cluster *c, const struct json *doc, struct err *err)
{
	struct clusters *all = c->all;
	const char *folder = json_str(doc, "restoreFolder", NULL);
	char *from = folder ? snapshots_dir(all, folder) : mem_strdup(all->template_dir);
	int rc = -1;

	if (!from)
		err_nomem(err);
	else if (!pgtemplate_copy(&all->tools, from, c->dir, err) && !start_current(c, err))
		rc = folder ? 0 : server_make_master(c, doc, err);
	mem_free(from);
	return rc;
}

static int life_build(struct cluster *c, const struct json *doc, struct err *err)
{
	char *mark = NULL;
	int rc = -1;

	if (server_make_folder(c, doc, err))
		return -1;
	mark = built_mark(c);
	if (!mark)
		return err_nomem(err);
	/* Asked to look again while it takes its time: what is whole stays. */
	if (file_exists(mark))
		rc = start_current(c, err);
	else
		rc = build_server(c, doc, err) || file_write_atomic(mark, "", 0, 0600, err) ? -1 : 0;
	if (!rc)
		rc = server_open_port(c, doc, err);
	mem_free(mark);
	return rc;
}

static int life_serve(struct cluster *c, const struct json *doc, struct err *err)
{
	return life_build(c, doc, err);
}

static int life_modify(struct cluster *c, const struct json *doc, struct err *err)
{
	/* Not unasked: the user may have changed it by SQL. */
	bool password = json_get(json_get(doc, "pending"), "masterVerifier") != NULL;

	if (server_make_folder(c, doc, err) || start_current(c, err) || (password && server_set_password(c, doc, err)))
		return -1;
	return server_open_port(c, doc, err);
}

/* The port's gateway knows the cluster by its document's id: it comes back under the new one. */
static int life_rename(struct cluster *c, const struct json *doc, struct err *err)
{
	(void)doc;
	(void)err;
	server_close_port(c);
	return 0;
}

static int life_restart(struct cluster *c, const struct json *doc, struct err *err)
{
	server_stop(c);
	return life_build(c, doc, err);
}

static int life_pause(struct cluster *c, const struct json *doc, struct err *err)
{
	if (server_make_folder(c, doc, err))
		return -1;
	server_stop(c);
	return pgserver_stop_stale(c->dir, err);
}

static int life_final_snapshot(struct cluster *c, const struct json *doc, struct err *err)
{
	return life_build(c, doc, err) || snapshots_take(c, true, err) ? -1 : 0;
}

static int life_remove(struct cluster *c, const struct json *doc, struct err *err)
{
	/* Also when this daemon has never started it: a stale server must not lose its folder under way. */
	if (life_pause(c, doc, err))
		return -1;
	return file_remove_tree(c->dir, err);
}

static int life_reconfigure(struct cluster *c, const struct json *doc, struct err *err)
{
	server_stop(c);
	return life_modify(c, doc, err);
}

/* What becomes of the document's "pending" at the end of a transition. */
enum pending { PENDING_KEEP, PENDING_APPLY, PENDING_DROP };

/* The life of a cluster. `aws_seconds` is what AWS usually takes, of which --time-scale asks a part. */
static const struct transition {
	const char *from, *to;
	int (*work)(struct cluster *c, const struct json *doc, struct err *err);
	int aws_seconds;
	enum pending pending;
	bool boots;         /* the server starts anew, with what its parameter group says now */
	const char *resize; /* only with this type of resize */
	const char *event_id, *message;
	const char *comment;
} transitions[] = {
	{ "creating", "available", life_build, 180, PENDING_KEEP, true, NULL, "REDSHIFT-EVENT-2000",
	  "Cluster %s created", "a copy of the template or of a snapshot, its server, the master user, the gateway" },
	{ "available", "available", life_serve, 0, PENDING_KEEP, false, NULL, NULL, NULL,
	  "the daemon was started: server and gateway come back" },
	{ "modifying", "available", life_modify, 30, PENDING_APPLY, false, NULL, NULL, NULL,
	  "password, port and what needs no work" },
	{ "reconfiguring", "available", life_reconfigure, 60, PENDING_APPLY, true, NULL, NULL, NULL,
	  "a workgroup's parameters: sessions end, the server is stopped and started" },
	{ "renaming", "modifying", life_rename, 30, PENDING_APPLY, false, NULL, "REDSHIFT-EVENT-2013",
	  "Cluster renamed to %s", "sessions end; the document moves to the new name" },
	{ "rebooting", "available", life_restart, 60, PENDING_KEEP, true, NULL, "REDSHIFT-EVENT-3000",
	  "Cluster %s rebooted", "sessions end, the server is stopped and started" },
	{ "pausing", "paused", life_pause, 120, PENDING_KEEP, false, NULL, "REDSHIFT-EVENT-3619",
	  "Cluster %s was successfully paused", "sessions end, the port is closed, the server stopped" },
	{ "paused", "paused", life_pause, 0, PENDING_KEEP, false, NULL, NULL, NULL,
	  "the daemon was started: it stays down" },
	{ "resuming", "available", life_serve, 180, PENDING_KEEP, true, NULL, "REDSHIFT-EVENT-3621",
	  "Cluster %s was successfully resumed", "server and gateway come back" },
	{ "available, prep-for-resize", "resizing", life_serve, 60, PENDING_KEEP, false, NULL, NULL, NULL,
	  "elastic: sessions go on" },
	{ "resizing", "available, resize-cleanup", life_serve, 300, PENDING_APPLY, false, "ElasticResize", NULL, NULL,
	  "elastic: sessions go on" },
	{ "resizing", "available", life_restart, 3600, PENDING_APPLY, true, NULL, "REDSHIFT-EVENT-3002",
	  "Cluster %s resize completed. Cluster is available for both reads and writes",
	  "classic: as to another cluster, so sessions end" },
	{ "available, resize-cleanup", "available", life_serve, 60, PENDING_KEEP, false, NULL, "REDSHIFT-EVENT-3002",
	  "Cluster %s resize completed. Cluster is available for both reads and writes", "elastic" },
	{ "cancelling-resize", "available", life_restart, 60, PENDING_DROP, true, NULL, NULL, NULL,
	  "back to what it was" },
	{ "hardware-failure", "available", life_serve, 0, PENDING_KEEP, true, NULL, NULL, NULL,
	  "the server did not start; every start tries again" },
	{ "incompatible-network", "available", life_serve, 0, PENDING_KEEP, true, NULL, NULL, NULL,
	  "the port was taken; every start tries again" },
	{ "final-snapshot", "deleting", life_final_snapshot, 0, PENDING_KEEP, false, NULL, NULL, NULL,
	  "the data is kept before it goes" },
	{ "deleting", NULL, life_remove, 90, PENDING_KEEP, false, NULL, "REDSHIFT-EVENT-2001", "Cluster %s deleted",
	  "sessions ended, server stopped, folder and document removed" },
};

static const struct transition *find_transition(const struct json *doc)
{
	const char *status = json_str(doc, "status", ""), *resize = json_str(json_get(doc, "resize"), "type", "");

	for (size_t i = 0; i < sizeof(transitions) / sizeof(transitions[0]); i++)
		if (strcmp(transitions[i].from, status) == 0 &&
		    (!transitions[i].resize || strcmp(transitions[i].resize, resize) == 0))
			return &transitions[i];
	return NULL;
}

/* ---- the document ---- */

struct json *life_document(struct world *w, const char *doc_id)
{
	const struct json *doc;
	struct json *copy;

	store_lock(w->store);
	doc = store_get(w->store, KIND, doc_id);
	copy = doc ? json_copy(doc) : NULL;
	store_unlock(w->store);
	return copy;
}

static bool is_status(const struct json *doc, const char *status)
{
	return doc && strcmp(json_str(doc, "status", ""), status) == 0;
}

static const char *endpoint_host(const struct clusters *all)
{
	static const char *const local[] = { "127.0.0.1", "0.0.0.0", "::1", "::" };

	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
		if (strcmp(all->bind_host, local[i]) == 0)
			return "localhost";
	return all->bind_host;
}

/* Members of "pending" take the place of the document's. */
static int apply_pending(struct json *doc, struct err *err)
{
	struct json *pending = json_copy(json_get(doc, "pending"));
	int rc = 0;

	for (const struct json *m = json_first(pending); !rc && m; m = json_next(m)) {
		struct json *value = json_copy(m);

		rc = value && !json_set(doc, json_name(m), value) ? 0 : err_nomem(err);
	}
	json_free(pending);
	return rc;
}

/* What the document will be at the end. */
static struct json *make_target(const struct json *doc, const struct transition *t, struct err *err)
{
	struct json *target = json_copy(doc);

	if (!target)
		err_nomem(err);
	else if (t->pending == PENDING_APPLY && apply_pending(target, err)) {
		json_free(target);
		target = NULL;
	}
	return target;
}

static int note_resize(struct json *doc, const struct transition *t, int64_t now, struct err *err)
{
	struct json *resize = json_get_mut(doc, "resize");

	if (!resize || strcmp(json_str(resize, "status", ""), "SUCCEEDED") == 0 ||
	    strcmp(json_str(resize, "status", ""), "CANCELLED") == 0 || strcmp(t->to, "available") != 0)
		return 0;
	if (json_set_str(resize, "status", t->pending == PENDING_DROP ? "CANCELLED" : "SUCCEEDED") ||
	    json_set_int(resize, "endedMs", now))
		return err_nomem(err);
	return 0;
}

static int put_text(struct cluster *c, const struct json *doc, const char *event_id, const char *text, struct err *err)
{
	struct event e = { "cluster", json_str(doc, "id", ""), event_id, "INFO", NULL };
	char whole[700], now[CLOCK_TEXT];

	clock_iso_s(clock_now(c->all->world->clock), now);
	snprintf(whole, sizeof(whole), "%s at %s.", text, now);
	e.message = whole;
	return events_put(c->all->world, json_str(doc, "region", ""), &e, err);
}

/* Of a change of settings AWS tells these. */
static int put_changes(struct cluster *c, const struct json *pending, const struct json *doc, struct err *err)
{
	const char *id = json_str(doc, "id", "");
	char text[600];

	if (json_get(pending, "masterVerifier")) {
		snprintf(text, sizeof(text), "Master credentials updated for cluster %s", id);
		if (put_text(c, doc, "REDSHIFT-EVENT-4000", text, err))
			return -1;
	}
	if (json_get(pending, "parameterGroup")) {
		snprintf(text, sizeof(text), "Cluster %s parameter group changed to %s", id,
			 json_str(pending, "parameterGroup", ""));
		if (put_text(c, doc, "REDSHIFT-EVENT-1001", text, err))
			return -1;
	}
	if (json_get(pending, "vpcSecurityGroupIds")) {
		snprintf(text, sizeof(text), "VPC security groups for cluster %s updated", id);
		return put_text(c, doc, "REDSHIFT-EVENT-2002", text, err);
	}
	return 0;
}

/* before: the document as it was in the state that ends; doc: as it will be. */
static int put_event(struct cluster *c, const struct transition *t, const struct json *before, const struct json *doc,
		     struct err *err)
{
	const char *id = json_str(doc, "id", ""), *snapshot = json_str(doc, "restoreSnapshot", NULL), *mark;
	char text[600];

	/* The servers of workgroups are nobody's clusters. */
	if (json_bool(doc, "serverless", false))
		return 0;
	if (t->pending == PENDING_APPLY && put_changes(c, json_get(before, "pending"), doc, err))
		return -1;
	if (!t->event_id)
		return 0;
	if (strcmp(t->from, "creating") == 0 && snapshot) {
		snprintf(text, sizeof(text), "Cluster %s was restored from cluster snapshot %s", id, snapshot);
		return put_text(c, doc, "REDSHIFT-EVENT-3003", text, err);
	}
	mark = strstr(t->message, "%s");
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(mark - t->message), t->message, id, mark + 2);
	return put_text(c, doc, t->event_id, text, err);
}

static int note_parameters(struct json *doc, const struct json *applied, struct err *err)
{
	struct json *copy = json_copy(applied);

	if (!copy || json_set(doc, "appliedParameters", copy) ||
	    json_set_str(doc, "appliedGroup", json_str(doc, "parameterGroup", "")))
		return err_nomem(err);
	return 0;
}

/* applied: what the server was started with, NULL: as before. */
static int fill_end(struct cluster *c, const struct transition *t, const struct json *applied, struct json *doc,
		    struct err *err)
{
	int64_t now = clock_now(c->all->world->clock);

	if (json_set_str(doc, "status", t->to) || json_set_int(doc, "statusMs", now) ||
	    json_set_str(doc, "endpointHost", endpoint_host(c->all)) ||
	    json_set_int(doc, "endpointPort", json_int(doc, "port", 5439)))
		return err_nomem(err);
	json_remove(doc, "failure");
	if (t->pending != PENDING_KEEP)
		json_remove(doc, "pending");
	if (applied && note_parameters(doc, applied, err))
		return -1;
	return note_resize(doc, t, now, err);
}

/* A renamed cluster's document has another id from here on. */
static int put_document(struct cluster *c, struct json *doc, struct err *err)
{
	struct world *w = c->all->world;
	/* What is before the name stays: serverless clusters have more than their region there. */
	char *id = mem_printf("%.*s/%s", (int)strcspn(c->doc_id, "/"), c->doc_id, json_str(doc, "id", ""));
	bool moves = id && strcmp(id, c->doc_id) != 0;

	if (!id) {
		json_free(doc);
		return err_nomem(err);
	}
	if (store_put(w->store, KIND, id, doc, err) || (moves && store_delete(w->store, KIND, c->doc_id, err)) ||
	    store_commit(w->store, err)) {
		mem_free(id);
		return -1;
	}
	if (moves) {
		char *old = c->doc_id;

		pthread_mutex_lock(&c->all->lock);
		c->doc_id = id;
		pthread_mutex_unlock(&c->all->lock);
		id = old;
	}
	mem_free(id);
	return 0;
}

static bool nothing_new(const struct cluster *c, const struct json *doc, const struct transition *t)
{
	return strcmp(t->from, t->to) == 0 && !json_get(doc, "failure") &&
	       strcmp(json_str(doc, "endpointHost", ""), endpoint_host(c->all)) == 0 &&
	       json_int(doc, "endpointPort", 0) == json_int(doc, "port", 0);
}

/* Only when the document still has the status that we came from: somebody may have asked for something else meanwhile.
 */
static int write_end(struct cluster *c, const struct transition *t, const struct json *applied, struct err *err)
{
	struct world *w = c->all->world;
	const struct json *old;
	struct json *doc = NULL;
	int rc = 0;

	store_lock(w->store);
	old = store_get(w->store, KIND, c->doc_id);
	if (!is_status(old, t->from) || (t->to && !applied && nothing_new(c, old, t)))
		goto out;
	rc = -1;
	if (!t->to) {
		if (!put_event(c, t, old, old, err) && !store_delete(w->store, KIND, c->doc_id, err))
			rc = store_commit(w->store, err);
		goto out;
	}
	doc = make_target(old, t, err);
	if (!doc || fill_end(c, t, applied, doc, err) || put_event(c, t, old, doc, err))
		goto out;
	rc = put_document(c, doc, err);
	doc = NULL;
out:
	if (rc)
		store_rollback(w->store);
	json_free(doc);
	store_unlock(w->store);
	return rc;
}

static int write_failure(struct cluster *c, const char *from, const char *status, const char *why, struct err *err)
{
	struct world *w = c->all->world;
	const struct json *old;
	struct json *doc = NULL;
	int rc = 0;

	store_lock(w->store);
	old = store_get(w->store, KIND, c->doc_id);
	if (!is_status(old, from))
		goto out;
	rc = -1;
	doc = json_copy(old);
	if (!doc || json_set_str(doc, "status", status) || json_set_str(doc, "failure", why) ||
	    json_set_int(doc, "statusMs", clock_now(w->clock))) {
		err_nomem(err);
		goto out;
	}
	/* What was asked for cannot be had: the next try is as it was before. */
	json_remove(doc, "pending");
	rc = store_put(w->store, KIND, c->doc_id, doc, err);
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

/* ---- following ---- */

void life_watch(struct cluster *c)
{
	struct err err = { 0 }, why = { 0 };

	if (!c->server || !pgserver_ended(c->server))
		return;
	log_warn("cluster '%s': its server has ended by itself: starting it again", c->doc_id);
	if (!server_restart(c, &why))
		return;
	log_error("cluster '%s': %s", c->doc_id, why.text);
	server_stop(c);
	if (write_failure(c, "available", "hardware-failure", why.text, &err))
		log_error("cluster '%s': %s", c->doc_id, err.text);
}

/* A state lasts its time from when it began, however often the daemon is killed meanwhile. */
static void take_time(struct cluster *c, const struct transition *t, const struct json *doc)
{
	const struct world *w = c->all->world;
	int64_t ms = (int64_t)t->aws_seconds * w->time_scale_percent * 10, now = clock_now(w->clock);
	int64_t since = json_int(doc, "statusMs", now);

	if (since <= now && now - since < ms && clock_sleep(w->clock, ms - (now - since), &c->abandon))
		log_debug("cluster '%s': not waited for '%s'", c->doc_id, t->from);
}

static void tell_failure(struct cluster *c, const struct transition *t, const struct err *why)
{
	const char *status = why->kind == ERR_CONFLICT ? "incompatible-network" : "hardware-failure";
	struct err err = { 0 };

	log_error("cluster '%s' (%s): %s", c->doc_id, t->from, why->text);
	/* What cannot be deleted stays so: the next start tries again. */
	if (t->to && write_failure(c, t->from, status, why->text, &err))
		log_error("cluster '%s': %s", c->doc_id, err.text);
}

/* What the server is to be started with from here on. *applied: the group's values when this start takes them, NULL:
 * those of its last start. */
static int take_parameters(struct cluster *c, const struct transition *t, const struct json *doc, struct json **applied,
			   struct err *err)
{
	const struct json *before = json_get(doc, "appliedParameters");
	struct json *now = NULL;

	*applied = NULL;
	if (!t->to)
		return 0;
	/* One that an older build made has none yet. */
	if ((t->boots || !before) && !(*applied = parameters_of_group(c->all->world, doc)))
		return err_nomem(err);
	now = json_copy(*applied ? *applied : before);
	if (!now) {
		json_free(*applied);
		*applied = NULL;
		return err_nomem(err);
	}
	json_free(c->parameters);
	c->parameters = now;
	return 0;
}

/* One transition. *more: it led to a state that does not last by itself. */
static void take_step(struct cluster *c, const struct transition *t, const struct json *doc, bool *gone, bool *more)
{
	struct err err = { 0 };
	struct json *target = make_target(doc, t, &err), *applied = NULL;

	log_debug("cluster '%s' is '%s': %s", c->doc_id, t->from, t->comment);
	if (!target || take_parameters(c, t, target, &applied, &err) || t->work(c, target, &err)) {
		if (t->to)
			server_stop(c);
		tell_failure(c, t, &err);
		goto out;
	}
	take_time(c, t, doc);
	if (c->abandon)
		goto out;
	if (write_end(c, t, applied, &err)) {
		log_error("cluster '%s': %s", c->doc_id, err.text);
		goto out;
	}
	*gone = !t->to;
	*more = t->to && strcmp(t->from, t->to) != 0;
	if (*gone || *more)
		log_info("cluster '%s': %s%s%s", c->doc_id, t->from, t->to ? " -> " : " done", t->to ? t->to : "");
out:
	json_free(applied);
	json_free(target);
}

void life_follow(struct cluster *c, bool *gone)
{
	bool more = true;

	while (more && !*gone && !c->abandon) {
		struct json *doc = life_document(c->all->world, c->doc_id);
		const struct transition *t = doc ? find_transition(doc) : NULL;
		struct err err = { 0 };

		more = false;
		if (t)
			take_step(c, t, doc, gone, &more);
		if (!doc)
			*gone = true;
		else if (t && !*gone && !more && is_status(doc, "available") && snapshots_take(c, false, &err))
			log_error("cluster '%s': %s", c->doc_id, err.text);
		json_free(doc);
	}
	if (*gone) {
		server_stop(c);
		/* One of the same name that comes after it has another folder. */
		mem_free(c->dir);
		c->dir = NULL;
	}
}
