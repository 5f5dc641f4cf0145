/* Objects, listings and buckets over S3. */
#include "spark/aws/s3.h"

#include "unit/aws/canned.h"

#define SANDBOX "http://127.0.0.1:4566"
#define PAGE(inner)                                                                                                 \
	{                                                                                                           \
		.status = 200, .body = "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" inner \
				       "</ListBucketResult>"                                                        \
	}
#define OBJECT(key, size)                                                                                             \
	"<Contents><Key>" key "</Key><LastModified>2026-11-21T10:06:32.000Z</LastModified><ETag>&quot;e&quot;</ETag>" \
	"<Size>" size "</Size></Contents>"
#define REFUSED(status_, code, more)                                                                           \
	{                                                                                                      \
		.status = status_, .body = "<Error><Code>" code "</Code><Message>no</Message>" more "</Error>" \
	}
#define OPEN(endpoint)                                                                               \
	struct canned net;                                                                           \
	struct err err = { 0 };                                                                      \
	struct aws_client *c = canned_open(&net, replies, COUNT_OF(replies), endpoint, "us-west-2"); \
	(void)state
#define CLOSE()                                        \
	assert_int_equal(net.sent, COUNT_OF(replies)); \
	canned_close(&net, c)

static int collect(void *arg, const struct s3_object *o)
{
	buf_printf(arg, "%s=%lld;", o->key, (long long)o->size_bytes);
	return 0;
}

static void listings_go_over_all_pages_in_key_order(void **state)
{
	static const struct canned_reply replies[] = {
		PAGE("<IsTruncated>true</IsTruncated><NextContinuationToken>t/1=</NextContinuationToken>" OBJECT(
			"log/a%20b+c%2Bd", "5")
			     OBJECT("log/z", "0") "<CommonPrefixes><Prefix>log/m/</Prefix></CommonPrefixes>"),
		PAGE("<IsTruncated>false</IsTruncated>" OBJECT("log/%C3%A9", "1099511627776")),
	};
	struct buf text;
	OPEN(SANDBOX);

	buf_init(&text, 4096);
	assert_int_equal(s3_list(c, "udacity-dend", "log/ x", "/", collect, &text, &err), 0);
	assert_string_equal(text.data, "log/a b c+d=5;log/m/=-1;log/z=0;log/\xc3\xa9=1099511627776;");
	assert_string_equal(net.requests[0].url, SANDBOX "/udacity-dend/?delimiter=%2F&encoding-type=url&list-type=2"
							 "&prefix=log%2F%20x");
	ASSERT_HAS(net.requests[1].url, "continuation-token=t%2F1%3D&");
	buf_clear(&text);
	CLOSE();
}

static void a_listing_that_is_cut_without_a_next_page_is_an_error(void **state)
{
	static const struct canned_reply replies[] = { PAGE("<IsTruncated>true</IsTruncated>") };
	struct buf text;
	OPEN(SANDBOX);

	buf_init(&text, 4096);
	assert_int_equal(s3_list(c, "bucket", NULL, NULL, collect, &text, &err), -1);
	assert_int_equal(err.kind, ERR_PARSE);
	buf_clear(&text);
	CLOSE();
}

static void keys_reach_the_service_as_they_are(void **state)
{
	static const struct canned_reply replies[] = {
		{ .status = 200, .body = "data" },
		{ .status = 200 },
		{ .status = 204 },
		{ .status = 200, .content_length = 4294967296 },
	};
	struct buf out;
	int64_t size;
	OPEN(NULL);

	buf_init(&out, 100);
	assert_int_equal(s3_get(c, "udacity-dend", "a//../b c\xc3\xa9+%", &out, &err), 0);
	assert_string_equal(out.data, "data");
	assert_int_equal(out.max, 100);
	assert_string_equal(net.requests[0].url,
			    "https://udacity-dend.s3.us-west-2.amazonaws.com/a//../b%20c%C3%A9%2B%25");
	ASSERT_HAS(net.requests[0].headers, "SignedHeaders=host;x-amz-content-sha256;x-amz-date");
	ASSERT_HAS(net.requests[0].headers, "host: udacity-dend.s3.us-west-2.amazonaws.com\n");
	assert_int_equal(s3_put(c, "udacity-dend", "k", "abc", 3, "text/plain", &err), 0);
	assert_string_equal(net.requests[1].method, "PUT");
	assert_string_equal(net.requests[1].body, "abc");
	ASSERT_HAS(net.requests[1].headers,
		   "x-amz-content-sha256: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n");
	ASSERT_HAS(net.requests[1].headers, "content-type: text/plain\n");
	assert_int_equal(s3_delete(c, "udacity-dend", "k", &err), 0);
	assert_int_equal(s3_head(c, "udacity-dend", "k", &size, &err), 0);
	assert_int_equal(size, 4294967296);
	buf_clear(&out);
	CLOSE();
}

