/* What callers may do: whose policies count, which resources a call takes, how a refusal is worded. */
#include "spark/base/url.h"
#include "unit/sandbox/a_world.h"

#define USER_ARN "arn:aws:iam::123456789012:user/ana"
#define USER     "{\"name\":\"ana\",\"path\":\"/\",\"userId\":\"AIDA1\",\"arn\":\"" USER_ARN "\","
#define ROLE                                                                                     \
	"{\"name\":\"etl\",\"path\":\"/\",\"id\":\"AROA1\",\"arn\":\"arn:aws:iam::123456789012:" \
	"role/etl\",\"tags\":{\"team\":\"data\"},"
#define ALLOW(action, resource) \
	"{\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":\\\"" action "\\\",\\\"Resource\\\":\\\"" resource "\\\"}"
#define POLICY(statements) "\"inline\":{\"p\":\"{\\\"Statement\\\":[" statements "]}\"}}"

struct fixture {
	struct a_world a;
	struct caller who;
	struct err err;
};

static void open_fixture(struct fixture *f, const char *user)
{
	memset(f, 0, sizeof(*f));
	a_world_open(&f->a);
	f->a.now_ms = 1700000000000;
	if (user)
		a_world_put(&f->a, "iam:user", "ana", user);
	f->who = (struct caller){ .account = "123456789012",
				  .arn = USER_ARN,
				  .user_id = "AIDA1",
				  .service = "iam",
				  .region = "us-west-2",
				  .source_ip = "127.0.0.1" };
}

static bool may(struct fixture *f, const char *action, const char *resource)
{
	err_clear(&f->err);
	return access_authorize(&f->a.world, &f->who, action, resource, NULL, &f->err) == 0;
}

/* A whole call, given as its form. */
static bool may_call(struct fixture *f, const struct service *s, const char *form)
{
	struct http_request r = { .method = "POST", .target = "/", .query = form };
	struct params *p = NULL;
	int rc;

	err_clear(&f->err);
	snprintf(f->who.service, sizeof(f->who.service), "%s", s->name);
	assert_int_equal(params_parse(&r, &p, &f->err), 0);
	rc = access_authorize_call(&f->a.world, s, &f->who, params_get(p, "Action"), p, &f->err);
	params_free(p);
	return rc == 0;
}

static void test_silence_is_a_refusal_in_each_services_words(void **state)
{
	static const struct {
		const char *service, *code;
		int status;
		const char *text;
	} cases[] = {
		{ "iam", "AccessDenied", 403,
		  "User: " USER_ARN " is not authorized to perform: x:Do on resource: arn:r because no identity-based "
		  "policy allows the x:Do action" },
		{ "ec2", "UnauthorizedOperation", 403,
		  "You are not authorized to perform this operation. User: " USER_ARN
		  " is not authorized to perform: x:Do on resource: arn:r because no identity-based policy allows the "
		  "x:Do action" },
		{ "s3", "AccessDenied", 403,
		  "User: " USER_ARN " is not authorized to perform: x:Do on resource: \"arn:r\" because no "
		  "identity-based policy allows the x:Do action" },
		{ "redshift-data", "AccessDeniedException", 400,
		  "User: " USER_ARN " is not authorized to perform: x:Do on resource: arn:r because no identity-based "
		  "policy allows the x:Do action" },
	};
	struct fixture f;

	(void)state;
	open_fixture(&f, USER "\"created\":\"\"}");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		snprintf(f.who.service, sizeof(f.who.service), "%s", cases[i].service);
		assert_false(may(&f, "x:Do", "arn:r"));
		assert_string_equal(f.err.code, cases[i].code);
		assert_int_equal(f.err.http_status, cases[i].status);
		assert_string_equal(f.err.text, cases[i].text);
	}
	/* Who he is may be asked by everybody. */
	assert_true(may(&f, "sts:GetCallerIdentity", "*"));
	a_world_close(&f.a);
}

