/* Redshift Serverless, by the JSON protocol: what goes out, what comes back, and how refusals are read. */
#include "spark/aws/serverless.h"

#include "unit/aws/canned.h"

#define REPLY(...) static const struct canned_reply replies[] = { __VA_ARGS__ }
#define OK(text)                            \
	{                                   \
		.status = 200, .body = text \
	}
#define NO(text)                            \
	{                                   \
		.status = 400, .body = text \
	}
#define OPEN()                                                                                                      \
	struct canned net;                                                                                          \
	struct err err = { 0 };                                                                                     \
	struct aws_client *c = canned_open(&net, replies, COUNT_OF(replies), "http://127.0.0.1:4566", "us-west-2"); \
	(void)state
#define CLOSE()                                        \
	assert_int_equal(net.sent, COUNT_OF(replies)); \
	canned_close(&net, c)

static const struct aws_tag tags[] = { { "sparkctl:stack", "demo" } };

static void a_namespace_is_made_with_password_role_and_tags(void **state)
{
	REPLY(OK("{\"namespace\":{}}"), OK("{\"namespace\":{}}"));
	struct secret password = { 0 };
	struct serverless_create_namespace in = {
		.name = "demo",
		.db_name = "dwh",
		.admin = "boss",
		.password = &password,
		.role_arn = "arn:aws:iam::123456789012:role/r",
		.tags = tags,
		.tag_count = 1,
	};
	OPEN();

	assert_int_equal(secret_set(&password, "Pass\"w0rd", &err), 0);
	assert_int_equal(serverless_create_namespace(c, &in, &err), 0);
	assert_string_equal(net.requests[0].method, "POST");
	ASSERT_HAS(net.requests[0].headers, "x-amz-target: RedshiftServerless.CreateNamespace\n");
	ASSERT_HAS(net.requests[0].headers, "content-type: application/x-amz-json-1.1\n");
	ASSERT_HAS(net.requests[0].headers, "/us-west-2/redshift-serverless/aws4_request");
	assert_string_equal(net.requests[0].body,
			    "{\"namespaceName\":\"demo\",\"dbName\":\"dwh\",\"adminUsername\":\"boss\","
			    "\"adminUserPassword\":\"Pass\\\"w0rd\","
			    "\"iamRoles\":[\"arn:aws:iam::123456789012:role/r\"],"
			    "\"defaultIamRoleArn\":\"arn:aws:iam::123456789012:role/r\","
			    "\"tags\":[{\"key\":\"sparkctl:stack\",\"value\":\"demo\"}]}");
	/* a call that makes something is not repeated on a connection that may be dead */
	assert_true(net.requests[0].fresh_connection);

	in.manage_password = true;
	in.role_arn = NULL;
	in.tag_count = 0;
	assert_int_equal(serverless_create_namespace(c, &in, &err), 0);
	assert_string_equal(net.requests[1].body, "{\"namespaceName\":\"demo\",\"dbName\":\"dwh\","
						  "\"adminUsername\":\"boss\",\"manageAdminPassword\":true}");
	secret_clear(&password);
	CLOSE();
}

static void a_namespaces_roles_are_read_in_both_spellings(void **state)
{
	REPLY(OK("{\"namespace\":{\"namespaceName\":\"demo\",\"namespaceArn\":\"arn:n\",\"status\":\"AVAILABLE\","
		 "\"creationDate\":\"2026-11-21T10:06:32.574Z\",\"iamRoles\":["
		 "\"IamRole(applyStatus=in-sync, iamRoleArn=arn:aws:iam::1:role/a)\",\"arn:aws:iam::1:role/b\"]}}"),
	      OK("{}"), OK("[]"), OK("no json"));
	struct serverless_namespace n;
	OPEN();

	assert_int_equal(serverless_get_namespace(c, "demo", &n, &err), 0);
	assert_string_equal(n.name, "demo");
	assert_string_equal(n.arn, "arn:n");
	assert_string_equal(n.status, "AVAILABLE");
	assert_int_equal(n.created_ms, 1795255592574);
	assert_int_equal(n.role_count, 2);
	assert_string_equal(n.roles[0], "arn:aws:iam::1:role/a");
	assert_string_equal(n.roles[1], "arn:aws:iam::1:role/b");
	serverless_namespace_clear(&n);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(serverless_get_namespace(c, "demo", &n, &err), -1);
		assert_int_equal(err.kind, ERR_PARSE);
		ASSERT_HAS(err.text, "GetNamespace");
		/* the exit code is that of a service, not that of a local file */
		assert_int_equal(err_exit_code(&err), 4);
	}
	CLOSE();
}

