#include "unit/cm.h"

#include <string.h>

#include "pipeline/role_trust.h"

#define ALLOW     "{\"Effect\":\"Allow\","
#define DENY      "{\"Effect\":\"Deny\","
#define REDSHIFT  "\"Principal\":{\"Service\":\"redshift.amazonaws.com\"},"
#define EVERYBODY "\"Principal\":\"*\","
#define TAKE      "\"Action\":\"sts:AssumeRole\""
#define WHERE     ",\"Condition\":{\"StringEquals\":{\"aws:SourceAccount\":\"123456789012\"}}"
#define ONE(s)    "{\"Version\":\"2012-10-17\",\"Statement\":" s "}"
#define LIST(s)   ONE("[" s "]")

static void a_policy_tells_whether_redshift_may_take_the_role(void **state)
{
	static const struct {
		const char *document;
		enum trust word;
	} rows[] = {
		{ LIST(ALLOW REDSHIFT TAKE "}"), TRUST_YES },
		{ ONE(ALLOW REDSHIFT TAKE "}"), TRUST_YES },
		{ LIST(ALLOW "\"Principal\":{\"Service\":[\"ec2.amazonaws.com\",\"redshift.amazonaws.com\"]}," TAKE
			     "}"),
		  TRUST_YES },
		{ LIST(ALLOW REDSHIFT "\"Action\":[\"sts:TagSession\",\"sts:AssumeRole\"]}"), TRUST_YES },
		{ LIST(ALLOW REDSHIFT "\"Action\":\"STS:Assume*\"}"), TRUST_YES },
		{ LIST(ALLOW REDSHIFT "\"Action\":\"*\"}"), TRUST_YES },
		{ LIST(ALLOW REDSHIFT "\"NotAction\":\"sts:TagSession\"}"), TRUST_YES },
		{ LIST(ALLOW EVERYBODY TAKE "}"), TRUST_YES },
		{ LIST(ALLOW "\"Principal\":{\"AWS\":\"arn:aws:iam::123456789012:root\"}," TAKE "}," ALLOW REDSHIFT TAKE
			     "}"),
		  TRUST_YES },
		/* nobody, somebody else, something else */
		{ LIST(""), TRUST_NO },
		{ "{}", TRUST_NO },
		{ LIST(ALLOW "\"Principal\":{\"Service\":\"ec2.amazonaws.com\"}," TAKE "}"), TRUST_NO },
		{ LIST(ALLOW "\"Principal\":{\"AWS\":\"*\"}," TAKE "}"), TRUST_NO },
		{ LIST(ALLOW REDSHIFT "\"Action\":\"sts:AssumeRoleWithSAML\"}"), TRUST_NO },
		{ LIST(ALLOW REDSHIFT "\"NotAction\":\"sts:*\"}"), TRUST_NO },
		/* a denial has the last word, wherever it stands */
		{ LIST(DENY REDSHIFT TAKE "}," ALLOW REDSHIFT TAKE "}"), TRUST_NO },
		{ LIST(ALLOW REDSHIFT TAKE "}," DENY EVERYBODY "\"Action\":\"sts:*\"}"), TRUST_NO },
		{ LIST(ALLOW REDSHIFT TAKE "}," DENY REDSHIFT "\"Action\":\"sts:TagSession\"}"), TRUST_YES },
		/* what a condition decides is not known here */
		{ LIST(ALLOW REDSHIFT TAKE WHERE "}"), TRUST_UNSURE },
		{ LIST(ALLOW REDSHIFT TAKE "}," DENY REDSHIFT TAKE WHERE "}"), TRUST_UNSURE },
		{ LIST(DENY REDSHIFT TAKE WHERE "}"), TRUST_NO },
		{ LIST(ALLOW REDSHIFT TAKE "}," ALLOW REDSHIFT TAKE WHERE "}"), TRUST_YES },
		{ LIST(ALLOW REDSHIFT TAKE "}," DENY "\"NotPrincipal\":{\"Service\":\"redshift.amazonaws.com\"}," TAKE
					   "}"),
		  TRUST_UNSURE },
		/* no policy */
		{ NULL, TRUST_UNKNOWN },
		{ "", TRUST_UNKNOWN },
		{ "[1]", TRUST_UNKNOWN },
		{ "{\"Statement\":", TRUST_UNKNOWN },
		{ ONE("7"), TRUST_NO },
		{ LIST("7,null,{\"Effect\":7,\"Principal\":[{}],\"Action\":{}}"), TRUST_NO },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct role_trust t;

		role_trust_judge(rows[i].document, &takers_of_cluster, &t);
		if (t.words[0] != rows[i].word)
			fail_msg("%d for %s", t.words[0], rows[i].document);
		assert_int_equal(role_trust_lacks(&t, &takers_of_cluster), rows[i].word == TRUST_NO);
	}
}

static void who_lets_everybody_in_is_known(void **state)
{
	static const struct {
		const char *document;
		bool anyone;
	} rows[] = {
		{ LIST(ALLOW REDSHIFT TAKE "}"), false },
		{ LIST(ALLOW EVERYBODY TAKE "}"), true },
		{ LIST(ALLOW REDSHIFT TAKE "}," ALLOW "\"Principal\":{\"AWS\":[\"*\"]}," TAKE "}"), true },
		{ LIST(ALLOW EVERYBODY TAKE WHERE "}"), false },
		{ LIST(DENY EVERYBODY TAKE "}"), false },
		{ LIST(ALLOW EVERYBODY "\"Action\":\"sts:TagSession\"}"), false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct role_trust t;

		role_trust_judge(rows[i].document, &takers_of_cluster, &t);
		if (t.anyone != rows[i].anyone)
			fail_msg("%d for %s", t.anyone, rows[i].document);
	}
}

static void each_of_several_is_judged(void **state)
{
	struct role_trust t;

	(void)state;
	role_trust_judge(LIST(ALLOW REDSHIFT TAKE "}"), &takers_of_serverless, &t);
	assert_int_equal(t.words[0], TRUST_NO);
	assert_int_equal(t.words[1], TRUST_YES);
	assert_true(role_trust_lacks(&t, &takers_of_serverless));
}

static void what_is_written_lets_in_those_it_is_for(void **state)
{
	const struct role_takers *all[] = { &takers_of_cluster, &takers_of_serverless, &takers_of_pause };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		struct role_trust t;
		struct buf text;

		buf_init(&text, 4096);
		role_trust_write(all[i], &text);
		role_trust_judge(text.data, all[i], &t);
		for (size_t k = 0; k < all[i]->count; k++)
			assert_int_equal(t.words[k], TRUST_YES);
		assert_false(t.anyone);
		buf_clear(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_tells_whether_redshift_may_take_the_role),
		cmocka_unit_test(who_lets_everybody_in_is_known),
		cmocka_unit_test(each_of_several_is_judged),
		cmocka_unit_test(what_is_written_lets_in_those_it_is_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
