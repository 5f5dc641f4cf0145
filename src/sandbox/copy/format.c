#include "sandbox/copy/format.h"

#include <string.h>

#include "sandbox/copy/json_match.h"
#include "spark/base/mem.h"

#define BAD_RECORD 1216

static int add_by_name(const struct copy_target *t, struct json_match *m, struct err *err)
{
	for (size_t i = 0; i < t->count; i++) {
		struct json_step step = { t->columns[i].name, strlen(t->columns[i].name), 0 };

		if (json_match_add(m, &step, 1, (int)i, err) < 0)
			return -1;
	}
	return 0;
}

static int json_reader_open(const struct copy_statement *s, const struct copy_target *t, const struct buf *jsonpaths,
			    void **state, struct err *err)
{
	struct json_match *m = NULL;
	bool by_name = s->json_match != COPY_JSON_PATHS;

	if (json_match_new(t->count, s->json_match == COPY_JSON_AUTO_IGNORECASE, &m, err) < 0)
		return -1;
	if ((jsonpaths && !by_name &&
	     copy_jsonpaths_read(jsonpaths->data, jsonpaths->len, t->count, m, &by_name, err) < 0) ||
	    (by_name && add_by_name(t, m, err) < 0)) {
		json_match_free(m);
		return -1;
	}
	*state = m;
	return 0;
}

static void set_problem(struct copy_problem *p, int column, const char *reason)
{
	p->code = BAD_RECORD;
	p->column = column;
	snprintf(p->reason, sizeof p->reason, "%s", reason);
}

/* What is not JSON ends with its line; reading goes on behind it. */
static enum copy_record json_bad(struct copy_input *in, const char *start, const char *bad, struct copy_problem *p)
{
	const char *line_end = bad < in->end ? memchr(bad, '\n', (size_t)(in->end - bad)) : NULL;

	if (!line_end && !in->last) {
		in->pos = start;
		return COPY_RECORD_MORE;
	}
	if (bad == start && *bad == ',')
		snprintf(p->reason, sizeof p->reason,
			 "Missing newline: Unexpected character 0x%02x found at location 0", (unsigned char)*bad);
	else
		snprintf(p->reason, sizeof p->reason, "Invalid value.");
	p->code = BAD_RECORD;
	p->column = -1;
	in->bad = bad;
	in->pos = line_end ? line_end + 1 : in->end;
	return COPY_RECORD_BAD;
}

static enum copy_record json_record_next(void *state, struct copy_input *in, struct copy_value *values,
					 struct copy_problem *problem)
{
	const char *start, *p;
	int out_of_range;

	json_scan_blank(&in->pos, in->end);
	if (in->pos >= in->end)
		return COPY_RECORD_END;
	start = p = in->pos;
	switch (json_match_record(state, &p, in->end, values, &out_of_range)) {
	case JSON_SCAN_SHORT:
		if (!in->last)
			return COPY_RECORD_MORE;
		return json_bad(in, start, in->end, problem);
	case JSON_SCAN_BAD:
		return json_bad(in, start, p, problem);
	case JSON_SCAN_OK:
		break;
	}
	in->pos = p;
	if (out_of_range >= 0) {
		set_problem(problem, out_of_range, "Invalid JSONPath format: Not an array or index out of range.");
		in->bad = start;
		return COPY_RECORD_BAD;
	}
	return COPY_RECORD_ROW;
}

static void json_reader_close(void *state)
{
	json_match_free(state);
}

static const struct copy_format copy_formats[] = {
	{ "json", json_reader_open, json_record_next, json_reader_close },
};

const struct copy_format *copy_format_find(const char *name)
{
	for (size_t i = 0; i < sizeof copy_formats / sizeof *copy_formats; i++) {
		if (strcmp(copy_formats[i].name, name) == 0)
			return &copy_formats[i];
	}
	return NULL;
}
