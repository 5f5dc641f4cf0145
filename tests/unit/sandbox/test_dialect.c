/* Redshift SQL to PostgreSQL: each file in tests/golden/dialect is a script, beside it what must come out of it.
 * SPARK_GOLDEN_UPDATE=1 writes what comes out now: review the difference. */
#include <string.h>

#include "spark/base/file.h"
#include "spark/sandbox/dialect.h"
#include "unit/cm.h"

#define FOLDER "tests/golden/dialect"

/* The tables that the scripts speak of; a star behind a name: its type is SUPER. */
static const struct {
	const char *relation;
	const char *columns;
} tables[] = {
	{ "events", "ts page level hour userid" },
	{ "songs", "title year duration" },
	{ "part", "partname manufacturer quality price" },
	{ "count_by_color", "quality red green blue" },
	{ "employee", "id name manager_id" },
	{ "customers", "id c_name c_orders*" },
	{ "target", "id name" },
	{ "source", "id name" },
};

static const char *columns_of(const char *relation)
{
	for (size_t i = 0; i < COUNT_OF(tables); i++) {
		if (strcmp(tables[i].relation, relation) == 0)
			return tables[i].columns;
	}
	return NULL;
}

static int columns(void *arg, const char *schema, const char *relation, struct buf *out)
{
	const char *p = columns_of(relation);

	(void)arg;
	(void)schema;
	if (!p)
		return -1;
	while (*p) {
		size_t len = strcspn(p, " "), name = strcspn(p, "* ");

		buf_add(out, p, name);
		buf_printf(out, "%c%s%c", DIALECT_COLUMN_TYPE, name < len ? "jsonb" : "varchar", DIALECT_COLUMN_END);
		p += len + (p[len] == ' ');
	}
	return 1;
}

static int has_column(void *arg, const char *schema, const char *relation, const char *column)
{
	char names[256], wanted[64];

	(void)arg;
	(void)schema;
	if (!columns_of(relation))
		return -1;
	snprintf(names, sizeof names, " %s ", columns_of(relation));
	snprintf(wanted, sizeof wanted, " %s ", column);
	return strstr(names, wanted) != NULL;
}

/* p has two more for output. */
static int procedure(void *arg, const char *schema, const char *name, const char *types, struct buf *out)
{
	(void)arg;
	if (strcmp(name, "p") != 0)
		return -1;
	buf_printf(out, "%s%s", schema ? schema : "", schema ? " of " : "");
	for (; *types; types++)
		buf_putc(out, *types == DIALECT_COLUMN_END ? ';' : *types);
	buf_puts(out, " and two");
	return 1;
}

static const struct dialect_catalog catalog = { .has_column = has_column, .columns = columns, .procedure = procedure };

static void rewrite(const char *text, size_t len, struct buf *out)
{
	static const char *const kinds[] = {
		[DIALECT_PASS] = "pass", [DIALECT_COPY] = "copy", [DIALECT_UNLOAD] = "unload", [DIALECT_EMPTY] = "empty"
	};
	struct dialect_script script;
	struct err err = { 0 };

	if (dialect_rewrite(text, len, &catalog, &script, &err) < 0) {
		buf_printf(out, "refused %s at %s: %s\n", err.sqlstate, err.code, err.text);
		return;
	}
	for (size_t i = 0; i < script.count; i++) {
		const struct dialect_statement *s = &script.items[i];
		const char *p = s->sql.data;

		while (*p == '\n' || *p == ' ')
			p++;
		buf_printf(out, "%s: %s\n", kinds[s->kind], p);
	}
	dialect_script_clear(&script);
}

/* A line of -- % begins a new script in the same file. */
static void rewrite_file(const struct buf *in, struct buf *out)
{
	const char *p = in->data;

	while (*p) {
		const char *end = strstr(p, "-- %\n");
		size_t len = end ? (size_t)(end - p) : strlen(p);

		rewrite(p, len, out);
		p += len;
		if (end)
			p += strlen("-- %\n");
		if (*p)
			buf_puts(out, "-- %\n");
	}
}

