/* UNLOAD statements, as people write them: options in any order, case and spelling. */
#include <string.h>

#include "sandbox/unload/statement.h"
#include "spark/base/mem.h"
#include "unit/cm.h"

static struct unload_statement *parsed(const char *sql)
{
	struct unload_statement *s = NULL;
	struct err err = { 0 };

	if (unload_parse(sql, strlen(sql), &s, &err) < 0)
		fail_msg("%s: %s", sql, err.text);
	return s;
}

static struct err refused(const char *sql)
{
	struct unload_statement *s = NULL;
	struct err err = { 0 };

	assert_int_equal(unload_parse(sql, strlen(sql), &s, &err), -1);
	assert_int_equal(err.kind, ERR_DATABASE);
	return err;
}

static void a_plain_statement_has_the_defaults(void **state)
{
	struct unload_statement *s = parsed("unload ('select * from t') to 's3://bucket/dir/part_' iam_role 'arn'");

	(void)state;
	assert_string_equal(s->to->bucket, "bucket");
	assert_string_equal(s->to->prefix, "dir/part_");
	assert_string_equal(s->to->role_arn, "arn");
	assert_int_equal(s->format, UNLOAD_TEXT);
	assert_int_equal(s->to->compression, COPY_PLAIN);
	assert_int_equal(s->to->delimiter, 0);
	assert_null(s->to->null_as);
	assert_null(s->extension);
	assert_true(s->max_file_bytes == UNLOAD_FILE_BYTES_MAX);
	assert_false(s->serial || s->header || s->to->manifest || s->allow_overwrite || s->clean_path);
	unload_statement_free(s);
}

static void options_come_in_any_order_and_spelling(void **state)
{
	static const char *const same[] = {
		"UNLOAD ('select 1') TO 's3://bkt/p' IAM_ROLE 'arn' FORMAT AS CSV HEADER DELIMITER AS ';' NULL AS "
		"'nil' "
		"GZIP "
		"PARALLEL OFF MAXFILESIZE AS 100 MB MANIFEST VERBOSE ALLOWOVERWRITE REGION 'eu-west-1' EXTENSION 'x' "
		"PARTITION BY (a, \"B\") INCLUDE",
		"unload($$select 1$$)to 's3://bkt/p' partition by(A,b)include maxfilesize 100 extension 'x' region as "
		"eu-west-1\n"
		"manifest verbose gzip null 'nil' /* c */ parallel false delimiter ';' header csv -- c\n"
		"allowoverwrite with credentials 'aws_iam_role=arn' ;",
		"Unload ( 'select ''1''' ) To 's3://bkt/p' Format Csv credentials as 'aws_iam_role=arn' maxfilesize "
		"0.09765625 GB\n"
		"Parallel Off Region 'eu-west-1' Header Null As 'nil' Delimiter ';' Gzip AllowOverwrite Manifest "
		"Verbose "
		"Partition By (a,b) Include Extension as 'x'",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(same); i++) {
		struct unload_statement *s = parsed(same[i]);

		assert_int_equal(s->format, UNLOAD_CSV);
		assert_int_equal(s->to->delimiter, ';');
		assert_string_equal(s->to->null_as, "nil");
		assert_int_equal(s->to->compression, COPY_GZIP);
		assert_string_equal(s->to->region, "eu-west-1");
		assert_string_equal(s->to->role_arn, "arn");
		assert_string_equal(s->extension, "x");
		assert_true(s->header && s->serial && s->to->manifest && s->verbose && s->allow_overwrite &&
			    s->include);
		assert_true(s->max_file_bytes == 100 * UNLOAD_MB);
		assert_int_equal(s->partition_count, 2);
		assert_string_equal(s->partition[0], "a");
		assert_string_equal(s->partition[1], "b");
		unload_statement_free(s);
	}
}

static void formats_and_keys(void **state)
{
	struct unload_statement *s =
		parsed("unload ('select 1') to 's3://bkt/p' json access_key_id 'AK' secret_access_key 'SK' "
		       "session_token 'T' encrypted auto cleanpath parallel");

	(void)state;
	assert_int_equal(s->format, UNLOAD_JSON);
	assert_int_equal(s->to->auth, COPY_AUTH_KEYS);
	assert_string_equal(secret_value(&s->to->secret_key), "SK");
	assert_true(s->clean_path && !s->serial);
	unload_statement_free(s);
	s = parsed("unload ('select 1') to 's3://bkt/p' iam_role default fixedwidth as 'a:3, b:10' zstd");
	assert_int_equal(s->format, UNLOAD_FIXED);
	assert_int_equal(s->to->width_count, 2);
	assert_int_equal(s->to->widths[1], 10);
	assert_int_equal(s->to->auth, COPY_AUTH_DEFAULT_ROLE);
	unload_statement_free(s);
}

