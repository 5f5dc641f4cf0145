/* Each place that hands out credentials over HTTP: what is asked, what is taken, and what is said when it is in
 * trouble. */
#include <sys/stat.h>
#include <time.h>

#include "spark/aws/credentials.h"
#include "spark/aws/settings.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"
#include "unit/aws/tiny_server.h"

#define KEYS                                                                                                \
	"{\"Code\":\"Success\",\"AccessKeyId\":\"ASIA1\",\"SecretAccessKey\":\"canary\",\"Token\":\"tok\"," \
	"\"Expiration\":\"2026-11-21T10:06:32Z\"}"

static char home[64];
static struct tiny_server server;
static char asked[4096]; /* "GET /path;" for each request, with what was looked for in its headers */

/* What the test wants to be answered to a path: the first row whose path begins the request's. */
struct answer {
	const char *path;
	int status;
	const char *body;
	int times; /* so often, then the row is passed over; 0: always */
};
static struct answer answers[8];
static size_t answer_count;

static bool serve(struct tiny_server *s, int fd, const struct tiny_request *r)
{
	static const char *const noted[] = { "Authorization: ", "X-aws-ec2-metadata-token: ",
					     "x-amz-sso_bearer_token: " };
	size_t len = strlen(asked);

	(void)s;
	len += (size_t)snprintf(asked + len, sizeof(asked) - len, "%s %s", r->method, r->target);
	for (size_t i = 0; i < COUNT_OF(noted); i++) {
		const char *h = strcasestr(r->head, noted[i]);
		if (h)
			len += (size_t)snprintf(asked + len, sizeof(asked) - len, " [%.*s]", (int)strcspn(h, "\r"), h);
	}
	snprintf(asked + len, sizeof(asked) - len, " %s;", r->body);
	for (size_t i = 0; i < answer_count; i++) {
		struct answer *a = &answers[i];
		if (a->times < 0 || strncmp(r->target, a->path, strlen(a->path)) != 0)
			continue;
		if (a->times > 0 && --a->times == 0)
			a->times = -1;
		if (a->status == 0)
			return false;
		tiny_reply(fd, a->status, "", a->body);
		return true;
	}
	tiny_reply(fd, 404, "", "");
	return true;
}

static const char *const variables[] = {
	"AWS_ACCESS_KEY_ID",
	"AWS_SECRET_ACCESS_KEY",
	"AWS_SESSION_TOKEN",
	"AWS_PROFILE",
	"AWS_ROLE_ARN",
	"AWS_WEB_IDENTITY_TOKEN_FILE",
	"AWS_ROLE_SESSION_NAME",
	"AWS_CONTAINER_CREDENTIALS_FULL_URI",
	"AWS_EC2_METADATA_DISABLED",
	"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
	"AWS_ENDPOINT_URL",
	"AWS_CONTAINER_AUTHORIZATION_TOKEN",
	"AWS_CONFIG_FILE",
	"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
	"http_proxy",
	"AWS_SHARED_CREDENTIALS_FILE",
	"SPARKCTL_PROFILE",
	"CREDS__AWS_UDACITY__KEY",
	"AWS_EC2_METADATA_SERVICE_ENDPOINT",
	"CREDS__AWS_UDACITY__SECRET",
	"AWS_METADATA_SERVICE_NUM_ATTEMPTS",
	"AWS_METADATA_SERVICE_TIMEOUT",
};

static int setup(void **state)
{
	char path[128];

	(void)state;
	snprintf(home, sizeof(home), "/tmp/spark-sources-XXXXXX");
	assert_non_null(mkdtemp(home));
	for (size_t i = 0; i < COUNT_OF(variables); i++)
		unsetenv(variables[i]);
	setenv("HOME", home, 1);
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
	snprintf(path, sizeof(path), "%s/.aws", home);
	mkdir(path, 0700);
	asked[0] = '\0';
	answer_count = 0;
	tiny_start(&server, serve, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tiny_stop(&server);
	return file_remove_tree(home, NULL);
}

static void put_file(const char *name, const char *text)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", home, name);
	assert_int_equal(file_write_atomic(path, text, strlen(text), 0600, NULL), 0);
}

