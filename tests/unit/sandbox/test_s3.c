/* What S3's interface reads from a request: addresses, names, ranges, chunks, lists. */
#include "unit/cm.h"

#include "sandbox/http/s3/s3_upload.h"
#include "spark/base/mem.h"

static void expect_host(const char *host, const char *bucket)
{
	char got[256];

	s3_host_bucket(host, got);
	assert_string_equal(got, bucket);
}

static void the_bucket_stands_in_the_host_or_in_the_path(void **state)
{
	(void)state;
	expect_host("localhost:4566", "");
	expect_host("127.0.0.1:4566", "");
	expect_host("[::1]:4566", "");
	expect_host("", "");
	expect_host("music.localhost", "music");
	expect_host("my.music.localhost:4566", "my.music");
	expect_host("s3.localhost:4566", "");
	expect_host("s3.us-west-2.localhost", "");
	expect_host("music.s3.localhost:4566", "music");
	expect_host("my.music.s3.us-west-2.localhost:4566", "my.music");
	expect_host("music.s3.us-west-2.amazonaws.com", "music");
	expect_host("music.s3-us-west-2.amazonaws.com", "music");
	expect_host("s3.amazonaws.com", "");
	expect_host("s3data.localhost", "s3data");
}

static void bucket_names_follow_the_rules(void **state)
{
	static const char *const good[] = { "abc", "udacity-dend", "a.b.c", "123", "a1-b", "1.2.3" };
	static const char *const bad[] = { "",     "ab",          "Abc",    "a_b",      ".abc",
					   "-abc", "abc.",        "a..b",   "10.0.0.1", "xn--abc",
					   "a b",  "abc-s3alias", "../etc", "a/b",      "abc-" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++)
		assert_true(s3_bucket_name_is_valid(good[i]));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(s3_bucket_name_is_valid(bad[i]));
	assert_true(s3_bucket_name_is_valid("a23456789012345678901234567890123456789012345678901234567890123"));
	assert_false(s3_bucket_name_is_valid("a234567890123456789012345678901234567890123456789012345678901234"));
}

static void keys_must_be_utf8(void **state)
{
	(void)state;
	assert_true(s3_text_is_utf8("plain", 5));
	assert_true(s3_text_is_utf8("grün/日本語/🎵", strlen("grün/日本語/🎵")));
	assert_false(s3_text_is_utf8("\xff", 1));
	assert_false(s3_text_is_utf8("\xc0\xaf", 2));
	assert_false(s3_text_is_utf8("\xed\xa0\x80", 3));
	assert_false(s3_text_is_utf8("\xf4\x90\x80\x80", 4));
	assert_false(s3_text_is_utf8("\xe6\x97", 2));
	assert_false(s3_text_is_utf8("a\0b", 3));
}

static void expect_range(const char *text, int rc, unsigned from, unsigned len)
{
	uint64_t f = 0, l = 0;

	assert_int_equal(s3_parse_range(text, 100, &f, &l), rc);
	if (rc == 1) {
		assert_int_equal(f, from);
		assert_int_equal(l, len);
	}
}

static void ranges_are_cut_to_the_object(void **state)
{
	uint64_t from, len;

	(void)state;
	expect_range("bytes=0-0", 1, 0, 1);
	expect_range("bytes=10-19", 1, 10, 10);
	expect_range("bytes=10-", 1, 10, 90);
	expect_range("bytes=-10", 1, 90, 10);
	expect_range("bytes=-1000", 1, 0, 100);
	expect_range("bytes=99-5000000000000000000000", 1, 99, 1);
	expect_range("bytes=100-", -1, 0, 0);
	expect_range("bytes=-0", -1, 0, 0);
	expect_range("bytes=20-10", 0, 0, 0);
	expect_range("bytes=1-2,5-6", 0, 0, 0);
	expect_range("bytes=", 0, 0, 0);
	expect_range("bytes=a-b", 0, 0, 0);
	expect_range("lines=1-2", 0, 0, 0);
	expect_range(NULL, 0, 0, 0);
	assert_int_equal(s3_parse_range("bytes=0-", 0, &from, &len), -1);
	assert_int_equal(s3_parse_range("bytes=-1", 0, &from, &len), -1);
}

