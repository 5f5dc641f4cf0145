#include "spark/base/url.h"
#include "unit/sandbox/a_world.h"

#define TRUST                                                                                                    \
	"%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22redshift." \
	"amazonaws"                                                                                              \
	".com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%7D"
#define POLICY                                                                                                         \
	"%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3A%2A%22%2C%22Resource%22%3A%22%2A" \
	"%22%7D%7D"
#define READ_S3 "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"

struct fixture {
	struct a_world a;
	struct buf out;
	struct err err;
};

static void open_fixture(struct fixture *f)
{
	a_world_open(&f->a);
	buf_init(&f->out, 0);
}

static void close_fixture(struct fixture *f)
{
	buf_clear(&f->out);
	a_world_close(&f->a);
}

static const char *call(struct fixture *f, const char *query)
{
	if (a_world_call(&f->a, &service_iam, query, &f->out, &f->err))
		fail_msg("%s: %s %s", query, f->err.code, f->err.text);
	return f->out.data;
}

static void assert_refused(struct fixture *f, const char *query, const char *code, int status)
{
	err_clear(&f->err);
	if (!a_world_call(&f->a, &service_iam, query, &f->out, &f->err))
		fail_msg("%s: done, %s was expected", query, code);
	if (strcmp(f->err.code, code) || f->err.http_status != status)
		fail_msg("%s: %s %d (%s), %s was expected", query, f->err.code, f->err.http_status, f->err.text, code);
}

static void assert_has(struct fixture *f, const char *part)
{
	if (!strstr(f->out.data, part))
		fail_msg("'%s' is not in %s", part, f->out.data);
}

static void test_a_role_lives_from_create_to_delete(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f);
	call(&f, "Action=CreateRole&RoleName=dwhRole&Path=/etl/&Description=reads+S3&AssumeRolePolicyDocument=" TRUST);
	assert_has(&f, "<Arn>arn:aws:iam::123456789012:role/etl/dwhRole</Arn>");
	assert_has(&f, "<RoleId>AROA");
	assert_refused(&f, "Action=CreateRole&RoleName=DWHROLE&AssumeRolePolicyDocument=" TRUST, "EntityAlreadyExists",
		       409);
	call(&f, "Action=GetRole&RoleName=dwhRole");
	/* Documents come back as they were given, in percent encoding. */
	assert_has(&f, "<AssumeRolePolicyDocument>" TRUST "</AssumeRolePolicyDocument>");
	assert_has(&f, "<Description>reads S3</Description>");
	call(&f, "Action=AttachRolePolicy&RoleName=dwhRole&PolicyArn=" READ_S3);
	call(&f, "Action=AttachRolePolicy&RoleName=dwhRole&PolicyArn=" READ_S3);
	call(&f, "Action=ListAttachedRolePolicies&RoleName=dwhRole");
	assert_string_equal(
		f.out.data,
		"<AttachedPolicies><member><PolicyName>AmazonS3ReadOnlyAccess</PolicyName><PolicyArn>" READ_S3
		"</PolicyArn></member></AttachedPolicies><IsTruncated>false</IsTruncated>");
	call(&f, "Action=GetPolicy&PolicyArn=" READ_S3);
	assert_has(&f, "<AttachmentCount>1</AttachmentCount>");
	assert_refused(&f, "Action=DeleteRole&RoleName=dwhRole", "DeleteConflict", 409);
	assert_string_equal(f.err.text, "Cannot delete entity, must detach all policies first.");
	call(&f, "Action=DetachRolePolicy&RoleName=dwhRole&PolicyArn=" READ_S3);
	assert_refused(&f, "Action=DetachRolePolicy&RoleName=dwhRole&PolicyArn=" READ_S3, "NoSuchEntity", 404);
	assert_string_equal(f.err.text, "Policy " READ_S3 " was not found.");
	call(&f, "Action=PutRolePolicy&RoleName=dwhRole&PolicyName=p&PolicyDocument=" POLICY);
	call(&f, "Action=GetRolePolicy&RoleName=dwhRole&PolicyName=p");
	assert_has(&f, "<PolicyDocument>" POLICY "</PolicyDocument>");
	assert_refused(&f, "Action=DeleteRole&RoleName=dwhRole", "DeleteConflict", 409);
	call(&f, "Action=DeleteRolePolicy&RoleName=dwhRole&PolicyName=p");
	assert_refused(&f, "Action=DeleteRolePolicy&RoleName=dwhRole&PolicyName=p", "NoSuchEntity", 404);
	call(&f, "Action=DeleteRole&RoleName=dwhRole");
	assert_refused(&f, "Action=GetRole&RoleName=dwhRole", "NoSuchEntity", 404);
	assert_string_equal(f.err.text, "The role with name dwhRole cannot be found.");
	close_fixture(&f);
}

