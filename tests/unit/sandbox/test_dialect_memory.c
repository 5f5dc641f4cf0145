/* Memory that runs out anywhere in a rewriting: the statement is refused for that, or rewritten all the same. */
#include <string.h>

#include "spark/base/mem.h"
#include "spark/sandbox/dialect.h"
#include "unit/cm.h"

static int columns(void *arg, const char *schema, const char *relation, struct buf *out)
{
	(void)arg;
	(void)schema;
	(void)relation;
	for (const char *c = "abc"; *c; c++)
		buf_printf(out, "%c%c%s%c", *c, DIALECT_COLUMN_TYPE, *c == 'b' ? "jsonb" : "int4", DIALECT_COLUMN_END);
	return out->failed ? -1 : 1;
}

static const struct dialect_catalog catalog = { .columns = columns };

static const char *const statements[] = {
	"select * from t qualify row_number() over (partition by a order by c) = 1 order by lower(c), 1",
	"select * exclude c from (select a, c from t) pivot (count(*) as n for a in (1 as x, null)) p",
	"select *, level from t start with a = 1 connect by prior a = c",
	"select x.k, b[0].y::int, lag(a) ignore nulls over (order by c) as l, l + 1 as m from t, t.b as x group by all",
	"select \"A\", window from t, s where t.a = s.a (+) and t.c = 1",
	"merge into t using s on t.a = s.a remove duplicates; update t set a = c from t o where t.a = o.a",
	"create procedure p() as $$ begin select distinct a as x, x + 1 from t order by c; end; $$ language plpgsql",
	("create procedure q(t varchar) as $$ begin execute 'create table ' || t || ' (a int) distkey(a)'; "
	 "execute 'copy ' || t || ' from ''s3://b/k'''; end; $$ language plpgsql"),
};

static void print(const struct dialect_script *s, struct buf *out)
{
	for (size_t i = 0; i < s->count; i++)
		buf_printf(out, "%s;", s->items[i].sql.data);
}

static void every_allocation_may_fail(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(statements); i++) {
		struct dialect_script script;
		struct buf wanted, got;
		struct err err = { 0 };
		int rc = -1;

		buf_init(&wanted, BUF_MAX_DEFAULT);
		buf_init(&got, BUF_MAX_DEFAULT);
		if (dialect_rewrite(statements[i], strlen(statements[i]), &catalog, &script, &err) < 0)
			fail_msg("%s: %s", statements[i], err.text);
		print(&script, &wanted);
		dialect_script_clear(&script);
		for (long n = 1; rc < 0; n++) {
			memset(&err, 0, sizeof err);
			mem_fail_at(n);
			rc = dialect_rewrite(statements[i], strlen(statements[i]), &catalog, &script, &err);
			mem_fail_at(0);
			if (rc < 0 && err.kind != ERR_NOMEM)
				fail_msg("%s: allocation %ld: %s", statements[i], n, err.text);
			assert_true(n < 1000000);
		}
		print(&script, &got);
		assert_string_equal(got.data, wanted.data);
		dialect_script_clear(&script);
		buf_clear(&wanted);
		buf_clear(&got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_allocation_may_fail) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
