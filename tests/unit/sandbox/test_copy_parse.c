/* COPY statements, as people write them: options in any order, case and spelling. */
#include <string.h>

#include "sandbox/copy/format.h"
#include "sandbox/copy/statement.h"
#include "unit/cm.h"

static struct copy_statement *parsed(const char *sql)
{
	struct copy_statement *s = NULL;
	struct err err = { 0 };

	if (copy_parse(sql, strlen(sql), &s, &err) < 0)
		fail_msg("%s: %s", sql, err.text);
	return s;
}

static struct err refused(const char *sql)
{
	struct copy_statement *s = NULL;
	struct err err = { 0 };

	assert_int_equal(copy_parse(sql, strlen(sql), &s, &err), -1);
	return err;
}

static void the_courses_own_copy_is_understood(void **state)
{
	struct copy_statement *s =
		parsed("copy staging_events from 's3://udacity-dend/log_data'\n credentials "
		       "'aws_iam_role=arn:aws:iam::1:role/r'"
		       "\n region 'us-west-2' format as JSON 's3://udacity-dend/log_json_path.json' timeformat as "
		       "'epochmillisecs' COMPUPDATE OFF statupdate on;");

	(void)state;
	assert_null(s->schema);
	assert_string_equal(s->table, "staging_events");
	assert_string_equal(s->bucket, "udacity-dend");
	assert_string_equal(s->prefix, "log_data");
	assert_string_equal(s->role_arn, "arn:aws:iam::1:role/r");
	assert_string_equal(s->region, "us-west-2");
	assert_string_equal(s->jsonpaths_url, "s3://udacity-dend/log_json_path.json");
	assert_string_equal(s->time_format, "epochmillisecs");
	assert_int_equal(s->json_match, COPY_JSON_PATHS);
	assert_int_equal(s->auth, COPY_AUTH_ROLE);
	copy_statement_free(s);
}

static void options_come_in_any_order_and_spelling(void **state)
{
	static const char *const same[] = {
		"COPY s.t (a, \"B\") FROM 's3://bucket/k' IAM_ROLE 'arn' REGION 'eu-west-1' FORMAT AS JSON 'auto "
		"ignorecase' "
		"GZIP MAXERROR 7",
		"copy S.T(a,b) from 's3://bucket/k' gzip maxerror as 7 region as 'eu-west-1' json as 'auto ignorecase' "
		"iam_role 'arn'",
		"Copy \"S\".\"T\" ( A , B ) From 's3://bucket/k' MaxError 7 /* x */ json'auto ignorecase' -- y\n"
		"region eu-west-1 with credentials as 'aws_iam_role=arn' gzip ;",
		"copy dev.s.t (a,b) from 's3://bucket/k' iam_role 'arn' format json as 'auto ignorecase' region "
		"eu-west-1 "
		"gzip maxerror 7",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(same); i++) {
		struct copy_statement *s = parsed(same[i]);

		assert_string_equal(s->schema, "s");
		assert_string_equal(s->table, "t");
		assert_int_equal(s->column_count, 2);
		assert_string_equal(s->columns[1], "b");
		assert_string_equal(s->region, "eu-west-1");
		assert_string_equal(s->role_arn, "arn");
		assert_int_equal(s->json_match, COPY_JSON_AUTO_IGNORECASE);
		assert_int_equal(s->compression, COPY_GZIP);
		assert_int_equal(s->max_errors, 7);
		copy_statement_free(s);
	}
}

static void flags_are_taken(void **state)
{
	struct copy_statement *s = parsed(
		"copy t from 's3://bucket/k' iam_role default json truncatecolumns blanksasnull emptyasnull trimblanks "
		"acceptanydate explicit_ids noload roundec manifest acceptinvchars as '^' dateformat 'auto' comprows 5 "
		"zstd ignoreallerrors encoding utf8");

	(void)state;
	assert_int_equal(s->auth, COPY_AUTH_DEFAULT_ROLE);
	assert_true(s->truncate_columns && s->blanks_as_null && s->empty_as_null && s->trim_blanks);
	assert_true(s->accept_any_date && s->explicit_ids && s->no_load && s->round_decimals && s->manifest);
	assert_true(s->accept_inv_chars && s->ignore_all_errors);
	assert_int_equal(s->replacement, '^');
	assert_string_equal(s->date_format, "auto");
	assert_int_equal(s->compression, COPY_ZSTD);
	copy_statement_free(s);
}

