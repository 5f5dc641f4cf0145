/* Where calls go, how often, and what a refusal tells the user. */
#include "spark/aws/iam.h"
#include "spark/aws/redshift.h"
#include "spark/aws/s3.h"

#include "unit/aws/canned.h"

#define SANDBOX "http://127.0.0.1:4566"
#define IDENTITY                                                                                                   \
	"<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>" \
	"<Arn>arn:aws:iam::123456789012:user/u</Arn><UserId>AIDAX</UserId><Account>123456789012</Account>"         \
	"</GetCallerIdentityResult><ResponseMetadata><RequestId>r1</RequestId></ResponseMetadata>"                 \
	"</GetCallerIdentityResponse>"
#define REFUSAL(code, message)                                                                        \
	"<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type><Code>" code "</Code><Message>" message \
	"</Message></Error><RequestId>req-7</RequestId></ErrorResponse>"

/* The script's calls, one after the other: GetCallerIdentity. */
static int identity(struct canned *net, const struct canned_reply *replies, size_t count, struct err *err)
{
	struct aws_client *c = canned_open(net, replies, count, SANDBOX, "us-west-2");
	struct sts_identity id = { 0 };
	int rc = sts_get_caller_identity(c, &id, err);

	if (rc == 0)
		assert_string_equal(id.account, "123456789012");
	canned_close(net, c);
	return rc;
}

static void each_service_has_its_own_host(void **state)
{
	static const struct {
		const char *region, *service, *bucket, *url, *scope;
		bool path_style;
	} rows[] = {
		{ "us-west-2", "iam", NULL, "https://iam.amazonaws.com", "us-east-1", false },
		{ "us-west-2", "sts", NULL, "https://sts.us-west-2.amazonaws.com", "us-west-2", false },
		{ "eu-west-1", "ec2", NULL, "https://ec2.eu-west-1.amazonaws.com", "eu-west-1", false },
		{ "eu-west-1", "redshift", NULL, "https://redshift.eu-west-1.amazonaws.com", "eu-west-1", false },
		{ "us-west-2", "s3", NULL, "https://s3.us-west-2.amazonaws.com", "us-west-2", false },
		{ "us-west-2", "s3", "udacity-dend", "https://udacity-dend.s3.us-west-2.amazonaws.com", "us-west-2",
		  false },
		{ "us-west-2", "s3", "with.dots", "https://s3.us-west-2.amazonaws.com", "us-west-2", true },
		{ "cn-north-1", "redshift", NULL, "https://redshift.cn-north-1.amazonaws.com.cn", "cn-north-1", false },
		{ "cn-northwest-1", "iam", NULL, "https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1", false },
		{ "us-gov-east-1", "iam", NULL, "https://iam.us-gov.amazonaws.com", "us-gov-west-1", false },
		{ "us-gov-east-1", "s3", "buck", "https://buck.s3.us-gov-east-1.amazonaws.com", "us-gov-east-1",
		  false },
		{ "us-iso-west-1", "iam", NULL, "https://iam.us-iso-east-1.c2s.ic.gov", "us-iso-east-1", false },
		{ "us-iso-west-1", "redshift", NULL, "https://redshift.us-iso-west-1.c2s.ic.gov", "us-iso-west-1",
		  false },
		{ "us-isob-east-1", "sts", NULL, "https://sts.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1", false },
		{ "eu-isoe-west-1", "ec2", NULL, "https://ec2.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1", false },
		{ "us-isof-east-1", "iam", NULL, "https://iam.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1",
		  false },
		{ "eusc-de-east-1", "s3", "buck", "https://buck.s3.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1",
		  false },
	};
	struct canned net;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct aws_client *c = canned_open(&net, NULL, 0, NULL, rows[i].region);
		struct address a;
		assert_int_equal(client_resolve(c, rows[i].service, rows[i].bucket, &a, NULL), 0);
		assert_string_equal(a.base, rows[i].url);
		assert_string_equal(a.host, rows[i].url + strlen("https://"));
		assert_string_equal(a.region, rows[i].scope);
		assert_int_equal(a.bucket_in_path, rows[i].path_style);
		canned_close(&net, c);
	}
}

