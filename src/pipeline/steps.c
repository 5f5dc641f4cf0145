#include <stdio.h>
#include <string.h>

#include "pipeline/load_error.h"
#include "pipeline/resource.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

/* How long a COPY is tried again that Redshift refuses because the role is some seconds old. */
#define FRESH_ROLE_MS 60000

enum { VALUE_COUNT = 6 };
/* What files of a pipeline may ask for. */
struct values {
	struct sql_value items[VALUE_COUNT];
};

/* One stage under way: the session and what its files are filled with. */
struct stage {
	struct run *run;
	struct conn *conn;
	const struct values *values;
	enum sql_stage id;
	bool skip_staging;
};

static bool header_is(const struct sql_file *f, const char *key, const char *wanted)
{
	char value[64];

	return sql_header(f, key, value, sizeof(value)) && strcmp(value, wanted) == 0;
}

static bool wants_role(const struct sql_set *set, bool skip_staging)
{
	for (size_t i = 0; i < set->count; i++) {
		if (strstr(set->files[i].text, ":role_arn") &&
		    !(skip_staging && header_is(&set->files[i], "staging", "yes")))
			return true;
	}
	return false;
}

/* The ARN for COPY, asked only when a file wants it. */
static int learn_role(struct run *r, const struct pipeline_sql *sql, bool skip_staging, struct err *err)
{
	enum presence p;

	if (r->state->role_arn[0] || (!wants_role(&sql->stages[SQL_LOAD], skip_staging) &&
				      !wants_role(&sql->stages[SQL_TRANSFORM], skip_staging)))
		return 0;
	if (resource_role.find(r, &p, err) < 0)
		return -1;
	if (p != PRESENCE_ABSENT)
		return 0;
	err_set(err, ERR_CONFLICT, "there is no role '%s' for COPY", r->state->names.role);
	return err_hint(err, "make it with: sparkctl up %s; or name one in [IAM_ROLE] ARN", run_operands(r));
}

static void fill_values(const struct run *r, struct values *out)
{
	const struct sql_value items[VALUE_COUNT] = {
		{ "log_data", config_str(r->config, OPT_LOG_DATA) },
		{ "log_jsonpath", config_str(r->config, OPT_LOG_JSONPATH) },
		{ "song_data", config_str(r->config, OPT_SONG_DATA) },
		{ "role_arn", r->state->role_arn[0] ? r->state->role_arn : NULL },
		{ "s3_region", config_str(r->config, OPT_S3_REGION) },
		{ "region", aws_client_region(r->aws) },
	};

	memcpy(out->items, items, sizeof(items));
}

static bool is_skipped(const struct stage *s, const struct sql_file *f)
{
	return s->skip_staging && header_is(f, "staging", "yes");
}

/* "schema.name" as quoted identifiers; quoted names fold to lower case in Redshift, so writing them quoted only guards
 * words like user. */
