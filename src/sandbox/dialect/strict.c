#include <stdio.h>
#include <string.h>

#include "sandbox/dialect/statements.h"

/* Strict mode: what PostgreSQL knows and Redshift does not is refused, with Redshift's code. Source: the lists of
 * unsupported features, functions and reserved words in the Database Developer Guide. What concerns columns of tables
 * is refused in column.c and table.c. */

static int not_supported(struct rules *r, int i, const char *what)
{
	return rules_fail(r, i, "0A000", "%s is not supported", what);
}

static bool is_symbol(const struct rules *r, int i, const char *symbol)
{
	return token_len(r->t, i) == strlen(symbol) &&
	       memcmp(r->t->text + r->t->items[i].from, symbol, strlen(symbol)) == 0;
}

/* ---- whole statements ---- */

/* The object of CREATE, ALTER and DROP. */
static const char *const objects[] = { "index",        "unique",       "trigger",   "rule",       "sequence",
				       "type",         "domain",       "extension", "aggregate",  "operator",
				       "cast",         "tablespace",   "foreign",   "server",     "publication",
				       "policy",       "statistics",   "collation", "conversion", "access",
				       "text",         "language",     "transform", "event",      "unlogged",
				       "concurrently", "subscription", NULL };

static const char *const commands[] = { "savepoint",  "release",  "listen",   "notify", "unlisten",
					"reindex",    "cluster",  "discard",  "load",   "do",
					"checkpoint", "security", "reassign", "import", NULL };

/* SQL command "..." not supported. */
static int command_refused(struct rules *r, int i)
{
	int end = rules_statement_end(r, i);
	size_t from = r->t->items[i].from, to = r->t->items[end - 1].to;

	return rules_fail(r, i, "0A000", "SQL command \"%.*s\" not supported.",
			  (int)(to - from < 100 ? to - from : 100), r->t->text + from);
}

static int strict_command(struct rules *r, int i)
{
	static const char *const ddl[] = { "create", "alter", "drop", NULL };
	int object = i + 1;

	if (!rules_at_statement(r, i))
		return 0;
	if (token_in(r->t, i, commands) && !token_is_char(r->t, i + 1, '.'))
		return r->body && token_is(r->t, i, "do") ? 0 : command_refused(r, i);
	if (token_is(r->t, i, "rollback") && (token_is(r->t, i + 1, "to") || token_is(r->t, i + 2, "to")))
		return command_refused(r, i);
	if (token_is(r->t, i, "values"))
		return statement_syntax_error(r, i);
	if (token_is(r->t, i, "explain") && (token_is(r->t, i + 1, "analyze") || token_is_char(r->t, i + 1, '(')))
		return statement_syntax_error(r, i + 1);
	if (token_is(r->t, i, "copy"))
		return rules_fail(r, i, "0A000",
				  "LOAD source is not supported. (Hint: only S3 or DynamoDB or EMR based "
				  "load is allowed)");
	if (!token_in(r->t, i, ddl))
		return 0;
	if (token_is(r->t, object, "or"))
		object += 2;
	return token_in(r->t, object, objects) ? command_refused(r, i) : 0;
}

/* CREATE TABLE t (...) PARTITION BY, INHERITS, WITH, TABLESPACE, USING, ON COMMIT */
static int strict_table(struct rules *r, int i)
{
	static const char *const options[] = { "partition", "inherits", "with", "tablespace", "using", "on", NULL };
	int end = rules_statement_end(r, i), open = i + 1;

	if (!token_is(r->t, i, "table") || !token_is(r->t, r->begin, "create"))
		return 0;
	while (open < end && !token_is_char(r->t, open, '(') && !token_is(r->t, open, "as"))
		open++;
	if (open >= end || !token_is_char(r->t, open, '(') || r->t->items[open].pair < open)
		return 0;
	open = r->t->items[open].pair + 1;
	return open < end && token_in(r->t, open, options) ? statement_syntax_error(r, open) : 0;
}

