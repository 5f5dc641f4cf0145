#include "sandbox/access/verify.h"
#include "spark/base/hash.h"
#include "unit/sandbox/a_world.h"

/* Published examples: the SigV4 test suite and guide (AKIDEXAMPLE), and the guide of S3 (AKIAIOSFODNN7EXAMPLE). */
#define SUITE_KEY                                                                                            \
	"{\"id\":\"AKIDEXAMPLE\",\"secret\":\"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\",\"arn\":\"arn:u\"," \
	"\"userId\":\"AIDA1\",\"status\":\"Active\"}"
#define S3_KEY                                                                                                        \
	"{\"id\":\"AKIAIOSFODNN7EXAMPLE\",\"secret\":\"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\",\"arn\":\"arn:u\"," \
	"\"userId\":\"AIDA1\",\"status\":\"Active\"}"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define CRED  "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"

static const struct http_header iam_headers[] = {
	{ "Host", "iam.amazonaws.com" },
	{ "Content-Type", "application/x-www-form-urlencoded; charset=utf-8" },
	{ "X-Amz-Date", "20150830T123600Z" },
	{ "Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
			   "SignedHeaders=content-type;host;x-amz-date, "
			   "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7" },
};
static const struct http_header s3_get_headers[] = {
	{ "Host", "examplebucket.s3.amazonaws.com" },
	{ "Range", "bytes=0-9" },
	{ "x-amz-content-sha256", EMPTY },
	{ "x-amz-date", "20130524T000000Z" },
	{ "Authorization",
	  "AWS4-HMAC-SHA256 Credential=" CRED ",SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
	  "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41" },
};
static const struct http_header s3_put_headers[] = {
	{ "Host", "examplebucket.s3.amazonaws.com" },
	{ "Date", "Fri, 24 May 2013 00:00:00 GMT" },
	{ "x-amz-date", "20130524T000000Z" },
	{ "x-amz-storage-class", "REDUCED_REDUNDANCY" },
	{ "x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072" },
	{ "Authorization", "AWS4-HMAC-SHA256 Credential=" CRED
			   ",SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,"
			   "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd" },
};
static const struct http_header s3_list_headers[] = {
	{ "Host", "examplebucket.s3.amazonaws.com" },
	{ "x-amz-date", "20130524T000000Z" },
	{ "x-amz-content-sha256", EMPTY },
	{ "Authorization", "AWS4-HMAC-SHA256 Credential=" CRED ",SignedHeaders=host;x-amz-content-sha256;x-amz-date,"
			   "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7" },
};
static const struct http_header s3_chunked_headers[] = {
	{ "Host", "s3.amazonaws.com" },
	{ "x-amz-date", "20130524T000000Z" },
	{ "x-amz-storage-class", "REDUCED_REDUNDANCY" },
	{ "x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" },
	{ "Content-Encoding", "aws-chunked" },
	{ "x-amz-decoded-content-length", "66560" },
	{ "Content-Length", "66824" },
	{ "Authorization", "AWS4-HMAC-SHA256 Credential=" CRED
			   ",SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
			   "x-amz-decoded-content-length;x-amz-storage-class,"
			   "Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9" },
};
static const struct http_header presigned_headers[] = { { "Host", "examplebucket.s3.amazonaws.com" } };
#define PRESIGNED(expires)                                                                                             \
	"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2F"        \
	"aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=" expires "&X-Amz-SignedHeaders=host&X-Amz-Signature=" \
	"aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"

#define REQUEST(m, t, q, h, b)                                                                              \
	{                                                                                                   \
		.method = m, .target = t, .query = q, .headers = h, .header_count = COUNT_OF(h), .body = b, \
		.body_len = sizeof(b) - 1, .peer_ip = "127.0.0.1"                                           \
	}

enum { IAM, S3_GET, S3_PUT, S3_LIST, S3_CHUNKED, PRESIGNED_GET };
static const struct http_request examples[] = {
	[IAM] = REQUEST("GET", "/", "Action=ListUsers&Version=2010-05-08", iam_headers, ""),
	[S3_GET] = REQUEST("GET", "/test.txt", "", s3_get_headers, ""),
	[S3_PUT] = REQUEST("PUT", "/test%24file.text", "", s3_put_headers, "Welcome to Amazon S3."),
	[S3_LIST] = REQUEST("GET", "/", "max-keys=2&prefix=J", s3_list_headers, ""),
	[S3_CHUNKED] = REQUEST("PUT", "/examplebucket/chunkObject.txt", "", s3_chunked_headers, "as it was sent"),
	[PRESIGNED_GET] = REQUEST("GET", "/test.txt", PRESIGNED("86400"), presigned_headers, ""),
};