/* Each with its SQLSTATE, and what its text says. */
static void what_cannot_be_is_refused(void **state)
{
	static const struct {
		const char *rest, *sqlstate, *text;
	} bad[] = {
		{ "iam_role 'r' parquet", "0A000", "UNLOAD option \"parquet\" is not supported by this sandbox" },
		{ "iam_role 'r' format as parquet", "0A000", "\"parquet\"" },
		{ "iam_role 'r' encrypted kms_key_id 'k'", "0A000", "\"encrypted\"" },
		{ "iam_role 'r' kms_key_id 'k'", "0A000", "\"kms_key_id\"" },
		{ "iam_role 'r' master_symmetric_key 'k'", "0A000", "\"master_symmetric_key\"" },
		{ "iam_role 'r' rowgroupsize 32 mb", "0A000", "\"rowgroupsize\"" },
		{ "", "42601", "UNLOAD needs credentials" },
		{ "iam_role 'r' access_key_id 'k'", "42601", "only one way of authorization" },
		{ "iam_role 'r' gzip zstd", "42601", "\"zstd\" cannot be used with \"gzip\"" },
		{ "iam_role 'r' gzip gzip", "42601", "conflicting or redundant options" },
		{ "iam_role 'r' json header", "42601", "\"header\" cannot be used with \"json\"" },
		{ "iam_role 'r' csv escape", "42601", "\"escape\" cannot be used with \"csv\"" },
		{ "iam_role 'r' csv addquotes", "42601", "\"addquotes\" cannot be used with \"csv\"" },
		{ "iam_role 'r' fixedwidth 'a:1' delimiter ','", "42601", "\"delimiter\" cannot be used" },
		{ "iam_role 'r' allowoverwrite cleanpath", "42601", "\"cleanpath\" cannot be used" },
		{ "iam_role 'r' maxfilesize 4.9", "22023", "between 5 MB and 6.2 GB" },
		{ "iam_role 'r' maxfilesize 6.3 gb", "22023", "between 5 MB and 6.2 GB" },
		{ "iam_role 'r' maxfilesize big", "42601", "\"big\"" },
		{ "iam_role 'r' delimiter 'ab'", "22023", "UNLOAD delimiter must be a single ASCII character" },
		{ "iam_role 'r' partition (a)", "42601", "\"(\"" },
		{ "iam_role 'r' partition by ()", "42601", "\")\"" },
		{ "iam_role 'r' partition by ('a')", "42601", "string literal" },
		{ "iam_role 'r' format header", "42601", "\"header\"" },
		{ "iam_role 'r' format", "42601", "end of input" },
		{ "iam_role 'r' maxerror 3", "42601", "\"maxerror\"" },
		{ "iam_role 'r' csv; select 1", "42601", "\"select\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		char sql[300];
		struct err err;

		snprintf(sql, sizeof sql, "unload ('select 1') to 's3://bkt/p' %s", bad[i].rest);
		err = refused(sql);
		if (strcmp(err.sqlstate, bad[i].sqlstate) != 0 || !strstr(err.text, bad[i].text))
			fail_msg("%s: %s %s", bad[i].rest, err.sqlstate, err.text);
	}
}

static void what_is_no_statement_has_its_place(void **state)
{
	static const struct {
		const char *sql, *sqlstate, *at;
	} bad[] = {
		{ "unload", "42601", "7" },
		{ "unload 'select 1' to 's3://bkt/p' iam_role 'r'", "42601", "8" },
		{ "unload (select 1) to 's3://bkt/p' iam_role 'r'", "42601", "9" },
		{ "unload ('select 1' to 's3://bkt/p' iam_role 'r'", "42601", "20" },
		{ "unload ('select 1') 's3://bkt/p' iam_role 'r'", "42601", "21" },
		{ "unload ('select 1') to b iam_role 'r'", "42601", "24" },
		{ "unload ('select 1') to 'file:///x' iam_role 'r'", "22023", "24" },
		{ "unload ('select 1", "42601", "9" },
		{ "unload ($a$select 1$b$) to 's3://bkt/p'", "42601", "9" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct err err = refused(bad[i].sql);

		if (strcmp(err.sqlstate, bad[i].sqlstate) != 0 || strcmp(err.code, bad[i].at) != 0)
			fail_msg("%s: %s at %s: %s", bad[i].sql, err.sqlstate, err.code, err.text);
	}
}

static void a_secret_is_in_no_error(void **state)
{
	struct err err = refused("unload ('select 1') to 's3://bkt/p' access_key_id 'AK' 'topsecret'");

	(void)state;
	assert_null(strstr(err.text, "topsecret"));
	err = refused("unload ('select 1') to 's3://bkt/p' credentials 'aws_secret_access_key=topsecret'");
	assert_null(strstr(err.text, "topsecret"));
}

static void without_memory_it_says_so(void **state)
{
	static const char sql[] =
		"unload ('select 1') to 's3://bkt/p' access_key_id 'AK' secret_access_key 'SK' "
		"region eu-west-1 null as 'x' extension 'e' partition by (a, b) delimiter ';' manifest";
	struct unload_statement *s = NULL;
	struct err err = { 0 };
	long failed = 0;

	(void)state;
	for (;;) {
		int rc;

		mem_fail_at(failed + 1);
		rc = unload_parse(sql, sizeof sql - 1, &s, &err);
		mem_fail_at(0);
		if (rc == 0)
			break;
		assert_int_equal(err.kind, ERR_NOMEM);
		assert_true(++failed < 1000);
	}
	assert_true(failed > 10);
	unload_statement_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_statement_has_the_defaults),
		cmocka_unit_test(options_come_in_any_order_and_spelling),
		cmocka_unit_test(formats_and_keys),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(what_is_no_statement_has_its_place),
		cmocka_unit_test(a_secret_is_in_no_error),
		cmocka_unit_test(without_memory_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
