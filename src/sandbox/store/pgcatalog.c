#include "sandbox/store/pgcatalog.h"

#include <ctype.h>
#include <pg_query.h>
#include <stdarg.h>
#include <string.h>

#include "sandbox/store/pgserver.h"
#include "sandbox/wire/backend.h"
#include "spark/base/embed.h"
#include "spark/base/file.h"
#include "spark/base/hash.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

#define CONNECT_BOUND_MS 30000
#define NOTE             "sparkctl_catalog"
#define DATABASES_MAX    1000

extern const struct embedded_text catalog_sql[];
extern const size_t catalog_sql_count;

/* Plain strings for the catalogue's own texts, whatever the sessions of users have. */
static const char session_options[] = "-c allow_system_table_mods=on -c standard_conforming_strings=on "
				      "-c client_min_messages=warning -c check_function_bodies=off";

void pgcatalog_put_texts(struct buf *out)
{
	for (size_t i = 0; i < catalog_sql_count; i++) {
		buf_printf(out, "%s %zu\n", catalog_sql[i].name, catalog_sql[i].len);
		buf_add(out, catalog_sql[i].text, catalog_sql[i].len);
	}
}

static int make_key(char key[SHA256_HEX], struct err *err)
{
	struct buf all;
	int rc;

	buf_init(&all, BUF_MAX_DEFAULT);
	pgcatalog_put_texts(&all);
	rc = buf_check(&all, "the catalogue's SQL", err);
	if (!rc)
		rc = hash_sha256_hex(all.data, all.len, key, err);
	buf_clear(&all);
	return rc;
}

int pgcatalog_fill(const char *socket_dir, const char *database, struct err *err)
{
	struct backend b;
	int rc;

	backend_init(&b);
	rc = backend_open_super(&b, socket_dir, PGSERVER_SUPERUSER, database, session_options, CONNECT_BOUND_MS, err);
	for (size_t i = 0; !rc && i < catalog_sql_count; i++) {
		rc = backend_query(&b, catalog_sql[i].text, NULL, NULL, err);
		if (rc)
			err_wrap(err, "cannot run the catalogue's '%s'", catalog_sql[i].name);
	}
	backend_close(&b);
	return rc;
}

int pgcatalog_mark(const char *data_dir, struct err *err)
{
	char *path = file_join(data_dir, NOTE), key[SHA256_HEX];
	int rc = -1;

	if (!path)
		err_nomem(err);
	else if (!make_key(key, err))
		rc = file_write_atomic(path, key, strlen(key), 0600, err);
	mem_free(path);
	return rc;
}

/* ---- once more, over what an older build made ---- */

/* A statement of the catalogue: CREATE [OR REPLACE] <kind> <name> ..., or another. */
struct statement {
	const char *text;
	size_t len;
	const char *rest;  /* behind CREATE [OR REPLACE] */
	const char *named; /* from the name on */
	char kind[16], name[130];
	bool created, drops_views;
};

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end) {
		if (isspace((unsigned char)*p)) {
			p++;
		} else if (end - p > 1 && p[0] == '-' && p[1] == '-') {
			const char *line = memchr(p, '\n', (size_t)(end - p));

			p = line ? line + 1 : end;
		} else {
			break;
		}
	}
	return p;
}

/* The word at p, without what follows a parenthesis; p moves behind it and its blanks. */
static void take_word(const char **p, const char *end, char *out, size_t size)
{
	size_t n = 0;

	while (*p < end && !isspace((unsigned char)**p) && **p != '(') {
		if (n + 1 < size)
			out[n++] = **p;
		(*p)++;
	}
	out[n] = 0;
	*p = skip_blanks(*p, end);
}

