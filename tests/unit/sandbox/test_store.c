#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/sandbox/a_world.h"

static struct json *doc(const char *text)
{
	struct err err;
	struct json *j = json_parse(text, strlen(text), &err);

	assert_non_null(j);
	return j;
}

static void put(struct store *s, const char *id, const char *text)
{
	struct err err;

	assert_int_equal(store_put(s, "k", id, doc(text), &err), 0);
}

static int append_id(void *arg, const char *id, const struct json *d)
{
	struct buf *b = arg;

	buf_printf(b, "%s=%lld ", id, (long long)json_int(d, "n", -1));
	return 0;
}

static void assert_holds(struct store *s, const char *prefix, const char *want)
{
	struct buf b;

	buf_init(&b, 0);
	assert_int_equal(store_each(s, "k", prefix, append_id, &b), 0);
	assert_string_equal(b.data, want);
	buf_clear(&b);
}

static void reopen(struct a_world *a)
{
	struct err err;

	store_close(a->world.store);
	a->world.store = NULL;
	if (store_open(a->dir, &a->world.store, &err))
		fail_msg("%s", err.text);
}

static void test_changes_show_after_commit_only(void **state)
{
	struct a_world a;
	struct err err;

	(void)state;
	a_world_open(&a);
	put(a.world.store, "b", "{\"n\":2}");
	put(a.world.store, "a", "{\"n\":1}");
	assert_null(store_get(a.world.store, "k", "a"));
	assert_int_equal(store_commit(a.world.store, &err), 0);
	assert_holds(a.world.store, "", "a=1 b=2 ");
	put(a.world.store, "a", "{\"n\":9}");
	assert_int_equal(store_delete(a.world.store, "k", "b", &err), 0);
	store_rollback(a.world.store);
	assert_int_equal(store_commit(a.world.store, &err), 0);
	assert_holds(a.world.store, "", "a=1 b=2 ");
	a_world_close(&a);
}

