/* Credentials that run out are replaced in time, by one thread, and not more often than needed. */
#include "aws/provider.h"

#include <pthread.h>

#include "unit/cm.h"

#define MINUTE ((int64_t)60000)

/* A search whose results the test decides, and a clock that only moves when told. */
struct world {
	struct clock clock;
	int64_t now_ms, life_ms; /* of what is found; 0: for ever */
	int searches;
	bool fails, stands_still; /* the same keys again */
	bool slow;
	struct aws_provider *provider;
};

static int64_t now(void *arg)
{
	return ((struct world *)arg)->now_ms;
}

static int search(void *arg, struct aws_credentials *out, struct err *err)
{
	struct world *w = arg;
	struct aws_credentials c = { 0 };

	w->searches++;
	if (w->slow)
		clock_sleep(&clock_system, 50, NULL);
	if (w->fails)
		return err_set(err, ERR_CREDENTIALS, "search %d failed", w->searches);
	snprintf(c.access_key_id, sizeof(c.access_key_id), "AKIA%d", w->stands_still ? 0 : w->searches);
	c.expires_ms = w->life_ms ? w->now_ms + w->life_ms : 0;
	if (secret_set(&c.secret_access_key, "secret", err) != 0)
		return -1;
	*out = c;
	return 0;
}

static void open_world(struct world *w, int64_t life_ms)
{
	const struct aws_chain_options o = { .clock = &w->clock };

	*w = (struct world){ .now_ms = 1000 * MINUTE, .life_ms = life_ms };
	w->clock = (struct clock){ now, now, NULL, w };
	w->provider = aws_provider_new(&o, NULL);
	assert_non_null(w->provider);
	provider_set_search(w->provider, search, w);
}

/* The number of the search whose keys are handed out. */
static int held(struct world *w)
{
	struct err err = { 0 };
	struct held_credentials *h = provider_hold(w->provider, 0, &err);
	int n;

	if (!h)
		fail_msg("%s", err.text);
	n = atoi(h->keys.access_key_id + 4);
	held_release(h);
	return n;
}

static void keys_are_looked_for_once(void **state)
{
	struct world w;

	(void)state;
	open_world(&w, 0);
	assert_int_equal(held(&w), 1);
	w.now_ms += 100000 * MINUTE;
	assert_int_equal(held(&w), 1);
	assert_int_equal(w.searches, 1);
	aws_provider_free(w.provider);
}

static void five_minutes_before_they_end_there_are_new_ones(void **state)
{
	struct world w;

	(void)state;
	open_world(&w, 60 * MINUTE);
	assert_int_equal(held(&w), 1);
	w.now_ms += 55 * MINUTE - 1;
	assert_int_equal(held(&w), 1);
	w.now_ms += 1;
	assert_int_equal(held(&w), 2);
	assert_int_equal(held(&w), 2);
	w.now_ms += 54 * MINUTE;
	assert_int_equal(held(&w), 2);
	aws_provider_free(w.provider);
}

static void a_short_life_is_used_for_three_quarters(void **state)
{
	struct world w;

	(void)state;
	open_world(&w, 2 * MINUTE);
	assert_int_equal(held(&w), 1);
	w.now_ms += 2 * MINUTE * 3 / 4 - 1;
	assert_int_equal(held(&w), 1);
	w.now_ms += 1;
	assert_int_equal(held(&w), 2);
	aws_provider_free(w.provider);
}

static void what_still_holds_is_used_while_new_ones_cannot_be_had(void **state)
{
	struct world w;
	struct err err = { 0 };

	(void)state;
	open_world(&w, 60 * MINUTE);
	assert_int_equal(held(&w), 1);
	w.fails = true;
	w.now_ms += 56 * MINUTE;
	assert_int_equal(held(&w), 1);
	assert_int_equal(held(&w), 1);
	assert_int_equal(w.searches, 2); /* not at every request */
	w.now_ms += MINUTE;
	assert_int_equal(held(&w), 1);
	assert_int_equal(w.searches, 3);
	w.now_ms += 4 * MINUTE;
	assert_null(provider_hold(w.provider, 0, &err));
	assert_string_equal(err.text, "search 4 failed");
	w.fails = false;
	assert_int_equal(held(&w), 5);
	aws_provider_free(w.provider);
}