/* ---- clauses ---- */

static int strict_on(struct rules *r, int i)
{
	static const char *const behind[] = { "do", "on", NULL };
	bool insert = token_is(r->t, r->begin, "insert") || token_is(r->t, r->begin, "with");

	if (insert && token_is(r->t, i + 1, "conflict") &&
	    (token_is_char(r->t, i + 2, '(') || token_in(r->t, i + 2, behind)))
		return statement_syntax_error(r, i);
	return 0;
}

static int strict_returning(struct rules *r, int i)
{
	static const char *const changes[] = { "insert", "update", "delete", "with", NULL };
	static const char *const no_clause[] = { "select", "set", "and", "or", "as", "by", "where", "on", NULL };

	if (!token_in(r->t, r->begin, changes) || r->depth > 0 || token_is_char(r->t, i - 1, ',') ||
	    token_is_char(r->t, i - 1, '.') || token_is_char(r->t, i - 1, '=') || token_in(r->t, i - 1, no_clause))
		return 0;
	return token_is_name(r->t, i + 1) || token_is_char(r->t, i + 1, '*') ? statement_syntax_error(r, i) : 0;
}

static int strict_distinct(struct rules *r, int i)
{
	if (token_is(r->t, i - 1, "select") && token_is(r->t, i + 1, "on") && token_is_char(r->t, i + 2, '('))
		return not_supported(r, i, "SELECT DISTINCT ON");
	if (token_is(r->t, i + 1, "from") && (token_is(r->t, i - 1, "is") || token_is(r->t, i - 1, "not")))
		return statement_syntax_error(r, i);
	return 0;
}

static int strict_lateral(struct rules *r, int i)
{
	if ((token_is_char(r->t, i - 1, ',') || token_is(r->t, i - 1, "join") || token_is(r->t, i - 1, "from")) &&
	    (token_is_char(r->t, i + 1, '(') || (token_is_name(r->t, i + 1) && token_is_char(r->t, i + 2, '('))))
		return statement_syntax_error(r, i);
	return 0;
}

static int strict_filter(struct rules *r, int i)
{
	if (token_is_char(r->t, i - 1, ')') && token_is_char(r->t, i + 1, '(') && token_is(r->t, i + 2, "where"))
		return statement_syntax_error(r, i + 1);
	return 0;
}

static int strict_fetch(struct rules *r, int i)
{
	if (!rules_at_statement(r, i) && !r->body && (token_is(r->t, i + 1, "first") || token_is(r->t, i + 1, "next")))
		return statement_syntax_error(r, i);
	return 0;
}

static int strict_all(struct rules *r, int i)
{
	if (token_is(r->t, i - 1, "except") || token_is(r->t, i - 1, "minus"))
		return not_supported(r, i - 1, "EXCEPT ALL");
	return token_is(r->t, i - 1, "intersect") ? not_supported(r, i - 1, "INTERSECT ALL") : 0;
}

static int strict_for(struct rules *r, int i)
{
	static const char *const locks[] = { "update", "share", "no", "key", NULL };

	if (!rules_at_statement(r, i) && token_in(r->t, i + 1, locks) && !token_is_char(r->t, i + 2, '.') &&
	    token_is(r->t, r->begin, "select"))
		return not_supported(r, i, "SELECT FOR UPDATE/SHARE");
	return 0;
}

static int strict_tablesample(struct rules *r, int i)
{
	return token_is_name(r->t, i + 1) && token_is_char(r->t, i + 2, '(') ? statement_syntax_error(r, i) : 0;
}

static int strict_materialized(struct rules *r, int i)
{
	return token_is_char(r->t, i + 1, '(') && (token_is(r->t, i - 1, "as") || token_is(r->t, i - 1, "not"))
		       ? statement_syntax_error(r, i)
		       : 0;
}