static void an_endpoint_serves_everything(void **state)
{
	static const struct {
		const char *endpoint, *host;
	} rows[] = {
		{ "http://127.0.0.1:4566", "127.0.0.1:4566" },    { "http://localhost:80/", "localhost" },
		{ "https://sandbox.test", "sandbox.test" },       { "https://sandbox.test:443", "sandbox.test" },
		{ "https://sandbox.test:80", "sandbox.test:80" }, { "http://[::1]:4566", "[::1]:4566" },
	};
	struct canned net;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct aws_client *c = canned_open(&net, NULL, 0, rows[i].endpoint, "us-west-2");
		struct address a;
		assert_int_equal(client_resolve(c, "iam", NULL, &a, NULL), 0);
		assert_string_equal(a.host, rows[i].host);
		assert_string_equal(a.region, "us-west-2");
		assert_int_equal(client_resolve(c, "s3", "udacity-dend", &a, NULL), 0);
		assert_true(a.bucket_in_path);
		canned_close(&net, c);
	}
}

static void endpoints_and_regions_that_cannot_be_are_refused(void **state)
{
	struct aws_client_options o = { .region = "us-west-2", .endpoint_url = "ftp://x" };
	struct err err = { 0 };

	(void)state;
	assert_null(aws_client_new(&o, &err));
	o.endpoint_url = "http://x/path";
	assert_null(aws_client_new(&o, &err));
	ASSERT_HAS(err.text, "has a path");
	o.endpoint_url = NULL;
	o.region = "us-west-2.evil.test/";
	assert_null(aws_client_new(&o, &err));
	assert_int_equal(err.kind, ERR_CONFIG);
	ASSERT_HAS(err.text, "is no region");
}

static void a_call_is_signed_for_its_scope(void **state)
{
	static const struct canned_reply replies[] = { { .status = 200, .body = IDENTITY } };
	struct canned net;
	struct aws_client *c = canned_open(&net, replies, 1, SANDBOX, "us-west-2");
	struct sts_identity id;

	(void)state;
	assert_int_equal(sts_get_caller_identity(c, &id, NULL), 0);
	assert_string_equal(net.requests[0].method, "POST");
	assert_string_equal(net.requests[0].url, SANDBOX "/");
	assert_string_equal(net.requests[0].body, "Action=GetCallerIdentity&Version=2011-06-15");
	ASSERT_HAS(net.requests[0].headers, "host: 127.0.0.1:4566\n");
	ASSERT_HAS(net.requests[0].headers, "x-amz-date: 20261121T100632Z\n");
	ASSERT_HAS(net.requests[0].headers, "Credential=AKIDEXAMPLE/20261121/us-west-2/sts/aws4_request");
	ASSERT_HAS(net.requests[0].headers, "SignedHeaders=content-type;host;x-amz-date");
	assert_null(strstr(net.requests[0].headers, "x-amz-content-sha256"));
	canned_close(&net, c);
}

static void throttling_is_waited_for(void **state)
{
	static const struct canned_reply replies[] = {
		{ .status = 400, .body = REFUSAL("Throttling", "Rate exceeded"), .retry_after_s = 2 },
		{ .status = 503, .body = "<html>busy</html>" },
		{ .status = 200, .body = IDENTITY },
	};
	struct canned net;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(identity(&net, replies, 3, &err), 0);
	assert_int_equal(net.sent, 3);
	assert_true(net.slept_ms >= 2000);
}

static void attempts_are_bounded_and_told(void **state)
{
	static const struct canned_reply replies[] = {
		{ .status = 503, .body = REFUSAL("ServiceUnavailable", "Busy.") },
		{ .status = 503, .body = REFUSAL("ServiceUnavailable", "Busy.") },
		{ .status = 503, .body = REFUSAL("ServiceUnavailable", "Busy.") },
	};
	struct canned net;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(identity(&net, replies, 3, &err), -1);
	assert_int_equal(net.sent, 3);
	assert_int_equal(err.kind, ERR_AWS);
	assert_int_equal(err.http_status, 503);
	assert_true(err.retryable);
	assert_string_equal(err.text, "sts GetCallerIdentity failed: Busy (ServiceUnavailable) (after 3 attempts)");
	assert_string_equal(err.request_id, "req-7");
}

