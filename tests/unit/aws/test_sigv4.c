/* The signer against AWS's own examples, and the corners of the canonical form. */
#include "spark/aws/sigv4.h"

#include "spark/base/hash.h"
#include "unit/cm.h"

#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define EMPTY  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static struct aws_credentials keys(const char *id, const char *secret, const char *token)
{
	struct aws_credentials c = { 0 };

	snprintf(c.access_key_id, sizeof(c.access_key_id), "%s", id);
	assert_int_equal(secret_set(&c.secret_access_key, secret, NULL), 0);
	if (token)
		assert_int_equal(secret_set(&c.session_token, token, NULL), 0);
	return c;
}

/* One stage of a raw request, as text. */
enum stage { CANONICAL, TO_SIGN, SIGNATURE, AUTHORIZATION };
static char *stage_of(const char *raw_text, const struct sign_scope *s, const struct aws_credentials *creds,
		      enum stage stage)
{
	struct err err = { 0 };
	struct buf canonical, to_sign, auth;
	struct raw_request *raw = raw_request_parse(raw_text, strlen(raw_text), &err);
	char signature[65], *text = NULL;

	if (!raw)
		fail_msg("%s", err.text);
	buf_init(&canonical, BUF_MAX_DEFAULT);
	buf_init(&to_sign, BUF_MAX_DEFAULT);
	buf_init(&auth, BUF_MAX_DEFAULT);
	assert_int_equal(raw_request_prepare(raw, s, creds, &err), 0);
	assert_int_equal(sigv4_canonical_request(raw_request_view(raw), s, &canonical, &err), 0);
	assert_int_equal(sigv4_string_to_sign(canonical.data, canonical.len, s, &to_sign, &err), 0);
	assert_int_equal(sigv4_signature(to_sign.data, to_sign.len, &creds->secret_access_key, s, signature, &err), 0);
	assert_int_equal(sigv4_authorization(raw_request_view(raw), s, creds, &auth, &err), 0);
	switch (stage) {
	case CANONICAL:
		text = strdup(canonical.data);
		break;
	case TO_SIGN:
		text = strdup(to_sign.data);
		break;
	case SIGNATURE:
		text = strdup(signature);
		break;
	case AUTHORIZATION:
		text = strdup(auth.data);
		break;
	}
	raw_request_free(raw);
	buf_clear(&canonical);
	buf_clear(&to_sign);
	buf_clear(&auth);
	return text;
}

static void expect(const char *raw, const struct sign_scope *s, const struct aws_credentials *creds, enum stage stage,
		   const char *want)
{
	char *got = stage_of(raw, s, creds, stage);

	assert_string_equal(got, want);
	free(got);
}

