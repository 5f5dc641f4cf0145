/* What the environment and the profile of the AWS tools say about requests. */
#include "spark/aws/settings.h"

#include <sys/stat.h>

#include "spark/base/file.h"
#include "unit/cm.h"

static char home[64];

static const char *const variables[] = {
	"AWS_ENDPOINT_URL",      "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS",
	"AWS_MAX_ATTEMPTS",      "AWS_RETRY_MODE",      "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
	"AWS_USE_FIPS_ENDPOINT", "AWS_PROFILE",         "AWS_USE_DUALSTACK_ENDPOINT",
	"AWS_CONFIG_FILE",       "SPARKCTL_PROFILE",    "AWS_SHARED_CREDENTIALS_FILE",
};

static int setup(void **state)
{
	char path[128];

	(void)state;
	snprintf(home, sizeof(home), "/tmp/spark-settings-XXXXXX");
	assert_non_null(mkdtemp(home));
	for (size_t i = 0; i < COUNT_OF(variables); i++)
		unsetenv(variables[i]);
	setenv("HOME", home, 1);
	snprintf(path, sizeof(path), "%s/.aws", home);
	return mkdir(path, 0700);
}

static int teardown(void **state)
{
	(void)state;
	return file_remove_tree(home, NULL);
}

static void put_config(const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/.aws/config", home);
	assert_int_equal(file_write_atomic(path, text, strlen(text), 0600, NULL), 0);
}

static int load(struct aws_settings *s, struct err *err)
{
	struct config *c = config_new(err);
	int rc;

	assert_non_null(c);
	assert_int_equal(config_read_env(c, err), 0);
	rc = aws_settings_load(c, s, err);
	config_free(c);
	return rc;
}

static void must_load(struct aws_settings *s)
{
	struct err err = { 0 };

	if (load(s, &err) != 0)
		fail_msg("%s", err.text);
}

static void nothing_said_means_the_usual(void **state)
{
	struct aws_settings s;

	(void)state;
	must_load(&s);
	assert_string_equal(s.region, "");
	assert_null(s.endpoint_url);
	assert_null(s.ca_bundle);
	assert_null(aws_settings_url(&s, "s3"));
	assert_false(s.use_fips || s.use_dualstack || s.legacy_retries);
	assert_int_equal(s.max_attempts, 0);
	aws_settings_clear(&s);
}

static void the_profile_is_read(void **state)
{
	struct aws_settings s;

	(void)state;
	put_config("[default]\nregion = wrong\n[profile dev]\nregion = eu-west-1\nca_bundle = ~/ca.pem\n"
		   "use_fips_endpoint = TRUE\nuse_dualstack_endpoint = true\nmax_attempts = 7\nretry_mode = legacy\n"
		   "endpoint_url = http://127.0.0.1:1\nservices = mine\n"
		   "[services mine]\ns3 =\n  endpoint_url = http://127.0.0.1:2\n  addressing_style = path\n"
		   "redshift_serverless =\n  endpoint_url = http://127.0.0.1:3\n");
	setenv("AWS_PROFILE", "dev", 1);
	must_load(&s);
	assert_string_equal(s.region, "eu-west-1");
	assert_true(s.ca_bundle[0] == '/' && strstr(s.ca_bundle, "/ca.pem"));
	assert_true(s.use_fips && s.use_dualstack && s.legacy_retries);
	assert_int_equal(s.max_attempts, 7);
	assert_string_equal(aws_settings_url(&s, "s3"), "http://127.0.0.1:2");
	assert_string_equal(aws_settings_url(&s, "redshift-serverless"), "http://127.0.0.1:3");
	assert_string_equal(aws_settings_url(&s, "iam"), "http://127.0.0.1:1");
	aws_settings_clear(&s);
}

static void the_environment_counts_more_than_the_profile(void **state)
{
	struct aws_settings s;

	(void)state;
	put_config("[default]\nuse_fips_endpoint = true\nmax_attempts = 7\nretry_mode = legacy\nservices = mine\n"
		   "endpoint_url = http://127.0.0.1:1\n[services mine]\ns3 =\n  endpoint_url = http://127.0.0.1:2\n"
		   "iam =\n  endpoint_url = http://127.0.0.1:5\n");
	setenv("AWS_USE_FIPS_ENDPOINT", "false", 1);
	setenv("AWS_MAX_ATTEMPTS", "2", 1);
	setenv("AWS_RETRY_MODE", "standard", 1);
	setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:3", 1);
	must_load(&s);
	assert_false(s.use_fips || s.legacy_retries);
	assert_int_equal(s.max_attempts, 2);
	assert_string_equal(aws_settings_url(&s, "s3"), "http://127.0.0.1:3");
	assert_string_equal(aws_settings_url(&s, "iam"), "http://127.0.0.1:5");
	assert_string_equal(aws_settings_url(&s, "sts"), "http://127.0.0.1:1");
	aws_settings_clear(&s);
	/* The general variable counts more than what the profile says of one service, as for boto3. */
	setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4", 1);
	must_load(&s);
	assert_string_equal(aws_settings_url(&s, "s3"), "http://127.0.0.1:3");
	assert_string_equal(aws_settings_url(&s, "iam"), "http://127.0.0.1:4");
	aws_settings_clear(&s);
	setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
	must_load(&s);
	assert_null(aws_settings_url(&s, "s3"));
	assert_null(s.endpoint_url);
	aws_settings_clear(&s);
}

static void what_is_not_understood_is_named(void **state)
{
	static const struct {
		const char *variable, *value, *said;
	} rows[] = {
		{ "AWS_USE_FIPS_ENDPOINT", "1", "'AWS_USE_FIPS_ENDPOINT' is neither true nor false" },
		{ "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "no", "is neither true nor false: 'no'" },
		{ "AWS_MAX_ATTEMPTS", "many", "'AWS_MAX_ATTEMPTS' is no number from 1 to 100: 'many'" },
		{ "AWS_MAX_ATTEMPTS", "0", "is no number" },
		{ "AWS_RETRY_MODE", "never", "'AWS_RETRY_MODE' is no retry mode: 'never'" },
	};
	struct aws_settings s;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err err = { 0 };
		setenv(rows[i].variable, rows[i].value, 1);
		assert_int_equal(load(&s, &err), -1);
		assert_int_equal(err.kind, ERR_CONFIG);
		if (!strstr(err.text, rows[i].said))
			fail_msg("%s", err.text);
		unsetenv(rows[i].variable);
	}
	struct err err = { 0 };
	put_config("[default]\nservices = gone\n");
	assert_int_equal(load(&s, &err), -1);
	assert_non_null(strstr(err.text, "names the services 'gone'"));
	put_config("[default]\nthis is nothing\n");
	assert_int_equal(load(&s, &err), -1);
	assert_non_null(strstr(err.text, ".aws/config:2"));
}

static void the_sandbox_listens_to_retries_only(void **state)
{
	struct aws_settings s;

	(void)state;
	put_config("this is nothing\n");
	setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:3", 1);
	setenv("AWS_USE_FIPS_ENDPOINT", "true", 1);
	setenv("AWS_MAX_ATTEMPTS", "9", 1);
	assert_int_equal(aws_settings_load_retries(&s, NULL), 0);
	assert_int_equal(s.max_attempts, 9);
	assert_false(s.use_fips);
	assert_null(aws_settings_url(&s, "s3"));
	aws_settings_clear(&s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_said_means_the_usual),
		TEST(the_profile_is_read),
		TEST(the_environment_counts_more_than_the_profile),
		TEST(what_is_not_understood_is_named),
		TEST(the_sandbox_listens_to_retries_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
