#include "unit/pipeline/fake_aws.h"

#define DEATHS_MAX 80

static void up_ok(struct bench *b, int *changes)
{
	struct err err = { 0 };

	if (bench_up(b, changes, &err) < 0)
		fail_msg("up: %s", err.text);
}

static void down_ok(struct bench *b)
{
	struct err err = { 0 };
	int left;

	if (bench_down(b, &left, &err) < 0)
		fail_msg("down: %s", err.text);
	assert_int_equal(left, 0);
	assert_true(nothing_there(b));
}

static void up_makes_all_and_a_second_up_changes_nothing(void **state)
{
	struct bench b;
	int changes;

	(void)state;
	bench_open(&b);
	up_ok(&b, &changes);
	assert_int_equal(changes, 5);
	assert_false(b.aws.role.attached);
	assert_non_null(strstr(b.aws.role.inline_policy, "arn:aws:s3:::udacity-dend/song_data*"));
	assert_string_equal(b.aws.group.cidrs[0], "203.0.113.7/32");
	assert_string_equal(b.aws.cluster.status, "available");
	up_ok(&b, &changes);
	assert_int_equal(changes, 0);
	assert_int_equal(b.aws.mutations, 5);
	down_ok(&b);
	bench_close(&b);
}

static void down_of_nothing_sends_nothing_that_changes(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	down_ok(&b);
	assert_int_equal(b.aws.mutations, 0);
	bench_close(&b);
}

/* The process dies at each of the calls, before or after the service has acted on it; the next up completes the stack
 * without making anything twice, and down leaves nothing. */
static void a_death_at_any_call_of_up_is_made_good_by_the_next_up(void **state)
{
	(void)state;
	for (int after = 0; after < 2; after++) {
		int n;

		for (n = 1; n < DEATHS_MAX; n++) {
			struct err err = { 0 };
			struct bench b;
			int changes, rc;

			bench_open(&b);
			b.aws.die_at = n;
			b.aws.die_after = after;
			rc = bench_up(&b, &changes, &err);
			b.aws.die_at = 0;
			if (rc < 0)
				assert_int_equal(err.kind, ERR_INTERRUPTED);
			up_ok(&b, &changes);
			assert_int_equal(b.aws.role.creates, 1);
			assert_int_equal(b.aws.group.creates, 1);
			assert_int_equal(b.aws.cluster.creates, 1);
			assert_true(b.aws.role.inline_policy[0] != 0);
			assert_non_null(fake_rule(&b.aws, "203.0.113.7/32"));
			down_ok(&b);
			bench_close(&b);
			if (rc == 0)
				break;
		}
		assert_in_range(n, 10, DEATHS_MAX - 1);
	}
}

static void a_death_at_any_call_is_cleaned_up_by_down_alone(void **state)
{
	(void)state;
	for (int n = 1; n < 30; n++) {
		struct err err = { 0 };
		struct bench b;
		int changes;

		bench_open(&b);
		b.aws.die_at = n;
		b.aws.die_after = n % 2;
		(void)!bench_up(&b, &changes, &err);
		b.aws.die_at = 0;
		down_ok(&b);
		bench_close(&b);
	}
}

static void a_death_at_any_call_of_down_is_made_good_by_the_next_down(void **state)
{
	int n;

	(void)state;
	for (n = 1; n < DEATHS_MAX; n++) {
		struct err err = { 0 };
		struct bench b;
		int changes, left, rc;

		bench_open(&b);
		up_ok(&b, &changes);
		b.aws.die_at = b.aws.calls + n;
		b.aws.die_after = n % 2;
		rc = bench_down(&b, &left, &err);
		b.aws.die_at = 0;
		down_ok(&b);
		bench_close(&b);
		if (rc == 0)
			break;
	}
	assert_in_range(n, 10, DEATHS_MAX - 1);
}

static void a_lost_state_folder_is_no_loss(void **state)
{
	struct bench b;
	struct err err;
	char *state_dir;
	int changes;

	(void)state;
	bench_open(&b);
	up_ok(&b, &changes);
	state_dir = file_join(b.dir, "sparkctl");
	assert_int_equal(file_remove_tree(state_dir, &err), 0);
	mem_free(state_dir);
	up_ok(&b, &changes);
	assert_int_equal(changes, 0);
	down_ok(&b);
	bench_close(&b);
}