static void answer_with(const struct answer *list, size_t count)
{
	assert_in_range(count, 1, COUNT_OF(answers));
	memcpy(answers, list, count * sizeof(*list));
	answer_count = count;
	asked[0] = '\0';
}

static int look(struct aws_credentials *out, struct err *err)
{
	struct config *c = config_new(err);
	struct aws_chain_options o = { .endpoint_url = server.url, .region = "us-west-2", .timeout_ms = 5000 };
	int rc;

	assert_non_null(c);
	assert_int_equal(config_read_env(c, err), 0);
	o.config = c;
	rc = aws_chain_find(&o, out, err);
	config_free(c);
	return rc;
}

static void expect_found(const char *id, const char *source)
{
	struct aws_credentials c = { 0 };
	struct err err = { 0 };

	if (look(&c, &err) != 0)
		fail_msg("%s / %s", err.text, err.hint);
	assert_string_equal(c.access_key_id, id);
	assert_string_equal(secret_value(&c.secret_access_key), "canary");
	assert_string_equal(secret_value(&c.session_token), "tok");
	assert_int_equal(c.expires_ms, 1795255592000);
	if (!strstr(c.source, source))
		fail_msg("'%s' has no '%s'", c.source, source);
	aws_credentials_clear(&c);
}

static void expect_refused(const char *text, const char *hint)
{
	struct aws_credentials c = { 0 };
	struct err err = { 0 };

	assert_int_equal(look(&c, &err), -1);
	if (!strstr(err.text, text) || !strstr(err.hint, hint))
		fail_msg("'%s' / '%s' instead of '%s' / '%s'", err.text, err.hint, text, hint);
	if (strstr(err.text, "canary") || strstr(err.hint, "canary"))
		fail_msg("a secret in '%s' / '%s'", err.text, err.hint);
	assert_false(secret_is_set(&c.secret_access_key));
}

static void the_container_is_asked_again_when_it_stumbles(void **state)
{
	static const struct answer list[] = { { "/keys", 500, "oh", 1 },
					      { "/keys", 0, NULL, 1 },
					      { "/keys", 200, KEYS, 0 } };
	char url[128];

	(void)state;
	snprintf(url, sizeof(url), "%s/keys?id=7", server.url);
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer canary", 1);
	answer_with(list, COUNT_OF(list));
	expect_found("ASIA1", "the container endpoint http://127.0.0.1:");
	assert_string_equal(asked, "GET /keys?id=7 [Authorization: Bearer canary] ;"
				   "GET /keys?id=7 [Authorization: Bearer canary] ;"
				   "GET /keys?id=7 [Authorization: Bearer canary] ;");
	/* The file counts more, and is read each time. */
	put_file("token", "newer\n");
	char path[128];
	snprintf(path, sizeof(path), "%s/token", home);
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path, 1);
	asked[0] = '\0';
	expect_found("ASIA1", "the container endpoint");
	assert_string_equal(asked, "GET /keys?id=7 [Authorization: newer] ;");
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/no/such/file", 1);
	expect_refused("/no/such/file", "");
}

static void a_container_in_trouble_is_named(void **state)
{
	static const struct answer list[] = {
		{ "/status", 403, "canary", 0 },
		{ "/text", 200, "canary", 0 },
		{ "/bare", 200, "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"canary\"}", 0 },
		{ "/empty", 200, "{\"Token\":\"t\",\"Expiration\":\"2026-11-21T10:06:32Z\"}", 0 },
		{ "/when", 200, "{\"Token\":\"t\",\"Expiration\":\"never\"}", 0 }
	};
	static const char *const rows[][2] = { { "/status", "answered with HTTP status 403" },
					       { "/text", "is no JSON object" },
					       { "/bare", "have no 'Expiration'" },
					       { "/empty", "there are no keys" },
					       { "/when", "is no time" } };
	char url[128];

	(void)state;
	answer_with(list, COUNT_OF(list));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		snprintf(url, sizeof(url), "%s%s", server.url, rows[i][0]);
		setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
		expect_refused(rows[i][1], "");
	}
}