static void what_is_missing_is_named(void **state)
{
	static const struct canned_reply replies[] = {
		REFUSED(404, "NoSuchKey", ""),
		{ .status = 404 },
		REFUSED(404, "NoSuchBucket", ""),
	};
	struct buf out;
	int64_t size;
	OPEN(SANDBOX);

	buf_init(&out, 100);
	assert_int_equal(s3_get(c, "bucket", "some/key", &out, &err), -1);
	assert_true(err_has_code(&err, "NoSuchKey"));
	ASSERT_HAS(err.text, "s3://bucket/some/key");
	assert_int_equal(s3_head(c, "bucket", "some/key", &size, &err), -1);
	assert_true(err_has_code(&err, "NoSuchKey"));
	assert_int_equal(s3_list(c, "bucket", "", NULL, collect, &out, &err), -1);
	assert_true(err_has_code(&err, "NoSuchBucket"));
	buf_clear(&out);
	CLOSE();
}

static void a_bucket_in_another_region_is_followed_once_and_remembered(void **state)
{
	static const struct canned_reply replies[] = {
		{ .status = 301, .body = "<Error><Code>PermanentRedirect</Code></Error>", .region = "eu-west-1" },
		{ .status = 200, .body = "x" },
		{ .status = 200, .body = "y" },
	};
	struct buf out;
	OPEN(NULL);

	buf_init(&out, 100);
	assert_int_equal(s3_get(c, "afar", "k", &out, &err), 0);
	assert_string_equal(net.requests[0].url, "https://afar.s3.us-west-2.amazonaws.com/k");
	assert_string_equal(net.requests[1].url, "https://afar.s3.eu-west-1.amazonaws.com/k");
	ASSERT_HAS(net.requests[1].headers, "/eu-west-1/s3/aws4_request");
	buf_reset(&out);
	assert_int_equal(s3_get(c, "afar", "k", &out, &err), 0);
	assert_string_equal(net.requests[2].url, "https://afar.s3.eu-west-1.amazonaws.com/k");
	buf_clear(&out);
	CLOSE();
}

static void redirects_in_a_circle_end(void **state)
{
	static const struct canned_reply replies[] = {
		REFUSED(400, "AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>"),
		REFUSED(400, "AuthorizationHeaderMalformed", "<Region>us-west-2</Region>"),
	};
	struct buf out;
	OPEN(SANDBOX);

	buf_init(&out, 100);
	assert_int_equal(s3_get(c, "afar", "k", &out, &err), -1);
	assert_true(err_has_code(&err, "AuthorizationHeaderMalformed"));
	buf_clear(&out);
	CLOSE();
}

static void a_redirect_never_leaves_the_service(void **state)
{
	static const struct canned_reply replies[] = {
		{ .status = 301, .body = "<Error><Code>PermanentRedirect</Code></Error>", .region = "evil.test/" },
	};
	struct buf out;
	OPEN(NULL);

	buf_init(&out, 100);
	assert_int_equal(s3_get(c, "afar", "k", &out, &err), -1);
	buf_clear(&out);
	CLOSE();
}

static int one_bucket(void *arg, const char *name, int64_t created_ms)
{
	buf_printf(arg, "%s@%lld;", name, (long long)created_ms);
	return 0;
}

