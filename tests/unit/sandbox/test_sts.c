/* Temporary keys: what they stand for, when they end, and when they are forgotten. */
#include "sandbox/access/keys.h"
#include "unit/sandbox/a_world.h"

#define HOUR_MS ((int64_t)3600 * 1000)
#define START   ((int64_t)1700000000 * 1000)
#define ROLE                                                                                                          \
	"{\"name\":\"etl\",\"path\":\"/\",\"id\":\"AROA1\",\"arn\":\"arn:aws:iam::123456789012:role/etl\","           \
	"\"maxSessionDuration\":7200,\"trust\":\"{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":" \
	"{\\\"AWS\\\":\\\"arn:aws:iam::123456789012:user/sparkctl\\\"},\\\"Action\\\":\\\"sts:AssumeRole\\\"}}\"}"
#define ASSUME "Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:role/etl&RoleSessionName=night"

struct fixture {
	struct a_world a;
	struct buf out;
	struct err err;
};

static void open_fixture(struct fixture *f)
{
	a_world_open(&f->a);
	f->a.now_ms = START;
	buf_init(&f->out, 0);
	a_world_put(&f->a, "iam:role", "etl", ROLE);
}

static void close_fixture(struct fixture *f)
{
	buf_clear(&f->out);
	a_world_close(&f->a);
}

static void call(struct fixture *f, const char *form)
{
	if (a_world_call(&f->a, &service_sts, form, &f->out, &f->err))
		fail_msg("%s: %s %s", form, f->err.code, f->err.text);
}

static void assert_refused(struct fixture *f, const char *form, const char *code, const char *part)
{
	err_clear(&f->err);
	if (!a_world_call(&f->a, &service_sts, form, &f->out, &f->err))
		fail_msg("%s: done, %s was expected", form, code);
	if (strcmp(f->err.code, code) || !strstr(f->err.text, part))
		fail_msg("%s: %s (%s), %s was expected", form, f->err.code, f->err.text, code);
}

/* The text of an element of the answer. */
static void element(struct fixture *f, const char *name, char *out, size_t size)
{
	char open[64];
	const char *at;

	snprintf(open, sizeof(open), "<%s>", name);
	at = strstr(f->out.data, open);
	if (!at)
		fail_msg("no %s in %s", open, f->out.data);
	at += strlen(open);
	snprintf(out, size, "%.*s", (int)strcspn(at, "<"), at);
}

static const struct json *stored_key(struct fixture *f, char id[KEY_ID_SIZE])
{
	element(f, "AccessKeyId", id, KEY_ID_SIZE);
	return store_get(f->a.world.store, "iam:access-key", id);
}

static void test_a_roles_keys_last_as_long_as_asked(void **state)
{
	static const struct {
		const char *form;
		int64_t ms;
	} cases[] = { { ASSUME, HOUR_MS },
		      { ASSUME "&DurationSeconds=900", HOUR_MS / 4 },
		      { ASSUME "&DurationSeconds=7200", 2 * HOUR_MS } };
	struct fixture f;
	char id[KEY_ID_SIZE], text[KEY_TOKEN_SIZE], expires[CLOCK_TEXT];

	(void)state;
	open_fixture(&f);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct json *key;

		call(&f, cases[i].form);
		key = stored_key(&f, id);
		assert_int_equal(strncmp(id, "ASIA", 4), 0);
		assert_int_equal(json_int(key, "expiresMs", 0), START + cases[i].ms);
		element(&f, "SessionToken", text, sizeof(text));
		assert_string_equal(json_str(key, "token", ""), text);
		element(&f, "Expiration", text, sizeof(text));
		clock_iso_s(START + cases[i].ms, expires);
		assert_string_equal(text, expires);
		element(&f, "AssumedRoleId", text, sizeof(text));
		assert_string_equal(text, "AROA1:night");
		assert_string_equal(json_str(key, "arn", ""), "arn:aws:sts::123456789012:assumed-role/etl/night");
		assert_null(json_get(key, "sessionPolicies"));
	}
	close_fixture(&f);
}

