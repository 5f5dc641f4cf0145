#include <sys/stat.h>
#include <unistd.h>

#include "unit/cm.h"

#include <string.h>

#include "spark/base/file.h"
#include "spark/base/mem.h"
#include "spark/warehouse/sql.h"

static char dir[64];

static int make_dir(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/sparkctl-sql-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	struct err err;

	(void)state;
	return file_remove_tree(dir, &err);
}

static void put(const char *rel, const char *text, size_t len)
{
	char *path = file_join(dir, rel), *slash;
	struct err err;

	assert_non_null(path);
	slash = strrchr(path, '/');
	*slash = 0;
	assert_int_equal(file_make_dirs(path, 0700, &err), 0);
	*slash = '/';
	assert_int_equal(file_write_atomic(path, text, len, 0600, &err), 0);
	mem_free(path);
}

static void put_text(const char *rel, const char *text)
{
	put(rel, text, strlen(text));
}

static void refused(const char *what)
{
	struct pipeline_sql p;
	struct err err;

	assert_int_equal(pipeline_sql_open(dir, &p, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	if (!strstr(err.text, what))
		fail_msg("'%s' does not tell '%s'", err.text, what);
}

static void a_folder_is_read_in_the_order_of_the_numbers(void **state)
{
	struct pipeline_sql p;
	struct err err;

	(void)state;
	put_text("tables/20_b.sql", "CREATE TABLE b (x INT);\n");
	put_text("tables/10_a.sql", "-- table: a\nCREATE TABLE a (x INT)");
	put_text("tables/README", "not SQL");
	put_text("checks/10_a.sql", "SELECT 1 WHERE 1 = 0;;  -- and a comment\n");
	assert_int_equal(pipeline_sql_open(dir, &p, &err), 0);
	assert_int_equal(p.stages[SQL_TABLES].count, 2);
	assert_string_equal(p.stages[SQL_TABLES].files[0].name, "10_a");
	assert_string_equal(p.stages[SQL_TABLES].files[1].name, "20_b");
	assert_int_equal(p.stages[SQL_CHECKS].count, 1);
	assert_int_equal(p.stages[SQL_LOAD].count, 0);
	assert_string_equal(p.source, dir);
	pipeline_sql_clear(&p);
}

static void a_second_statement_is_refused_with_its_line(void **state)
{
	(void)state;
	put_text("load/10_x.sql", "SELECT ';' -- ;\n;\nSELECT 2");
	refused("load/10_x.sql', line 3: a second statement");
}

static void a_body_of_a_procedure_is_one_statement(void **state)
{
	struct pipeline_sql p;
	struct err err;

	(void)state;
	put_text("transform/10_p.sql", "CREATE PROCEDURE p() AS $$ BEGIN DELETE FROM t; END; $$ LANGUAGE plpgsql;");
	assert_int_equal(pipeline_sql_open(dir, &p, &err), 0);
	pipeline_sql_clear(&p);
}

static void an_empty_file_is_refused(void **state)
{
	(void)state;
	put_text("load/10_x.sql", "-- nothing\n ; ;");
	refused("holds no statement");
}

static void an_open_string_is_refused_where_it_begins(void **state)
{
	(void)state;
	put_text("load/10_x.sql", "SELECT 1,\n 'abc");
	refused("line 2: what begins with ''a' has no end");
}

static void a_nul_byte_is_refused(void **state)
{
	(void)state;
	put("load/10_x.sql", "SELECT 1\0;", 10);
	refused("NUL");
}

static void a_folder_without_stages_is_refused(void **state)
{
	(void)state;
	refused("holds no pipeline");
}

static void a_missing_folder_is_refused(void **state)
{
	struct pipeline_sql p;
	struct err err;

	(void)state;
	assert_int_equal(pipeline_sql_open("/nonexistent/pipeline", &p, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, "/nonexistent/pipeline"));
}

static void the_built_in_pipeline_is_whole(void **state)
{
	static const size_t at_least[SQL_STAGES] = { 7, 2, 5, 7, 5 };
	struct pipeline_sql p;
	struct err err;

	(void)state;
	assert_int_equal(pipeline_sql_open(NULL, &p, &err), 0);
	assert_string_equal(p.source, "built-in");
	for (int s = 0; s < SQL_STAGES; s++) {
		assert_true(p.stages[s].count >= at_least[s]);
		for (size_t i = 0; i < p.stages[s].count; i++) {
			char purpose[256];

			assert_true(sql_header(&p.stages[s].files[i], "purpose", purpose, sizeof(purpose)));
		}
	}
	pipeline_sql_clear(&p);
}

static void memory_that_runs_out_is_told(void **state)
{
	struct pipeline_sql p;
	struct err err;
	bool opened = false;

	(void)state;
	put_text("tables/10_a.sql", "CREATE TABLE a (x INT)");
	put_text("checks/10_a.sql", "SELECT 1");
	for (long n = 1; !opened; n++) {
		assert_true(n < 10000);
		mem_fail_at(n);
		opened = pipeline_sql_open(dir, &p, &err) == 0;
		mem_fail_at(0);
		if (!opened)
			assert_true(err.kind == ERR_NOMEM);
	}
	assert_int_equal(p.stages[SQL_TABLES].count, 1);
	assert_int_equal(p.stages[SQL_CHECKS].count, 1);
	pipeline_sql_clear(&p);
}

/* Every table has a file that makes it, and at least one check. */
static void every_built_in_table_is_checked(void **state)
{
	struct pipeline_sql p;
	struct err err;

	(void)state;
	assert_int_equal(pipeline_sql_open(NULL, &p, &err), 0);
	for (size_t i = 0; i < p.stages[SQL_TABLES].count; i++) {
		char table[64], checked[64];
		size_t checks = 0;

		assert_true(sql_header(&p.stages[SQL_TABLES].files[i], "table", table, sizeof(table)));
		for (size_t k = 0; k < p.stages[SQL_CHECKS].count; k++) {
			if (sql_header(&p.stages[SQL_CHECKS].files[k], "table", checked, sizeof(checked)) &&
			    strcmp(table, checked) == 0)
				checks++;
		}
		assert_true(checks > 0);
	}
	pipeline_sql_clear(&p);
}

static struct sql_file file_of(const char *text)
{
	return (struct sql_file){ .name = "f", .text = (char *)(uintptr_t)text, .len = strlen(text) };
}

static void a_header_gives_its_values(void **state)
{
	struct sql_file f =
		file_of("-- purpose: to  test: this \r\n\n--chart:bar x=hour\n-- plain words\nSELECT 1\n-- late: x");
	char out[64], small[4];

	(void)state;
	assert_true(sql_header(&f, "purpose", out, sizeof(out)));
	assert_string_equal(out, "to  test: this");
	assert_true(sql_header(&f, "chart", out, sizeof(out)));
	assert_string_equal(out, "bar x=hour");
	assert_true(sql_header(&f, "purpose", small, sizeof(small)));
	assert_string_equal(small, "to ");
	assert_false(sql_header(&f, "late", out, sizeof(out)));
	assert_false(sql_header(&f, "plain", out, sizeof(out)));
	assert_false(sql_header(&f, "pur", out, sizeof(out)));
}

int main(void)
{
#define IN_DIR(t) cmocka_unit_test_setup_teardown(t, make_dir, remove_dir)
	const struct CMUnitTest tests[] = {
		IN_DIR(a_folder_is_read_in_the_order_of_the_numbers),
		IN_DIR(a_second_statement_is_refused_with_its_line),
		IN_DIR(a_body_of_a_procedure_is_one_statement),
		IN_DIR(an_empty_file_is_refused),
		IN_DIR(an_open_string_is_refused_where_it_begins),
		IN_DIR(a_nul_byte_is_refused),
		IN_DIR(a_folder_without_stages_is_refused),
		cmocka_unit_test(a_missing_folder_is_refused),
		cmocka_unit_test(the_built_in_pipeline_is_whole),
		IN_DIR(memory_that_runs_out_is_told),
		cmocka_unit_test(every_built_in_table_is_checked),
		cmocka_unit_test(a_header_gives_its_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
