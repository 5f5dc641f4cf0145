/* Where credentials are found, in which order, and what is said when they are not. */
#include "spark/aws/credentials.h"

#include <sys/stat.h>
#include <unistd.h>

#include "spark/base/file.h"
#include "unit/cm.h"

static char home[64];

/* A new home each time, and none of the variables of whoever runs the tests. */
static int setup(void **state)
{
	static const char *const unset[] = {
		"AWS_ACCESS_KEY_ID",
		"AWS_SECRET_ACCESS_KEY",
		"AWS_SESSION_TOKEN",
		"AWS_PROFILE",
		"AWS_SHARED_CREDENTIALS_FILE",
		"AWS_CONFIG_FILE",
		"CREDS__AWS_UDACITY__KEY",
		"CREDS__AWS_UDACITY__SECRET",
		"SPARKCTL_PROFILE",
	};

	(void)state;
	snprintf(home, sizeof(home), "/tmp/spark-credentials-XXXXXX");
	assert_non_null(mkdtemp(home));
	for (size_t i = 0; i < COUNT_OF(unset); i++)
		unsetenv(unset[i]);
	setenv("HOME", home, 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return file_remove_tree(home, NULL);
}

static void put_file(const char *name, const char *text, mode_t mode)
{
	char path[128], dir[128];

	snprintf(dir, sizeof(dir), "%s/.aws", home);
	mkdir(dir, 0700);
	snprintf(path, sizeof(path), "%s/%s", home, name);
	assert_int_equal(file_write_atomic(path, text, strlen(text), mode, NULL), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/* Looks, with the settings file `cfg` (NULL: none) and the flag --profile. */
static int look(const char *cfg, const char *profile_flag, struct aws_credentials *out, struct err *err)
{
	struct config *c = config_new(err);
	char path[128];
	int rc;

	assert_non_null(c);
	if (cfg) {
		snprintf(path, sizeof(path), "%s/%s", home, cfg);
		assert_int_equal(config_read_file(c, path, true, err), 0);
	}
	assert_int_equal(config_read_env(c, err), 0);
	if (profile_flag)
		assert_int_equal(config_set_flag(c, OPT_PROFILE, profile_flag, err), 0);
	rc = aws_credentials_find(c, out, err);
	config_free(c);
	return rc;
}

static void expect_found(const char *cfg, const char *profile, const char *id, const char *secret, const char *token,
			 const char *source)
{
	struct aws_credentials c = { 0 };
	struct err err = { 0 };

	if (look(cfg, profile, &c, &err) != 0)
		fail_msg("%s", err.text);
	assert_string_equal(c.access_key_id, id);
	assert_string_equal(secret_value(&c.secret_access_key), secret);
	assert_string_equal(secret_value(&c.session_token), token);
	assert_non_null(strstr(c.source, source));
	aws_credentials_clear(&c);
}

static void expect_refused(const char *cfg, const char *profile, const char *text, const char *hint)
{
	struct aws_credentials c = { 0 };
	struct err err = { 0 };

	assert_int_equal(look(cfg, profile, &c, &err), -1);
	assert_int_equal(err.kind, ERR_CREDENTIALS);
	if (!strstr(err.text, text) || !strstr(err.hint, hint))
		fail_msg("'%s' / '%s' instead of '%s' / '%s'", err.text, err.hint, text, hint);
	assert_false(secret_is_set(&c.secret_access_key));
}

static void nothing_found_lists_every_place(void **state)
{
	static const char *const places[] = { "AWS_ACCESS_KEY_ID", "CREDS__AWS_UDACITY__KEY", "dwh.cfg",
					      "'default' in",      ".aws/credentials",        ".aws/config" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(places); i++)
		expect_refused(NULL, NULL, "no AWS credentials were found", places[i]);
}

static void the_environment_comes_first(void **state)
{
	(void)state;
	put_file(".aws/credentials", "[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n", 0600);
	put_file("dwh.cfg", "[AWS]\nKEY=CFG\nSECRET=c\n", 0600);
	setenv("CREDS__AWS_UDACITY__KEY", "UDACITY", 1);
	setenv("CREDS__AWS_UDACITY__SECRET", "u", 1);
	setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "e/+=", 1);
	setenv("AWS_SESSION_TOKEN", "tok", 1);
	expect_found("dwh.cfg", NULL, "ENV", "e/+=", "tok", "environment");
	unsetenv("AWS_ACCESS_KEY_ID");
	unsetenv("AWS_SECRET_ACCESS_KEY");
	expect_found("dwh.cfg", NULL, "UDACITY", "u", "", "CREDS__AWS_UDACITY__KEY");
	unsetenv("CREDS__AWS_UDACITY__KEY");
	unsetenv("CREDS__AWS_UDACITY__SECRET");
	expect_found("dwh.cfg", NULL, "CFG", "c", "", "dwh.cfg:2");
	expect_found(NULL, NULL, "FILE", "s", "", "'default' in");
}

static void profiles_are_found_in_both_files(void **state)
{
	(void)state;
	put_file(".aws/credentials",
		 "# mine\n[default]\naws_access_key_id=D\naws_secret_access_key=d\n"
		 "[dev]\n  aws_access_key_id = DEV\naws_secret_access_key = a;b#c\naws_session_token = t==\n",
		 0600);
	put_file(".aws/config",
		 "[default]\nregion = x\n[profile ops]\naws_access_key_id = OPS\naws_secret_access_key = o\n"
		 "[ops]\naws_access_key_id = WRONG\naws_secret_access_key = w\n[profile bare]\nregion = y\n",
		 0600);
	expect_found(NULL, NULL, "D", "d", "", "'default'");
	expect_found(NULL, "dev", "DEV", "a;b#c", "t==", "'dev'");
	expect_found(NULL, "ops", "OPS", "o", "", ".aws/config");
	setenv("AWS_PROFILE", "dev", 1);
	expect_found(NULL, NULL, "DEV", "a;b#c", "t==", "'dev'");
	expect_found(NULL, "ops", "OPS", "o", "", "'ops'");
	expect_refused(NULL, "bare", "profile 'bare' has no credentials", "looked at");
	expect_refused(NULL, "none", "there is no profile 'none'", ".aws/config");
}

static void the_profile_flag_wins_over_everything(void **state)
{
	(void)state;
	put_file(".aws/credentials", "[dev]\naws_access_key_id=DEV\naws_secret_access_key=v\n", 0600);
	setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "e", 1);
	expect_found(NULL, "dev", "DEV", "v", "", "'dev'");
	expect_refused(NULL, "nope", "there is no profile 'nope'", "");
}

static void the_files_may_lie_elsewhere(void **state)
{
	char path[128];

	(void)state;
	put_file("keys", "[default]\naws_access_key_id=K\naws_secret_access_key=k\n", 0600);
	snprintf(path, sizeof(path), "%s/keys", home);
	setenv("AWS_SHARED_CREDENTIALS_FILE", path, 1);
	expect_found(NULL, NULL, "K", "k", "", "/keys");
	setenv("AWS_SHARED_CREDENTIALS_FILE", "~/keys", 1);
	expect_found(NULL, NULL, "K", "k", "", "/keys");
}

static void half_set_places_are_named(void **state)
{
	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
	expect_refused(NULL, NULL, "the secret access key is missing", "set both");
	unsetenv("AWS_ACCESS_KEY_ID");
	put_file("dwh.cfg", "[AWS]\nSECRET=only\n", 0600);
	expect_refused("dwh.cfg", NULL, "dwh.cfg:2", "set both");
	put_file(".aws/credentials", "[default]\naws_access_key_id=D\n", 0600);
	expect_refused(NULL, NULL, "profile 'default'", "set both");
}

static void a_settings_file_that_others_can_read_is_refused(void **state)
{
	(void)state;
	put_file("dwh.cfg", "[AWS]\nKEY=CFG\nSECRET=c\n", 0644);
	expect_refused("dwh.cfg", NULL, "others may read it (mode 0644)", "chmod 600");
	put_file("dwh.cfg", "[AWS]\nKEY=CFG\nSECRET=c\n", 0640);
	expect_refused("dwh.cfg", NULL, "(mode 0640)", "chmod 600");
	/* Without a secret in it, its mode is nobody's business. */
	put_file("dwh.cfg", "[DWH]\nDWH_DB=x\n", 0644);
	setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "e", 1);
	expect_found("dwh.cfg", NULL, "ENV", "e", "", "environment");
}