/* A list of rows in a FROM. */
static int strict_values(struct rules *r, int i)
{
	int before = i - 2;

	if (!token_is_char(r->t, i - 1, '('))
		return 0;
	while (token_is_char(r->t, before, '('))
		before--;
	if (token_is(r->t, before, "from") || token_is(r->t, before, "join") || token_is(r->t, before, "as"))
		return statement_syntax_error(r, i);
	return 0;
}

static int strict_array(struct rules *r, int i)
{
	return token_is_char(r->t, i + 1, '[') ? not_supported(r, i, "ARRAY") : 0;
}

static int strict_row(struct rules *r, int i)
{
	if (token_is_char(r->t, i + 1, '(') && !token_is_char(r->t, i - 1, '.') && !token_is(r->t, i - 1, "into"))
		return not_supported(r, i, "ROW()");
	return 0;
}

static const struct {
	const char *word;
	rule_fn apply;
} clauses[] = {
	{ "on", strict_on },
	{ "returning", strict_returning },
	{ "distinct", strict_distinct },
	{ "lateral", strict_lateral },
	{ "filter", strict_filter },
	{ "fetch", strict_fetch },
	{ "all", strict_all },
	{ "for", strict_for },
	{ "tablesample", strict_tablesample },
	{ "values", strict_values },
	{ "materialized", strict_materialized },
	{ "array", strict_array },
	{ "row", strict_row },
	{ "table", strict_table },
};

/* ---- functions ---- */

static const char *const absent_functions[] = {
	"string_agg",
	"array_agg",
	"format",
	"regexp_matches",
	"regexp_match",
	"regexp_split_to_table",
	"regexp_split_to_array",
	"clock_timestamp",
	"statement_timestamp",
	"transaction_timestamp",
	"pg_sleep",
	"setseed",
	"width_bucket",
	"unnest",
	"to_json",
	"to_jsonb",
	"json_agg",
	"jsonb_agg",
	"row_to_json",
	"json_build_object",
	"jsonb_build_object",
	"json_object_agg",
	"jsonb_object_agg",
	"json_each",
	"jsonb_each",
	"json_array_elements",
	"jsonb_array_elements",
	"json_populate_record",
	"concat_ws",
	"string_to_array",
	"array_to_string",
	"array_length",
	"array_append",
	"array_position",
	"cardinality",
	"gen_random_uuid",
	"make_date",
	"make_timestamp",
	"make_interval",
	"justify_days",
	"justify_hours",
	"justify_interval",
	"date_bin",
	"num_nulls",
	"num_nonnulls",
	"corr",
	"covar_pop",
	"covar_samp",
	"regr_slope",
	"regr_intercept",
	"regr_r2",
	"mode",
	"overlay",
	"to_tsvector",
	"to_tsquery",
	"txid_current",
	"query_to_xml",
	"xmlelement",
	"currval",
	"nextval",
	"setval",
	"lastval",
	"string_to_table",
	"starts_with",
	"unistr",
	"scale",
	"gcd",
	"lcm",
	NULL,
};

/* They run on the leader node only, which has no rows of tables. */
static const char *const leader_functions[] = {
	"generate_series",
	"now",
	"current_schema",
	"current_schemas",
	"has_database_privilege",
	"has_schema_privilege",
	"has_table_privilege",
	"age",
	"timeofday",
	"pg_get_viewdef",
	"obj_description",
	"pg_table_size",
	NULL,
};

static const char *const system_names[] = { "pg_",  "stl_",  "stv_", "svv_",
					    "svl_", "svcs_", "sys_", "information_schema",
					    NULL };

