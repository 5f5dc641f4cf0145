#include "unit/cm.h"

#include <stdatomic.h>

#include "pipeline/jobs.h"

/* Each notes its place in the order of ending; `fail` makes it fail. */
struct step {
	atomic_int *turn;
	int ended; /* 0: never */
	const char *fail;
};

static int take(void *arg, struct err *err)
{
	struct step *s = arg;

	s->ended = atomic_fetch_add(s->turn, 1) + 1;
	return s->fail ? err_set(err, ERR_AWS, "%s", s->fail) : 0;
}

#define COUNT 4
struct chain {
	atomic_int turn;
	struct step steps[COUNT];
	struct job jobs[COUNT];
};

/* 1 and 2 need 0, 3 needs 1. */
static void chain_set(struct chain *c)
{
	static const unsigned needs[COUNT] = { 0, 1u << 0, 1u << 0, 1u << 1 };

	*c = (struct chain){ .turn = 0 };
	for (int i = 0; i < COUNT; i++) {
		c->steps[i].turn = &c->turn;
		c->jobs[i] = (struct job){ .fn = take, .arg = &c->steps[i], .needs = needs[i] };
	}
}

static void each_begins_after_what_it_needs(void **state)
{
	struct err err = { 0 };
	struct chain c;

	(void)state;
	chain_set(&c);
	assert_int_equal(jobs_run(c.jobs, COUNT, STOP_AT_FAILURE, &err), 0);
	assert_int_equal(c.steps[0].ended, 1);
	assert_true(c.steps[3].ended > c.steps[1].ended);
	assert_int_equal(atomic_load(&c.turn), COUNT);
}

static void a_job_without_a_function_counts_as_done(void **state)
{
	struct err err = { 0 };
	struct chain c;

	(void)state;
	chain_set(&c);
	c.jobs[1].fn = NULL;
	assert_int_equal(jobs_run(c.jobs, COUNT, FINISH_ALL, &err), 0);
	assert_int_equal(c.steps[1].ended, 0);
	assert_true(c.steps[3].ended > 0);
}

static void only_what_needs_the_failed_one_is_left_out(void **state)
{
	struct err err = { 0 };
	struct chain c;

	(void)state;
	chain_set(&c);
	c.steps[1].fail = "the second";
	c.steps[2].fail = "the third";
	assert_int_equal(jobs_run(c.jobs, COUNT, FINISH_ALL, &err), -1);
	assert_string_equal(err.text, "the second"); /* the first in their order, whoever was quicker */
	assert_true(c.jobs[2].begun);
	assert_false(c.jobs[3].begun);
	assert_int_equal(c.steps[3].ended, 0);
}

static void nothing_is_begun_behind_a_failure(void **state)
{
	struct err err = { 0 };
	struct chain c;

	(void)state;
	chain_set(&c);
	c.steps[0].fail = "the first";
	assert_int_equal(jobs_run(c.jobs, COUNT, STOP_AT_FAILURE, &err), -1);
	assert_string_equal(err.text, "the first");
	assert_int_equal(atomic_load(&c.turn), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_begins_after_what_it_needs),
		cmocka_unit_test(a_job_without_a_function_counts_as_done),
		cmocka_unit_test(only_what_needs_the_failed_one_is_left_out),
		cmocka_unit_test(nothing_is_begun_behind_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
