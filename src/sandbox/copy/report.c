#include "sandbox/copy/report.h"

#include <string.h>

#include "sandbox/copy/format.h"
#include "sandbox/copy/utf8.h"
#include "spark/base/clock.h"

#define KEPT_ERRORS       1000 /* rows of stl_load_errors per load */
#define KEPT_DETAILS      20   /* bad records whose columns are told */
#define KEPT_REPLACEMENTS 1000
#define RAW_MAX           1024
#define NAME_MAX_         256
#define BATCH_ROWS        1000

static void now_text(const struct copy_session *session, char *out, size_t size)
{
	char iso[CLOCK_TEXT];

	clock_iso(clock_now(session->world->clock), iso);
	iso[10] = ' ';
	snprintf(out, size, "'%.23s'", iso);
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

/* As SQL text, cut to the width of a CHAR column; what is no printable ASCII becomes '.' when ascii is set, else what
 * is no UTF-8. */
static void put_text(struct buf *out, const char *text, size_t len, size_t max, bool ascii)
{
	char copy[RAW_MAX];
	size_t at;

	len = copy_utf8_cut(text, len, max < sizeof copy ? max : sizeof copy);
	memcpy(copy, text, len);
	if (ascii) {
		for (at = 0; at < len; at++) {
			if ((unsigned char)copy[at] >= 0x80)
				copy[at] = '.';
		}
	}
	while ((at = copy_utf8_length(copy, len)) < len)
		copy[at] = '.';
	copy_quote_text(out, copy, len);
}

static void put_string(struct buf *out, const char *text, size_t max)
{
	put_text(out, text, strlen(text), max, false);
}

static void put_user(struct copy_report *r, struct buf *out)
{
	buf_printf(out, "%lld", r->numbers.user_id);
}

static void put_file(struct buf *out, const struct copy_object *o)
{
	char name[1200];

	snprintf(name, sizeof name, "s3://%s/%s", o->bucket, o->key);
	put_string(out, name, NAME_MAX_);
}

static void put_type(struct buf *out, const struct copy_column *c)
{
	char length[32];

	copy_column_length(c, length, sizeof length);
	buf_putc(out, ',');
	put_string(out, copy_type_name(c->type), 10);
	buf_putc(out, ',');
	put_string(out, length, 10);
}

/* The columns of a bad record up to the one that is wrong. */
static void add_details(struct copy_report *r, const struct copy_bad_record *bad)
{
	struct buf *out = &r->details;

	for (int i = 0; i <= bad->problem->column; i++) {
		const struct copy_value *v = &bad->values[i];
		bool null = v->kind == COPY_VALUE_MISSING || v->kind == COPY_VALUE_NULL;

		buf_puts(out, out->len ? ",\n(" : "(");
		put_user(r, out);
		buf_printf(out, ",0,%d,%lld,", r->session->backend_pid, r->numbers.query);
		put_file(out, bad->object);
		buf_printf(out, ",%lld,%d,", (long long)bad->line, i);
		put_string(out, r->t->columns[i].name, RAW_MAX);
		buf_putc(out, ',');
		put_text(out, null ? "" : v->text, null ? 0 : v->len, RAW_MAX, false);
		buf_printf(out, ",%d", null);
		put_type(out, &r->t->columns[i]);
		buf_putc(out, ')');
	}
}

void copy_report_error(struct copy_report *r, const struct copy_bad_record *bad)
{
	const struct copy_column *c = bad->problem->column >= 0 ? &r->t->columns[bad->problem->column] : NULL;
	const struct copy_value *v = c && bad->values ? &bad->values[bad->problem->column] : NULL;
	bool null = !v || v->kind == COPY_VALUE_MISSING || v->kind == COPY_VALUE_NULL;
	struct buf *out = &r->errors;

	if (r->error_count++ >= KEPT_ERRORS)
		return;
	buf_puts(out, out->len ? ",\n(" : "(");
	put_user(r, out);
	buf_printf(out, ",0,%lu,%s,%d,%lld,", r->t->oid, r->start, r->session->backend_pid, r->numbers.query);
	put_file(out, bad->object);
	buf_printf(out, ",%lld,", (long long)bad->line);
	put_string(out, c ? c->name : "", 127);
	if (c)
		put_type(out, c);
	else
		buf_puts(out, ",'','0'");
	buf_printf(out, ",%zu,", bad->position);
	put_text(out, bad->raw, bad->raw_len, RAW_MAX, true);
	buf_putc(out, ',');
	put_text(out, null ? "" : v->text, null ? 0 : v->len, RAW_MAX, false);
	buf_printf(out, ",%d,", bad->problem->code);
	put_string(out, bad->problem->reason, 100);
	buf_puts(out, ")");
	if (v && r->error_count <= KEPT_DETAILS)
		add_details(r, bad);
}

void copy_report_replacement(struct copy_report *r, const struct copy_bad_record *record)
{
	struct buf *out = &r->replacements;

	if (r->replacement_count++ >= KEPT_REPLACEMENTS)
		return;
	buf_puts(out, out->len ? ",\n(" : "(");
	put_user(r, out);
	buf_printf(out, ",%lld,0,%lu,%s,%d,", r->numbers.query, r->t->oid, r->start, r->session->backend_pid);
	put_file(out, record->object);
	buf_printf(out, ",%lld,", (long long)record->line);
	put_string(out, r->t->columns[record->problem->column].name, 127);
	buf_putc(out, ',');
	put_text(out, record->raw, record->raw_len, RAW_MAX, false);
	buf_putc(out, ')');
}

static int flush_rows(struct copy_report *r, struct buf *rows, const char *insert, struct err *err)
{
	struct buf sql;
	int rc;

	if (buf_check(rows, "the load's report", err) < 0)
		return -1;
	if (rows->len == 0)
		return 0;
	buf_init(&sql, BUF_MAX_DEFAULT);
	buf_puts(&sql, insert);
	buf_add(&sql, rows->data, rows->len);
	rc = buf_check(&sql, "the load's report", err);
	if (rc == 0)
		rc = r->session->query_outside(r->session->arg, sql.data, err);
	buf_clear(&sql);
	buf_reset(rows);
	return rc;
}

static int flush_commits(struct copy_report *r, struct err *err)
{
	r->commit_rows = 0;
	return flush_rows(r, &r->commits,
			  "INSERT INTO pg_catalog.stl_load_commits (userid, query, slice, name, filename, byte_offset, "
			  "lines_scanned, errors, curtime, status, file_format) VALUES ",
			  err);
}

int copy_report_object(struct copy_report *r, const struct copy_object *object, int64_t lines, int64_t errors,
		       struct err *err)
{
	struct buf *out = &r->commits;
	char now[48];

	now_text(r->session, now, sizeof now);
	buf_puts(out, out->len ? ",\n(" : "(");
	put_user(r, out);
	buf_printf(out, ",%lld,0,'',", r->numbers.query);
	put_file(out, object);
	buf_printf(out, ",%llu,%lld,%lld,%s,1,", (unsigned long long)object->size_bytes, (long long)lines,
		   (long long)errors, now);
	put_string(out, r->s->format->free_form ? "JSON" : "TEXT", 16);
	buf_putc(out, ')');
	return ++r->commit_rows >= BATCH_ROWS ? flush_commits(r, err) : 0;
}

static int write_load(struct copy_report *r, const struct copy_outcome *o, struct err *err)
{
	struct buf row;
	char now[48];
	int rc;

	now_text(r->session, now, sizeof now);
	buf_init(&row, BUF_MAX_DEFAULT);
	buf_putc(&row, '(');
	put_user(r, &row);
	buf_printf(&row, ",%lld,%d,", r->numbers.query, r->session->backend_pid);
	put_string(&row, r->session->database, RAW_MAX);
	buf_puts(&row, o->loaded ? ",'completed'," : ",'aborted',");
	put_string(&row, r->t->table, RAW_MAX);
	buf_printf(&row, ",%s,%s,", r->start, now);
	put_string(&row, r->s->source, RAW_MAX);
	buf_printf(&row, ",'%s',%lld,%llu,%zu,%zu,%lld,%zu,%llu)", r->s->format->listed,
		   (long long)(o->loaded ? o->rows : 0), (unsigned long long)o->source_bytes, o->source_files,
		   r->error_count, r->numbers.transaction, o->scanned_files, (unsigned long long)o->scanned_bytes);
	rc = flush_rows(r, &row,
			"INSERT INTO pg_catalog.stl_sparkctl_loads (userid, query, session, database_name, status, "
			"table_name, start_time, end_time, data_source, file_format, loaded_rows, loaded_bytes, "
			"source_file_count, error_count, transaction_id, scanned_files, scanned_bytes) VALUES ",
			err);
	buf_clear(&row);
	return rc;
}

int copy_report_write(struct copy_report *r, const struct copy_outcome *outcome, struct err *err)
{
	if (!outcome->loaded)
		buf_reset(&r->commits);
	if (flush_rows(
		    r, &r->errors,
		    "INSERT INTO pg_catalog.stl_load_errors (userid, slice, tbl, starttime, session, query, filename, "
		    "line_number, colname, type, col_length, position, raw_line, raw_field_value, err_code, "
		    "err_reason) VALUES ",
		    err) < 0 ||
	    flush_rows(r, &r->details,
		       "INSERT INTO pg_catalog.stl_loaderror_detail (userid, slice, session, query, filename, "
		       "line_number, field, colname, value, is_null, type, col_length) VALUES ",
		       err) < 0 ||
	    flush_rows(r, &r->replacements,
		       "INSERT INTO pg_catalog.stl_replacements (userid, query, slice, tbl, starttime, session, "
		       "filename, line_number, colname, raw_line) VALUES ",
		       err) < 0 ||
	    flush_commits(r, err) < 0)
		return -1;
	return write_load(r, outcome, err);
}
