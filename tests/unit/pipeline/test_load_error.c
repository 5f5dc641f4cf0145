#include "unit/cm.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/load_error.h"

static struct load_error row(const char *type, const char *length, const char *value, const char *reason)
{
	struct load_error e = { .file = "s3://b/log_data/2018/11/x.json", .column = "length", .line = 3, .code = 1207 };

	(void)snprintf(e.type, sizeof(e.type), "%s", type);
	(void)snprintf(e.length, sizeof(e.length), "%s", length);
	(void)snprintf(e.value, sizeof(e.value), "%s", value);
	(void)snprintf(e.reason, sizeof(e.reason), "%s", reason);
	return e;
}

static void the_type_that_would_fit_is_suggested(void **state)
{
	static const struct {
		const char *type, *length, *value, *expected; /* NULL: another type is no remedy */
	} rows[] = {
		{ "varchar", "3", "abcdef", "varchar(6)" },
		{ "varchar", "3", "\xc3\xa9\xc3\xa9", "varchar(4)" },
		{ "char", "3", "\xe2\x82\xac uro", "varchar(7)" },
		{ "int4", "0", "1541105830796", "bigint" },
		{ "int2", "0", "40000", "integer" },
		{ "int2", "0", "-2147483648", "integer" },
		{ "int4", "0", "2147483648", "bigint" },
		{ "int8", "0", "99999999999999999999", "decimal(38,0)" },
		{ "int4", "0", "218.93179", "double precision, or decimal(18,5)" },
		{ "int4", "0", "1e5", "double precision" },
		{ "int4", "0", "abc", "varchar(3)" },
		{ "int4", "0", "true", "boolean" },
		{ "int4", "0", "12", NULL },
		{ "numeric", "4,2", "123456.5", "double precision, or decimal(18,1)" },
		{ "float8", "0", "abc", "varchar(3)" },
		{ "float8", "0", "1.5", NULL },
		{ "bool", "0", "maybe", "varchar(5)" },
		{ "timestamp", "0", "1541105830796", "bigint" },
		{ "timestamp", "0", "yesterday", "varchar(9)" },
		{ "date", "0", "2018-13-01", "varchar(10)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct load_error e = row(rows[i].type, rows[i].length, rows[i].value, "Invalid");
		char out[64];
		bool suggested = load_error_suggest(&e, out);

		assert_int_equal(suggested, rows[i].expected != NULL);
		if (suggested)
			assert_string_equal(out, rows[i].expected);
	}
}

static void a_value_that_fills_the_system_table_s_column_may_be_longer(void **state)
{
	struct load_error e = row("varchar", "256", "", "String length exceeds DDL length");
	char out[64];

	(void)state;
	memset(e.value, 'x', 1024);
	e.value[1024] = 0;
	assert_true(load_error_suggest(&e, out));
	assert_string_equal(out, "varchar(max)");
}

static void a_missing_value_is_no_matter_of_type(void **state)
{
	struct load_error e = row("int4", "0", "", "Missing data for not-null field");
	char out[64];

	(void)state;
	assert_false(load_error_suggest(&e, out));
}

static void the_message_teaches(void **state)
{
	struct load_error e = row("int4", "0", "218.93179", "Invalid digit, Value '.', Pos 3, Type: Integer");
	struct err err = { .kind = ERR_DATABASE, .sqlstate = "XX000", .text = "Load into table 'x' failed" };

	(void)state;
	load_error_explain(&e, &err);
	assert_int_equal(err.kind, ERR_DATABASE);
	assert_string_equal(err.sqlstate, "XX000");
	assert_string_equal(err.text,
			    "cannot load 's3://b/log_data/2018/11/x.json', line 3, column 'length': value "
			    "'218.93179' does not fit integer: Invalid digit, Value '.', Pos 3, Type: Integer");
	assert_string_equal(err.hint, "declare the column as double precision, or decimal(18,5), or mend the file; "
				      "nothing was loaded");
}

static void text_that_is_no_json_is_told_by_file_and_line(void **state)
{
	struct load_error e = row("", "", "", "Invalid value");
	struct err err = { .kind = ERR_DATABASE };

	(void)state;
	e.column[0] = 0;
	(void)snprintf(e.raw_line, sizeof(e.raw_line), "{\"artist\": nonsense");
	load_error_explain(&e, &err);
	assert_string_equal(err.text, "cannot load 's3://b/log_data/2018/11/x.json', line 3: Invalid value, at "
				      "'{\"artist\": nonsense'");
	assert_string_equal(err.hint, "mend the file; nothing was loaded");
}

static void a_long_value_is_shown_by_its_beginning(void **state)
{
	struct load_error e = row("varchar", "4", "", "String length exceeds DDL length");
	struct err err = { .kind = ERR_DATABASE };

	(void)state;
	for (size_t i = 0; i < 200; i++)
		memcpy(e.value + 2 * i, "\xc3\xa9", 3);
	load_error_explain(&e, &err);
	assert_non_null(strstr(err.text, "\xc3\xa9...' (400 bytes) does not fit varchar(4)"));
	assert_non_null(strstr(err.hint, "varchar(400)"));
}

static void milliseconds_in_a_timestamp_have_their_own_remedy(void **state)
{
	struct load_error e = row("timestamp", "0", "1541105830796", "Invalid timestamp format or value");
	struct err err = { .kind = ERR_DATABASE };

	(void)state;
	load_error_explain(&e, &err);
	assert_non_null(strstr(err.hint, "TIMEFORMAT 'epochmillisecs'"));
}

static void a_value_that_no_type_cures_is_not_said_to_misfit(void **state)
{
	struct load_error e = row("varchar", "256", "x.", "String contains invalid or unsupported UTF8 codepoints");
	struct err err = { .kind = ERR_DATABASE };

	(void)state;
	load_error_explain(&e, &err);
	assert_null(strstr(err.text, "does not fit"));
	assert_non_null(strstr(err.text, "column 'length': value 'x.': String contains invalid"));
	assert_non_null(strstr(err.hint, "ACCEPTINVCHARS"));
}

static void a_bucket_in_another_region_says_which_setting(void **state)
{
	struct err err = { .kind = ERR_DATABASE,
			   .text = "S3ServiceException:... Status 301,Error PermanentRedirect,Rid 1",
			   .hint = "context: Listing bucket=b, code: 8001" };
	struct err other = { .kind = ERR_DATABASE, .text = "out of memory", .hint = "h" };

	(void)state;
	load_error_advise(&err, "north --target aws");
	assert_string_equal(err.hint, "set [S3] REGION to the bucket's region; context: Listing bucket=b, code: 8001");
	load_error_advise(&other, "north");
	assert_string_equal(other.hint, "h");
	err = (struct err){ .kind = ERR_DATABASE, .text = "S3ServiceException:Access Denied,Status 403" };
	load_error_advise(&err, "north --target aws");
	assert_non_null(strstr(err.hint, "this allows it: sparkctl up north --target aws"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_type_that_would_fit_is_suggested),
		cmocka_unit_test(a_value_that_fills_the_system_table_s_column_may_be_longer),
		cmocka_unit_test(a_missing_value_is_no_matter_of_type),
		cmocka_unit_test(the_message_teaches),
		cmocka_unit_test(text_that_is_no_json_is_told_by_file_and_line),
		cmocka_unit_test(a_long_value_is_shown_by_its_beginning),
		cmocka_unit_test(a_value_that_no_type_cures_is_not_said_to_misfit),
		cmocka_unit_test(a_bucket_in_another_region_says_which_setting),
		cmocka_unit_test(milliseconds_in_a_timestamp_have_their_own_remedy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
