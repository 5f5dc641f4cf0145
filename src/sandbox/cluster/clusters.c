#include "spark/sandbox/clusters.h"

#include <errno.h>

#include "sandbox/cluster/server.h"
#include "sandbox/cluster/snapshots.h"
#include "sandbox/wire/backend.h"
#include "sandbox/wire/listen.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

#define WATCH_MS         250
#define CONNECT_BOUND_MS 10000

static void free_cluster(struct cluster *c)
{
	mem_free(c->doc_id);
	mem_free(c->dir);
	mem_free(c->socket_dir);
	json_free(c->parameters);
	mem_free(c);
}

/* Waits until there is something to do; every now and then looks whether the server is still there. */
static void wait_poked(struct cluster *c)
{
	struct clusters *all = c->all;
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += WATCH_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	if (pthread_cond_timedwait(&all->changed, &all->lock, &until) != ETIMEDOUT || c->poked || all->closing)
		return;
	c->abandon = 0;
	pthread_mutex_unlock(&all->lock);
	life_watch(c);
	pthread_mutex_lock(&all->lock);
}

static void *follow_document(void *arg)
{
	struct cluster *c = arg;
	struct clusters *all = c->all;
	bool gone = false;

	pthread_setname_np(pthread_self(), "cluster");
	pthread_mutex_lock(&all->lock);
	while (!gone && !all->closing) {
		if (!c->poked) {
			wait_poked(c);
			continue;
		}
		c->poked = false;
		c->abandon = 0;
		pthread_mutex_unlock(&all->lock);
		life_follow(c, &gone);
		pthread_mutex_lock(&all->lock);
		/* One of the same name may have been asked for as soon as the document was gone. */
		if (c->poked)
			gone = false;
		c->settled = true;
		pthread_cond_broadcast(&all->changed);
	}
	if (!gone) {
		pthread_mutex_unlock(&all->lock);
		server_stop(c);
		pthread_mutex_lock(&all->lock);
	}
	c->gone = true;
	pthread_cond_broadcast(&all->changed);
	pthread_mutex_unlock(&all->lock);
	return NULL;
}

/* Joins the threads of deleted clusters. Under the lock, which a gone thread does not want any more. */
static void reap_gone(struct clusters *all)
{
	for (struct cluster **at = &all->first; *at;) {
		struct cluster *c = *at;

		if (!c->gone) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		pthread_join(c->thread, NULL);
		free_cluster(c);
	}
}

/* The cluster of a document whose thread still goes on. */
static struct cluster *find(struct clusters *all, const char *doc_id)
{
	reap_gone(all);
	for (struct cluster *c = all->first; c; c = c->next)
		if (strcmp(c->doc_id, doc_id) == 0)
			return c;
	return NULL;
}

/* Under the lock: the cluster of that document looks at it, on a thread that is made when there is none yet. */
static int poke(struct clusters *all, const char *doc_id, struct err *err)
{
	struct cluster *c = find(all, doc_id);
	int rc;

	if (c) {
		c->abandon = 1;
		c->poked = true;
		pthread_cond_broadcast(&all->changed);
		return 0;
	}
	c = mem_alloc(sizeof(*c));
	if (!c)
		return err_nomem(err);
	c->all = all;
	c->poked = true;
	c->doc_id = mem_strdup(doc_id);
	if (!c->doc_id) {
		free_cluster(c);
		return err_nomem(err);
	}
	rc = pthread_create(&c->thread, NULL, follow_document, c);
	if (rc) {
		free_cluster(c);
		return err_set_errno(err, ERR_NOMEM, rc, "cannot start a thread for cluster '%s'", doc_id);
	}
	c->next = all->first;
	all->first = c;
	return 0;
}

static int poke_locked(struct clusters *all, const char *doc_id, struct err *err)
{
	int rc;

	pthread_mutex_lock(&all->lock);
	rc = poke(all, doc_id, err);
	pthread_mutex_unlock(&all->lock);
	return rc;
}

int clusters_create(struct clusters *all, const char *doc_id, struct err *err)
{
	return poke_locked(all, doc_id, err);
}

int clusters_delete(struct clusters *all, const char *doc_id, struct err *err)
{
	return poke_locked(all, doc_id, err);
}

/* ---- ports ---- */

struct port_search {
	int port;
	char id[160];
};

