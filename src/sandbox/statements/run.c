/* One statement from a thread's taking it to its end, told in its document. */
#include "sandbox/statements/run.h"

#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "spark/base/log.h"
#include "spark/base/mem.h"
#include "spark/sandbox/clusters.h"

#define CONNECT_BOUND_MS  30000
#define QUESTION_BOUND_MS 60000
#define LONGEST_MS        (24 * 3600 * 1000) /* AWS's own bound */

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct json *copy_document(struct statements *s, const char *doc_id)
{
	struct store *store = s->world->store;
	const struct json *doc;
	struct json *copy;

	store_lock(store);
	doc = store_get(store, STATEMENT_KIND, doc_id);
	copy = doc ? json_copy(doc) : NULL;
	store_unlock(store);
	return copy;
}

/* doc is kept. */
static int write_document(struct statements *s, const char *doc_id, struct json *doc, struct err *err)
{
	struct store *store = s->world->store;
	struct json *copy;
	int rc = -1;

	if (json_set_int(doc, "updatedMs", clock_now(s->world->clock)) || !(copy = json_copy(doc)))
		return err_nomem(err);
	store_lock(store);
	if (!store_get(store, STATEMENT_KIND, doc_id)) {
		json_free(copy);
		err_set(err, ERR_CONFLICT, "the statement is gone");
	} else {
		rc = store_put(store, STATEMENT_KIND, doc_id, copy, err) || store_commit(store, err) ? -1 : 0;
	}
	if (rc)
		store_rollback(store);
	store_unlock(store);
	return rc;
}

static int set_status(struct statements *s, const char *doc_id, struct json *doc, const char *status, struct err *err)
{
	if (json_set_str(doc, "status", status))
		return err_nomem(err);
	return write_document(s, doc_id, doc, err);
}

int statement_end(struct statements *s, const char *doc_id, const char *status, const char *error, struct err *err)
{
	struct json *doc = copy_document(s, doc_id);
	int rc = 0;

	if (!doc)
		return 0;
	if (error && json_set_str(doc, "error", error))
		rc = err_nomem(err);
	else
		rc = set_status(s, doc_id, doc, status, err);
	json_free(doc);
	return rc;
}

/* ---- its session ---- */

static int open_session(struct world *w, const struct statements_login *login, struct backend *b, struct err *err)
{
	struct backend_setting settings[] = {
		{ "user", login->role },
		{ "database", login->database },
		{ "application_name", "redshift-data" },
	};
	int fd;

	if (login->make_role && clusters_add_user(w->clusters, login->cluster_doc, login->role, true, NULL, 0, err))
		return -1;
	if (clusters_open_inside(w->clusters, login->cluster_doc, &fd, err))
		return -1;
	return backend_open_fd(b, fd, settings, sizeof(settings) / sizeof(*settings), CONNECT_BOUND_MS, err);
}

int statements_ask(struct world *w, const struct statements_login *login, const char *sql,
		   int (*row)(void *arg, int count, const char *const *values), void *arg, struct err *err)
{
	struct backend b;
	int rc;

	backend_init(&b);
	rc = open_session(w, login, &b, err);
	if (!rc) {
		b.deadline_ms = clock_mono(&clock_system) + QUESTION_BOUND_MS;
		rc = backend_query(&b, sql, row, arg, err);
	}
	backend_close(&b);
	return rc;
}

/* ---- what it does ---- */

struct running {
	struct statements *s;
	struct active *a;
	struct json *doc;
	struct backend session;
	int64_t begun_ns;
	char error[1600]; /* of the whole; "" when it goes well */
};

static bool is_cancelled(const struct running *r)
{
	bool cancelled;

	pthread_mutex_lock(&r->s->lock);
	cancelled = r->a->cancelled;
	pthread_mutex_unlock(&r->s->lock);
	return cancelled;
}

/* From now on a cancel can end the session. */
static void publish(struct running *r, int fd)
{
	pthread_mutex_lock(&r->s->lock);
	r->a->fd = fd;
	if (fd >= 0 && r->a->cancelled)
		shutdown(fd, SHUT_RDWR);
	pthread_mutex_unlock(&r->s->lock);
}

static struct json *sub_of(struct running *r, size_t index)
{
	return (struct json *)(uintptr_t)json_at(json_get(r->doc, "subs"), index);
}

static int begin_sub(struct running *r, size_t index, struct err *err)
{
	struct json *sub = sub_of(r, index);

	if (json_set_str(sub, "status", "STARTED") || json_set_int(sub, "updatedMs", clock_now(r->s->world->clock)))
		return err_nomem(err);
	return write_document(r->s, r->a->doc_id, r->doc, err);
}

