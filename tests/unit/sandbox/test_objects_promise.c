/* Objects that are put without waiting for the disk, and the promise that they will be there. */
#include "sandbox/store/objects_log.h"
#include "unit/sandbox/objects_help.h"

#define WRITERS 8

static struct object_promise promised(struct objects *o, const char *key, const char *text)
{
	struct object_info info = { .key = (char *)(uintptr_t)key };
	struct object_promise p;

	CHECK(objects_put_promised(o, "music", &info, text, strlen(text), &p, &err));
	return p;
}

static void what_is_promised_is_read_at_once_and_kept(void **state)
{
	struct objects *o = open_store();
	struct object_promise p;

	(void)state;
	CHECK(objects_create_bucket(o, "music", &err));
	p = promised(o, "k", "first");
	assert_true(p.upto > 0);
	expect_text(o, "music", "k", "first");
	CHECK(objects_keep_promise(o, &p, &err));
	CHECK(objects_keep_promise(o, &p, &err));
	objects_close(o);
	o = open_store();
	expect_text(o, "music", "k", "first");
	objects_close(o);
}

static void one_wait_is_enough_for_all_before_it(void **state)
{
	struct objects *o = open_store();
	struct object_promise first, last;

	(void)state;
	CHECK(objects_create_bucket(o, "music", &err));
	first = promised(o, "a", "1");
	last = promised(o, "b", "2");
	assert_true(first.upto < last.upto);
	CHECK(objects_keep_promise(o, &last, &err));
	CHECK(objects_keep_promise(o, &first, &err));
	objects_close(o);
}

static void a_large_object_is_kept_when_it_is_put(void **state)
{
	struct objects *o = open_store();
	struct object_info info = { .key = (char *)(uintptr_t) "large" }, got;
	size_t len = LOG_INLINE_MAX + 1;
	char *data = mem_alloc(len);
	struct object_promise p;

	(void)state;
	assert_non_null(data);
	CHECK(objects_create_bucket(o, "music", &err));
	CHECK(objects_put_promised(o, "music", &info, data, len, &p, &err));
	assert_int_equal(p.upto, 0);
	CHECK(objects_keep_promise(o, &p, &err));
	/* A small one in its place: the file may only go when nothing can bring it back. */
	p = promised(o, "large", "small");
	CHECK(objects_keep_promise(o, &p, &err));
	objects_close(o);
	o = open_store();
	expect_text(o, "music", "large", "small");
	assert_true(objects_head(o, "music", "large", &got));
	object_info_clear(&got);
	objects_close(o);
	mem_free(data);
}

static void a_bucket_that_goes_takes_its_promises_along(void **state)
{
	struct objects *o = open_store();
	struct object_promise p, none = { .bucket = "" };

	(void)state;
	CHECK(objects_create_bucket(o, "music", &err));
	for (int i = 0; i < 100; i++)
		p = promised(o, "k", "some text that makes the log longer");
	CHECK(objects_delete(o, "music", "k", true, &err));
	CHECK(objects_delete_bucket(o, "music", &err));
	CHECK(objects_keep_promise(o, &p, &err));
	/* Of the same name, but its log will never be as long. */
	CHECK(objects_create_bucket(o, "music", &err));
	CHECK(objects_keep_promise(o, &p, &err));
	CHECK(objects_keep_promise(o, &none, &err));
	objects_close(o);
}

struct writer {
	struct objects *o;
	int number;
};

static void *put_and_wait(void *arg)
{
	struct writer *w = arg;

	for (int i = 0; i < 50; i++) {
		struct object_promise p;
		char key[32];

		snprintf(key, sizeof(key), "%d/%d", w->number, i);
		p = promised(w->o, key, key);
		CHECK(objects_keep_promise(w->o, &p, &err));
	}
	return NULL;
}

static void many_wait_at_once(void **state)
{
	struct objects *o = open_store();
	pthread_t threads[WRITERS];
	struct writer writers[WRITERS];

	(void)state;
	CHECK(objects_create_bucket(o, "music", &err));
	for (int i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){ o, i };
		assert_int_equal(pthread_create(&threads[i], NULL, put_and_wait, &writers[i]), 0);
	}
	for (int i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(count(o, ""), WRITERS * 50);
	objects_close(o);
	o = open_store();
	assert_int_equal(count(o, ""), WRITERS * 50);
	objects_close(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_promised_is_read_at_once_and_kept),
		TEST(one_wait_is_enough_for_all_before_it),
		TEST(a_large_object_is_kept_when_it_is_put),
		TEST(a_bucket_that_goes_takes_its_promises_along),
		TEST(many_wait_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
