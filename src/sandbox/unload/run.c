#include <string.h>

#include "sandbox/copy/cells.h"
#include "sandbox/copy/fail.h"
#include "sandbox/copy/target.h"
#include "sandbox/unload/destination.h"
#include "sandbox/unload/manifest.h"
#include "spark/base/mem.h"

#define SQL_MAX ((size_t)64 * 1024 * 1024)
#define ROW_MAX ((size_t)1024 * 1024 * 1024)

/* One run of an UNLOAD statement. */
struct unload {
	const struct unload_session *session;
	const struct unload_statement *s;
	const char *query;
	struct copy_numbers numbers;
	struct unload_columns columns;
	struct unload_destination to;
	struct unload_files files;
	struct unload_value *values;
	struct buf scratch;
	size_t data_files; /* without the manifest */
	char start[48];
};

/* ---- what the system tables are told ---- */

static const char *const format_names[] = {
	[UNLOAD_TEXT] = "text", [UNLOAD_CSV] = "csv", [UNLOAD_JSON] = "json", [UNLOAD_FIXED] = "fixedwidth"
};

static void put_file(struct unload *u, const struct unload_file *file, struct buf *out)
{
	char address[1200];

	snprintf(address, sizeof address, "s3://%s/%s", u->s->to->bucket, file->key);
	cell_number(out, u->numbers.user_id);
	cell_number(out, u->numbers.query);
	cell_number(out, 0); /* slice */
	cell_number(out, u->session->copy.backend_pid);
	cell_string(out, address, sizeof address);
	cell_word(out, file->start);
	cell_word(out, file->end);
	cell_number(out, file->lines);
	cell_number(out, (long long)file->bytes);
	cell_word(out, format_names[u->s->format]);
	cell_end_row(out);
}

static void put_statement(struct unload *u, const struct err *why, struct buf *out)
{
	unsigned long long bytes = 0;
	char now[48];

	for (size_t i = 0; i < u->data_files; i++)
		bytes += u->files.items[i].bytes;
	cell_now(&u->session->copy, now, sizeof now);
	cell_number(out, u->numbers.user_id);
	cell_number(out, u->numbers.query);
	cell_number(out, u->numbers.transaction);
	cell_number(out, u->session->copy.backend_pid);
	cell_string(out, u->session->copy.database, CELL_MAX);
	cell_word(out, why ? "failed" : "completed");
	cell_word(out, u->start);
	cell_word(out, now);
	cell_word(out, format_names[u->s->format]);
	cell_word(out, unload_pack_name(u->s->to->compression));
	cell_string(out, u->s->to->source, CELL_MAX);
	cell_number(out, why ? 0 : u->files.rows);
	cell_number(out, why ? 0 : (long long)u->data_files);
	cell_number(out, why ? 0 : (long long)bytes);
	cell_string(out, why ? why->text : "", CELL_MAX);
	cell_end_row(out);
}

/* Files only when they are there; the statement in any case. */
static int report(struct unload *u, const struct err *why, struct err *err)
{
	struct buf rows;
	int rc = 0;

	buf_init(&rows, BUF_MAX_DEFAULT);
	for (size_t i = 0; !why && i < u->data_files; i++)
		put_file(u, &u->files.items[i], &rows);
	rc = cell_send_rows(&u->session->copy, &rows, "stl_unload_log",
			    "userid, query, slice, pid, path, start_time, end_time, line_count, transfer_size, "
			    "file_format",
			    err);
	if (rc == 0) {
		put_statement(u, why, &rows);
		rc = cell_send_rows(&u->session->copy, &rows, "stl_sparkctl_unloads",
				    "userid, query, transaction_id, session, database_name, status, start_time, "
				    "end_time, file_format, compression_format, unloaded_location, unloaded_rows, "
				    "unloaded_files_count, unloaded_files_size, error_message",
				    err);
	}
	buf_clear(&rows);
	return rc;
}

/* ---- rows ---- */

