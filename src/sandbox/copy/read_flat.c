#include <string.h>

#include "sandbox/copy/format.h"
#include "spark/base/mem.h"

/* Where a record is being read. */
struct scan {
	const char *p, *end;
	bool last;
	bool is_short;      /* the record goes on behind the end */
	bool line_over;     /* the field was the line's last */
	const char *broken; /* why the field is none, NULL: it is one */
	int code;
};

/* Delimited text and CSV: a record is a line, a field runs to the next delimiter. */
struct flat {
	const struct copy_statement *s;
	size_t count; /* columns */
	char delimiter;
	const char *null_as;
	size_t null_len;
	bool nul_is_null;         /* NULL AS '\0' */
	unsigned char stops[256]; /* bytes that may end a plain run */
	bool (*read)(const struct flat *f, struct scan *scan, struct copy_value *v);
};

#define QUOTE_BROKEN "Invalid quote formatting for CSV"
#define QUOTE_OPEN   "Delimited value missing end quote"
#define NUL_LONG     "NULL AS '\\0' is given and a field has a NUL byte beside others"

static void cut_carriage_return(struct copy_value *v)
{
	if (v->len > 0 && v->text[v->len - 1] == '\r')
		v->len--;
}

/* To the line's end, or to the end of what is there. */
static void skip_line(struct scan *s)
{
	const char *lf = memchr(s->p, '\n', (size_t)(s->end - s->p));

	if (!lf && !s->last)
		s->is_short = true;
	s->p = lf ? lf + 1 : s->end;
	s->line_over = true;
}

static void fail_field(struct scan *s, int code, const char *why)
{
	s->broken = why;
	s->code = code;
	skip_line(s);
}

/* The byte that ended a field is consumed; a NUL ends the record and hides the rest of its line. */
static void end_field(const struct flat *f, struct scan *s)
{
	if (s->p < s->end && *s->p == f->delimiter) {
		s->p++;
		return;
	}
	skip_line(s);
}

/* A field without quotes, up to the delimiter, the line's end or a NUL. */
static bool read_plain(const struct flat *f, struct scan *s, struct copy_value *v)
{
	const char *p = s->p;

	for (;;) {
		while (p < s->end && !f->stops[(unsigned char)*p])
			p++;
		if (p >= s->end) {
			s->is_short = !s->last;
			break;
		}
		if (*p == '\\' && f->s->escape) {
			bool crlf = s->end - p > 2 && p[1] == '\r' && p[2] == '\n';

			if (s->end - p < 3 && !s->last) {
				s->is_short = true;
				return false;
			}
			v->escape = COPY_ESCAPE_BACKSLASH;
			p += s->end - p == 1 ? 1 : crlf ? 3 : 2;
			continue;
		}
		if (*p == 0 && f->nul_is_null) {
			p++;
			continue;
		}
		if (f->s->quote && *p == f->s->quote && *p != f->delimiter) {
			fail_field(s, COPY_CODE_DELIMITER, QUOTE_BROKEN);
			return false;
		}
		break;
	}
	v->len = (size_t)(p - v->text);
	if (p >= s->end || *p == '\n')
		cut_carriage_return(v);
	s->p = p;
	end_field(f, s);
	return true;
}

/* Does the field end at p? */
static bool at_end(const struct flat *f, const struct scan *s, const char *p)
{
	return p >= s->end || *p == f->delimiter || *p == '\n' || (*p == 0 && !f->nul_is_null) ||
	       (*p == '\r' && (p + 1 >= s->end || p[1] == '\n'));
}

/* Does it for certain, whatever follows what is there? */
static bool ends_surely(const struct flat *f, const struct scan *s, const char *p)
{
	return (s->last || (p < s->end && (*p != '\r' || p + 1 < s->end))) && at_end(f, s, p);
}