static void what_is_not_ours_is_never_touched(void **state)
{
	struct bench b;

	(void)state;
	for (int which = 0; which < 3; which++) {
		struct err err = { 0 };
		int changes, left;

		bench_open(&b);
		if (which == 0)
			b.aws.role.there = b.aws.role.attached = true;
		else if (which == 1)
			b.aws.group.there = true;
		else
			b.aws.cluster.there = true;
		fake_become(&b.aws, "available", "", 0);
		assert_int_equal(bench_up(&b, &changes, &err), -1);
		assert_int_equal(err.kind, ERR_CONFLICT);
		assert_int_equal(b.aws.mutations, 0);
		assert_non_null(strstr(err.text, "does not belong to stack 'sparkify'"));
		assert_int_equal(bench_down(&b, &left, &err), 0);
		assert_int_equal(left, 0);
		assert_true(which != 0 || (b.aws.role.there && b.aws.role.attached));
		assert_true(which != 1 || b.aws.group.there);
		assert_true(which != 2 || b.aws.cluster.there);
		bench_close(&b);
	}
}

static void a_new_address_takes_the_old_one_s_place(void **state)
{
	struct bench b;
	int changes;

	(void)state;
	bench_open(&b);
	up_ok(&b, &changes);
	b.aws.caller_ip = "198.51.100.4";
	buf_reset(&b.aws.actions);
	up_ok(&b, &changes);
	assert_int_equal(changes, 2);
	assert_string_equal(b.aws.actions.data, "AuthorizeSecurityGroupIngress RevokeSecurityGroupIngress ");
	assert_null(fake_rule(&b.aws, "203.0.113.7/32"));
	assert_non_null(fake_rule(&b.aws, "198.51.100.4/32"));
	bench_close(&b);
}

static void the_whole_internet_is_not_let_in(void **state)
{
	struct err err = { 0 };
	struct bench b;
	int changes;

	(void)state;
	bench_open(&b);
	assert_int_equal(config_set_flag(b.config, OPT_INGRESS_CIDR, "0.0.0.0/0", &err), 0);
	assert_int_equal(bench_up(&b, &changes, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_false(b.aws.group.there);
	bench_close(&b);
}

static void settings_that_cannot_work_are_refused_before_anything_is_made(void **state)
{
	struct err err = { 0 };
	struct bench b;
	int changes;

	(void)state;
	bench_open(&b);
	assert_int_equal(config_set_flag(b.config, OPT_NUM_NODES, "4", &err), 0);
	assert_int_equal(bench_up(&b, &changes, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.hint, "multi-node"));
	assert_int_equal(b.aws.mutations, 0);
	bench_close(&b);
}

static void a_cluster_that_is_being_deleted_is_waited_for_and_made_anew(void **state)
{
	struct bench b;
	int changes;

	(void)state;
	bench_open(&b);
	up_ok(&b, &changes);
	fake_become(&b.aws, "deleting", "gone", 5);
	up_ok(&b, &changes);
	assert_int_equal(b.aws.cluster.creates, 2);
	assert_int_equal(changes, 1);
	bench_close(&b);
}

static void a_broken_cluster_fails_at_once(void **state)
{
	static const char *const states[] = { "hardware-failure", "incompatible-network", "storage-full" };
	struct bench b;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(states); i++) {
		struct err err = { 0 };
		int64_t begun;
		int changes;

		bench_open(&b);
		up_ok(&b, &changes);
		fake_become(&b.aws, states[i], "", 0);
		begun = b.aws.now_ms;
		assert_int_equal(bench_up(&b, &changes, &err), -1);
		assert_non_null(strstr(err.text, states[i]));
		assert_true(b.aws.now_ms - begun < 1000);
		down_ok(&b);
		bench_close(&b);
	}
}

static void a_wait_for_a_cluster_that_never_comes_ends(void **state)
{
	struct err err = { 0 };
	struct bench b;
	int changes;

	(void)state;
	bench_open(&b);
	assert_int_equal(config_set_flag(b.config, OPT_WAIT_TIMEOUT, "600", &err), 0);
	up_ok(&b, &changes);
	fake_become(&b.aws, "creating", "", 0);
	assert_int_equal(bench_up(&b, &changes, &err), -1);
	assert_int_equal(err.kind, ERR_TIMEOUT);
	bench_close(&b);
}

static void down_works_from_every_state_of_the_cluster(void **state)
{
	static const struct {
		const char *status, *next;
		int polls, refusals;
	} rows[] = {
		{ "creating", "available", 4, 3 },  { "creating", "available", 4, 0 },
		{ "deleting", "gone", 4, 0 },       { "paused", "", 0, 0 },
		{ "modifying", "available", 3, 2 }, { "hardware-failure", "", 0, 0 },
	};
	struct bench b;
	int changes;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		bench_open(&b);
		up_ok(&b, &changes);
		fake_become(&b.aws, rows[i].status, rows[i].next, rows[i].polls);
		b.aws.cluster.refusals = rows[i].refusals;
		b.aws.group.held = 3;
		memcpy(b.aws.role.inline_policy, "{}", 3);
		down_ok(&b);
		bench_close(&b);
	}
}

