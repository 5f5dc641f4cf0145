#include "sandbox/copy/report.h"

#include <string.h>

#include "sandbox/copy/format.h"
#include "sandbox/copy/utf8.h"
#include "spark/base/clock.h"

#define KEPT_ERRORS       1000 /* rows of stl_load_errors per load */
#define KEPT_DETAILS      20   /* bad records whose columns are told */
#define KEPT_REPLACEMENTS 1000
#define RAW_MAX           1024
#define NAME_BYTES        256
#define COLUMN_BYTES      127
#define BATCH_BYTES       ((size_t)4 * 1024 * 1024)

static void now_text(const struct copy_session *session, char *out, size_t size)
{
	char iso[CLOCK_TEXT];

	clock_iso(clock_now(session->world->clock), iso);
	iso[10] = ' ';
	snprintf(out, size, "%.23s", iso);
}

void copy_report_init(struct copy_report *r, const struct copy_session *session, const struct copy_statement *s,
		      const struct copy_target *t, const struct copy_numbers *numbers)
{
	memset(r, 0, sizeof *r);
	r->session = session;
	r->s = s;
	r->t = t;
	r->numbers = *numbers;
	now_text(session, r->start, sizeof r->start);
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

/* Rows are text as COPY FROM STDIN takes it: every cell ends with a tab, the row's last tab becomes its line feed. */
static void end_row(struct buf *out)
{
	if (!out->failed)
		out->data[out->len - 1] = '\n';
}

static void put_number(struct buf *out, long long n)
{
	char digits[24];

	snprintf(digits, sizeof digits, "%lld\t", n);
	buf_puts(out, digits);
}

/* What stands for itself. */
static void put_word(struct buf *out, const char *text)
{
	buf_puts(out, text);
	buf_putc(out, '\t');
}

/* Any text, cut to the width of its column; what is no ASCII becomes '.' when ascii is set, else what is no UTF-8. */
static void put_text(struct buf *out, const char *text, size_t len, size_t max, bool ascii)
{
	char copy[RAW_MAX];
	size_t at;

	len = copy_utf8_cut(text, len, max < sizeof copy ? max : sizeof copy);
	memcpy(copy, text, len);
	for (at = 0; ascii && at < len; at++) {
		if ((unsigned char)copy[at] >= 0x80)
			copy[at] = '.';
	}
	while ((at = copy_utf8_length(copy, len)) < len)
		copy[at] = '.';
	for (at = 0; at < len; at++) {
		static const char special[] = "\\\t\n\r", letters[] = "\\tnr";
		const char *found = strchr(special, copy[at]);

		if (found)
			buf_putc(out, '\\');
		buf_putc(out, found ? letters[found - special] : copy[at]);
	}
	buf_putc(out, '\t');
}

static void put_string(struct buf *out, const char *text, size_t max)
{
	put_text(out, text, strlen(text), max, false);
}

static void put_file(struct buf *out, const struct copy_object *o)
{
	char name[1200];

	snprintf(name, sizeof name, "s3://%s/%s", o->bucket, o->key);
	put_string(out, name, NAME_BYTES);
}

static void put_type(struct buf *out, const struct copy_column *c)
{
	char length[32] = "0";

	if (c)
		copy_column_length(c, length, sizeof length);
	put_word(out, c ? copy_type_name(c->type) : "");
	put_word(out, length);
}

static bool is_null(const struct copy_value *v)
{
	return !v || v->kind == COPY_VALUE_MISSING || v->kind == COPY_VALUE_NULL;
}

static void put_value(struct buf *out, const struct copy_value *v)
{
	put_text(out, is_null(v) ? "" : v->text, is_null(v) ? 0 : v->len, RAW_MAX, false);
}

/* The columns of a bad record up to the one that is wrong. */
static void add_details(struct copy_report *r, const struct copy_bad_record *bad)
{
	struct buf *out = &r->details;

	for (int i = 0; i <= bad->problem->column; i++) {
		put_number(out, r->numbers.user_id);
		put_number(out, 0); /* slice */
		put_number(out, r->session->backend_pid);
		put_number(out, r->numbers.query);
		put_file(out, bad->object);
		put_number(out, bad->line);
		put_number(out, i);
		put_string(out, r->t->columns[i].name, RAW_MAX);
		put_value(out, &bad->values[i]);
		put_number(out, is_null(&bad->values[i]));
		put_type(out, &r->t->columns[i]);
		end_row(out);
	}
}

void copy_report_error(struct copy_report *r, const struct copy_bad_record *bad)
{
	const struct copy_column *c = bad->problem->column >= 0 ? &r->t->columns[bad->problem->column] : NULL;
	const struct copy_value *v = c && bad->values ? &bad->values[bad->problem->column] : NULL;
	struct buf *out = &r->errors;

	if (r->error_count++ >= KEPT_ERRORS)
		return;
	put_number(out, r->numbers.user_id);
	put_number(out, 0); /* slice */
	put_number(out, (long long)r->t->oid);
	put_word(out, r->start);
	put_number(out, r->session->backend_pid);
	put_number(out, r->numbers.query);
	put_file(out, bad->object);
	put_number(out, bad->line);
	put_string(out, c ? c->name : "", COLUMN_BYTES);
	put_type(out, c);
	put_number(out, (long long)bad->position);
	put_text(out, bad->raw, bad->raw_len, RAW_MAX, true);
	put_value(out, v);
	put_number(out, bad->problem->code);
	put_string(out, bad->problem->reason, 100);
	end_row(out);
	if (v && r->error_count <= KEPT_DETAILS)
		add_details(r, bad);
}

void copy_report_replacement(struct copy_report *r, const struct copy_bad_record *record)
{
	struct buf *out = &r->replacements;

	if (r->replacement_count++ >= KEPT_REPLACEMENTS)
		return;
	put_number(out, r->numbers.user_id);
	put_number(out, r->numbers.query);
	put_number(out, 0); /* slice */
	put_number(out, (long long)r->t->oid);
	put_word(out, r->start);
	put_number(out, r->session->backend_pid);
	put_file(out, record->object);
	put_number(out, record->line);
	put_string(out, r->t->columns[record->problem->column].name, COLUMN_BYTES);
	put_text(out, record->raw, record->raw_len, RAW_MAX, false);
	end_row(out);
}

/* Sends what has gathered to a table, in the order of `columns`. */
static int flush_rows(struct copy_report *r, struct buf *rows, const char *table, const char *columns, struct err *err)
{
	char sql[512];
	int rc;

	if (buf_check(rows, "the load's report", err) < 0)
		return -1;
	if (rows->len == 0)
		return 0;
	snprintf(sql, sizeof sql, "COPY pg_catalog.%s (%s) FROM STDIN", table, columns);
	rc = r->session->copy_outside(r->session->arg, sql, rows->data, rows->len, err);
	buf_reset(rows);
	return rc;
}

static int flush_commits(struct copy_report *r, struct err *err)
{
	return flush_rows(r, &r->commits, "stl_load_commits",
			  "userid, query, slice, name, filename, byte_offset, lines_scanned, errors, curtime, status, "
			  "file_format",
			  err);
}

int copy_report_object(struct copy_report *r, const struct copy_object *object, int64_t lines, int64_t errors,
		       struct err *err)
{
	struct buf *out = &r->commits;
	char now[48];

	now_text(r->session, now, sizeof now);
	put_number(out, r->numbers.user_id);
	put_number(out, r->numbers.query);
	put_number(out, 0); /* slice */
	put_word(out, "");  /* name */
	put_file(out, object);
	put_number(out, (long long)object->size_bytes);
	put_number(out, lines);
	put_number(out, errors);
	put_word(out, now);
	put_number(out, 1); /* loaded */
	put_word(out, r->s->format->free_form ? "JSON" : "TEXT");
	end_row(out);
	return out->len >= BATCH_BYTES ? flush_commits(r, err) : 0;
}

static int write_load(struct copy_report *r, const struct copy_outcome *o, struct err *err)
{
	struct buf row;
	char now[48];
	int rc;

	now_text(r->session, now, sizeof now);
	buf_init(&row, BUF_MAX_DEFAULT);
	put_number(&row, r->numbers.user_id);
	put_number(&row, r->numbers.query);
	put_number(&row, r->session->backend_pid);
	put_string(&row, r->session->database, RAW_MAX);
	put_word(&row, o->loaded ? "completed" : "aborted");
	put_string(&row, r->t->table, RAW_MAX);
	put_word(&row, r->start);
	put_word(&row, now);
	put_string(&row, r->s->source, RAW_MAX);
	put_word(&row, r->s->format->listed);
	put_number(&row, o->loaded ? o->rows : 0);
	put_number(&row, (long long)o->source_bytes);
	put_number(&row, (long long)o->source_files);
	put_number(&row, (long long)r->error_count);
	put_number(&row, r->numbers.transaction);
	put_number(&row, (long long)o->scanned_files);
	put_number(&row, (long long)o->scanned_bytes);
	end_row(&row);
	rc = flush_rows(r, &row, "stl_sparkctl_loads",
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
	if (flush_rows(r, &r->errors, "stl_load_errors",
		       "userid, slice, tbl, starttime, session, query, filename, line_number, colname, type, "
		       "col_length, position, raw_line, raw_field_value, err_code, err_reason",
		       err) < 0 ||
	    flush_rows(r, &r->details, "stl_loaderror_detail",
		       "userid, slice, session, query, filename, line_number, field, colname, value, is_null, type, "
		       "col_length",
		       err) < 0 ||
	    flush_rows(r, &r->replacements, "stl_replacements",
		       "userid, query, slice, tbl, starttime, session, filename, line_number, colname, raw_line",
		       err) < 0 ||
	    flush_commits(r, err) < 0)
		return -1;
	return write_load(r, outcome, err);
}
