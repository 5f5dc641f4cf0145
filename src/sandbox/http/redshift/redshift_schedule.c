/* Scheduled actions: the calls. Documents of kind "redshift:scheduled-action", id "<region>/<name>":
 *   name, region, schedule ("at(...)", "cron(...)"), iamRole, description, enabled, startMs, endMs (0: none)
 *   action ("PauseCluster", "ResumeCluster", "ResizeCluster"), target{parameter: value} (the call's parameters)
 *   seenMs                      up to when it was looked at: what was due later is still to be run
 * redshift_scheduler.c runs them. */
#include "sandbox/http/redshift/redshift_schedule.h"
#include "sandbox/cluster/cron.h"
#include "sandbox/http/redshift/redshift.h"
#include "spark/sandbox/access.h"

#define SCHEDULES_MAX 200
#define NEXT_SHOWN    5
#define SCHEDULER     "scheduler.redshift.amazonaws.com"

static const char *const pause_parameters[] = { "ClusterIdentifier", NULL };
static const char *const resize_parameters[] = { "ClusterIdentifier", "ClusterType", "NodeType",
						 "NumberOfNodes",     "Classic",     NULL };

static const struct target {
	const char *action;
	const char *type; /* of the filter TargetActionType */
	const char *const *parameters;
} targets[] = {
	{ "PauseCluster", "PauseCluster", pause_parameters },
	{ "ResumeCluster", "ResumeCluster", pause_parameters },
	{ "ResizeCluster", "ResizeCluster", resize_parameters },
};

static void schedule_id(const struct caller *who, const char *name, char out[160])
{
	char lower[64];

	redshift_lower(name, lower, sizeof(lower));
	snprintf(out, 160, "%s/%s", who->region, lower);
}

static const struct json *find_schedule(struct world *w, const struct caller *who, const struct params *p,
					struct err *err)
{
	const struct json *doc;
	const char *name;
	char id[160];

	if (redshift_require(p, "ScheduledActionName", &name, err) < 0)
		return NULL;
	schedule_id(who, name, id);
	doc = strlen(name) > 60 ? NULL : store_get(w->store, SCHEDULE_KIND, id);
	if (!doc)
		service_error(err, 400, "ScheduledActionNotFound", "The scheduled action %.60s was not found.", name);
	return doc;
}

/* ---- taking ---- */

static int check_name(const char *name, struct err *err)
{
	size_t len = strlen(name);

	if (len >= 1 && len <= 60 &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == len)
		return 0;
	return service_error(err, 400, "InvalidParameterValue",
			     "The scheduled action's name must have 1 to 60 letters, digits and hyphens.");
}

static int take_schedule(const struct world *w, const struct params *p, struct json *doc, struct err *err)
{
	const char *text = params_get(p, "Schedule");
	struct err why = { 0 };
	struct cron c;
	int64_t next;

	if (!text || !*text)
		return 0;
	if (cron_parse(text, &c, &why))
		return service_error(err, 400, "InvalidSchedule", "The schedule is not valid: %s.", why.text);
	if (!cron_next(&c, clock_now(w->clock), &next))
		return service_error(err, 400, "InvalidSchedule", "The schedule %.100s lies in the past.", text);
	return json_set_str(doc, "schedule", text) < 0 ? err_nomem(err) : 0;
}

static int take_action(const struct params *p, struct json *doc, struct err *err)
{
	const struct target *found = NULL;
	struct json *target;

	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		if (!params_getf(p, "TargetAction.%s.ClusterIdentifier", targets[i].action))
			continue;
		if (found)
			return service_error(err, 400, "InvalidScheduledAction",
					     "A scheduled action has one target action, not more.");
		found = &targets[i];
	}
	if (!found)
		return 0;
	target = json_new_object();
	if (!target || json_set(doc, "target", target) < 0 || json_set_str(doc, "action", found->action) < 0)
		return err_nomem(err);
	for (const char *const *name = found->parameters; *name; name++) {
		const char *value = params_getf(p, "TargetAction.%s.%s", found->action, *name);

		if (value && *value && json_set_str(target, *name, value) < 0)
			return err_nomem(err);
	}
	return redshift_check_identifier(json_str(target, "ClusterIdentifier", ""), err);
}

/* The scheduler takes the role when the time has come: it must be able to. */
static int take_role(struct world *w, const struct params *p, struct json *doc, struct err *err)
{
	const char *role = params_get(p, "IamRole");
	struct err why = { 0 };
	bool trusted = false;

	if (!role || !*role)
		return 0;
	if (redshift_check_role_arn(role, err) < 0)
		return -1;
	if (access_role_trusts(w, role, SCHEDULER, &trusted, &why) && strcmp(why.code, "NoSuchEntity") != 0) {
		*err = why;
		return -1;
	}
	if (!trusted)
		return service_error(err, 400, "InvalidScheduledAction",
				     "The IAM role %.200s must exist and allow " SCHEDULER " to assume it.", role);
	return json_set_str(doc, "iamRole", role) < 0 ? err_nomem(err) : 0;
}

