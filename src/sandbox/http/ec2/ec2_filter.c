#include "sandbox/access/glob.h"
#include "sandbox/http/ec2/ec2.h"

/* A wildcard behind a backslash means itself. Longer patterns than AWS takes are left as they are. */
static bool match_value(const char *pattern, const char *value)
{
	char translated[512];
	size_t n = 0;

	if (!strchr(pattern, '\\') || strlen(pattern) >= sizeof(translated))
		return glob_match(pattern, value, false);
	for (; *pattern; pattern++) {
		if (*pattern == '\\' && pattern[1]) {
			translated[n++] = GLOB_ESCAPE;
			pattern++;
		}
		translated[n++] = *pattern;
	}
	translated[n] = 0;
	return glob_match(translated, value, false);
}

void ec2_offer(struct ec2_match *m, const char *value)
{
	const char *pattern;

	if (!value)
		return;
	for (int v = 1; !m->matched && (pattern = params_getf(m->params, "Filter.%d.Value.%d", m->filter, v)); v++)
		m->matched = match_value(pattern, value);
}

static const struct ec2_filter_row *find_row(const struct ec2_filters *f, const char *name)
{
	for (size_t i = 0; i < f->row_count; i++)
		if (!strcmp(f->rows[i].name, name))
			return &f->rows[i];
	return NULL;
}

int ec2_filters_begin(struct ec2_filters *f, const struct params *p, const struct ec2_filter_row *rows, size_t count,
		      struct err *err)
{
	const char *name;

	*f = (struct ec2_filters){ .params = p, .rows = rows, .row_count = count };
	for (int n = 1; (name = params_getf(p, "Filter.%d.Name", n)); n++) {
		if (!find_row(f, name) && strcmp(name, "tag-key") && strcmp(name, "tag-value") &&
		    (strncmp(name, "tag:", 4) || !name[4]))
			return service_error(err, 400, "InvalidParameterValue", "The filter '%.100s' is invalid", name);
		if (!params_getf(p, "Filter.%d.Value.1", n))
			return service_error(err, 400, "InvalidParameterValue",
					     "The filter '%.100s' must have at least one value", name);
	}
	return 0;
}

void ec2_filters_see(struct ec2_filters *f, const struct world *w, const char *region)
{
	f->world = w;
	f->region = region;
}

static void offer_tags(struct ec2_match *m, const char *name, const struct json *tags)
{
	if (!strncmp(name, "tag:", 4)) {
		ec2_offer(m, json_str(tags, name + 4, NULL));
		return;
	}
	for (const struct json *t = json_first(tags); t; t = json_next(t))
		ec2_offer(m, !strcmp(name, "tag-key") ? json_name(t) : json_text(t));
}

static void offer_member(struct ec2_match *m, const struct json *doc, const char *member)
{
	const struct json *v = json_get(doc, member);
	char number[32];

	if (json_is_string(v)) {
		ec2_offer(m, json_text(v));
	} else if (json_is_bool(v)) {
		ec2_offer(m, json_bool(doc, member, false) ? "true" : "false");
	} else if (json_is_number(v)) {
		snprintf(number, sizeof(number), "%lld", (long long)json_int(doc, member, 0));
		ec2_offer(m, number);
	}
}

bool ec2_filters_hold(const struct ec2_filters *f, const struct json *doc)
{
	const char *name;

	for (int n = 1; (name = params_getf(f->params, "Filter.%d.Name", n)); n++) {
		const struct ec2_filter_row *row = find_row(f, name);
		struct ec2_match m = { f->params, f->world, f->region, n, false };

		if (!row)
			offer_tags(&m, name, json_get(doc, "tags"));
		else if (row->values)
			row->values(&m, doc);
		else
			offer_member(&m, doc, row->member);
		if (!m.matched)
			return false;
	}
	return true;
}
