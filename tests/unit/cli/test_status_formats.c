#include <stdio.h>
#include <string.h>

#include "spark/base/json.h"
#include "spark/cli/status_formats.h"
#include "spark/cli/status_text.h"

#include "unit/cm.h"

/* A stack's way in, with a password of one's choice. */
struct given {
	struct config *config;
	struct run_access access;
	struct buf out;
};

static void give(struct given *g, const char *password)
{
	struct err err;

	memset(g, 0, sizeof(*g));
	g->config = config_new(&err);
	assert_non_null(g->config);
	g->access = (struct run_access){ .host = "north.example.com",
					 .user = "IAM:dwhuser",
					 .database = "dwh",
					 .port = 5439,
					 .ssl_mode = "verify-full",
					 .role_arn = "arn:aws:iam::123456789012:role/north-copy" };
	assert_int_equal(secret_set(&g->access.password, password, &err), 0);
	buf_init(&g->out, 65536);
}

static void take_back(struct given *g)
{
	run_access_clear(&g->access);
	config_free(g->config);
	buf_wipe(&g->out);
}

static const char *format(struct given *g, const char *name)
{
	const struct status_format_input in = { "north", &g->access, g->config };

	buf_reset(&g->out);
	assert_true(status_format(name, &in, &g->out));
	assert_false(g->out.failed);
	return g->out.data;
}

static void a_shell_reads_env_whatever_the_password_is(void **state)
{
	struct given g;

	(void)state;
	give(&g, "it's $(id) `x` \\");
	assert_string_equal(format(&g, "env"), "export PGHOST='north.example.com'\nexport PGPORT='5439'\n"
					       "export PGDATABASE='dwh'\nexport PGUSER='IAM:dwhuser'\n"
					       "export PGPASSWORD='it'\\''s $(id) `x` \\'\n"
					       "export PGSSLMODE='verify-full'\n");
	take_back(&g);
}

static void a_dsn_encodes_what_means_something_in_it(void **state)
{
	struct given g;

	(void)state;
	give(&g, "p:w@d/?&#%");
	g.access.ssl_ca = "/etc/ssl/ca bundle.crt";
	assert_string_equal(format(&g, "dsn"),
			    "postgresql://IAM%3Adwhuser:p%3Aw%40d%2F%3F%26%23%25@north.example.com:5439/"
			    "dwh?sslmode=verify-full&sslrootcert=%2Fetc%2Fssl%2Fca%20bundle.crt\n");
	take_back(&g);
}

static void dwh_cfg_has_the_sections_of_the_course_in_their_order(void **state)
{
	struct given g;
	const char *text;

	(void)state;
	give(&g, "Passw0rd");
	text = format(&g, "dwh.cfg");
	assert_ptr_equal(strstr(text, "[CLUSTER]\nHOST=north.example.com\nDB_NAME=dwh\nDB_USER=IAM:dwhuser\n"
				      "DB_PASSWORD=Passw0rd\nDB_PORT=5439\n\n[IAM_ROLE]\n"
				      "ARN=arn:aws:iam::123456789012:role/north-copy\n\n[S3]\n"
				      "LOG_DATA='s3://udacity-dend/log_data'\n"),
			 text);
	take_back(&g);
}

static void temporary_credentials_say_when_they_end(void **state)
{
	static const char *const formats[] = { "env", "dwh.cfg", "dbt" };
	struct given g;

	(void)state;
	give(&g, "x");
	g.access.expires_ms = 1795255592000;
	for (size_t i = 0; i < COUNT_OF(formats); i++) {
		const char *text = format(&g, formats[i]);

		assert_ptr_equal(strstr(text, "# the password is a temporary one and ends at 2026-11-21T10:06:32Z\n"),
				 text);
	}
	take_back(&g);
}

static void values_of_a_file_are_quoted_when_they_have_to_be(void **state)
{
	static const char *const rows[][2] = {
		{ "plain", "plain" },   { "", "''" },        { "two words", "'two words'" },
		{ "it's", "'it\\'s'" }, { "100%", "100%%" }, { "back\\slash", "'back\\\\slash'" },
		{ "a;b", "'a;b'" },     { "a#b", "'a#b'" },  { "a+/=b", "a+/=b" },
	};
	struct buf b;

	(void)state;
	buf_init(&b, 1024);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		buf_reset(&b);
		format_ini_value(&b, rows[i][0]);
		assert_string_equal(b.data, rows[i][1]);
	}
	buf_clear(&b);
}

static void there_is_no_other_format(void **state)
{
	struct given g;
	const struct status_format_input in = { "north", &g.access, NULL };

	(void)state;
	give(&g, "x");
	assert_false(status_format("xml", &in, &g.out));
	assert_int_equal(g.out.len, 0);
	take_back(&g);
}

static void a_line_tells_what_does_not_change_by_itself(void **state)
{
	static const char *const rows[][2] = {
		{ "{\"cluster\":null}", "no cluster" },
		{ "{\"cluster\":{\"status\":\"creating\"},\"cost\":{\"ran_s\":7}}", "cluster creating" },
		{ "{\"cluster\":{\"status\":\"available\"},\"tables\":[{\"rows\":3},{\"rows\":4}]}",
		  "cluster available, 2 tables, 7 rows" },
		{ "{\"cluster\":{\"status\":\"paused\"},\"last_run\":{\"outcome\":\"done\",\"ended\":\"T\"}}",
		  "cluster paused, last run done at T" },
		{ "{\"cluster\":{\"status\":\"paused\"},\"stale\":true,\"seen\":\"T\"}",
		  "out of reach, seen at T: cluster paused" },
	};
	struct err err;
	struct buf b;

	(void)state;
	buf_init(&b, 1024);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct json *doc = json_parse(rows[i][0], strlen(rows[i][0]), &err);

		assert_non_null(doc);
		buf_reset(&b);
		status_text_add_line(&b, doc);
		assert_string_equal(b.data, rows[i][1]);
		json_free(doc);
	}
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shell_reads_env_whatever_the_password_is),
		cmocka_unit_test(a_dsn_encodes_what_means_something_in_it),
		cmocka_unit_test(dwh_cfg_has_the_sections_of_the_course_in_their_order),
		cmocka_unit_test(temporary_credentials_say_when_they_end),
		cmocka_unit_test(values_of_a_file_are_quoted_when_they_have_to_be),
		cmocka_unit_test(there_is_no_other_format),
		cmocka_unit_test(a_line_tells_what_does_not_change_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
