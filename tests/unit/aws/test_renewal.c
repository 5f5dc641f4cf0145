/* Calls whose credentials end or are taken away, and the budget that all repeats share. */
#include "spark/aws/iam.h"

#include "unit/aws/canned.h"

#define IDENTITY                                                                                          \
	"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/u</Arn>" \
	"<UserId>AIDAX</UserId><Account>123456789012</Account></GetCallerIdentityResult>"                 \
	"</GetCallerIdentityResponse>"
#define REFUSAL(code, message)                                                                        \
	"<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type><Code>" code "</Code><Message>" message \
	"</Message></Error><RequestId>req-7</RequestId></ErrorResponse>"

/* Credentials that the test hands out: AKIA1, AKIA2, ... */
struct issuer {
	struct aws_provider *provider;
	struct canned *net;
	int64_t life_ms;
	int issued;
	bool fails, stands_still;
};

static int issue(void *arg, struct aws_credentials *out, struct err *err)
{
	struct issuer *i = arg;
	struct aws_credentials c = { 0 };

	i->issued++;
	if (i->fails)
		return err_set(err, ERR_CREDENTIALS, "the sign-in has run out");
	snprintf(c.access_key_id, sizeof(c.access_key_id), "AKIA%d", i->stands_still ? 1 : i->issued);
	snprintf(c.source, sizeof(c.source), "issuer, set %d", i->issued);
	c.expires_ms = i->life_ms ? i->net->now_ms + i->life_ms : 0;
	if (secret_set(&c.secret_access_key, "secret", err) != 0 ||
	    secret_set(&c.session_token, i->issued == 1 || i->stands_still ? "token-1" : "token-n", err) != 0)
		return -1;
	*out = c;
	return 0;
}

static struct aws_client *open_client(struct canned *net, struct issuer *i, const struct canned_reply *replies,
				      size_t count, const struct aws_settings *settings)
{
	struct aws_client_options o = {
		.region = "us-west-2", .endpoint_url = "http://127.0.0.1:4566", .timeout_ms = 5000, .settings = settings
	};
	struct aws_client *c;

	*net = (struct canned){ .replies = replies, .reply_count = count, .now_ms = 1795255592000 };
	net->clock = (struct clock){ canned_now, canned_now, canned_sleep, net };
	const struct aws_chain_options chain = { .clock = &net->clock };
	i->net = net;
	i->provider = aws_provider_new(&chain, NULL);
	assert_non_null(i->provider);
	provider_set_search(i->provider, issue, i);
	o.provider = i->provider;
	o.clock = &net->clock;
	o.stop = &net->stop;
	c = aws_client_new(&o, NULL);
	assert_non_null(c);
	aws_client_set_transport(c, &(struct transport){ canned_send, net });
	return c;
}

static void close_client(struct canned *net, struct issuer *i, struct aws_client *c)
{
	canned_close(net, c);
	aws_provider_free(i->provider);
}

static void keys_near_their_end_are_replaced_between_two_calls(void **state)
{
	static const struct canned_reply replies[] = { { .status = 200, .body = IDENTITY },
						       { .status = 200, .body = IDENTITY },
						       { .status = 200, .body = IDENTITY } };
	struct canned net;
	struct issuer i = { .life_ms = 3600000 };
	struct aws_client *c = open_client(&net, &i, replies, 3, NULL);
	struct sts_identity id;

	(void)state;
	assert_int_equal(sts_get_caller_identity(c, &id, NULL), 0);
	net.now_ms += 54 * 60000;
	assert_int_equal(sts_get_caller_identity(c, &id, NULL), 0);
	net.now_ms += 60000;
	assert_int_equal(sts_get_caller_identity(c, &id, NULL), 0);
	ASSERT_HAS(net.requests[1].headers, "Credential=AKIA1/");
	ASSERT_HAS(net.requests[1].headers, "x-amz-security-token: token-1\n");
	ASSERT_HAS(net.requests[2].headers, "Credential=AKIA2/");
	ASSERT_HAS(net.requests[2].headers, "x-amz-security-token: token-n\n");
	/* The signing key is another one too: the same day, region and service gave another signature. */
	assert_string_not_equal(strstr(net.requests[1].headers, "Signature="),
				strstr(net.requests[2].headers, "Signature="));
	close_client(&net, &i, c);
}

