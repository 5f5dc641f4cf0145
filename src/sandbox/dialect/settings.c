#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sandbox/dialect/statements.h"

/* Settings that only Redshift has: they live on as settings of our own prefix, so that SET, SHOW and RESET work. */
enum setting_type { SETTING_BOOL, SETTING_TEXT };

static const struct setting {
	const char *name;
	enum setting_type type;
	const char *value; /* when nothing was set */
} settings[] = {
	{ "activate_aqua", SETTING_TEXT, "auto" },
	{ "analyze_threshold_percent", SETTING_TEXT, "10" },
	{ "auto_mv", SETTING_BOOL, "on" },
	{ "cast_super_null_on_error", SETTING_BOOL, "on" },
	{ "datashare_break_glass_session_var", SETTING_TEXT, "" },
	{ "default_geometry_encoding", SETTING_TEXT, "1" },
	{ "describe_field_name_in_uppercase", SETTING_BOOL, "off" },
	{ "downcase_delimited_identifier", SETTING_BOOL, "on" },
	{ "enable_case_sensitive_identifier", SETTING_BOOL, "off" },
	{ "enable_case_sensitive_super_attribute", SETTING_BOOL, "off" },
	{ "enable_numeric_rounding", SETTING_BOOL, "on" },
	{ "enable_result_cache_for_session", SETTING_BOOL, "on" },
	{ "error_on_nondeterministic_update", SETTING_BOOL, "off" },
	{ "json_serialization_enable", SETTING_BOOL, "off" },
	{ "json_serialization_parse_nested_strings", SETTING_BOOL, "off" },
	{ "max_cursor_result_set_size", SETTING_TEXT, "0" },
	{ "mv_enable_aqmv_for_session", SETTING_BOOL, "on" },
	{ "navigate_super_null_on_error", SETTING_BOOL, "on" },
	{ "parse_super_null_on_error", SETTING_BOOL, "off" },
	{ "query_group", SETTING_TEXT, "unset" },
	{ "require_ssl", SETTING_BOOL, "off" },
	{ "spectrum_enable_pseudo_columns", SETTING_BOOL, "on" },
	{ "spectrum_query_maxerror", SETTING_TEXT, "-1" },
	{ "stored_proc_log_min_messages", SETTING_TEXT, "LOG" },
	{ "use_fips_ssl", SETTING_BOOL, "off" },
	{ "wlm_query_slot_count", SETTING_TEXT, "1" },
};

static const struct setting *find_setting(const struct rules *r, int i)
{
	for (size_t k = 0; k < sizeof settings / sizeof *settings; k++) {
		if (token_is(r->t, i, settings[k].name))
			return &settings[k];
	}
	return NULL;
}

bool setting_is_ours(const struct rules *r, int i)
{
	return find_setting(r, i) != NULL;
}

/* The value at token i becomes on or off, as Redshift shows it. */
static int put_bool(struct rules *r, int i, const struct setting *s)
{
	static const struct {
		const char *said, *meant;
	} values[] = {
		{ "on", "on" },   { "true", "on" },   { "yes", "on" }, { "1", "on" },
		{ "off", "off" }, { "false", "off" }, { "no", "off" }, { "0", "off" },
	};
	char value[32];

	if (token_is(r->t, i, "default"))
		return 0;
	if (!statement_string(r, i, value, sizeof value))
		token_name(r->t, i, value, sizeof value);
	for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
		if (strcasecmp(values[k].said, value) != 0)
			continue;
		edit_replace(r->e, r->t->items[i].from, r->t->items[i].to, "'%s'", values[k].meant);
		return 0;
	}
	return rules_fail(r, i, "22023", "parameter \"%s\" requires a Boolean value", s->name);
}

/* Every level that is asked for is the one that Redshift has, SERIALIZABLE; SNAPSHOT is PostgreSQL's REPEATABLE READ.
 */
static void map_isolation(struct rules *r, int i, int end)
{
	for (int k = i; k + 2 < end; k++) {
		int level = k + 2, last = level;

		if (!token_is(r->t, k, "isolation") || !token_is(r->t, k + 1, "level"))
			continue;
		if (token_is(r->t, level, "read") || token_is(r->t, level, "repeatable"))
			last = level + 1 < end ? level + 1 : level;
		edit_replace(r->e, r->t->items[level].from, r->t->items[last].to, "%s",
			     token_is(r->t, level, "snapshot") ? "REPEATABLE READ" : "SERIALIZABLE");
		return;
	}
}

int statement_transaction(struct rules *r, int i, int end)
{
	map_isolation(r, i, end);
	return 0;
}

/* Who has made a user is a member of it (users.c): what only a superuser may on Redshift, he may. */
static int session_authorization(struct rules *r, int i, int end)
{
	int name = i + 3;

	if (token_is(r->t, i, "reset") || (name < end && token_is(r->t, name, "default")))
		edit_replace(r->e, r->t->items[i].from, r->t->items[end - 1].to, "RESET ROLE");
	else if (name < end)
		edit_replace(r->e, r->t->items[i].from, r->t->items[name - 1].to, "SET ROLE");
	return 0;
}

int statement_setting(struct rules *r, int i, int end)
{
	const struct setting *s;
	int name = i + 1;

	if (token_is(r->t, name, "session") && token_is(r->t, name + 1, "authorization"))
		return session_authorization(r, i, end);
	map_isolation(r, i, end);
	if (token_is(r->t, name, "session") || token_is(r->t, name, "local"))
		name++;
	s = find_setting(r, name);
	if (!s || name >= end)
		return 0;
	edit_insert_before(r->e, r->t->items[name].from, "sparkctl.");
	if (s->type == SETTING_BOOL && name + 2 < end)
		return put_bool(r, name + 2, s);
	return 0;
}

static void put_value(const struct setting *s, struct buf *b)
{
	buf_printf(b, "COALESCE(NULLIF(pg_catalog.current_setting('sparkctl.%s', true), ''), '%s')::varchar", s->name,
		   s->value);
}

/* SHOW ALL: what Redshift has, of the server's settings those that it shares. */
int setting_show_all(struct rules *r, int i, int end)
{
	struct buf b;

	buf_init(&b, 65536);
	buf_puts(&b, "SELECT pg_catalog.lower(s.name)::varchar AS name, pg_catalog.current_setting(s.name)::varchar AS "
		     "setting "
		     "FROM pg_catalog.pg_settings s WHERE s.name IN ('DateStyle', 'extra_float_digits', 'search_path', "
		     "'statement_timeout', 'TimeZone')");
	for (size_t k = 0; k < sizeof settings / sizeof *settings; k++) {
		buf_printf(&b, " UNION ALL SELECT '%s', ", settings[k].name);
		put_value(&settings[k], &b);
	}
	buf_puts(&b, " ORDER BY 1");
	return statement_become(r, i, end, "SHOW", &b);
}

int setting_show(struct rules *r, int i, int end)
{
	const struct setting *s = find_setting(r, i + 1);
	struct buf b;

	buf_init(&b, 4096);
	buf_puts(&b, "SELECT ");
	put_value(s, &b);
	buf_printf(&b, " AS %s", s->name);
	return statement_become(r, i, end, "SHOW", &b);
}