/* Does the statement read a table of a user? WITH queries and functions are none. */
static bool reads_a_table(const struct rules *r, int begin, int end)
{
	char name[ATTRIBUTE_NAME];

	for (int i = begin; i < end; i++) {
		bool system = false;

		if ((!token_is(r->t, i, "from") && !token_is(r->t, i, "join")) || !token_is_name(r->t, i + 1) ||
		    token_is_char(r->t, i + 2, '('))
			continue;
		token_name(r->t, i + 1, name, sizeof name);
		for (const char *const *s = system_names; *s; s++)
			system = system || strncmp(name, *s, strlen(*s)) == 0;
		for (int k = begin; k < end && !system; k++) {
			char with[ATTRIBUTE_NAME];

			if (!token_is(r->t, k + 1, "as") || !token_is_char(r->t, k + 2, '(') || !token_is_name(r->t, k))
				continue;
			token_name(r->t, k, with, sizeof with);
			system = strcmp(with, name) == 0;
		}
		if (!system)
			return true;
	}
	return false;
}

static bool reads_table(struct rules *r)
{
	if (r->table_read < 0)
		r->table_read = reads_a_table(r, r->begin, rules_statement_end(r, r->begin));
	return r->table_read > 0;
}

/* An aggregate as a window function with an order needs a frame. */
static int strict_window(struct rules *r, int i)
{
	static const char *const aggregates[] = { "avg",      "count",   "max",        "min",
						  "sum",      "stddev",  "stddev_pop", "stddev_samp",
						  "variance", "var_pop", "var_samp",   NULL };
	int over = r->t->items[i + 1].pair + 1, end;
	bool order = false, frame = false;

	if (!token_in(r->t, i, aggregates) || !token_is(r->t, over, "over") || !token_is_char(r->t, over + 1, '('))
		return 0;
	end = r->t->items[over + 1].pair;
	for (int k = over + 2; k < end; k++) {
		order = order || token_is(r->t, k, "order");
		frame = frame || token_is(r->t, k, "rows") || token_is(r->t, k, "range");
		if (token_is_char(r->t, k, '(') && r->t->items[k].pair > k)
			k = r->t->items[k].pair;
	}
	if (order && !frame)
		return rules_fail(r, i, "42601",
				  "Aggregate window functions with an ORDER BY clause require a frame clause");
	return 0;
}

static int strict_function(struct rules *r, int i)
{
	static const char *const definitions[] = { "function", "procedure", "call", "table", "into", NULL };

	if (!token_is_char(r->t, i + 1, '(') || r->t->items[i + 1].pair < i || token_in(r->t, i - 1, definitions) ||
	    (token_is_char(r->t, i - 1, '.') && !token_is(r->t, i - 2, "pg_catalog")))
		return 0;
	if (token_in(r->t, i, absent_functions))
		return rules_fail(r, i, "42883", "function %.*s does not exist", (int)token_len(r->t, i),
				  r->t->text + r->t->items[i].from);
	if (token_in(r->t, i, leader_functions) && reads_table(r))
		return rules_fail(
			r, i, "0A000",
			"Specified types or functions (one per INFO message) not supported on Redshift tables.");
	return strict_window(r, i);
}

/* ---- operators ---- */

static int strict_symbol(struct rules *r, int i)
{
	static const char *const operators[] = { "->", "->>", "#>", "#>>", "@>", "<@", "?|", "?&", "&&", NULL };

	for (const char *const *o = operators; *o; o++) {
		if (is_symbol(r, i, *o))
			return rules_fail(r, i, "42883", "operator %s does not exist", *o);
	}
	if (is_symbol(r, i, "[") && is_symbol(r, i + 1, "]") && i > r->from)
		return not_supported(r, i, "an array type");
	return 0;
}

/* ---- reserved words ---- */