static void test_what_assuming_a_role_does_not_take(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f);
	assert_refused(&f, "Action=AssumeRole&RoleSessionName=night", "ValidationError", "roleArn");
	assert_refused(&f, "Action=AssumeRole&RoleArn=not-an-arn-but-long-enough&RoleSessionName=night",
		       "ValidationError", "is invalid");
	assert_refused(&f, "Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:role/none&RoleSessionName=night",
		       "AccessDenied", "sts:AssumeRole on resource: arn:aws:iam::123456789012:role/none");
	assert_refused(&f, ASSUME "&DurationSeconds=899", "ValidationError", "greater than or equal to 900");
	assert_refused(&f, ASSUME "&DurationSeconds=43201", "ValidationError", "less than or equal to 43200");
	assert_refused(&f, ASSUME "&DurationSeconds=7201", "ValidationError", "MaxSessionDuration");
	assert_refused(&f, ASSUME "&Policy=x", "MalformedPolicyDocument", "Json");
	assert_refused(&f, ASSUME "&PolicyArns.member.1.arn=arn:aws:iam::aws:policy/None", "MalformedPolicyDocument",
		       "does not exist");
	assert_refused(&f, ASSUME "&SerialNumber=1&TokenCode=123456", "AccessDenied", "MultiFactorAuthentication");
	assert_refused(&f, ASSUME "&Tags.member.1.Key=a&Tags.member.1.Value=b", "AccessDenied", "sts:TagSession");
	assert_refused(&f, ASSUME "&SourceIdentity=me", "AccessDenied", "sts:SetSourceIdentity");
	assert_int_equal(store_count(f.a.world.store, "iam:access-key", ""), 0);
	close_fixture(&f);
}

static void test_keys_that_ended_are_forgotten_a_day_later(void **state)
{
	struct fixture f;
	char id[KEY_ID_SIZE], later[KEY_ID_SIZE];

	(void)state;
	open_fixture(&f);
	call(&f, ASSUME);
	assert_non_null(stored_key(&f, id));
	f.a.now_ms = START + 24 * HOUR_MS;
	call(&f, ASSUME);
	assert_non_null(stored_key(&f, later));
	/* Until then whoever still uses them is told that they expired. */
	assert_non_null(store_get(f.a.world.store, "iam:access-key", id));
	f.a.now_ms = START + 25 * HOUR_MS + 1;
	call(&f, ASSUME);
	assert_null(store_get(f.a.world.store, "iam:access-key", id));
	assert_non_null(store_get(f.a.world.store, "iam:access-key", later));
	close_fixture(&f);
}

static void test_the_use_of_a_key_is_noted_once_a_minute(void **state)
{
	struct caller who = { .access_key_id = "AKIA1", .service = "iam", .region = "us-west-2" };
	struct fixture f;
	const struct json *use;

	(void)state;
	open_fixture(&f);
	keys_note_use(&f.a.world, &who);
	snprintf(who.service, sizeof(who.service), "s3");
	f.a.now_ms += 59999;
	keys_note_use(&f.a.world, &who);
	use = store_get(f.a.world.store, "iam:key-use", "AKIA1");
	assert_string_equal(json_str(use, "service", ""), "iam");
	assert_int_equal(json_int(use, "usedMs", 0), START);
	f.a.now_ms += 1;
	keys_note_use(&f.a.world, &who);
	assert_string_equal(json_str(store_get(f.a.world.store, "iam:key-use", "AKIA1"), "service", ""), "s3");
	close_fixture(&f);
}

static void test_the_first_user_of_an_older_store_gets_his_policy(void **state)
{
	struct fixture f;
	struct secret secret = { NULL, 0 };
	const struct json *user;
	char id[129];

	(void)state;
	open_fixture(&f);
	a_world_put(&f.a, "iam:user", "sparkctl",
		    "{\"name\":\"sparkctl\",\"path\":\"/\",\"userId\":\"AIDAOLD\",\"arn\":\"arn:aws:iam::123456789012:"
		    "user/sparkctl\",\"created\":\"\"}");
	a_world_put(&f.a, "iam:access-key", "AKIAOLD",
		    "{\"id\":\"AKIAOLD\",\"secret\":\"s\",\"userName\":\"sparkctl\","
		    "\"status\":\"Active\"}");
	a_world_put(&f.a, "iam:access-key", "AKIAAAA",
		    "{\"secret\":\"x\",\"userName\":\"sparkctl\",\"token\":\"t\","
		    "\"status\":\"Active\"}");
	assert_int_equal(access_ensure_root(&f.a.world, id, &secret, &f.err), 0);
	assert_string_equal(id, "AKIAOLD");
	assert_string_equal(secret_value(&secret), "s");
	user = store_get(f.a.world.store, "iam:user", "sparkctl");
	assert_string_equal(json_str(user, "userId", ""), "AIDAOLD");
	assert_string_equal(json_text(json_at(json_get(user, "attached"), 0)),
			    "arn:aws:iam::aws:policy/AdministratorAccess");
	secret_clear(&secret);
	close_fixture(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_roles_keys_last_as_long_as_asked),
		cmocka_unit_test(test_what_assuming_a_role_does_not_take),
		cmocka_unit_test(test_keys_that_ended_are_forgotten_a_day_later),
		cmocka_unit_test(test_the_use_of_a_key_is_noted_once_a_minute),
		cmocka_unit_test(test_the_first_user_of_an_older_store_gets_his_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
