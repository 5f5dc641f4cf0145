#include <string.h>

#include "sandbox/copy/fail.h"
#include "sandbox/copy/format.h"
#include "sandbox/copy/json_match.h"
#include "spark/base/json.h"
#include "spark/base/mem.h"

#define MAX_STEPS     64
#define INDEX_DIGITS  9
#define INVALID_PATH  "Invalid JSONPath format: %s: '%.200s'"
#define WHAT_NOTATION "bracket and dot notation must not be mixed"

enum notation { NOTATION_UNKNOWN, NOTATION_BRACKET, NOTATION_DOT };

struct path {
	const char *text;
	const char *pos;
	struct json_step steps[MAX_STEPS];
	size_t count;
};

static int invalid(const struct path *p, const char *what, struct err *err)
{
	return copy_fail_state(err, "XX000", INVALID_PATH, what, p->text);
}

static int use_notation(enum notation *seen, enum notation now, const struct path *p, struct err *err)
{
	if (*seen != NOTATION_UNKNOWN && *seen != now)
		return invalid(p, WHAT_NOTATION, err);
	*seen = now;
	return 0;
}

static int read_index(struct path *p, struct json_step *step, struct err *err)
{
	size_t digits = strspn(p->pos, "0123456789");

	if (digits == 0 || digits > INDEX_DIGITS || p->pos[digits] != ']')
		return invalid(p, "an index must be a number from 0", err);
	step->name = NULL;
	step->index = 0;
	for (size_t i = 0; i < digits; i++)
		step->index = step->index * 10 + (size_t)(p->pos[i] - '0');
	p->pos += digits + 1;
	return 0;
}

/* ['name'], ["name"] or [0]; p->pos behind the bracket. */
static int read_bracket(struct path *p, struct json_step *step, enum notation *seen, struct err *err)
{
	char quote = *p->pos;
	const char *end;

	if (quote != '\'' && quote != '"')
		return read_index(p, step, err);
	if (use_notation(seen, NOTATION_BRACKET, p, err) < 0)
		return -1;
	end = strchr(p->pos + 1, quote);
	if (!end || end[1] != ']' || end == p->pos + 1)
		return invalid(p, "a name in brackets needs its quotes", err);
	step->name = p->pos + 1;
	step->name_len = (size_t)(end - step->name);
	p->pos = end + 2;
	return 0;
}

static int read_dot(struct path *p, struct json_step *step, enum notation *seen, struct err *err)
{
	size_t len = strcspn(p->pos, ".[]'\"* ");

	if (use_notation(seen, NOTATION_DOT, p, err) < 0)
		return -1;
	if (len == 0 || (p->pos[len] != 0 && p->pos[len] != '.' && p->pos[len] != '['))
		return invalid(p, "a name after a dot is missing or has a character that needs brackets", err);
	step->name = p->pos;
	step->name_len = len;
	p->pos += len;
	return 0;
}

static int read_path(struct path *p, enum notation *seen, struct err *err)
{
	if (*p->pos != '$')
		return invalid(p, "a path begins with $", err);
	p->pos++;
	while (*p->pos) {
		struct json_step *step = &p->steps[p->count];
		char c = *p->pos++;

		if (p->count == MAX_STEPS)
			return invalid(p, "too many steps", err);
		if (c == '[') {
			if (read_bracket(p, step, seen, err) < 0)
				return -1;
		} else if (c != '.' || read_dot(p, step, seen, err) < 0) {
			return c == '.' ? -1 : invalid(p, "unexpected character", err);
		}
		p->count++;
	}
	return p->count ? 0 : invalid(p, "it names no member or element", err);
}

static int read_paths(const struct json *paths, size_t columns, struct json_match *m, struct err *err)
{
	enum notation seen = NOTATION_UNKNOWN;
	int column = 0;

	if (json_count(paths) != columns)
		return copy_fail_state(
			err, "XX000",
			"Number of jsonpaths and the number of columns should match. JSONPath size: %zu, "
			"Number of columns in table or column list: %zu",
			json_count(paths), columns);
	for (const struct json *j = json_first(paths); j; j = json_next(j)) {
		struct path p = { .text = json_text(j) };

		if (!p.text || !*p.text)
			return copy_fail_state(err, "XX000",
					       "Invalid JSONPath format: element %d is not a string or is empty",
					       column + 1);
		p.pos = p.text;
		if (read_path(&p, &seen, err) < 0 || json_match_add(m, p.steps, p.count, column++, err) < 0)
			return -1;
	}
	return 0;
}

int copy_jsonpaths_read(const char *text, size_t len, size_t columns, struct json_match *m, bool *use_auto,
			struct err *err)
{
	struct err why = { 0 };
	struct json *doc;
	const struct json *paths;
	int rc;

	doc = json_parse(text, len, &why);
	if (!doc) {
		if (why.kind == ERR_NOMEM)
			return err_nomem(err);
		return copy_fail_state(err, "XX000", "Invalid JSONPaths file: %.300s", why.text);
	}
	paths = json_get(doc, "jsonpaths");
	*use_auto = json_is_object(doc) && !paths;
	if (*use_auto)
		rc = 0;
	else if (!json_is_array(paths))
		rc = copy_fail_state(err, "XX000", "Invalid JSONPaths file: \"jsonpaths\" is not an array");
	else
		rc = read_paths(paths, columns, m, err);
	json_free(doc);
	return rc;
}