static void a_denial_is_never_taken_for_gone(void **state)
{
	static const char *const actions[] = {
		"DescribeClusters", "DeleteCluster", "DescribeSecurityGroups", "DeleteSecurityGroup", "GetRole",
		"DeleteRole",       "ListRoles"
	};
	struct bench b;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(actions); i++) {
		struct err err = { 0 };
		int changes, left;

		bench_open(&b);
		up_ok(&b, &changes);
		b.aws.refuse_action = actions[i];
		b.aws.refuse_code = "AccessDenied";
		assert_int_equal(bench_down(&b, &left, &err), -1);
		assert_true(err_has_code(&err, "AccessDenied"));
		assert_true(err.kind == ERR_AWS || err.kind == ERR_CREDENTIALS);
		b.aws.refuse_action = NULL;
		down_ok(&b);
		bench_close(&b);
	}
}

static void what_was_left_is_counted(void **state)
{
	struct err err = { 0 };
	struct bench b;
	int changes, left;

	(void)state;
	bench_open(&b);
	up_ok(&b, &changes);
	b.aws.refuse_action = "DeleteCluster";
	b.aws.refuse_code = "UnauthorizedOperation";
	assert_int_equal(bench_down(&b, &left, &err), -1);
	assert_int_equal(left, 3);
	bench_close(&b);
}

static void a_given_role_is_neither_made_nor_deleted(void **state)
{
	struct err err = { 0 };
	struct bench b;
	int changes;

	(void)state;
	bench_open(&b);
	assert_int_equal(config_set_flag(b.config, OPT_ROLE_ARN, "arn:aws:iam::123456789012:role/mine", &err), 0);
	up_ok(&b, &changes);
	assert_false(b.aws.role.there);
	assert_int_equal(changes, 3);
	down_ok(&b);
	bench_close(&b);
}

static void another_role_is_attached_to_the_cluster_that_is_there(void **state)
{
	struct err err = { 0 };
	struct bench b;
	int changes;

	(void)state;
	bench_open(&b);
	up_ok(&b, &changes);
	assert_int_equal(config_set_flag(b.config, OPT_ROLE_ARN, "arn:aws:iam::123456789012:role/mine", &err), 0);
	up_ok(&b, &changes);
	assert_int_equal(changes, 1);
	assert_string_equal(b.aws.cluster.role, "arn:aws:iam::123456789012:role/mine");
	up_ok(&b, &changes);
	assert_int_equal(changes, 0);
	bench_close(&b);
}

static void a_paused_cluster_is_woken(void **state)
{
	struct bench b;
	int changes;

	(void)state;
	bench_open(&b);
	up_ok(&b, &changes);
	fake_become(&b.aws, "paused", "", 0);
	up_ok(&b, &changes);
	assert_int_equal(changes, 1);
	assert_string_equal(b.aws.cluster.status, "available");
	bench_close(&b);
}

static void a_cluster_that_is_being_paused_is_woken_once_it_is(void **state)
{
	struct bench b;
	int changes;

	(void)state;
	bench_open(&b);
	up_ok(&b, &changes);
	fake_become(&b.aws, "pausing", "paused", 4);
	up_ok(&b, &changes);
	assert_int_equal(changes, 1);
	assert_string_equal(b.aws.cluster.status, "available");
	bench_close(&b);
}