static void keys_are_taken_in_both_forms(void **state)
{
	static const char *const same[] = {
		"copy t from 's3://bucket/k' credentials "
		"'aws_access_key_id=AKIA;aws_secret_access_key=s3cr3t/+=;token=tok' json",
		"copy t from 's3://bucket/k' json 'auto' access_key_id 'AKIA' secret_access_key 's3cr3t/+=' "
		"session_token "
		"'tok'",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(same); i++) {
		struct copy_statement *s = parsed(same[i]);

		assert_int_equal(s->auth, COPY_AUTH_KEYS);
		assert_string_equal(s->key_id, "AKIA");
		assert_string_equal(secret_value(&s->secret_key), "s3cr3t/+=");
		assert_string_equal(secret_value(&s->session_token), "tok");
		copy_statement_free(s);
	}
}

static void flat_files_have_their_own_options(void **state)
{
	struct copy_statement *s = parsed(
		"copy t from 's3://bucket/k' iam_role 'a' gzip delimiter as '|' ignoreheader as 1 null as 'null' "
		"removequotes escape ignoreblanklines fillrecord maxerror as 250 encoding as utf16le");

	(void)state;
	assert_string_equal(s->format->name, "delimiter");
	assert_int_equal(s->delimiter, '|');
	assert_int_equal(s->header_lines, 1);
	assert_string_equal(s->null_as, "null");
	assert_true(s->remove_quotes && s->escape && s->ignore_blank_lines && s->fill_record);
	assert_int_equal(s->encoding, COPY_UTF16LE);
	copy_statement_free(s);
	s = parsed("copy t from 's3://bucket/k' iam_role 'a' as csv quote as '%' delimiter '\\t' null '\\0'");
	assert_string_equal(s->format->name, "csv");
	assert_int_equal(s->delimiter, '\t');
	assert_int_equal(s->quote, '%');
	assert_int_equal(s->null_len, 1);
	assert_int_equal(s->null_as[0], 0);
	copy_statement_free(s);
	s = parsed("copy t from 's3://bucket/k' iam_role 'a' format as delimiter '\\037' null as '\\N'");
	assert_int_equal(s->delimiter, 037);
	assert_string_equal(s->null_as, "\\N");
	copy_statement_free(s);
	s = parsed("copy t from 's3://bucket/k' iam_role 'a' fixedwidth 'id:3,name:25, x : 7'");
	assert_string_equal(s->format->name, "fixedwidth");
	assert_int_equal(s->width_count, 3);
	assert_int_equal(s->widths[0] + s->widths[1] + s->widths[2], 35);
	copy_statement_free(s);
	s = parsed("copy t from 's3://bucket/k' iam_role 'a'");
	assert_string_equal(s->format->name, "delimiter");
	copy_statement_free(s);
	s = parsed("copy t from 's3://bucket/k' iam_role 'a' json 'noshred'");
	assert_int_equal(s->json_match, COPY_JSON_NOSHRED);
	copy_statement_free(s);
}