static void no_connection_is_tried_three_times(void **state)
{
	static const struct canned_reply no = { .failure = ERR_UNREACHABLE, .retryable = true };
	const struct canned_reply replies[] = { no, no, no };
	struct canned net;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(identity(&net, replies, 3, &err), -1);
	assert_int_equal(err.kind, ERR_UNREACHABLE);
	ASSERT_HAS(err.text, "127.0.0.1:4566");
	ASSERT_HAS(err.text, "after 3 attempts");
}

static void a_time_out_is_final(void **state)
{
	static const struct canned_reply replies[] = { { .failure = ERR_TIMEOUT, .may_have_arrived = true } };
	struct canned net;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(identity(&net, replies, 1, &err), -1);
	assert_int_equal(err.kind, ERR_TIMEOUT);
	assert_int_equal(net.sent, 1);
}

static void a_lost_reply_to_a_creation_is_not_asked_for_again(void **state)
{
	static const struct canned_reply lost[] = {
		{ .failure = ERR_UNREACHABLE, .retryable = true, .may_have_arrived = true },
	};
	static const struct canned_reply not_sent[] = {
		{ .failure = ERR_UNREACHABLE, .retryable = true },
		{ .status = 400, .body = REFUSAL("ClusterAlreadyExists", "Cluster already exists") },
	};
	const struct redshift_create in = { .id = "demo", .node_type = "ra3.large", .master_username = "u" };
	struct canned net;
	struct err err = { 0 };
	struct aws_client *c = canned_open(&net, lost, 1, SANDBOX, "us-west-2");

	(void)state;
	assert_int_equal(redshift_create_cluster(c, &in, NULL, &err), -1);
	assert_int_equal(net.sent, 1);
	assert_true(net.requests[0].fresh_connection);
	canned_close(&net, c);
	c = canned_open(&net, not_sent, 2, SANDBOX, "us-west-2");
	assert_int_equal(redshift_create_cluster(c, &in, NULL, &err), -1);
	assert_true(err_has_code(&err, "ClusterAlreadyExists"));
	assert_int_equal(net.sent, 2);
	canned_close(&net, c);
}

static void a_wrong_clock_is_learned_once(void **state)
{
	static const struct canned_reply replies[] = {
		{ .status = 403,
		  .body = REFUSAL("SignatureDoesNotMatch", "Signature expired: 20261121T100632Z is now earlier than x"),
		  .date = "Sat, 21 Nov 2026 10:26:32 GMT" },
		{ .status = 200, .body = IDENTITY },
		{ .status = 200, .body = IDENTITY },
	};
	struct canned net;
	struct aws_client *c = canned_open(&net, replies, 3, SANDBOX, "us-west-2");
	struct sts_identity id;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(sts_get_caller_identity(c, &id, &err), 0);
	ASSERT_HAS(net.requests[0].headers, "x-amz-date: 20261121T100632Z");
	ASSERT_HAS(net.requests[1].headers, "x-amz-date: 20261121T102632Z");
	assert_int_equal(net.sleeps, 0);
	assert_int_equal(aws_client_clock_offset_ms(c), 20 * 60 * 1000);
	assert_int_equal(sts_get_caller_identity(c, &id, &err), 0);
	ASSERT_HAS(net.requests[2].headers, "x-amz-date: 20261121T102632Z");
	canned_close(&net, c);
}

static void a_wrong_clock_that_stays_wrong_ends(void **state)
{
	static const struct canned_reply skew = {
		.status = 403,
		.body = REFUSAL("RequestTimeTooSkewed", "The difference is too large."),
		.date = "Sat, 21 Nov 2026 12:06:32 GMT",
	};
	const struct canned_reply replies[] = { skew, skew };
	struct canned net;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(identity(&net, replies, 2, &err), -1);
	assert_int_equal(net.sent, 2);
	ASSERT_HAS(err.hint, "clock");
}

static void a_wrong_secret_says_what_to_check(void **state)
{
	static const struct canned_reply replies[] = {
		{ .status = 403,
		  .body = REFUSAL("SignatureDoesNotMatch", "The request signature we calculated does not match."),
		  .date = "Sat, 21 Nov 2026 10:06:33 GMT" },
	};
	struct canned net;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(identity(&net, replies, 1, &err), -1);
	assert_int_equal(err.kind, ERR_CREDENTIALS);
	assert_true(err_has_code(&err, "SignatureDoesNotMatch"));
	ASSERT_HAS(err.hint, "check the secret access key");
	ASSERT_HAS(err.hint, "dwh.cfg:3");
	assert_null(strstr(err.text, "wJalr"));
}