struct decoded {
	struct buf data, trailers, signatures;
};

static int take_chunk(void *arg, const void *bytes, size_t len, const char *signature, struct err *err)
{
	struct decoded *d = arg;

	(void)err;
	buf_add(&d->data, bytes, len);
	buf_printf(&d->signatures, "%s;", signature);
	return 0;
}

static int take_trailer(void *arg, const char *name, const char *value, struct err *err)
{
	struct decoded *d = arg;

	(void)err;
	buf_printf(&d->trailers, "%s=%s;", name, value);
	return 0;
}

static int decode(const char *body, struct decoded *d, struct err *err)
{
	struct s3_chunk_handler h = { take_chunk, take_trailer, d };

	buf_reset(&d->data);
	buf_reset(&d->trailers);
	buf_reset(&d->signatures);
	return s3_chunked_decode(body, strlen(body), &h, err);
}

static void chunked_bodies_are_put_together(void **state)
{
	struct decoded d;
	struct err err = { 0 };

	(void)state;
	buf_init(&d.data, BUF_MAX_DEFAULT);
	buf_init(&d.trailers, BUF_MAX_DEFAULT);
	buf_init(&d.signatures, BUF_MAX_DEFAULT);
	assert_int_equal(decode("4\r\n1234\r\nA\r\n567890\r\nab\r\n0\r\n\r\n", &d, &err), 0);
	assert_string_equal(d.data.data, "1234567890\r\nab");
	assert_int_equal(decode("3;chunk-signature=aa\r\nabc\r\n0;chunk-signature=bb\r\nx-amz-checksum-crc32: AA==\r\n"
				"x-amz-trailer-signature:cc\r\n\r\n",
				&d, &err),
			 0);
	assert_string_equal(d.data.data, "abc");
	assert_string_equal(d.signatures.data, "aa;bb;");
	assert_string_equal(d.trailers.data, "x-amz-checksum-crc32=AA==;x-amz-trailer-signature=cc;");
	assert_int_equal(decode("0\r\n\r\n", &d, &err), 0);
	assert_int_equal(decode("0\r\nx:y", &d, &err), 0);
	assert_string_equal(d.trailers.data, "x=y;");
	for (const char *const *bad =
		     (const char *const[]){ "", "4", "4\r\n123", "4\r\n1234", "4\r\n12345\r\n0\r\n\r\n", "g\r\n",
					    "\r\n", "-1\r\n", "ffffffffffffffffff\r\n", "1\r\na\r\n",
					    "0\r\nnocolon\r\n", NULL };
	     *bad; bad++) {
		assert_int_equal(decode(*bad, &d, &err), -1);
		assert_int_equal(err.kind, ERR_PARSE);
	}
	buf_clear(&d.data);
	buf_clear(&d.trailers);
	buf_clear(&d.signatures);
}

/* Check values of "123456789" from the algorithms' specifications, in base64. */
static void checksums_are_those_of_the_specifications(void **state)
{
	static const char *const expected[S3_CHECKSUM_KINDS] = {
		[S3_CRC32] = "y/Q5Jg==",
		[S3_CRC32C] = "4waSgw==",
		[S3_CRC64NVME] = "rosUhgp5mIg=",
		[S3_SHA1] = "98O8HYCOBHMq32eZZczDTKeuNEE=",
		[S3_SHA256] = "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
	};
	struct err err = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, BUF_MAX_DEFAULT);
	for (int k = 0; k < S3_CHECKSUM_KINDS; k++) {
		struct s3_checksum *s;

		buf_reset(&b);
		assert_int_equal(s3_checksum_whole((enum s3_checksum_kind)k, "123456789", 9, &b, &err), 0);
		assert_string_equal(b.data, expected[k]);
		buf_reset(&b);
		s = s3_checksum_new((enum s3_checksum_kind)k, &err);
		assert_non_null(s);
		for (int i = 1; i <= 9; i++)
			assert_int_equal(s3_checksum_update(s, &"0123456789"[i], 1, &err), 0);
		assert_int_equal(s3_checksum_finish(s, &b, &err), 0);
		assert_string_equal(b.data, expected[k]);
	}
	buf_clear(&b);
}