static void test_what_iam_does_not_take(void **state)
{
	static const struct {
		const char *query, *code;
		int status;
	} cases[] = {
		{ "Action=CreateRole&AssumeRolePolicyDocument=" TRUST, "ValidationError", 400 },
		{ "Action=CreateRole&RoleName=&AssumeRolePolicyDocument=" TRUST, "ValidationError", 400 },
		{ "Action=CreateRole&RoleName=a/b&AssumeRolePolicyDocument=" TRUST, "ValidationError", 400 },
		{ "Action=CreateRole&RoleName=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "&AssumeRolePolicyDocument=" TRUST,
		  "ValidationError", 400 },
		{ "Action=CreateRole&RoleName=a", "ValidationError", 400 },
		{ "Action=CreateRole&RoleName=a&AssumeRolePolicyDocument=x", "MalformedPolicyDocument", 400 },
		{ "Action=CreateRole&RoleName=a&Path=x&AssumeRolePolicyDocument=" TRUST, "ValidationError", 400 },
		{ "Action=CreateRole&RoleName=a&MaxSessionDuration=60&AssumeRolePolicyDocument=" TRUST,
		  "ValidationError", 400 },
		{ "Action=CreateRole&RoleName=a&Tags.member.1.Key=aws:x&Tags.member.1.Value=&"
		  "AssumeRolePolicyDocument=" TRUST,
		  "InvalidInput", 400 },
		{ "Action=CreateRole&RoleName=a&Tags.member.1.Key=x&Tags.member.1.Value=1&Tags.member.2.Key=X&"
		  "Tags.member.2.Value=1&AssumeRolePolicyDocument=" TRUST,
		  "InvalidInput", 400 },
		{ "Action=AttachRolePolicy&RoleName=there&PolicyArn=arn:aws:iam::aws:policy/NoSuchPolicy",
		  "NoSuchEntity", 404 },
		{ "Action=AttachRolePolicy&RoleName=there&PolicyArn=not-an-arn-but-long-enough", "InvalidInput", 400 },
		{ "Action=AttachRolePolicy&RoleName=gone&PolicyArn=" READ_S3, "NoSuchEntity", 404 },
		{ "Action=PutRolePolicy&RoleName=there&PolicyName=p&PolicyDocument=" TRUST, "MalformedPolicyDocument",
		  400 },
		{ "Action=UpdateAssumeRolePolicy&RoleName=there&PolicyDocument=" POLICY, "MalformedPolicyDocument",
		  400 },
		{ "Action=ListRoles&MaxItems=0", "ValidationError", 400 },
		{ "Action=ListRoles&Marker=%21", "ValidationError", 400 },
		{ "Action=ListRoles&PathPrefix=x", "ValidationError", 400 },
		{ "Action=GetUser&UserName=nobody", "NoSuchEntity", 404 },
	};
	struct fixture f;

	(void)state;
	open_fixture(&f);
	call(&f, "Action=CreateRole&RoleName=there&AssumeRolePolicyDocument=" TRUST);
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_refused(&f, cases[i].query, cases[i].code, cases[i].status);
	close_fixture(&f);
}