static void buckets_are_made_listed_and_deleted(void **state)
{
	static const struct canned_reply replies[] = {
		{ .status = 200 },
		{ .status = 200 },
		{ .status = 200,
		  .body = "<ListAllMyBucketsResult><Owner/><Buckets><Bucket><Name>one</Name>"
			  "<CreationDate>2026-11-21T10:06:32.000Z</CreationDate></Bucket><Bucket><Name>two</Name></"
			  "Bucket>"
			  "</Buckets></ListAllMyBucketsResult>" },
		{ .status = 204 },
		REFUSED(409, "BucketNotEmpty", ""),
	};
	struct buf text;
	OPEN(NULL);

	buf_init(&text, 4096);
	assert_int_equal(s3_create_bucket(c, "far", "eu-west-1", &err), 0);
	assert_string_equal(net.requests[0].url, "https://far.s3.eu-west-1.amazonaws.com/");
	ASSERT_HAS(net.requests[0].body, "<LocationConstraint>eu-west-1</LocationConstraint>");
	assert_int_equal(s3_create_bucket(c, "old", "us-east-1", &err), 0);
	assert_string_equal(net.requests[1].body, "");
	assert_int_equal(s3_list_buckets(c, one_bucket, &text, &err), 0);
	assert_string_equal(text.data, "one@1795255592000;two@0;");
	assert_string_equal(net.requests[2].url, "https://s3.us-west-2.amazonaws.com/");
	assert_int_equal(s3_delete_bucket(c, "far", &err), 0);
	assert_int_equal(s3_delete_bucket(c, "far", &err), -1);
	ASSERT_HAS(err.hint, "delete its objects first");
	buf_clear(&text);
	CLOSE();
}

static void many_keys_are_deleted_in_one_call(void **state)
{
	static const struct canned_reply replies[] = {
		{ .status = 200, .body = "<DeleteResult/>" },
		{ .status = 200,
		  .body = "<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>Denied</Message></Error>"
			  "</DeleteResult>" },
	};
	static const char *const keys[] = { "a<&>", "b" };
	OPEN(SANDBOX);

	assert_int_equal(s3_delete_many(c, "bucket", keys, 2, &err), 0);
	assert_string_equal(net.requests[0].url, SANDBOX "/bucket/?delete=");
	ASSERT_HAS(net.requests[0].body, "<Object><Key>a&lt;&amp;&gt;</Key></Object><Object><Key>b</Key></Object>");
	ASSERT_HAS(net.requests[0].headers, "content-md5: ");
	ASSERT_HAS(net.requests[0].headers, "SignedHeaders=content-md5;content-type;host;");
	assert_int_equal(s3_delete_many(c, "bucket", keys, 2, &err), -1);
	assert_true(err_has_code(&err, "AccessDenied"));
	ASSERT_HAS(err.text, "'s3://bucket/b'");
	assert_int_equal(s3_delete_many(c, "bucket", keys, 0, &err), 0);
	CLOSE();
}

static void names_that_cannot_be_never_reach_the_network(void **state)
{
	static const struct canned_reply replies[1];
	struct canned net;
	struct aws_client *c = canned_open(&net, replies, 0, SANDBOX, "us-west-2");
	struct err err = { 0 };

	(void)state;
	assert_int_equal(s3_delete(c, "a/b", "k", &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(s3_delete(c, "..", "k", &err), -1);
	assert_int_equal(s3_delete(c, "bucket", "", &err), -1);
	assert_int_equal(net.sent, 0);
	canned_close(&net, c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listings_go_over_all_pages_in_key_order),
		cmocka_unit_test(a_listing_that_is_cut_without_a_next_page_is_an_error),
		cmocka_unit_test(keys_reach_the_service_as_they_are),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(a_bucket_in_another_region_is_followed_once_and_remembered),
		cmocka_unit_test(redirects_in_a_circle_end),
		cmocka_unit_test(a_redirect_never_leaves_the_service),
		cmocka_unit_test(buckets_are_made_listed_and_deleted),
		cmocka_unit_test(many_keys_are_deleted_in_one_call),
		cmocka_unit_test(names_that_cannot_be_never_reach_the_network),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
