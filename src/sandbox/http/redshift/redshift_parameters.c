/* Cluster parameter groups. Documents of kind "redshift:parameter-group", id "<region>/<name>": name, region, family,
 * description, parameters{name: value} (those that differ from the family's), tags{}. The families' default groups are
 * always there and cannot be changed. */
#include "sandbox/cluster/events.h"
#include "sandbox/cluster/parameters.h"
#include "sandbox/http/redshift/redshift.h"

#define KIND        "redshift:parameter-group"
#define GROUPS_MAX  20
#define CHANGES_MAX 20 /* in one call */
#define DEFAULT     "default."

static const char *const families[] = { "redshift-1.0", "redshift-2.0" };

/* Source: Amazon Redshift management guide, "Amazon Redshift parameter groups". */
static const struct parameter {
	const char *name, *value;
	const char *value_2; /* of family redshift-2.0; NULL: the same */
	const char *type, *allowed, *description;
	bool dynamic;
	int64_t min, max; /* of integers */
} parameters[] = {
	{ "auto_analyze", "true", NULL, "boolean", "true,false", "Use auto analyze", false, 0, 0 },
	{ "auto_mv", "true", NULL, "boolean", "true,false", "Use auto materialized views", false, 0, 0 },
	{ "datestyle", "ISO, MDY", NULL, "string", NULL, "Sets the display format for date and time values.", false, 0,
	  0 },
	{ "enable_case_sensitive_identifier", "false", NULL, "boolean", "true,false",
	  "Keep the case of names in double quotes", false, 0, 0 },
	{ "enable_user_activity_logging", "false", NULL, "boolean", "true,false", "Log the statements of users", false,
	  0, 0 },
	{ "extra_float_digits", "0", NULL, "integer", "-15-2",
	  "Sets the number of digits displayed for floating-point values", false, -15, 2 },
	{ "max_concurrency_scaling_clusters", "1", NULL, "integer", "0-10",
	  "The most clusters that concurrency scaling may add", false, 0, 10 },
	{ "max_cursor_result_set_size", "default", NULL, "integer", "0-14400000", "Sets the max cursor result set size",
	  false, 0, 14400000 },
	{ "query_group", "default", NULL, "string", NULL, "A label for queries of a session", false, 0, 0 },
	{ "require_ssl", "false", "true", "boolean", "true,false", "Require SSL for all connections", false, 0, 0 },
	{ "search_path", "$user, public", NULL, "string", NULL, "The order in which schemas are searched", false, 0,
	  0 },
	{ "statement_timeout", "0", NULL, "integer", "0,100-2147483647",
	  "Ends a statement that takes more than this number of milliseconds.", false, 0, 2147483647 },
	{ "use_fips_ssl", "false", NULL, "boolean", "true,false", "Use the FIPS library", false, 0, 0 },
	{ "wlm_json_configuration", "[{\"auto_wlm\":true}]", NULL, "string", NULL, "wlm json configuration", true, 0,
	  0 },
};

static const struct parameter *find_parameter(const char *name)
{
	for (size_t i = 0; i < sizeof(parameters) / sizeof(*parameters); i++)
		if (strcmp(parameters[i].name, name) == 0)
			return &parameters[i];
	return NULL;
}

static bool is_family(const char *name)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
		if (strcmp(families[i], name) == 0)
			return true;
	return false;
}

static bool is_default(const char *name)
{
	return strncmp(name, DEFAULT, strlen(DEFAULT)) == 0 && is_family(name + strlen(DEFAULT));
}

static void group_id(const struct caller *who, const char *name, char out[400])
{
	char lower[256];

	redshift_lower(name, lower, sizeof(lower));
	snprintf(out, 400, "%s/%s", who->region, lower);
}

static const struct json *find_group(struct world *w, const struct caller *who, const char *name, struct err *err)
{
	const struct json *doc;
	char id[400];

	group_id(who, name, id);
	doc = store_get(w->store, KIND, id);
	if (!doc)
		service_error(err, 404, "ClusterParameterGroupNotFound", "ClusterParameterGroup not found: %.255s",
			      name);
	return doc;
}

int redshift_check_parameter_group(struct world *w, const struct caller *who, const char *name, struct err *err)
{
	return is_default(name) || find_group(w, who, name, err) ? 0 : -1;
}