#define ROLES "/latest/meta-data/iam/security-credentials/"

static void the_instance_is_asked_with_a_token(void **state)
{
	static const struct answer list[] = { { "/latest/api/token", 200, "tok-1", 0 },
					      { ROLES "my%20role", 200, KEYS, 0 },
					      { ROLES, 200, "my role\n", 0 } };

	(void)state;
	unsetenv("AWS_EC2_METADATA_DISABLED");
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url, 1);
	answer_with(list, COUNT_OF(list));
	expect_found("ASIA1", "the EC2 instance's metadata, role my role");
	assert_string_equal(asked, "PUT /latest/api/token ;GET " ROLES " [X-aws-ec2-metadata-token: tok-1] ;GET " ROLES
				   "my%20role [X-aws-ec2-metadata-token: tok-1] ;");
	/* Beside the machine there is no proxy. */
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	expect_found("ASIA1", "the EC2 instance's metadata");
}

static void an_instance_without_a_role_has_no_credentials(void **state)
{
	struct answer no_role[] = { { "/latest/api/token", 200, "tok-1", 0 } };
	struct answer no_token[] = { { "/latest/api/token", 403, "", 0 } };
	struct answer broken[] = { { "/latest/api/token", 0, NULL, 0 } };
	struct answer failed[] = { { "/latest/api/token", 200, "tok-1", 0 },
				   { ROLES "r", 200, "{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":\"no\"}",
				     0 },
				   { ROLES, 200, "r", 0 } };

	(void)state;
	unsetenv("AWS_EC2_METADATA_DISABLED");
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url, 1);
	answer_with(no_role, COUNT_OF(no_role));
	expect_refused("no AWS credentials were found", "the EC2 instance's metadata (http://127.0.0.1:");
	answer_with(no_token, COUNT_OF(no_token));
	expect_refused("no AWS credentials were found", "");
	/* Not asked without a token: that is what version 2 is for. */
	assert_string_equal(asked, "PUT /latest/api/token ;");
	answer_with(broken, COUNT_OF(broken));
	expect_refused("no AWS credentials were found", "");
	answer_with(failed, COUNT_OF(failed));
	expect_refused("AssumeRoleUnauthorizedAccess: no", "");
	setenv("AWS_EC2_METADATA_DISABLED", "TRUE", 1);
	answer_with(failed, COUNT_OF(failed));
	expect_refused("no AWS credentials were found", "off: AWS_EC2_METADATA_DISABLED");
	assert_string_equal(asked, "");
}

static void the_sign_in_is_exchanged_for_keys(void **state)
{
	static const struct answer list[] = {
		{ "/federation/credentials?role_name=Read%20Only&account_id=123456789012", 200,
		  "{\"roleCredentials\":{\"accessKeyId\":\"ASIA1\",\"secretAccessKey\":\"canary\","
		  "\"sessionToken\":\"tok\",\"expiration\":1795255592000}}",
		  0 }
	};
	struct answer expired[] = { { "/federation", 401, "{\"message\":\"Session token not found\"}", 0 } };
	struct answer forbidden[] = { { "/federation", 403, "{\"message\":\"No access\"}", 0 } };
	struct answer empty[] = { { "/federation", 200, "{}", 0 } };
	char path[128];

	(void)state;
	put_file(".aws/config", "[default]\nsso_session = d\nsso_account_id = 123456789012\nsso_role_name = Read Only\n"
				"[sso-session d]\nsso_start_url = https://x\nsso_region = us-west-2\n");
	snprintf(path, sizeof(path), "%s/.aws/sso/cache", home);
	assert_int_equal(file_make_dirs(path, 0700, NULL), 0);
	answer_with(list, COUNT_OF(list));
	expect_refused("nobody has signed in yet", "aws sso login --profile default");
	/* The file's name is the SHA-1 of the session's name, "d". */
	put_file(".aws/sso/cache/3c363836cf4e16666669a25da280a1865c2d2874.json",
		 "{\"accessToken\":\"canary-token\",\"expiresAt\":\"2999-01-01T00:00:00UTC\"}");
	expect_found("ASIA1", "IAM Identity Center, role Read Only of account 123456789012");
	assert_non_null(strstr(asked, "[x-amz-sso_bearer_token: canary-token]"));
	answer_with(expired, COUNT_OF(expired));
	expect_refused("the sign-in is not valid any more", "aws sso login --profile default");
	answer_with(forbidden, COUNT_OF(forbidden));
	expect_refused("No access (HTTP 403)", "check sso_account_id '123456789012' and sso_role_name 'Read Only'");
	answer_with(empty, COUNT_OF(empty));
	expect_refused("holds no credentials", "");
}

