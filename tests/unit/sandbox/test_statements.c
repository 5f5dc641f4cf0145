#include "unit/cm.h"

#include "spark/base/mem.h"
#include "spark/sandbox/statements.h"

#define PARAMETERS                                                                                                     \
	"[{\"name\": \"a\", \"value\": \"1\"}, {\"name\": \"b\", \"value\": \"it's\"}, {\"name\": \"ab\", \"value\": " \
	"\"3\"}]"

struct bound {
	struct buf sql;
	const char *values[STATEMENT_PARAMETERS_MAX];
	bool used[STATEMENT_PARAMETERS_MAX];
	size_t count;
	struct json *parameters;
};

static int bind_up(void **state)
{
	struct bound *b = mem_alloc(sizeof(*b));
	struct err err;

	if (!b)
		return -1;
	buf_init(&b->sql, 65536);
	b->parameters = json_parse(PARAMETERS, strlen(PARAMETERS), &err);
	*state = b;
	return b->parameters ? 0 : -1;
}

static int bind_down(void **state)
{
	struct bound *b = *state;

	json_free(b->parameters);
	buf_clear(&b->sql);
	mem_free(b);
	return 0;
}

static const char *bound(struct bound *b, const char *sql)
{
	struct err err;

	buf_reset(&b->sql);
	memset(b->used, 0, sizeof(b->used));
	assert_int_equal(statements_bind(sql, b->parameters, &b->sql, b->values, &b->count, b->used, &err), 0);
	return b->sql.data;
}

static void names_become_numbers_in_the_order_of_their_use(void **state)
{
	struct bound *b = *state;

	assert_string_equal(bound(b, "SELECT :b, :a,:b::int FROM t WHERE x=:a"),
			    "SELECT $1, $2,$1::int FROM t WHERE x=$2");
	assert_int_equal(b->count, 2);
	assert_string_equal(b->values[0], "it's");
	assert_string_equal(b->values[1], "1");
	assert_true(b->used[0] && b->used[1]);
	assert_false(b->used[2]);
	assert_string_equal(bound(b, ":ab:a"), "$1$2");
	assert_string_equal(b->values[0], "3");
}

static void only_names_that_are_given_are_taken(void **state)
{
	static const char *const same[] = {
		"SELECT ':a', \":a\", a::a -- :a\n/* :b */",
		"SELECT :other, :abc, :A, x[1:2]",
		"SELECT $$:a$$, E'\\':a', 'it''s :b'",
		"",
	};
	struct bound *b = *state;

	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		assert_string_equal(bound(b, same[i]), same[i]);
		assert_int_equal(b->count, 0);
	}
}

static void what_cannot_be_read_stays_for_the_server_to_refuse(void **state)
{
	struct bound *b = *state;

	assert_string_equal(bound(b, "SELECT 'open :a"), "SELECT 'open :a");
	assert_int_equal(b->count, 0);
}

static void types_have_redshifts_names(void **state)
{
	(void)state;
	assert_int_equal(statements_type_find("int4")->precision, 10);
	assert_true(statements_type_find("numeric")->is_signed);
	assert_true(statements_type_find("varchar")->has_case);
	assert_null(statements_type_find("integer"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_become_numbers_in_the_order_of_their_use, bind_up, bind_down),
		cmocka_unit_test_setup_teardown(only_names_that_are_given_are_taken, bind_up, bind_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_read_stays_for_the_server_to_refuse, bind_up, bind_down),
		cmocka_unit_test(types_have_redshifts_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