static void what_is_wrong_is_said_with_its_place(void **state)
{
	static const struct {
		const char *sql, *sqlstate, *position, *text;
	} cases[] = {
		{ "copy t from 's3://bucket/k' iam_role 'a' json 'auto' wat", "42601", "54",
		  "syntax error at or near \"wat\"" },
		{ "copy t from 's3://bucket/k' iam_role 'a' json 'auto' maxerror", "42601", "62",
		  "syntax error at end of input" },
		{ "copy t 's3://bucket/k'", "42601", "8", "syntax error at or near a string literal" },
		{ "copy t from 's3://bucket/k' json 'auto'", "42601", "",
		  "COPY needs credentials: IAM_ROLE, CREDENTIALS or ACCESS_KEY_ID and SECRET_ACCESS_KEY" },
		{ "copy t from 's3://bucket/k' iam_role 'a' credentials 'aws_iam_role=a' json", "42601", "54",
		  "conflicting or redundant options: only one way of authorization may be given" },
		{ "copy t from 's3://bucket/k' iam_role 'a' format as parquet", "0A000", "52",
		  "COPY option \"parquet\" is not supported by this sandbox" },
		{ "copy t from 'emr://x/y' iam_role 'a' json", "0A000", "13",
		  "COPY option \"FROM 'emr://...'\" is not supported by this sandbox" },
		{ "copy t from 'dynamodb://orders' iam_role 'a' readratio 50", "0A000", "13",
		  "COPY option \"FROM 'dynamodb://...'\" is not supported by this sandbox" },
		{ "copy t from 's3://bucket/k' iam_role 'a' gzip lzop", "0A000", "47",
		  "COPY option \"lzop\" is not supported by this sandbox" },
		{ "copy t from 's3://bucket/k' iam_role 'a' csv csv", "42601", "46",
		  "conflicting or redundant options" },
		{ "copy t from 's3://bucket/k' iam_role 'a' format gzip", "42601", "49",
		  "syntax error at or near \"gzip\"" },
		{ "copy t from 's3://bucket/k' iam_role 'a' csv removequotes", "42601", "1",
		  "COPY option \"removequotes\" cannot be used with \"csv\"" },
		{ "copy t from 's3://bucket/k' iam_role 'a' null as 'x' json 'auto'", "42601", "1",
		  "COPY option \"null\" cannot be used with \"json\"" },
		{ "copy t from 's3://bucket/k' iam_role 'a' ignoreallerrors maxerror 5", "42601", "1",
		  "COPY option \"ignoreallerrors\" cannot be used with \"maxerror\"" },
		{ "copy t from 's3://bucket/k' iam_role 'a' quote '!'", "42601", "1",
		  "COPY option \"quote\" needs \"csv\"" },
		{ "copy t from 's3://bucket/k' iam_role 'a' delimiter '||'", "22023", "52",
		  "COPY delimiter must be a single ASCII character" },
		{ "copy t from 's3://bucket/k' iam_role 'a' csv quote ','", "22023", "1",
		  "COPY delimiter and quote must be different" },
		{ "copy t from 's3://bucket/k' iam_role 'a' null as '\\n'", "22023", "50",
		  "COPY null representation cannot use newline" },
		{ "copy t from 's3://bucket/k' iam_role 'a' fixedwidth 'a:3,b'", "22023", "53",
		  "invalid FIXEDWIDTH specification 'a:3,b': it is a list of label:width" },
		{ "copy t from 's3://bucket/k' iam_role 'a' json maxerror 100001", "22023", "56",
		  "value 100001 is greater than the maximum of 100000" },
		{ "copy t from 's3://bucket/k' iam_role 'open", "42601", "38", "unterminated quoted string" },
		{ "copy \xC3\xA4 from 's3://bucket/k' iam_role 'a' json wat", "42601", "47",
		  "syntax error at or near \"wat\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct err err = refused(cases[i].sql);

		assert_string_equal(err.text, cases[i].text);
		assert_string_equal(err.sqlstate, cases[i].sqlstate);
		assert_string_equal(err.code, cases[i].position);
	}
}

static void an_error_never_shows_a_secret(void **state)
{
	static const char *const texts[] = {
		"copy t from 's3://b/k' credentials 'aws_access_key_id=A;aws_secret_access_key=hunter2;wat=1' json",
		"copy t from 's3://bucket/k' credentials 'hunter2' json",
		"copy t from 's3://bucket/k' secret_access_key 'hunter2' json",
		"copy t from 's3://bucket/k' access_key_id 'A' secret_access_key 'hunter2' 'hunter2'",
		"copy t from 's3://bucket/k' access_key_id 'A' secret_access_key 'hunter2",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct err err = refused(texts[i]);

		assert_null(strstr(err.text, "hunter2"));
		assert_null(strstr(err.hint, "hunter2"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_courses_own_copy_is_understood),
		cmocka_unit_test(options_come_in_any_order_and_spelling),
		cmocka_unit_test(flags_are_taken),
		cmocka_unit_test(keys_are_taken_in_both_forms),
		cmocka_unit_test(flat_files_have_their_own_options),
		cmocka_unit_test(what_is_wrong_is_said_with_its_place),
		cmocka_unit_test(an_error_never_shows_a_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