#define STS_REPLY(action)                                                                                            \
	"<" action "Response><" action "Result><Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>canary" \
	"</SecretAccessKey><SessionToken>tok</SessionToken><Expiration>2026-11-21T10:06:32Z</Expiration>"            \
	"</Credentials></" action "Result></" action "Response>"

static void a_role_is_asked_for_with_everything_the_profile_says(void **state)
{
	static const struct answer list[] = { { "/", 200, STS_REPLY("AssumeRole"), 0 } };
	struct answer refused[] = {
		{ "/", 403,
		  "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error>"
		  "</ErrorResponse>",
		  0 }
	};
	struct answer bare[] = { { "/", 200, "<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>", 0 } };

	(void)state;
	put_file(".aws/config", "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n"
				"external_id = a&b\nrole_session_name = me@work\nduration_seconds = 900\n"
				"[profile base]\naws_access_key_id = AKIA1\naws_secret_access_key = canary\n");
	answer_with(list, COUNT_OF(list));
	expect_found("ASIA1", "role arn:aws:iam::123456789012:role/r, by profile 'base' in ~/.aws/config");
	assert_non_null(strstr(asked, "POST / [Authorization: AWS4-HMAC-SHA256 Credential=AKIA1/"));
	assert_non_null(strstr(asked,
			       "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole"
			       "%2Fr&RoleSessionName=me%40work&DurationSeconds=900&ExternalId=a%26b;"));
	answer_with(refused, COUNT_OF(refused));
	expect_refused("cannot take the role of profile 'default' in ~/.aws/config, role arn:aws:iam::",
		       "ask for permission");
	answer_with(bare, COUNT_OF(bare));
	expect_refused("the reply to AssumeRole has no usable 'Credentials/AccessKeyId'", "");
}

static void a_web_identity_is_sent_unsigned(void **state)
{
	static const struct answer list[] = { { "/", 200, STS_REPLY("AssumeRoleWithWebIdentity"), 0 } };
	char path[128];

	(void)state;
	put_file("token", "web.canary\n");
	snprintf(path, sizeof(path), "%s/token", home);
	setenv("AWS_WEB_IDENTITY_TOKEN_FILE", path, 1);
	expect_refused("but no role to take with it", "set AWS_ROLE_ARN");
	setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/pod", 1);
	setenv("AWS_ROLE_SESSION_NAME", "pod-7", 1);
	answer_with(list, COUNT_OF(list));
	expect_found("ASIA1", "the environment (AWS_WEB_IDENTITY_TOKEN_FILE), role arn:aws:iam::123456789012:role/pod");
	assert_null(strstr(asked, "Authorization"));
	assert_non_null(strstr(asked, "RoleSessionName=pod-7&WebIdentityToken=web.canary;"));
	put_file("token", "\n");
	expect_refused("is empty", "");
	setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/no/such/token", 1);
	expect_refused("/no/such/token", "");
}

static void use_container(void)
{
	char url[128];

	snprintf(url, sizeof(url), "%s/keys", server.url);
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "canary", 1);
}

static void use_metadata(void)
{
	unsetenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");
	unsetenv("AWS_EC2_METADATA_DISABLED");
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url, 1);
}

static void use_role(void)
{
	setenv("AWS_PROFILE", "role", 1);
}

