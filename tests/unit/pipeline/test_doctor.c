#include "spark/pipeline/doctor.h"
#include "spark/pipeline/status.h"

#include "unit/pipeline/fake_aws.h"

#define FINDINGS_MAX 32

/* A doctor at the bench, who writes down what he finds. */
struct visit {
	struct bench b;
	struct doctor doctor;
	struct aws_credentials keys;
	struct doctor_finding findings[FINDINGS_MAX];
	int count;
};

static void note(void *arg, const struct doctor_finding *f)
{
	struct visit *v = arg;

	assert_true(v->count < FINDINGS_MAX);
	v->findings[v->count++] = *f;
}

static void visit_open(struct visit *v)
{
	memset(v, 0, sizeof(*v));
	bench_open(&v->b);
	v->b.run.ssl_mode = "prefer";
	(void)snprintf(v->keys.access_key_id, sizeof(v->keys.access_key_id), "AKIDEXAMPLE");
	(void)snprintf(v->keys.source, sizeof(v->keys.source), "profile 'dev'");
	v->doctor = (struct doctor){ .run = &v->b.run,
				     .config = v->b.config,
				     .credentials = &v->keys,
				     .operands = "sparkify",
				     .on_finding = note,
				     .arg = v };
}

static void visit_close(struct visit *v)
{
	run_clear(&v->b.run);
	bench_close(&v->b);
}

static int look(struct visit *v, struct err *err)
{
	run_clear(&v->b.run);
	v->count = v->doctor.passed = v->doctor.warned = v->doctor.failed = 0;
	return doctor_check_services(&v->doctor, err);
}

static const struct doctor_finding *finding(const struct visit *v, const char *name)
{
	for (int i = 0; i < v->count; i++) {
		if (strcmp(v->findings[i].name, name) == 0)
			return &v->findings[i];
	}
	fail_msg("there is no finding '%s'", name);
	return NULL;
}

static void a_token_s_time_is_told(void **state)
{
	static const struct {
		int64_t left_ms;
		enum doctor_state state;
		const char *said;
	} rows[] = {
		{ -90 * 1000, DOCTOR_FAIL, "AKIDEXAMPLE from profile 'dev' expired 1m30s ago" },
		{ 5 * 60 * 1000, DOCTOR_WARN, "expire in 5m" },
		{ 3600 * 1000, DOCTOR_OK, "for another 1h" },
	};
	struct visit v;
	struct err err;

	(void)state;
	visit_open(&v);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		v.keys.expires_ms = v.b.aws.now_ms + rows[i].left_ms;
		assert_int_equal(look(&v, &err), 0);
		const struct doctor_finding *f = finding(&v, "credentials");
		assert_int_equal(f->state, rows[i].state);
		assert_non_null(strstr(f->detail, rows[i].said));
		assert_int_equal(f->mend[0] != 0, rows[i].state != DOCTOR_OK);
	}
	visit_close(&v);
}

static void a_healthy_stack_has_no_failure_and_nothing_is_changed(void **state)
{
	struct visit v;
	struct err err;
	int changes, mutations;

	(void)state;
	visit_open(&v);
	assert_int_equal(bench_up(&v.b, &changes, &err), 0);
	mutations = v.b.aws.mutations;
	assert_int_equal(look(&v, &err), 0);
	assert_int_equal(v.b.aws.mutations, mutations);
	assert_int_equal(finding(&v, "ingress")->state, DOCTOR_OK);
	assert_int_equal(finding(&v, "cluster")->state, DOCTOR_OK);
	/* who may not ask for permissions is told that they are not known */
	assert_int_equal(finding(&v, "permissions")->state, DOCTOR_WARN);
	assert_non_null(strstr(finding(&v, "permissions")->detail, "SimulatePrincipalPolicy is denied"));
	visit_close(&v);
}

static void a_door_for_another_address_is_found(void **state)
{
	struct visit v;
	struct err err;
	int changes;

	(void)state;
	visit_open(&v);
	assert_int_equal(bench_up(&v.b, &changes, &err), 0);
	v.b.aws.caller_ip = "203.0.113.8";
	assert_int_equal(look(&v, &err), 0);
	assert_int_equal(finding(&v, "ingress")->state, DOCTOR_FAIL);
	assert_non_null(strstr(finding(&v, "ingress")->detail, "203.0.113.8"));
	assert_string_equal(finding(&v, "ingress")->mend, "sparkctl up sparkify");
	(void)snprintf(v.b.aws.group.cidrs[0], sizeof(v.b.aws.group.cidrs[0]), "203.0.113.0/28");
	assert_int_equal(look(&v, &err), 0);
	assert_int_equal(finding(&v, "ingress")->state, DOCTOR_OK);
	visit_close(&v);
}

