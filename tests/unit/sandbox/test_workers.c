/* Work that may wait gets threads: as many as there is work at once, up to a number. */
#include "sandbox/http/workers.h"
#include "unit/cm.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "spark/base/mem.h"

struct piece {
	struct work work;
	atomic_int *done;
	pthread_barrier_t *together; /* NULL: it waits for nobody */
};

static void do_piece(struct work *w)
{
	struct piece *p = (struct piece *)(void *)w;

	if (p->together)
		pthread_barrier_wait(p->together);
	atomic_fetch_add(p->done, 1);
	/* What is done may be gone: whoever did it must not look at it again. */
	mem_free(p);
}

static struct piece *new_piece(atomic_int *done, pthread_barrier_t *together)
{
	struct piece *p = mem_alloc(sizeof(*p));

	assert_non_null(p);
	p->work.do_work = do_piece;
	p->done = done;
	p->together = together;
	return p;
}

static struct workers *start(size_t max)
{
	struct workers *s = NULL;
	struct err err = { 0 };

	assert_int_equal(workers_start(max, &s, &err), 0);
	return s;
}

static void all_that_was_taken_is_done_before_the_end(void **state)
{
	atomic_int done = 0;

	(void)state;
	for (int round = 0; round < 20; round++) {
		struct workers *s = start(8);
		int taken = 0;

		for (int i = 0; i < 100; i++) {
			struct piece *p = new_piece(&done, NULL);

			if (workers_add(s, &p->work))
				taken++;
			else
				mem_free(p);
		}
		assert_true(taken >= 8);
		workers_stop(s);
		assert_int_equal(atomic_exchange(&done, 0), taken);
	}
}

/* They wait for each other: with a thread less than there are of them this would never end. */
static void work_never_waits_behind_work(void **state)
{
	struct workers *s = start(12);
	pthread_barrier_t together;
	atomic_int done = 0;

	(void)state;
	for (int round = 0; round < 30; round++) {
		pthread_barrier_init(&together, NULL, 13);
		for (int i = 0; i < 12; i++) {
			struct piece *p = new_piece(&done, &together);

			/* The last round's threads may still be on their way back. */
			while (!workers_add(s, &p->work))
				sched_yield();
		}
		pthread_barrier_wait(&together);
		while (atomic_load(&done) < 12 * (round + 1))
			sched_yield();
		pthread_barrier_destroy(&together);
	}
	workers_stop(s);
	assert_int_equal(done, 12 * 30);
}

static void more_than_there_may_be_threads_for_is_refused(void **state)
{
	struct workers *s = start(2);
	pthread_barrier_t together;
	atomic_int done = 0;
	struct piece *extra = new_piece(&done, NULL);

	(void)state;
	pthread_barrier_init(&together, NULL, 3);
	assert_true(workers_add(s, &new_piece(&done, &together)->work));
	assert_true(workers_add(s, &new_piece(&done, &together)->work));
	assert_false(workers_add(s, &extra->work));
	pthread_barrier_wait(&together);
	while (!workers_add(s, &extra->work))
		sched_yield();
	workers_stop(s);
	pthread_barrier_destroy(&together);
	assert_int_equal(done, 3);
}

static void no_work_is_no_trouble(void **state)
{
	(void)state;
	workers_stop(start(4));
	workers_stop(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_was_taken_is_done_before_the_end),
		cmocka_unit_test(work_never_waits_behind_work),
		cmocka_unit_test(more_than_there_may_be_threads_for_is_refused),
		cmocka_unit_test(no_work_is_no_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
