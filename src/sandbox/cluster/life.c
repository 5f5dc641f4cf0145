#include "sandbox/cluster/life.h"

#include <sys/stat.h>

#include "sandbox/wire/backend.h"
#include "spark/base/file.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

#define CONNECT_BOUND_MS 30000
#define RESTART_TRIES    50
#define RESTART_NAP_MS   200

/* ---- the document ---- */

struct json *life_document(struct world *w, const char *doc_id)
{
	const struct json *doc;
	struct json *copy;

	store_lock(w->store);
	doc = store_get(w->store, "redshift:cluster", doc_id);
	copy = doc ? json_copy(doc) : NULL;
	store_unlock(w->store);
	return copy;
}

static bool status_is(struct world *w, const char *doc_id, const char *status)
{
	const struct json *doc = store_get(w->store, "redshift:cluster", doc_id);

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

/* Only when the document still has the status that we came from: somebody may have asked for the end meanwhile. */
static int write_status(struct cluster *c, const char *from, const char *to, const char *failure, struct err *err)
{
	struct world *w = c->all->world;
	const struct json *old;
	struct json *doc = NULL;
	int rc = 0;

	store_lock(w->store);
	if (!status_is(w, c->doc_id, from))
		goto out;
	old = store_get(w->store, "redshift:cluster", c->doc_id);
	doc = json_copy(old);
	rc = -1;
	if (!doc || json_set_str(doc, "status", to)) {
		err_nomem(err);
		goto out;
	}
	json_remove(doc, "failure");
	if (failure ? json_set_str(doc, "failure", failure)
		    : json_set_str(doc, "endpointHost", endpoint_host(c->all)) ||
			      json_set_int(doc, "endpointPort", json_int(doc, "port", 5439))) {
		err_nomem(err);
		goto out;
	}
	rc = store_put(w->store, "redshift:cluster", c->doc_id, doc, err);
	doc = NULL;
	if (!rc)
		rc = store_commit(w->store, err);
	if (rc)
		store_rollback(w->store);
out:
	json_free(doc);
	store_unlock(w->store);
	return rc;
}

static int remove_document(struct cluster *c, struct err *err)
{
	struct world *w = c->all->world;
	int rc = 0;

	store_lock(w->store);
	if (status_is(w, c->doc_id, "deleting")) {
		rc = store_delete(w->store, "redshift:cluster", c->doc_id, err) || store_commit(w->store, err) ? -1 : 0;
		if (rc)
			store_rollback(w->store);
	}
	store_unlock(w->store);
	return rc;
}

/* ---- the server ---- */

static void quote(struct buf *out, const char *text, char mark)
{
	buf_putc(out, mark);
	for (; *text; text++) {
		if (*text == mark)
			buf_putc(out, mark);
		buf_putc(out, *text);
	}
	buf_putc(out, mark);
}

static bool is_md5_verifier(const char *text)
{
	return strncmp(text, "md5", 3) == 0 && strlen(text) == 35 && strspn(text + 3, "0123456789abcdef") == 32;
}

/* The master user is no superuser, as in Redshift; but he sees and may change what other users have, and ends their
 * sessions. Each part is a query of its own: CREATE DATABASE runs outside of transactions only. */
static int make_master(struct cluster *c, const struct json *doc, struct err *err)
{
	const char *master = json_str(doc, "masterUsername", ""), *database = json_str(doc, "dbName", "dev");
	const char *verifier = json_str(doc, "masterVerifier", "");
	struct buf user, db, sql;
	struct backend b;
	int rc = -1;

	buf_init(&user, 4096);
	buf_init(&db, 4096);
	buf_init(&sql, 65536);
	backend_init(&b);
	if (!*master || !*database || !is_md5_verifier(verifier)) {
		err_set(err, ERR_BUG, "the cluster's document lacks its user, database or password");
		goto out;
	}
	quote(&user, master, '"');
	quote(&db, database, '"');
	if (backend_open_super(&b, c->socket_dir, PGSERVER_SUPERUSER, PGSERVER_HOME_DB, NULL, CONNECT_BOUND_MS, err))
		goto out;
	buf_printf(&sql,
		   "CREATE ROLE %s LOGIN CREATEDB CREATEROLE PASSWORD '%s';"
		   "GRANT pg_read_all_data, pg_write_all_data, pg_monitor, pg_signal_backend TO %s;"
		   "ALTER DATABASE dev OWNER TO %s",
		   user.data, verifier, user.data, user.data);
	if (buf_check(&sql, "a statement", err) || backend_query(&b, sql.data, NULL, NULL, err))
		goto out;
	if (strcmp(database, "dev") != 0) {
		buf_reset(&sql);
		buf_printf(&sql, "CREATE DATABASE %s OWNER %s", db.data, user.data);
		if (buf_check(&sql, "a statement", err) || backend_query(&b, sql.data, NULL, NULL, err))
			goto out;
	}
	rc = 0;
out:
	backend_close(&b);
	buf_wipe(&sql);
	buf_clear(&user);
	buf_clear(&db);
	return rc;
}

static int make_folder(struct cluster *c, struct err *err)
{
	struct clusters *all = c->all;
	char *parent = file_join(all->world->dir, "clusters"), *name = mem_strdup(c->doc_id);
	mode_t mode = all->tools.uid == (uid_t)-1 ? 0700 : 0711;
	int rc = -1;

	if (!parent || !name) {
		err_nomem(err);
		goto out;
	}
	for (char *p = name; *p; p++)
		if (*p == '/')
			*p = '_';
	if (!c->dir)
		c->dir = file_join(parent, name);
	if (!c->dir) {
		err_nomem(err);
		goto out;
	}
	if (file_make_dirs(parent, mode, err) || pgtools_make_dir(&all->tools, c->dir, err))
		goto out;
	if (!c->socket_dir)
		c->socket_dir = pgsocket_dir(&all->tools, all->world->dir, name, err);
	rc = c->socket_dir ? 0 : -1;
out:
	mem_free(parent);
	mem_free(name);
	return rc;
}

static int start_server(struct cluster *c, struct err *err)
{
	struct pgserver_options o = { .tools = &c->all->tools, .dir = c->dir, .socket_dir = c->socket_dir };

	return c->server ? 0 : pgserver_start(&o, &c->server, err);
}

static int start_gateway(struct cluster *c, const struct json *doc, struct err *err)
{
	struct gateway_options o = { .world = c->all->world,
				     .doc_id = c->doc_id,
				     .host = c->all->bind_host,
				     .port = (int)json_int(doc, "port", 5439),
				     .socket_dir = c->socket_dir,
				     .superuser = PGSERVER_SUPERUSER };
	struct gateway *g = NULL;

	if (c->gateway)
		return 0;
	if (gateway_start(&o, &g, err))
		return -1;
	pthread_mutex_lock(&c->all->lock);
	c->gateway = g;
	pthread_mutex_unlock(&c->all->lock);
	return 0;
}

/* Sub-processes of a server that was killed hold its memory for a moment, in which a new one refuses to start. */
static int restart_server(struct cluster *c, struct err *err)
{
	for (int tries = 0;; tries++) {
		pgserver_stop(c->server);
		c->server = NULL;
		if (!start_server(c, err))
			return 0;
		if (tries == RESTART_TRIES || clock_sleep(c->all->world->clock, RESTART_NAP_MS, &c->abandon))
			return -1;
	}
}

void life_watch(struct cluster *c)
{
	struct err err = { 0 }, why = { 0 };

	if (!c->server || !pgserver_ended(c->server))
		return;
	log_warn("cluster '%s': its server has ended by itself: starting it again", c->doc_id);
	if (!restart_server(c, &why))
		return;
	log_error("cluster '%s': %s", c->doc_id, why.text);
	life_stop(c);
	if (write_status(c, "available", "hardware-failure", why.text, &err))
		log_error("cluster '%s': %s", c->doc_id, err.text);
}

void life_stop(struct cluster *c)
{
	struct gateway *g;

	pthread_mutex_lock(&c->all->lock);
	g = c->gateway;
	c->gateway = NULL;
	pthread_mutex_unlock(&c->all->lock);
	gateway_stop(g);
	pgserver_stop(c->server);
	c->server = NULL;
	pgsocket_remove(c->socket_dir);
	mem_free(c->socket_dir);
	c->socket_dir = NULL;
}

/* ---- what the transitions do ---- */

/* A folder is whole when this file is in it; a daemon's death in the middle of building leaves none. */
static char *built_mark(const struct cluster *c)
{
	return file_join(c->dir, "built");
}

static int life_build(struct cluster *c, const struct json *doc, struct err *err)
{
	char *mark = NULL;
	int rc = -1;

	if (make_folder(c, err))
		return -1;
	mark = built_mark(c);
	if (!mark)
		return err_nomem(err);
	if (file_remove_tree(mark, err) || pgtemplate_copy(&c->all->tools, c->all->template_dir, c->dir, err) ||
	    start_server(c, err) || make_master(c, doc, err) || file_write_atomic(mark, "", 0, 0600, err) ||
	    start_gateway(c, doc, err))
		goto out;
	rc = 0;
out:
	mem_free(mark);
	return rc;
}

static int life_serve(struct cluster *c, const struct json *doc, struct err *err)
{
	char *mark = NULL;
	bool built;

	if (make_folder(c, err))
		return -1;
	mark = built_mark(c);
	if (!mark)
		return err_nomem(err);
	built = file_exists(mark);
	mem_free(mark);
	if (!built)
		return life_build(c, doc, err);
	return start_server(c, err) || start_gateway(c, doc, err) ? -1 : 0;
}

static int life_remove(struct cluster *c, const struct json *doc, struct err *err)
{
	(void)doc;
	/* Also when this daemon has never started it: a stale server must not lose its folder under way. */
	if (make_folder(c, err))
		return -1;
	life_stop(c);
	return pgserver_stop_stale(c->dir, err) || file_remove_tree(c->dir, err) ? -1 : 0;
}

/* The life of a cluster. `aws_seconds` is what AWS usually takes, of which --time-scale asks a part. */
static const struct transition {
	const char *from, *to;
	int (*work)(struct cluster *c, const struct json *doc, struct err *err);
	int aws_seconds;
	const char *comment;
} transitions[] = {
	{ "creating", "available", life_build, 180,
	  "a copy of the template, its server, the master user, the gateway" },
	{ "available", "available", life_serve, 0, "the daemon was started: server and gateway come back" },
	{ "hardware-failure", "available", life_serve, 0, "the server did not start; every start tries again" },
	{ "incompatible-network", "available", life_serve, 0, "the port was taken; every start tries again" },
	{ "deleting", NULL, life_remove, 90, "sessions ended, server stopped, folder and document removed" },
};

static const struct transition *find_transition(const char *status)
{
	for (size_t i = 0; i < sizeof(transitions) / sizeof(transitions[0]); i++)
		if (strcmp(transitions[i].from, status) == 0)
			return &transitions[i];
	return NULL;
}

static void take_time(struct cluster *c, const struct transition *t)
{
	const struct world *w = c->all->world;
	int64_t ms = (int64_t)t->aws_seconds * w->time_scale_percent * 10;

	if (ms > 0 && clock_sleep(w->clock, ms, &c->abandon))
		log_debug("cluster '%s': not waited for '%s'", c->doc_id, t->from);
}

static void tell_failure(struct cluster *c, const struct transition *t, const struct err *why)
{
	const char *status = why->kind == ERR_CONFLICT ? "incompatible-network" : "hardware-failure";
	struct err err = { 0 };

	log_error("cluster '%s' (%s): %s", c->doc_id, t->from, why->text);
	/* What cannot be deleted stays so: the next start tries again. */
	if (t->to && write_status(c, t->from, status, why->text, &err))
		log_error("cluster '%s': %s", c->doc_id, err.text);
}

void life_follow(struct cluster *c, bool *gone)
{
	struct json *doc = life_document(c->all->world, c->doc_id);
	const struct transition *t;
	struct err err = { 0 };

	if (!doc) {
		life_stop(c);
		*gone = true;
		return;
	}
	t = find_transition(json_str(doc, "status", ""));
	if (!t)
		goto out;
	log_debug("cluster '%s' is '%s': %s", c->doc_id, t->from, t->comment);
	if (t->work(c, doc, &err)) {
		if (t->to)
			life_stop(c);
		tell_failure(c, t, &err);
		goto out;
	}
	take_time(c, t);
	if (c->abandon)
		goto out;
	if (t->to ? write_status(c, t->from, t->to, NULL, &err) : remove_document(c, &err)) {
		log_error("cluster '%s': %s", c->doc_id, err.text);
		goto out;
	}
	*gone = !t->to;
	log_info("cluster '%s': %s%s%s", c->doc_id, t->from, t->to ? " -> " : " done", t->to ? t->to : "");
out:
	json_free(doc);
}