static int match_port(void *arg, const char *id, const struct json *doc)
{
	struct port_search *s = arg;

	if (json_int(doc, "port", 0) != s->port)
		return 0;
	snprintf(s->id, sizeof(s->id), "%s", id);
	return 1;
}

int clusters_check_port(struct clusters *all, int port, struct err *err)
{
	struct port_search search = { .port = port };
	struct listeners l;

	store_lock(all->world->store);
	store_each(all->world->store, "redshift:cluster", "", match_port, &search);
	store_unlock(all->world->store);
	if (search.id[0])
		return err_set(err, ERR_CONFLICT, "port %d is taken by cluster '%s'", port, search.id);
	if (listeners_open(&l, all->bind_host, port, NULL, err))
		return -1;
	listeners_close(&l);
	return 0;
}

int clusters_add_login(struct clusters *all, const char *doc_id, const char *db_user, const char *maps_to,
		       const struct secret *password, int64_t expires_ms, struct err *err)
{
	struct cluster *c;
	int rc;

	pthread_mutex_lock(&all->lock);
	c = find(all, doc_id);
	rc = c && c->gateway ? gateway_add_login(c->gateway, db_user, maps_to, password, expires_ms, err)
			     : err_set(err, ERR_CONFLICT, "cluster '%s' is not available", doc_id);
	pthread_mutex_unlock(&all->lock);
	return rc;
}

int clusters_open_inside(struct clusters *all, const char *doc_id, int *fd, struct err *err)
{
	struct cluster *c;
	int rc;

	pthread_mutex_lock(&all->lock);
	c = find(all, doc_id);
	rc = c && c->gateway ? gateway_open_inside(c->gateway, fd, err)
			     : err_set(err, ERR_CONFLICT, "cluster '%s' is not available", doc_id);
	pthread_mutex_unlock(&all->lock);
	return rc;
}

/* The folder of its server's socket, which lives while the port is open. */
static int copy_socket_dir(struct clusters *all, const char *doc_id, char **out, struct err *err)
{
	struct cluster *c;
	int rc = -1;

	pthread_mutex_lock(&all->lock);
	c = find(all, doc_id);
	if (!c || !c->gateway) {
		err_set(err, ERR_CONFLICT, "cluster '%s' is not available", doc_id);
	} else {
		*out = mem_strdup(c->socket_dir);
		rc = *out ? 0 : err_nomem(err);
	}
	pthread_mutex_unlock(&all->lock);
	return rc;
}

/* In statements of ours a backslash is a character like any other. */
#define PLAIN_STRINGS "-c standard_conforming_strings=on"

static int make_role(struct backend *b, const char *user, struct err *err)
{
	struct buf sql;
	int rc;

	buf_init(&sql, 65536);
	buf_puts(&sql, "DO $body$BEGIN CREATE ROLE ");
	server_quote(&sql, user, '"');
	buf_puts(&sql, " LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END$body$");
	rc = buf_check(&sql, "a statement", err) || backend_query(b, sql.data, NULL, NULL, err) ? -1 : 0;
	buf_clear(&sql);
	return rc;
}

static int join_group(struct backend *b, const char *user, const char *group, struct err *err)
{
	struct buf sql;
	int rc;

	buf_init(&sql, 65536);
	buf_puts(&sql, "GRANT ");
	server_quote(&sql, group, '"');
	buf_puts(&sql, " TO ");
	server_quote(&sql, user, '"');
	rc = buf_check(&sql, "a statement", err) || backend_query(b, sql.data, NULL, NULL, err) ? -1 : 0;
	buf_clear(&sql);
	return rc;
}

/* As superuser; closed with backend_close(), also after a failure. */
static int open_home(struct clusters *all, const char *doc_id, struct backend *b, struct err *err)
{
	char *socket_dir = NULL;
	int rc;

	backend_init(b);
	if (copy_socket_dir(all, doc_id, &socket_dir, err))
		return -1;
	rc = backend_open_super(b, socket_dir, PGSERVER_SUPERUSER, PGSERVER_HOME_DB, PLAIN_STRINGS, CONNECT_BOUND_MS,
				err);
	mem_free(socket_dir);
	return rc;
}