static void test_all_policies_of_a_user_count(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f,
		     USER "\"attached\":[\"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess\","
			  "\"arn:aws:iam::123456789012:policy/own\"],\"groups\":[\"g\"]," POLICY(ALLOW("a:One", "*")));
	a_world_put(&f.a, "iam:policy", "own",
		    "{\"arn\":\"arn:aws:iam::123456789012:policy/own\",\"defaultVersion\":\"v2\",\"versions\":["
		    "{\"id\":\"v1\",\"document\":\"{\\\"Statement\\\":[" ALLOW(
			    "a:Old", "*") "]}\"},"
					  "{\"id\":\"v2\",\"document\":\"{\\\"Statement\\\":[" ALLOW("a:New",
												     "*") "]}\"}]}");
	a_world_put(&f.a, "iam:group", "g", "{\"name\":\"g\"," POLICY(ALLOW("a:Group", "*")));
	assert_true(may(&f, "a:One", "*"));
	assert_true(may(&f, "A:one", "*"));
	assert_true(may(&f, "s3:GetObject", "arn:aws:s3:::b/k"));
	assert_true(may(&f, "a:New", "*"));
	assert_true(may(&f, "a:Group", "*"));
	assert_false(may(&f, "a:Old", "*"));
	assert_false(may(&f, "s3:PutObject", "arn:aws:s3:::b/k"));
	/* Somebody of the same name who was made later is somebody else. */
	snprintf(f.who.user_id, sizeof(f.who.user_id), "AIDA2");
	assert_false(may(&f, "a:One", "*"));
	a_world_close(&f.a);
}

static void test_a_session_may_what_role_and_session_policies_allow(void **state)
{
	static const char role[] = ROLE POLICY(ALLOW("a:*", "*"));
	struct fixture f;

	(void)state;
	open_fixture(&f, NULL);
	a_world_put(&f.a, "iam:role", "etl", role);
	a_world_put(&f.a, "iam:access-key", "ASIA1",
		    "{\"token\":\"t\",\"sessionPolicies\":[\"{\\\"Statement\\\":[" ALLOW("a:One", "*") "," ALLOW(
			    "b:One", "*") "]}\"]}");
	f.who = (struct caller){ .account = "123456789012",
				 .arn = "arn:aws:sts::123456789012:assumed-role/etl/night",
				 .user_id = "AROA1:night",
				 .access_key_id = "ASIA2",
				 .service = "iam",
				 .session = true };
	a_world_put(&f.a, "iam:access-key", "ASIA2", "{\"token\":\"t\"}");
	assert_true(may(&f, "a:One", "*"));
	assert_true(may(&f, "a:Two", "*"));
	snprintf(f.who.access_key_id, sizeof(f.who.access_key_id), "ASIA1");
	assert_true(may(&f, "a:One", "*"));
	assert_false(may(&f, "a:Two", "*"));
	assert_non_null(strstr(f.err.text, "because no session policy allows the a:Two action"));
	assert_false(may(&f, "b:One", "*"));
	assert_non_null(strstr(f.err.text, "because no identity-based policy allows the b:One action"));
	/* The role was deleted and made anew. */
	snprintf(f.who.user_id, sizeof(f.who.user_id), "AROA2:night");
	assert_false(may(&f, "a:One", "*"));
	a_world_close(&f.a);
}

