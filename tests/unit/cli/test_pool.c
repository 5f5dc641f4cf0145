#include "unit/cm.h"

#include <string.h>

#include "spark/base/mem.h"
#include "spark/cli/pool.h"

#define ITEMS 1000

/* How often each item was worked on, and how many were dropped. */
struct tally {
	int worked[ITEMS], dropped, fail_at;
};
struct item {
	struct tally *tally;
	int number;
};

static int work(void *arg, void *item, struct err *err)
{
	struct tally *t = arg;
	struct item *i = item;

	__atomic_add_fetch(&t->worked[i->number], 1, __ATOMIC_RELAXED);
	return i->number == t->fail_at ? err_set(err, ERR_AWS, "item %d failed", i->number) : 0;
}

static void drop(void *item)
{
	struct item *i = item;

	__atomic_add_fetch(&i->tally->dropped, 1, __ATOMIC_RELAXED);
	mem_free(i);
}

static int add(struct pool *p, struct tally *t, int number, struct err *err)
{
	struct item *i = mem_alloc(sizeof(*i));

	assert_non_null(i);
	i->tally = t;
	i->number = number;
	return pool_add(p, i, err);
}

static void test_each_item_is_worked_on_once(void **state)
{
	struct tally t = { .fail_at = -1 };
	struct err err = { 0 };
	struct pool *p = pool_new(8, work, drop, &t, &err);

	(void)state;
	assert_non_null(p);
	for (int i = 0; i < ITEMS; i++)
		assert_int_equal(add(p, &t, i, &err), 0);
	assert_int_equal(pool_finish(p, false, &err), 0);
	for (int i = 0; i < ITEMS; i++)
		assert_int_equal(t.worked[i], 1);
	assert_int_equal(t.dropped, ITEMS);
}

static void test_the_first_failure_stops_it_and_nothing_leaks(void **state)
{
	struct tally t = { .fail_at = 10 };
	struct err err = { 0 };
	struct pool *p = pool_new(4, work, drop, &t, &err);
	int added = 0, rc = 0;

	(void)state;
	assert_non_null(p);
	while (rc == 0 && added < ITEMS)
		rc = add(p, &t, added++, &err);
	assert_int_equal(pool_finish(p, true, &err), -1);
	assert_string_equal(err.text, "item 10 failed");
	assert_int_equal(t.dropped, added);
	for (int i = 0; i < ITEMS; i++)
		assert_in_range(t.worked[i], 0, 1);
}

static void test_cancelling_drops_what_is_waiting(void **state)
{
	struct tally t = { .fail_at = -1 };
	struct err err = { 0 };
	struct pool *p = pool_new(1, work, drop, &t, &err);

	(void)state;
	assert_non_null(p);
	for (int i = 0; i < 50; i++)
		assert_int_equal(add(p, &t, i, &err), 0);
	assert_int_equal(pool_finish(p, true, &err), 0);
	assert_int_equal(t.dropped, 50);
	assert_int_equal(pool_finish(NULL, true, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_item_is_worked_on_once),
		cmocka_unit_test(test_the_first_failure_stops_it_and_nothing_leaks),
		cmocka_unit_test(test_cancelling_drops_what_is_waiting),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
