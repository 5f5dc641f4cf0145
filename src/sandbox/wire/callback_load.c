#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/wire/composite.h"
#include "sandbox/wire/session.h"
#include "spark/base/file.h"
#include "spark/base/json.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

/* COPY and UNLOAD of a procedure. The server's connection is in the middle of its statement, so rows come and go by the
 * questions of callback.h: those of a COPY in files, the next of which is filled while the server reads one. */

#define FILE_BYTES ((size_t)4 * 1024 * 1024)
#define SQL_MAX    ((size_t)64 * 1024 * 1024)

static const char head[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0"; /* and the zero byte that ends it here */
static const char tail[] = { '\377', '\377' };

/* Rows on their way into COPY_STAGE. */
struct staging {
	struct json *command; /* but for the file's name */
	char *files[2];       /* the one that is filled, and the one that the server reads; their names change places */
	int fd;
	size_t bytes;
	bool reading;
};

/* ---- COPY ---- */

static char *path_of(const struct session *s, const char *name)
{
	return file_join(gateway_settings(s->gateway)->answers_dir, name);
}

/* What comes of the last file. */
static int settle(struct session *s, struct err *err)
{
	struct staging *t = s->callback.staging;

	if (!t->reading)
		return 0;
	t->reading = false;
	return callback_hear(s, err);
}

static int open_file(struct session *s, struct err *err)
{
	struct staging *t = s->callback.staging;
	char *path = path_of(s, t->files[0]);
	int rc = 0;

	if (!path)
		return err_nomem(err);
	t->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	t->bytes = 0;
	if (t->fd < 0)
		rc = err_set_errno(err, ERR_IO, errno, "cannot make '%s'", path);
	mem_free(path);
	return rc;
}

static int close_file(struct staging *t, struct err *err)
{
	int fd = t->fd;

	t->fd = -1;
	return close(fd) ? err_set_errno(err, ERR_IO, errno, "cannot write rows for the server") : 0;
}

/* The server gets the file that is full, when it has read the one before. */
static int hand_over(struct session *s, struct err *err)
{
	struct staging *t = s->callback.staging;
	char *full = t->files[0];
	struct buf command;
	int rc = -1;

	if (close_file(t, err) || settle(s, err))
		return -1;
	buf_init(&command, SQL_MAX);
	if (json_set_str(t->command, "file", full))
		err_nomem(err);
	else if (!json_print(t->command, false, &command, err))
		rc = callback_say(s, CALLBACK_STAGE, command.data, command.len, err);
	buf_clear(&command);
	if (!rc && json_set_bool(t->command, "first", false))
		rc = err_nomem(err);
	t->reading = !rc;
	t->files[0] = t->files[1];
	t->files[1] = full;
	return rc;
}

static void staging_end(struct session *s)
{
	struct staging *t = s->callback.staging;

	s->callback.staging = NULL;
	if (!t)
		return;
	if (t->fd >= 0)
		close(t->fd);
	for (size_t i = 0; i < 2; i++) {
		char *path = t->files[i] ? path_of(s, t->files[i]) : NULL;

		/* A server that has been cancelled may not have come so far as to read it. */
		if (path && unlink(path))
			errno = 0;
		mem_free(path);
		mem_free(t->files[i]);
	}
	json_free(t->command);
	mem_free(t);
}

static int procedure_stage_begin(void *arg, const char *columns, const char *insert_sql, struct err *err)
{
	struct session *s = arg;
	struct staging *t = mem_alloc(sizeof(*t));

	if (!t)
		return err_nomem(err);
	s->callback.staging = t;
	t->fd = -1;
	t->command = json_new_object();
	t->files[0] = mem_printf("rows.%u.0", s->server.pid);
	t->files[1] = mem_printf("rows.%u.1", s->server.pid);
	if (t->command && t->files[0] && t->files[1] && !json_set_str(t->command, "columns", columns) &&
	    !json_set_str(t->command, "insert", insert_sql) && !json_set_bool(t->command, "first", true))
		return open_file(s, err);
	return err_nomem(err);
}

/* Whole rows each time: a file may end behind any of them. */
static int procedure_copy_data(void *arg, const void *bytes, size_t len, struct err *err)
{
	struct session *s = arg;
	struct staging *t = s->callback.staging;

	if (t->bytes >= FILE_BYTES) {
		if (file_write_all(t->fd, tail, sizeof(tail), err) || hand_over(s, err) || open_file(s, err) ||
		    file_write_all(t->fd, head, sizeof(head), err))
			return -1;
	}
	t->bytes += len;
	return file_write_all(t->fd, bytes, len, err);
}

static int procedure_copy_end(void *arg, bool abort, struct err *err)
{
	struct session *s = arg;

	return abort || hand_over(s, err) ? -1 : settle(s, err);
}

/* ---- questions ---- */

static int procedure_query(void *arg, const char *sql, int (*row)(void *row_arg, int count, const char *const *values),
			   void *row_arg, struct err *err)
{
	struct session *s = arg;
	const struct buf *text = &s->callback.text;
	struct composite r = { 0 };
	const char *at;
	int rc;

	if (callback_ask(s, CALLBACK_QUERY, sql, strlen(sql), err))
		return -1;
	at = text->data;
	while ((rc = composite_read(&r, &at, text->data + text->len)) == 1 && row) {
		if (row(row_arg, (int)r.count, r.values))
			break;
	}
	composite_clear(&r);
	return rc < 0 ? err_set(err, ERR_BUG, "the server answers in another form") : rc > 0 ? -1 : 0;
}

/* ---- UNLOAD ---- */

struct described {
	int (*column)(void *arg, const char *name, uint32_t type, int32_t modifier);
	void *arg;
	char **names;
	size_t count, cap, told;
	bool no_memory;
};

static int take_name(void *arg, int count, const char *const *values)
{
	struct described *d = arg;

	d->no_memory = mem_grow(&d->names, &d->cap, d->count, sizeof(*d->names)) < 0;
	if (d->no_memory || count != 1 || !values[0])
		return -1;
	d->names[d->count] = mem_strdup(values[0]);
	d->no_memory = !d->names[d->count];
	d->count += !d->no_memory;
	return d->no_memory ? -1 : 0;
}

static int take_type(void *arg, int count, const char *const *values)
{
	struct described *d = arg;

	if (count != 1 || !values[0] || d->told >= d->count)
		return -1;
	d->no_memory = d->column(d->arg, d->names[d->told], (uint32_t)strtoul(values[0], NULL, 10), -1) != 0;
	d->told++;
	return d->no_memory ? -1 : 0;
}

/* A row of NULLs with the query's columns, for which nothing of it is run. */
#define NO_ROWS_FROM " RIGHT JOIN (SELECT 1) AS sparkctl_one ON false"

/* Names in the order of the columns, also when one is there twice. */
static void put_names_question(struct buf *sql, const char *query)
{
	buf_printf(sql,
		   "SELECT sparkctl_k FROM pg_catalog.json_object_keys((SELECT pg_catalog.row_to_json(sparkctl_r) FROM "
		   "(SELECT sparkctl_x.* FROM (%s\n) AS sparkctl_x" NO_ROWS_FROM ") AS sparkctl_r)) AS sparkctl_k",
		   query);
}

static void put_types_question(struct buf *sql, const char *query, size_t count)
{
	buf_puts(sql, "SELECT CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END FROM (SELECT ARRAY[");
	for (size_t i = 1; i <= count; i++)
		buf_printf(sql, "%spg_catalog.pg_typeof(c%zu)::pg_catalog.oid", i > 1 ? ", " : "", i);
	buf_printf(sql, "] AS types FROM (SELECT sparkctl_x.* FROM (%s\n) AS sparkctl_x (", query);
	for (size_t i = 1; i <= count; i++)
		buf_printf(sql, "%sc%zu", i > 1 ? ", " : "", i);
	buf_puts(sql, ")" NO_ROWS_FROM ") AS r) AS a, pg_catalog.unnest(a.types) WITH ORDINALITY AS u (type, n) "
		      "JOIN pg_catalog.pg_type t ON t.oid = u.type ORDER BY u.n");
}

static int procedure_describe(void *arg, const char *query,
			      int (*column)(void *column_arg, const char *name, uint32_t type, int32_t modifier),
			      void *column_arg, struct err *err)
{
	struct described d = { .column = column, .arg = column_arg };
	struct buf sql;
	int rc;

	buf_init(&sql, SQL_MAX);
	put_names_question(&sql, query);
	rc = buf_check(&sql, "the query", err) ? -1 : procedure_query(arg, sql.data, take_name, &d, err);
	if (!rc && d.count) {
		buf_reset(&sql);
		put_types_question(&sql, query, d.count);
		rc = buf_check(&sql, "the query", err) ? -1 : procedure_query(arg, sql.data, take_type, &d, err);
	}
	if (d.no_memory)
		rc = err_nomem(err);
	for (size_t i = 0; i < d.count; i++)
		mem_free(d.names[i]);
	mem_free(d.names);
	buf_clear(&sql);
	return rc;
}

static int put_rows(const struct buf *text, int (*row)(void *arg, const char *bytes, size_t len, struct err *err),
		    void *arg, struct err *err)
{
	const char *at = text->data;
	struct composite r = { 0 };
	struct buf line;
	int more, rc = 0;

	buf_init(&line, (size_t)1024 * 1024 * 1024);
	while (!rc && (more = composite_read(&r, &at, text->data + text->len)) != 0) {
		buf_reset(&line);
		if (more > 0)
			composite_put_line(&r, &line);
		rc = more < 0 ? err_set(err, ERR_BUG, "the server sends rows in another form")
			      : buf_check(&line, "a row", err);
		if (!rc)
			rc = row(arg, line.data, line.len, err) ? -1 : 0;
	}
	composite_clear(&r);
	buf_clear(&line);
	return rc;
}

/* The server is to leave its query: that is a failure there, of which it tells. */
static int stop_rows(struct session *s)
{
	struct err ignored = { 0 };

	if (!callback_hear(s, &ignored) && s->callback.kind == CALLBACK_ROWS &&
	    !callback_ask(s, CALLBACK_STOP, "", 0, &ignored))
		log_debug("an unload goes on though it was stopped");
	return -1;
}

static int procedure_copy_out(void *arg, const char *query,
			      int (*row)(void *row_arg, const char *bytes, size_t len, struct err *err), void *row_arg,
			      struct err *err)
{
	struct session *s = arg;
	struct callback *c = &s->callback;
	int rc = callback_ask(s, CALLBACK_UNLOAD, query, strlen(query), err);

	while (!rc) {
		bool more = c->kind == CALLBACK_ROWS;
		struct buf text = c->text;

		memset(&c->text, 0, sizeof(c->text));
		/* The server goes on while we write what it said. */
		if (more)
			rc = callback_say(s, CALLBACK_MORE, "", 0, err);
		if (!rc && put_rows(&text, row, row_arg, err))
			rc = more ? stop_rows(s) : -1;
		else if (!rc && more)
			rc = callback_hear(s, err);
		buf_clear(&text);
		if (!more)
			break;
	}
	return rc;
}

/* ---- the statement ---- */

static int run(struct session *s, const struct rewritten *r, int64_t *rows, struct err *err)
{
	struct track_item *item = track_query(s->track, r->text, NULL);
	struct unload_session session = { .copy = load_session(s, item),
					  .describe = procedure_describe,
					  .copy_out = procedure_copy_out };
	struct err ignored = { 0 };
	size_t index = 0;
	int rc;

	session.copy.query = procedure_query;
	session.copy.copy_begin = NULL;
	session.copy.stage_begin = procedure_stage_begin;
	session.copy.copy_data = procedure_copy_data;
	session.copy.copy_end = procedure_copy_end;
	while (r->script.items[index].kind == DIALECT_EMPTY)
		index++;
	rc = load_run(&session, r, index, rows, err);
	/* The server may be at a file yet: it is to wait for the last word. */
	if (rc && s->callback.staging && settle(s, &ignored))
		log_debug("%s: %s", s->peer, ignored.text);
	staging_end(s);
	backend_close(&s->outside);
	if (rc && __atomic_load_n(&s->cancelled, __ATOMIC_RELAXED) && err->kind == ERR_DATABASE) {
		err_set(err, ERR_DATABASE, "canceling statement due to user request");
		snprintf(err->sqlstate, sizeof(err->sqlstate), "57014");
	}
	track_done(s->track, item, rc ? 0 : *rows, rc ? err : NULL);
	track_item_free(item);
	return rc;
}

int callback_load(struct session *s, int64_t *rows, struct err *err)
{
	struct dialect_catalog catalog = frontend_catalog(s);
	struct rewritten *r = NULL;
	int rc;

	if (rewritten_new(s->callback.text.data, &catalog, &r, err))
		return -1;
	if (rewritten_count_own(r) == 1 && !rewritten_count(r, DIALECT_PASS)) {
		rc = run(s, r, rows, err);
	} else {
		rc = err_set(err, ERR_DATABASE, "neither COPY nor UNLOAD");
		snprintf(err->sqlstate, sizeof(err->sqlstate), "42601");
	}
	rewritten_release(r);
	return rc;
}