static int end_sub(struct running *r, size_t index, const struct outcome *o, int64_t ns, struct err *err)
{
	struct json *sub = sub_of(r, index);

	if (json_set_str(sub, "status", o->error[0] ? "FAILED" : "FINISHED") ||
	    json_set_int(sub, "updatedMs", clock_now(r->s->world->clock)) || json_set_int(sub, "durationNs", ns) ||
	    json_set_int(sub, "rows", o->rows) || json_set_int(sub, "size", o->size) ||
	    json_set_bool(sub, "hasResultSet", o->has_result) || (o->error[0] && json_set_str(sub, "error", o->error)))
		return err_nomem(err);
	return write_document(r->s, r->a->doc_id, r->doc, err);
}

/* One of the statements. 0: it went well; 1: it was refused, r->error says why; -1: err. */
static int run_sub(struct running *r, size_t index, const char *sql, bool batch, struct err *err)
{
	char *rows = statement_path(r->s, r->a->doc_id, index, "rows");
	char *columns = statement_path(r->s, r->a->doc_id, index, "columns");
	struct outcome o = { .error = "" };
	int64_t begun = now_ns();
	int rc = -1;

	if (!rows || !columns) {
		err_nomem(err);
		goto out;
	}
	if (begin_sub(r, index, err) ||
	    statement_execute(&r->session, sql, json_get(r->doc, "parameters"), rows, columns, &o, err) ||
	    end_sub(r, index, &o, now_ns() - begun, err))
		goto out;
	rc = o.error[0] ? 1 : 0;
	if (rc && batch)
		snprintf(r->error, sizeof(r->error), "Query #%zu failed with %s", index + 1, o.error);
	else if (rc)
		snprintf(r->error, sizeof(r->error), "%s", o.error);
out:
	mem_free(rows);
	mem_free(columns);
	return rc;
}

static int in_block(struct running *r, bool batch, const char *sql, struct err *err)
{
	return batch ? backend_query(&r->session, sql, NULL, NULL, err) : 0;
}

static int run_all(struct running *r, struct err *err)
{
	bool batch = json_bool(r->doc, "batch", false);
	size_t index = 0;
	int rc = 0;

	if (in_block(r, batch, "BEGIN", err))
		return -1;
	for (const struct json *sql = json_first(json_get(r->doc, "sqls")); sql && !rc; sql = json_next(sql), index++)
		rc = run_sub(r, index, json_text(sql), batch, err);
	if (rc < 0)
		return -1;
	return in_block(r, batch, rc ? "ROLLBACK" : "COMMIT", err) ? -1 : rc;
}

static int run(struct running *r, struct err *err)
{
	const struct statements_login login = { .cluster_doc = json_str(r->doc, "clusterDoc", ""),
						.role = json_str(r->doc, "role", ""),
						.database = json_str(r->doc, "database", ""),
						.make_role = json_bool(r->doc, "makeRole", false) };

	if (set_status(r->s, r->a->doc_id, r->doc, "PICKED", err) ||
	    open_session(r->s->world, &login, &r->session, err))
		return -1;
	publish(r, r->session.fd);
	r->session.deadline_ms = clock_mono(&clock_system) + LONGEST_MS;
	if (json_set_int(r->doc, "pid", r->session.pid))
		return err_nomem(err);
	if (set_status(r->s, r->a->doc_id, r->doc, "STARTED", err))
		return -1;
	return run_all(r, err);
}

/* What never began, or was under way when the end came. */
static int abort_subs(struct running *r, struct err *err)
{
	for (size_t i = 0; i < json_count(json_get(r->doc, "subs")); i++) {
		struct json *sub = sub_of(r, i);
		const char *status = json_str(sub, "status", "");

		if ((!strcmp(status, "SUBMITTED") || !strcmp(status, "STARTED")) &&
		    json_set_str(sub, "status", "ABORTED"))
			return err_nomem(err);
	}
	return 0;
}

static const char *end_of(struct running *r, int rc, const struct err *why)
{
	if (rc == 0)
		return "FINISHED";
	if (is_cancelled(r))
		return "ABORTED";
	if (rc < 0)
		snprintf(r->error, sizeof(r->error), "%s%s", why->kind == ERR_DATABASE ? "FATAL: " : "", why->text);
	return "FAILED";
}

void statement_run(struct statements *s, struct active *a)
{
	struct running r = { .s = s, .a = a, .doc = copy_document(s, a->doc_id), .begun_ns = now_ns() };
	struct err err = { 0 }, why = { 0 };
	const char *status;
	int rc;

	if (!r.doc)
		return;
	/* A call that was repeated may have queued it once more. */
	if (strcmp(json_str(r.doc, "status", ""), "SUBMITTED") != 0) {
		json_free(r.doc);
		return;
	}
	backend_init(&r.session);
	rc = run(&r, &why);
	publish(&r, -1);
	backend_close(&r.session);
	status = end_of(&r, rc, &why);
	if (json_set_int(r.doc, "durationNs", now_ns() - r.begun_ns) ||
	    (strcmp(status, "FAILED") == 0 && json_set_str(r.doc, "error", r.error)) || abort_subs(&r, &err) ||
	    set_status(s, a->doc_id, r.doc, status, &err))
		log_error("statement '%s' is %s, which cannot be told: %s", a->doc_id, status, err.text);
	json_free(r.doc);
}
