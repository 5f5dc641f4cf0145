#include <string.h>

#include "sandbox/copy/binary.h"
#include "sandbox/copy/convert.h"
#include "sandbox/copy/fail.h"
#include "sandbox/copy/format.h"
#include "sandbox/copy/report.h"
#include "sandbox/copy/source.h"
#include "sandbox/copy/stream.h"
#include "spark/base/mem.h"

#define RECORD_MAX   ((size_t)4 * 1024 * 1024)
#define INPUT_MAX    (RECORD_MAX + (size_t)2 * 1024 * 1024)
#define OUTPUT_CHUNK ((size_t)48 * 1024) /* measured best: 16 to 64 KiB */
#define OUTPUT_MAX   ((size_t)512 * 1024 * 1024)

/* One run of a COPY statement. */
struct load {
	const struct copy_session *session;
	const struct copy_statement *s;
	struct copy_target target;
	struct copy_source source;
	struct copy_stream stream;
	struct copy_convert convert;
	struct copy_report report;
	void *reader;
	struct copy_value *values;
	struct buf in, out;
	size_t pos;     /* of the next record in `in` */
	size_t counted; /* up to there line ends are counted */
	int64_t lines;  /* line ends before `counted`, in this object */
	int64_t rows, errors, object_errors;
	uint64_t bytes; /* of the objects that were read to their end */
	size_t files;
	struct copy_numbers numbers;
	bool streaming; /* copy_begin was called */
};

static void count_lines(struct load *l, size_t to)
{
	const char *p = l->in.data + l->counted, *end = l->in.data + to;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
		l->lines++;
		p++;
	}
	if (to > l->counted)
		l->counted = to;
}

static bool too_many_errors(const struct load *l)
{
	if (l->s->ignore_all_errors)
		return false;
	return l->errors >= (l->s->max_errors > 1 ? l->s->max_errors : 1);
}

static int fail_load(const struct load *l, struct err *err)
{
	return copy_fail_state(err, "XX000",
			       "Load into table '%s' failed.  Check 'stl_load_errors' system table for details.",
			       l->target.table);
}

/* The record in.data[from, to) is bad; the line told is that of `at`. */
static int bad_record(struct load *l, const struct copy_problem *problem, bool parsed, size_t from, size_t to,
		      size_t at, struct err *err)
{
	struct copy_bad_record bad = { .object = l->stream.object,
				       .raw = l->in.data + from,
				       .raw_len = to - from,
				       .values = parsed ? l->values : NULL,
				       .problem = problem };
	const struct copy_value *v = parsed && problem->column >= 0 ? &l->values[problem->column] : NULL;

	while (bad.raw_len > 0 && (bad.raw[bad.raw_len - 1] == '\n' || bad.raw[bad.raw_len - 1] == '\r'))
		bad.raw_len--;
	if (v && v->kind != COPY_VALUE_MISSING)
		bad.position = (size_t)(v->text - bad.raw);
	count_lines(l, at < from + bad.raw_len ? at : from + bad.raw_len);
	bad.line = l->lines + 1;
	l->errors++;
	l->object_errors++;
	copy_report_error(&l->report, &bad);
	return too_many_errors(l) ? fail_load(l, err) : 0;
}

static int flush_output(struct load *l, struct err *err)
{
	if (buf_check(&l->out, "a row", err) < 0)
		return -1;
	if (l->out.len > 0 && l->streaming &&
	    l->session->copy_data(l->session->arg, l->out.data, l->out.len, err) < 0) {
		l->streaming = false; /* it has ended by itself */
		return -1;
	}
	buf_reset(&l->out);
	return 0;
}

/* ACCEPTINVCHARS had something to replace in a field of the record. */
static void note_replacement(struct load *l, size_t column, size_t from, size_t to)
{
	struct copy_problem where = { 0, (int)column, "" };
	struct copy_bad_record record = { .object = l->stream.object,
					  .raw = l->in.data + from,
					  .raw_len = to - from,
					  .values = l->values,
					  .problem = &where };

	while (record.raw_len > 0 && strchr("\r\n", record.raw[record.raw_len - 1]))
		record.raw_len--;
	count_lines(l, from + record.raw_len);
	record.line = l->lines + 1;
	copy_report_replacement(&l->report, &record);
}

/* values[] to a row; a bad field leaves nothing of it. */
static int put_row(struct load *l, size_t from, size_t to, struct err *err)
{
	size_t start = l->out.len;
	struct copy_problem problem;

	binary_put_i16(&l->out, (int16_t)l->target.count);
	for (size_t i = 0; i < l->target.count; i++) {
		if (copy_convert_field(&l->convert, &l->target.columns[i], &l->values[i], &l->out, &problem) < 0) {
			buf_cut(&l->out, start);
			problem.column = (int)i;
			return bad_record(l, &problem, true, from, to, to, err);
		}
		if (l->convert.replaced)
			note_replacement(l, i, from, to);
	}
	l->rows++;
	return l->out.len >= OUTPUT_CHUNK ? flush_output(l, err) : 0;
}

