#include "unit/cm.h"

#include <string.h>

#include "spark/cli/arguments.h"

#define PARSE(a, err, ...)                                      \
	parse((a), (err), (const char *const[]){ __VA_ARGS__ }, \
	      (int)(sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *)))

static int parse(struct arguments *a, struct err *err, const char *const *argv, int argc)
{
	err_clear(err);
	return arguments_parse(argc, argv, a, err);
}

/* A context that has just these arguments. */
static struct context context_of(struct arguments *a)
{
	return (struct context){ .command = a->command, .parent = a->parent, .arguments = a };
}

static void test_options_may_stand_before_and_behind_the_command(void **state)
{
	struct arguments a;
	struct err err;

	(void)state;
	assert_int_equal(PARSE(&a, &err, "--json", "--target", "aws", "up", "mystack", "-y", "--region=eu-west-1"), 0);
	assert_ptr_equal(a.command, &cmd_up);
	assert_true(a.json && a.yes);
	assert_int_equal(a.setting_count, 2);
	assert_string_equal(a.settings[0].value, "aws");
	assert_string_equal(a.settings[1].value, "eu-west-1");
	assert_int_equal(a.operand_count, 1);
	assert_string_equal(a.operands[0], "mystack");
	arguments_clear(&a);
}

static void test_a_value_can_be_written_in_four_ways(void **state)
{
	static const char *const ways[][3] = {
		{ "-c", "SELECT 1" }, { "-cSELECT 1" }, { "--command", "SELECT 1" }, { "--command=SELECT 1" }
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ways); i++) {
		struct arguments a;
		struct err err;
		const char *argv[] = { "query", ways[i][0], ways[i][1] };
		assert_int_equal(parse(&a, &err, argv, ways[i][1] ? 3 : 2), 0);
		struct context ctx = context_of(&a);
		assert_string_equal(context_option(&ctx, "command"), "SELECT 1");
		assert_string_equal(context_option(&ctx, "output"), "table");
		assert_null(context_option(&ctx, "file"));
		arguments_clear(&a);
	}
}

static void test_letters_join_and_the_last_of_two_values_counts(void **state)
{
	struct arguments a;
	struct err err;

	(void)state;
	assert_int_equal(PARSE(&a, &err, "query", "-qvvc", "SELECT 1", "-c", "SELECT 2"), 0);
	struct context ctx = context_of(&a);
	assert_true(a.quiet);
	assert_int_equal(a.verbosity, 2);
	assert_string_equal(context_option(&ctx, "command"), "SELECT 2");
	arguments_clear(&a);
}

static void test_two_dashes_end_the_options_and_one_is_an_operand(void **state)
{
	struct arguments a;
	struct err err;

	(void)state;
	assert_int_equal(PARSE(&a, &err, "s3", "cp", "--", "--odd", "-"), 0);
	assert_string_equal(a.parent->name, "s3");
	assert_string_equal(a.command->name, "cp");
	assert_string_equal(a.operands[0], "--odd");
	assert_string_equal(a.operands[1], "-");
	arguments_clear(&a);
}

static void test_operands_behind_two_dashes_are_told_apart(void **state)
{
	struct arguments a;
	struct err err;

	(void)state;
	assert_int_equal(PARSE(&a, &err, "connect", "north", "--", "-c", "select 1"), 0);
	assert_int_equal(a.operand_count, 3);
	assert_int_equal(a.operands_before, 1);
	arguments_clear(&a);
	assert_int_equal(PARSE(&a, &err, "connect", "north"), 0);
	assert_int_equal(a.operands_before, 1);
	arguments_clear(&a);
	assert_int_equal(PARSE(&a, &err, "connect", "--", "north"), 0);
	assert_int_equal(a.operands_before, 0);
	arguments_clear(&a);
}

static void test_a_number_may_be_left_out_where_the_option_says_so(void **state)
{
	static const struct {
		const char *words[4], *seconds;
		size_t operands;
	} rows[] = {
		{ { "status", "--watch" }, "5", 0 },
		{ { "status", "--watch", "10" }, "10", 0 },
		{ { "status", "--watch=10", "north" }, "10", 1 },
		{ { "status", "--watch", "north" }, "5", 1 },
		{ { "status", "--watch", "--json" }, "5", 0 },
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arguments a;
		int count = 0;

		while (count < 4 && rows[i].words[count])
			count++;
		assert_int_equal(arguments_parse(count, rows[i].words, &a, &err), 0);
		struct context ctx = context_of(&a);
		assert_true(context_switch(&ctx, "watch"));
		assert_string_equal(context_option(&ctx, "watch"), rows[i].seconds);
		assert_int_equal(a.operand_count, rows[i].operands);
		arguments_clear(&a);
	}
}

