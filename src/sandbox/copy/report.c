#include "sandbox/copy/report.h"

#include <string.h>

#include "sandbox/copy/cells.h"
#include "sandbox/copy/format.h"

#define KEPT_ERRORS       1000 /* rows of stl_load_errors per load */
#define KEPT_DETAILS      20   /* bad records whose columns are told */
#define KEPT_REPLACEMENTS 1000
#define RAW_MAX           CELL_MAX
#define NAME_BYTES        256
#define COLUMN_BYTES      127
#define BATCH_BYTES       ((size_t)4 * 1024 * 1024)

void copy_report_init(struct copy_report *r, const struct copy_session *session, const struct copy_statement *s,
		      const struct copy_target *t, const struct copy_numbers *numbers)
{
	memset(r, 0, sizeof *r);
	r->session = session;
	r->s = s;
	r->t = t;
	r->numbers = *numbers;
	cell_now(session, r->start, sizeof r->start);
	buf_init(&r->errors, BUF_MAX_DEFAULT);
	buf_init(&r->details, BUF_MAX_DEFAULT);
	buf_init(&r->commits, BUF_MAX_DEFAULT);
	buf_init(&r->replacements, BUF_MAX_DEFAULT);
}

void copy_report_clear(struct copy_report *r)
{
	buf_clear(&r->errors);
	buf_clear(&r->details);
	buf_clear(&r->commits);
	buf_clear(&r->replacements);
}

static void put_file(struct buf *out, const struct copy_object *o)
{
	char name[1200];

	snprintf(name, sizeof name, "s3://%s/%s", o->bucket, o->key);
	cell_string(out, name, NAME_BYTES);
}

static void put_type(struct buf *out, const struct copy_column *c)
{
	char length[32] = "0";

	if (c)
		copy_column_length(c, length, sizeof length);
	cell_word(out, c ? copy_type_name(c->type) : "");
	cell_word(out, length);
}

static bool is_null(const struct copy_value *v)
{
	return !v || v->kind == COPY_VALUE_MISSING || v->kind == COPY_VALUE_NULL;
}

static void put_value(struct buf *out, const struct copy_value *v)
{
	cell_text(out, is_null(v) ? "" : v->text, is_null(v) ? 0 : v->len, RAW_MAX, false);
}

/* The columns of a bad record up to the one that is wrong. */
static void add_details(struct copy_report *r, const struct copy_bad_record *bad)
{
	struct buf *out = &r->details;

	for (int i = 0; i <= bad->problem->column; i++) {
		cell_number(out, r->numbers.user_id);
		cell_number(out, 0); /* slice */
		cell_number(out, r->session->backend_pid);
		cell_number(out, r->numbers.query);
		put_file(out, bad->object);
		cell_number(out, bad->line);
		cell_number(out, i);
		cell_string(out, r->t->columns[i].name, RAW_MAX);
		put_value(out, &bad->values[i]);
		cell_number(out, is_null(&bad->values[i]));
		put_type(out, &r->t->columns[i]);
		cell_end_row(out);
	}
}

void copy_report_error(struct copy_report *r, const struct copy_bad_record *bad)
{
	const struct copy_column *c = bad->problem->column >= 0 ? &r->t->columns[bad->problem->column] : NULL;
	const struct copy_value *v = c && bad->values ? &bad->values[bad->problem->column] : NULL;
	struct buf *out = &r->errors;

	if (r->error_count++ >= KEPT_ERRORS)
		return;
	cell_number(out, r->numbers.user_id);
	cell_number(out, 0); /* slice */
	cell_number(out, (long long)r->t->oid);
	cell_word(out, r->start);
	cell_number(out, r->session->backend_pid);
	cell_number(out, r->numbers.query);
	put_file(out, bad->object);
	cell_number(out, bad->line);
	cell_string(out, c ? c->name : "", COLUMN_BYTES);
	put_type(out, c);
	cell_number(out, (long long)bad->position);
	cell_text(out, bad->raw, bad->raw_len, RAW_MAX, true);
	put_value(out, v);
	cell_number(out, bad->problem->code);
	cell_string(out, bad->problem->reason, 100);
	cell_end_row(out);
	if (v && r->error_count <= KEPT_DETAILS)
		add_details(r, bad);
}