static void use_sign_in(void)
{
	setenv("AWS_PROFILE", "login", 1);
}

static void use_program(void)
{
	setenv("AWS_PROFILE", "program", 1);
}

/* Looks once, with the nth allocation failing; true when keys were found. */
static bool look_without_memory(void (*use)(void), long nth)
{
	struct config *c = config_new(NULL);
	struct aws_credentials keys = { 0 };
	struct err err = { 0 };
	int rc;

	/* A server takes so many connections and no more. */
	tiny_stop(&server);
	tiny_start(&server, serve, NULL);
	asked[0] = '\0';
	use();
	assert_non_null(c);
	assert_int_equal(config_read_env(c, NULL), 0);
	const struct aws_chain_options o = {
		.config = c, .endpoint_url = server.url, .region = "us-west-2", .timeout_ms = 5000
	};
	mem_fail_at(nth);
	rc = aws_chain_find(&o, &keys, &err);
	mem_fail_at(0);
	config_free(c);
	if (rc == 0)
		assert_string_equal(secret_value(&keys.secret_access_key), "canary");
	else if (err.kind == ERR_NONE || !err.text[0] || strstr(err.text, "canary"))
		fail_msg("failed at allocation %ld with '%s'", nth, err.text);
	aws_credentials_clear(&keys);
	return rc == 0;
}

static void memory_may_run_out_anywhere(void **state)
{
	static void (*const uses[])(void) = { use_container, use_metadata, use_role, use_sign_in, use_program };
	static const struct answer list[] = {
		{ "/keys", 200, KEYS, 0 },
		{ "/latest/api/token", 200, "tok-1", 0 },
		{ ROLES "r", 200, KEYS, 0 },
		{ ROLES, 200, "r", 0 },
		{ "/federation", 200,
		  "{\"roleCredentials\":{\"accessKeyId\":\"A\",\"secretAccessKey\":\"canary\","
		  "\"sessionToken\":\"tok\",\"expiration\":1795255592000}}",
		  0 },
		{ "/", 200, STS_REPLY("AssumeRole"), 0 }
	};
	char path[128];

	(void)state;
	put_file(".aws/config",
		 "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n[profile base]\n"
		 "aws_access_key_id = AKIA1\naws_secret_access_key = canary\n[profile login]\nsso_session = d\n"
		 "sso_account_id = 1\nsso_role_name = r\n[sso-session d]\nsso_start_url = x\nsso_region = us-west-2\n"
		 "[profile program]\ncredential_process = echo '{\"Version\":1,\"AccessKeyId\":\"A\","
		 "\"SecretAccessKey\":\"canary\"}'\n");
	snprintf(path, sizeof(path), "%s/.aws/sso/cache", home);
	assert_int_equal(file_make_dirs(path, 0700, NULL), 0);
	put_file(".aws/sso/cache/3c363836cf4e16666669a25da280a1865c2d2874.json",
		 "{\"accessToken\":\"canary\",\"expiresAt\":\"2999-01-01T00:00:00Z\"}");
	answer_with(list, COUNT_OF(list));
	for (size_t i = 0; i < COUNT_OF(uses); i++) {
		long nth = 1, failures = 0;
		assert_true(look_without_memory(uses[i], 0));
		/* What is only told in a message may be missing: then the search goes well. */
		for (int well = 0; well < 40 && nth < 1000; nth++) {
			bool ok = look_without_memory(uses[i], nth);
			failures += !ok;
			well = ok ? well + 1 : 0;
		}
		assert_true(failures > 5);
		assert_true(nth < 1000);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_container_is_asked_again_when_it_stumbles),
		TEST(a_container_in_trouble_is_named),
		TEST(the_instance_is_asked_with_a_token),
		TEST(an_instance_without_a_role_has_no_credentials),
		TEST(the_sign_in_is_exchanged_for_keys),
		TEST(a_role_is_asked_for_with_everything_the_profile_says),
		TEST(a_web_identity_is_sent_unsigned),
		TEST(memory_may_run_out_anywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
