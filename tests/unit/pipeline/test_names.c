#include "unit/cm.h"

#include <string.h>

#include "pipeline/names.h"
#include "spark/base/mem.h"

static struct config *config_with(enum option_id id, const char *value)
{
	struct err err;
	struct config *c = config_new(&err);

	assert_non_null(c);
	if (value)
		assert_int_equal(config_set_flag(c, id, value, &err), 0);
	return c;
}

static void everything_is_named_after_the_stack(void **state)
{
	struct config *c = config_with(OPT_STACK, "team-a");
	struct names n;
	struct err err;

	(void)state;
	assert_int_equal(names_work_out(c, "aws", &n, &err), 0);
	assert_string_equal(n.stack, "team-a");
	assert_string_equal(n.cluster, "team-a");
	assert_string_equal(n.role, "team-a-copy");
	assert_string_equal(n.group, "team-a-sg");
	assert_string_equal(n.policy_arn, "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess");
	assert_false(n.role_given);
	config_free(c);
}

static void the_policy_is_the_partition_s_own(void **state)
{
	struct config *c = config_with(OPT_STACK, NULL);
	struct names n;
	struct err err;

	(void)state;
	assert_int_equal(names_work_out(c, "aws-cn", &n, &err), 0);
	assert_string_equal(n.policy_arn, "arn:aws-cn:iam::aws:policy/AmazonS3ReadOnlyAccess");
	config_free(c);
}

static void a_cluster_s_name_is_lower_case_as_the_service_stores_it(void **state)
{
	struct config *c = config_with(OPT_CLUSTER_ID, "dwhCluster");
	struct names n;
	struct err err;

	(void)state;
	assert_int_equal(names_work_out(c, "aws", &n, &err), 0);
	assert_string_equal(n.cluster, "dwhcluster");
	config_free(c);
}

static void a_given_role_is_not_ours(void **state)
{
	struct config *c = config_with(OPT_ROLE_ARN, "arn:aws:iam::123456789012:role/mine");
	struct names n;
	struct err err;

	(void)state;
	assert_int_equal(names_work_out(c, "aws", &n, &err), 0);
	assert_true(n.role_given);
	config_free(c);
}

static void bad_names_are_refused_with_their_place(void **state)
{
	static const struct {
		enum option_id id;
		const char *value, *place;
	} rows[] = {
		{ OPT_STACK, "Team", "--stack" },
		{ OPT_STACK, "1a", "--stack" },
		{ OPT_STACK, "../x", "--stack" },
		{ OPT_STACK, "a_b", "--stack" },
		{ OPT_STACK, "ends-", "--stack" },
		{ OPT_STACK, "abcdefghijabcdefghijabcdefghij12", "--stack" },
		{ OPT_CLUSTER_ID, "two--hyphens", "--cluster-identifier" },
		{ OPT_CLUSTER_ID, "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij1234",
		  "--cluster-identifier" },
		{ OPT_IAM_ROLE_NAME, "a b", "--iam-role-name" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config *c = config_with(rows[i].id, rows[i].value);
		struct names n;
		struct err err;

		assert_int_equal(names_work_out(c, "aws", &n, &err), -1);
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_non_null(strstr(err.text, rows[i].place));
		config_free(c);
	}
}

static void ranges_are_brought_to_their_network(void **state)
{
	static const struct {
		const char *text, *normal;
		int bits;
	} rows[] = {
		{ "203.0.113.7", "203.0.113.7/32", 32 },   { "10.1.2.3/24", "10.1.2.0/24", 24 },
		{ "10.1.2.3/0", "0.0.0.0/0", 0 },          { "10.0.0.0/8", "10.0.0.0/8", 8 },
		{ "255.255.255.255/1", "128.0.0.0/1", 1 },
	};
	static const char *const bad[] = { "",    "x",         "10.1.2",     "10.1.2.3/33", "10.1.2.3/",
					   "::1", "1.2.3.4/a", "1.2.3.4/-1", "1.2.3.4/008", "1.2.3.4 " };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char out[44];
		int bits;

		assert_true(names_normal_cidr(rows[i].text, out, &bits));
		assert_string_equal(out, rows[i].normal);
		assert_int_equal(bits, rows[i].bits);
	}
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		char out[44];
		int bits;

		assert_false(names_normal_cidr(bad[i], out, &bits));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_named_after_the_stack),
		cmocka_unit_test(the_policy_is_the_partition_s_own),
		cmocka_unit_test(a_cluster_s_name_is_lower_case_as_the_service_stores_it),
		cmocka_unit_test(a_given_role_is_not_ours),
		cmocka_unit_test(bad_names_are_refused_with_their_place),
		cmocka_unit_test(ranges_are_brought_to_their_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