static void read_statement(struct statement *s, const char *text, size_t len)
{
	const char *end = text + len, *p = skip_blanks(text, end);
	char word[16];

	memset(s, 0, sizeof *s);
	s->text = p;
	s->len = (size_t)(end - p);
	take_word(&p, end, word, sizeof word);
	s->created = strcmp(word, "CREATE") == 0;
	s->rest = p;
	take_word(&p, end, s->kind, sizeof s->kind);
	s->drops_views = strcmp(word, "DROP") == 0 && strcmp(s->kind, "VIEW") == 0;
	if (strcmp(s->kind, "OR") == 0) {
		take_word(&p, end, word, sizeof word);
		s->rest = p;
		take_word(&p, end, s->kind, sizeof s->kind);
	}
	s->named = p;
	take_word(&p, end, s->name, sizeof s->name);
	if (strcmp(s->name, "IF") == 0) {
		take_word(&p, end, word, sizeof word);
		take_word(&p, end, word, sizeof word);
		s->named = p;
		take_word(&p, end, s->name, sizeof s->name);
	}
}

static bool is_kind(const struct statement *s, const char *const *kinds)
{
	for (; s->created && *kinds; kinds++)
		if (strcmp(s->kind, *kinds) == 0)
			return true;
	return false;
}

static int run(struct backend *b, struct err *err, const char *fmt, ...) PRINTF_LIKE(3, 4);
static int run(struct backend *b, struct err *err, const char *fmt, ...)
{
	struct buf sql;
	va_list ap;
	int rc;

	buf_init(&sql, BUF_MAX_DEFAULT);
	va_start(ap, fmt);
	buf_vprintf(&sql, fmt, ap);
	va_end(ap);
	rc = buf_check(&sql, "a statement", err) || backend_query(b, sql.data, NULL, NULL, err) ? -1 : 0;
	buf_clear(&sql);
	return rc;
}

/* In place where it can be: what refers to it goes on doing so. */
static int run_again(struct backend *b, const struct statement *s, struct err *err)
{
	static const char *const replaced[] = { "FUNCTION", "PROCEDURE", "VIEW", "AGGREGATE", NULL };
	bool replace = is_kind(s, replaced);
	const char *text = replace ? s->rest : s->text, *before = replace ? "CREATE OR REPLACE " : "";

	/* one that is there is to be seen, IF NOT EXISTS or not */
	if (s->created && strcmp(s->kind, "TABLE") == 0) {
		text = s->named;
		before = "CREATE TABLE ";
	}
	return run(b, err, "SAVEPOINT one; %s%.*s; RELEASE one", before, (int)(s->text + s->len - text), text);
}

/* A function with another result, or a view with other columns: what there is gets out of the way under another name,
 * and serves on whoever refers to it. Functions of the name with other arguments come back. */
static int set_aside(struct backend *b, const struct statement *s, struct err *err)
{
	if (strcmp(s->kind, "VIEW") == 0) {
		if (run(b, err,
			"DO $x$ DECLARE old oid := '%s'::regclass; BEGIN IF (SELECT relkind FROM pg_class WHERE oid = "
			"old) = 'v' THEN EXECUTE format('ALTER VIEW %%s RENAME TO %%I', old::regclass, "
			"'sparkctl_old_' || old); ELSE EXECUTE format('ALTER TABLE %%s RENAME TO %%I', old::regclass, "
			"'sparkctl_old_' || old); END IF; END $x$",
			s->name))
			return -1;
		return run_again(b, s, err);
	}
	if (run(b, err,
		"UPDATE pg_catalog.pg_proc SET proname = left('sparkctl_old_' || oid || '_' || proname, 63) WHERE oid "
		">= 16384 AND quote_ident(pronamespace::regnamespace::text) || '.' || quote_ident(proname) = '%s'",
		s->name) ||
	    run_again(b, s, err))
		return -1;
	return run(
		b, err,
		"UPDATE pg_catalog.pg_proc o SET proname = n.proname FROM pg_catalog.pg_proc n WHERE "
		"quote_ident(n.pronamespace::regnamespace::text) || '.' || quote_ident(n.proname) = '%s' AND "
		"n.oid >= 16384 AND o.pronamespace = n.pronamespace AND o.proname = left('sparkctl_old_' || o.oid || "
		"'_' || n.proname, 63) AND NOT EXISTS (SELECT FROM pg_catalog.pg_proc same WHERE same.proname = "
		"n.proname AND same.pronamespace = n.pronamespace AND same.proargtypes = o.proargtypes)",
		s->name);
}

