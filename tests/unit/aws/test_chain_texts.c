/* What others write and we read: times, replies with keys, the words of a command, sections of the shared files. */
#include <stdlib.h>

#include "aws/chain.h"
#include "aws/chain_json.h"
#include "aws/chain_words.h"
#include "unit/cm.h"

static void times_of_every_kind_are_understood(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{ "2026-11-21T10:06:32Z", 1795255592000 },
		{ "2026-11-21T10:06:32UTC", 1795255592000 },
		{ "2026-11-21T10:06:32", 1795255592000 },
		{ "2026-11-21T10:06:32.123456+00:00", 1795255592000 },
		{ "2026-11-21T12:06:32+02:00", 1795255592000 },
		{ "2026-11-21T04:36:32.5-0530", 1795255592000 },
		{ "2026-11-21T10:06:32.000000000Z", 1795255592000 },
	};
	static const char *const bad[] = {
		"",
		"soon",
		"2026-11-21",
		"2026-11-21T10:06:32+2",
		"2026-11-21T10:06:32 Z",
		"2026-13-21T10:06:32Z",
		"2026-11-21T10:06:32+99:00",
		"2026-11-21T10:06:32+02:00x",
	};
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (chain_parse_time(rows[i].text, &ms) != 0)
			fail_msg("'%s' is not understood", rows[i].text);
		assert_int_equal(ms, rows[i].ms);
	}
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (chain_parse_time(bad[i], &ms) == 0)
			fail_msg("'%s' is taken for a time", bad[i]);
}

static int take(const char *text, struct aws_credentials *out, struct err *err)
{
	return chain_take_process_output(text, strlen(text), "program p", out, err);
}

static void a_programs_keys_are_taken(void **state)
{
	struct aws_credentials c = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(take("{\"Version\":1,\"AccessKeyId\":\"AKIA1\",\"SecretAccessKey\":\"s/+\"}\n", &c, &err),
			 CHAIN_FOUND);
	assert_string_equal(c.access_key_id, "AKIA1");
	assert_string_equal(secret_value(&c.secret_access_key), "s/+");
	assert_false(secret_is_set(&c.session_token));
	assert_int_equal(c.expires_ms, 0);
	assert_string_equal(c.source, "program p");
	aws_credentials_clear(&c);
	assert_int_equal(
		take("{\"Version\":1,\"AccessKeyId\":\"ASIA1\",\"SecretAccessKey\":\"s\",\"SessionToken\":\"t==\","
		     "\"Expiration\":\"2026-11-21T10:06:32Z\",\"Other\":[1]}",
		     &c, &err),
		CHAIN_FOUND);
	assert_string_equal(secret_value(&c.session_token), "t==");
	assert_int_equal(c.expires_ms, 1795255592000);
	aws_credentials_clear(&c);
}