static void replies_that_are_no_xml_name_the_action(void **state)
{
	static const struct canned_reply replies[] = {
		{ .status = 200, .body = "<GetCallerIdentityResponse><GetCaller" },
		{ .status = 200, .body = "" },
		{ .status = 200, .body = "<html><body>welcome</body></html>" },
		{ .status = 200,
		  .body = "<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(replies); i++) {
		struct canned net;
		struct err err = { 0 };
		assert_int_equal(identity(&net, &replies[i], 1, &err), -1);
		assert_int_equal(err.kind, ERR_PARSE);
		assert_int_equal(err_exit_code(&err), 4);
		ASSERT_HAS(err.text, "GetCallerIdentity");
	}
}

static void an_error_in_a_success_is_an_error(void **state)
{
	static const struct canned_reply query[] = { { .status = 200, .body = REFUSAL("InternalFailure", "Oh.") } };
	static const struct canned_reply copy[] = {
		{ .status = 200, .body = "<Error><Code>InternalError</Code><Message>We failed.</Message></Error>" },
	};
	struct canned net;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(identity(&net, query, 1, &err), -1);
	assert_true(err_has_code(&err, "InternalFailure"));
	struct aws_client *c = canned_open(&net, copy, 1, SANDBOX, "us-west-2");
	assert_int_equal(s3_copy(c, "from", "a b", "dest", "k", &err), -1);
	assert_true(err_has_code(&err, "InternalError"));
	ASSERT_HAS(net.requests[0].headers, "x-amz-copy-source: /from/a%20b\n");
	canned_close(&net, c);
}

static void an_interrupt_ends_the_call(void **state)
{
	static const struct canned_reply replies[] = { { .status = 200, .body = IDENTITY } };
	struct canned net;
	struct aws_client *c = canned_open(&net, replies, 1, SANDBOX, "us-west-2");
	struct sts_identity id;
	struct err err = { 0 };

	(void)state;
	net.stop = 2;
	assert_int_equal(sts_get_caller_identity(c, &id, &err), -1);
	assert_int_equal(err.kind, ERR_INTERRUPTED);
	assert_int_equal(net.sent, 0);
	canned_close(&net, c);
}

static void the_callers_address_is_asked_without_a_signature(void **state)
{
	static const struct canned_reply replies[] = {
		{ .status = 503 },
		{ .status = 200, .body = "203.0.113.9\n" },
		{ .status = 404, .body = "no" },
	};
	struct canned net;
	struct aws_client *c = canned_open(&net, replies, 3, NULL, "us-west-2");
	struct err err = { 0 };
	struct buf body;

	(void)state;
	buf_init(&body, 4096);
	assert_int_equal(aws_http_get(c, "https://checkip.amazonaws.com/", &body, &err), 0);
	assert_string_equal(body.data, "203.0.113.9\n");
	assert_string_equal(net.requests[1].headers, "");
	assert_int_equal(aws_http_get(c, "https://checkip.amazonaws.com/", &body, &err), -1);
	ASSERT_HAS(err.text, "404");
	buf_clear(&body);
	canned_close(&net, c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_service_has_its_own_host),
		cmocka_unit_test(an_endpoint_serves_everything),
		cmocka_unit_test(endpoints_and_regions_that_cannot_be_are_refused),
		cmocka_unit_test(a_call_is_signed_for_its_scope),
		cmocka_unit_test(throttling_is_waited_for),
		cmocka_unit_test(attempts_are_bounded_and_told),
		cmocka_unit_test(no_connection_is_tried_three_times),
		cmocka_unit_test(a_time_out_is_final),
		cmocka_unit_test(a_lost_reply_to_a_creation_is_not_asked_for_again),
		cmocka_unit_test(a_wrong_clock_is_learned_once),
		cmocka_unit_test(a_wrong_clock_that_stays_wrong_ends),
		cmocka_unit_test(a_wrong_secret_says_what_to_check),
		cmocka_unit_test(replies_that_are_no_xml_name_the_action),
		cmocka_unit_test(an_error_in_a_success_is_an_error),
		cmocka_unit_test(an_interrupt_ends_the_call),
		cmocka_unit_test(the_callers_address_is_asked_without_a_signature),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
