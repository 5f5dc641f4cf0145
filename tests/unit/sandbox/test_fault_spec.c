#include <stdlib.h>
#include <string.h>

#include "sandbox/fault/apply.h"
#include "sandbox/fault/faults.h"
#include "spark/base/mem.h"
#include "unit/cm.h"

static void a_fault_reads_as_it_was_written(void **state)
{
	static const char *const texts[] = {
		"kind=throttle service=redshift action=Describe* nth=3 count=2",
		"kind=error service=s? action=*Object probability=0.25 seed=7 status=503 code=Busy",
		"kind=delay ms=500",
		"kind=truncate bytes=0",
		"kind=clock offset=-86400000ms",
		"kind=stuck cluster=dwh state=incompatible-network",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct fault_spec s;
		struct err err = { 0 };
		struct buf b;

		buf_init(&b, 4096);
		if (fault_spec_parse(texts[i], &s, &err))
			fail_msg("'%s': %s", texts[i], err.text);
		fault_spec_print(&s, &b);
		assert_string_equal(b.data, texts[i]);
		buf_clear(&b);
	}
}

static void what_is_no_fault_is_refused(void **state)
{
	static const char *const rows[][2] = {
		{ "", "a fault needs a kind" },
		{ "service=s3", "a fault needs a kind" },
		{ "kind=", "no fault of the kind ''" },
		{ "kind=throttle kind=deny", "kind is given twice" },
		{ "kind=delay", "needs ms=" },
		{ "kind=reset ms=5", "means nothing" },
		{ "kind=delay ms=-1", "no value for ms" },
		{ "kind=delay ms=3600001", "no value for ms" },
		{ "kind=delay ms=99999999999999999999", "no value for ms" },
		{ "kind=reset nth=0", "no value for nth" },
		{ "kind=reset probability=1.5", "no probability" },
		{ "kind=reset probability=nan", "no probability" },
		{ "kind=clock offset=1y", "no value for offset" },
		{ "kind=stuck state=happy", "no state" },
		{ "kind=reset service=a<b", "no value for service" },
		{ "kind=reset service=0123456789012345678901234567890123", "no value for service" },
		{ "kind", "a fault has no 'kind'" },
		{ "reset", "a fault has no 'reset'" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct fault_spec s;
		struct err err = { 0 };

		if (!fault_spec_parse(rows[i][0], &s, &err))
			fail_msg("'%s' was taken", rows[i][0]);
		assert_int_equal(err.kind, ERR_USAGE);
		if (!strstr(err.text, rows[i][1]))
			fail_msg("'%s': %s", rows[i][0], err.text);
	}
}

static struct faults *one(const char *text)
{
	struct faults *f = NULL;
	struct err err = { 0 };
	char id[FAULT_ID_SIZE];

	assert_int_equal(faults_open(&f, &err), 0);
	if (faults_add(f, text, id, &err))
		fail_msg("%s", err.text);
	return f;
}

/* Which of ten calls are hit, as "..x.......". */
static void ten_calls(struct faults *f, const char *service, const char *action, char out[11])
{
	struct fault_spec hit[FAULT_KINDS];

	for (int i = 0; i < 10; i++)
		out[i] = faults_meet(f, service, action, hit) ? 'x' : '.';
	out[10] = 0;
}

static void it_hits_the_calls_that_were_asked_for(void **state)
{
	static const char *const rows[][2] = {
		{ "kind=reset", "xxxxxxxxxx" },
		{ "kind=reset count=2", "xx........" },
		{ "kind=reset nth=3", "..x......." },
		{ "kind=reset nth=3 count=2", "..xx......" },
		{ "kind=reset nth=8 count=0", ".......xxx" },
		{ "kind=reset service=redshift", "xxxxxxxxxx" },
		{ "kind=reset service=s3", ".........." },
		{ "kind=reset action=describe*", "xxxxxxxxxx" },
		{ "kind=reset action=Describe", ".........." },
		{ "kind=reset probability=0", ".........." },
		{ "kind=reset probability=1", "xxxxxxxxxx" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct faults *f = one(rows[i][0]);
		char found[11];

		ten_calls(f, "redshift", "DescribeClusters", found);
		if (strcmp(found, rows[i][1]) != 0)
			fail_msg("'%s': %s instead of %s", rows[i][0], found, rows[i][1]);
		faults_close(f);
	}
}

static void chance_is_the_same_for_the_same_seed(void **state)
{
	struct faults *a = one("kind=reset probability=0.5 seed=7"), *b = one("kind=reset probability=0.5 seed=7"),
		      *c = one("kind=reset probability=0.5 seed=8");
	char first[11], second[11], other[11];

	(void)state;
	ten_calls(a, "s3", "GetObject", first);
	ten_calls(b, "s3", "GetObject", second);
	ten_calls(c, "s3", "GetObject", other);
	assert_string_equal(first, second);
	assert_string_not_equal(first, other);
	faults_close(a);
	faults_close(b);
	faults_close(c);
}

static void one_or_all_can_be_cleared(void **state)
{
	struct faults *f = one("kind=reset service=s3");
	struct err err = { 0 };
	char id[FAULT_ID_SIZE], found[11];

	(void)state;
	assert_int_equal(faults_add(f, "kind=deny service=iam", id, &err), 0);
	assert_string_equal(id, "f2");
	assert_int_equal(faults_clear(f, "f9"), 0);
	assert_int_equal(faults_clear(f, "f1"), 1);
	ten_calls(f, "s3", "GetObject", found);
	assert_string_equal(found, "..........");
	ten_calls(f, "iam", "GetRole", found);
	assert_string_equal(found, "xxxxxxxxxx");
	assert_int_equal(faults_clear(f, NULL), 1);
	faults_close(f);
}

static void a_call_is_told_from_its_bytes(void **state)
{
	static const struct {
		const char *method, *target, *query, *host, *body, *action;
		bool mutating;
	} rows[] = {
		{ "GET", "/", "", "localhost", NULL, "ListBuckets", false },
		{ "GET", "/b", "list-type=2", "localhost", NULL, "ListObjectsV2", false },
		{ "GET", "/b/", "", "localhost", NULL, "ListObjects", false },
		{ "PUT", "/b/k", "", "localhost", NULL, "PutObject", true },
		{ "PUT", "/k", "", "b.s3.localhost", NULL, "PutObject", true },
		{ "PUT", "/", "", "b.s3.localhost", NULL, "CreateBucket", true },
		{ "PUT", "/b/k", "partNumber=1&uploadId=u", "localhost", NULL, "UploadPart", true },
		{ "HEAD", "/b/k", "", "localhost", NULL, "HeadObject", false },
		{ "POST", "/b", "delete", "localhost", NULL, "DeleteObjects", true },
		{ "GET", "/b", "location=", "localhost", NULL, "GetBucketLocation", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct http_header headers[] = {
			{ "Host", rows[i].host },
			{ "Authorization",
			  "AWS4-HMAC-SHA256 Credential=AKIA/20261121/us-west-2/s3/aws4_request, "
			  "SignedHeaders=host;x-amz-date, "
			  "Signature=0000000000000000000000000000000000000000000000000000000000000000" },
			{ "X-Amz-Date", "20261121T100632Z" }
		};
		struct http_request r = { .method = rows[i].method,
					  .target = rows[i].target,
					  .query = rows[i].query,
					  .headers = headers,
					  .header_count = COUNT_OF(headers) };
		struct operation op;

		operation_of(&r, &op);
		assert_string_equal(op.service, "s3");
		assert_string_equal(op.action, rows[i].action);
		assert_int_equal(op.mutating, rows[i].mutating);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fault_reads_as_it_was_written),
		cmocka_unit_test(what_is_no_fault_is_refused),
		cmocka_unit_test(it_hits_the_calls_that_were_asked_for),
		cmocka_unit_test(chance_is_the_same_for_the_same_seed),
		cmocka_unit_test(one_or_all_can_be_cleared),
		cmocka_unit_test(a_call_is_told_from_its_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