static int check_file(void *arg, const char *rel, int64_t size_bytes)
{
	char path[512], expected[512];
	struct buf in, out, want;
	struct err err = { 0 };
	size_t len = strlen(rel);

	(void)size_bytes;
	if (len < 4 || strcmp(rel + len - 4, ".sql") != 0)
		return 0;
	snprintf(path, sizeof path, FOLDER "/%s", rel);
	snprintf(expected, sizeof expected, FOLDER "/%.*s.expected", (int)(len - 4), rel);
	buf_init(&in, BUF_MAX_DEFAULT);
	buf_init(&out, BUF_MAX_DEFAULT);
	buf_init(&want, BUF_MAX_DEFAULT);
	assert_int_equal(file_read(path, &in, &err), 0);
	rewrite_file(&in, &out);
	if (getenv("SPARK_GOLDEN_UPDATE"))
		assert_int_equal(file_write_atomic(expected, out.data, out.len, 0644, &err), 0);
	if (file_read(expected, &want, &err) < 0 || strcmp(want.data, out.data) != 0)
		fail_msg("%s: expected\n%s\nbut got\n%s", rel, want.data, out.data);
	++*(int *)arg;
	buf_clear(&in);
	buf_clear(&out);
	buf_clear(&want);
	return 0;
}

static void scripts_become_what_stands_beside_them(void **state)
{
	struct err err = { 0 };
	int files = 0;

	(void)state;
	assert_int_equal(file_walk(FOLDER, check_file, &files, &err), 0);
	assert_true(files >= 8);
}

static int mapped(const char *text, const char *in_sql)
{
	struct dialect_script script;
	struct err err = { 0 };
	const char *found;
	int at, chars = 1;

	assert_int_equal(dialect_rewrite(text, strlen(text), &catalog, &script, &err), 0);
	found = strstr(script.items[script.count - 1].sql.data, in_sql);
	assert_non_null(found);
	for (const char *p = script.items[script.count - 1].sql.data; p < found; p++)
		chars += (*p & 0xC0) != 0x80;
	at = dialect_map_position(&script.items[script.count - 1], text, chars);
	dialect_script_clear(&script);
	return at;
}

static void an_error_position_points_into_the_users_own_text(void **state)
{
	(void)state;
	assert_int_equal(mapped("select nope", "nope"), 8);
	assert_int_equal(mapped("select 1; select nope", "nope"), 18);
	assert_int_equal(mapped("select nvl(a, b), nope", "nope"), 19);
	assert_int_equal(mapped("select '\xC3\xA4\xC3\xA4', nvl(1,2), nope", "nope"), 24);
	assert_int_equal(mapped("select 1 as x, x + 1 as y, nope from events", "nope"), 28);
	assert_int_equal(mapped("select nvl2(a, nope, c)", "nope"), 16);
	/* what was taken out still counts */
	assert_int_equal(mapped("create table t (a int encode zstd, b nope) diststyle all", "nope"), 38);
	/* text of ours has no place */
	assert_int_equal(mapped("select * from (select 1)", "sparkctl_sub"), 0);
}

static void text_that_is_no_sql_passes_unchanged(void **state)
{
	static const char *const texts[] = { "selec 1",  "select 'open", "\"open", "/* open",
					     "$x$ open", "select \x01",  "((((" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct dialect_script script;
		struct err err = { 0 };

		assert_int_equal(dialect_rewrite(texts[i], strlen(texts[i]), NULL, &script, &err), 0);
		assert_int_equal(script.count, 1);
		assert_string_equal(script.items[0].sql.data, texts[i]);
		dialect_script_clear(&script);
	}
}

static void a_byte_zero_is_refused(void **state)
{
	struct dialect_script script;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(dialect_rewrite("select \0 1", 10, NULL, &script, &err), -1);
	assert_string_equal(err.sqlstate, "22021");
}

