#include <stdlib.h>
#include <string.h>

#include "sandbox/history/history.h"
#include "sandbox/history/text.h"
#include "sandbox/history/track.h"
#include "spark/base/file.h"
#include "spark/base/json.h"
#include "spark/base/mem.h"
#include "unit/cm.h"

static char dir[64];

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/history-test.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	return file_remove_tree(dir, NULL);
}

static struct history *open_it(void)
{
	struct history *h = NULL;
	struct err err = { 0 };

	if (history_open(dir, (uid_t)-1, (gid_t)-1, &h, &err))
		fail_msg("%s", err.text);
	return h;
}

static void read_now(struct buf *out)
{
	char *path = file_join(dir, "now");

	buf_init(out, BUF_MAX_DEFAULT);
	assert_int_equal(file_read(path, out, NULL), 0);
	mem_free(path);
}

static void kinds_are_those_of_sys_query_history(void **state)
{
	static const struct {
		const char *sql, *kind;
	} cases[] = {
		{ "select 1", "SELECT" },
		{ "  /* a /* b */ */ -- c\n SELECT 1", "SELECT" },
		{ "((select 1))", "SELECT" },
		{ "with a as (insert into b values (1)) select 1", "SELECT" },
		{ "with a as (select 1) insert into t select * from a", "INSERT" },
		{ "create table t (a int)", "DDL" },
		{ "create table t distkey(a) as (select 1 as a)", "CTAS" },
		{ "create temp table t as with x as (select 1) select * from x", "CTAS" },
		{ "create view v as select 1", "DDL" },
		{ "create procedure p() as $$ begin create table t as select 1; end $$", "DDL" },
		{ "copy t from 's3://b/k'", "COPY" },
		{ "call p()", "CALL" },
		{ "begin", "UTILITY" },
		{ "", "UTILITY" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(history_text_kind(cases[i].sql, strlen(cases[i].sql)), cases[i].kind);
}

static void no_secret_is_written_down(void **state)
{
	static const struct {
		const char *sql, *shown;
	} cases[] = {
		{ "  select 'a' ", "select 'a'" },
		{ "create user u password 'Abc''d\\'1x'", "create user u password '***'" },
		{ "CREATE USER u PassWord $$Abc1$$ x", "CREATE USER u PassWord $$***$$ x" },
		{ "alter user u password $q$Abc$1$q$", "alter user u password $q$***$q$" },
		{ "copy t from 's3://b/k' credentials 'aws_iam_role=arn:aws:iam::1:role/r' json 'auto'",
		  "copy t from 's3://b/k' credentials 'aws_iam_role=arn:aws:iam::1:role/r' json 'auto'" },
		{ "copy t from 's3://b/k' credentials 'aws_access_key_id=A;aws_secret_access_key=B'",
		  "copy t from 's3://b/k' credentials '***'" },
		{ "copy t from 's3://b/k' access_key_id 'A' secret_access_key 'B' session_token 'C'",
		  "copy t from 's3://b/k' access_key_id '***' secret_access_key '***' session_token '***'" },
		{ "create user u password 'never closed", "create user u password '***'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out;

		buf_init(&out, BUF_MAX_DEFAULT);
		history_text_shown(cases[i].sql, strlen(cases[i].sql), &out);
		assert_string_equal(out.data, cases[i].shown);
		buf_clear(&out);
	}
}

static void a_plain_text_names_no_secret_and_asks_nothing(void **state)
{
	static const struct {
		const char *sql;
		bool plain;
	} cases[] = {
		{ "select 1", true },
		{ "update t set a = 'x' where id = 5", true },
		{ "select * from stl_query", false },
		{ "select * from SVL_QLOG", false },
		{ "update u set PassWord = 'x'", false },
		{ "insert into t values ('aws_secret_access_key=A')", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(history_text_is_plain(cases[i].sql, strlen(cases[i].sql)), cases[i].plain);
}

static void long_statements_are_cut(void **state)
{
	size_t len = (size_t)200 * 1024;
	char *sql = mem_alloc(len + 1);
	struct buf out;

	(void)state;
	memset(sql, 'x', len);
	buf_init(&out, BUF_MAX_DEFAULT);
	history_text_shown(sql, len, &out);
	assert_int_equal(out.len, 64 * 1024);
	buf_clear(&out);
	mem_free(sql);
}

static void query_group_is_the_label(void **state)
{
	static const struct {
		const char *sql;
		bool sets;
		const char *label;
	} cases[] = {
		{ "set query_group to 'etl'", true, "etl" }, { "SET SESSION query_group = nightly", true, "nightly" },
		{ "reset query_group", true, "" },           { "set query_group to default", true, "" },
		{ "set search_path to a", false, "" },       { "select 'set query_group to x'", false, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *label = NULL;
		size_t len = 0;

		assert_int_equal(history_text_label(cases[i].sql, strlen(cases[i].sql), &label, &len), cases[i].sets);
		if (cases[i].sets) {
			assert_int_equal(len, strlen(cases[i].label));
			assert_memory_equal(label, cases[i].label, len);
		}
	}
}

static void numbers_are_never_given_twice(void **state)
{
	struct history *h = open_it();
	char *next = file_join(dir, "next");
	struct buf before;
	int64_t first, last = 0;

	(void)state;
	first = history_take_id(h);
	assert_int_equal(first, 1001);
	for (int i = 0; i < 30000; i++)
		last = history_take_id(h);
	assert_int_equal(last, first + 30000);
	history_add(h, "{}", 2);
	history_settle(h, 5000);
	/* As a crash would leave it: what was reserved lies beyond what was given. */
	buf_init(&before, 4096);
	assert_int_equal(file_read(next, &before, NULL), 0);
	assert_true(strtoll(before.data, NULL, 10) > last);
	history_close(h);
	assert_int_equal(file_write_atomic(next, before.data, before.len, 0600, NULL), 0);
	h = open_it();
	assert_true(history_take_id(h) > last);
	history_close(h);
	buf_clear(&before);
	mem_free(next);
}

static void a_line_cut_by_a_crash_goes(void **state)
{
	char *now = file_join(dir, "now");
	struct history *h;
	struct buf text;

	(void)state;
	assert_int_equal(file_write_atomic(now, "{\"k\":1}\n{\"k\":", 13, 0600, NULL), 0);
	h = open_it();
	history_add(h, "{\"k\":2}", 7);
	history_close(h);
	read_now(&text);
	assert_string_equal(text.data, "{\"k\":1}\n{\"k\":2}\n");
	buf_clear(&text);
	mem_free(now);
}

static void files_stay_bounded(void **state)
{
	struct history *h = open_it();
	char *older = file_join(dir, "older"), line[4001];
	struct buf text;

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = 0;
	for (int round = 0; round < 30; round++) {
		for (int i = 0; i < 100; i++)
			history_add(h, line, sizeof(line) - 1);
		history_settle(h, 5000);
	}
	history_close(h);
	read_now(&text);
	assert_in_range(text.len, 1, 4 * 1024 * 1024);
	buf_clear(&text);
	assert_true(file_exists(older));
	mem_free(older);
}

static void run_statement(struct track *t, const char *text, const char *tag, char status)
{
	struct track_item *item = track_query(t, text, NULL);

	track_reply(t, item, 'C', tag, strlen(tag) + 1);
	track_item_free(item);
	track_ready(t, status);
}

/* What a session that did this is remembered for. */
static void tell(const char *text, struct json **out)
{
	struct history *h = open_it();
	struct track_who who = { .pid = 7, .user = "u", .database = "d", .host = "h" };
	struct track *t = track_new(h, &who);
	struct track_item *item;
	struct buf lines;
	char *line;

	assert_non_null(t);
	item = track_parse(t, "s", text);
	track_reply(t, item, '1', "", 0);
	track_item_free(item);
	track_bind(t, "", "s");
	item = track_execute(t, "");
	assert_non_null(item);
	track_reply(t, item, 'C', "INSERT 0 5", 11);
	track_item_free(item);
	item = track_execute(t, "");
	track_reply(t, item, 'E', "SERROR\0C57014\0Mcancelled\0", 26);
	track_item_free(item);
	track_ready(t, 'I');
	track_close(t, false, "s");
	track_bind(t, "", "s");
	assert_null(track_execute(t, ""));
	track_free(t);
	history_close(h);
	read_now(&lines);
	line = strchr(strchr(lines.data, '\n') + 1, '\n') + 1;
	for (int i = 0; i < 2; i++) {
		char *end = strchr(line, '\n');
		struct err err = { 0 };

		out[i] = json_parse(line, (size_t)(end - line), &err);
		if (!out[i])
			fail_msg("%s", err.text);
		line = end + 1;
	}
	assert_non_null(strstr(line, "disconnecting session"));
	buf_clear(&lines);
}

static void prepared_statements_are_told_when_they_ran(void **state)
{
	struct json *told[2];

	(void)state;
	tell("insert into t values ($1)", told);
	assert_string_equal(json_str(told[0], "w", ""), "insert into t values ($1)");
	assert_string_equal(json_str(told[0], "t", ""), "INSERT");
	assert_int_equal(json_int(told[0], "n", -1), 5);
	assert_int_equal(json_int(told[0], "a", -1), 0);
	assert_int_equal(json_int(told[0], "p", -1), 7);
	assert_int_equal(json_int(told[1], "a", -1), 2);
	assert_string_equal(json_str(told[1], "m", ""), "cancelled");
	/* One transaction, two statements. */
	assert_int_equal(json_int(told[1], "x", -1), json_int(told[0], "q", -2));
	assert_int_equal(json_int(told[1], "q", -1), json_int(told[0], "q", -2) + 1);
	json_free(told[0]);
	json_free(told[1]);
}

static void without_memory_nothing_is_told_and_nothing_breaks(void **state)
{
	(void)state;
	for (long n = 1; n < 80; n++) {
		struct history *h = open_it();
		struct track_who who = { .pid = 7, .user = "u", .database = "d" };
		struct track *t;
		struct track_item *item;

		mem_fail_at(n);
		t = track_new(h, &who);
		item = track_parse(t, "s", "select 1");
		track_item_free(item);
		track_bind(t, "p", "s");
		item = track_execute(t, "p");
		track_reply(t, item, 'C', "SELECT 1", 9);
		track_item_free(item);
		run_statement(t, "create user ann", "CREATE ROLE", 'I');
		run_statement(t, "drop user ann, bob", "DROP ROLE", 'I');
		track_free(t);
		mem_fail_at(0);
		history_close(h);
	}
}

/* The lines that tell of users, one after the other, of both files' newest. */
static void read_users(struct buf *out)
{
	struct buf all;

	read_now(&all);
	buf_init(out, BUF_MAX_DEFAULT);
	for (const char *p = all.data; *p; p += strcspn(p, "\n") + 1) {
		const char *told = strncmp(p, "{\"k\":\"u\"", 8) == 0 ? strstr(p, "\"v\":") : NULL;

		if (told)
			buf_printf(out, "%.*s\n", (int)strcspn(told, "}\n"), told);
	}
	buf_clear(&all);
}

static void changes_of_users_are_told_when_they_hold(void **state)
{
	struct track_who who = { .pid = 7, .user = "u", .database = "d", .host = "h" };
	struct buf told;

	(void)state;
	for (int round = 0; round < 2; round++) {
		struct history *h = open_it();
		struct track *t = track_new(h, &who);

		if (round == 0) {
			run_statement(t, "create user Ann password 'Abcdefg1' createdb VALID UNTIL '2030-01-01'",
				      "CREATE ROLE", 'I');
			run_statement(t, "create table user_t (a int)", "CREATE TABLE", 'I');
			run_statement(t, "alter user ann createuser", "ALTER ROLE", 'T');
			run_statement(t, "rollback", "ROLLBACK", 'I');
			run_statement(t, "alter user ann rename to \"Bob B\"", "ALTER ROLE", 'T');
			run_statement(t, "commit", "COMMIT", 'I');
		} else {
			/* What it was before the daemon was started anew is known. */
			run_statement(t, "alter user \"bob b\" set datestyle to iso", "ALTER ROLE", 'I');
			run_statement(t, "drop user if exists \"bob b\", carl", "DROP ROLE", 'I');
		}
		track_free(t);
		history_close(h);
	}
	read_users(&told);
	assert_string_equal(told.data,
			    "\"v\":\"create\",\"n\":\"ann\",\"c\":1,\"s\":0,\"t\":\"2030-01-01\"\n"
			    "\"v\":\"rename\",\"n\":\"bob b\",\"o\":\"ann\",\"c\":1,\"s\":0,\"t\":\"2030-01-01\"\n"
			    "\"v\":\"alter\",\"n\":\"bob b\",\"c\":1,\"s\":0,\"t\":\"2030-01-01\"\n"
			    "\"v\":\"drop\",\"n\":\"bob b\",\"c\":1,\"s\":0,\"t\":\"2030-01-01\"\n"
			    "\"v\":\"drop\",\"n\":\"carl\",\"c\":0,\"s\":0\n");
	buf_clear(&told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_are_those_of_sys_query_history),
		cmocka_unit_test(no_secret_is_written_down),
		cmocka_unit_test(a_plain_text_names_no_secret_and_asks_nothing),
		cmocka_unit_test(long_statements_are_cut),
		cmocka_unit_test(query_group_is_the_label),
		cmocka_unit_test_setup_teardown(numbers_are_never_given_twice, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(a_line_cut_by_a_crash_goes, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(files_stay_bounded, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(prepared_statements_are_told_when_they_ran, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(changes_of_users_are_told_when_they_hold, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(without_memory_nothing_is_told_and_nothing_breaks, make_dir,
						remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