static void a_workgroup_is_made_read_and_changed(void **state)
{
	REPLY(OK("{}"),
	      OK("{\"workgroup\":{\"workgroupName\":\"demo\",\"workgroupArn\":\"arn:w\",\"namespaceName\":\"demo\","
		 "\"status\":\"AVAILABLE\",\"baseCapacity\":8,\"maxCapacity\":16,\"creationDate\":1795255592.5,"
		 "\"endpoint\":{\"address\":\"demo.example\",\"port\":5439}}}"),
	      OK("{}"));
	static const char *const subnets[] = { "subnet-1", "subnet-2" };
	struct serverless_workgroup w;
	OPEN();

	assert_int_equal(serverless_create_workgroup(c,
						     &(struct serverless_create_workgroup){
							     .name = "demo",
							     .namespace_name = "demo",
							     .base_capacity = 8,
							     .max_capacity = 8,
							     .port = 5439,
							     .group_id = "sg-1",
							     .subnet_ids = subnets,
							     .subnet_count = 2,
							     .publicly_accessible = true,
						     },
						     &err),
			 0);
	assert_string_equal(net.requests[0].body,
			    "{\"workgroupName\":\"demo\",\"namespaceName\":\"demo\",\"baseCapacity\":8,"
			    "\"maxCapacity\":8,\"port\":5439,\"securityGroupIds\":[\"sg-1\"],"
			    "\"subnetIds\":[\"subnet-1\",\"subnet-2\"],\"publiclyAccessible\":true}");
	assert_int_equal(serverless_get_workgroup(c, "demo", &w, &err), 0);
	assert_string_equal(w.host, "demo.example");
	assert_int_equal(w.port, 5439);
	assert_int_equal(w.base_capacity, 8);
	assert_int_equal(w.max_capacity, 16);
	assert_int_equal(w.created_ms, 1795255592500);
	assert_int_equal(serverless_set_capacity(c, "demo", "maxCapacity", 32, &err), 0);
	assert_string_equal(net.requests[2].body, "{\"workgroupName\":\"demo\",\"maxCapacity\":32}");
	CLOSE();
}

static int count_workgroup(void *arg, const struct serverless_workgroup *w)
{
	int *count = arg;

	++*count;
	return strcmp(w->name, "stop") == 0 ? 7 : 0;
}

static void lists_are_walked_page_by_page(void **state)
{
	REPLY(OK("{\"workgroups\":[{\"workgroupName\":\"a\"},{\"workgroupName\":\"b\"}],\"nextToken\":\"more\"}"),
	      OK("{\"workgroups\":[{\"workgroupName\":\"c\"}]}"),
	      OK("{\"workgroups\":[{\"workgroupName\":\"stop\"},{\"workgroupName\":\"b\"}],\"nextToken\":\"more\"}"),
	      OK("{\"workgroups\":[],\"nextToken\":\"same\"}"), OK("{\"workgroups\":[],\"nextToken\":\"same\"}"));
	int count = 0;
	OPEN();

	assert_int_equal(serverless_list_workgroups(c, count_workgroup, &count, &err), 0);
	assert_int_equal(count, 3);
	assert_string_equal(net.requests[0].body, "{}");
	assert_string_equal(net.requests[1].body, "{\"nextToken\":\"more\"}");
	assert_int_equal(serverless_list_workgroups(c, count_workgroup, &count, &err), 7);
	assert_int_equal(count, 4);
	/* a service that leads back to the same page does not keep us for ever */
	assert_int_equal(serverless_list_workgroups(c, count_workgroup, &count, &err), -1);
	assert_int_equal(err.kind, ERR_PARSE);
	CLOSE();
}