/* Source: AWS General Reference, "Signature Version 4 signing process" (ListUsers). */
static void aws_example_of_iam_list_users(void **state)
{
	static const char raw[] = "GET /?Action=ListUsers&Version=2010-05-08 HTTP/1.1\r\n"
				  "Host: iam.amazonaws.com\r\n"
				  "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
				  "X-Amz-Date: 20150830T123600Z\r\n\r\n";
	const struct sign_scope s = { "us-east-1", "iam", "20150830T123600Z", true };
	struct aws_credentials c = keys("AKIDEXAMPLE", SECRET, NULL);

	(void)state;
	expect(raw, &s, &c, CANONICAL,
	       "GET\n/\nAction=ListUsers&Version=2010-05-08\n"
	       "content-type:application/x-www-form-urlencoded; charset=utf-8\n"
	       "host:iam.amazonaws.com\nx-amz-date:20150830T123600Z\n\n"
	       "content-type;host;x-amz-date\n" EMPTY);
	expect(raw, &s, &c, TO_SIGN,
	       "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n"
	       "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
	expect(raw, &s, &c, SIGNATURE, "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
	expect(raw, &s, &c, AUTHORIZATION,
	       "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
	       "SignedHeaders=content-type;host;x-amz-date, "
	       "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
	aws_credentials_clear(&c);
}

/* Source: AWS Signature Version 4 test suite, get-vanilla and its relatives. */
static void aws_test_suite(void **state)
{
	static const struct {
		const char *request_line, *headers, *signature;
	} rows[] = {
		{ "GET / HTTP/1.1", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
		{ "POST / HTTP/1.1", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b" },
		{ "GET /?Param2=value2&Param1=value1 HTTP/1.1", "",
		  "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500" },
		{ "GET /./ HTTP/1.1", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
		{ "GET /example/.. HTTP/1.1", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
		{ "GET // HTTP/1.1", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
	};
	const struct sign_scope s = { "us-east-1", "service", "20150830T123600Z", true };
	struct aws_credentials c = keys("AKIDEXAMPLE", SECRET, NULL);
	char raw[512];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(raw, sizeof(raw), "%s\nHost:example.amazonaws.com\nX-Amz-Date:20150830T123600Z\n%s\n",
			 rows[i].request_line, rows[i].headers);
		expect(raw, &s, &c, SIGNATURE, rows[i].signature);
	}
	aws_credentials_clear(&c);
}

/* Source: Amazon S3 API reference, "Authenticating requests: using the Authorization header". */
static void aws_examples_of_s3(void **state)
{
	static const struct {
		const char *raw, *signature;
	} rows[] = {
		{ "GET /test.txt HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\nRange: bytes=0-9\n"
		  "x-amz-content-sha256:" EMPTY "\nx-amz-date: 20130524T000000Z\n\n",
		  "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41" },
		{ "PUT /test%24file.text HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\n"
		  "Date: Fri, 24 May 2013 00:00:00 GMT\nx-amz-date: 20130524T000000Z\n"
		  "x-amz-storage-class: REDUCED_REDUNDANCY\n\nWelcome to Amazon S3.",
		  "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd" },
		{ "GET /?lifecycle HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\n\n",
		  "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543" },
		{ "GET /?max-keys=2&prefix=J HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\n\n",
		  "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7" },
	};
	const struct sign_scope s = { "us-east-1", "s3", "20130524T000000Z", false };
	struct aws_credentials c = keys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect(rows[i].raw, &s, &c, SIGNATURE, rows[i].signature);
	aws_credentials_clear(&c);
}

static void paths_are_normalised_but_for_s3(void **state)
{
	static const struct {
		const char *path, *normalised;
	} rows[] = {
		{ "/", "/" },
		{ "", "/" },
		{ "/a/./b", "/a/b" },
		{ "/a//b///c", "/a/b/c" },
		{ "/a/b/../c", "/a/c" },
		{ "/../../a", "/a" },
		{ "/a/", "/a/" },
		{ "/a/..", "/" },
		{ "/a/../", "/" },
		{ "/a%20b", "/a%2520b" },
		{ "/a b", "/a%20b" },
		{ "/~user_1-2.3", "/~user_1-2.3" },
		{ "/caf\xc3\xa9", "/caf%C3%A9" },
		{ "/a=b;c@d", "/a%3Db%3Bc%40d" },
	};
	static const struct sign_header headers[] = { { "Host", "h" } };
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sign_request r = { "GET", rows[i].path, "", headers, 1, EMPTY };
		struct sign_scope s = { "us-west-2", "redshift", "20261121T100632Z", true };
		struct buf got;
		char want[128];
		buf_init(&got, BUF_MAX_DEFAULT);
		assert_int_equal(sigv4_canonical_request(&r, &s, &got, &err), 0);
		snprintf(want, sizeof(want), "GET\n%s\n\nhost:h\n\nhost\n" EMPTY, rows[i].normalised);
		assert_string_equal(got.data, want);
		buf_reset(&got);
		s.normalize = false;
		assert_int_equal(sigv4_canonical_request(&r, &s, &got, &err), 0);
		snprintf(want, sizeof(want), "GET\n%s\n\nhost:h\n\nhost\n" EMPTY, rows[i].path[0] ? rows[i].path : "/");
		assert_string_equal(got.data, want);
		buf_clear(&got);
	}
}

static void queries_are_sorted_and_strictly_encoded(void **state)
{
	static const struct {
		const char *query, *canonical;
	} rows[] = {
		{ "b=2&a=1", "a=1&b=2" },
		{ "a=2&a=1&a=", "a=&a=1&a=2" },
		{ "a", "a=" },
		{ "=v", "=v" },
		{ "a=b=c", "a=b%3Dc" },
		{ "A=1&a=2&B=3", "A=1&B=3&a=2" },
		{ "a=%c3%a9", "a=%C3%A9" },
		{ "a=\xc3\xa9", "a=%C3%A9" },
		{ "a=%7e%41-_.", "a=~A-_." },
		{ "a=x/y:z", "a=x%2Fy%3Az" },
		{ "a=100%", "a=100%25" },
		{ "a-b=1&a=1", "a=1&a-b=1" },
	};
	static const struct sign_header headers[] = { { "Host", "h" } };
	struct sign_scope s = { "us-west-2", "redshift", "20261121T100632Z", true };
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sign_request r = { "GET", "/", rows[i].query, headers, 1, EMPTY };
		struct buf got;
		char want[200];
		buf_init(&got, BUF_MAX_DEFAULT);
		assert_int_equal(sigv4_canonical_request(&r, &s, &got, &err), 0);
		snprintf(want, sizeof(want), "GET\n/\n%s\nhost:h\n\nhost\n" EMPTY, rows[i].canonical);
		assert_string_equal(got.data, want);
		buf_clear(&got);
	}
}

static void headers_are_joined_folded_and_trimmed(void **state)
{
	static const char raw[] = "get / HTTP/1.1\r\nHOST:  example.com \r\nMy-B: two\r\nMy-A:  a   b\t c  \r\n"
				  "my-b:one\r\nFolded: first\r\n\t second\r\n   third\r\nEmpty:\r\n"
				  "User-Agent: x\r\nAuthorization: old\r\n\r\nbody\r\n";
	const struct sign_scope s = { "us-west-2", "redshift", "20261121T100632Z", true };
	struct aws_credentials c = keys("AKIDEXAMPLE", SECRET, "to/ken==");
	char hash[SHA256_HEX], want[600];

	(void)state;
	assert_int_equal(hash_sha256_hex("body\r\n", 6, hash, NULL), 0);
	snprintf(want, sizeof(want),
		 "GET\n/\n\nempty:\nfolded:first second third\nhost:example.com\nmy-a:a b c\nmy-b:two,one\n"
		 "x-amz-date:20261121T100632Z\nx-amz-security-token:to/ken==\n\n"
		 "empty;folded;host;my-a;my-b;x-amz-date;x-amz-security-token\n%s",
		 hash);
	expect(raw, &s, &c, CANONICAL, want);
	aws_credentials_clear(&c);
}

static void what_cannot_be_signed_says_why(void **state)
{
	static const struct {
		const char *raw, *says;
	} rows[] = {
		{ "", "empty" },
		{ "GET\n\n", "no request line" },
		{ "GET foo HTTP/1.1\nHost: h\n\n", "does not begin with '/'" },
		{ "GET / HTTP/1.1\n folded\n\n", "line 2 is folded" },
		{ "GET / HTTP/1.1\nHost h\n\n", "line 2 is no header" },
		{ "GET / HTTP/1.1\nHost: h\n: v\n\n", "line 3 is no header" },
	};
	static const struct sign_header none[] = { { "X-A", "b" } };
	const struct sign_request hostless = { "GET", "/", "", none, 1, EMPTY };
	struct sign_scope s = { "us-west-2", "redshift", "20261121T100632Z", true };
	struct err err = { 0 };
	struct buf out;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_null(raw_request_parse(rows[i].raw, strlen(rows[i].raw), &err));
		assert_int_equal(err.kind, ERR_USAGE);
		assert_non_null(strstr(err.text, rows[i].says));
	}
	buf_init(&out, BUF_MAX_DEFAULT);
	assert_int_equal(sigv4_canonical_request(&hostless, &s, &out, &err), -1);
	assert_non_null(strstr(err.text, "'Host'"));
	s.date = "2026-11-21";
	assert_int_equal(sigv4_string_to_sign("x", 1, &s, &out, &err), -1);
	assert_non_null(strstr(err.text, "'2026-11-21' is no date"));
	buf_clear(&out);
}

static void an_absolute_target_is_signed_by_its_path(void **state)
{
	const struct sign_scope s = { "us-west-2", "redshift", "20261121T100632Z", true };
	struct aws_credentials c = keys("AKIDEXAMPLE", SECRET, NULL);
	char *a = stage_of("GET http://example.com/a?b=c HTTP/1.1\nHost: example.com\n\n", &s, &c, AUTHORIZATION);
	char *b = stage_of("GET /a?b=c HTTP/1.1\nHost: example.com\n\n", &s, &c, AUTHORIZATION);

	(void)state;
	assert_string_equal(a, b);
	free(a);
	free(b);
	aws_credentials_clear(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aws_example_of_iam_list_users),
		cmocka_unit_test(aws_test_suite),
		cmocka_unit_test(aws_examples_of_s3),
		cmocka_unit_test(paths_are_normalised_but_for_s3),
		cmocka_unit_test(queries_are_sorted_and_strictly_encoded),
		cmocka_unit_test(headers_are_joined_folded_and_trimmed),
		cmocka_unit_test(what_cannot_be_signed_says_why),
		cmocka_unit_test(an_absolute_target_is_signed_by_its_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