static void test_what_was_committed_is_there_after_a_restart(void **state)
{
	struct a_world a;
	struct err err;
	struct stat st;
	char path[96];

	(void)state;
	a_world_open(&a);
	for (int i = 0; i < 50; i++) {
		char id[16], text[32];

		snprintf(id, sizeof(id), "r/%02d", i);
		snprintf(text, sizeof(text), "{\"n\":%d}", i);
		put(a.world.store, id, text);
	}
	assert_int_equal(store_commit(a.world.store, &err), 0);
	put(a.world.store, "r/07", "{\"n\":700,\"s\":\"\xC3\xA9\\n\"}");
	assert_int_equal(store_delete(a.world.store, "k", "r/08", &err), 0);
	assert_int_equal(store_delete(a.world.store, "k", "never", &err), 0);
	assert_int_equal(store_commit(a.world.store, &err), 0);
	put(a.world.store, "lost", "{}");
	reopen(&a);
	assert_int_equal(store_count(a.world.store, "k", ""), 49);
	assert_int_equal(store_count(a.world.store, "k", "r/1"), 10);
	assert_int_equal(json_int(store_get(a.world.store, "k", "r/07"), "n", 0), 700);
	assert_string_equal(json_str(store_get(a.world.store, "k", "r/07"), "s", ""), "\xC3\xA9\n");
	assert_null(store_get(a.world.store, "k", "r/08"));
	assert_null(store_get(a.world.store, "other", "r/07"));
	snprintf(path, sizeof(path), "%s/state.log", a.dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	a_world_close(&a);
}

/* Cuts the file at every byte: what is found is one of the states that were committed, whole. */
static void test_a_torn_tail_is_cut_off_at_whichever_byte(void **state)
{
	static const char *const states[] = { "", "a=1 b=1 ", "a=2 c=2 ", "a=3 c=2 d=3 " };
	struct a_world a;
	struct err err;
	struct buf whole;
	char path[96];
	off_t ends[4] = { 16 };

	(void)state;
	a_world_open(&a);
	buf_init(&whole, 0);
	snprintf(path, sizeof(path), "%s/state.log", a.dir);
	for (int round = 1; round <= 3; round++) {
		struct stat st;

		put(a.world.store, "a", round == 1 ? "{\"n\":1}" : round == 2 ? "{\"n\":2}" : "{\"n\":3}");
		if (round == 2)
			assert_int_equal(store_delete(a.world.store, "k", "b", &err), 0);
		put(a.world.store,
		    round == 1   ? "b"
		    : round == 2 ? "c"
				 : "d",
		    round == 1   ? "{\"n\":1}"
		    : round == 2 ? "{\"n\":2}"
				 : "{\"n\":3}");
		assert_int_equal(store_commit(a.world.store, &err), 0);
		assert_int_equal(stat(path, &st), 0);
		ends[round] = st.st_size;
	}
	assert_int_equal(file_read(path, &whole, &err), 0);
	for (size_t cut = 0; cut <= whole.len; cut++) {
		int last = 0;

		store_close(a.world.store);
		assert_int_equal(file_write_atomic(path, whole.data, cut, 0600, &err), 0);
		a.world.store = NULL;
		if (store_open(a.dir, &a.world.store, &err))
			fail_msg("cut at %zu: %s", cut, err.text);
		for (int i = 1; i < 4; i++)
			if (ends[i] <= (off_t)cut)
				last = i;
		assert_holds(a.world.store, "", states[last]);
		put(a.world.store, "z", "{\"n\":26}");
		assert_int_equal(store_commit(a.world.store, &err), 0);
		reopen(&a);
		assert_int_equal(json_int(store_get(a.world.store, "k", "z"), "n", 0), 26);
	}
	buf_clear(&whole);
	a_world_close(&a);
}

/* One byte turned over anywhere: an earlier record's damage is told, the last record's is taken for a torn write; wrong
 * data is never given out. */
static void test_a_damaged_byte_never_gives_wrong_documents(void **state)
{
	struct a_world a;
	struct err err;
	struct buf whole;
	char path[96];
	size_t first_end = 0;

	(void)state;
	a_world_open(&a);
	buf_init(&whole, 0);
	snprintf(path, sizeof(path), "%s/state.log", a.dir);
	put(a.world.store, "a", "{\"n\":1}");
	assert_int_equal(store_commit(a.world.store, &err), 0);
	assert_int_equal(file_read(path, &whole, &err), 0);
	first_end = whole.len;
	put(a.world.store, "b", "{\"n\":2}");
	assert_int_equal(store_commit(a.world.store, &err), 0);
	buf_reset(&whole);
	assert_int_equal(file_read(path, &whole, &err), 0);
	for (size_t at = 0; at < whole.len; at++) {
		store_close(a.world.store);
		a.world.store = NULL;
		whole.data[at] ^= 0x20;
		assert_int_equal(file_write_atomic(path, whole.data, whole.len, 0600, &err), 0);
		whole.data[at] ^= 0x20;
		if (at < first_end) {
			assert_int_equal(store_open(a.dir, &a.world.store, &err), -1);
			assert_int_equal(err.kind, ERR_IO);
			assert_true(*err.hint != 0);
		} else {
			assert_int_equal(store_open(a.dir, &a.world.store, &err), 0);
			assert_holds(a.world.store, "", "a=1 ");
		}
	}
	buf_clear(&whole);
	a_world_close(&a);
}

static void test_a_file_full_of_the_past_is_compacted_at_open(void **state)
{
	struct a_world a;
	struct err err;
	struct stat st;
	char path[96], text[2100];

	(void)state;
	a_world_open(&a);
	snprintf(path, sizeof(path), "%s/state.log", a.dir);
	memset(text, 'x', sizeof(text));
	memcpy(text, "{\"n\":5,\"s\":\"", 12);
	memcpy(text + sizeof(text) - 3, "\"}", 3);
	for (int i = 0; i < 200; i++) {
		put(a.world.store, i % 2 ? "a" : "b", text);
		assert_int_equal(store_commit(a.world.store, &err), 0);
	}
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 200 * 2000);
	reopen(&a);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 5000);
	assert_holds(a.world.store, "", "a=5 b=5 ");
	put(a.world.store, "c", "{\"n\":6}");
	assert_int_equal(store_commit(a.world.store, &err), 0);
	reopen(&a);
	assert_holds(a.world.store, "", "a=5 b=5 c=6 ");
	a_world_close(&a);
}

