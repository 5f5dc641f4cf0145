/* The object store under threads, and without memory. */
#include "unit/sandbox/objects_help.h"

struct writer {
	struct objects *o;
	int id;
};

static void *write_many(void *arg)
{
	struct writer *w = arg;
	char key[32];

	for (int i = 0; i < 300; i++) {
		struct object_info info = { .key = key };
		struct err err = { 0 };

		snprintf(key, sizeof(key), "%d/%03d", w->id, i);
		if (objects_put(w->o, "music", &info, key, strlen(key), true, &err) < 0 ||
		    (i % 3 == 0 && objects_delete(w->o, "music", key, false, &err) < 0))
			return arg;
	}
	return NULL;
}

static void threads_write_and_list_at_once(void **state)
{
	struct objects *o = open_store();
	pthread_t threads[4];
	struct writer writers[4];
	char last[64];

	(void)state;
	CHECK(objects_create_bucket(o, "music", &err));
	for (int i = 0; i < 4; i++) {
		writers[i] = (struct writer){ o, i };
		assert_int_equal(pthread_create(&threads[i], NULL, write_many, &writers[i]), 0);
	}
	for (int i = 0; i < 50; i++) {
		last[0] = 0;
		CHECK(objects_list(o, "music", "", "", count_and_compare, last, &err));
	}
	for (int i = 0; i < 4; i++) {
		void *failed;

		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	assert_int_equal(count(o, ""), 800);
	objects_close(o);
	o = open_store();
	assert_int_equal(count(o, ""), 800);
	expect_text(o, "music", "2/100", "2/100");
	objects_close(o);
}

/* One round of everything; false when it failed. */
static bool use_everything(struct err *failure)
{
	struct object_info info = { .key = (char *)(uintptr_t) "k", .etag = "e" }, got = { 0 };
	struct objects *o = NULL;
	struct object_reader *r = NULL;
	struct buf b;
	char name[64] = "";
	bool done;

	buf_init(&b, BUF_MAX_DEFAULT);
	done = objects_open(dir, &o, failure) == 0 && objects_create_bucket(o, "music", failure) == 0 &&
	       objects_put(o, "music", &info, "value", 5, false, failure) == 0 &&
	       objects_read(o, "music", "k", 0, 5, &b, failure) == 0 &&
	       objects_list(o, "music", "", "", count_and_compare, name, failure) == 0 &&
	       objects_delete(o, "music", "k", false, failure) == 0 &&
	       objects_reader_open(o, "music", "a", &got, &r, failure) == 1;
	object_reader_close(r);
	object_info_clear(&got);
	buf_clear(&b);
	objects_close(o);
	return done;
}

static void memory_that_runs_out_anywhere_loses_nothing(void **state)
{
	bool done = false;
	long nth = 0;

	(void)state;
	while (!done) {
		struct objects *o;
		struct err failure = { 0 };

		/* Anew each time, so that a round always needs as many allocations. */
		CHECK(file_remove_tree(dir, &err));
		CHECK(file_make_dirs(dir, 0700, &err));
		o = open_store();
		CHECK(objects_create_bucket(o, "music", &err));
		put_text(o, "music", "a", "kept");
		objects_close(o);
		mem_fail_at(++nth);
		done = use_everything(&failure);
		mem_fail_at(0);
		assert_int_equal(failure.kind, done ? ERR_NONE : ERR_NOMEM);
		o = open_store();
		expect_text(o, "music", "a", "kept");
		objects_close(o);
		assert_true(nth < 1000);
	}
	assert_true(nth > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(threads_write_and_list_at_once),
		TEST(memory_that_runs_out_anywhere_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