static int64_t at(const char *text)
{
	struct err err;
	int64_t ms;

	assert_int_equal(clock_parse(text, &ms, &err), 0);
	return ms;
}

static void open_world(struct a_world *a, int example)
{
	a_world_open(a);
	a_world_put(a, "iam:access-key", "AKIDEXAMPLE", SUITE_KEY);
	a_world_put(a, "iam:access-key", "AKIAIOSFODNN7EXAMPLE", S3_KEY);
	a->now_ms = at(example == IAM ? "20150830T123700Z" : "20130524T000100Z");
}

/* A copy of an example whose headers may be changed, with the body's hash as receiving takes it. */
struct copy {
	struct http_request request;
	struct http_header headers[16];
	char text[1024];
};

static void copy_example(struct copy *c, int example)
{
	struct err err;

	c->request = examples[example];
	memcpy(c->headers, c->request.headers, c->request.header_count * sizeof(*c->headers));
	c->request.headers = c->headers;
	assert_int_equal(hash_sha256_hex(c->request.body, c->request.body_len, c->request.body_sha256, &err), 0);
}

static struct http_header *header(struct copy *c, const char *name)
{
	for (size_t i = 0; i < c->request.header_count; i++)
		if (!strcasecmp(c->headers[i].name, name))
			return &c->headers[i];
	return NULL;
}

static void assert_refused(struct a_world *a, const struct copy *c, const char *code, int status)
{
	struct caller who;
	struct err err;

	err_clear(&err);
	if (!access_verify(&a->world, &c->request, &who, &err))
		fail_msg("accepted, %s was expected", code);
	if (strcmp(err.code, code))
		fail_msg("%s (%s), %s was expected", err.code, err.text, code);
	assert_int_equal(err.http_status, status);
}

static void test_published_examples_are_accepted(void **state)
{
	(void)state;
	for (int i = 0; i < (int)COUNT_OF(examples); i++) {
		struct a_world a;
		struct copy c;
		struct caller who;
		struct err err;

		open_world(&a, i);
		copy_example(&c, i);
		if (access_verify(&a.world, &c.request, &who, &err))
			fail_msg("example %d: %s %s", i, err.code, err.text);
		assert_string_equal(who.service, i == IAM ? "iam" : "s3");
		assert_string_equal(who.region, "us-east-1");
		assert_string_equal(who.account, "123456789012");
		assert_string_equal(who.arn, "arn:u");
		a_world_close(&a);
	}
}

static void test_any_changed_character_is_noticed(void **state)
{
	(void)state;
	for (int i = 0; i < (int)COUNT_OF(examples); i++) {
		struct a_world a;
		struct copy c;

		open_world(&a, i);
		copy_example(&c, i);
		c.request.target = "/other";
		assert_refused(&a, &c, "SignatureDoesNotMatch", 403);
		copy_example(&c, i);
		c.request.method = "DELETE";
		assert_refused(&a, &c, "SignatureDoesNotMatch", 403);
		copy_example(&c, i);
		header(&c, "host")->value = "elsewhere.amazonaws.com";
		assert_refused(&a, &c, "SignatureDoesNotMatch", 403);
		copy_example(&c, i);
		snprintf(c.text, sizeof(c.text), "%s%sx=1", c.request.query, *c.request.query ? "&" : "");
		c.request.query = c.text;
		assert_refused(&a, &c, "SignatureDoesNotMatch", 403);
		a_world_close(&a);
	}
}

static void test_one_byte_of_the_secret_makes_the_difference_for_each_service(void **state)
{
	struct a_world a;
	struct copy c;

	(void)state;
	open_world(&a, IAM);
	a_world_put(&a, "iam:access-key", "AKIDEXAMPLE",
		    "{\"id\":\"AKIDEXAMPLE\",\"secret\":\"xJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\"}");
	copy_example(&c, IAM);
	assert_refused(&a, &c, "SignatureDoesNotMatch", 403);
	for (int i = 0; i < 3; i++) {
		static const char *const services[] = { "ec2", "redshift", "sts" };

		copy_example(&c, IAM);
		snprintf(c.text, sizeof(c.text),
			 "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/%s/aws4_request, "
			 "SignedHeaders=content-type;host;x-amz-date, Signature=%064d",
			 services[i], 0);
		header(&c, "authorization")->value = c.text;
		assert_refused(&a, &c, "SignatureDoesNotMatch", 403);
	}
	a_world_close(&a);
}