static void test_what_is_wrong_is_named_with_what_would_be_right(void **state)
{
	static const struct {
		const char *argv[6];
		const char *text, *hint;
	} cases[] = {
		{ { "statsu" }, "unknown command 'statsu'", "did you mean 'sparkctl status'" },
		{ { "sandbox", "strat" }, "unknown command 'sandbox strat'", "'sparkctl sandbox start'" },
		{ { "sandbox" }, "needs to know", "help sandbox" },
		{ { "up", "--regoin", "x" }, "unknown option '--regoin'", "'--region'" },
		{ { "up", "-Z" }, "unknown option '-Z'", "help up" },
		{ { "query", "--output", "xml" }, "does not take 'xml'", "table|json|csv" },
		{ { "query", "--output=" }, "does not take ''", "table|json|csv" },
		{ { "query", "--output", "js" }, "does not take 'js'", "table|json|csv" },
		{ { "query", "-c" }, "'-c' needs a value", "-c SQL" },
		{ { "up", "--yes=no" }, "'--yes' takes no value", "" },
		{ { "up", "a", "b" }, "'b' is one argument too many", "[STACK]" },
		{ { "s3", "cp", "a" }, "needs more arguments", "FROM TO" },
		{ { "generate" }, "needs an argument", "DIR" },
		{ { "sandbox", "start", "--node-type", "x" }, "'--node-type' is not one of 'start'", "help sandbox" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arguments a;
		struct err err;
		int argc = 0;
		while (argc < 6 && cases[i].argv[argc])
			argc++;
		assert_int_equal(parse(&a, &err, cases[i].argv, argc), -1);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_non_null(strstr(err.text, cases[i].text));
		assert_non_null(strstr(err.hint, cases[i].hint));
	}
}

static void test_help_is_given_even_when_something_is_missing(void **state)
{
	struct arguments a;
	struct err err;

	(void)state;
	assert_int_equal(PARSE(&a, &err, "generate", "-h"), 0);
	assert_true(a.help);
	arguments_clear(&a);
	assert_int_equal(PARSE(&a, &err, "sandbox", "--help"), 0);
	assert_ptr_equal(a.command, &cmd_sandbox);
	arguments_clear(&a);
	assert_int_equal(PARSE(&a, &err, "--version"), 0);
	assert_true(a.version);
	assert_null(a.command);
	arguments_clear(&a);
}

static void test_the_five_common_settings_are_taken_by_every_command(void **state)
{
	static const char *const flags[] = { "--target=local", "--profile=p", "--region=r", "--endpoint-url=http://x",
					     "--timeout=5" };

	(void)state;
	for (const struct command *const *c = commands; *c; c++) {
		for (size_t i = 0; i < COUNT_OF(flags) && (*c)->args_min == 0 && !(*c)->children; i++) {
			struct arguments a;
			struct err err;
			const char *argv[] = { (*c)->name, flags[i] };
			assert_int_equal(parse(&a, &err, argv, 2), 0);
			arguments_clear(&a);
		}
	}
}

static void check_rows(const struct command *c)
{
	assert_true(c->name && c->summary);
	assert_true(c->run || c->children);
	for (const struct command_option *o = c->options; o && o->flag; o++) {
		assert_non_null(o->help);
		/* A command's option must not hide a setting or one that every command has. */
		assert_null(option_by_flag(o->flag));
		for (size_t i = 0; i < global_option_count; i++) {
			assert_string_not_equal(o->flag, global_options[i].flag);
			assert_true(!o->letter || o->letter != global_options[i].letter);
		}
	}
}

static void test_no_command_hides_an_option_of_all(void **state)
{
	(void)state;
	for (const struct command *const *c = commands; *c; c++) {
		check_rows(*c);
		for (const struct command *const *child = (*c)->children; child && *child; child++)
			check_rows(*child);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options_may_stand_before_and_behind_the_command),
		cmocka_unit_test(test_a_value_can_be_written_in_four_ways),
		cmocka_unit_test(test_letters_join_and_the_last_of_two_values_counts),
		cmocka_unit_test(test_two_dashes_end_the_options_and_one_is_an_operand),
		cmocka_unit_test(test_operands_behind_two_dashes_are_told_apart),
		cmocka_unit_test(test_a_number_may_be_left_out_where_the_option_says_so),
		cmocka_unit_test(test_what_is_wrong_is_named_with_what_would_be_right),
		cmocka_unit_test(test_help_is_given_even_when_something_is_missing),
		cmocka_unit_test(test_the_five_common_settings_are_taken_by_every_command),
		cmocka_unit_test(test_no_command_hides_an_option_of_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