/* REMOVEQUOTES: the quote that closes is the one before the field's end. */
static bool read_unquoted(const struct flat *f, struct scan *s, struct copy_value *v)
{
	const char *p = s->p + 1;
	char quote = s->p < s->end ? *s->p : 0;

	if (quote != '\'' && quote != '"')
		return read_plain(f, s, v);
	for (; p < s->end && *p != '\n'; p++) {
		if (*p == '\\' && f->s->escape && p + 1 < s->end) {
			v->escape = COPY_ESCAPE_BACKSLASH;
			p++;
		} else if (*p == quote && ends_surely(f, s, p + 1)) {
			break;
		}
	}
	if (p >= s->end || *p == '\n') {
		if (p >= s->end && !s->last)
			s->is_short = true;
		else
			fail_field(s, COPY_CODE_DELIMITER, QUOTE_OPEN);
		return false;
	}
	v->text = s->p + 1;
	v->len = (size_t)(p - v->text);
	s->p = p + 1;
	end_field(f, s);
	return true;
}

static const char *skip_spaces(const char *p, const char *end, char delimiter)
{
	while (p < end && *p == ' ' && *p != delimiter)
		p++;
	return p;
}

/* CSV: blanks around the quotes mean nothing, a doubled quote is one. */
static bool read_quoted(const struct flat *f, struct scan *s, struct copy_value *v)
{
	const char *p = skip_spaces(s->p, s->end, f->delimiter);

	if (p >= s->end && !s->last) {
		s->is_short = true;
		return false;
	}
	if (p >= s->end || *p != f->s->quote)
		return read_plain(f, s, v);
	v->text = ++p;
	for (;;) {
		p = memchr(p, f->s->quote, (size_t)(s->end - p));
		if (!p || (s->end - p < 3 && !s->last)) {
			s->is_short = !s->last;
			if (!s->is_short)
				fail_field(s, COPY_CODE_DELIMITER, QUOTE_BROKEN);
			return false;
		}
		if (p + 1 >= s->end || p[1] != f->s->quote)
			break;
		v->escape = COPY_ESCAPE_QUOTE;
		p += 2;
	}
	v->len = (size_t)(p - v->text);
	p = skip_spaces(p + 1, s->end, f->delimiter);
	if (p >= s->end && !s->last) {
		s->is_short = true;
		return false;
	}
	if (!at_end(f, s, p)) {
		s->p = p;
		fail_field(s, COPY_CODE_DELIMITER, QUOTE_BROKEN);
		return false;
	}
	s->p = p;
	end_field(f, s);
	return true;
}

/* What NULL AS says, and NUL bytes. */
static void look_for_null(const struct flat *f, struct scan *s, struct copy_value *v)
{
	if (f->nul_is_null && memchr(v->text, 0, v->len)) {
		if (v->len == 1) {
			v->kind = COPY_VALUE_NULL;
		} else {
			s->broken = NUL_LONG;
			s->code = COPY_CODE_NUL;
		}
		return;
	}
	if (v->len == f->null_len && v->len > 0 && memcmp(v->text, f->null_as, v->len) == 0)
		v->kind = COPY_VALUE_NULL;
	else if (v->len == 0 && f->s->null_as && f->null_len == 0)
		v->kind = COPY_VALUE_NULL;
}

/* One line's fields into values[]. How many there are; problem's code is 0 when they are all right. */
static size_t read_line(const struct flat *f, struct scan *s, struct copy_value *values, struct copy_problem *problem)
{
	size_t n = 0;

	for (; !s->line_over; n++) {
		struct copy_value v = { .kind = COPY_VALUE_FIELD, .text = s->p };

		s->broken = NULL;
		if (f->read(f, s, &v))
			look_for_null(f, s, &v);
		if (s->is_short)
			return n;
		if (n < f->count)
			values[n] = v;
		if (s->broken && problem->code == 0)
			copy_problem_set(problem, (enum copy_code)s->code, n < f->count ? (int)n : -1, s->broken);
		/* Programs that end each field with a delimiter end the last one too. */
		if (n >= f->count && problem->code == 0 &&
		    (n > f->count || v.len > 0 || f->s->format == &copy_format_csv))
			copy_problem_set(problem, COPY_CODE_MANY_FIELDS, -1, "Extra column(s) found");
	}
	return n;
}