static void refused_keys_are_renewed_once(void **state)
{
	static const char *const codes[] = { REFUSAL("ExpiredToken", "The security token is expired"),
					     REFUSAL("InvalidClientTokenId", "The security token is invalid."),
					     REFUSAL("InvalidAccessKeyId", "Unknown."),
					     ("<Response><Errors><Error><Code>AuthFailure</Code><Message>x</Message>"
					      "</Error></Errors></Response>") };

	(void)state;
	for (size_t k = 0; k < COUNT_OF(codes); k++) {
		const struct canned_reply replies[] = { { .status = 403, .body = codes[k] },
							{ .status = 200, .body = IDENTITY },
							{ .status = 403, .body = codes[k] },
							{ .status = 403, .body = codes[k] } };
		struct canned net;
		struct issuer i = { 0 };
		struct aws_client *c = open_client(&net, &i, replies, 4, NULL);
		struct sts_identity id;
		struct err err = { 0 };
		assert_int_equal(sts_get_caller_identity(c, &id, &err), 0);
		ASSERT_HAS(net.requests[1].headers, "Credential=AKIA2/");
		assert_int_equal(net.sleeps, 0);
		assert_int_equal(sts_get_caller_identity(c, &id, &err), -1);
		assert_int_equal(net.sent, 4);
		assert_int_equal(err.kind, ERR_CREDENTIALS);
		ASSERT_HAS(err.hint, "issuer, set 3");
		close_client(&net, &i, c);
	}
}

static void the_same_keys_again_are_not_sent_again(void **state)
{
	static const struct canned_reply replies[] = { { .status = 403, .body = REFUSAL("ExpiredToken", "Over.") } };
	struct canned net;
	struct issuer i = { .stands_still = true };
	struct aws_client *c = open_client(&net, &i, replies, 1, NULL);
	struct sts_identity id;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(sts_get_caller_identity(c, &id, &err), -1);
	assert_true(err_has_code(&err, "ExpiredToken"));
	assert_int_equal(i.issued, 2);
	close_client(&net, &i, c);
}

static void a_search_that_fails_says_what_to_do(void **state)
{
	static const struct canned_reply replies[] = { { .status = 200, .body = IDENTITY },
						       { .status = 403, .body = REFUSAL("ExpiredToken", "Over.") } };
	struct canned net;
	struct issuer i = { 0 };
	struct aws_client *c = open_client(&net, &i, replies, 2, NULL);
	struct sts_identity id;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(sts_get_caller_identity(c, &id, &err), 0);
	i.fails = true;
	assert_int_equal(sts_get_caller_identity(c, &id, &err), -1);
	assert_int_equal(err_exit_code(&err), 3);
	ASSERT_HAS(err.text, "sts GetCallerIdentity was refused (ExpiredToken)");
	ASSERT_HAS(err.text, "the sign-in has run out");
	close_client(&net, &i, c);
}

static void settings_say_how_often(void **state)
{
	static const struct canned_reply busy = { .status = 503, .body = REFUSAL("ServiceUnavailable", "Busy.") };
	const struct canned_reply replies[] = { busy, busy, busy, busy, busy };
	static const struct {
		struct aws_settings settings;
		size_t attempts;
	} rows[] = {
		{ { .max_attempts = 1 }, 1 },      { { .max_attempts = 4 }, 4 },
		{ { .legacy_retries = true }, 5 }, { { .legacy_retries = true, .max_attempts = 2 }, 2 },
		{ { .max_attempts = 0 }, 3 },
	};

	(void)state;
	for (size_t k = 0; k < COUNT_OF(rows); k++) {
		struct canned net;
		struct issuer i = { 0 };
		struct aws_client *c = open_client(&net, &i, replies, 5, &rows[k].settings);
		struct sts_identity id;
		struct err err = { 0 };
		assert_int_equal(sts_get_caller_identity(c, &id, &err), -1);
		assert_int_equal(net.sent, rows[k].attempts);
		close_client(&net, &i, c);
	}
}

static void repeats_draw_on_one_budget(void **state)
{
	struct canned net;
	struct issuer i = { 0 };
	struct aws_client *c = open_client(&net, &i, NULL, 0, NULL);

	(void)state;
	for (int k = 0; k < 50; k++)
		assert_true(client_take_retry(c, RETRY_COST_NO_CONNECTION));
	assert_false(client_take_retry(c, RETRY_COST));
	for (int k = 0; k < 5; k++)
		client_return_retry(c, 0);
	assert_true(client_take_retry(c, RETRY_COST));
	assert_false(client_take_retry(c, RETRY_COST));
	client_return_retry(c, RETRY_COST_NO_CONNECTION);
	assert_true(client_take_retry(c, RETRY_COST_NO_CONNECTION));
	/* It never holds more than at the beginning. */
	for (int k = 0; k < 2000; k++)
		client_return_retry(c, 0);
	for (int k = 0; k < 100; k++)
		assert_true(client_take_retry(c, RETRY_COST));
	assert_false(client_take_retry(c, RETRY_COST));
	close_client(&net, &i, c);
}

