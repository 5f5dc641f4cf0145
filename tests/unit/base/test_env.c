#include "unit/cm.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spark/base/env.h"
#include "spark/base/mem.h"

static void assert_is(char *got, const char *want)
{
	assert_non_null(got);
	assert_string_equal(got, want);
	mem_free(got);
}

static void test_an_empty_variable_is_none(void **state)
{
	(void)state;
	setenv("SPARKCTL_X", "", 1);
	assert_null(env_get("SPARKCTL_X"));
	setenv("SPARKCTL_X", "1", 1);
	assert_string_equal(env_get("SPARKCTL_X"), "1");
	unsetenv("SPARKCTL_X");
	assert_null(env_get("SPARKCTL_X"));
}

static void test_state_lies_where_the_user_says_else_at_home(void **state)
{
	struct err err;
	char *home;

	(void)state;
	setenv("XDG_STATE_HOME", "/xdg", 1);
	assert_is(env_state_dir(&err), "/xdg/sparkctl");
	assert_is(env_sandbox_dir(&err), "/xdg/sparkctl/sandbox");
	setenv("XDG_STATE_HOME", "relative", 1);
	setenv("HOME", "/home/ada", 1);
	assert_is(env_state_dir(&err), "/home/ada/.local/state/sparkctl");
	unsetenv("XDG_STATE_HOME");
	assert_is(env_home(&err), "/home/ada");
	assert_is(env_state_dir(&err), "/home/ada/.local/state/sparkctl");
	assert_is(env_sandbox_dir(&err),
		  geteuid() == 0 ? "/var/lib/sparkctl/sandbox" : "/home/ada/.local/state/sparkctl/sandbox");
	unsetenv("HOME");
	home = env_home(&err);
	assert_non_null(home);
	assert_int_equal(home[0], '/');
	mem_free(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_empty_variable_is_none),
		cmocka_unit_test(test_state_lies_where_the_user_says_else_at_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