/* Are there as many fields as columns? What FILLRECORD adds is an empty field. */
static void fill_missing(const struct flat *f, size_t n, const char *line, struct copy_value *values,
			 struct copy_problem *problem)
{
	const struct copy_value empty = { .kind = COPY_VALUE_FIELD, .text = line };

	if (n >= f->count || problem->code != 0)
		return;
	if (n == 1 && values[0].kind == COPY_VALUE_FIELD && values[0].len == 0 && !f->s->fill_record)
		copy_problem_set(problem, COPY_CODE_EMPTY_LINE, -1, "Line has no data");
	else if (!f->s->fill_record)
		copy_problem_set(problem, COPY_CODE_DELIMITER, (int)n - 1, "Delimiter not found");
	for (; n < f->count; n++)
		values[n] = empty;
}

static bool is_blank_line(const char *from, const char *to)
{
	while (to > from && (to[-1] == '\n' || to[-1] == '\r'))
		to--;
	return from == to;
}

static enum copy_record next_record(void *state, struct copy_input *in, struct copy_value *values,
				    struct copy_problem *problem)
{
	const struct flat *f = state;

	for (;;) {
		struct scan s = { .p = in->pos, .end = in->end, .last = in->last };
		const char *start = in->pos;
		size_t n;

		if (start >= in->end)
			return COPY_RECORD_END;
		problem->code = 0;
		n = read_line(f, &s, values, problem);
		if (s.is_short)
			return COPY_RECORD_MORE;
		in->pos = s.p;
		if (f->s->ignore_blank_lines && is_blank_line(start, s.p))
			continue;
		fill_missing(f, n, start, values, problem);
		in->bad = s.p;
		return problem->code ? COPY_RECORD_BAD : COPY_RECORD_ROW;
	}
}

static int open_flat(const struct copy_statement *s, const struct copy_target *t, void **state, struct err *err)
{
	struct flat *f = mem_alloc(sizeof *f);

	if (!f)
		return err_nomem(err);
	f->s = s;
	f->count = t->count;
	f->null_as = s->null_as ? s->null_as : "\\N";
	f->null_len = s->null_as ? s->null_len : 2;
	f->nul_is_null = f->null_len == 1 && f->null_as[0] == 0;
	f->stops['\n'] = f->stops[0] = 1;
	if (s->escape)
		f->stops['\\'] = 1;
	*state = f;
	return 0;
}

static int open_delimited(const struct copy_statement *s, const struct copy_target *t, const struct buf *jsonpaths,
			  void **state, struct err *err)
{
	struct flat *f;

	(void)jsonpaths;
	if (open_flat(s, t, state, err) < 0)
		return -1;
	f = *state;
	f->delimiter = s->delimiter ? s->delimiter : '|';
	f->stops[(unsigned char)f->delimiter] = 1;
	f->read = s->remove_quotes ? read_unquoted : read_plain;
	return 0;
}

static int open_csv(const struct copy_statement *s, const struct copy_target *t, const struct buf *jsonpaths,
		    void **state, struct err *err)
{
	struct flat *f;

	(void)jsonpaths;
	if (open_flat(s, t, state, err) < 0)
		return -1;
	f = *state;
	f->delimiter = s->delimiter ? s->delimiter : ',';
	f->stops[(unsigned char)f->delimiter] = 1;
	f->stops[(unsigned char)s->quote] = 1;
	f->read = read_quoted;
	return 0;
}

static void close_flat(void *state)
{
	mem_free(state);
}

const struct copy_format copy_format_delimited = { "delimiter", "txt", false, open_delimited, next_record, close_flat };
const struct copy_format copy_format_csv = { "csv", "csv", false, open_csv, next_record, close_flat };