static int parse_delete(const char *text, struct s3_delete_list *l)
{
	struct err err = { 0 };

	*l = (struct s3_delete_list){ 0 };
	return s3_delete_parse(text, strlen(text), l, &err);
}

static void a_list_of_keys_to_delete_is_read_whole_or_refused(void **state)
{
	struct s3_delete_list l;
	struct buf b;

	(void)state;
	assert_int_equal(
		parse_delete("<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>a &amp; "
			     "&lt;b&gt;</Key></Object><Object><Key> é </Key></Object><Quiet>true</Quiet></Delete>",
			     &l),
		0);
	assert_int_equal(l.count, 2);
	assert_string_equal(l.items[0].key, "a & <b>");
	assert_string_equal(l.items[1].key, " é ");
	assert_true(l.quiet);
	s3_delete_clear(&l);
	assert_int_equal(parse_delete("<Delete><Object><Key>a</Key></Object></Delete>", &l), 0);
	assert_false(l.quiet);
	s3_delete_clear(&l);
	assert_int_equal(parse_delete("<Delete></Delete>", &l), -1);
	assert_int_equal(parse_delete("<Delete><Object></Object></Delete>", &l), -1);
	assert_int_equal(parse_delete("<Delete><Object><Key>a</Key>", &l), -1);
	assert_int_equal(parse_delete("<Else><Object><Key>a</Key></Object></Else>", &l), -1);
	assert_int_equal(parse_delete("<Delete><Object><Key>a</Key><VersionId>x</VersionId></Object></Delete>", &l),
			 -1);
	assert_int_equal(
		parse_delete("<!DOCTYPE d [<!ENTITY e \"a\">]><Delete><Object><Key>&e;</Key></Object></Delete>", &l),
		-1);
	buf_init(&b, BUF_MAX_DEFAULT);
	for (int count = 1000; count <= 1001; count++) {
		buf_reset(&b);
		buf_puts(&b, "<Delete>");
		for (int i = 0; i < count; i++)
			buf_printf(&b, "<Object><Key>%d</Key></Object>", i);
		buf_puts(&b, "</Delete>");
		assert_int_equal(parse_delete(b.data, &l), count == 1000 ? 0 : -1);
		s3_delete_clear(&l);
	}
	buf_clear(&b);
}

static void a_list_of_parts_is_read_whole_or_refused(void **state)
{
	static const char *const bad[] = {
		"<C></C>",
		"<C><Part><PartNumber>1</PartNumber></Part></C>",
		"<C><Part><PartNumber>0</PartNumber><ETag>x</ETag></Part></C>",
		"<C><Part><PartNumber>10001</PartNumber><ETag>x</ETag></Part></C>",
		"<C><Part><PartNumber>1x</PartNumber><ETag>x</ETag></Part></C>",
	};
	const char *good = "<C><Part><PartNumber>2</PartNumber><ETag>\"aa\"</ETag></Part>"
			   "<Part><ETag>bb</ETag><PartNumber>3</PartNumber></Part></C>";
	struct s3_part_list l = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(s3_parts_parse(good, strlen(good), &l, &err), 0);
	assert_int_equal(l.count, 2);
	assert_int_equal(l.parts[0].number, 2);
	assert_string_equal(l.parts[0].etag, "aa");
	assert_string_equal(l.parts[1].etag, "bb");
	s3_parts_clear(&l);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(s3_parts_parse(bad[i], strlen(bad[i]), &l, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bucket_stands_in_the_host_or_in_the_path),
		cmocka_unit_test(bucket_names_follow_the_rules),
		cmocka_unit_test(keys_must_be_utf8),
		cmocka_unit_test(ranges_are_cut_to_the_object),
		cmocka_unit_test(chunked_bodies_are_put_together),
		cmocka_unit_test(checksums_are_those_of_the_specifications),
		cmocka_unit_test(a_list_of_keys_to_delete_is_read_whole_or_refused),
		cmocka_unit_test(a_list_of_parts_is_read_whole_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
