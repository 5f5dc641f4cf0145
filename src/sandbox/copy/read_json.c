#include <string.h>

#include "sandbox/copy/fail.h"
#include "sandbox/copy/format.h"
#include "sandbox/copy/json_match.h"
#include "spark/base/mem.h"

static int add_by_name(const struct copy_target *t, struct json_match *m, struct err *err)
{
	for (size_t i = 0; i < t->count; i++) {
		struct json_step step = { t->columns[i].name, strlen(t->columns[i].name), 0 };

		if (json_match_add(m, &step, 1, (int)i, err) < 0)
			return -1;
	}
	return 0;
}

/* The whole record into the one column. */
static int add_whole(const struct copy_target *t, struct json_match *m, struct err *err)
{
	if (t->count != 1 || t->columns[0].type != COPY_SUPER)
		return copy_fail_state(err, "XX000",
				       "JSON 'noshred' needs exactly one column of type SUPER: table '%s' has %zu "
				       "columns to load",
				       t->table, t->count);
	return json_match_add(m, NULL, 0, 0, err);
}

static int add_paths(const struct copy_statement *s, const struct copy_target *t, const struct buf *jsonpaths,
		     struct json_match *m, struct err *err)
{
	bool by_name = s->json_match != COPY_JSON_PATHS;

	if (s->json_match == COPY_JSON_NOSHRED)
		return add_whole(t, m, err);
	if (jsonpaths && !by_name &&
	    copy_jsonpaths_read(jsonpaths->data, jsonpaths->len, t->count, m, &by_name, err) < 0)
		return -1;
	return by_name ? add_by_name(t, m, err) : 0;
}

static int open_reader(const struct copy_statement *s, const struct copy_target *t, const struct buf *jsonpaths,
		       void **state, struct err *err)
{
	struct json_match *m = NULL;

	if (json_match_new(t->count, s->json_match == COPY_JSON_AUTO_IGNORECASE, &m, err) < 0)
		return -1;
	if (add_paths(s, t, jsonpaths, m, err) < 0) {
		json_match_free(m);
		return -1;
	}
	*state = m;
	return 0;
}

/* What is not JSON ends with its line; reading goes on behind it. */
static enum copy_record bad_json(struct copy_input *in, const char *start, const char *bad, struct copy_problem *p)
{
	const char *line_end = bad < in->end ? memchr(bad, '\n', (size_t)(in->end - bad)) : NULL;

	if (!line_end && !in->last) {
		in->pos = start;
		return COPY_RECORD_MORE;
	}
	copy_problem_set(p, COPY_CODE_INVALID, -1, "Invalid value.");
	if (bad == start && bad < in->end && *bad == ',')
		snprintf(p->reason, sizeof p->reason,
			 "Missing newline: Unexpected character 0x%02x found at location 0", (unsigned char)*bad);
	in->bad = bad;
	in->pos = line_end ? line_end + 1 : in->end;
	return COPY_RECORD_BAD;
}

static enum copy_record next_record(void *state, struct copy_input *in, struct copy_value *values,
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
		return bad_json(in, start, in->end, problem);
	case JSON_SCAN_BAD:
		return bad_json(in, start, p, problem);
	case JSON_SCAN_OK:
		break;
	}
	in->pos = p;
	if (out_of_range >= 0) {
		copy_problem_set(problem, COPY_CODE_INVALID, out_of_range,
				 "Invalid JSONPath format: Not an array or index out of range.");
		in->bad = start;
		return COPY_RECORD_BAD;
	}
	return COPY_RECORD_ROW;
}

static void close_reader(void *state)
{
	json_match_free(state);
}

const struct copy_format copy_format_json = { "json", "json", true, open_reader, next_record, close_reader };