/* Each alias stands for twice the one before: forty of them would be a terabyte. */
static void a_statement_that_would_grow_without_end_is_refused(void **state)
{
	struct dialect_script script;
	struct err err = { 0 };
	struct buf sql;

	(void)state;
	buf_init(&sql, BUF_MAX_DEFAULT);
	buf_puts(&sql, "select 1 as x0");
	for (int i = 1; i <= 40; i++)
		buf_printf(&sql, ", x%d + x%d as x%d", i - 1, i - 1, i);
	assert_int_equal(dialect_rewrite(sql.data, sql.len, &catalog, &script, &err), -1);
	assert_string_equal(err.sqlstate, "54001");
	buf_clear(&sql);
}

static void thousands_of_parentheses_and_operators_do_no_harm(void **state)
{
	static const char *const parts[] = { "(", "(select ", "1+", "not ", "case when ", "nvl(", "from (" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		struct dialect_script script;
		struct err err = { 0 };
		struct buf sql;

		buf_init(&sql, BUF_MAX_DEFAULT);
		buf_puts(&sql, "select * from (");
		for (int n = 0; n < 30000; n++)
			buf_puts(&sql, parts[i]);
		if (dialect_rewrite(sql.data, sql.len, &catalog, &script, &err) == 0)
			dialect_script_clear(&script);
		else
			assert_string_equal(err.sqlstate, "54001");
		buf_clear(&sql);
	}
}

static bool fresh_is_there;

static int columns_in_time(void *arg, const char *schema, const char *relation, struct buf *out)
{
	if (strcmp(relation, "fresh") != 0)
		return columns(arg, schema, relation, out);
	if (!fresh_is_there)
		return -1;
	buf_printf(out, "a%cint4%cb%cint4%c", DIALECT_COLUMN_TYPE, DIALECT_COLUMN_END, DIALECT_COLUMN_TYPE,
		   DIALECT_COLUMN_END);
	return 1;
}

static void a_statement_waits_for_what_those_before_it_make(void **state)
{
	static const char text[] = "create table fresh (a int, b int); select * exclude (a) from fresh; select 1";
	const struct dialect_catalog late = { .has_column = has_column, .columns = columns_in_time };
	struct dialect_script script;
	struct err err = { 0 };

	(void)state;
	fresh_is_there = false;
	assert_int_equal(dialect_rewrite(text, strlen(text), &late, &script, &err), 0);
	assert_int_equal(script.count, 3);
	assert_false(script.items[0].late);
	assert_true(script.items[1].late);
	assert_false(script.items[2].late);
	/* Too early it is refused, and stays what it was. */
	assert_int_equal(dialect_rewrite_late(text, strlen(text), &late, &script, 1, &err), -1);
	assert_string_equal(err.sqlstate, "0A000");
	assert_string_equal(err.code, "45");
	assert_string_equal(script.items[1].sql.data, " select * exclude (a) from fresh");
	fresh_is_there = true;
	assert_int_equal(dialect_rewrite_late(text, strlen(text), &late, &script, 1, &err), 0);
	assert_non_null(strstr(script.items[1].sql.data, "\"b\""));
	assert_null(strstr(script.items[1].sql.data, "exclude"));
	/* The word FROM, in the user's text. */
	assert_int_equal(
		dialect_map_position(&script.items[1], text,
				     (int)(strstr(script.items[1].sql.data, "from") - script.items[1].sql.data) + 1),
		(int)(strstr(text, "from") - text) + 1);
	dialect_script_clear(&script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_statement_waits_for_what_those_before_it_make),
		cmocka_unit_test(scripts_become_what_stands_beside_them),
		cmocka_unit_test(an_error_position_points_into_the_users_own_text),
		cmocka_unit_test(text_that_is_no_sql_passes_unchanged),
		cmocka_unit_test(a_byte_zero_is_refused),
		cmocka_unit_test(a_statement_that_would_grow_without_end_is_refused),
		cmocka_unit_test(thousands_of_parentheses_and_operators_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