void copy_report_replacement(struct copy_report *r, const struct copy_bad_record *record)
{
	struct buf *out = &r->replacements;

	if (r->replacement_count++ >= KEPT_REPLACEMENTS)
		return;
	cell_number(out, r->numbers.user_id);
	cell_number(out, r->numbers.query);
	cell_number(out, 0); /* slice */
	cell_number(out, (long long)r->t->oid);
	cell_word(out, r->start);
	cell_number(out, r->session->backend_pid);
	put_file(out, record->object);
	cell_number(out, record->line);
	cell_string(out, r->t->columns[record->problem->column].name, COLUMN_BYTES);
	cell_text(out, record->raw, record->raw_len, RAW_MAX, false);
	cell_end_row(out);
}

static int flush_commits(struct copy_report *r, struct err *err)
{
	return cell_send_rows(
		r->session, &r->commits, "stl_load_commits",
		"userid, query, slice, name, filename, byte_offset, lines_scanned, errors, curtime, status, "
		"file_format",
		err);
}

int copy_report_object(struct copy_report *r, const struct copy_object *object, int64_t lines, int64_t errors,
		       struct err *err)
{
	struct buf *out = &r->commits;
	char now[48];

	cell_now(r->session, now, sizeof now);
	cell_number(out, r->numbers.user_id);
	cell_number(out, r->numbers.query);
	cell_number(out, 0); /* slice */
	cell_word(out, "");  /* name */
	put_file(out, object);
	cell_number(out, (long long)object->size_bytes);
	cell_number(out, lines);
	cell_number(out, errors);
	cell_word(out, now);
	cell_number(out, 1); /* loaded */
	cell_word(out, r->s->format->free_form ? "JSON" : "TEXT");
	cell_end_row(out);
	return out->len >= BATCH_BYTES ? flush_commits(r, err) : 0;
}

static int write_load(struct copy_report *r, const struct copy_outcome *o, struct err *err)
{
	struct buf row;
	char now[48];
	int rc;

	cell_now(r->session, now, sizeof now);
	buf_init(&row, BUF_MAX_DEFAULT);
	cell_number(&row, r->numbers.user_id);
	cell_number(&row, r->numbers.query);
	cell_number(&row, r->session->backend_pid);
	cell_string(&row, r->session->database, RAW_MAX);
	cell_word(&row, o->loaded ? "completed" : "aborted");
	cell_string(&row, r->t->table, RAW_MAX);
	cell_word(&row, r->start);
	cell_word(&row, now);
	cell_string(&row, r->s->source, RAW_MAX);
	cell_word(&row, r->s->format->listed);
	cell_number(&row, o->loaded ? o->rows : 0);
	cell_number(&row, (long long)o->source_bytes);
	cell_number(&row, (long long)o->source_files);
	cell_number(&row, (long long)r->error_count);
	cell_number(&row, r->numbers.transaction);
	cell_number(&row, (long long)o->scanned_files);
	cell_number(&row, (long long)o->scanned_bytes);
	cell_end_row(&row);
	rc = cell_send_rows(
		r->session, &row, "stl_sparkctl_loads",
		"userid, query, session, database_name, status, table_name, start_time, end_time, data_source, "
		"file_format, loaded_rows, loaded_bytes, source_file_count, error_count, transaction_id, "
		"scanned_files, scanned_bytes",
		err);
	buf_clear(&row);
	return rc;
}

int copy_report_write(struct copy_report *r, const struct copy_outcome *outcome, struct err *err)
{
	if (!outcome->loaded)
		buf_reset(&r->commits);
	if (cell_send_rows(r->session, &r->errors, "stl_load_errors",
			   "userid, slice, tbl, starttime, session, query, filename, line_number, colname, type, "
			   "col_length, position, raw_line, raw_field_value, err_code, err_reason",
			   err) < 0 ||
	    cell_send_rows(
		    r->session, &r->details, "stl_loaderror_detail",
		    "userid, slice, session, query, filename, line_number, field, colname, value, is_null, type, "
		    "col_length",
		    err) < 0 ||
	    cell_send_rows(r->session, &r->replacements, "stl_replacements",
			   "userid, query, slice, tbl, starttime, session, filename, line_number, colname, raw_line",
			   err) < 0 ||
	    flush_commits(r, err) < 0)
		return -1;
	return write_load(r, outcome, err);
}