static int take_time(const struct params *p, const char *parameter, const char *member, struct json *doc,
		     struct err *err)
{
	const char *text = params_get(p, parameter);
	struct err why = { 0 };
	int64_t ms;

	if (!text || !*text)
		return 0;
	if (clock_parse(text, &ms, &why))
		return service_error(err, 400, "InvalidParameterValue", "The parameter %s is not a time: %.60s",
				     parameter, text);
	return json_set_int(doc, member, ms) < 0 ? err_nomem(err) : 0;
}

static int take_all(struct world *w, const struct params *p, struct json *doc, struct err *err)
{
	const char *description = params_get(p, "ScheduledActionDescription");
	int64_t start, end;
	bool enabled;

	if (take_schedule(w, p, doc, err) < 0 || take_action(p, doc, err) < 0 || take_role(w, p, doc, err) < 0 ||
	    take_time(p, "StartTime", "startMs", doc, err) < 0 || take_time(p, "EndTime", "endMs", doc, err) < 0 ||
	    params_bool(p, "Enable", json_bool(doc, "enabled", true), &enabled, err) < 0)
		return -1;
	start = json_int(doc, "startMs", 0);
	end = json_int(doc, "endMs", 0);
	if (end && end <= (start ? start : clock_now(w->clock)))
		return service_error(err, 400, "InvalidSchedule", "The end time must lie after the start time.");
	if ((description && json_set_str(doc, "description", description) < 0) ||
	    json_set_bool(doc, "enabled", enabled) < 0 || json_set_int(doc, "seenMs", clock_now(w->clock)) < 0)
		return err_nomem(err);
	return 0;
}

/* ---- showing ---- */

static void write_target(const struct json *doc, struct buf *out)
{
	const char *action = json_str(doc, "action", "");

	xml_open(out, "TargetAction");
	xml_open(out, action);
	for (const struct json *m = json_first(json_get(doc, "target")); m; m = json_next(m))
		xml_element(out, json_name(m), json_text(m));
	xml_close(out, action);
	xml_close(out, "TargetAction");
}

static void write_time(struct buf *out, const char *name, int64_t ms)
{
	char text[CLOCK_TEXT];

	if (!ms)
		return;
	clock_iso_s(ms, text);
	xml_element(out, name, text);
}

static void write_next(const struct world *w, const struct json *doc, struct buf *out)
{
	int64_t after = clock_now(w->clock);

	xml_open(out, "NextInvocations");
	for (int i = 0; i < NEXT_SHOWN && schedule_next(doc, after, &after); i++)
		write_time(out, "ScheduledActionTime", after);
	xml_close(out, "NextInvocations");
}

static bool is_active(const struct world *w, const struct json *doc)
{
	int64_t next;

	return json_bool(doc, "enabled", true) && schedule_next(doc, clock_now(w->clock), &next);
}

static void write_members(struct world *w, const struct json *doc, struct buf *out)
{
	xml_element(out, "ScheduledActionName", json_str(doc, "name", ""));
	write_target(doc, out);
	xml_element(out, "Schedule", json_str(doc, "schedule", ""));
	xml_element(out, "IamRole", json_str(doc, "iamRole", ""));
	xml_element(out, "ScheduledActionDescription", json_str(doc, "description", NULL));
	xml_element(out, "State", is_active(w, doc) ? "ACTIVE" : "DISABLED");
	write_next(w, doc, out);
	write_time(out, "StartTime", json_int(doc, "startMs", 0));
	write_time(out, "EndTime", json_int(doc, "endMs", 0));
}

static void write_schedule(struct world *w, const struct json *doc, struct buf *out)
{
	xml_open(out, "ScheduledAction");
	write_members(w, doc, out);
	xml_close(out, "ScheduledAction");
}

bool schedule_next(const struct json *doc, int64_t after_ms, int64_t *next_ms)
{
	int64_t start = json_int(doc, "startMs", 0), end = json_int(doc, "endMs", 0), next;
	struct err err = { 0 };
	struct cron c;

	if (!json_bool(doc, "enabled", true) || cron_parse(json_str(doc, "schedule", ""), &c, &err))
		return false;
	if (after_ms < start)
		after_ms = start - 1;
	if (!cron_next(&c, after_ms, &next) || (end && next > end))
		return false;
	*next_ms = next;
	return true;
}

/* ---- actions ---- */

static int require_all(const struct json *doc, struct err *err)
{
	static const char *const needed[][2] = { { "schedule", "Schedule" },
						 { "action", "TargetAction" },
						 { "iamRole", "IamRole" } };

	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!json_get(doc, needed[i][0]))
			return service_error(err, 400, "MissingParameter", "The request must contain the parameter %s",
					     needed[i][1]);
	return 0;
}

static int put(struct world *w, const char *id, struct json *doc, struct buf *out, struct err *err)
{
	write_members(w, doc, out);
	if (store_put(w->store, SCHEDULE_KIND, id, doc, err) < 0)
		return -1;
	return buf_check(out, "reply", err);
}

