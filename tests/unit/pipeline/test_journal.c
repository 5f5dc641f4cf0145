#include "unit/cm.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/journal.h"
#include "spark/base/file.h"

static char dir[40], path[64];

static int make_dir(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/sparkctl-journal-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/journal.jsonl", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	return file_remove_tree(dir, NULL);
}

/* What was read, as text: "1 intent CreateRole role x-copy;1 done;" */
static int note(void *arg, const struct journal_entry *e)
{
	struct buf *out = arg;

	buf_printf(out, "%lld %s", (long long)e->seq, e->event);
	if (e->action)
		buf_printf(out, " %s %s %s", e->action, e->resource, e->name);
	if (e->code)
		buf_printf(out, " %s", e->code);
	buf_putc(out, ';');
	return 0;
}

static void reads(const char *expected)
{
	struct err err;
	struct buf out;

	buf_init(&out, 1 << 20);
	assert_int_equal(journal_read(path, note, &out, &err), 0);
	assert_string_equal(out.data, expected);
	buf_clear(&out);
}

static struct journal *opened(void)
{
	struct journal *j = NULL;
	struct err err;

	assert_int_equal(journal_open(path, &clock_system, &j, &err), 0);
	return j;
}

static void write_two(void)
{
	struct journal *j = opened();
	struct err err, denied = { .kind = ERR_AWS, .code = "AccessDenied", .text = "no" };
	int64_t seq;

	assert_int_equal(journal_intent(j, "CreateRole", "role", "x-copy", &seq, &err), 0);
	assert_int_equal(journal_outcome(j, seq, NULL, &err), 0);
	assert_int_equal(journal_intent(j, "CreateCluster", "cluster", "x", &seq, &err), 0);
	assert_int_equal(journal_outcome(j, seq, &denied, &err), 0);
	journal_close(j);
}

static const char two[] =
	"1 intent CreateRole role x-copy;1 done;2 intent CreateCluster cluster x;2 failed AccessDenied;";

static void what_is_written_is_read_again(void **state)
{
	(void)state;
	write_two();
	reads(two);
}

static void a_missing_journal_has_no_entries(void **state)
{
	(void)state;
	reads("");
}

static void numbers_go_on_after_a_restart(void **state)
{
	struct journal *j;
	struct err err;
	int64_t seq;

	(void)state;
	write_two();
	j = opened();
	assert_int_equal(journal_intent(j, "DeleteRole", "role", "x-copy", &seq, &err), 0);
	assert_int_equal(seq, 3);
	journal_close(j);
}

/* A death can cut the file at any byte: the whole lines before it stay, and the next line is whole. */
static void a_tail_torn_at_any_byte_loses_that_line_only(void **state)
{
	struct buf whole;
	struct err err;

	(void)state;
	write_two();
	buf_init(&whole, 1 << 20);
	assert_int_equal(file_read(path, &whole, &err), 0);
	for (size_t cut = 0; cut < whole.len; cut++) {
		struct buf expected;
		struct journal *j;
		int64_t seq = 0;

		assert_int_equal(file_write_atomic(path, whole.data, cut, 0600, &err), 0);
		buf_init(&expected, 1 << 20);
		(void)journal_scan(whole.data, cut, note, &expected);
		j = opened();
		assert_int_equal(journal_intent(j, "DeleteRole", "role", "y", &seq, &err), 0);
		journal_close(j);
		buf_printf(&expected, "%lld intent DeleteRole role y;", (long long)seq);
		reads(expected.data);
		buf_clear(&expected);
	}
	buf_clear(&whole);
}