static void tags_and_credentials_are_read(void **state)
{
	REPLY(OK("{\"tags\":[{\"key\":\"sparkctl:stack\",\"value\":\"demo\"},{\"key\":\"a\",\"value\":\"\"}]}"),
	      OK("{\"dbUser\":\"IAM:u\",\"dbPassword\":\"geheim\",\"expiration\":1795255592}"),
	      OK("{\"dbUser\":\"IAM:u\"}"));
	struct secret password = { 0 };
	struct aws_tags found;
	int64_t expires;
	char user[136];
	OPEN();

	assert_int_equal(serverless_list_tags(c, "arn:w", &found, &err), 0);
	assert_int_equal(found.count, 2);
	assert_string_equal(aws_tags_get(&found, "sparkctl:stack"), "demo");
	aws_tags_clear(&found);
	assert_int_equal(serverless_get_credentials(c, "demo", "dwh", 900, user, &password, &expires, &err), 0);
	assert_string_equal(net.requests[1].body,
			    "{\"workgroupName\":\"demo\",\"dbName\":\"dwh\",\"durationSeconds\":900}");
	assert_string_equal(user, "IAM:u");
	assert_string_equal(secret_value(&password), "geheim");
	assert_int_equal(expires, 1795255592000);
	secret_clear(&password);
	assert_int_equal(serverless_get_credentials(c, "demo", "dwh", 900, user, &password, &expires, &err), -1);
	assert_int_equal(err.kind, ERR_PARSE);
	CLOSE();
}

static void refusals_tell_their_code_and_what_to_do(void **state)
{
	REPLY(NO("{\"__type\":\"ResourceNotFoundException\",\"message\":\"Workgroup demo not found.\"}"),
	      NO("{\"__type\":\"com.amazon#AccessDeniedException\",\"Message\":\"not authorized\"}"),
	      NO("{\"message\":\"no type\"}"));
	struct serverless_workgroup w;
	OPEN();

	assert_int_equal(serverless_get_workgroup(c, "demo", &w, &err), -1);
	assert_true(err_has_code(&err, "ResourceNotFoundException"));
	ASSERT_HAS(err.text, "redshift-serverless GetWorkgroup failed: Workgroup demo not found");
	assert_int_equal(serverless_get_workgroup(c, "demo", &w, &err), -1);
	assert_true(err_has_code(&err, "AccessDeniedException"));
	ASSERT_HAS(err.text, "not authorized");
	ASSERT_HAS(err.hint, "ask for permission");
	assert_int_equal(serverless_get_workgroup(c, "demo", &w, &err), -1);
	assert_int_equal(err.kind, ERR_AWS);
	ASSERT_HAS(err.text, "HTTP status 400");
	CLOSE();
}

static void a_lost_reply_is_repeated_for_reads_only(void **state)
{
	static const struct canned_reply replies[] = {
		{ .status = 0, .failure = ERR_UNREACHABLE, .retryable = true, .may_have_arrived = true },
		{ .status = 200, .body = "{\"workgroup\":{\"workgroupName\":\"demo\"}}" },
		{ .status = 0, .failure = ERR_UNREACHABLE, .retryable = true, .may_have_arrived = true },
	};
	struct serverless_workgroup w;
	OPEN();

	assert_int_equal(serverless_get_workgroup(c, "demo", &w, &err), 0);
	assert_int_equal(net.sent, 2);
	assert_int_equal(
		serverless_create_workgroup(
			c, &(struct serverless_create_workgroup){ .name = "demo", .namespace_name = "demo" }, &err),
		-1);
	assert_int_equal(err.kind, ERR_UNREACHABLE);
	CLOSE();
}

/* Whichever allocation fails, the call ends with an error and nothing leaks. */
static void memory_that_runs_out_is_told(void **state)
{
	static const char reply[] = "{\"namespace\":{\"namespaceName\":\"demo\",\"iamRoles\":[\"arn:a\"]}}";

	(void)state;
	for (long nth = 1;; nth++) {
		const struct canned_reply replies[] = { OK(reply) };
		struct serverless_namespace n = { .role_count = 0 };
		struct canned net;
		struct err err = { 0 };
		struct aws_client *c = canned_open(&net, replies, 1, "http://127.0.0.1:4566", "us-west-2");
		int rc;

		mem_fail_at(nth);
		rc = serverless_get_namespace(c, "demo", &n, &err);
		mem_fail_at(0);
		canned_close(&net, c);
		serverless_namespace_clear(&n);
		if (rc == 0) {
			assert_true(nth > 5);
			break;
		}
		assert_true(err.kind == ERR_NOMEM || err.kind == ERR_PARSE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_namespace_is_made_with_password_role_and_tags),
		cmocka_unit_test(a_namespaces_roles_are_read_in_both_spellings),
		cmocka_unit_test(a_workgroup_is_made_read_and_changed),
		cmocka_unit_test(lists_are_walked_page_by_page),
		cmocka_unit_test(tags_and_credentials_are_read),
		cmocka_unit_test(refusals_tell_their_code_and_what_to_do),
		cmocka_unit_test(a_lost_reply_is_repeated_for_reads_only),
		cmocka_unit_test(memory_that_runs_out_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