REDSHIFT_HANDLER(redshift_create_schedule)
{
	const char *name;
	struct json *doc;
	char id[160];

	if (redshift_require(p, "ScheduledActionName", &name, err) < 0 || check_name(name, err) < 0)
		return -1;
	schedule_id(who, name, id);
	if (store_get(w->store, SCHEDULE_KIND, id))
		return service_error(err, 400, "ScheduledActionAlreadyExists",
				     "The scheduled action %s already exists.", name);
	if (store_count(w->store, SCHEDULE_KIND, "") >= SCHEDULES_MAX)
		return service_error(err, 400, "ScheduledActionQuotaExceeded",
				     "The request would exceed the quota of %d scheduled actions.", SCHEDULES_MAX);
	doc = json_new_object();
	if (!doc || json_set_str(doc, "name", name) < 0 || json_set_str(doc, "region", who->region) < 0) {
		json_free(doc);
		return err_nomem(err);
	}
	if (take_all(w, p, doc, err) < 0 || require_all(doc, err) < 0) {
		json_free(doc);
		return -1;
	}
	return put(w, id, doc, out, err);
}

REDSHIFT_HANDLER(redshift_modify_schedule)
{
	const struct json *doc = find_schedule(w, who, p, err);
	struct json *copy;
	char id[160];

	if (!doc)
		return -1;
	copy = json_copy(doc);
	if (!copy)
		return err_nomem(err);
	if (take_all(w, p, copy, err) < 0) {
		json_free(copy);
		return -1;
	}
	schedule_id(who, json_str(doc, "name", ""), id);
	return put(w, id, copy, out, err);
}

REDSHIFT_HANDLER(redshift_delete_schedule)
{
	const struct json *doc = find_schedule(w, who, p, err);
	char id[160];

	if (!doc)
		return -1;
	(void)out;
	schedule_id(who, json_str(doc, "name", ""), id);
	return store_delete(w->store, SCHEDULE_KIND, id, err);
}

struct asked {
	struct world *w;
	const struct params *p;
	const char *type;
	int active; /* -1: not asked */
};

static bool one_of(const struct params *p, int filter, const char *text)
{
	for (int i = 1;; i++) {
		const char *value = params_getf(p, "Filters.ScheduledActionFilter.%d.Values.item.%d", filter, i);

		if (!value)
			return false;
		if (strcasecmp(value, text) == 0)
			return true;
	}
}

static bool passes_filters(const struct params *p, const struct json *doc)
{
	for (int i = 1;; i++) {
		const char *name = params_getf(p, "Filters.ScheduledActionFilter.%d.Name", i), *value;

		if (!name)
			return true;
		value = strcmp(name, "iam-role") == 0 ? json_str(doc, "iamRole", "")
						      : json_str(json_get(doc, "target"), "ClusterIdentifier", "");
		if (!one_of(p, i, value))
			return false;
	}
}

static bool passes(void *arg, const struct json *doc)
{
	const struct asked *a = arg;

	if (a->type && strcmp(json_str(doc, "action", ""), a->type) != 0)
		return false;
	if (a->active >= 0 && is_active(a->w, doc) != (a->active != 0))
		return false;
	return passes_filters(a->p, doc);
}

static int check_filters(const struct params *p, const char *type, struct err *err)
{
	bool known = !type;
	const char *name;

	for (size_t i = 0; !known && i < sizeof(targets) / sizeof(*targets); i++)
		known = strcmp(targets[i].type, type) == 0;
	if (!known)
		return service_error(err, 400, "InvalidParameterValue", "The target action type %.60s is not valid",
				     type);
	for (int i = 1; (name = params_getf(p, "Filters.ScheduledActionFilter.%d.Name", i)) != NULL; i++)
		if (strcmp(name, "cluster-identifier") != 0 && strcmp(name, "iam-role") != 0)
			return service_error(err, 400, "InvalidParameterValue", "The filter %.60s is not valid", name);
	return 0;
}

REDSHIFT_HANDLER(redshift_describe_schedules)
{
	const char *name = params_get(p, "ScheduledActionName");
	struct asked a = { w, p, params_get(p, "TargetActionType"), -1 };
	struct redshift_list list = { .kind = SCHEDULE_KIND,
				      .element = "ScheduledActions",
				      .match = passes,
				      .write = write_schedule,
				      .arg = &a };
	const struct json *doc;
	bool active;

	if (check_filters(p, a.type, err) < 0 || params_bool(p, "Active", false, &active, err) < 0)
		return -1;
	if (params_get(p, "Active"))
		a.active = active;
	if (!name || !*name)
		return redshift_write_list(w, who, p, &list, out, err);
	if (!(doc = find_schedule(w, who, p, err)))
		return -1;
	xml_open(out, list.element);
	if (passes(&a, doc))
		write_schedule(w, doc, out);
	xml_close(out, list.element);
	return buf_check(out, "reply", err);
}