static void refused_keys_are_looked_for_again(void **state)
{
	struct world w;
	struct held_credentials *old;
	struct err err = { 0 };

	(void)state;
	open_world(&w, 0);
	old = provider_hold(w.provider, 0, NULL);
	assert_int_equal(provider_renew(w.provider, old->serial, &err), 1);
	assert_int_equal(held(&w), 2);
	/* Another request was refused with the same old ones: the new ones are there already. */
	assert_int_equal(provider_renew(w.provider, old->serial, &err), 1);
	assert_int_equal(w.searches, 2);
	/* Whoever signs with the old ones still can. */
	assert_string_equal(old->keys.access_key_id, "AKIA1");
	assert_string_equal(secret_value(&old->keys.secret_access_key), "secret");
	held_release(old);
	aws_provider_free(w.provider);
}

static void the_same_keys_again_are_no_news(void **state)
{
	struct world w;
	struct held_credentials *h;
	struct err err = { 0 };

	(void)state;
	open_world(&w, 0);
	w.stands_still = true;
	h = provider_hold(w.provider, 0, NULL);
	assert_int_equal(provider_renew(w.provider, h->serial, &err), 0);
	w.fails = true;
	assert_int_equal(provider_renew(w.provider, h->serial, &err), -1);
	assert_string_equal(err.text, "search 3 failed");
	held_release(h);
	aws_provider_free(w.provider);
}

static void *hold_often(void *arg)
{
	struct world *w = arg;

	for (int i = 0; i < 200; i++) {
		struct held_credentials *h = provider_hold(w->provider, 0, NULL);
		assert_non_null(h);
		assert_int_equal(strlen(secret_value(&h->keys.secret_access_key)), 6);
		held_release(h);
	}
	return NULL;
}

static void one_thread_searches_and_the_others_wait(void **state)
{
	struct world w;
	pthread_t threads[8];

	(void)state;
	open_world(&w, 60 * MINUTE);
	w.slow = true;
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hold_often, &w), 0);
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(w.searches, 1);
	w.now_ms += 56 * MINUTE;
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hold_often, &w), 0);
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(w.searches, 2);
	aws_provider_free(w.provider);
}

static void *hold_fails(void *arg)
{
	struct world *w = arg;
	struct err *err = calloc(1, sizeof(*err));

	assert_null(provider_hold(w->provider, 0, err));
	return err;
}

static void those_who_waited_for_a_failure_are_told_of_it(void **state)
{
	struct world w;
	pthread_t threads[4];

	(void)state;
	open_world(&w, 0);
	w.slow = w.fails = true;
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hold_fails, &w), 0);
	for (size_t i = 0; i < COUNT_OF(threads); i++) {
		void *err = NULL;
		pthread_join(threads[i], &err);
		assert_int_equal(((struct err *)err)->kind, ERR_CREDENTIALS);
		free(err);
	}
	assert_in_range(w.searches, 1, 4);
	aws_provider_free(w.provider);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_looked_for_once),
		cmocka_unit_test(five_minutes_before_they_end_there_are_new_ones),
		cmocka_unit_test(a_short_life_is_used_for_three_quarters),
		cmocka_unit_test(what_still_holds_is_used_while_new_ones_cannot_be_had),
		cmocka_unit_test(refused_keys_are_looked_for_again),
		cmocka_unit_test(the_same_keys_again_are_no_news),
		cmocka_unit_test(one_thread_searches_and_the_others_wait),
		cmocka_unit_test(those_who_waited_for_a_failure_are_told_of_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
