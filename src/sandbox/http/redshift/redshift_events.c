/* DescribeEvents. What happens is written down by cluster/events.c. */
#include "sandbox/cluster/events.h"
#include "sandbox/http/redshift/redshift.h"

#define MINUTE_MS   60000
#define MINUTES_MAX (14 * 24 * 60)

struct asked {
	const char *source, *type;
	int64_t from, to;
};

static bool passes(void *arg, const struct json *doc)
{
	const struct asked *a = arg;
	int64_t time = json_int(doc, "timeMs", 0);

	return (!a->source || strcmp(json_str(doc, "sourceId", ""), a->source) == 0) &&
	       (!a->type || strcmp(json_str(doc, "sourceType", ""), a->type) == 0) && time >= a->from && time <= a->to;
}

static void write_event(struct world *w, const struct json *doc, struct buf *out)
{
	char time[CLOCK_TEXT];

	(void)w;
	clock_iso(json_int(doc, "timeMs", 0), time);
	xml_open(out, "Event");
	xml_element(out, "SourceIdentifier", json_str(doc, "sourceId", ""));
	xml_element(out, "SourceType", json_str(doc, "sourceType", ""));
	xml_element(out, "Message", json_str(doc, "message", ""));
	xml_open(out, "EventCategories");
	xml_element(out, "EventCategory", json_str(doc, "category", ""));
	xml_close(out, "EventCategories");
	xml_element(out, "Severity", json_str(doc, "severity", ""));
	xml_element(out, "Date", time);
	xml_element(out, "EventId", json_str(doc, "eventId", ""));
	xml_close(out, "Event");
}

static int take_time(const struct params *p, const char *name, int64_t fallback, int64_t *ms, struct err *err)
{
	const char *text = params_get(p, name);
	struct err why = { 0 };

	*ms = fallback;
	if (!text || !*text || clock_parse(text, ms, &why) == 0)
		return 0;
	return service_error(err, 400, "InvalidParameterValue", "The parameter %s is not a time: %.60s", name, text);
}

REDSHIFT_HANDLER(redshift_describe_events)
{
	static const char *const types[] = { "cluster", "cluster-parameter-group", "cluster-security-group",
					     "cluster-snapshot", "scheduled-action" };
	int64_t minutes, now = clock_now(w->clock);
	struct asked a = { params_get(p, "SourceIdentifier"), params_get(p, "SourceType"), 0, 0 };
	struct redshift_list list = {
		.kind = EVENT_KIND, .element = "Events", .match = passes, .write = write_event, .arg = &a
	};
	bool known = !a.type;

	for (size_t i = 0; !known && i < sizeof(types) / sizeof(*types); i++)
		known = strcmp(types[i], a.type) == 0;
	if (!known)
		return service_error(err, 400, "InvalidParameterValue", "The source type %.60s is not valid", a.type);
	if (a.source && !a.type)
		return service_error(err, 400, "InvalidParameterCombination",
				     "SourceType is required when SourceIdentifier is given.");
	if (params_int(p, "Duration", 60, 1, MINUTES_MAX, &minutes, err) < 0 ||
	    take_time(p, "EndTime", now, &a.to, err) < 0 ||
	    take_time(p, "StartTime", a.to - minutes * MINUTE_MS, &a.from, err) < 0)
		return -1;
	return redshift_write_list(w, who, p, &list, out, err);
}
