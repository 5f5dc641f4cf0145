#include "sandbox/cluster/events.h"

#include <inttypes.h>
#include <stdatomic.h>

/* AWS keeps events for 14 days; the number is a bound of ours. */
#define KEPT_MS    (INT64_C(14) * 24 * 3600 * 1000)
#define KEPT_COUNT 500

struct oldest {
	char id[128];
	int64_t time_ms;
};

static int take_first(void *arg, const char *id, const struct json *doc)
{
	struct oldest *o = arg;

	snprintf(o->id, sizeof(o->id), "%s", id);
	o->time_ms = json_int(doc, "timeMs", 0);
	return 1;
}

/* One goes for each that comes: the number stays bounded, and a batch stays small. */
static int make_room(struct world *w, const char *region, int64_t now, struct err *err)
{
	struct oldest o = { .id = "" };
	char prefix[64];

	snprintf(prefix, sizeof(prefix), "%s/", region);
	store_each(w->store, EVENT_KIND, prefix, take_first, &o);
	if (!*o.id || (o.time_ms > now - KEPT_MS && store_count(w->store, EVENT_KIND, prefix) < KEPT_COUNT))
		return 0;
	return store_delete(w->store, EVENT_KIND, o.id, err);
}

/* AWS numbers them so. */
static const char *category_of(const char *event_id)
{
	static const struct {
		char first;
		const char *category;
	} rows[] = { { '1', "configuration" }, { '2', "management" }, { '3', "monitoring" }, { '4', "security" } };
	const char *number = event_id + strcspn(event_id, "0123456789");

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].first == *number)
			return rows[i].category;
	return "management";
}

int events_put(struct world *w, const char *region, const struct event *e, struct err *err)
{
	static atomic_uint count; /* tells those of one millisecond apart */
	int64_t now = clock_now(w->clock);
	struct json *doc;
	char id[128];

	if (make_room(w, region, now, err))
		return -1;
	doc = json_new_object();
	if (!doc || json_set_str(doc, "sourceType", e->source_type) || json_set_str(doc, "sourceId", e->source_id) ||
	    json_set_str(doc, "eventId", e->event_id) || json_set_str(doc, "category", category_of(e->event_id)) ||
	    json_set_str(doc, "severity", e->severity) || json_set_str(doc, "message", e->message) ||
	    json_set_int(doc, "timeMs", now)) {
		json_free(doc);
		return err_nomem(err);
	}
	snprintf(id, sizeof(id), "%s/%015" PRId64 "-%05u", region, now, atomic_fetch_add(&count, 1) % 100000);
	return store_put(w->store, EVENT_KIND, id, doc, err);
}