static void test_calls_are_checked_against_what_they_are_about(void **state)
{
	static const struct {
		const struct service *service;
		const char *form, *resource;
	} cases[] = {
		{ &service_iam, "Action=CreateRole&RoleName=r&Path=/a/", "arn:aws:iam::123456789012:role/a/r" },
		{ &service_iam, "Action=GetRole&RoleName=ETL", "arn:aws:iam::123456789012:role/etl" },
		{ &service_iam, "Action=GetUser", USER_ARN },
		{ &service_iam, "Action=ListRoles", "arn:aws:iam::123456789012:role/" },
		{ &service_iam, "Action=GetPolicy&PolicyArn=arn:aws:iam::aws:policy/x", "arn:aws:iam::aws:policy/x" },
		{ &service_iam, "Action=UpdateAccessKey&AccessKeyId=AKIA1", "arn:aws:iam::123456789012:user/bob" },
		{ &service_ec2, "Action=DescribeVpcs", "*" },
		{ &service_ec2, "Action=DeleteVpc&VpcId=vpc-1", "arn:aws:ec2:us-west-2:123456789012:vpc/vpc-1" },
		{ &service_ec2, "Action=AuthorizeSecurityGroupIngress&GroupId=sg-1",
		  "arn:aws:ec2:us-west-2:123456789012:security-group/sg-1" },
		{ &service_ec2, "Action=CreateTags&ResourceId.1=rtb-1",
		  "arn:aws:ec2:us-west-2:123456789012:route-table/rtb-1" },
		{ &service_redshift, "Action=DeleteCluster&ClusterIdentifier=Music",
		  "arn:aws:redshift:us-west-2:123456789012:cluster:music" },
		{ &service_redshift, "Action=DescribeClusters", "arn:aws:redshift:us-west-2:123456789012:cluster:*" },
		{ &service_redshift, "Action=CreateClusterSubnetGroup&ClusterSubnetGroupName=G",
		  "arn:aws:redshift:us-west-2:123456789012:subnetgroup:g" },
		{ &service_redshift, "Action=DeleteClusterSnapshot&SnapshotIdentifier=s",
		  "arn:aws:redshift:us-west-2:123456789012:snapshot:*/s" },
		{ &service_redshift, "Action=GetClusterCredentials&ClusterIdentifier=c&DbUser=U",
		  "arn:aws:redshift:us-west-2:123456789012:dbuser:c/U" },
		{ &service_redshift, "Action=DescribeOrderableClusterOptions", "*" },
		{ &service_sts, "Action=GetAccessKeyInfo&AccessKeyId=AKIA1", "*" },
	};
	struct fixture f;
	char want[256];

	(void)state;
	open_fixture(&f, USER "\"created\":\"\"}");
	a_world_put(&f.a, "iam:role", "etl", ROLE "\"created\":\"\"}");
	a_world_put(&f.a, "iam:access-key", "AKIA1", "{\"userName\":\"bob\"}");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		if (may_call(&f, cases[i].service, cases[i].form))
			fail_msg("%s: allowed", cases[i].form);
		snprintf(want, sizeof(want), "on resource: %s because", cases[i].resource);
		if (!strstr(f.err.text, want))
			fail_msg("%s: '%s' is not in '%s'", cases[i].form, want, f.err.text);
	}
	a_world_close(&f.a);
}

static void test_each_resource_of_a_call_must_be_allowed(void **state)
{
	static const char form[] = "Action=CreateSecurityGroup&GroupName=g&VpcId=vpc-1";
	static const char vpc_only[] = USER POLICY(ALLOW("ec2:*", "arn:aws:ec2:*:*:vpc/*"));
	static const char both[] = USER POLICY(
		ALLOW("ec2:*", "arn:aws:ec2:*:*:vpc/*") "," ALLOW("ec2:*", "arn:aws:ec2:*:*:security-group/*"));
	struct fixture f;

	(void)state;
	open_fixture(&f, vpc_only);
	assert_false(may_call(&f, &service_ec2, form));
	a_world_put(&f.a, "iam:user", "ana", both);
	assert_true(may_call(&f, &service_ec2, form));
	a_world_close(&f.a);
}

