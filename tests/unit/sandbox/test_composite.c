/* Rows that the server writes as values of composite types: taken apart, and as lines of COPY. */
#include <string.h>

#include "sandbox/wire/composite.h"
#include "unit/cm.h"

/* values: with a NULL for SQL's, and one behind the last. */
static void read_one(struct composite *r, const char **at, const char *end, const char *const *values, size_t count)
{
	assert_int_equal(composite_read(r, at, end), 1);
	assert_int_equal(r->count, count);
	for (size_t i = 0; i < count; i++) {
		if (values[i])
			assert_string_equal(r->values[i], values[i]);
		else
			assert_null(r->values[i]);
	}
}

static void rows_are_taken_apart_one_by_one(void **state)
{
	static const char text[] = "(1,,\"\",\"a \"\"b\"\" \\\\ c\",\"(x,y)\")()(\"two\nlines\",\"\xc3\xa4,\")";
	static const char *const first[] = { "1", NULL, "", "a \"b\" \\ c", "(x,y)" };
	static const char *const second[] = { NULL }, *const third[] = { "two\nlines", "\xc3\xa4," };
	const char *at = text, *end = text + sizeof text - 1;
	struct composite r = { 0 };

	(void)state;
	read_one(&r, &at, end, first, 5);
	read_one(&r, &at, end, second, 1);
	read_one(&r, &at, end, third, 2);
	assert_int_equal(composite_read(&r, &at, end), 0);
	composite_clear(&r);
}

static void what_is_cut_short_is_no_row(void **state)
{
	static const char *const cut[] = { "(", "(a", "(a,", "(\"a)", "(\"a\"", "a)", ")", "(a)b", "(\\" };
	struct composite r = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cut); i++) {
		const char *at = cut[i], *end = at + strlen(at);
		int rc = composite_read(&r, &at, end);

		if (rc > 0)
			rc = composite_read(&r, &at, end);
		assert_int_equal(rc, -1);
	}
	composite_clear(&r);
}

static void a_row_becomes_a_line_of_copy(void **state)
{
	static const char text[] = "(1,,\"\",\"a\tb\nc\\\\\",\\\\N)";
	const char *at = text;
	struct composite r = { 0 };
	struct buf line;

	(void)state;
	buf_init(&line, 1000);
	assert_int_equal(composite_read(&r, &at, text + sizeof text - 1), 1);
	composite_put_line(&r, &line);
	assert_string_equal(line.data, "1\t\\N\t\ta\\tb\\nc\\\\\t\\\\N\n");
	composite_clear(&r);
	buf_clear(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_taken_apart_one_by_one),
		cmocka_unit_test(what_is_cut_short_is_no_row),
		cmocka_unit_test(a_row_becomes_a_line_of_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