/* Rows of a partition come together, in the order that the query gives them: they are numbered as they come. */
static int put_query(const struct unload *u, struct buf *sql, struct err *err)
{
	if (u->columns.key_count == 0) {
		buf_puts(sql, u->query);
		return buf_check(sql, "the query", err);
	}
	buf_printf(sql, "SELECT *, pg_catalog.row_number() OVER () FROM (%s\n) AS sparkctl_rows ORDER BY ", u->query);
	for (size_t k = 0; k < u->columns.key_count; k++)
		buf_printf(sql, "%zu, ", u->columns.keys[k] + 1);
	buf_printf(sql, "%zu", u->columns.count + 1);
	return buf_check(sql, "the query", err);
}

static int take_row(void *arg, const char *bytes, size_t len, struct err *err)
{
	struct unload *u = arg;
	size_t count = u->columns.count + (u->columns.key_count > 0);

	if (!unload_row_split(bytes, len, u->values, count, &u->scratch))
		return u->scratch.failed ? err_nomem(err)
					 : err_set(err, ERR_BUG, "the server sends a row of another form");
	return unload_files_row(&u->files, u->values, err);
}

static int allow(void *arg, const char *key, struct err *err)
{
	return unload_destination_allow(arg, key, err);
}

static int write_rows(struct unload *u, struct err *err)
{
	struct buf sql;
	int rc;

	u->values = mem_alloc_array(u->columns.count + 1, sizeof *u->values);
	if (!u->values)
		return err_nomem(err);
	u->files.allowed = allow;
	u->files.allowed_arg = &u->to;
	buf_init(&sql, SQL_MAX);
	rc = put_query(u, &sql, err);
	if (rc == 0)
		rc = u->session->copy_out(u->session->copy.arg, sql.data, take_row, u, err);
	buf_clear(&sql);
	if (rc == 0)
		rc = unload_files_finish(&u->files, err);
	u->data_files = u->files.count;
	return rc;
}

static int write_manifest(struct unload *u, struct err *err)
{
	struct buf text, key;
	int rc;

	if (!u->s->to->manifest)
		return 0;
	buf_init(&text, BUF_MAX_DEFAULT);
	buf_init(&key, BUF_MAX_DEFAULT);
	buf_printf(&key, "%smanifest", u->to.prefix.data);
	rc = unload_manifest_write(&u->files, &text, err);
	if (rc == 0)
		rc = buf_check(&key, "the key", err);
	if (rc == 0)
		rc = unload_files_add(&u->files, key.data, &text, err);
	buf_clear(&key);
	buf_clear(&text);
	return rc;
}

/* From the rows to objects that everybody sees. */
static int write_all(struct unload *u, struct err *err)
{
	if (write_rows(u, err) < 0 || write_manifest(u, err) < 0 ||
	    unload_destination_find_old(&u->to, &u->files, err) < 0 || unload_files_publish(&u->files, err) < 0)
		return -1;
	return unload_destination_delete_old(&u->to, &u->files, err);
}

static void clear(struct unload *u)
{
	unload_files_clear(&u->files);
	unload_destination_close(&u->to);
	unload_columns_clear(&u->columns);
	mem_free(u->values);
	buf_clear(&u->scratch);
}

int unload_run(const struct unload_session *session, const struct unload_statement *s, const char *query, int64_t *rows,
	       struct err *err)
{
	struct unload u = { .session = session, .s = s, .query = query };
	struct err ignored = { 0 };
	char text[100];
	int rc;

	cell_now(&session->copy, u.start, sizeof u.start);
	buf_init(&u.scratch, ROW_MAX);
	unload_files_init(&u.files, &session->copy, s, &u.columns);
	if (unload_columns_open(session, s, query, &u.columns, err) < 0 ||
	    copy_numbers_ask(&session->copy, &u.numbers, err) < 0) {
		clear(&u);
		return -1;
	}
	rc = unload_destination_open(&u.to, &session->copy, s, u.numbers.query, err);
	if (rc == 0)
		rc = write_all(&u, err);
	if (rc == 0)
		rc = report(&u, NULL, err);
	else if (report(&u, err, &ignored) < 0)
		err_clear(&ignored); /* what matters is in err */
	if (rc == 0) {
		snprintf(text, sizeof text, "UNLOAD completed, %lld record(s) unloaded successfully.",
			 (long long)u.files.rows);
		session->copy.info(session->copy.arg, text);
		*rows = u.files.rows;
	}
	clear(&u);
	return rc;
}
