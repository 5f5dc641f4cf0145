#include "sandbox/access/cidr.h"
#include "sandbox/access/glob.h"
#include "sandbox/access/policy.h"
#include "unit/sandbox/a_world.h"

static struct json *parse(const char *text)
{
	struct err err;
	struct json *j = json_parse(text, strlen(text), &err);

	if (!j)
		fail_msg("'%s': %s", text, err.text);
	return j;
}

#define ALLOW(rest) "{\"Statement\":[{\"Effect\":\"Allow\"," rest "}]}"
#define DENY(rest) \
	"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"},{\"Effect\":\"Deny\"," rest "}]}"

static void test_stars_and_question_marks(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool match;
	} cases[] = {
		{ "", "", true },
		{ "*", "", true },
		{ "?", "", false },
		{ "a*b*c", "aXbXbXc", true },
		{ "a*b*c", "aXbXbX", false },
		{ "*abc", "ababc", true },
		{ "s3:Get*", "s3:GetObject", true },
		{ "s3:Get*", "s3:PutObject", false },
		{ "?x", "\xC3\xA9x", true },
		{ "a?c", "abbc", false },
		{ "**", "x", true },
		{ "\x01*", "*", true },
		{ "\x01*", "x", false },
		{ "S3:GET*", "s3:getobject", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (glob_match(cases[i].pattern, cases[i].text, false) != cases[i].match)
			fail_msg("'%s' and '%s'", cases[i].pattern, cases[i].text);
	assert_true(glob_match("S3:GET*", "s3:getobject", true));
}

static void test_decisions(void **state)
{
	static const struct {
		const char *policy, *action, *resource;
		enum access_decision want;
	} cases[] = {
		{ ALLOW("\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::b/*\""), "s3:GetObject",
		  "arn:aws:s3:::b/k", ACCESS_ALLOWED },
		{ ALLOW("\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::b/*\""), "s3:GetObject",
		  "arn:aws:s3:::c/k", ACCESS_IMPLICIT_DENY },
		{ ALLOW("\"Action\":\"S3:getobject\",\"Resource\":\"*\""), "s3:GetObject", "x", ACCESS_ALLOWED },
		{ ALLOW("\"Action\":[\"ec2:*\",\"s3:Get*\",\"s3:List*\"],\"Resource\":\"*\""), "s3:ListBucket", "x",
		  ACCESS_ALLOWED },
		{ ALLOW("\"Action\":[\"s3:Get*\"],\"Resource\":\"*\""), "s3:PutObject", "x", ACCESS_IMPLICIT_DENY },
		{ ALLOW("\"NotAction\":\"iam:*\",\"Resource\":\"*\""), "s3:PutObject", "x", ACCESS_ALLOWED },
		{ ALLOW("\"NotAction\":\"iam:*\",\"Resource\":\"*\""), "iam:GetRole", "x", ACCESS_IMPLICIT_DENY },
		{ ALLOW("\"Action\":\"*\",\"NotResource\":[\"arn:a\",\"arn:b*\"]"), "s3:X", "arn:bcd",
		  ACCESS_IMPLICIT_DENY },
		{ ALLOW("\"Action\":\"*\",\"NotResource\":[\"arn:a\",\"arn:b*\"]"), "s3:X", "arn:c", ACCESS_ALLOWED },
		{ ALLOW("\"Action\":\"*\""), "s3:X", "arn:c", ACCESS_IMPLICIT_DENY },
		{ DENY("\"Action\":\"s3:*\",\"Resource\":\"arn:secret*\""), "s3:GetObject", "arn:secret/1",
		  ACCESS_EXPLICIT_DENY },
		{ DENY("\"Action\":\"s3:*\",\"Resource\":\"arn:secret*\""), "s3:GetObject", "arn:open",
		  ACCESS_ALLOWED },
		{ "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"a:b\",\"Resource\":\"*\"}}", "a:b", "x",
		  ACCESS_ALLOWED },
		{ "{\"Statement\":{\"Effect\":\"allow\",\"Action\":\"a:b\",\"Resource\":\"*\"}}", "a:b", "x",
		  ACCESS_IMPLICIT_DENY },
		{ "{}", "a:b", "x", ACCESS_IMPLICIT_DENY },
		{ "[]", "a:b", "x", ACCESS_IMPLICIT_DENY },
		/* An operator that nobody knows: it allows nothing and denies everything. */
		{ ALLOW("\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"MoonPhase\":{\"k\":\"full\"}}"), "a:b",
		  "x", ACCESS_IMPLICIT_DENY },
		{ DENY("\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"MoonPhase\":{\"k\":\"full\"}}"), "a:b",
		  "x", ACCESS_EXPLICIT_DENY },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct json *policy = parse(cases[i].policy);
		enum access_decision got = access_evaluate(policy, cases[i].action, cases[i].resource, NULL);

		if (got != cases[i].want)
			fail_msg("case %zu: %s: %d", i, cases[i].policy, (int)got);
		json_free(policy);
	}
}

#define CONTEXT                                                                                                        \
	"{\"aws:username\":\"ann\",\"aws:SourceIp\":\"10.1.2.3\",\"aws:SecureTransport\":\"true\",\"s3:max-keys\":10," \
	"\"aws:CurrentTime\":\"2026-11-21T10:00:00Z\",\"aws:SourceArn\":\"arn:aws:s3:us-west-2:1:b/k\","               \
	"\"aws:TagKeys\":[\"a\",\"b\"],\"flag\":true,\"empty\":\"\",\"star\":\"*\"}"

static void test_conditions(void **state)
{
	static const struct {
		const char *condition;
		bool holds;
	} cases[] = {
		{ "{\"StringEquals\":{\"aws:username\":\"ann\"}}", true },
		{ "{\"StringEquals\":{\"AWS:UserName\":[\"bob\",\"ann\"]}}", true },
		{ "{\"StringEquals\":{\"aws:username\":\"ANN\"}}", false },
		{ "{\"stringequalsignorecase\":{\"aws:username\":\"ANN\"}}", true },
		{ "{\"StringEquals\":{\"aws:username\":\"a*\"}}", false },
		{ "{\"StringLike\":{\"aws:username\":\"a*\"}}", true },
		{ "{\"StringNotLike\":{\"aws:username\":[\"x*\",\"a*\"]}}", false },
		{ "{\"StringNotEquals\":{\"aws:username\":\"bob\"}}", true },
		{ "{\"StringNotEquals\":{\"aws:username\":[\"bob\",\"ann\"]}}", false },
		{ "{\"StringEquals\":{\"absent\":\"x\"}}", false },
		{ "{\"StringNotEquals\":{\"absent\":\"x\"}}", true },
		{ "{\"StringEqualsIfExists\":{\"absent\":\"x\"}}", true },
		{ "{\"StringEqualsIfExists\":{\"aws:username\":\"x\"}}", false },
		{ "{\"Null\":{\"absent\":\"true\"}}", true },
		{ "{\"Null\":{\"aws:username\":true}}", false },
		{ "{\"Null\":{\"aws:username\":\"false\"}}", true },
		{ "{\"IpAddress\":{\"aws:SourceIp\":[\"192.168.0.0/16\",\"10.0.0.0/8\"]}}", true },
		{ "{\"IpAddress\":{\"aws:SourceIp\":\"10.1.2.4\"}}", false },
		{ "{\"NotIpAddress\":{\"aws:SourceIp\":\"10.0.0.0/8\"}}", false },
		{ "{\"NotIpAddress\":{\"aws:SourceIp\":\"2001:db8::/32\"}}", true },
		{ "{\"Bool\":{\"aws:SecureTransport\":\"true\"}}", true },
		{ "{\"Bool\":{\"aws:SecureTransport\":false}}", false },
		{ "{\"Bool\":{\"flag\":\"true\"}}", true },
		{ "{\"NumericLessThanEquals\":{\"s3:max-keys\":\"10\"}}", true },
		{ "{\"NumericLessThan\":{\"s3:max-keys\":10}}", false },
		{ "{\"NumericGreaterThan\":{\"s3:max-keys\":9.5}}", true },
		{ "{\"NumericGreaterThanEquals\":{\"s3:max-keys\":\"11\"}}", false },
		{ "{\"NumericEquals\":{\"s3:max-keys\":\"10.0\"}}", true },
		{ "{\"NumericNotEquals\":{\"s3:max-keys\":\"10\"}}", false },
		{ "{\"NumericEquals\":{\"aws:username\":\"10\"}}", false },
		{ "{\"DateLessThan\":{\"aws:CurrentTime\":\"2026-11-21T10:00:01Z\"}}", true },
		{ "{\"DateGreaterThan\":{\"aws:CurrentTime\":\"2026-11-21T10:00:01Z\"}}", false },
		{ "{\"DateGreaterThanEquals\":{\"aws:CurrentTime\":\"2026-11-21T10:00:00Z\"}}", true },
		{ "{\"DateEquals\":{\"aws:CurrentTime\":1795255200}}", true },
		{ "{\"ArnLike\":{\"aws:SourceArn\":\"arn:aws:s3:*:1:b/*\"}}", true },
		{ "{\"ArnLike\":{\"aws:SourceArn\":\"arn:*:b/k\"}}", false },
		{ "{\"ArnNotEquals\":{\"aws:SourceArn\":\"arn:aws:s3:*:2:*\"}}", true },
		{ "{\"StringLike\":{\"aws:SourceArn\":\"*/${aws:username}\"}}", false },
		{ "{\"StringEquals\":{\"aws:username\":\"${aws:username}\"}}", true },
		{ "{\"StringLike\":{\"aws:username\":\"${star}\"}}", false },
		{ "{\"StringEquals\":{\"star\":\"${*}\"}}", true },
		{ "{\"StringEquals\":{\"aws:username\":\"${absent, 'ann'}\"}}", true },
		{ "{\"StringEquals\":{\"aws:username\":\"${absent}\"}}", false },
		{ "{\"ForAllValues:StringEquals\":{\"aws:TagKeys\":[\"a\",\"b\",\"c\"]}}", true },
		{ "{\"ForAllValues:StringEquals\":{\"aws:TagKeys\":[\"a\"]}}", false },
		{ "{\"ForAnyValue:StringEquals\":{\"aws:TagKeys\":[\"b\"]}}", true },
		{ "{\"ForAnyValue:StringEquals\":{\"absent\":[\"b\"]}}", false },
		{ "{\"ForAllValues:StringEquals\":{\"absent\":[\"b\"]}}", true },
		{ "{\"StringEquals\":{\"aws:username\":\"ann\"},\"Bool\":{\"flag\":\"false\"}}", false },
		{ "{\"StringEquals\":{\"aws:username\":\"ann\",\"star\":\"x\"}}", false },
		{ "{\"StringEquals\":\"ann\"}", false },
	};
	struct json *context = parse(CONTEXT);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct json *c = parse(cases[i].condition);

		if ((policy_condition(c, context) == POLICY_TRUE) != cases[i].holds)
			fail_msg("%s", cases[i].condition);
		json_free(c);
	}
	json_free(context);
}

#define TRUST(effect, principal, more)                                                                   \
	"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"" effect "\",\"Principal\":" principal \
	",\"Action\":\"sts:AssumeRole\"" more "}]}"

static void test_who_may_take_a_role(void **state)
{
	static const struct {
		const char *trust;
		bool trusted;
	} cases[] = {
		{ TRUST("Allow", "{\"Service\":\"redshift.amazonaws.com\"}", ""), true },
		{ TRUST("Allow", "{\"Service\":[\"ec2.amazonaws.com\",\"redshift.amazonaws.com\"]}", ""), true },
		{ TRUST("Allow", "{\"Service\":\"ec2.amazonaws.com\"}", ""), false },
		{ TRUST("Allow", "{\"AWS\":\"*\"}", ""), false },
		{ TRUST("Deny", "{\"Service\":\"redshift.amazonaws.com\"}", ""), false },
		{ TRUST("Allow", "{\"Service\":\"redshift.amazonaws.com\"}",
			",\"Condition\":{\"StringEquals\":{\"aws:SourceAccount\":\"1\"}}"),
		  false },
		{ "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"redshift.amazonaws.com\"},"
		  "\"Action\":[\"sts:AssumeRole\"]}}",
		  true },
		{ "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"redshift.amazonaws.com\"},"
		  "\"Action\":\"sts:TagSession\"}}",
		  false },
		{ "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"redshift.amazonaws.com\"},"
		  "\"Action\":"
		  "\"sts:*\"},{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sts:AssumeRole\"}]}",
		  false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct json *trust = parse(cases[i].trust);

		if (access_trusts_service(trust, "redshift.amazonaws.com") != cases[i].trusted)
			fail_msg("%s", cases[i].trust);
		json_free(trust);
	}
}

#define ROLE_ARN "arn:aws:iam::123456789012:role/dwhRole"

static void test_a_role_may_what_its_policies_together_allow(void **state)
{
	struct a_world a;
	enum access_decision d;
	struct err err;
	bool trusted;

	(void)state;
	a_world_open(&a);
	a_world_put(&a, "iam:role", "dwhrole",
		    "{\"name\":\"dwhRole\",\"arn\":\"" ROLE_ARN
		    "\",\"attached\":[\"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess\"],\"inline\":{\"no\":"
		    "\"{\\\"Statement\\\":{\\\"Effect\\\":\\\"Deny\\\",\\\"Action\\\":\\\"s3:*\\\",\\\"Resource\\\":"
		    "\\\"arn:aws:s3:::private/*\\\"}}\"},\"trust\":\"{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\","
		    "\\\"Principal\\\":{\\\"Service\\\":\\\"redshift.amazonaws.com\\\"},\\\"Action\\\":"
		    "\\\"sts:AssumeRole\\\",\\\"Condition\\\":{\\\"StringEquals\\\":{\\\"aws:SourceAccount\\\":"
		    "\\\"123456789012\\\"}}}}\"}");
	assert_int_equal(access_role(&a.world, ROLE_ARN, "s3:GetObject", "arn:aws:s3:::b/k", NULL, &d, &err), 0);
	assert_int_equal(d, ACCESS_ALLOWED);
	assert_int_equal(access_role(&a.world, ROLE_ARN, "s3:PutObject", "arn:aws:s3:::b/k", NULL, &d, &err), 0);
	assert_int_equal(d, ACCESS_IMPLICIT_DENY);
	assert_int_equal(access_role(&a.world, ROLE_ARN, "s3:GetObject", "arn:aws:s3:::private/k", NULL, &d, &err), 0);
	assert_int_equal(d, ACCESS_EXPLICIT_DENY);
	assert_int_equal(access_role_trusts(&a.world, ROLE_ARN, "redshift.amazonaws.com", &trusted, &err), 0);
	assert_true(trusted);
	assert_int_equal(access_role_trusts(&a.world, ROLE_ARN, "ec2.amazonaws.com", &trusted, &err), 0);
	assert_false(trusted);
	assert_int_equal(access_role(&a.world, ROLE_ARN "x", "s3:GetObject", "x", NULL, &d, &err), -1);
	assert_string_equal(err.code, "NoSuchEntity");
	assert_int_equal(access_role_trusts(&a.world, "arn:aws:iam::999999999999:role/dwhRole",
					    "redshift.amazonaws.com", &trusted, &err),
			 -1);
	assert_string_equal(err.code, "NoSuchEntity");
	a_world_close(&a);
}

static void test_documents_that_iam_refuses(void **state)
{
	static const struct {
		bool trust;
		const char *text, *message; /* NULL: fine */
	} cases[] = {
		{ true, TRUST("Allow", "{\"Service\":\"redshift.amazonaws.com\"}", ""), NULL },
		{ true, TRUST("Allow", "\"*\"", ""), NULL },
		{ true, TRUST("Allow", "{\"AWS\":\"123456789012\"}", ""), NULL },
		{ true, TRUST("Allow", "{}", ""), "Missing required field Principal cannot be empty!" },
		{ true, TRUST("Allow", "{\"Service\":\"redshift\"}", ""),
		  "Invalid principal in policy: \"Service\":\"redshift\"" },
		{ true, TRUST("Allow", "{\"Robot\":\"x\"}", ""), "Invalid principal in policy: \"Robot\"" },
		{ true, TRUST("Maybe", "\"*\"", ""), "Invalid effect: Maybe" },
		{ true, TRUST("Allow", "\"*\"", ",\"Resource\":\"*\""), "Has prohibited field Resource" },
		{ true, TRUST("Allow", "\"*\"", ",\"Colour\":\"red\""), "Syntax errors in policy." },
		{ true, "{\"Statement\":[]}", "Syntax errors in policy." },
		{ true, "{\"Version\":\"2030-01-01\",\"Statement\":[]}",
		  "Policy document must be version 2012-10-17 or greater." },
		{ true, "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:Get\"}}",
		  "AssumeRole policy may only specify STS AssumeRole actions." },
		{ true, "not json", "This policy contains invalid Json" },
		{ true, "{\"a\":1,\"a\":1}", "This policy contains invalid Json" },
		{ false, ALLOW("\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::b\""), NULL },
		{ false, ALLOW("\"Action\":\"*\",\"Resource\":[\"*\"]"), NULL },
		{ false, ALLOW("\"Action\":\"s3:*\""), "Policy statement must contain resources." },
		{ false, ALLOW("\"Resource\":\"*\""), "Policy statement must contain actions." },
		{ false, ALLOW("\"Action\":\"GetObject\",\"Resource\":\"*\""),
		  "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc." },
		{ false, ALLOW("\"Action\":\"s3:*\",\"Resource\":\"bucket\""),
		  "Resource must be in ARN format or \"*\"." },
		{ false, ALLOW("\"Action\":\"s3:*\",\"Resource\":\"*\",\"Principal\":\"*\""),
		  "Policy document should not specify a principal." },
		{ false, ALLOW("\"Action\":5,\"Resource\":\"*\""), "Syntax errors in policy." },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct err err;
		int rc = cases[i].trust ? policy_check_trust(cases[i].text, &err)
					: policy_check_identity(cases[i].text, &err);

		if (!cases[i].message) {
			assert_int_equal(rc, 0);
			continue;
		}
		assert_int_equal(rc, -1);
		assert_string_equal(err.text, cases[i].message);
		assert_string_equal(err.code, "MalformedPolicyDocument");
	}
}

static void test_networks(void **state)
{
	static const struct {
		const char *network, *address;
		bool inside;
	} cases[] = {
		{ "10.0.0.0/8", "10.255.0.1", true },
		{ "10.0.0.0/8", "11.0.0.1", false },
		{ "0.0.0.0/0", "1.2.3.4", true },
		{ "1.2.3.4/32", "1.2.3.4", true },
		{ "1.2.3.4/31", "1.2.3.5", true },
		{ "1.2.3.4/31", "1.2.3.6", false },
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
		{ "::/0", "1.2.3.4", false },
	};
	static const char *const bad[] = { "",          "10.0.0/8",    "10.0.0.0",    "10.0.0.0/33",
					   "10.0.0.0/", "10.0.0.0/ 8", "10.0.0.0/8x", "a/8",
					   "::/129" };
	struct cidr n, a;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_true(cidr_parse(cases[i].network, false, &n));
		assert_true(cidr_parse(cases[i].address, true, &a));
		assert_int_equal(cidr_contains(&n, &a), cases[i].inside);
	}
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (cidr_parse(bad[i], false, &n))
			fail_msg("'%s' was accepted", bad[i]);
}

static void test_groups_let_in_whom_their_rules_name(void **state)
{
	struct a_world a;
	struct json *cluster =
		parse("{\"region\":\"us-west-2\",\"vpcSecurityGroupIds\":[\"sg-1\",\"sg-2\",\"sg-gone\"]}");
	struct json *other = parse("{\"region\":\"us-east-1\",\"vpcSecurityGroupIds\":[\"sg-1\"]}");

	(void)state;
	a_world_open(&a);
	a_world_put(&a, "ec2:security-group", "us-west-2/sg-1",
		    "{\"rules\":[{\"egress\":true,\"protocol\":\"-1\",\"cidr\":\"0.0.0.0/0\"},{\"egress\":false,"
		    "\"protocol\":\"-1\",\"groupId\":\"sg-1\"}]}");
	a_world_put(&a, "ec2:security-group", "us-west-2/sg-2", "{\"rules\":[]}");
	assert_false(access_ingress_allows(&a.world, cluster, "127.0.0.1", 5439));
	a_world_put(&a, "ec2:security-group", "us-west-2/sg-2",
		    "{\"rules\":[{\"egress\":false,\"protocol\":\"tcp\",\"fromPort\":5439,\"toPort\":5440,\"cidr\":"
		    "\"127.0.0.1/32\"},{\"egress\":false,\"protocol\":\"udp\",\"fromPort\":0,\"toPort\":65535,\"cidr\":"
		    "\"0.0.0.0/0\"}]}");
	assert_true(access_ingress_allows(&a.world, cluster, "127.0.0.1", 5439));
	assert_true(access_ingress_allows(&a.world, cluster, "127.0.0.1", 5440));
	assert_true(access_ingress_allows(&a.world, cluster, "::1", 5439));
	assert_true(access_ingress_allows(&a.world, cluster, "::ffff:127.0.0.1", 5439));
	assert_false(access_ingress_allows(&a.world, cluster, "127.0.0.1", 5441));
	assert_false(access_ingress_allows(&a.world, cluster, "127.0.0.2", 5439));
	assert_false(access_ingress_allows(&a.world, cluster, "nonsense", 5439));
	assert_false(access_ingress_allows(&a.world, other, "127.0.0.1", 5439));
	json_free(cluster);
	json_free(other);
	a_world_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stars_and_question_marks),
		cmocka_unit_test(test_decisions),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_who_may_take_a_role),
		cmocka_unit_test(test_a_role_may_what_its_policies_together_allow),
		cmocka_unit_test(test_documents_that_iam_refuses),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_groups_let_in_whom_their_rules_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