/* The disk is full in the middle of an outcome's line, and has room again for the next intent. */
static void a_line_that_was_cut_by_a_full_disk_does_not_spoil_the_next(void **state)
{
	struct rlimit before, full;
	struct journal *j;
	struct err err;
	struct stat st;
	int64_t seq;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	assert_int_equal(journal_open(path, &clock_system, &j, &err), 0);
	assert_int_equal(journal_intent(j, "CreateRole", "role", "x-copy", &seq, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	full = before;
	full.rlim_cur = (rlim_t)st.st_size + 10;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	assert_int_equal(journal_outcome(j, seq, NULL, &err), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(journal_intent(j, "CreateCluster", "cluster", "x", &seq, &err), 0);
	journal_close(j);
	reads("1 intent CreateRole role x-copy;2 intent CreateCluster cluster x;");
}

static void lines_that_are_no_entries_are_passed_over(void **state)
{
	static const char text[] =
		"garbage\n\n[1]\n{\"seq\":\"1\",\"event\":\"done\"}\n{\"seq\":-4,\"event\":\"done\"}\n"
		"{\"seq\":9,\"time\":\"t\",\"event\":\"done\"}\n{\"seq\":10";
	struct err err;

	(void)state;
	assert_int_equal(file_write_atomic(path, text, sizeof(text) - 1, 0600, &err), 0);
	reads("9 done;");
}

static void a_stack_that_is_gone_leaves_one_line(void **state)
{
	struct journal *j;
	struct err err;
	int64_t seq;

	(void)state;
	write_two();
	j = opened();
	assert_int_equal(journal_compact(j, &err), 0);
	reads("3 gone;");
	assert_int_equal(journal_intent(j, "CreateRole", "role", "x-copy", &seq, &err), 0);
	journal_close(j);
	reads("3 gone;4 intent CreateRole role x-copy;");
}

static void only_the_owner_may_read_it(void **state)
{
	struct stat st;

	(void)state;
	write_two();
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void a_journal_that_cannot_be_opened_is_an_error(void **state)
{
	struct journal *j = NULL;
	struct err err;

	(void)state;
	assert_int_equal(journal_open("/nonexistent/journal", &clock_system, &j, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(journal_open(path, &clock_system, &j, &err), -1);
}

static bool opens_unsettled(void)
{
	struct journal *j = opened();
	bool is = journal_is_unsettled(j);

	journal_close(j);
	return is;
}

static void write_line(const char *seq, int64_t age_ms, const char *rest)
{
	char now[CLOCK_TEXT];
	FILE *f = fopen(path, "ae");

	assert_non_null(f);
	clock_iso(clock_now(&clock_system) - age_ms, now);
	assert_true(fprintf(f, "{\"seq\":%s,\"time\":\"%s\",%s}\n", seq, now, rest) > 0);
	assert_int_equal(fclose(f), 0);
}

#define INTENT "\"event\":\"intent\",\"action\":\"DeleteRole\",\"resource\":\"role\",\"name\":\"x\""
#define DONE   "\"event\":\"done\""

static void a_call_without_an_outcome_may_be_under_way_for_minutes(void **state)
{
	(void)state;
	assert_true(opens_unsettled()); /* nothing is known of a stack without a journal */
	write_line("1", 3600000, INTENT);
	assert_false(opens_unsettled());
	write_line("2", 2000, INTENT);
	write_line("3", 1000, INTENT);
	write_line("3", 900, DONE);
	write_line("1", 800, DONE);
	assert_true(opens_unsettled());
	write_line("2", 700, DONE);
	assert_false(opens_unsettled());
}

static void a_stack_that_is_gone_is_settled(void **state)
{
	(void)state;
	write_line("1", 1000, INTENT);
	assert_true(opens_unsettled());
	write_line("2", 900, "\"event\":\"gone\"");
	assert_false(opens_unsettled());
}

/* The doubts as text: "1 intent DeleteRole role x;" */
static void doubts_are(enum journal_doubt doubt, const char *expected)
{
	struct err err;
	struct buf out;

	buf_init(&out, 1 << 20);
	assert_int_equal(journal_read_doubts(path, doubt, note, &out, &err), 0);
	assert_string_equal(out.data, expected);
	buf_clear(&out);
}

static void every_call_that_was_cut_off_is_told(void **state)
{
	(void)state;
	doubts_are(DOUBT_CUT_OFF, "");
	write_line("1", 9000, INTENT);
	write_line("2", 8000, INTENT);
	write_line("3", 7000, INTENT);
	write_line("2", 6000, DONE);
	doubts_are(DOUBT_CUT_OFF, "1 intent DeleteRole role x;3 intent DeleteRole role x;");
	/* a later call that went well says nothing of them */
	write_line("4", 5000, INTENT);
	write_line("4", 4000, DONE);
	doubts_are(DOUBT_CUT_OFF, "1 intent DeleteRole role x;3 intent DeleteRole role x;");
	write_line("5", 3000, "\"event\":\"gone\"");
	doubts_are(DOUBT_CUT_OFF, "");
	doubts_are(DOUBT_UNHEARD, "");
}

static void a_run_that_ends_well_answers_what_was_cut_off(void **state)
{
	struct journal *j;
	struct err err;
	int64_t seq;

	(void)state;
	write_line("1", 3000, INTENT);
	j = opened();
	assert_int_equal(journal_settle(j, &err), 0);
	assert_int_equal(journal_settle(j, &err), 0);
	reads("1 intent DeleteRole role x;2 settled;");
	doubts_are(DOUBT_CUT_OFF, "");
	/* the service may still be at it */
	doubts_are(DOUBT_UNHEARD, "1 intent DeleteRole role x;");
	assert_true(opens_unsettled());
	assert_int_equal(journal_intent(j, "DeleteRole", "role", "x", &seq, &err), 0);
	journal_close(j);
	doubts_are(DOUBT_CUT_OFF, "3 intent DeleteRole role x;");
}

static void a_run_that_ends_well_adds_nothing_where_none_was_cut_off(void **state)
{
	struct journal *j;
	struct err err;

	(void)state;
	write_two();
	j = opened();
	assert_int_equal(journal_settle(j, &err), 0);
	journal_close(j);
	reads(two);
}

static void a_call_that_no_service_answered_may_have_been_heard(void **state)
{
	(void)state;
	write_line("1", 3000, INTENT);
	write_line("1", 2900, "\"event\":\"failed\",\"code\":\"AccessDenied\"");
	write_line("2", 2000, INTENT);
	write_line("2", 1900, "\"event\":\"failed\",\"code\":\"unknown\"");
	doubts_are(DOUBT_CUT_OFF, "");
	doubts_are(DOUBT_UNHEARD, "2 intent DeleteRole role x;");
}

int main(void)
{
#define IN_DIR(t) cmocka_unit_test_setup_teardown(t, make_dir, remove_dir)
	const struct CMUnitTest tests[] = {
		IN_DIR(what_is_written_is_read_again),
		IN_DIR(a_missing_journal_has_no_entries),
		IN_DIR(numbers_go_on_after_a_restart),
		IN_DIR(a_tail_torn_at_any_byte_loses_that_line_only),
		IN_DIR(a_line_that_was_cut_by_a_full_disk_does_not_spoil_the_next),
		IN_DIR(lines_that_are_no_entries_are_passed_over),
		IN_DIR(a_stack_that_is_gone_leaves_one_line),
		IN_DIR(only_the_owner_may_read_it),
		IN_DIR(a_journal_that_cannot_be_opened_is_an_error),
		IN_DIR(a_call_without_an_outcome_may_be_under_way_for_minutes),
		IN_DIR(a_stack_that_is_gone_is_settled),
		IN_DIR(every_call_that_was_cut_off_is_told),
		IN_DIR(a_run_that_ends_well_answers_what_was_cut_off),
		IN_DIR(a_run_that_ends_well_adds_nothing_where_none_was_cut_off),
		IN_DIR(a_call_that_no_service_answered_may_have_been_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