static int check_cancelled(const struct load *l, struct err *err)
{
	if (!l->session->cancelled || !*l->session->cancelled)
		return 0;
	return copy_fail_state(err, "57014", "canceling statement due to user request");
}

/* Reads more of the object behind what is left of the input. */
static int refill(struct load *l, struct err *err)
{
	static const struct copy_problem problem = { COPY_CODE_INVALID, -1,
						     "Invalid value. A record is longer than 4 MB" };

	count_lines(l, l->pos);
	buf_consume(&l->in, l->pos);
	l->pos = l->counted = 0;
	if (l->in.len > RECORD_MAX) {
		/* Where the next one begins cannot be told any more: MAXERROR does not help. */
		return bad_record(l, &problem, false, 0, l->in.len, l->in.len, err) < 0 ? -1 : fail_load(l, err);
	}
	if (check_cancelled(l, err) < 0)
		return -1;
	if (copy_stream_fill(&l->stream, &l->in, err) < 0)
		return -1;
	return buf_check(&l->in, "a record", err);
}

/* Where the record itself begins, behind blanks that mean nothing. */
static size_t begin_of_record(const struct load *l, size_t from)
{
	while (l->s->format->free_form && from < l->pos && memchr(" \t\r\n", l->in.data[from], 4))
		from++;
	return from;
}

/* One record, or what stands in its place. *done: the object has no more. */
static int step(struct load *l, bool *done, struct err *err)
{
	struct copy_problem problem = { 0, -1, "" };
	struct copy_input in = { l->in.data + l->pos, l->in.data + l->in.len, l->stream.ended, NULL };
	enum copy_record rc = l->s->format->next(l->reader, &in, l->values, &problem);
	size_t from = l->pos;

	l->pos = (size_t)(in.pos - l->in.data);
	switch (rc) {
	case COPY_RECORD_ROW:
		return put_row(l, begin_of_record(l, from), l->pos, err);
	case COPY_RECORD_BAD:
		return bad_record(l, &problem, problem.column >= 0, begin_of_record(l, from), l->pos,
				  (size_t)(in.bad - l->in.data), err);
	case COPY_RECORD_END:
	case COPY_RECORD_MORE:
		*done = l->stream.ended;
		return *done ? 0 : refill(l, err);
	}
	return 0;
}

/* The byte order mark is no data; that of another encoding tells that nothing in the object can be right. */
static int skip_mark(struct load *l, struct err *err)
{
	static const struct copy_problem wrong = { COPY_CODE_ENCODING, -1,
						   "The file is UTF-16: COPY needs the option ENCODING UTF16" };

	while (l->in.len < 3 && !l->stream.ended) {
		if (refill(l, err) < 0)
			return -1;
	}
	if (l->in.len >= 3 && memcmp(l->in.data, "\xEF\xBB\xBF", 3) == 0)
		l->pos = 3;
	if (l->in.len < 2 || (memcmp(l->in.data, "\xFF\xFE", 2) != 0 && memcmp(l->in.data, "\xFE\xFF", 2) != 0))
		return 0;
	return bad_record(l, &wrong, false, 0, 2, 0, err) < 0 ? -1 : fail_load(l, err);
}

/* IGNOREHEADER: so many lines, whatever stands in them. */
static int skip_header(struct load *l, struct err *err)
{
	for (int left = l->s->header_lines; left > 0;) {
		const char *lf = memchr(l->in.data + l->pos, '\n', l->in.len - l->pos);

		l->pos = lf ? (size_t)(lf - l->in.data) + 1 : l->in.len;
		if (lf)
			left--;
		else if (l->stream.ended)
			break;
		else if (refill(l, err) < 0)
			return -1;
	}
	return 0;
}

static int load_object(struct load *l, const struct copy_object *object, struct err *err)
{
	bool done = false;

	buf_reset(&l->in);
	l->pos = l->counted = 0;
	l->lines = l->object_errors = 0;
	if (check_cancelled(l, err) < 0 || copy_stream_start(&l->stream, object, err) < 0 || refill(l, err) < 0 ||
	    skip_mark(l, err) < 0 || skip_header(l, err) < 0)
		return -1;
	while (!done) {
		if (step(l, &done, err) < 0)
			return -1;
	}
	count_lines(l, l->in.len);
	if (l->in.len > 0 && l->in.data[l->in.len - 1] != '\n')
		l->lines++;
	l->bytes += object->size_bytes;
	l->files++;
	return copy_report_object(&l->report, object, l->lines, l->object_errors, err);
}

static void put_header(struct buf *out)
{
	static const char signature[11] = "PGCOPY\n\377\r\n";

	buf_add(out, signature, sizeof signature);
	binary_put_i32(out, 0); /* flags */
	binary_put_i32(out, 0); /* length of an extension */
}