static void test_the_body_is_under_the_signature(void **state)
{
	struct a_world a;
	struct copy c;
	struct err err;

	(void)state;
	open_world(&a, S3_PUT);
	copy_example(&c, S3_PUT);
	assert_int_equal(hash_sha256_hex("Welcome to Amazon S4.", 21, c.request.body_sha256, &err), 0);
	assert_refused(&a, &c, "XAmzContentSHA256Mismatch", 400);
	copy_example(&c, S3_PUT);
	header(&c, "x-amz-content-sha256")->value = "nonsense";
	assert_refused(&a, &c, "InvalidArgument", 400);
	copy_example(&c, S3_PUT);
	header(&c, "x-amz-content-sha256")->name = "x-other";
	assert_refused(&a, &c, "InvalidRequest", 400);
	a.now_ms = at("20150830T123700Z");
	copy_example(&c, IAM);
	c.request.body = "Action=DeleteRole";
	c.request.body_len = 17;
	assert_int_equal(hash_sha256_hex("Action=DeleteRole", 17, c.request.body_sha256, &err), 0);
	assert_refused(&a, &c, "SignatureDoesNotMatch", 403);
	a_world_close(&a);
}

static void test_clocks_may_differ_by_minutes_only(void **state)
{
	struct a_world a;
	struct copy c;
	struct caller who;
	struct err err;

	(void)state;
	open_world(&a, IAM);
	copy_example(&c, IAM);
	a.now_ms = at("20150830T124059Z");
	assert_int_equal(access_verify(&a.world, &c.request, &who, &err), 0);
	a.now_ms = at("20150830T124101Z");
	assert_refused(&a, &c, "SignatureDoesNotMatch", 403);
	assert_int_equal(access_verify(&a.world, &c.request, &who, &err), -1);
	assert_string_equal(err.text, "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z "
				      "(20150830T124101Z - 5 min.)");
	a.now_ms = at("20150830T123059Z");
	assert_int_equal(access_verify(&a.world, &c.request, &who, &err), -1);
	assert_string_equal(err.text, "Signature not yet current: 20150830T123600Z is still later than "
				      "20150830T123559Z (20150830T123059Z + 5 min.)");
	copy_example(&c, S3_GET);
	a.now_ms = at("20130524T001459Z");
	assert_int_equal(access_verify(&a.world, &c.request, &who, &err), 0);
	a.now_ms = at("20130524T001501Z");
	assert_refused(&a, &c, "RequestTimeTooSkewed", 403);
	a_world_close(&a);
}

static void test_a_presigned_address_holds_as_long_as_it_says(void **state)
{
	struct a_world a;
	struct copy c;
	struct caller who;
	struct err err;

	(void)state;
	open_world(&a, PRESIGNED_GET);
	copy_example(&c, PRESIGNED_GET);
	a.now_ms = at("20130524T235959Z");
	assert_int_equal(access_verify(&a.world, &c.request, &who, &err), 0);
	a.now_ms = at("20130525T000001Z");
	assert_refused(&a, &c, "AccessDenied", 403);
	a.now_ms = at("20130524T000100Z");
	c.request.query = PRESIGNED("86401");
	assert_refused(&a, &c, "SignatureDoesNotMatch", 403);
	c.request.query = PRESIGNED("604801");
	assert_refused(&a, &c, "AuthorizationHeaderMalformed", 400);
	a_world_close(&a);
}