static void test_tags_of_requests_and_resources_are_condition_keys(void **state)
{
	static const char user[] =
		USER "\"inline\":{\"p\":\"{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":[\\\"iam:*"
		     "\\\",\\\"ec2:*\\\",\\\"redshift:Delete*\\\"],"
		     "\\\"Resource\\\":\\\"*\\\",\\\"Condition\\\":{\\\"StringEquals\\\":{\\\"aws:ResourceTag/"
		     "team\\\":\\\"data\\\"}}}}\","
		     "\"q\":\"{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":\\\"redshift:*\\\","
		     "\\\"Resource\\\":\\\"*\\\",\\\"Condition\\\":{\\\"StringEquals\\\":{\\\"aws:RequestTag/"
		     "team\\\":\\\"data\\\"}}}}\"}}";
	struct fixture f;

	(void)state;
	open_fixture(&f, user);
	a_world_put(&f.a, "iam:role", "etl", ROLE "\"created\":\"\"}");
	a_world_put(&f.a, "redshift:subnet-group", "us-west-2/inner", "{\"tags\":{\"team\":\"data\"}}");
	a_world_put(&f.a, "redshift:snapshot", "us-west-2/nightly", "{\"tags\":{\"team\":\"data\"}}");
	a_world_put(&f.a, "ec2:vpc", "us-west-2/vpc-1", "{\"tags\":{\"team\":\"data\"}}");
	assert_true(may_call(&f, &service_redshift, "Action=DeleteClusterSubnetGroup&ClusterSubnetGroupName=inner"));
	assert_false(may_call(&f, &service_redshift, "Action=DeleteClusterSubnetGroup&ClusterSubnetGroupName=outer"));
	assert_true(may_call(&f, &service_redshift, "Action=DeleteClusterSnapshot&SnapshotIdentifier=nightly"));
	assert_true(may_call(&f, &service_ec2, "Action=DeleteVpc&VpcId=vpc-1"));
	assert_false(may_call(&f, &service_ec2, "Action=DeleteVpc&VpcId=vpc-2"));
	assert_true(may_call(&f, &service_iam, "Action=DeleteRole&RoleName=etl"));
	assert_false(may_call(&f, &service_iam, "Action=DeleteRole&RoleName=other"));
	assert_true(may_call(&f, &service_redshift,
			     "Action=CreateCluster&ClusterIdentifier=c&Tags.Tag.1.Key=team&Tags.Tag.1.Value=data"));
	assert_false(may_call(&f, &service_redshift,
			      "Action=CreateCluster&ClusterIdentifier=c&Tags.Tag.1.Key=team&Tags.Tag.1.Value=ops"));
	assert_false(may_call(&f, &service_redshift, "Action=CreateCluster&ClusterIdentifier=c"));
	a_world_close(&f.a);
}

static void test_passing_a_role_takes_a_right_of_its_own(void **state)
{
	static const char *const forms[] = {
		"Action=CreateCluster&ClusterIdentifier=c&IamRoles.IamRoleArn.1=arn:aws:iam::123456789012:role/etl",
		"Action=CreateCluster&ClusterIdentifier=c&IamRoles.member.1=arn:aws:iam::123456789012:role/etl",
		("Action=ModifyClusterIamRoles&ClusterIdentifier=c"
		 "&AddIamRoles.IamRoleArn.1=arn:aws:iam::123456789012:role/etl"),
		"Action=ModifyClusterIamRoles&ClusterIdentifier=c&DefaultIamRoleArn=arn:aws:iam::123456789012:role/etl",
		"Action=CreateScheduledAction&IamRole=arn:aws:iam::123456789012:role/etl",
	};
	static const char without[] = USER POLICY(ALLOW("redshift:*", "*"));
	static const char with[] = USER POLICY(ALLOW("redshift:*", "*") "," ALLOW("iam:PassRole", "*"));
	struct fixture f;

	(void)state;
	open_fixture(&f, without);
	assert_true(may_call(&f, &service_redshift, "Action=CreateCluster&ClusterIdentifier=c"));
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		assert_false(may_call(&f, &service_redshift, forms[i]));
		assert_non_null(strstr(f.err.text, "iam:PassRole on resource: arn:aws:iam::123456789012:role/etl"));
	}
	a_world_put(&f.a, "iam:user", "ana", with);
	for (size_t i = 0; i < COUNT_OF(forms); i++)
		assert_true(may_call(&f, &service_redshift, forms[i]));
	a_world_close(&f.a);
}

static void test_running_out_of_memory_never_allows(void **state)
{
	struct fixture f;
	long nth = 0;

	(void)state;
	open_fixture(&f, USER POLICY(ALLOW("a:One", "*")));
	do {
		bool allowed;

		mem_fail_at(++nth);
		allowed = may(&f, "a:Two", "*");
		mem_fail_at(0);
		assert_false(allowed);
	} while (f.err.kind == ERR_NOMEM);
	assert_true(nth > 1);
	assert_string_equal(f.err.code, "AccessDenied");
	a_world_close(&f.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_silence_is_a_refusal_in_each_services_words),
		cmocka_unit_test(test_all_policies_of_a_user_count),
		cmocka_unit_test(test_a_session_may_what_role_and_session_policies_allow),
		cmocka_unit_test(test_calls_are_checked_against_what_they_are_about),
		cmocka_unit_test(test_each_resource_of_a_call_must_be_allowed),
		cmocka_unit_test(test_tags_of_requests_and_resources_are_condition_keys),
		cmocka_unit_test(test_passing_a_role_takes_a_right_of_its_own),
		cmocka_unit_test(test_running_out_of_memory_never_allows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
