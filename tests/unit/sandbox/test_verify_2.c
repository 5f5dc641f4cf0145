#include "sandbox/access/verify_2.h"
#include "spark/base/hash.h"
#include "unit/sandbox/a_world.h"

/* The published example of a link that is signed with version 2. */
#define KEY                                                                                                           \
	"{\"id\":\"AKIAIOSFODNN7EXAMPLE\",\"secret\":\"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\",\"arn\":\"arn:u\"," \
	"\"userId\":\"AIDA1\",\"status\":\"Active\"}"
#define EXPIRES_S 1175139620
#define QUERY     "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1175139620&Signature="
#define SIGNATURE "NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D"

static const struct http_header virtual_host[] = { { "Host", "johnsmith.s3.amazonaws.com" } };
static const struct http_header path_style[] = { { "Host", "s3.amazonaws.com" } };

static void open_world(struct a_world *a)
{
	a_world_open(a);
	a_world_put(a, "iam:access-key", "AKIAIOSFODNN7EXAMPLE", KEY);
	a->now_ms = (EXPIRES_S - 60) * INT64_C(1000);
}

static struct http_request example(void)
{
	return (struct http_request){ .method = "GET",
				      .target = "/photos/puppy.jpg",
				      .query = QUERY SIGNATURE,
				      .headers = virtual_host,
				      .header_count = 1,
				      .body = "",
				      .peer_ip = "127.0.0.1" };
}

static void assert_refused(struct a_world *a, const struct http_request *r, const char *code, int status)
{
	struct caller who;
	struct err err;

	err_clear(&err);
	if (!access_verify(&a->world, r, &who, &err))
		fail_msg("accepted, %s was expected", code);
	if (strcmp(err.code, code))
		fail_msg("%s (%s), %s was expected", err.code, err.text, code);
	assert_int_equal(err.http_status, status);
}

static void assert_accepted(struct a_world *a, const struct http_request *r)
{
	struct caller who;
	struct err err;

	if (access_verify(&a->world, r, &who, &err))
		fail_msg("%s %s", err.code, err.text);
	assert_string_equal(who.service, "s3");
	assert_string_equal(who.region, "");
	assert_string_equal(who.arn, "arn:u");
}

static void test_the_published_link_is_accepted_until_its_second(void **state)
{
	struct http_request r = example();
	struct a_world a;

	(void)state;
	open_world(&a);
	assert_accepted(&a, &r);
	a.now_ms = EXPIRES_S * INT64_C(1000) - 1;
	assert_accepted(&a, &r);
	a.now_ms = EXPIRES_S * INT64_C(1000);
	assert_refused(&a, &r, "AccessDenied", 403);
	a_world_close(&a);
}

static void test_host_and_path_style_are_signed_alike(void **state)
{
	struct http_request r = example();
	struct a_world a;

	(void)state;
	open_world(&a);
	r.headers = path_style;
	r.target = "/johnsmith/photos/puppy.jpg";
	assert_accepted(&a, &r);
	r.target = "/johnsmith/photos/kitten.jpg";
	assert_refused(&a, &r, "SignatureDoesNotMatch", 403);
	a_world_close(&a);
}

static void test_what_changes_a_request_is_signed(void **state)
{
	static const struct http_header typed[] = { { "Host", "johnsmith.s3.amazonaws.com" },
						    { "Content-Type", "text/html" } };
	static const struct http_header told[] = { { "Host", "johnsmith.s3.amazonaws.com" }, { "X-Amz-Meta-A", "1" } };
	static const struct http_header plain[] = { { "Host", "johnsmith.s3.amazonaws.com" },
						    { "Range", "bytes=0-1" } };
	static const char *const changing[] = { QUERY SIGNATURE "&acl", QUERY SIGNATURE "&uploadId=1",
						QUERY SIGNATURE "&response-content-type=text%2Fhtml" };
	struct http_request r = example();
	struct a_world a;

	(void)state;
	open_world(&a);
	for (size_t i = 0; i < COUNT_OF(changing); i++) {
		r.query = changing[i];
		assert_refused(&a, &r, "SignatureDoesNotMatch", 403);
	}
	r.query = "prefix=x&" QUERY SIGNATURE;
	assert_accepted(&a, &r);
	r.query = QUERY SIGNATURE;
	r.header_count = 2;
	r.headers = typed;
	assert_refused(&a, &r, "SignatureDoesNotMatch", 403);
	r.headers = told;
	assert_refused(&a, &r, "SignatureDoesNotMatch", 403);
	r.headers = plain;
	assert_accepted(&a, &r);
	a_world_close(&a);
}

static void test_half_a_link_says_what_it_lacks(void **state)
{
	static const char *const queries[] = {
		QUERY,
		"AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=" SIGNATURE,
		"AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=&Signature=" SIGNATURE,
		"AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1175139620x&Signature=" SIGNATURE,
		"AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=-1&Signature=" SIGNATURE,
		"AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=9223372036854775807&Signature=" SIGNATURE,
		"AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=99999999999999999999999&Signature=" SIGNATURE,
	};
	struct http_request r = example();
	struct a_world a;

	(void)state;
	open_world(&a);
	for (size_t i = 1; i < COUNT_OF(queries); i++) {
		r.query = queries[i];
		assert_refused(&a, &r, "AccessDenied", 403);
	}
	r.query = queries[0];
	assert_refused(&a, &r, "SignatureDoesNotMatch", 403);
	r.query = "AWSAccessKeyId=AKIAI44QH8DHBEXAMPLE&Expires=1175139620&Signature=" SIGNATURE;
	assert_refused(&a, &r, "InvalidAccessKeyId", 403);
	a_world_close(&a);
}

static void test_version_2_is_for_links_only(void **state)
{
	static const struct http_header header_form[] = {
		{ "Host", "johnsmith.s3.amazonaws.com" },
		{ "Date", "Tue, 27 Mar 2007 19:36:42 +0000" },
		{ "Authorization", "AWS AKIAIOSFODNN7EXAMPLE:bWq2s1WEIj+Ydj0vQ697zp+IXMU=" },
	};
	static const struct http_header chunked[] = { { "Host", "johnsmith.s3.amazonaws.com" },
						      { "x-amz-content-sha256",
							"STREAMING-AWS4-HMAC-SHA256-PAYLOAD" } };
	struct http_request r = example();
	struct chunk_verifier v;
	struct a_world a;
	struct err err;

	(void)state;
	open_world(&a);
	r.headers = chunked;
	r.header_count = COUNT_OF(chunked);
	assert_refused(&a, &r, "InvalidRequest", 400);
	assert_int_equal(access_chunk_begin(&a.world, &r, &v, &err), -1);
	assert_string_equal(err.code, "InvalidRequest");
	r.headers = header_form;
	r.header_count = COUNT_OF(header_form);
	r.query = "";
	assert_refused(&a, &r, "InvalidRequest", 400);
	r.query = QUERY SIGNATURE;
	assert_refused(&a, &r, "InvalidRequest", 400);
	a_world_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_published_link_is_accepted_until_its_second),
		cmocka_unit_test(test_host_and_path_style_are_signed_alike),
		cmocka_unit_test(test_what_changes_a_request_is_signed),
		cmocka_unit_test(test_half_a_link_says_what_it_lacks),
		cmocka_unit_test(test_version_2_is_for_links_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