static int begin(struct load *l, struct err *err)
{
	const struct copy_session *session = l->session;
	struct buf columns, sql;
	int rc;

	if (l->s->no_load)
		return 0;
	buf_init(&columns, BUF_MAX_DEFAULT);
	buf_init(&sql, BUF_MAX_DEFAULT);
	if (session->stage_begin)
		copy_target_stage(&l->target, &columns, &sql);
	else
		copy_target_sql(&l->target, &sql);
	rc = buf_check(&columns, "a list of columns", err) < 0 || buf_check(&sql, "a COPY statement", err) < 0 ? -1 : 0;
	if (rc == 0)
		rc = session->stage_begin ? session->stage_begin(session->arg, columns.data, sql.data, err)
					  : session->copy_begin(session->arg, sql.data, err);
	l->streaming = rc == 0;
	buf_clear(&columns);
	buf_clear(&sql);
	put_header(&l->out);
	return rc;
}

static int finish(struct load *l, struct err *err)
{
	bool streaming;

	binary_put_i16(&l->out, -1);
	if (flush_output(l, err) < 0)
		return -1;
	streaming = l->streaming;
	l->streaming = false;
	return streaming ? l->session->copy_end(l->session->arg, false, err) : 0;
}

static int load_all(struct load *l, struct err *err)
{
	if (begin(l, err) < 0)
		return -1;
	for (size_t i = 0; i < l->source.count; i++) {
		if (load_object(l, &l->source.items[i], err) < 0)
			return -1;
	}
	return finish(l, err);
}

/* Target, source, reader: what must be right before a row is read. */
static int prepare(struct load *l, struct err *err)
{
	const struct buf *paths;

	if (copy_target_open(l->session, l->s, &l->target, err) < 0)
		return -1;
	if (copy_numbers_ask(l->session, &l->numbers, err) < 0)
		return -1;
	if (copy_source_open(l->session, l->s, l->numbers.query, &l->source, err) < 0)
		return -1;
	copy_report_init(&l->report, l->session, l->s, &l->target, &l->numbers);
	paths = l->s->json_match == COPY_JSON_PATHS ? &l->source.jsonpaths : NULL;
	if (l->s->format->open(l->s, &l->target, paths, &l->reader, err) < 0)
		return -1;
	l->values = mem_alloc_array(l->target.count, sizeof *l->values);
	return l->values ? 0 : err_nomem(err);
}

static int report(struct load *l, bool loaded, struct err *err)
{
	struct copy_outcome o = { .loaded = loaded,
				  .rows = l->s->no_load ? 0 : l->rows,
				  .scanned_bytes = l->bytes,
				  .source_files = l->source.count,
				  .scanned_files = l->files };

	for (size_t i = 0; i < l->source.count; i++)
		o.source_bytes += l->source.items[i].size_bytes;
	return copy_report_write(&l->report, &o, err);
}

static void tell(const struct load *l)
{
	char text[400];
	long long rows = l->s->no_load ? 0 : (long long)l->rows;

	snprintf(text, sizeof text, "Load into table '%s' completed, %lld record(s) loaded successfully.",
		 l->target.table, rows);
	l->session->info(l->session->arg, text);
	if (l->errors == 0)
		return;
	snprintf(text, sizeof text,
		 "Load into table '%s' completed, %lld record(s) could not be loaded.  Check 'stl_load_errors' system "
		 "table for details.",
		 l->target.table, (long long)l->errors);
	l->session->info(l->session->arg, text);
}

static void clear(struct load *l)
{
	if (l->reader)
		l->s->format->close(l->reader);
	mem_free(l->values);
	copy_report_clear(&l->report);
	copy_convert_clear(&l->convert);
	copy_stream_clear(&l->stream);
	copy_source_clear(&l->source);
	copy_target_clear(&l->target);
	buf_clear(&l->in);
	buf_clear(&l->out);
}

int copy_run(const struct copy_session *session, const struct copy_statement *s, int64_t *rows, struct err *err)
{
	struct load l = { .session = session, .s = s };
	struct err ignored = { 0 };
	bool loaded;
	int rc = -1;

	buf_init(&l.in, INPUT_MAX);
	buf_init(&l.out, OUTPUT_MAX);
	copy_convert_init(&l.convert, s);
	copy_stream_init(&l.stream, session->world->objects, s);
	if (prepare(&l, err) < 0)
		goto out;
	loaded = load_all(&l, err) == 0;
	if (!loaded && l.streaming && session->copy_end(session->arg, true, &ignored) < 0)
		err_clear(&ignored); /* an aborted COPY always ends with an error: the one that matters is in err */
	if (report(&l, loaded, loaded ? err : &ignored) < 0 || !loaded)
		goto out;
	tell(&l);
	*rows = s->no_load ? 0 : l.rows;
	rc = 0;
out:
	clear(&l);
	return rc;
}