int clusters_add_user(struct clusters *all, const char *doc_id, const char *user, bool create,
		      const char *const *groups, size_t group_count, struct err *err)
{
	struct backend b;
	int rc = open_home(all, doc_id, &b, err);

	if (!rc && create)
		rc = make_role(&b, user, err);
	for (size_t i = 0; !rc && i < group_count; i++)
		rc = join_group(&b, user, groups[i], err);
	backend_close(&b);
	return rc;
}

int clusters_ask(struct clusters *all, const char *doc_id, const char *sql,
		 int (*row)(void *arg, int count, const char *const *values), void *arg, struct err *err)
{
	struct backend b;
	int rc = open_home(all, doc_id, &b, err);

	if (!rc)
		rc = backend_query(&b, sql, row, arg, err);
	backend_close(&b);
	return rc;
}

void clusters_sweep_snapshots(struct clusters *all)
{
	snapshots_sweep(all);
}

bool clusters_allow_retired(const struct clusters *all)
{
	return all && all->allow_retired;
}

int clusters_follow(struct clusters *all, const char *doc_id, struct err *err)
{
	return poke_locked(all, doc_id, err);
}

/* ---- opening and closing ---- */

struct bringing_back {
	struct clusters *all;
	struct err *err;
	int rc;
};

static int bring_back(void *arg, const char *id, const struct json *doc)
{
	struct bringing_back *b = arg;
	const char *status = json_str(doc, "status", "");

	b->rc = poke(b->all, id, b->err);
	if (!b->rc)
		b->all->first->awaited = strcmp(status, "creating") != 0 && strcmp(status, "deleting") != 0;
	return b->rc;
}

static bool all_settled(const struct clusters *all)
{
	for (const struct cluster *c = all->first; c; c = c->next)
		if (c->awaited && !c->settled)
			return false;
	return true;
}

/* Starts them side by side. Those that were there before are waited for, so that who talks to us finds them. */
static int bring_all_back(struct clusters *all, struct err *err)
{
	struct bringing_back b = { .all = all, .err = err };

	store_lock(all->world->store);
	pthread_mutex_lock(&all->lock);
	store_each(all->world->store, "redshift:cluster", "", bring_back, &b);
	pthread_mutex_unlock(&all->lock);
	store_unlock(all->world->store);
	if (b.rc)
		return -1;
	pthread_mutex_lock(&all->lock);
	while (!all_settled(all))
		pthread_cond_wait(&all->changed, &all->lock);
	pthread_mutex_unlock(&all->lock);
	return 0;
}

int clusters_open(struct world *w, const struct clusters_options *o, struct clusters **out, struct err *err)
{
	struct clusters *all = mem_alloc(sizeof(*all));

	if (!all)
		return err_nomem(err);
	all->world = w;
	all->allow_retired = o->allow_retired_node_types;
	all->tls = o->tls;
	all->max_sessions = o->max_sessions > 0 ? o->max_sessions : GATEWAY_MAX_SESSIONS;
	pthread_mutex_init(&all->lock, NULL);
	pthread_cond_init(&all->changed, NULL);
	all->bind_host = mem_strdup(o->bind_host);
	if (!all->bind_host) {
		err_nomem(err);
		goto failed;
	}
	if (pgtools_find(o->pg_bindir, &all->tools, err))
		goto failed;
	log_info("PostgreSQL %s from '%s'", all->tools.version, all->tools.bindir);
	all->template_dir = pgtemplate_prepare(&all->tools, w->dir, err);
	if (!all->template_dir)
		goto failed;
	/* A cluster's thread may look at the world before we return. */
	w->clusters = all;
	snapshots_sweep(all);
	if (bring_all_back(all, err))
		goto failed;
	*out = all;
	return 0;
failed:
	w->clusters = NULL;
	clusters_close(all);
	return -1;
}

void clusters_close(struct clusters *all)
{
	if (!all)
		return;
	pthread_mutex_lock(&all->lock);
	all->closing = true;
	for (struct cluster *c = all->first; c; c = c->next)
		c->abandon = 1;
	pthread_cond_broadcast(&all->changed);
	while (all->first) {
		reap_gone(all);
		if (all->first)
			pthread_cond_wait(&all->changed, &all->lock);
	}
	pthread_mutex_unlock(&all->lock);
	pthread_cond_destroy(&all->changed);
	pthread_mutex_destroy(&all->lock);
	pgtools_clear(&all->tools);
	mem_free(all->template_dir);
	mem_free(all->bind_host);
	mem_free(all);
}
