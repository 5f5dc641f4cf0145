#include "unit/cm.h"

#include <string.h>

#include "pipeline/wait.h"

/* A clock that sleeping moves, so that half an hour takes no time. */
struct fake {
	int64_t now, slept[2000];
	size_t sleeps;
	int stop_after; /* sleeps until the user interrupts; 0: never */
};

static int64_t fake_now(void *arg)
{
	return ((struct fake *)arg)->now;
}

static int fake_sleep(void *arg, int64_t ms, const volatile int *stop)
{
	struct fake *f = arg;

	(void)stop;
	if (f->stop_after && f->sleeps + 1 >= (size_t)f->stop_after)
		return -1;
	f->slept[f->sleeps++] = ms;
	f->now += ms;
	return 0;
}

static struct clock clock_of(struct fake *f)
{
	return (struct clock){ .now_ms = fake_now, .mono_ms = fake_now, .sleep_ms = fake_sleep, .arg = f };
}

static void pauses_grow_from_a_fifth_of_a_second_to_ten(void **state)
{
	struct fake f = { 0 };
	struct clock c = clock_of(&f);
	struct wait w;
	struct err err;

	(void)state;
	wait_begin(&w, &c, NULL, 1800000);
	for (int i = 0; i < 20; i++)
		assert_int_equal(wait_pause(&w, "the cluster", &err), 0);
	assert_int_equal(f.slept[0], 200);
	for (size_t i = 1; i < f.sleeps; i++) {
		assert_true(f.slept[i] >= f.slept[i - 1]);
		assert_true(f.slept[i] <= 10000);
	}
	assert_int_equal(f.slept[19], 10000);
}

static void a_wait_ends_exactly_at_its_bound(void **state)
{
	struct fake f = { 0 };
	struct clock c = clock_of(&f);
	struct wait w;
	struct err err;

	(void)state;
	wait_begin(&w, &c, NULL, 60000);
	while (wait_pause(&w, "the cluster", &err) == 0)
		assert_true(f.sleeps < 100);
	assert_int_equal(err.kind, ERR_TIMEOUT);
	assert_int_equal(f.now, 60000);
	assert_string_equal(err.text, "the cluster took longer than 1m00s");
}

static void an_interrupt_ends_the_wait(void **state)
{
	struct fake f = { .stop_after = 3 };
	struct clock c = clock_of(&f);
	volatile int stop = 0;
	struct wait w;
	struct err err;

	(void)state;
	wait_begin(&w, &c, &stop, 60000);
	assert_int_equal(wait_pause(&w, "the cluster", &err), 0);
	assert_int_equal(wait_pause(&w, "the cluster", &err), 0);
	assert_int_equal(wait_pause(&w, "the cluster", &err), -1);
	assert_int_equal(err.kind, ERR_INTERRUPTED);
	stop = 1;
	f.stop_after = 0;
	assert_int_equal(wait_pause(&w, "the cluster", &err), -1);
	assert_int_equal(err.kind, ERR_INTERRUPTED);
}

static void each_status_has_its_meaning(void **state)
{
	static const struct {
		const char *status;
		enum cluster_verdict verdict;
	} rows[] = {
		{ "available", CLUSTER_READY },         { "available, prep-for-resize", CLUSTER_READY },
		{ "creating", CLUSTER_PENDING },        { "modifying", CLUSTER_PENDING },
		{ "resuming", CLUSTER_PENDING },        { "deleting", CLUSTER_LEAVING },
		{ "final-snapshot", CLUSTER_LEAVING },  { "paused", CLUSTER_PAUSED },
		{ "hardware-failure", CLUSTER_BROKEN }, { "incompatible-network", CLUSTER_BROKEN },
		{ "incompatible-hsm", CLUSTER_BROKEN }, { "storage-full", CLUSTER_BROKEN },
		{ "never heard of", CLUSTER_PENDING },  { "", CLUSTER_PENDING },
		{ "availability", CLUSTER_PENDING },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(wait_judge_cluster(rows[i].status), rows[i].verdict);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pauses_grow_from_a_fifth_of_a_second_to_ten),
		cmocka_unit_test(a_wait_ends_exactly_at_its_bound),
		cmocka_unit_test(an_interrupt_ends_the_wait),
		cmocka_unit_test(each_status_has_its_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