static void a_programs_nonsense_is_refused_without_being_shown(void **state)
{
	static const struct {
		const char *text, *said;
	} rows[] = {
		{ "", "no JSON object" },
		{ "hush", "no JSON object" },
		{ "[\"hush\"]", "no JSON object" },
		{ "{\"Version\":2,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"hush\"}", "version 2" },
		{ "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"hush\"}", "version 0" },
		{ "{\"Version\":1,\"SecretAccessKey\":\"hush\"}", "the access key id is missing" },
		{ "{\"Version\":1,\"AccessKeyId\":\"AKIA\"}", "the secret access key is missing" },
		{ "{\"Version\":1}", "no keys" },
		{ "{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"hush\\nhush\"}", "control character" },
		{ "{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"hush\",\"Expiration\":\"soon\"}",
		  "is no time" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct aws_credentials c = { 0 };
		struct err err = { 0 };
		assert_int_equal(take(rows[i].text, &c, &err), CHAIN_FAILED);
		assert_int_equal(err.kind, ERR_CREDENTIALS);
		if (!strstr(err.text, rows[i].said) || strstr(err.text, "hush") || strstr(err.hint, "hush"))
			fail_msg("'%s' of '%s'", err.text, rows[i].text);
		assert_false(secret_is_set(&c.secret_access_key));
	}
}

static void a_sign_in_is_taken_until_it_ends(void **state)
{
	static const char text[] = "{\"accessToken\":\"tok\",\"expiresAt\":\"2026-11-21T10:06:32Z\"}";
	struct secret token = { 0 };
	struct err err = { 0 };
	bool ended = true;

	(void)state;
	assert_int_equal(chain_take_sso_token(text, strlen(text), "x", 1795255591999, &token, &ended, &err), 0);
	assert_false(ended);
	assert_string_equal(secret_value(&token), "tok");
	secret_clear(&token);
	assert_int_equal(chain_take_sso_token(text, strlen(text), "x", 1795255592000, &token, &ended, &err), 0);
	assert_true(ended);
	assert_false(secret_is_set(&token));
	assert_int_equal(chain_take_sso_token("{}", 2, "x", 0, &token, &ended, &err), -1);
	assert_non_null(strstr(err.text, "'x' holds no sign-in"));
}

static void a_command_is_taken_apart_without_a_shell(void **state)
{
	static const struct {
		const char *command, *words; /* joined by | */
	} rows[] = {
		{ "prog", "prog" },
		{ "  /usr/bin/a  b\tc ", "/usr/bin/a|b|c" },
		{ "'a b' \"c d\" e\\ f", "a b|c d|e f" },
		{ "a'b'\"c\"d ''", "abcd|" },
		{ "\"say \\\"hi\\\" \\n\" 'no \\ escape'", "say \"hi\" \\n|no \\ escape" },
		{ "a $HOME * ; rm `x` > y | z && w", "a|$HOME|*|;|rm|`x`|>|y|||z|&&|w" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct chain_words w;
		struct buf joined;
		struct err err = { 0 };
		assert_int_equal(chain_words_split(rows[i].command, &w, &err), 0);
		buf_init(&joined, 4096);
		for (size_t k = 0; k < w.count; k++)
			buf_printf(&joined, "%s%s", k ? "|" : "", w.items[k]);
		assert_string_equal(joined.data, rows[i].words);
		assert_null(w.items[w.count]);
		buf_clear(&joined);
		chain_words_clear(&w);
	}
}

static void an_open_quote_is_refused(void **state)
{
	struct chain_words w = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(chain_words_split("prog 'a b", &w, &err), -1);
	assert_non_null(strstr(err.text, "is not closed"));
}

static struct profiles read_texts(const char *credentials, const char *config)
{
	struct profiles p = { 0 };

	assert_int_equal(profiles_add_text(&p, PROFILE_CREDENTIALS, "c", credentials, strlen(credentials), NULL), 0);
	assert_int_equal(profiles_add_text(&p, PROFILE_CONFIG, "f", config, strlen(config), NULL), 0);
	return p;
}

static void sections_are_read_as_the_aws_tools_do(void **state)
{
	struct profiles p =
		read_texts("[dev]\nRegion = from-credentials\naws_access_key_id = A\n[profile odd]\nx = 1\n",
			   "[default]\nregion = d\n[profile dev]\nregion = from-config\noutput = json\n"
			   "[profile  'my own' ]\nregion = quoted\n[dev2]\nregion = without-the-word\n"
			   "[sso-session corp]\nsso_region = s\n[services mine]\ns3 =\n  endpoint_url = u\n"
			   "[profile]\nx = 1\n[profile empty]\nregion =\n");

	(void)state;
	assert_string_equal(profiles_get(&p, KIND_PROFILE, "default", "region"), "d");
	assert_string_equal(profiles_get(&p, KIND_PROFILE, "dev", "region"), "from-credentials");
	assert_string_equal(profiles_get(&p, KIND_PROFILE, "dev", "output"), "json");
	assert_string_equal(profiles_get(&p, KIND_PROFILE, "my own", "region"), "quoted");
	assert_string_equal(profiles_get(&p, KIND_PROFILE, "profile odd", "x"), "1");
	assert_string_equal(profiles_get(&p, KIND_SSO_SESSION, "corp", "sso_region"), "s");
	assert_string_equal(profiles_get(&p, KIND_SERVICES, "mine", "s3.endpoint_url"), "u");
	assert_null(profiles_get(&p, KIND_PROFILE, "corp", "sso_region"));
	assert_false(profiles_have(&p, KIND_PROFILE, "dev2"));
	assert_true(profiles_have(&p, KIND_PROFILE, "empty"));
	assert_null(profiles_get(&p, KIND_PROFILE, "empty", "region"));
	profiles_clear(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_of_every_kind_are_understood),
		cmocka_unit_test(a_programs_keys_are_taken),
		cmocka_unit_test(a_programs_nonsense_is_refused_without_being_shown),
		cmocka_unit_test(a_sign_in_is_taken_until_it_ends),
		cmocka_unit_test(a_command_is_taken_apart_without_a_shell),
		cmocka_unit_test(an_open_quote_is_refused),
		cmocka_unit_test(sections_are_read_as_the_aws_tools_do),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