/* A table keeps its rows and its identity, and gets the columns that it lacks. */
static int merge_table(struct backend *b, const struct statement *s, struct err *err)
{
	const char *bare = strchr(s->name, '.') ? strchr(s->name, '.') + 1 : s->name;

	if (run(b, err, "SAVEPOINT merge; ALTER TABLE %s RENAME TO sparkctl_kept", s->name) || run_again(b, s, err))
		return -1;
	return run(
		b, err,
		"DO $x$ DECLARE made oid := '%s'::regclass; kept oid := (SELECT oid FROM pg_class WHERE relname = "
		"'sparkctl_kept' AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = made)); c record; "
		"BEGIN FOR c IN SELECT attname, format_type(atttypid, atttypmod) AS type, pg_get_expr(d.adbin, "
		"d.adrelid) AS preset FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND "
		"d.adnum = a.attnum WHERE attrelid = made AND attnum > 0 AND NOT attisdropped AND attname NOT IN "
		"(SELECT attname FROM pg_attribute WHERE attrelid = kept AND NOT attisdropped) ORDER BY attnum LOOP "
		"EXECUTE format('ALTER TABLE %%s ADD COLUMN %%I %%s', kept::regclass, c.attname, c.type) || "
		"COALESCE(' DEFAULT ' || c.preset, ''); END LOOP; EXECUTE format('DROP TABLE %%s', made::regclass); "
		"EXECUTE format('ALTER TABLE %%s RENAME TO %%I', kept::regclass, '%s'); END $x$; RELEASE merge",
		s->name, bare);
}

/* A cast has no name of its own: CREATE CAST (a AS b) ... */
static int replace_cast(struct backend *b, const struct statement *s, struct err *err)
{
	const char *close = memchr(s->rest, ')', (size_t)(s->text + s->len - s->rest));

	if (!close)
		return err_set(err, ERR_BUG, "the catalogue has a cast that nobody understands"), -1;
	if (run(b, err, "DROP %.*s", (int)(close + 1 - s->rest), s->rest))
		return -1;
	return run_again(b, s, err);
}

static bool is_state(const struct err *why, const char *const *states)
{
	for (; *states; states++)
		if (strcmp(why->sqlstate, *states) == 0)
			return true;
	return false;
}

static int apply_statement(struct backend *b, const struct statement *s, struct err *err)
{
	/* duplicate object, table, schema, function; other result, other columns, other kind of object */
	static const char *const there[] = { "42710", "42P07", "42P06", "42723", NULL };
	static const char *const other[] = { "42P13", "42P16", "42809", NULL };
	static const char *const in_use[] = { "2BP01", NULL };
	static const char *const renamed[] = { "FUNCTION", "PROCEDURE", "VIEW", "AGGREGATE", NULL };
	struct err why = { 0 };

	if (!run_again(b, s, &why))
		return 0;
	/* what a file wants out of its way and users stand on is replaced in place later */
	if (!s->created && is_state(&why, in_use))
		return run(b, err, "ROLLBACK TO one");
	if (!s->created || (!is_state(&why, there) && !is_state(&why, other))) {
		*err = why;
		return -1;
	}
	if (run(b, err, "ROLLBACK TO one"))
		return -1;
	if (is_kind(s, renamed))
		return set_aside(b, s, err);
	if (strcmp(s->kind, "TABLE") == 0)
		return merge_table(b, s, err);
	if (strcmp(s->kind, "CAST") == 0)
		return replace_cast(b, s, err);
	return 0;
}

