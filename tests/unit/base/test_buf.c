#include "unit/cm.h"

#include <string.h>

#include "spark/base/buf.h"
#include "spark/base/mem.h"

static void test_text_is_put_together_and_always_terminated(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	assert_string_equal(b.data, "");
	buf_puts(&b, "one");
	buf_putc(&b, ' ');
	buf_add(&b, "two!", 3);
	buf_printf(&b, " %d %s", 3, "and a text that is longer than what was there");
	assert_string_equal(b.data, "one two 3 and a text that is longer than what was there");
	assert_int_equal(b.len, strlen(b.data));
	buf_cut(&b, 7);
	assert_string_equal(b.data, "one two");
	buf_consume(&b, 4);
	assert_string_equal(b.data, "two");
	buf_consume(&b, 100);
	assert_string_equal(b.data, "");
	buf_clear(&b);
	assert_string_equal(b.data, "");
	buf_clear(&b);
}

static void test_numbers_are_written_as_printf_writes_them(void **state)
{
	const int64_t numbers[] = { 0, 7, 10, -1, -90, 1234567890123, INT64_MAX, INT64_MIN };
	char wanted[32];
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		buf_reset(&b);
		buf_put_int(&b, numbers[i]);
		snprintf(wanted, sizeof(wanted), "%lld", (long long)numbers[i]);
		assert_string_equal(b.data, wanted);
	}
	buf_clear(&b);
}

static void test_a_zeroed_struct_may_be_cleared_and_used(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_clear(&b);
	buf_wipe(&b);
	memset(&b, 0, sizeof(b));
	buf_puts(&b, "x");
	assert_string_equal(b.data, "x");
	buf_wipe(&b);
}

static void test_the_limit_is_kept_to_the_byte(void **state)
{
	struct err err = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	buf_puts(&b, "12345");
	buf_printf(&b, "%s", "67890");
	buf_add(&b, "", 0);
	assert_int_equal(buf_check(&b, "the text", &err), 0);
	buf_putc(&b, 'x');
	buf_puts(&b, "");
	assert_int_equal(buf_check(&b, "the text", &err), -1);
	assert_int_equal(err.kind, ERR_PARSE);
	assert_string_equal(err.text, "the text is longer than 10 bytes");
	assert_string_equal(b.data, "1234567890");
	assert_null(buf_take(&b));
	buf_puts(&b, "12345");
	buf_printf(&b, "%s", "678901");
	assert_true(b.failed && b.too_long);
	assert_string_equal(b.data, "12345");
	buf_reset(&b);
	buf_puts(&b, "fresh");
	assert_int_equal(buf_check(&b, "the text", &err), 0);
	buf_clear(&b);
}

static void test_want_of_memory_is_told_once_at_the_end(void **state)
{
	struct err err = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	mem_fail_at(1);
	buf_puts(&b, "lost");
	buf_puts(&b, "also lost");
	assert_null(buf_reserve(&b, 1));
	mem_fail_at(0);
	assert_int_equal(buf_check(&b, "the text", &err), -1);
	assert_int_equal(err.kind, ERR_NOMEM);
	assert_int_equal(b.len, 0);
	buf_clear(&b);
}

static void test_room_is_reserved_and_committed(void **state)
{
	struct buf b;
	char *taken;

	(void)state;
	buf_init(&b, 100000);
	for (int i = 0; i < 1000; i++) {
		char *to = buf_reserve(&b, 100);

		if (!to)
			fail();
		memset(to, 'a', 100);
		buf_commit(&b, 100);
	}
	assert_int_equal(b.len, 100000);
	assert_null(buf_reserve(&b, 1));
	buf_reset(&b);
	buf_puts(&b, "given away");
	taken = buf_take(&b);
	assert_string_equal(taken, "given away");
	assert_string_equal(b.data, "");
	mem_free(taken);
	taken = buf_take(&b);
	assert_string_equal(taken, "");
	mem_free(taken);
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_is_put_together_and_always_terminated),
		cmocka_unit_test(test_numbers_are_written_as_printf_writes_them),
		cmocka_unit_test(test_a_zeroed_struct_may_be_cleared_and_used),
		cmocka_unit_test(test_the_limit_is_kept_to_the_byte),
		cmocka_unit_test(test_want_of_memory_is_told_once_at_the_end),
		cmocka_unit_test(test_room_is_reserved_and_committed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
