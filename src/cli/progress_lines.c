#include "spark/cli/progress_lines.h"

#include <inttypes.h>
#include <string.h>

#include "spark/base/clock.h"
#include "spark/cli/out.h"
#include "spark/cli/progress.h"

static const char *const outcome_words[] = {
	[OUTCOME_DONE] = "done",       [OUTCOME_ADOPTED] = "adopted", [OUTCOME_UNCHANGED] = "unchanged",
	[OUTCOME_SKIPPED] = "skipped", [OUTCOME_GONE] = "gone",       [OUTCOME_FAILED] = "failed",
	[OUTCOME_PASS] = "PASS",       [OUTCOME_WARN] = "WARN",       [OUTCOME_FAIL] = "FAIL",
};
static const char *const kind_words[] = {
	[EVENT_STEP_BEGIN] = "begin", [EVENT_STEP_UPDATE] = "update", [EVENT_STEP_END] = "end",
	[EVENT_CHECK] = "check",      [EVENT_NOTE] = "note",
};

const char *progress_outcome(enum event_outcome outcome)
{
	return outcome_words[outcome];
}

static bool has_text(const char *text)
{
	return text && *text;
}

static void add_step_name(struct buf *line, const char *group, const char *name)
{
	buf_printf(line, "%-10s %-28s ", group ? group : "", name ? name : "");
}

static void add_check(struct buf *line, const struct event *e)
{
	buf_printf(line, "%s  %s", outcome_words[e->outcome], e->name ? e->name : "");
	if (e->outcome != OUTCOME_PASS && e->rows >= 0)
		buf_printf(line, "  %" PRId64 " row%s", e->rows, e->rows == 1 ? "" : "s");
	if (has_text(e->detail))
		buf_printf(line, "  %s", e->detail);
}

void progress_add_event(struct buf *line, const struct event *e)
{
	switch (e->kind) {
	case EVENT_NOTE:
		buf_puts(line, e->detail ? e->detail : "");
		return;
	case EVENT_CHECK:
		add_check(line, e);
		return;
	case EVENT_STEP_BEGIN:
	case EVENT_STEP_UPDATE:
		add_step_name(line, e->group, e->name);
		buf_puts(line, has_text(e->detail) ? e->detail : "begins");
		return;
	case EVENT_STEP_END:
		break;
	}
	add_step_name(line, e->group, e->name);
	buf_printf(line, "%-9s %6" PRId64 ".%" PRId64 "s", outcome_words[e->outcome], e->ms / 1000, e->ms % 1000 / 100);
	if (e->rows >= 0)
		buf_printf(line, "  %" PRId64 " row%s", e->rows, e->rows == 1 ? "" : "s");
	if (has_text(e->detail))
		buf_printf(line, "  %s", e->detail);
}

void progress_add_running(struct buf *line, const char *mark, const char *group, const char *name, const char *detail,
			  int64_t ms)
{
	char elapsed[CLOCK_TEXT];
	clock_duration(ms, elapsed);
	buf_printf(line, "%s ", mark);
	add_step_name(line, group, name);
	buf_printf(line, "%s%s%s", has_text(detail) ? detail : "", has_text(detail) ? "  " : "", elapsed);
}

struct json *progress_event_json(const struct event *e)
{
	struct json *doc = json_new_object();
	bool step = e->kind != EVENT_NOTE, over = e->kind == EVENT_STEP_END || e->kind == EVENT_CHECK;
	if (!doc)
		return NULL;
	if (json_set_str(doc, "event", kind_words[e->kind]) != 0 ||
	    (step && e->group && json_set_str(doc, "group", e->group) != 0) ||
	    (step && e->name && json_set_str(doc, "name", e->name) != 0) ||
	    (over && json_set_str(doc, "outcome", outcome_words[e->outcome]) != 0) ||
	    (has_text(e->detail) && json_set_str(doc, "detail", e->detail) != 0) ||
	    (over && json_set_int(doc, "ms", e->ms) != 0) ||
	    (over && e->rows >= 0 && json_set_int(doc, "rows", e->rows) != 0)) {
		json_free(doc);
		return NULL;
	}
	return doc;
}

int progress_result(const struct context *ctx, const char *outcome, struct json *more, struct err *err)
{
	struct json *doc = json_new_object();
	int rc =
		doc && json_set_str(doc, "event", "result") == 0 && json_set_str(doc, "outcome", outcome) == 0 ? 0 : -1;
	for (const struct json *x = json_first(more); rc == 0 && x; x = json_next(x)) {
		struct json *copy = json_copy(x);
		rc = copy ? json_set(doc, json_name(x), copy) : -1;
	}
	if (rc != 0)
		err_nomem(err);
	else
		rc = out_json(ctx->out, doc, false, err);
	json_free(doc);
	json_free(more);
	return rc;
}