static int apply_file(struct backend *b, const struct embedded_text *file, struct err *err)
{
	PgQuerySplitResult split = pg_query_split_with_scanner(file->text);
	int rc = 0;

	if (split.error) {
		err_set(err, ERR_BUG, "%.200s", split.error->message);
		rc = -1;
	}
	for (int i = 0; !rc && i < split.n_stmts; i++) {
		struct statement s;

		read_statement(&s, file->text + split.stmts[i]->stmt_location, (size_t)split.stmts[i]->stmt_len);
		/* views are replaced in place, because users' own may stand on them */
		if (s.len && !s.drops_views)
			rc = apply_statement(b, &s, err);
	}
	pg_query_free_split_result(split);
	if (rc)
		err_wrap(err, "cannot run the catalogue's '%s' again", file->name);
	return rc;
}

static int refresh_database(const char *socket_dir, const char *database, struct err *err)
{
	struct backend b;
	int rc = -1;

	backend_init(&b);
	/* The triggers come back with the files; until then they would see half of what they need. */
	if (backend_open_super(&b, socket_dir, PGSERVER_SUPERUSER, database, session_options, CONNECT_BOUND_MS, err) ||
	    run(&b, err,
		"BEGIN; DO $x$ DECLARE t record; BEGIN FOR t IN SELECT evtname FROM pg_event_trigger LOOP EXECUTE "
		"format('DROP EVENT TRIGGER %%I', t.evtname); END LOOP; END $x$"))
		goto out;
	for (size_t i = 0; i < catalog_sql_count; i++)
		if (apply_file(&b, &catalog_sql[i], err))
			goto out;
	rc = run(&b, err, "COMMIT");
out:
	backend_close(&b);
	if (rc)
		err_wrap(err, "database '%s'", database);
	return rc;
}

struct names {
	char *items[DATABASES_MAX];
	size_t count;
	struct err *err;
};

static int add_name(void *arg, int count, const char *const *values)
{
	struct names *n = arg;

	if (count != 1 || n->count == DATABASES_MAX) {
		err_set(n->err, ERR_DATABASE, "a cluster has more than %d databases", DATABASES_MAX);
		return -1;
	}
	n->items[n->count] = mem_strdup(values[0]);
	return n->items[n->count++] ? 0 : err_nomem(n->err);
}

static int refresh_all(const char *socket_dir, struct err *err)
{
	struct names *n = mem_alloc(sizeof *n);
	struct backend b;
	int rc;

	if (!n)
		return err_nomem(err);
	n->err = err;
	backend_init(&b);
	rc = backend_open_super(&b, socket_dir, PGSERVER_SUPERUSER, PGSERVER_HOME_DB, NULL, CONNECT_BOUND_MS, err) ||
			     backend_query(&b, "SELECT datname FROM pg_catalog.pg_database WHERE datallowconn",
					   add_name, n, err)
		     ? -1
		     : 0;
	backend_close(&b);
	for (size_t i = 0; !rc && i < n->count; i++)
		rc = refresh_database(socket_dir, n->items[i], err);
	for (size_t i = 0; i < n->count; i++)
		mem_free(n->items[i]);
	mem_free(n);
	return rc;
}

int pgcatalog_refresh(const char *data_dir, const char *socket_dir, struct err *err)
{
	char *path = file_join(data_dir, NOTE), key[SHA256_HEX];
	struct buf text;
	int rc = -1;

	buf_init(&text, 4096);
	if (!path) {
		err_nomem(err);
		goto out;
	}
	if (make_key(key, err))
		goto out;
	if (file_exists(path) && !file_read(path, &text, NULL) && strcmp(text.data, key) == 0) {
		rc = 0;
		goto out;
	}
	log_info("'%s': bringing the databases to this build's catalogue", data_dir);
	if (!refresh_all(socket_dir, err))
		rc = file_write_atomic(path, key, strlen(key), 0600, err);
out:
	buf_clear(&text);
	mem_free(path);
	return rc;
}