static void keys_with_blanks_in_them_are_refused_without_being_shown(void **state)
{
	struct aws_credentials c = { 0 };
	struct err err = { 0 };

	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "AKIA", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "hush\nhush", 1);
	assert_int_equal(look(NULL, NULL, &c, &err), -1);
	assert_null(strstr(err.text, "hush"));
	expect_refused(NULL, NULL, "holds a blank or a control character", "copy it again");
	setenv("AWS_SECRET_ACCESS_KEY", "fine", 1);
	setenv("AWS_ACCESS_KEY_ID", "AK/IA", 1);
	expect_refused(NULL, NULL, "not well formed", "AKIA");
}

static void a_long_session_token_survives(void **state)
{
	char token[1001], file[1400];

	(void)state;
	memset(token, 'T', sizeof(token) - 1);
	token[sizeof(token) - 1] = '\0';
	snprintf(file, sizeof(file), "[default]\naws_access_key_id=D\naws_secret_access_key=d\naws_session_token=%s\n",
		 token);
	put_file(".aws/credentials", file, 0600);
	expect_found(NULL, NULL, "D", "d", token, "'default'");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_found_lists_every_place),
		TEST(the_environment_comes_first),
		TEST(profiles_are_found_in_both_files),
		TEST(the_profile_flag_wins_over_everything),
		TEST(the_files_may_lie_elsewhere),
		TEST(half_set_places_are_named),
		TEST(a_settings_file_that_others_can_read_is_refused),
		TEST(keys_with_blanks_in_them_are_refused_without_being_shown),
		TEST(a_long_session_token_survives),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
