/* What a bucket's policy says: whom it means, what it adds to the callers' own policies, and when it is public. */
#include "sandbox/access/bucket_policy.h"
#include "unit/sandbox/a_world.h"

#define ANN     "arn:aws:iam::123456789012:user/ann"
#define SESSION "arn:aws:sts::123456789012:assumed-role/etl/s"
#define ROOT    "arn:aws:iam::123456789012:root"

static struct json *one(const char *effect, const char *who, const char *more)
{
	char text[1024];
	struct json *doc;
	struct err err;

	snprintf(text, sizeof(text),
		 "{\"Statement\":[{\"Effect\":\"%s\",%s,\"Action\":\"s3:GetObject\","
		 "\"Resource\":\"arn:aws:s3:::b/*\"%s}]}",
		 effect, who, more);
	doc = json_parse(text, strlen(text), &err);
	if (!doc)
		fail_msg("'%s': %s", text, err.text);
	return doc;
}

static void test_it_means_whom_it_names(void **state)
{
	static const struct principal ann = {
		.session_arn = ANN, .own_arn = ANN, .own_id = "AIDAANN", .account = "123456789012"
	};
	static const struct principal etl = { .session_arn = SESSION,
					      .own_arn = "arn:aws:iam::123456789012:role/etl",
					      .own_id = "AROAETL",
					      .account = "123456789012" };
	static const struct principal nobody = { .anonymous = true };
	static const struct {
		const char *who;
		enum principal_named ann, etl, nobody;
	} cases[] = {
		{ "\"Principal\":\"*\"", PRINCIPAL_ANYBODY, PRINCIPAL_ANYBODY, PRINCIPAL_ANYBODY },
		{ "\"Principal\":{\"AWS\":[\"x\",\"*\"]}", PRINCIPAL_ANYBODY, PRINCIPAL_ANYBODY, PRINCIPAL_ANYBODY },
		{ "\"Principal\":{\"AWS\":\"" ROOT "\"}", PRINCIPAL_ACCOUNT, PRINCIPAL_ACCOUNT, PRINCIPAL_NONE },
		{ "\"Principal\":{\"AWS\":\"123456789012\"}", PRINCIPAL_ACCOUNT, PRINCIPAL_ACCOUNT, PRINCIPAL_NONE },
		{ "\"Principal\":{\"AWS\":\"210987654321\"}", PRINCIPAL_NONE, PRINCIPAL_NONE, PRINCIPAL_NONE },
		{ "\"Principal\":{\"AWS\":[\"*\",\"AIDAANN\"]}", PRINCIPAL_OWN, PRINCIPAL_ANYBODY, PRINCIPAL_ANYBODY },
		{ "\"Principal\":{\"AWS\":\"AROAETL\"}", PRINCIPAL_NONE, PRINCIPAL_OWN, PRINCIPAL_NONE },
		{ "\"Principal\":{\"AWS\":\"" SESSION "\"}", PRINCIPAL_NONE, PRINCIPAL_SESSION, PRINCIPAL_NONE },
		{ "\"Principal\":{\"AWS\":\"" SESSION "x\"}", PRINCIPAL_NONE, PRINCIPAL_NONE, PRINCIPAL_NONE },
		{ "\"Principal\":{\"Service\":\"redshift.amazonaws.com\"}", PRINCIPAL_NONE, PRINCIPAL_NONE,
		  PRINCIPAL_NONE },
		{ "\"NotPrincipal\":{\"AWS\":\"AIDAANN\"}", PRINCIPAL_NONE, PRINCIPAL_ANYBODY, PRINCIPAL_ANYBODY },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct json *policy = one("Allow", cases[i].who, "");
		struct bucket_word w;

		bucket_policy_ask(policy, &ann, "s3:GetObject", "arn:aws:s3:::b/k", NULL, &w);
		if (w.denied || w.allowed != cases[i].ann)
			fail_msg("%s: ann gets %d", cases[i].who, w.allowed);
		bucket_policy_ask(policy, &etl, "s3:GetObject", "arn:aws:s3:::b/k", NULL, &w);
		if (w.denied || w.allowed != cases[i].etl)
			fail_msg("%s: etl gets %d", cases[i].who, w.allowed);
		bucket_policy_ask(policy, &nobody, "s3:GetObject", "arn:aws:s3:::b/k", NULL, &w);
		if (w.denied || w.allowed != cases[i].nobody)
			fail_msg("%s: nobody gets %d", cases[i].who, w.allowed);
		bucket_policy_ask(policy, &ann, "s3:PutObject", "arn:aws:s3:::b/k", NULL, &w);
		assert_int_equal(w.allowed, PRINCIPAL_NONE);
		json_free(policy);
	}
}