static void test_keys_that_are_unknown_inactive_or_expired_are_refused(void **state)
{
	struct a_world a;
	struct copy c;
	struct err err;

	(void)state;
	open_world(&a, IAM);
	copy_example(&c, IAM);
	a_world_put(&a, "iam:access-key", "AKIDEXAMPLE", "{\"secret\":\"x\",\"status\":\"Inactive\"}");
	assert_refused(&a, &c, "InvalidClientTokenId", 403);
	assert_int_equal(store_delete(a.world.store, "iam:access-key", "AKIDEXAMPLE", &err), 0);
	assert_int_equal(store_commit(a.world.store, &err), 0);
	assert_refused(&a, &c, "InvalidClientTokenId", 403);
	/* A temporary key needs its token, and one that has not run out. */
	a_world_put(&a, "iam:access-key", "AKIDEXAMPLE", "{\"secret\":\"x\",\"token\":\"t\",\"expiresMs\":1}");
	assert_refused(&a, &c, "InvalidClientTokenId", 403);
	c.headers[c.request.header_count++] = (struct http_header){ "X-Amz-Security-Token", "t" };
	assert_refused(&a, &c, "ExpiredToken", 403);
	copy_example(&c, S3_GET);
	assert_int_equal(store_delete(a.world.store, "iam:access-key", "AKIAIOSFODNN7EXAMPLE", &err), 0);
	assert_int_equal(store_commit(a.world.store, &err), 0);
	assert_refused(&a, &c, "InvalidAccessKeyId", 403);
	a_world_close(&a);
}

static void accept(struct a_world *a, const struct copy *c)
{
	struct caller who;
	struct err err;

	if (access_verify(&a->world, &c->request, &who, &err))
		fail_msg("refused: %s %s", err.code, err.text);
}

/* The second request of a key finds its signing key remembered; what has become of the key since counts all the same.
 */
static void test_a_key_that_was_used_stops_at_once_when_it_changes_ends_or_goes(void **state)
{
	struct a_world a;
	struct copy c;
	struct err err;

	(void)state;
	open_world(&a, IAM);
	copy_example(&c, IAM);
	accept(&a, &c);
	accept(&a, &c);
	a_world_put(&a, "iam:access-key", "AKIDEXAMPLE", "{\"secret\":\"another\",\"status\":\"Active\"}");
	assert_refused(&a, &c, "SignatureDoesNotMatch", 403);
	a_world_put(&a, "iam:access-key", "AKIDEXAMPLE", SUITE_KEY);
	accept(&a, &c);
	a_world_put(&a, "iam:access-key", "AKIDEXAMPLE",
		    "{\"secret\":\"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\",\"status\":\"Inactive\"}");
	assert_refused(&a, &c, "InvalidClientTokenId", 403);
	a_world_put(&a, "iam:access-key", "AKIDEXAMPLE",
		    "{\"secret\":\"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\",\"expiresMs\":1440938250000}");
	accept(&a, &c);
	a.now_ms = 1440938249999;
	accept(&a, &c);
	a.now_ms = 1440938250000;
	assert_refused(&a, &c, "ExpiredToken", 403);
	assert_int_equal(store_delete(a.world.store, "iam:access-key", "AKIDEXAMPLE", &err), 0);
	assert_int_equal(store_commit(a.world.store, &err), 0);
	assert_refused(&a, &c, "InvalidClientTokenId", 403);
	a_world_close(&a);
}

#define AUTH(credential, headers) "AWS4-HMAC-SHA256 Credential=" credential ", SignedHeaders=" headers ", Signature=00"

