#include "unit/cm.h"

#include <string.h>

#include "spark/base/mem.h"

static void test_fresh_memory_is_zero_and_products_are_checked(void **state)
{
	char *p = mem_alloc(100);

	(void)state;
	assert_non_null(p);
	for (int i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
	mem_free(p);
	assert_null(mem_alloc_array(SIZE_MAX / 2, 3));
	p = mem_alloc(0);
	assert_non_null(p);
	mem_free(p);
	mem_free(NULL);
	mem_free_wiped(NULL, 5);
}

static void test_an_array_grows_so_that_the_next_index_fits(void **state)
{
	int *items = NULL;
	size_t cap = 0;

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		assert_int_equal(mem_grow(&items, &cap, i, sizeof(*items)), 0);
		assert_true(cap > i);
		items[i] = (int)i;
	}
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(items[i], i);
	cap = SIZE_MAX / 2;
	assert_int_equal(mem_grow(&items, &cap, SIZE_MAX - 1, sizeof(*items)), -1);
	mem_free(items);
}

static void test_copies_and_formats(void **state)
{
	char *a = mem_strdup("abc"), *b = mem_strndup("abcdef", 2), *c = mem_printf("%d-%s", 7, "x");

	(void)state;
	assert_string_equal(a, "abc");
	assert_string_equal(b, "ab");
	assert_string_equal(c, "7-x");
	assert_null(mem_strdup(NULL));
	mem_free_wiped(a, 3);
	mem_free(b);
	mem_free(c);
}

static void test_the_nth_allocation_fails_and_only_that(void **state)
{
	void *a, *b, *c;

	(void)state;
	mem_fail_at(2);
	a = mem_alloc(1);
	b = mem_alloc(1);
	c = mem_alloc(1);
	mem_fail_at(0);
	assert_non_null(a);
	assert_null(b);
	assert_non_null(c);
	mem_fail_at(1);
	b = mem_resize(a, 100);
	mem_fail_at(0);
	assert_null(b);
	memset(a, 1, 1); /* the old memory is still ours */
	mem_free(a);
	mem_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fresh_memory_is_zero_and_products_are_checked),
		cmocka_unit_test(test_an_array_grows_so_that_the_next_index_fits),
		cmocka_unit_test(test_copies_and_formats),
		cmocka_unit_test(test_the_nth_allocation_fails_and_only_that),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
