/* The queue of statements and the threads that serve it. */
#include <errno.h>
#include <sys/socket.h>

#include "sandbox/statements/run.h"
#include "spark/base/file.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

#define THREADS_MAX    (sizeof(((struct statements *)0)->threads) / sizeof(pthread_t))
#define KEEP_MS        (24 * 3600 * INT64_C(1000))
#define PRUNE_EVERY_MS (10 * 60 * INT64_C(1000))

char *statement_path(const struct statements *s, const char *doc_id, size_t index, const char *suffix)
{
	const char *uuid = strchr(doc_id, '/');

	return mem_printf("%s/%s.%zu.%s", s->dir, uuid ? uuid + 1 : doc_id, index, suffix);
}

static void free_active(struct active *a)
{
	mem_free(a->doc_id);
	mem_free(a->cluster_doc);
	mem_free(a);
}

/* All below: under the lock. */

static struct active *find(struct statements *s, const char *doc_id)
{
	for (struct active *a = s->first; a; a = a->next)
		if (!strcmp(a->doc_id, doc_id))
			return a;
	return NULL;
}

static struct active *first_waiting(struct statements *s)
{
	for (struct active *a = s->first; a; a = a->next)
		if (!a->picked)
			return a;
	return NULL;
}

static void drop(struct statements *s, struct active *gone)
{
	for (struct active **at = &s->first; *at; at = &(*at)->next)
		if (*at == gone) {
			*at = gone->next;
			free_active(gone);
			return;
		}
}

static void cancel(struct active *a)
{
	a->cancelled = true;
	/* The gateway takes the client's end for what it is, and cancels what the server runs. */
	if (a->fd >= 0)
		shutdown(a->fd, SHUT_RDWR);
}

/* ---- the threads ---- */

static void serve(struct statements *s, struct active *a)
{
	struct err err = { 0 };
	bool cancelled = a->cancelled;

	a->picked = true;
	pthread_mutex_unlock(&s->lock);
	if (!cancelled)
		statement_run(s, a);
	else if (statement_end(s, a->doc_id, "ABORTED", NULL, &err))
		log_error("statement '%s': %s", a->doc_id, err.text);
	pthread_mutex_lock(&s->lock);
	drop(s, a);
}

