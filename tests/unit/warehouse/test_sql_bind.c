
#include "unit/cm.h"

#include <string.h>

#include "spark/warehouse/sql.h"

static const struct sql_value values[] = {
	{ "log_data", "s3://bucket/log" }, { "name", "O'Hara \\ co" }, { "table", "odd \"name\"" }, { "unset", NULL }
};

static int bind(const char *text, struct buf *out, struct err *err)
{
	struct sql_file f = { .name = "10_file", .text = (char *)(uintptr_t)text, .len = strlen(text) };

	buf_init(out, 1 << 20);
	return sql_bind(&f, values, 4, out, err);
}

static void becomes(const char *text, const char *expected)
{
	struct err err;
	struct buf out;

	assert_int_equal(bind(text, &out, &err), 0);
	assert_string_equal(out.data, expected);
	buf_clear(&out);
}

static void a_placeholder_becomes_a_quoted_literal(void **state)
{
	(void)state;
	becomes("COPY t FROM :log_data;", "COPY t FROM 's3://bucket/log';");
	becomes(":log_data", "'s3://bucket/log'");
	becomes("(:log_data,:log_data)", "('s3://bucket/log','s3://bucket/log')");
}

static void quotes_and_backslashes_of_a_value_cannot_end_the_literal(void **state)
{
	(void)state;
	becomes("SELECT :name", "SELECT 'O''Hara \\\\ co'");
}

static void a_quoted_placeholder_becomes_an_identifier(void **state)
{
	(void)state;
	becomes("SELECT * FROM :\"table\"", "SELECT * FROM \"odd \"\"name\"\"\"");
}

static void what_is_no_placeholder_stays_as_it_is(void **state)
{
	static const char *const texts[] = {
		"SELECT a::varchar, b :: int, '10:30' FROM t",
		"SELECT ':log_data', 'it''s :x', 'back\\' :slash'",
		"SELECT \":log_data\" FROM t",
		"-- :nothing here\nSELECT 1",
		"/* :nothing /* nested :too */ :here */ SELECT 1",
		"CREATE PROCEDURE p() AS $$ BEGIN x := :y; END; $$ LANGUAGE plpgsql",
		"SELECT $tag$ :no $$ :no $tag$, $1",
		"x := 1",
		"SELECT 1 : 2",
		"-- a comment that ends with the file :x",
		"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		becomes(texts[i], texts[i]);
}

static void a_cast_of_a_placeholder_keeps_its_cast(void **state)
{
	(void)state;
	becomes("SELECT :log_data::varchar(20)", "SELECT 's3://bucket/log'::varchar(20)");
}

static void an_unknown_placeholder_is_named_with_file_line_and_the_known_ones(void **state)
{
	struct err err;
	struct buf out;

	(void)state;
	assert_int_equal(bind("SELECT 1,\n  :log_dta", &out, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, "':log_dta' in '10_file', line 2"));
	assert_non_null(strstr(err.hint, ":log_data, :name, :table"));
	buf_clear(&out);
}

static void a_placeholder_without_a_value_is_refused(void **state)
{
	struct err err;
	struct buf out;

	(void)state;
	assert_int_equal(bind("SELECT :unset", &out, &err), -1);
	assert_non_null(strstr(err.text, "has no value"));
	buf_clear(&out);
}

static void a_name_is_matched_as_a_whole(void **state)
{
	struct err err;
	struct buf out;

	(void)state;
	assert_int_equal(bind("SELECT :log_data2", &out, &err), -1);
	buf_clear(&out);
	assert_int_equal(bind("SELECT :log", &out, &err), -1);
	buf_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_placeholder_becomes_a_quoted_literal),
		cmocka_unit_test(quotes_and_backslashes_of_a_value_cannot_end_the_literal),
		cmocka_unit_test(a_quoted_placeholder_becomes_an_identifier),
		cmocka_unit_test(what_is_no_placeholder_stays_as_it_is),
		cmocka_unit_test(a_cast_of_a_placeholder_keeps_its_cast),
		cmocka_unit_test(an_unknown_placeholder_is_named_with_file_line_and_the_known_ones),
		cmocka_unit_test(a_placeholder_without_a_value_is_refused),
		cmocka_unit_test(a_name_is_matched_as_a_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