static void test_a_document_that_could_not_be_read_back_is_refused(void **state)
{
	struct a_world a;
	struct err err;
	struct json *bad = json_new_object();

	(void)state;
	a_world_open(&a);
	put(a.world.store, "a", "{\"n\":1}");
	assert_int_equal(store_commit(a.world.store, &err), 0);
	assert_int_equal(json_set_str(bad, "s", "\xff\xfe"), 0);
	assert_int_equal(store_put(a.world.store, "k", "bad", bad, &err), 0);
	if (store_commit(a.world.store, &err))
		store_rollback(a.world.store);
	reopen(&a);
	assert_int_equal(json_int(store_get(a.world.store, "k", "a"), "n", 0), 1);
	a_world_close(&a);
}

static void test_running_out_of_memory_changes_nothing(void **state)
{
	struct a_world a;
	struct err err;
	bool done = false;

	(void)state;
	a_world_open(&a);
	put(a.world.store, "a", "{\"n\":1}");
	assert_int_equal(store_commit(a.world.store, &err), 0);
	for (long nth = 1; !done; nth++) {
		struct json *d = doc("{\"n\":2}");
		int rc;

		mem_fail_at(nth);
		rc = store_put(a.world.store, "fresh", "id", d, &err);
		if (rc == 0)
			rc = store_commit(a.world.store, &err);
		mem_fail_at(0);
		if (rc) {
			assert_int_equal(err.kind, ERR_NOMEM);
			store_rollback(a.world.store);
			assert_null(store_get(a.world.store, "fresh", "id"));
		} else {
			done = true;
		}
		assert_holds(a.world.store, "", "a=1 ");
	}
	reopen(&a);
	assert_int_equal(store_count(a.world.store, "fresh", ""), 1);
	a_world_close(&a);
}

/* A limit on the file's size cuts a write short, as a full disk does. */
static void test_a_full_disk_loses_nothing_and_leaves_no_half_change(void **state)
{
	struct a_world a;
	struct err err;
	struct stat st;
	struct rlimit before, tight;
	char path[96];

	(void)state;
	a_world_open(&a);
	put(a.world.store, "a", "{\"n\":1}");
	assert_int_equal(store_commit(a.world.store, &err), 0);
	snprintf(path, sizeof(path), "%s/state.log", a.dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	tight = before;
	tight.rlim_cur = (rlim_t)st.st_size + 20;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	put(a.world.store, "b", "{\"n\":2}");
	assert_int_equal(store_commit(a.world.store, &err), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(err.kind, ERR_IO);
	store_rollback(a.world.store);
	assert_holds(a.world.store, "", "a=1 ");
	put(a.world.store, "c", "{\"n\":3}");
	assert_int_equal(store_commit(a.world.store, &err), 0);
	reopen(&a);
	assert_holds(a.world.store, "", "a=1 c=3 ");
	a_world_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes_show_after_commit_only),
		cmocka_unit_test(test_what_was_committed_is_there_after_a_restart),
		cmocka_unit_test(test_a_torn_tail_is_cut_off_at_whichever_byte),
		cmocka_unit_test(test_a_damaged_byte_never_gives_wrong_documents),
		cmocka_unit_test(test_a_file_full_of_the_past_is_compacted_at_open),
		cmocka_unit_test(test_a_document_that_could_not_be_read_back_is_refused),
		cmocka_unit_test(test_running_out_of_memory_changes_nothing),
		cmocka_unit_test(test_a_full_disk_loses_nothing_and_leaves_no_half_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