/* A group that may be changed. */
static const struct json *find_own_group(struct world *w, const struct caller *who, const struct params *p,
					 struct err *err)
{
	const char *name;

	if (redshift_require(p, "ParameterGroupName", &name, err) < 0)
		return NULL;
	if (!is_default(name))
		return find_group(w, who, name, err);
	service_error(err, 400, "InvalidClusterParameterGroupState",
		      "The default parameter group %s cannot be changed or deleted.", name);
	return NULL;
}

/* ---- groups ---- */

static int put_event(struct world *w, const struct caller *who, const char *name, const char *id, const char *what,
		     struct err *err)
{
	char message[700], now[CLOCK_TEXT];
	struct event e = { "cluster-parameter-group", name, id, "INFO", message };

	clock_iso_s(clock_now(w->clock), now);
	snprintf(message, sizeof(message), "%s at %s.", what, now);
	return events_put(w, who->region, &e, err);
}

static void write_texts(struct buf *out, const char *name, const char *family, const char *description,
			const struct json *tags)
{
	xml_open(out, "ClusterParameterGroup");
	xml_element(out, "ParameterGroupName", name);
	xml_element(out, "ParameterGroupFamily", family);
	xml_element(out, "Description", description);
	redshift_write_tags(tags, out);
	xml_close(out, "ClusterParameterGroup");
}

static void write_group(struct world *w, const struct json *doc, struct buf *out)
{
	(void)w;
	write_texts(out, json_str(doc, "name", ""), json_str(doc, "family", ""), json_str(doc, "description", ""),
		    json_get(doc, "tags"));
}

static void write_default(struct buf *out, const char *family)
{
	char name[64], description[80];

	snprintf(name, sizeof(name), DEFAULT "%s", family);
	snprintf(description, sizeof(description), "Default parameter group for %s", family);
	write_texts(out, name, family, description, NULL);
}

static int write_defaults(struct world *w, const struct caller *who, struct buf *out)
{
	(void)w;
	(void)who;
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
		write_default(out, families[i]);
	return sizeof(families) / sizeof(*families);
}

static int check_name(const char *name, struct err *err)
{
	size_t len = strlen(name);
	bool letter = (name[0] | 32) >= 'a' && (name[0] | 32) <= 'z';

	if (letter && len <= 255 && name[len - 1] != '-' && !strstr(name, "--") &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == len)
		return 0;
	return service_error(err, 400, "InvalidParameterValue",
			     "The parameter ParameterGroupName is not valid. It must have 1 to 255 letters, digits and "
			     "hyphens, begin with a letter, and must not end with a hyphen or contain two consecutive "
			     "hyphens.");
}

static int fill_group(const struct caller *who, const struct params *p, const char *id, const char *family,
		      const char *description, struct json *doc, struct err *err)
{
	struct json *tags = json_new_object(), *values = json_new_object();
	int failed = tags ? json_set(doc, "tags", tags) : -1;

	failed |= values ? json_set(doc, "parameters", values) : -1;
	if (failed || json_set_str(doc, "name", strchr(id, '/') + 1) < 0 ||
	    json_set_str(doc, "region", who->region) < 0 || json_set_str(doc, "family", family) < 0 ||
	    json_set_str(doc, "description", description) < 0)
		return err_nomem(err);
	return redshift_take_tags(p, json_get_mut(doc, "tags"), err);
}

REDSHIFT_HANDLER(redshift_create_parameter_group)
{
	const char *name, *family, *description;
	struct json *doc;
	char id[400], what[400];

	if (redshift_require(p, "ParameterGroupName", &name, err) < 0 || check_name(name, err) < 0 ||
	    redshift_require(p, "ParameterGroupFamily", &family, err) < 0 ||
	    redshift_require(p, "Description", &description, err) < 0)
		return -1;
	if (!is_family(family))
		return service_error(err, 400, "InvalidParameterValue", "The parameter group family %.60s is not valid",
				     family);
	group_id(who, name, id);
	if (store_get(w->store, KIND, id))
		return service_error(err, 400, "ClusterParameterGroupAlreadyExists",
				     "ClusterParameterGroup %s already exists.", strchr(id, '/') + 1);
	if (store_count(w->store, KIND, "") >= GROUPS_MAX)
		return service_error(err, 400, "ClusterParameterGroupQuotaExceeded",
				     "The request would exceed the quota of %d parameter groups.", GROUPS_MAX);
	doc = json_new_object();
	if (!doc)
		return err_nomem(err);
	if (fill_group(who, p, id, family, description, doc, err) < 0) {
		json_free(doc);
		return -1;
	}
	write_group(w, doc, out);
	snprintf(what, sizeof(what), "Cluster parameter group %s created", strchr(id, '/') + 1);
	if (store_put(w->store, KIND, id, doc, err) < 0 ||
	    put_event(w, who, strchr(id, '/') + 1, "REDSHIFT-EVENT-1003", what, err) < 0)
		return -1;
	return buf_check(out, "reply", err);
}

