
#include "unit/cm.h"

#include <string.h>

#include "warehouse/conn_error.h"

static void a_position_is_told_as_line_and_column(void **state)
{
	size_t line, column;

	(void)state;
	sql_position("SELECT x", 8, &line, &column);
	assert_int_equal(line, 1);
	assert_int_equal(column, 8);
	sql_position("SELECT\n  x", 10, &line, &column);
	assert_int_equal(line, 2);
	assert_int_equal(column, 3);
	sql_position("SELECT 'é',\n x", 14, &line, &column);
	assert_int_equal(line, 2);
	assert_int_equal(column, 2);
	sql_position("ab", 900, &line, &column);
	assert_int_equal(line, 1);
}

static void a_server_error_keeps_state_place_and_detail(void **state)
{
	struct server_error e = { .sqlstate = "42703",
				  .message = "column \"x\" does not exist",
				  .detail = "there is\n  a column y",
				  .hint = "use y",
				  .position = "8" };
	struct err err;

	(void)state;
	assert_int_equal(server_error_set(&err, &e, "SELECT x"), -1);
	assert_int_equal(err.kind, ERR_DATABASE);
	assert_string_equal(err.sqlstate, "42703");
	assert_string_equal(err.text, "column \"x\" does not exist, line 1, column 8");
	assert_string_equal(err.hint, "there is a column y; use y");
	assert_false(err.retryable);
}

static void the_block_of_a_compute_node_is_reduced_to_what_helps(void **state)
{
	struct server_error e = {
		.sqlstate = "XX000",
		.message = "S3ServiceException:Access Denied,Status 403",
		.detail = "\n  -----------------------------------------------\n  error:  S3ServiceException\n"
			  "  code:      8001\n  context:   S3 key being read : s3://b/k\n  query:     1003\n"
			  "  -----------------------------------------------\n",
	};
	struct err err;

	(void)state;
	assert_int_equal(server_error_set(&err, &e, "COPY"), -1);
	assert_string_equal(err.hint, "context: S3 key being read : s3://b/k, code: 8001");
}

static void a_missing_table_comes_with_what_to_do(void **state)
{
	struct server_error e = { .sqlstate = "42P01", .message = "relation \"users\" does not exist" };
	struct err err;

	(void)state;
	assert_int_equal(server_error_set(&err, &e, "SELECT"), -1);
	assert_string_equal(err.hint, "create the tables first: sparkctl create-tables");
	e.operands = "north --target aws";
	assert_int_equal(server_error_set(&err, &e, "SELECT"), -1);
	assert_string_equal(err.hint, "create the tables first: sparkctl create-tables north --target aws");
}

static void a_refused_login_is_the_database_s_word(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(
		connect_error_set(&err, "localhost", 5439,
				  "connection to server at \"localhost\" (127.0.0.1), port 5439 failed: FATAL:  28P01: "
				  "password authentication failed for user \"dwhuser\"\nLOCATION:  auth.c:1\n",
				  NULL),
		-1);
	assert_int_equal(err.kind, ERR_DATABASE);
	assert_string_equal(err.sqlstate, "28P01");
	assert_string_equal(err.text,
			    "cannot connect to 'localhost:5439': password authentication failed for user \"dwhuser\"");
	assert_non_null(strstr(err.hint, "DWH_DB_PASSWORD"));
}

static void a_closed_port_is_unreachable(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(
		connect_error_set(&err, "10.0.0.1", 5439,
				  "connection to server at \"10.0.0.1\", port 5439 failed: Connection refused\n"
				  "\tIs the server running on that host and accepting TCP/IP connections?\n",
				  "north --target aws"),
		-1);
	assert_int_equal(err.kind, ERR_UNREACHABLE);
	assert_true(err.retryable);
	assert_non_null(strstr(err.text, "cannot connect to '10.0.0.1:5439': Connection refused"));
	assert_non_null(strstr(err.hint, "sparkctl up north --target aws"));
	assert_non_null(strstr(err.hint, "sparkctl doctor north --target aws"));
}

static void trouble_with_encryption_has_its_own_hint(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(connect_error_set(&err, "h", 5439,
					   "connection to server at \"h\", port 5439 failed: server does "
					   "not support SSL, but SSL was required\n",
					   NULL),
			 -1);
	assert_non_null(strstr(err.hint, "offers no encryption"));
	assert_int_equal(connect_error_set(&err, "h", 5439,
					   "connection to server at \"h\", port 5439 failed: SSL error: "
					   "certificate verify failed\n",
					   NULL),
			 -1);
	assert_non_null(strstr(err.hint, "CA_BUNDLE"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_position_is_told_as_line_and_column),
		cmocka_unit_test(a_server_error_keeps_state_place_and_detail),
		cmocka_unit_test(the_block_of_a_compute_node_is_reduced_to_what_helps),
		cmocka_unit_test(a_missing_table_comes_with_what_to_do),
		cmocka_unit_test(a_refused_login_is_the_database_s_word),
		cmocka_unit_test(trouble_with_encryption_has_its_own_hint),
		cmocka_unit_test(a_closed_port_is_unreachable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