static void test_malformed_authorizations_are_told_apart(void **state)
{
	static const struct {
		const char *authorization, *code;
		int status;
	} cases[] = {
		{ NULL, "AccessDenied", 403 },
		{ "Basic Zm9vOmJhcg==", "IncompleteSignature", 400 },
		{ "AWS4-HMAC-SHA256 ", "IncompleteSignature", 400 },
		{ AUTH("AKIDEXAMPLE", "host"), "IncompleteSignature", 400 },
		{ AUTH("AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request/more", "host"), "IncompleteSignature", 400 },
		{ AUTH("AKIDEXAMPLE/20150830/us-east-1/iam/aws5_request", "host"), "SignatureDoesNotMatch", 403 },
		{ AUTH("AKIDEXAMPLE/20150830/mars-north-1/iam/aws4_request", "host"), "SignatureDoesNotMatch", 403 },
		{ AUTH("AKIDEXAMPLE/20150831/us-east-1/iam/aws4_request", "host"), "SignatureDoesNotMatch", 403 },
		{ AUTH("AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request", "x-amz-date"), "SignatureDoesNotMatch", 403 },
		{ AUTH("AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request", "host"), "SignatureDoesNotMatch", 403 },
		{ AUTH("AKIDEXAMPLE/20150830/us-east-1/ec2/aws5_request", "host"), "AuthFailure", 401 },
		{ AUTH("AKIDEXAMPLE/20150831/us-east-1/s3/aws4_request", "host"), "AuthorizationHeaderMalformed", 400 },
		{ AUTH("AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request", "host"), "AccessDenied", 403 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct a_world a;
		struct copy c;

		open_world(&a, IAM);
		copy_example(&c, IAM);
		if (cases[i].authorization)
			header(&c, "authorization")->value = cases[i].authorization;
		else
			header(&c, "authorization")->name = "x-other";
		assert_refused(&a, &c, cases[i].code, cases[i].status);
		a_world_close(&a);
	}
}

/* "a" 65,536 times, then 1,024 times, then nothing: the guide's example of signed chunks. */
static void test_signed_chunks_follow_each_other(void **state)
{
	static const char *const signatures[] = { "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
						  "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
						  "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9" };
	static const size_t sizes[] = { 65536, 1024, 0 };
	struct chunk_verifier v;
	struct a_world a;
	struct copy c;
	struct err err;
	char *data = mem_alloc(65536);

	(void)state;
	memset(data, 'a', 65536);
	open_world(&a, S3_CHUNKED);
	copy_example(&c, S3_CHUNKED);
	assert_int_equal(access_chunk_begin(&a.world, &c.request, &v, &err), 0);
	assert_int_equal(access_chunk_check(&v, data, 1024, signatures[1], &err), -1);
	assert_string_equal(err.code, "SignatureDoesNotMatch");
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(access_chunk_check(&v, data, sizes[i], signatures[i], &err), 0);
	access_chunk_end(&v);
	mem_free(data);
	a_world_close(&a);
}

/* {path, query, service} to the second and third line of the canonical request. */
static void test_paths_and_queries_have_one_form(void **state)
{
	static const struct {
		const char *service, *target, *query, *want;
	} cases[] = {
		{ "iam", "/a/./b//c/../d/", "", "/a/b/d/\n" },
		{ "iam", "/../..", "", "/\n" },
		{ "iam", "/a%20b", "", "/a%2520b\n" },
		{ "s3", "/a/./b//c/../d", "", "/a/./b//c/../d\n" },
		{ "s3", "/a%20b+c(1)%e2%82%ac~", "", "/a%20b%2Bc%281%29%E2%82%AC~\n" },
		{ "s3", "/", "b=2&a=1&a=0&c", "/\na=0&a=1&b=2&c=" },
		{ "s3", "/", "a=x%2fy&A=%7e&a=", "/\nA=~&a=&a=x%2Fy" },
		{ "s3", "/", "x=a+b&&y=%zz", "/\nx=a%20b&y=%25zz" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct http_request r = { .method = "GET", .target = cases[i].target, .query = cases[i].query };
		struct sign_claim c = { .signed_headers = "" };
		struct buf out;
		struct err err;
		char want[256];

		buf_init(&out, 0);
		snprintf(c.service, sizeof(c.service), "%s", cases[i].service);
		snprintf(want, sizeof(want), "GET\n%s\n\n\nx", cases[i].want);
		assert_int_equal(sign_canonical(&r, &c, "x", &out, &err), 0);
		assert_string_equal(out.data, want);
		buf_clear(&out);
	}
}

static void test_headers_are_folded_joined_and_trimmed(void **state)
{
	static const struct http_header headers[] = {
		{ "My-Header", "  a   b\t c  " }, { "Host", "h:8080" }, { "my-header", "\"d  e\"" }, { "Empty", "" }
	};
	struct http_request r = { .method = "GET", .target = "/", .query = "", .headers = headers, .header_count = 4 };
	struct sign_claim c = { .service = "iam", .signed_headers = "empty;host;my-header" };
	struct buf out;
	struct err err;

	(void)state;
	buf_init(&out, 0);
	assert_int_equal(sign_canonical(&r, &c, "x", &out, &err), 0);
	assert_string_equal(out.data,
			    "GET\n/\n\nempty:\nhost:h:8080\nmy-header:a b c,\"d e\"\n\nempty;host;my-header\nx");
	buf_reset(&out);
	memcpy(c.signed_headers, "host;missing", 13);
	assert_int_equal(sign_canonical(&r, &c, "x", &out, &err), -1);
	assert_string_equal(err.code, "SignatureDoesNotMatch");
	buf_clear(&out);
}

static void test_the_first_user_is_made_once(void **state)
{
	struct a_world a;
	struct secret first = { NULL, 0 }, second = { NULL, 0 };
	char one[129], two[129];
	struct caller who;
	struct err err;

	(void)state;
	a_world_open(&a);
	assert_int_equal(access_ensure_root(&a.world, one, &first, &err), 0);
	assert_int_equal(strlen(one), 20);
	assert_int_equal(strncmp(one, "AKIA", 4), 0);
	assert_int_equal(first.len, 40);
	store_close(a.world.store);
	a.world.store = NULL;
	assert_int_equal(store_open(a.dir, &a.world.store, &err), 0);
	assert_int_equal(access_ensure_root(&a.world, two, &second, &err), 0);
	assert_string_equal(one, two);
	assert_true(secret_equal(first.value, first.len, second.value, second.len));
	assert_int_equal(access_check_key(&a.world, one, secret_value(&first), "", "us-west-2", &who, &err), 0);
	assert_int_equal(access_check_key(&a.world, one, "wrong", "", "us-west-2", &who, &err), -1);
	assert_string_equal(err.code, "SignatureDoesNotMatch");
	assert_int_equal(err.kind, ERR_CREDENTIALS);
	assert_int_equal(access_check_key(&a.world, "AKIANOBODY", "wrong", "", "us-west-2", &who, &err), -1);
	assert_string_equal(err.code, "InvalidAccessKeyId");
	secret_clear(&first);
	secret_clear(&second);
	a_world_close(&a);
}

static void test_keys_given_to_copy_are_checked_with_their_token(void **state)
{
	static const struct {
		const char *secret, *token;
		int64_t now_ms;
		const char *code;
	} cases[] = { { "s", "t", 999, NULL },
		      { "s", "", 999, "InvalidAccessKeyId" },
		      { "s", "u", 999, "InvalidToken" },
		      { "x", "t", 999, "SignatureDoesNotMatch" },
		      { "s", "t", 1000, "ExpiredToken" } };
	struct a_world a;

	(void)state;
	a_world_open(&a);
	a_world_put(&a, "iam:access-key", "ASIA1",
		    "{\"secret\":\"s\",\"token\":\"t\",\"expiresMs\":1000,\"arn\":\"arn:aws:sts::123456789012:"
		    "assumed-role/r/n\",\"userId\":\"AROA1:n\",\"status\":\"Active\"}");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct caller who = { .account = "" };
		struct err err = { 0 };
		int rc;

		a.now_ms = cases[i].now_ms;
		rc = access_check_key(&a.world, "ASIA1", cases[i].secret, cases[i].token, "us-west-2", &who, &err);
		assert_int_equal(rc, cases[i].code ? -1 : 0);
		assert_string_equal(err.code, cases[i].code ? cases[i].code : "");
		assert_string_equal(who.user_id, cases[i].code ? "" : "AROA1:n");
	}
	a_world_close(&a);
}

static void test_one_way_of_signing_at_a_time(void **state)
{
	struct http_request r = examples[S3_GET];
	struct caller who;
	struct a_world a;
	struct err err;

	(void)state;
	open_world(&a, S3_GET);
	r.query = PRESIGNED("86400");
	assert_int_equal(access_verify(&a.world, &r, &who, &err), -1);
	assert_string_equal(err.code, "InvalidArgument");
	a_world_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_examples_are_accepted),
		cmocka_unit_test(test_any_changed_character_is_noticed),
		cmocka_unit_test(test_one_byte_of_the_secret_makes_the_difference_for_each_service),
		cmocka_unit_test(test_the_body_is_under_the_signature),
		cmocka_unit_test(test_clocks_may_differ_by_minutes_only),
		cmocka_unit_test(test_a_presigned_address_holds_as_long_as_it_says),
		cmocka_unit_test(test_keys_that_are_unknown_inactive_or_expired_are_refused),
		cmocka_unit_test(test_a_key_that_was_used_stops_at_once_when_it_changes_ends_or_goes),
		cmocka_unit_test(test_malformed_authorizations_are_told_apart),
		cmocka_unit_test(test_signed_chunks_follow_each_other),
		cmocka_unit_test(test_paths_and_queries_have_one_form),
		cmocka_unit_test(test_headers_are_folded_joined_and_trimmed),
		cmocka_unit_test(test_the_first_user_is_made_once),
		cmocka_unit_test(test_keys_given_to_copy_are_checked_with_their_token),
		cmocka_unit_test(test_one_way_of_signing_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