struct usage {
	const char *name;
};

static int is_used(void *arg, const char *id, const struct json *doc)
{
	const struct usage *u = arg;

	(void)id;
	return strcasecmp(json_str(doc, "parameterGroup", ""), u->name) == 0 ||
	       strcasecmp(json_str(json_get(doc, "pending"), "parameterGroup", ""), u->name) == 0;
}

REDSHIFT_HANDLER(redshift_delete_parameter_group)
{
	const struct json *doc = find_own_group(w, who, p, err);
	struct usage u = { json_str(doc, "name", "") };
	char prefix[64], id[400], what[400];

	if (!doc)
		return -1;
	(void)out;
	snprintf(prefix, sizeof(prefix), "%s/", who->region);
	if (store_each(w->store, CLUSTER_KIND, prefix, is_used, &u))
		return service_error(err, 400, "InvalidClusterParameterGroupState",
				     "The parameter group %s is in use by a cluster.", u.name);
	group_id(who, u.name, id);
	snprintf(what, sizeof(what), "Cluster parameter group %s deleted", strchr(id, '/') + 1);
	if (put_event(w, who, strchr(id, '/') + 1, "REDSHIFT-EVENT-1004", what, err) < 0)
		return -1;
	return store_delete(w->store, KIND, id, err);
}

REDSHIFT_HANDLER(redshift_describe_parameter_groups)
{
	const char *name = params_get(p, "ParameterGroupName");
	struct redshift_list list = {
		.kind = KIND, .element = "ParameterGroups", .write = write_group, .first = write_defaults
	};
	const struct json *doc = NULL;

	if (!name || !*name)
		return redshift_write_list(w, who, p, &list, out, err);
	if (!is_default(name) && !(doc = find_group(w, who, name, err)))
		return -1;
	xml_open(out, list.element);
	if (doc)
		write_group(w, doc, out);
	else
		write_default(out, name + strlen(DEFAULT));
	xml_close(out, list.element);
	return buf_check(out, "reply", err);
}

/* ---- what a cluster has of it ---- */

/* The value that counts; the families' own groups have none of their own. */
static const char *value_of(const struct parameter *row, const struct json *values, bool second)
{
	return json_str(values, row->name, second && row->value_2 ? row->value_2 : row->value);
}

static void write_status(const struct parameter *row, bool waits, struct buf *out)
{
	xml_open(out, "member");
	xml_element(out, "ParameterName", row->name);
	xml_element(out, "ParameterApplyStatus", waits ? "pending-reboot" : "in-sync");
	xml_close(out, "member");
}

void redshift_write_applied_group(struct world *w, const struct json *cluster, struct buf *out)
{
	const char *name = json_str(cluster, "parameterGroup", ""), *was = json_str(cluster, "appliedGroup", NULL);
	const struct json *group, *applied = json_get(cluster, "appliedParameters"), *values;
	bool waits[sizeof(parameters) / sizeof(*parameters)] = { false }, any = false, second, other;
	char id[400];

	snprintf(id, sizeof(id), "%s/%s", json_str(cluster, "region", ""), name);
	group = store_get(w->store, KIND, id);
	values = json_get(group, "parameters");
	second = strcmp(json_str(group, "family", ""), "redshift-2.0") == 0;
	/* Until it was started once, a cluster is to get what the group has; a family's own group never changes. */
	other = was && strcmp(was, name) != 0;
	for (size_t i = 0; was && (group || other) && i < sizeof(parameters) / sizeof(*parameters); i++) {
		const struct parameter *row = &parameters[i];

		waits[i] = !row->dynamic &&
			   (other || strcmp(value_of(row, values, second), value_of(row, applied, second)) != 0);
		any = any || waits[i];
	}
	xml_open(out, "ClusterParameterGroups");
	xml_open(out, "ClusterParameterGroup");
	xml_element(out, "ParameterGroupName", name);
	xml_element(out, "ParameterApplyStatus", any ? "pending-reboot" : "in-sync");
	if (any || group) {
		xml_open(out, "ClusterParameterStatusList");
		for (size_t i = 0; i < sizeof(parameters) / sizeof(*parameters); i++)
			write_status(&parameters[i], waits[i], out);
		xml_close(out, "ClusterParameterStatusList");
	}
	xml_close(out, "ClusterParameterGroup");
	xml_close(out, "ClusterParameterGroups");
}