static void *serve_queue(void *arg)
{
	struct statements *s = arg;
	struct active *a;

	pthread_setname_np(pthread_self(), "statement");
	pthread_mutex_lock(&s->lock);
	for (;;) {
		a = first_waiting(s);
		if (a) {
			serve(s, a);
			continue;
		}
		if (s->closing)
			break;
		s->idle++;
		pthread_cond_wait(&s->changed, &s->lock);
		s->idle--;
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static int wake_thread(struct statements *s, struct err *err)
{
	size_t waiting = 0;
	int rc;

	for (const struct active *a = s->first; a; a = a->next)
		waiting += !a->picked;
	if (waiting <= s->idle || s->thread_count == THREADS_MAX) {
		pthread_cond_signal(&s->changed);
		return 0;
	}
	rc = pthread_create(&s->threads[s->thread_count], NULL, serve_queue, s);
	if (!rc)
		s->thread_count++;
	/* Without a thread more, those that are there serve it later. */
	return rc && !s->thread_count ? err_set_errno(err, ERR_NOMEM, rc, "cannot start a thread for statements") : 0;
}

/* ---- what is old ---- */

struct walk {
	struct statements *s;
	char **ids;
	size_t count, cap;
	int64_t before_ms; /* 0: those that are unfinished */
	int rc;
};

static bool is_over(const char *status)
{
	return !strcmp(status, "FINISHED") || !strcmp(status, "FAILED") || !strcmp(status, "ABORTED");
}

static int note_id(void *arg, const char *id, const struct json *doc)
{
	struct walk *w = arg;
	bool over = is_over(json_str(doc, "status", ""));

	if (w->before_ms ? !over || json_int(doc, "createdMs", 0) >= w->before_ms : over)
		return 0;
	w->rc = mem_grow(&w->ids, &w->cap, w->count, sizeof(*w->ids));
	if (!w->rc && (w->ids[w->count] = mem_strdup(id)))
		w->count++;
	else
		w->rc = -1;
	return w->rc;
}

static int collect(struct statements *s, int64_t before_ms, struct walk *w, struct err *err)
{
	*w = (struct walk){ .s = s, .before_ms = before_ms };
	store_lock(s->world->store);
	store_each(s->world->store, STATEMENT_KIND, "", note_id, w);
	store_unlock(s->world->store);
	return w->rc ? err_nomem(err) : 0;
}

static void free_walk(struct walk *w)
{
	for (size_t i = 0; i < w->count; i++)
		mem_free(w->ids[i]);
	mem_free(w->ids);
}

static int forget(struct statements *s, const char *doc_id, struct err *err)
{
	static const char *const suffixes[] = { "rows", "columns" };
	struct store *store = s->world->store;
	size_t count;
	int rc;

	store_lock(store);
	count = json_count(json_get(store_get(store, STATEMENT_KIND, doc_id), "sqls"));
	rc = store_delete(store, STATEMENT_KIND, doc_id, err) || store_commit(store, err) ? -1 : 0;
	if (rc)
		store_rollback(store);
	store_unlock(store);
	for (size_t i = 0; !rc && i < 2 * count; i++) {
		char *path = statement_path(s, doc_id, i / 2, suffixes[i % 2]);

		rc = path ? file_remove_tree(path, err) : err_nomem(err);
		mem_free(path);
	}
	return rc;
}

static int prune(struct statements *s, struct err *err)
{
	int64_t now = clock_now(s->world->clock);
	struct walk w;
	bool due;
	int rc;

	pthread_mutex_lock(&s->lock);
	due = !s->pruned_ms || now - s->pruned_ms >= PRUNE_EVERY_MS;
	if (due)
		s->pruned_ms = now;
	pthread_mutex_unlock(&s->lock);
	if (!due)
		return 0;
	rc = collect(s, now - KEEP_MS, &w, err);
	for (size_t i = 0; !rc && i < w.count; i++)
		rc = forget(s, w.ids[i], err);
	free_walk(&w);
	return rc;
}

static int fail_unfinished(struct statements *s, struct err *err)
{
	struct walk w;
	int rc = collect(s, 0, &w, err);

	for (size_t i = 0; !rc && i < w.count; i++)
		rc = statement_end(s, w.ids[i], "FAILED", "the sandbox was stopped while the statement ran", err);
	free_walk(&w);
	return rc;
}

/* ---- from outside ---- */

int statements_open(struct world *w, struct statements **out, struct err *err)
{
	struct statements *s = mem_alloc(sizeof(*s));

	if (!s)
		return err_nomem(err);
	s->world = w;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	s->dir = file_join(w->dir, "statements");
	if (!s->dir)
		err_nomem(err);
	else if (!file_make_dirs(s->dir, 0700, err) && !fail_unfinished(s, err) && !prune(s, err)) {
		*out = s;
		return 0;
	}
	statements_close(s);
	return -1;
}

void statements_close(struct statements *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->closing = true;
	for (struct active *a = s->first; a; a = a->next)
		cancel(a);
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	for (size_t i = 0; i < s->thread_count; i++)
		pthread_join(s->threads[i], NULL);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	mem_free(s->dir);
	mem_free(s);
}

size_t statements_active(struct statements *s, const char *cluster_doc)
{
	size_t n = 0;

	pthread_mutex_lock(&s->lock);
	for (const struct active *a = s->first; a; a = a->next)
		n += !strcmp(a->cluster_doc, cluster_doc);
	pthread_mutex_unlock(&s->lock);
	return n;
}

static char *cluster_of(struct statements *s, const char *doc_id)
{
	struct store *store = s->world->store;
	char *cluster;

	store_lock(store);
	cluster = mem_strdup(json_str(store_get(store, STATEMENT_KIND, doc_id), "clusterDoc", ""));
	store_unlock(store);
	return cluster;
}

int statements_submit(struct statements *s, const char *doc_id, struct err *err)
{
	struct active *a = mem_alloc(sizeof(*a)), **at;
	int rc;

	if (!a)
		return err_nomem(err);
	a->fd = -1;
	a->doc_id = mem_strdup(doc_id);
	a->cluster_doc = cluster_of(s, doc_id);
	if (!a->doc_id || !a->cluster_doc) {
		free_active(a);
		return err_nomem(err);
	}
	pthread_mutex_lock(&s->lock);
	if (find(s, doc_id)) {
		pthread_mutex_unlock(&s->lock);
		free_active(a);
		return 0;
	}
	for (at = &s->first; *at;)
		at = &(*at)->next;
	*at = a;
	rc = wake_thread(s, err);
	if (rc)
		drop(s, a);
	pthread_mutex_unlock(&s->lock);
	return rc ? rc : prune(s, err);
}

bool statements_cancel(struct statements *s, const char *doc_id)
{
	struct active *a;
	bool found;

	pthread_mutex_lock(&s->lock);
	a = find(s, doc_id);
	found = a && !a->cancelled;
	if (a)
		cancel(a);
	pthread_mutex_unlock(&s->lock);
	return found;
}
