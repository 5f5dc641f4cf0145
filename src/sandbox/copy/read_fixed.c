#include <string.h>

#include "sandbox/copy/fail.h"
#include "sandbox/copy/format.h"
#include "spark/base/mem.h"

/* FIXEDWIDTH: a record is a line, a field so many bytes of it. */
struct fixed {
	const struct copy_statement *s;
	size_t count;
};

static int open_fixed(const struct copy_statement *s, const struct copy_target *t, const struct buf *jsonpaths,
		      void **state, struct err *err)
{
	struct fixed *f;

	(void)jsonpaths;
	if (s->width_count != t->count)
		return copy_fail_state(err, "XX000",
				       "FIXEDWIDTH gives %zu widths for the %zu columns of table '%s' to load",
				       s->width_count, t->count, t->table);
	f = mem_alloc(sizeof *f);
	if (!f)
		return err_nomem(err);
	f->s = s;
	f->count = t->count;
	*state = f;
	return 0;
}

static void take_field(const struct fixed *f, const char *text, size_t len, struct copy_value *v)
{
	const char *null_as = f->s->null_as ? f->s->null_as : "\\N";
	size_t null_len = f->s->null_as ? f->s->null_len : 2, solid = len;

	*v = (struct copy_value){ .kind = COPY_VALUE_FIELD, .text = text, .len = len };
	while (solid > null_len && text[solid - 1] == ' ')
		solid--;
	if (solid == null_len && (f->s->null_as || solid > 0) && memcmp(text, null_as, solid) == 0)
		v->kind = COPY_VALUE_NULL;
}

/* The fields of a line; editors that cut blanks at the end of lines may have shortened the last. */
static void split_line(const struct fixed *f, const char *line, size_t len, struct copy_value *values,
		       struct copy_problem *problem)
{
	size_t at = 0, n = 0;

	for (; n < f->count && (at < len || n == 0); n++) {
		size_t width = f->s->widths[n] < len - at ? f->s->widths[n] : len - at;

		take_field(f, line + at, width, &values[n]);
		at += width;
	}
	if (at < len)
		copy_problem_set(problem, COPY_CODE_MANY_FIELDS, -1, "Extra column(s) found");
	else if (len == 0 && !f->s->fill_record)
		copy_problem_set(problem, COPY_CODE_EMPTY_LINE, -1, "Line has no data");
	else if (n < f->count && !f->s->fill_record)
		copy_problem_set(problem, COPY_CODE_FEW_FIELDS, (int)n - 1, "Missing column(s): the line is too short");
	for (; n < f->count; n++)
		values[n] = (struct copy_value){ .kind = COPY_VALUE_FIELD, .text = line + len };
}

static enum copy_record next_record(void *state, struct copy_input *in, struct copy_value *values,
				    struct copy_problem *problem)
{
	const struct fixed *f = state;

	for (;;) {
		const char *start = in->pos, *lf;
		size_t len;

		if (start >= in->end)
			return COPY_RECORD_END;
		lf = memchr(start, '\n', (size_t)(in->end - start));
		if (!lf && !in->last)
			return COPY_RECORD_MORE;
		len = (size_t)((lf ? lf : in->end) - start);
		if (len > 0 && start[len - 1] == '\r')
			len--;
		in->pos = lf ? lf + 1 : in->end;
		if (len == 0 && f->s->ignore_blank_lines)
			continue;
		problem->code = 0;
		split_line(f, start, len, values, problem);
		in->bad = in->pos;
		return problem->code ? COPY_RECORD_BAD : COPY_RECORD_ROW;
	}
}

static void close_fixed(void *state)
{
	mem_free(state);
}

const struct copy_format copy_format_fixed = { "fixedwidth", "txt", false, open_fixed, next_record, close_fixed };