/* ---- parameters ---- */

static void write_parameter(const struct parameter *row, const char *value, const char *source, struct buf *out)
{
	xml_open(out, "Parameter");
	xml_element(out, "ParameterName", row->name);
	xml_element(out, "ParameterValue", value);
	xml_element(out, "Description", row->description);
	xml_element(out, "Source", source);
	xml_element(out, "DataType", row->type);
	xml_element(out, "AllowedValues", row->allowed);
	xml_element(out, "ApplyType", row->dynamic ? "dynamic" : "static");
	xml_element(out, "IsModifiable", "true");
	xml_close(out, "Parameter");
}

/* values (may be NULL): the group's own. source: "user", "engine-default" or NULL for both. */
static void write_parameters(const char *family, const struct json *values, const char *source, struct buf *out)
{
	bool second = strcmp(family, "redshift-2.0") == 0;

	xml_open(out, "Parameters");
	for (size_t i = 0; i < sizeof(parameters) / sizeof(*parameters); i++) {
		const struct parameter *row = &parameters[i];
		const char *own = json_str(values, row->name, NULL), *from = own ? "user" : "engine-default";

		if (!source || !*source || strcmp(source, from) == 0)
			write_parameter(row, own ? own : second && row->value_2 ? row->value_2 : row->value, from, out);
	}
	xml_close(out, "Parameters");
}

REDSHIFT_HANDLER(redshift_describe_parameters)
{
	const char *name, *source = params_get(p, "Source");
	const struct json *doc = NULL;
	const char *after;
	int64_t max;

	if (redshift_require(p, "ParameterGroupName", &name, err) < 0 || redshift_page(p, &after, &max, err) < 0)
		return -1;
	if (!is_default(name) && !(doc = find_group(w, who, name, err)))
		return -1;
	/* There are fewer than the shortest page holds. */
	write_parameters(doc ? json_str(doc, "family", "") : name + strlen(DEFAULT), json_get(doc, "parameters"),
			 source, out);
	return buf_check(out, "reply", err);
}

REDSHIFT_HANDLER(redshift_describe_default_parameters)
{
	const char *family;

	(void)w;
	(void)who;
	if (redshift_require(p, "ParameterGroupFamily", &family, err) < 0)
		return -1;
	if (!is_family(family))
		return service_error(err, 400, "InvalidParameterValue", "The parameter group family %.60s is not valid",
				     family);
	xml_open(out, "DefaultClusterParameters");
	xml_element(out, "ParameterGroupFamily", family);
	write_parameters(family, NULL, NULL, out);
	xml_close(out, "DefaultClusterParameters");
	return buf_check(out, "reply", err);
}

static int refuse_value(const struct parameter *row, const char *value, struct err *err)
{
	return service_error(err, 400, "InvalidParameterValue", "Invalid value for parameter %s: %.100s. Allowed: %s",
			     row->name, value, row->allowed ? row->allowed : "text");
}

static int check_value(const struct parameter *row, const char *value, struct err *err)
{
	struct err why = { 0 };
	struct json *parsed;
	char *end;
	long long n;

	if (strcmp(row->type, "boolean") == 0)
		return strcmp(value, "true") == 0 || strcmp(value, "false") == 0 ? 0 : refuse_value(row, value, err);
	if (strcmp(row->type, "integer") == 0) {
		if (strcmp(value, row->value) == 0)
			return 0;
		n = strtoll(value, &end, 10);
		if (!*value || *end || n < row->min || n > row->max)
			return refuse_value(row, value, err);
		/* Shorter ones than 100 ms are refused there too, but for 0, which is none. */
		return strcmp(row->name, "statement_timeout") == 0 && n > 0 && n < 100 ? refuse_value(row, value, err)
										       : 0;
	}
	if (!parameters_value_fits(row->name, value))
		return refuse_value(row, value, err);
	if (strcmp(row->name, "wlm_json_configuration") == 0) {
		parsed = json_parse(value, strlen(value), &why);
		if (!parsed)
			return refuse_value(row, value, err);
		json_free(parsed);
	}
	return 0;
}