static int add_table(struct buf *out, const struct sql_file *f, const char *table, struct err *err)
{
	const char *rest = table;

	for (;;) {
		size_t len = strspn(rest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$");

		if (len == 0 || (rest[len] && rest[len] != '.'))
			return err_set(err, ERR_CONFIG, "the header of '%s' names the table '%s', which is no name",
				       f->name, table);
		buf_printf(out, "\"%.*s\"", (int)len, rest);
		if (!rest[len])
			return 0;
		buf_putc(out, '.');
		rest += len + 1;
	}
}

/* `before` + the table of the file's header, executed; a file without that header has nothing to do. */
static int exec_on_table(struct stage *s, const struct sql_file *f, const char *before, struct err *err)
{
	char table[300];
	struct buf sql;
	int rc = -1;

	if (!sql_header(f, "table", table, sizeof(table)))
		return 0;
	buf_init(&sql, 1024);
	buf_puts(&sql, before);
	if (add_table(&sql, f, table, err) == 0 && buf_check(&sql, f->name, err) == 0)
		rc = conn_exec(s->conn, sql.data, NULL, err);
	buf_clear(&sql);
	return rc;
}

static int exec_file(struct stage *s, const struct sql_file *f, int64_t *rows, struct err *err)
{
	struct result result;
	struct buf sql;
	int rc = -1;

	buf_init(&sql, BUF_MAX_DEFAULT);
	if (sql_bind(f, s->values->items, VALUE_COUNT, &sql, err) < 0)
		goto out;
	if (conn_exec(s->conn, sql.data, &result, err) < 0)
		goto out;
	*rows = conn_copied_rows(s->conn) >= 0 ? conn_copied_rows(s->conn) : result.affected;
	result_clear(&result);
	rc = 0;
out:
	buf_clear(&sql);
	return rc;
}

static int simple(struct stage *s, const char *sql, struct err *err)
{
	return conn_exec(s->conn, sql, NULL, err);
}

/* Undoes what the failed transaction did. The failure stays the one to tell. */
static void roll_back(struct stage *s)
{
	struct err ignored;

	if (simple(s, "ROLLBACK", &ignored) < 0)
		log_debug("rollback: %s", ignored.text);
}

static int fail_step(struct stage *s, const struct sql_file *f, int64_t begun, struct err *err)
{
	const char *stage = sql_stage_name(s->id);

	run_step_end(s->run, stage, f->name, OUTCOME_FAILED, err->text, begun, -1);
	if (err->kind == ERR_INTERRUPTED)
		(void)err_hint(err,
			       "the statement was cancelled and its transaction undone; run the same command again");
	return err_wrap(err, "%s/%s", stage, f->name);
}

/* One file as one step with its events. */
static int run_file(struct stage *s, const struct sql_file *f,
		    int (*work)(struct stage *s, const struct sql_file *f, int64_t *rows, struct err *err),
		    struct err *err)
{
	int64_t begun = clock_mono(s->run->clock), rows = -1;

	run_step_begin(s->run, sql_stage_name(s->id), f->name);
	if (is_skipped(s, f)) {
		run_step_end(s->run, sql_stage_name(s->id), f->name, OUTCOME_SKIPPED, "staging is left as it is", begun,
			     -1);
		return 0;
	}
	if (work(s, f, &rows, err) < 0)
		return fail_step(s, f, begun, err);
	run_step_end(s->run, sql_stage_name(s->id), f->name, OUTCOME_DONE, NULL, begun, rows);
	return 0;
}

static int create_table(struct stage *s, const struct sql_file *f, int64_t *rows, struct err *err)
{
	int rc = exec_file(s, f, rows, err);

	*rows = -1; /* a table is made, not rows */
	return rc;
}

static int drop_tables(struct stage *s, const struct sql_set *set, struct err *err)
{
	/* last one first: tables that refer to others go before them */
	for (size_t i = set->count; i-- > 0;) {
		if (!is_skipped(s, &set->files[i]) &&
		    exec_on_table(s, &set->files[i], "DROP TABLE IF EXISTS ", err) < 0)
			return err_wrap(err, "tables/%s: cannot drop the old table", set->files[i].name);
	}
	return 0;
}

/* All files of a stage in one transaction: the stage is done as a whole or not at all. */
static int run_transaction(struct stage *s, const struct sql_set *set,
			   int (*work)(struct stage *s, const struct sql_file *f, int64_t *rows, struct err *err),
			   struct err *err)
{
	if (set->count == 0)
		return 0;
	if (simple(s, "BEGIN", err) < 0)
		return -1;
	if (s->id == SQL_TABLES && drop_tables(s, set, err) < 0)
		goto undo;
	for (size_t i = 0; i < set->count; i++) {
		if (run_file(s, &set->files[i], work, err) < 0)
			goto undo;
	}
	if (simple(s, "COMMIT", err) < 0) {
		err_wrap(err, "%s: cannot commit", sql_stage_name(s->id));
		goto undo;
	}
	return 0;
undo:
	roll_back(s);
	return -1;
}

static bool is_fresh_role(const struct stage *s, const struct err *err)
{
	return s->run->state->role_is_new && err->kind == ERR_DATABASE && strstr(err->text, "not authorized to assume");
}

/* Replaces "Load into table ... failed" by file, line, column, value, type and remedy. */
static void explain_load(struct stage *s, struct err *err)
{
	struct load_error e;
	struct err ignored;
	bool found = false;

	if (err->kind != ERR_DATABASE)
		return;
	if (!strstr(err->text, "_load_error")) {
		load_error_advise(err, run_operands(s->run));
		return;
	}
	if (load_error_read(s->conn, &e, &found, &ignored) < 0)
		log_debug("stl_load_errors: %s", ignored.text);
	else if (found)
		load_error_explain(&e, err);
}

/* The old rows go in the transaction that brings the new ones, so that a failed load leaves the table as it was. */
static int load_once(struct stage *s, const struct sql_file *f, int64_t *rows, struct err *err)
{
	if (simple(s, "BEGIN", err) < 0)
		return -1;
	if ((header_is(f, "mode", "replace") && exec_on_table(s, f, "DELETE FROM ", err) < 0) ||
	    exec_file(s, f, rows, err) < 0 || simple(s, "COMMIT", err) < 0) {
		roll_back(s);
		return -1;
	}
	return 0;
}

static int load_table(struct stage *s, const struct sql_file *f, int64_t *rows, struct err *err)
{
	struct wait w;

	wait_begin(&w, s->run->clock, s->run->stop, FRESH_ROLE_MS);
	for (;;) {
		if (load_once(s, f, rows, err) == 0)
			return 0;
		if (!is_fresh_role(s, err) || wait_elapsed_ms(&w) >= w.limit_ms)
			break;
		run_step_update(s->run, sql_stage_name(s->id), f->name, "the new role is not known everywhere yet");
		if (wait_pause(&w, "the new role", err) < 0)
			return -1;
	}
	explain_load(s, err);
	return -1;
}

static int run_loads(struct stage *s, const struct sql_set *set, struct err *err)
{
	for (size_t i = 0; i < set->count; i++) {
		if (run_file(s, &set->files[i], load_table, err) < 0)
			return -1;
	}
	return 0;
}

/* The session and the values that every stage begins with. */
static int open_stage(struct run *r, struct values *values, struct stage *s, struct err *err)
{
	fill_values(r, values);
	s->run = r;
	s->values = values;
	return run_connect(r, &s->conn, err);
}

int run_create_tables(struct run *r, const struct pipeline_sql *sql, bool skip_staging, struct err *err)
{
	struct stage s = { .id = SQL_TABLES, .skip_staging = skip_staging };
	struct values values;
	int rc;

	rc = open_stage(r, &values, &s, err);
	if (rc == 0)
		rc = run_transaction(&s, &sql->stages[SQL_TABLES], create_table, err);
	conn_close(s.conn);
	return rc;
}

int run_etl(struct run *r, const struct pipeline_sql *sql, bool skip_staging, struct err *err)
{
	struct stage s = { .id = SQL_LOAD, .skip_staging = skip_staging };
	struct values values;
	int rc;

	rc = learn_role(r, sql, skip_staging, err);
	if (rc == 0)
		rc = open_stage(r, &values, &s, err);
	if (rc == 0)
		rc = run_loads(&s, &sql->stages[SQL_LOAD], err);
	s.id = SQL_TRANSFORM;
	s.skip_staging = false; /* the star is made from staging as it is */
	if (rc == 0)
		rc = run_transaction(&s, &sql->stages[SQL_TRANSFORM], exec_file, err);
	conn_close(s.conn);
	return rc;
}

/* The first violations, for people. */
#define SHOWN_ROWS 3
struct violations {
	int64_t count;
	struct buf shown;
};

static int see_violation(void *arg, const struct result *row)
{
	struct violations *v = arg;

	if (row->rows == 0 || v->count++ >= SHOWN_ROWS)
		return 0;
	if (v->shown.len > 0)
		buf_puts(&v->shown, "; ");
	for (size_t i = 0; i < row->columns; i++) {
		const char *value = result_value(row, 0, i);

		buf_printf(&v->shown, "%s%s=%.80s", i ? ", " : "", row->names[i], value ? value : "NULL");
	}
	return 0;
}

static int run_check(struct stage *s, const struct sql_file *f, int *failed, struct err *err)
{
	struct event e = { .kind = EVENT_CHECK, .group = "checks", .name = f->name, .outcome = OUTCOME_PASS };
	int64_t begun = clock_mono(s->run->clock);
	struct violations v = { 0 };
	struct buf sql;
	int rc = -1;

	buf_init(&v.shown, 4096);
	buf_init(&sql, BUF_MAX_DEFAULT);
	if (sql_bind(f, s->values->items, VALUE_COUNT, &sql, err) < 0)
		goto out;
	if (conn_stream(s->conn, sql.data, see_violation, &v, err) < 0) {
		err_wrap(err, "checks/%s", f->name);
		goto out;
	}
	if (v.count > 0) {
		e.outcome = header_is(f, "severity", "warn") ? OUTCOME_WARN : OUTCOME_FAIL;
		e.detail = v.shown.data;
		*failed += e.outcome == OUTCOME_FAIL;
	}
	e.rows = v.count;
	e.ms = clock_mono(s->run->clock) - begun;
	run_emit(s->run, &e);
	rc = 0;
out:
	buf_clear(&sql);
	buf_clear(&v.shown);
	return rc;
}

int run_checks(struct run *r, const struct pipeline_sql *sql, int *failed, struct err *err)
{
	const struct sql_set *set = &sql->stages[SQL_CHECKS];
	struct stage s = { .id = SQL_CHECKS };
	struct values values;
	int rc;

	*failed = 0;
	rc = open_stage(r, &values, &s, err);
	for (size_t i = 0; rc == 0 && i < set->count; i++)
		rc = run_check(&s, &set->files[i], failed, err);
	conn_close(s.conn);
	return rc;
}