static void without_budget_a_call_is_made_once(void **state)
{
	static const struct canned_reply replies[] = { { .status = 503, .body = REFUSAL("SlowDown", "Busy.") },
						       { .status = 200, .body = IDENTITY } };
	struct canned net;
	struct issuer i = { 0 };
	struct aws_client *c = open_client(&net, &i, replies, 2, NULL);
	struct sts_identity id;
	struct err err = { 0 };

	(void)state;
	for (int k = 0; k < 100; k++)
		assert_true(client_take_retry(c, RETRY_COST));
	assert_int_equal(sts_get_caller_identity(c, &id, &err), -1);
	assert_true(err_has_code(&err, "SlowDown"));
	assert_int_equal(net.sent, 1);
	close_client(&net, &i, c);
}

static void an_anonymous_client_signs_nothing(void **state)
{
	static const struct canned_reply replies[] = { { .status = 200, .body = IDENTITY } };
	struct aws_client_options o = { .anonymous = true,
					.region = "us-west-2",
					.endpoint_url = "http://127.0.0.1:1" };
	struct canned net = { .replies = replies, .reply_count = 1 };
	struct aws_client *c = aws_client_new(&o, NULL);
	struct sts_identity id;

	(void)state;
	assert_non_null(c);
	aws_client_set_transport(c, &(struct transport){ canned_send, &net });
	assert_int_equal(sts_get_caller_identity(c, &id, NULL), 0);
	assert_null(strstr(net.requests[0].headers, "authorization"));
	ASSERT_HAS(net.requests[0].headers, "host: 127.0.0.1:1\n");
	canned_close(&net, c);
}

static void services_may_have_addresses_of_their_own(void **state)
{
	struct aws_service_url urls[] = { { "s3", (char *)(uintptr_t) "http://127.0.0.1:1" },
					  { "redshift_serverless", (char *)(uintptr_t) "http://127.0.0.1:2/" } };
	struct aws_settings settings = { .urls = urls, .url_count = 2, .use_fips = true };
	struct aws_client_options o = { .anonymous = true, .region = "us-west-2", .settings = &settings };
	struct aws_client *c = aws_client_new(&o, NULL);
	struct address a;

	(void)state;
	assert_int_equal(client_resolve(c, "s3", "bucket", &a, NULL), 0);
	assert_string_equal(a.base, "http://127.0.0.1:1");
	assert_true(a.bucket_in_path);
	assert_int_equal(client_resolve(c, "redshift-serverless", NULL, &a, NULL), 0);
	assert_string_equal(a.base, "http://127.0.0.1:2");
	assert_string_equal(a.region, "us-west-2");
	assert_int_equal(client_resolve(c, "redshift", NULL, &a, NULL), 0);
	assert_string_equal(a.host, "redshift-fips.us-west-2.amazonaws.com");
	aws_client_free(c);
	settings.endpoint_url = (char *)(uintptr_t) "http://127.0.0.1:3";
	c = aws_client_new(&o, NULL);
	assert_int_equal(client_resolve(c, "redshift", NULL, &a, NULL), 0);
	assert_string_equal(a.base, "http://127.0.0.1:3");
	assert_int_equal(client_resolve(c, "s3", NULL, &a, NULL), 0);
	assert_string_equal(a.base, "http://127.0.0.1:1");
	aws_client_free(c);
	o.endpoint_url = "http://127.0.0.1:4";
	c = aws_client_new(&o, NULL);
	assert_int_equal(client_resolve(c, "s3", NULL, &a, NULL), 0);
	assert_string_equal(a.base, "http://127.0.0.1:4");
	aws_client_free(c);
	o.endpoint_url = NULL;
	urls[0].url = (char *)(uintptr_t) "nonsense";
	struct err err = { 0 };
	assert_null(aws_client_new(&o, &err));
	ASSERT_HAS(err.text, "service 's3'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_near_their_end_are_replaced_between_two_calls),
		cmocka_unit_test(refused_keys_are_renewed_once),
		cmocka_unit_test(the_same_keys_again_are_not_sent_again),
		cmocka_unit_test(a_search_that_fails_says_what_to_do),
		cmocka_unit_test(settings_say_how_often),
		cmocka_unit_test(repeats_draw_on_one_budget),
		cmocka_unit_test(without_budget_a_call_is_made_once),
		cmocka_unit_test(an_anonymous_client_signs_nothing),
		cmocka_unit_test(services_may_have_addresses_of_their_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