static void test_pages_of_roles_give_each_once(void **state)
{
	struct fixture f;
	struct buf query;
	int seen = 0, pages = 0;

	(void)state;
	open_fixture(&f);
	buf_init(&query, 0);
	for (int i = 0; i < 7; i++) {
		buf_reset(&query);
		buf_printf(&query, "Action=CreateRole&RoleName=role%d&Path=/%s/", i, i % 2 ? "odd" : "even");
		buf_puts(&query, "&AssumeRolePolicyDocument=" TRUST);
		call(&f, query.data);
	}
	buf_reset(&query);
	buf_puts(&query, "Action=ListRoles&MaxItems=3");
	for (;; pages++) {
		const char *marker;

		call(&f, query.data);
		for (const char *p = f.out.data; (p = strstr(p, "<RoleName>")); p++) {
			assert_int_equal(p[strlen("<RoleName>role")] - '0', seen);
			seen++;
		}
		marker = strstr(f.out.data, "<Marker>");
		if (!marker)
			break;
		buf_reset(&query);
		buf_puts(&query, "Action=ListRoles&MaxItems=3&Marker=");
		url_encode(&query, marker + 8, strcspn(marker + 8, "<"), false);
	}
	assert_int_equal(seen, 7);
	assert_int_equal(pages, 2);
	call(&f, "Action=ListRoles&PathPrefix=/odd/");
	assert_null(strstr(f.out.data, "role0"));
	assert_has(&f, "role1");
	buf_clear(&query);
	close_fixture(&f);
}

static void test_tags_of_a_role(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f);
	call(&f, "Action=CreateRole&RoleName=r&AssumeRolePolicyDocument=" TRUST
		 "&Tags.member.1.Key=sparkctl:stack&Tags.member.1.Value=music");
	call(&f, "Action=TagRole&RoleName=r&Tags.member.1.Key=a&Tags.member.1.Value=1");
	call(&f, "Action=ListRoleTags&RoleName=r&MaxItems=1");
	assert_has(&f, "<Key>sparkctl:stack</Key><Value>music</Value>");
	assert_has(&f, "<IsTruncated>true</IsTruncated>");
	call(&f, "Action=UntagRole&RoleName=r&TagKeys.member.1=sparkctl:stack&TagKeys.member.2=absent");
	call(&f, "Action=ListRoleTags&RoleName=r");
	assert_string_equal(f.out.data, "<Tags><member><Key>a</Key><Value>1</Value></member></Tags>"
					"<IsTruncated>false</IsTruncated>");
	call(&f, "Action=ListInstanceProfilesForRole&RoleName=r");
	assert_has(&f, "<InstanceProfiles/>");
	close_fixture(&f);
}

static void test_an_account_holds_so_many_roles(void **state)
{
	struct fixture f;
	char query[512];

	(void)state;
	open_fixture(&f);
	for (int i = 0; i < 1000; i++) {
		snprintf(query, sizeof(query), "Action=CreateRole&RoleName=r%d&AssumeRolePolicyDocument=%s", i, TRUST);
		call(&f, query);
	}
	assert_refused(&f, "Action=CreateRole&RoleName=more&AssumeRolePolicyDocument=" TRUST, "LimitExceeded", 409);
	call(&f, "Action=GetAccountSummary");
	assert_has(&f, "<entry><key>Roles</key><value>1000</value></entry>");
	assert_has(&f, "<entry><key>RolesQuota</key><value>1000</value></entry>");
	call(&f, "Action=DeleteRole&RoleName=r7");
	call(&f, "Action=CreateRole&RoleName=more&AssumeRolePolicyDocument=" TRUST);
	close_fixture(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_role_lives_from_create_to_delete),
		cmocka_unit_test(test_what_iam_does_not_take),
		cmocka_unit_test(test_pages_of_roles_give_each_once),
		cmocka_unit_test(test_tags_of_a_role),
		cmocka_unit_test(test_an_account_holds_so_many_roles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