static void a_cluster_of_somebody_else_is_told(void **state)
{
	struct visit v;
	struct err err;
	int changes;

	(void)state;
	visit_open(&v);
	assert_int_equal(bench_up(&v.b, &changes, &err), 0);
	v.b.aws.cluster.ours = false;
	assert_int_equal(look(&v, &err), 0);
	assert_int_equal(finding(&v, "cluster")->state, DOCTOR_FAIL);
	assert_int_equal(finding(&v, "cluster")->kind, ERR_CONFLICT);
	visit_close(&v);
}

static void an_account_without_room_for_a_role_is_told(void **state)
{
	struct visit v;
	struct err err;
	int changes;

	(void)state;
	visit_open(&v);
	v.b.aws.roles_quota = 1;
	assert_int_equal(look(&v, &err), 0);
	assert_string_equal(finding(&v, "quotas")->detail, "in use: 0 of 1 roles");
	run_clear(&v.b.run);
	assert_int_equal(bench_up(&v.b, &changes, &err), 0);
	assert_int_equal(look(&v, &err), 0);
	assert_int_equal(finding(&v, "quotas")->state, DOCTOR_OK);
	v.b.aws.role.there = false;
	v.b.aws.roles_quota = 0; /* as one that the service does not tell */
	assert_int_equal(look(&v, &err), 0);
	for (int i = 0; i < v.count; i++)
		assert_string_not_equal(v.findings[i].name, "quotas");
	visit_close(&v);
}

static void an_interruption_ends_it(void **state)
{
	struct visit v;
	struct err err;

	(void)state;
	visit_open(&v);
	v.b.aws.die_at = 4;
	assert_int_equal(look(&v, &err), -1);
	assert_int_equal(err.kind, ERR_INTERRUPTED);
	visit_close(&v);
}

static bool has_found_cluster(const struct visit *v)
{
	for (int i = 0; i < v->count; i++) {
		if (strcmp(v->findings[i].name, "cluster") == 0)
			return v->findings[i].state == DOCTOR_OK;
	}
	return false;
}

static void memory_that_runs_out_is_an_error_or_a_finding(void **state)
{
	struct visit v;
	struct err err;
	bool well = false;
	int changes;

	(void)state;
	visit_open(&v);
	assert_int_equal(bench_up(&v.b, &changes, &err), 0);
	for (long nth = 1; !well; nth += 3) {
		assert_true(nth < 100000);
		mem_fail_at(nth);
		well = look(&v, &err) == 0 && has_found_cluster(&v);
		mem_fail_at(0);
	}
	visit_close(&v);
}

static void what_was_seen_last_is_recalled_without_the_way_in(void **state)
{
	struct visit v;
	struct err err;
	struct json *doc;
	int64_t seen_ms;
	int changes;

	(void)state;
	visit_open(&v);
	assert_null(status_recall(v.b.config, &seen_ms, &err));
	assert_int_equal(bench_up(&v.b, &changes, &err), 0);
	doc = status_recall(v.b.config, &seen_ms, &err);
	assert_non_null(doc);
	assert_string_equal(json_str(json_get(doc, "cluster"), "status", ""), "available");
	assert_int_equal(seen_ms, v.b.aws.now_ms);
	assert_int_equal(run_prepare(&v.b.run, false, &err), 0);
	assert_int_equal(json_set(doc, "connection", json_new_string("secret")), 0);
	run_keep_status(&v.b.run, doc);
	json_free(doc);
	doc = status_recall(v.b.config, &seen_ms, &err);
	assert_non_null(doc);
	assert_null(json_get(doc, "connection"));
	json_free(doc);
	run_keep_down(&v.b.run);
	doc = status_recall(v.b.config, &seen_ms, &err);
	assert_non_null(doc);
	assert_null(json_get(doc, "cluster"));
	json_free(doc);
	visit_close(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_s_time_is_told),
		cmocka_unit_test(a_healthy_stack_has_no_failure_and_nothing_is_changed),
		cmocka_unit_test(a_door_for_another_address_is_found),
		cmocka_unit_test(a_cluster_of_somebody_else_is_told),
		cmocka_unit_test(an_account_without_room_for_a_role_is_told),
		cmocka_unit_test(an_interruption_ends_it),
		cmocka_unit_test(memory_that_runs_out_is_an_error_or_a_finding),
		cmocka_unit_test(what_was_seen_last_is_recalled_without_the_way_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