/* Who is to be left out of a denial is named with his account, and a session with its role. */
static void test_a_denial_leaves_out_who_is_named_wholly(void **state)
{
	static const struct principal etl = { .session_arn = SESSION,
					      .own_arn = "arn:aws:iam::123456789012:role/etl",
					      .own_id = "AROAETL",
					      .account = "123456789012" };
	static const struct {
		const char *who;
		bool denied;
	} cases[] = {
		{ "\"NotPrincipal\":{\"AWS\":\"AROAETL\"}", true },
		{ "\"NotPrincipal\":{\"AWS\":[\"AROAETL\",\"" ROOT "\"]}", true },
		{ "\"NotPrincipal\":{\"AWS\":[\"AROAETL\",\"" ROOT "\",\"" SESSION "\"]}", false },
		{ "\"NotPrincipal\":\"*\"", false },
		{ "\"Principal\":{\"AWS\":\"" ROOT "\"}", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct json *policy = one("Deny", cases[i].who, "");
		struct bucket_word w;

		bucket_policy_ask(policy, &etl, "s3:GetObject", "arn:aws:s3:::b/k", NULL, &w);
		if (w.denied != cases[i].denied)
			fail_msg("%s", cases[i].who);
		json_free(policy);
	}
}

static void test_the_last_word(void **state)
{
	static const struct {
		enum access_decision own, session;
		struct bucket_word bucket;
		enum verdict want;
	} cases[] = {
		{ ACCESS_ALLOWED, ACCESS_ALLOWED, { false, PRINCIPAL_NONE }, VERDICT_ALLOWED },
		{ ACCESS_ALLOWED, ACCESS_ALLOWED, { true, PRINCIPAL_OWN }, VERDICT_BUCKET_DENIES },
		{ ACCESS_EXPLICIT_DENY, ACCESS_ALLOWED, { false, PRINCIPAL_SESSION }, VERDICT_IDENTITY_DENIES },
		{ ACCESS_IMPLICIT_DENY, ACCESS_ALLOWED, { false, PRINCIPAL_NONE }, VERDICT_IDENTITY_SILENT },
		{ ACCESS_IMPLICIT_DENY, ACCESS_ALLOWED, { false, PRINCIPAL_ACCOUNT }, VERDICT_IDENTITY_SILENT },
		{ ACCESS_IMPLICIT_DENY, ACCESS_ALLOWED, { false, PRINCIPAL_ANYBODY }, VERDICT_ALLOWED },
		{ ACCESS_IMPLICIT_DENY, ACCESS_ALLOWED, { false, PRINCIPAL_OWN }, VERDICT_ALLOWED },
		{ ACCESS_IMPLICIT_DENY, ACCESS_IMPLICIT_DENY, { false, PRINCIPAL_OWN }, VERDICT_SESSION_SILENT },
		{ ACCESS_IMPLICIT_DENY, ACCESS_IMPLICIT_DENY, { false, PRINCIPAL_SESSION }, VERDICT_ALLOWED },
		{ ACCESS_ALLOWED, ACCESS_EXPLICIT_DENY, { false, PRINCIPAL_SESSION }, VERDICT_SESSION_DENIES },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (access_verdict(cases[i].own, cases[i].session, &cases[i].bucket) != cases[i].want)
			fail_msg("case %zu", i);
}

static void test_what_is_public(void **state)
{
	static const struct {
		const char *who, *condition;
		bool want;
	} cases[] = {
		{ "\"Principal\":\"*\"", "", true },
		{ "\"Principal\":{\"AWS\":[\"a\",\"*\"]}", "", true },
		{ "\"Principal\":{\"AWS\":\"" ANN "\"}", "", false },
		{ "\"NotPrincipal\":{\"AWS\":\"" ANN "\"}", "", true },
		{ "\"Principal\":\"*\"", ",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":\"10.1.0.0/16\"}}", false },
		{ "\"Principal\":\"*\"", ",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":[\"10.1.0.0/16\",\"::/0\"]}}",
		  true },
		{ "\"Principal\":\"*\"", ",\"Condition\":{\"IpAddressIfExists\":{\"aws:SourceIp\":\"10.1.0.0/16\"}}",
		  true },
		{ "\"Principal\":\"*\"", ",\"Condition\":{\"StringLike\":{\"aws:userid\":\"AROA1234567890ABCDEFG:*\"}}",
		  false },
		{ "\"Principal\":\"*\"", ",\"Condition\":{\"StringLike\":{\"aws:userid\":\"AROA*\"}}", true },
		{ "\"Principal\":\"*\"", ",\"Condition\":{\"StringEquals\":{\"aws:SourceVpc\":\"vpc-1\"}}", false },
		{ "\"Principal\":\"*\"", ",\"Condition\":{\"StringEquals\":{\"aws:SourceVpc\":\"${aws:username}\"}}",
		  true },
		{ "\"Principal\":\"*\"", ",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"true\"}}", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct json *allow = one("Allow", cases[i].who, cases[i].condition);
		struct json *deny = one("Deny", cases[i].who, cases[i].condition);

		if (bucket_policy_is_public(allow) != cases[i].want)
			fail_msg("%s%s", cases[i].who, cases[i].condition);
		assert_false(bucket_policy_is_public(deny));
		json_free(allow);
		json_free(deny);
	}
}

static void test_a_resources_bucket(void **state)
{
	static const struct {
		const char *arn, *bucket;
	} cases[] = {
		{ "arn:aws:s3:::b", "b" },
		{ "arn:aws-cn:s3:::b.c/k/s3:::x", "b.c" },
		{ "arn:aws:s3:::", NULL },
		{ "arn:aws:iam::123456789012:role/x", NULL },
		{ "*", NULL },
		{ "arn:aws:s3:::0123456789012345678901234567890123456789012345678901234567890123/k", NULL },
	};
	char bucket[64];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		bool found = bucket_of_resource(cases[i].arn, bucket);

		assert_int_equal(found, cases[i].bucket != NULL);
		if (found)
			assert_string_equal(bucket, cases[i].bucket);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_means_whom_it_names),
		cmocka_unit_test(test_a_denial_leaves_out_who_is_named_wholly),
		cmocka_unit_test(test_the_last_word),
		cmocka_unit_test(test_what_is_public),
		cmocka_unit_test(test_a_resources_bucket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
