/* Strict mode refuses nothing that Redshift knows: the SQL of the default pipeline, and statements that come near to
 * what is refused. What is refused, with code and words, is tried on a cluster by tests/real/test_strict. */
#include <string.h>

#include "spark/base/file.h"
#include "spark/sandbox/dialect.h"
#include "unit/cm.h"

static const struct dialect_catalog strict = { .strict = true };
static const struct dialect_catalog lenient = { .strict = false };

static bool passes(const char *text, size_t len, const struct dialect_catalog *catalog, struct err *err)
{
	struct dialect_script script;

	if (dialect_rewrite(text, len, catalog, &script, err) < 0)
		return false;
	dialect_script_clear(&script);
	return true;
}

static int check_file(void *arg, const char *rel, int64_t size_bytes)
{
	char path[512];
	struct buf text;
	struct err err = { 0 };
	size_t len = strlen(rel);

	(void)size_bytes;
	/* Where a COPY reads from is known when it runs. */
	if (len < 4 || strcmp(rel + len - 4, ".sql") != 0 || strncmp(rel, "load/", 5) == 0)
		return 0;
	snprintf(path, sizeof path, "sql/%s", rel);
	buf_init(&text, BUF_MAX_DEFAULT);
	assert_int_equal(file_read(path, &text, &err), 0);
	if (!passes(text.data, text.len, &strict, &err))
		fail_msg("%s: %s %s", path, err.sqlstate, err.text);
	++*(int *)arg;
	buf_clear(&text);
	return 0;
}

static void the_default_pipeline_is_redshift_sql(void **state)
{
	struct err err = { 0 };
	int files = 0;

	(void)state;
	assert_int_equal(file_walk("sql", check_file, &files, &err), 0);
	assert_true(files >= 20);
}

static void what_redshift_knows_passes(void **state)
{
	static const char *const texts[] = {
		"select a as tag, t.tag, \"tag\" from t",
		"select top 10 a from t minus select b from u",
		"insert into t select a from b join c on conflict = 1",
		"select lateral, filter, returning from t",
		"select sum(a) over (order by b rows unbounded preceding) from t",
		"select distinct a from t order by a",
		"create table t (a int identity(0,1), \"start\" int encode raw) sortkey(a)",
		"select n from pg_class, now()",
		"select a.b[0] from t",
		"delete from t where a in (select x from u)",
		"fetch next from c",
		"grant all on t to group g",
		"for_update",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct err err = { 0 };

		if (!passes(texts[i], strlen(texts[i]), &strict, &err))
			fail_msg("%s: %s %s", texts[i], err.sqlstate, err.text);
	}
}

static void what_it_does_not_know_is_refused_in_strict_mode_only(void **state)
{
	static const struct {
		const char *text, *sqlstate;
		const char *at;
	} rows[] = {
		{ "insert into t values (1) on conflict (a) do nothing", "42601", "26" },
		{ "select 1; create index i on t (a)", "0A000", "11" },
		{ "select string_agg(a, ',') from t", "42883", "8" },
		{ "create table t (a int, b uuid)", "0A000", "26" },
		{ "create procedure p() as $$ begin savepoint x; end $$ language plpgsql", "0A000", "25" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err err = { 0 };

		assert_true(passes(rows[i].text, strlen(rows[i].text), &lenient, &err));
		assert_false(passes(rows[i].text, strlen(rows[i].text), &strict, &err));
		assert_string_equal(err.sqlstate, rows[i].sqlstate);
		assert_string_equal(err.code, rows[i].at);
	}
}

/* One that looked back to the beginning at each of these would take hours. */
static void a_statement_of_megabytes_takes_the_time_of_its_length(void **state)
{
	static const char *const parts[] = { ", now()", ", (select 1)", ", avg(a) over ()", ", (x and y)" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		struct dialect_script script;
		struct err err = { 0 };
		struct buf sql;

		buf_init(&sql, BUF_MAX_DEFAULT);
		buf_puts(&sql, "insert into t select 1");
		for (int n = 0; n < 200000; n++)
			buf_puts(&sql, parts[i]);
		if (dialect_rewrite(sql.data, sql.len, &strict, &script, &err) < 0)
			fail_msg("%s: %s", parts[i], err.text);
		dialect_script_clear(&script);
		buf_clear(&sql);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_pipeline_is_redshift_sql),
		cmocka_unit_test(what_redshift_knows_passes),
		cmocka_unit_test(what_it_does_not_know_is_refused_in_strict_mode_only),
		cmocka_unit_test(a_statement_of_megabytes_takes_the_time_of_its_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
