#include <stdio.h>
#include <string.h>

#include "sandbox/dialect/rules.h"

/* Statements by their first words. */

/* Settings that only Redshift has: they live on as settings of our own prefix, so that SET, SHOW and RESET work. */
static const char *const settings[] = {
	"query_group",
	"enable_result_cache_for_session",
	"enable_case_sensitive_identifier",
	"enable_case_sensitive_super_attribute",
	"wlm_query_slot_count",
	"describe_field_name_in_uppercase",
	"downcase_delimited_identifier",
	"json_serialization_enable",
	"json_serialization_parse_nested_strings",
	"enable_numeric_rounding",
	"error_on_nondeterministic_update",
	"analyze_threshold_percent",
	"max_cursor_result_set_size",
	"mv_enable_aqmv_for_session",
	"navigate_super_null_on_error",
	"parse_super_null_on_error",
	"cast_super_null_on_error",
	"default_geometry_encoding",
	"spectrum_enable_pseudo_columns",
	"stored_proc_log_min_messages",
	"auto_mv",
	"activate_aqua",
	"use_fips_ssl",
	"require_ssl",
	NULL,
};

static int statement_setting(struct rules *r, int i, int end)
{
	int name = i + 1;

	(void)end;
	if (token_is(r->t, name, "session") || token_is(r->t, name, "local"))
		name++;
	if (token_in(r->t, name, settings))
		edit_insert_before(r->e, r->t->items[name].from, "sparkctl.");
	return 0;
}

static int statement_refused(struct rules *r, int i, int end)
{
	char what[64];
	size_t len = token_len(r->t, i);

	(void)end;
	snprintf(what, sizeof what, "%.*s", (int)(len < 40 ? len : 40), r->t->text + r->t->items[i].from);
	return rules_refuse(r, i, what);
}

/* VACUUM [FULL | SORT ONLY | DELETE ONLY | REINDEX | RECLUSTER] [t [TO n PERCENT] [BOOST]] */
static int statement_vacuum(struct rules *r, int i, int end)
{
	int first = i + 1, last = end - 1;

	if (token_is(r->t, first, "full") || token_is(r->t, first, "reindex") || token_is(r->t, first, "recluster"))
		rules_blank(r, first, first);
	else if (token_is(r->t, first + 1, "only"))
		rules_blank(r, first, first + 1);
	if (token_is(r->t, last, "boost")) {
		rules_blank(r, last, last);
		last--;
	}
	if (token_is(r->t, last, "percent") && token_is(r->t, last - 2, "to"))
		rules_blank(r, last - 2, last);
	return 0;
}

static int statement_analyze(struct rules *r, int i, int end)
{
	if (token_is(r->t, i + 1, "compression"))
		return rules_refuse(r, i + 1, "ANALYZE COMPRESSION");
	if (end - i > 2 && token_is(r->t, end - 1, "columns") &&
	    (token_is(r->t, end - 2, "predicate") || token_is(r->t, end - 2, "all")))
		rules_blank(r, end - 2, end - 1);
	return 0;
}

/* FROM may be left out. */
static int statement_delete(struct rules *r, int i, int end)
{
	if (i + 1 < end && !token_is(r->t, i + 1, "from") && !token_is(r->t, i + 1, "only"))
		edit_insert_after(r->e, r->t->items[i].to, " FROM");
	return 0;
}

static int create_view(struct rules *r, int i, int end)
{
	(void)i;
	if (token_is(r->t, end - 1, "binding") && token_is(r->t, end - 2, "schema") && token_is(r->t, end - 3, "no") &&
	    token_is(r->t, end - 4, "with"))
		rules_blank(r, end - 4, end - 1);
	return 0;
}

/* Procedures and functions: the body is SQL or plpgsql of its own. */
static int create_routine(struct rules *r, int i, int end)
{
	int body = -1;

	for (int k = i; k < end; k++) {
		if (r->t->items[k].kind == TOKEN_BODY)
			body = k;
		else if (token_is(r->t, k, "nonatomic"))
			rules_blank(r, k, k);
		else if (token_is(r->t, k, "plpythonu"))
			return rules_refuse(r, k, "LANGUAGE plpythonu");
	}
	return body >= 0 ? rules_body(r, body) : 0;
}

static const struct {
	const char *word;
	int (*apply)(struct rules *r, int i, int end); /* NULL: refused, by name */
} created[] = {
	{ "view", create_view },
	{ "procedure", create_routine },
	{ "function", create_routine },
	{ "external", NULL },
	{ "library", NULL },
	{ "model", NULL },
	{ "datashare", NULL },
	{ "masking", NULL },
	{ "rls", NULL },
	{ "identity", NULL },
	{ "index", NULL },
	{ "trigger", NULL },
};

static int statement_create(struct rules *r, int i, int end)
{
	char what[64];
	int word = i + 1;

	if (token_is(r->t, word, "or") && token_is(r->t, word + 1, "replace"))
		word += 2;
	for (size_t k = 0; k < sizeof created / sizeof *created; k++) {
		if (!token_is(r->t, word, created[k].word))
			continue;
		if (created[k].apply)
			return created[k].apply(r, i, end);
		snprintf(what, sizeof what, "CREATE %.*s", (int)token_len(r->t, word),
			 r->t->text + r->t->items[word].from);
		return rules_refuse(r, word, what);
	}
	return 0;
}

static const struct {
	const char *word;
	int (*apply)(struct rules *r, int i, int end);
} statements[] = {
	{ "create", statement_create },  { "set", statement_setting },    { "show", statement_setting },
	{ "reset", statement_setting },  { "vacuum", statement_vacuum },  { "analyze", statement_analyze },
	{ "delete", statement_delete },  { "unload", statement_refused }, { "savepoint", statement_refused },
	{ "listen", statement_refused }, { "notify", statement_refused },
};

int rule_statement(struct rules *r, int i)
{
	if (!rules_at_statement(r, i))
		return 0;
	for (size_t k = 0; k < sizeof statements / sizeof *statements; k++) {
		if (token_is(r->t, i, statements[k].word))
			return statements[k].apply(r, i, rules_statement_end(r, i));
	}
	return 0;
}