/* No journal entry, no call. */
static void nothing_is_sent_that_cannot_be_recorded(void **state)
{
	struct err err = { 0 };
	struct bench b;
	int changes;

	(void)state;
	bench_open(&b);
	assert_int_equal(config_set_derived(b.config, OPT_STATE_DIR, "/proc/nowhere", &err), 0);
	assert_int_equal(bench_up(&b, &changes, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_int_equal(b.aws.mutations, 0);
	bench_close(&b);
}

static void a_second_run_at_the_same_time_is_turned_away(void **state)
{
	struct err err = { 0 };
	struct bench b;
	struct run other;
	int changes;

	(void)state;
	bench_open(&b);
	other = b.run;
	assert_int_equal(run_prepare(&other, true, &err), 0);
	assert_int_equal(bench_up(&b, &changes, &err), -1);
	assert_int_equal(err.kind, ERR_CONFLICT);
	assert_int_equal(b.aws.mutations, 0);
	run_clear(&other);
	up_ok(&b, &changes);
	bench_close(&b);
}

static void the_journal_tells_each_change_and_no_secret(void **state)
{
	struct err err = { 0 };
	struct bench b;
	struct buf text;
	char *path;
	int changes;

	(void)state;
	bench_open(&b);
	assert_int_equal(setenv("SPARKCTL_DB_PASSWORD", "Tr0ub4dor-and-3", 1), 0);
	assert_int_equal(config_read_env(b.config, &err), 0);
	unsetenv("SPARKCTL_DB_PASSWORD");
	up_ok(&b, &changes);
	path = file_join(b.dir, "sparkctl/123456789012/us-west-2/sparkify/journal.jsonl");
	buf_init(&text, 1 << 20);
	assert_int_equal(file_read(path, &text, &err), 0);
	assert_non_null(strstr(text.data, "\"CreateRole\""));
	assert_non_null(strstr(text.data, "\"CreateSecurityGroup\""));
	assert_non_null(strstr(text.data, "\"CreateCluster\""));
	assert_null(strstr(text.data, "Tr0ub4dor"));
	buf_reset(&text);
	down_ok(&b);
	assert_int_equal(file_read(path, &text, &err), 0);
	assert_non_null(strstr(text.data, "\"gone\""));
	assert_null(strstr(text.data, "CreateRole"));
	buf_clear(&text);
	mem_free(path);
	bench_close(&b);
}

/* The nth allocation of a run fails, for every n: an error is told, nothing crashes, and the next run goes on. */
static void memory_that_runs_out_is_an_error_and_no_more(void **state)
{
	bool done = false;

	(void)state;
	for (long n = 1; !done; n += 1 + n / 16) {
		struct err err = { 0 };
		struct bench b;
		int changes, left, rc;

		bench_open(&b);
		mem_fail_at(n);
		rc = bench_up(&b, &changes, &err);
		mem_fail_at(0);
		done = rc == 0 && n > 20000;
		if (rc < 0)
			assert_true(err.kind != ERR_NONE && err.text[0]);
		up_ok(&b, &changes);
		mem_fail_at(n);
		(void)!bench_down(&b, &left, &err);
		mem_fail_at(0);
		down_ok(&b);
		bench_close(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(up_makes_all_and_a_second_up_changes_nothing),
		cmocka_unit_test(down_of_nothing_sends_nothing_that_changes),
		cmocka_unit_test(a_death_at_any_call_of_up_is_made_good_by_the_next_up),
		cmocka_unit_test(a_death_at_any_call_is_cleaned_up_by_down_alone),
		cmocka_unit_test(a_death_at_any_call_of_down_is_made_good_by_the_next_down),
		cmocka_unit_test(a_lost_state_folder_is_no_loss),
		cmocka_unit_test(what_is_not_ours_is_never_touched),
		cmocka_unit_test(a_new_address_takes_the_old_one_s_place),
		cmocka_unit_test(the_whole_internet_is_not_let_in),
		cmocka_unit_test(settings_that_cannot_work_are_refused_before_anything_is_made),
		cmocka_unit_test(a_cluster_that_is_being_deleted_is_waited_for_and_made_anew),
		cmocka_unit_test(a_broken_cluster_fails_at_once),
		cmocka_unit_test(a_wait_for_a_cluster_that_never_comes_ends),
		cmocka_unit_test(down_works_from_every_state_of_the_cluster),
		cmocka_unit_test(a_denial_is_never_taken_for_gone),
		cmocka_unit_test(what_was_left_is_counted),
		cmocka_unit_test(a_given_role_is_neither_made_nor_deleted),
		cmocka_unit_test(another_role_is_attached_to_the_cluster_that_is_there),
		cmocka_unit_test(a_paused_cluster_is_woken),
		cmocka_unit_test(a_cluster_that_is_being_paused_is_woken_once_it_is),
		cmocka_unit_test(nothing_is_sent_that_cannot_be_recorded),
		cmocka_unit_test(a_second_run_at_the_same_time_is_turned_away),
		cmocka_unit_test(memory_that_runs_out_is_an_error_and_no_more),
		cmocka_unit_test(the_journal_tells_each_change_and_no_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
