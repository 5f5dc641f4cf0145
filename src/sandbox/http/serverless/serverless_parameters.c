/* configParameters of workgroups: the settings of its sessions, and limits of its queries. */
#include "sandbox/cluster/parameters.h"
#include "sandbox/http/serverless/serverless.h"

#define VALUE_MAX 15000

/* Source: Amazon Redshift Serverless API, "ConfigParameter"; the limits' ranges: database developer guide, "WLM query
 * monitoring rules". */
static const struct config_row {
	const char *key;
	const char *standard; /* what a workgroup has without asking; NULL: nothing */
	enum { CONFIG_BOOL, CONFIG_TEXT, CONFIG_LIMIT, CONFIG_JSON } as;
	int64_t max; /* of limits */
} rows[] = {
	{ "auto_mv", "true", CONFIG_BOOL, 0 },
	{ "datestyle", "ISO, MDY", CONFIG_TEXT, 0 },
	{ "enable_case_sensitive_identifier", "false", CONFIG_BOOL, 0 },
	{ "enable_user_activity_logging", "true", CONFIG_BOOL, 0 },
	{ "max_query_execution_time", "14400", CONFIG_LIMIT, 86399 },
	{ "query_group", "default", CONFIG_TEXT, 0 },
	{ "require_ssl", "false", CONFIG_BOOL, 0 },
	{ "search_path", "$user, public", CONFIG_TEXT, 0 },
	{ "use_fips_ssl", "false", CONFIG_BOOL, 0 },
	{ "max_cpu_skew", NULL, CONFIG_LIMIT, 99 },
	{ "max_io_skew", NULL, CONFIG_LIMIT, 99 },
	{ "max_join_row_count", NULL, CONFIG_LIMIT, INT64_C(999999999999999) },
	{ "max_nested_loop_join_row_count", NULL, CONFIG_LIMIT, INT64_C(999999999999999) },
	{ "max_query_blocks_read", NULL, CONFIG_LIMIT, 1048575 },
	{ "max_query_cpu_time", NULL, CONFIG_LIMIT, 999999 },
	{ "max_query_cpu_usage_percent", NULL, CONFIG_LIMIT, 6399 },
	{ "max_query_queue_time", NULL, CONFIG_LIMIT, 86399 },
	{ "max_query_temp_blocks_to_disk", NULL, CONFIG_LIMIT, 319815679 },
	{ "max_return_row_count", NULL, CONFIG_LIMIT, INT64_C(999999999999999) },
	{ "max_scan_row_count", NULL, CONFIG_LIMIT, INT64_C(999999999999999) },
	{ "wlm_json_configuration", NULL, CONFIG_JSON, 0 },
};

static const struct config_row *find_row(const char *key)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!strcmp(rows[i].key, key))
			return &rows[i];
	return NULL;
}

static int refuse_key(const char *key, struct err *err)
{
	struct buf known;
	int rc;

	buf_init(&known, 4096);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		buf_printf(&known, "%s%s", i ? ", " : "", rows[i].key);
	rc = buf_check(&known, "a message", err);
	if (!rc)
		rc = json_input_invalid(err, "The parameter key: %.100s isn't supported. Supported values: [[%s]]", key,
					known.data);
	buf_clear(&known);
	return rc;
}

static bool fits(const struct config_row *row, const char *value)
{
	struct err ignored = { 0 };
	struct json *parsed;
	int64_t n;
	char *end;

	switch (row->as) {
	case CONFIG_BOOL:
		return !strcmp(value, "true") || !strcmp(value, "false");
	case CONFIG_LIMIT:
		n = strtoll(value, &end, 10);
		return *value >= '0' && *value <= '9' && !*end && n >= 1 && n <= row->max;
	case CONFIG_JSON:
		parsed = json_parse(value, strlen(value), &ignored);
		json_free(parsed);
		return parsed != NULL;
	default:
		return strlen(value) <= VALUE_MAX && parameters_value_fits(row->key, value);
	}
}

static int set_standard(struct json *doc, struct err *err)
{
	struct json *fresh = json_new_object();

	if (!fresh || json_set(doc, "configParameters", fresh))
		return err_nomem(err);
	fresh = json_get_mut(doc, "configParameters");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].standard && json_set_str(fresh, rows[i].key, rows[i].standard))
			return err_nomem(err);
	return 0;
}

int serverless_take_parameters(struct json_call *c, struct json *doc, struct err *err)
{
	const struct json *given = json_get(c->in, "configParameters");

	if (!json_get(doc, "configParameters") && set_standard(doc, err))
		return -1;
	for (const struct json *p = json_first(given); p; p = json_next(p)) {
		const char *key = json_str(p, "parameterKey", ""), *value = json_str(p, "parameterValue", "");
		const struct config_row *row = find_row(key);

		if (!row)
			return refuse_key(key, err);
		if (!fits(row, value))
			return json_input_invalid(err, "The value '%.100s' of the parameter %s isn't valid.", value,
						  key);
		if (json_set_str(json_get_mut(doc, "configParameters"), key, value))
			return err_nomem(err);
	}
	return 0;
}

struct json *serverless_own_parameters(const struct json *doc)
{
	struct json *own = json_new_object();

	for (const struct json *p = json_first(json_get(doc, "configParameters")); own && p; p = json_next(p)) {
		const struct config_row *row = find_row(json_name(p));

		if (row && row->standard && !strcmp(row->standard, json_text(p)))
			continue;
		if (json_set_str(own, json_name(p), json_text(p))) {
			json_free(own);
			return NULL;
		}
	}
	return own;
}