/* Those of Redshift that PostgreSQL does not reserve. */
static const char *const reserved[] = {
	"aes128",        "aes256",      "allowoverwrite",
	"az64",          "backup",      "binary",
	"blanksasnull",  "bytedict",    "bzip2",
	"connect",       "credentials", "current_user_id",
	"deflate",       "defrag",      "delta",
	"delta32k",      "disable",     "emptyasnull",
	"enable",        "encode",      "encrypt",
	"encryption",    "explicit",    "globaldict256",
	"globaldict64k", "gzip",        "identity",
	"ignore",        "language",    "lun",
	"luns",          "lzo",         "lzop",
	"minus",         "mostly16",    "mostly32",
	"mostly8",       "offline",     "oid",
	"parallel",      "percent",     "permissions",
	"pivot",         "raw",         "readratio",
	"recover",       "rejectlog",   "resort",
	"respect",       "restore",     "snapshot",
	"start",         "sysdate",     "system",
	"tag",           "tdes",        "text255",
	"text32k",       "top",         "truncatecolumns",
	"unpivot",       "wallet",      NULL,
};

/* Where a name stands: behind these words one of a relation does. */
static bool is_relation_name(const struct rules *r, int i)
{
	static const char *const before[] = { "from", "join", "into", "update", "table", "exists", NULL };

	if (!token_in(r->t, i - 1, before) && !(token_is_char(r->t, i - 1, '.') && token_in(r->t, i - 3, before)))
		return false;
	return !token_is_char(r->t, i + 1, '(') || token_is(r->t, i - 1, "table") || token_is(r->t, i - 1, "exists");
}

/* A column's definition in CREATE TABLE: behind the parenthesis or a comma of the list. */
static bool is_column_definition(const struct rules *r, int i)
{
	int begin = r->begin;

	return token_is(r->t, begin, "create") && r->depth == 1 &&
	       (token_is_char(r->t, i - 1, '(') || token_is_char(r->t, i - 1, ',')) && token_is_name(r->t, i + 1) &&
	       (token_is(r->t, begin + 1, "table") || token_is(r->t, begin + 2, "table") ||
		token_is(r->t, begin + 3, "table"));
}

static bool is_column_reference(const struct rules *r, int i)
{
	static const char *const queries[] = { "select", "insert", "update", "delete", "with", NULL };
	static const char *const before[] = { "select", "where", "and", "or", "by", "distinct", "set", NULL };
	static const char *const behind[] = { "from", "and", "or", "order",   "group", "desc",
					      "asc",  "is",  "in", "between", NULL };
	bool left = token_in(r->t, i - 1, before) || token_is_char(r->t, i - 1, ',') ||
		    token_is_char(r->t, i - 1, '(') || token_is_char(r->t, i - 1, '=');
	bool right = i + 1 >= r->to || token_in(r->t, i + 1, behind) || token_is_char(r->t, i + 1, ',') ||
		     token_is_char(r->t, i + 1, ')') || token_is_char(r->t, i + 1, '=') ||
		     token_is_char(r->t, i + 1, '<') || token_is_char(r->t, i + 1, '>') ||
		     token_is_char(r->t, i + 1, ';');

	return left && right && !token_is(r->t, i, "sysdate") && !token_is(r->t, i, "current_user_id") &&
	       token_in(r->t, r->begin, queries);
}

static int strict_reserved(struct rules *r, int i)
{
	if (!token_in(r->t, i, reserved))
		return 0;
	return is_relation_name(r, i) || is_column_definition(r, i) || is_column_reference(r, i)
		       ? statement_syntax_error(r, i)
		       : 0;
}

int rule_strict(struct rules *r, int i)
{
	if (!r->strict)
		return 0;
	if (r->t->items[i].kind == TOKEN_SYMBOL)
		return strict_symbol(r, i);
	if (r->t->items[i].kind != TOKEN_WORD)
		return 0;
	if (strict_command(r, i) < 0 || strict_function(r, i) < 0 || strict_reserved(r, i) < 0)
		return -1;
	for (size_t k = 0; k < sizeof clauses / sizeof *clauses; k++) {
		if (token_is(r->t, i, clauses[k].word) && clauses[k].apply(r, i) < 0)
			return -1;
	}
	return 0;
}