/* Parameters.Parameter.N.ParameterName, and Value unless they are reset. The number of them, or -1. */
static int change_parameters(const struct params *p, bool reset, struct json *values, struct err *err)
{
	for (int i = 1;; i++) {
		const char *style = params_getf(p, "Parameters.Parameter.%d.ParameterName", i) ? "Parameter" : "member";
		const char *name = params_getf(p, "Parameters.%s.%d.ParameterName", style, i);
		const char *value = params_getf(p, "Parameters.%s.%d.ParameterValue", style, i);
		const struct parameter *row;

		if (!name)
			return i - 1;
		if (i > CHANGES_MAX)
			return service_error(err, 400, "InvalidParameterValue",
					     "A maximum of %d parameters can be changed in a single request.",
					     CHANGES_MAX);
		row = find_parameter(name);
		if (!row)
			return service_error(err, 400, "InvalidParameterValue",
					     "Could not find parameter with name: %.100s", name);
		if (reset) {
			json_remove(values, name);
			continue;
		}
		if (!value || check_value(row, value, err) < 0)
			return value ? -1 : refuse_value(row, "", err);
		if (json_set_str(values, name, value) < 0)
			return err_nomem(err);
	}
}

static int note_changes(struct world *w, const struct caller *who, const struct json *before, const struct json *after,
			struct err *err)
{
	const struct json *old = json_get(before, "parameters"), *now = json_get(after, "parameters");
	bool second = strcmp(json_str(after, "family", ""), "redshift-2.0") == 0;
	const char *name = json_str(after, "name", "");
	char what[600];

	for (size_t i = 0; i < sizeof(parameters) / sizeof(*parameters); i++) {
		const struct parameter *row = &parameters[i];
		const char *value = value_of(row, now, second);

		if (strcmp(value, value_of(row, old, second)) == 0)
			continue;
		snprintf(what, sizeof(what), "Parameter %s in Parameter Group %s was updated to %.200s", row->name,
			 name, value);
		if (put_event(w, who, name, "REDSHIFT-EVENT-1002", what, err) < 0)
			return -1;
	}
	return 0;
}

static int change_group(struct world *w, const struct caller *who, const struct params *p, bool reset, bool all,
			struct buf *out, struct err *err)
{
	const struct json *doc = find_own_group(w, who, p, err);
	struct json *copy, *fresh;
	char id[400];
	int count = -1;

	if (!doc)
		return -1;
	copy = json_copy(doc);
	if (!copy)
		return err_nomem(err);
	if (all) {
		fresh = json_new_object();
		count = fresh && json_set(copy, "parameters", fresh) == 0 ? 1 : err_nomem(err);
	} else {
		count = change_parameters(p, reset, json_get_mut(copy, "parameters"), err);
	}
	if (count == 0)
		service_error(err, 400, "MissingParameter", "The request must contain the parameter Parameters");
	if (count <= 0) {
		json_free(copy);
		return -1;
	}
	if (note_changes(w, who, doc, copy, err) < 0) {
		json_free(copy);
		return -1;
	}
	xml_element(out, "ParameterGroupName", json_str(copy, "name", ""));
	xml_element(out, "ParameterGroupStatus",
		    "Your parameter group has been updated but changes won't get applied until you reboot the "
		    "associated Clusters.");
	group_id(who, json_str(copy, "name", ""), id);
	if (store_put(w->store, KIND, id, copy, err) < 0)
		return -1;
	return buf_check(out, "reply", err);
}

REDSHIFT_HANDLER(redshift_modify_parameter_group)
{
	return change_group(w, who, p, false, false, out, err);
}

REDSHIFT_HANDLER(redshift_reset_parameter_group)
{
	bool all;

	if (params_bool(p, "ResetAllParameters", false, &all, err) < 0)
		return -1;
	return change_group(w, who, p, true, all, out, err);
}
