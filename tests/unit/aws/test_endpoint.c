/* Which host is asked, in every part of AWS. What boto3 asks was noted down with botocore 1.43. */
#include "aws/endpoint.h"
#include "unit/cm.h"

struct row {
	const char *region, *service, *bucket, *host;
	bool fips, dualstack;
};

static void expect(const struct row *r)
{
	const struct endpoint_wish wish = { r->service, r->region, r->bucket, r->fips, r->dualstack };
	struct address a;
	struct err err = { 0 };

	if (endpoint_of_service(&wish, &a, &err) != 0)
		fail_msg("%s: %s", r->host, err.text);
	assert_string_equal(a.host, r->host);
	assert_memory_equal(a.base, "https://", 8);
	assert_string_equal(a.base + 8, r->host);
}

static void hosts_are_those_of_boto3(void **state)
{
	static const struct row rows[] = {
		{ "us-west-2", "sts", NULL, "sts.us-west-2.amazonaws.com", false, false },
		{ "us-west-2", "sts", NULL, "sts.us-west-2.api.aws", false, true },
		{ "us-west-2", "ec2", NULL, "ec2-fips.us-west-2.amazonaws.com", true, false },
		{ "us-west-2", "redshift", NULL, "redshift-fips.us-west-2.api.aws", true, true },
		{ "us-west-2", "redshift-serverless", NULL, "redshift-serverless-fips.us-west-2.api.aws", true, true },
		{ "us-west-2", "portal.sso", NULL, "portal.sso.us-west-2.amazonaws.com", false, false },
		{ "us-west-2", "s3", "buck", "buck.s3.us-west-2.amazonaws.com", false, false },
		{ "us-west-2", "s3", "buck", "buck.s3.dualstack.us-west-2.amazonaws.com", false, true },
		{ "us-west-2", "s3", "buck", "buck.s3-fips.us-west-2.amazonaws.com", true, false },
		{ "us-west-2", "s3", "with.dots", "s3-fips.dualstack.us-west-2.amazonaws.com", true, true },
		{ "us-west-2", "iam", NULL, "iam.amazonaws.com", false, false },
		{ "us-west-2", "iam", NULL, "iam.global.api.aws", false, true },
		{ "us-west-2", "iam", NULL, "iam-fips.amazonaws.com", true, false },
		{ "us-west-2", "iam", NULL, "iam-fips.global.api.aws", true, true },
		{ "us-gov-east-1", "iam", NULL, "iam.us-gov.amazonaws.com", true, false },
		{ "us-gov-east-1", "iam", NULL, "iam.us-gov.api.aws", true, true },
		{ "us-gov-west-1", "redshift", NULL, "redshift.us-gov-west-1.amazonaws.com", true, false },
		{ "us-gov-west-1", "redshift", NULL, "redshift-fips.us-gov-west-1.api.aws", true, true },
		{ "us-gov-west-1", "redshift-data", NULL, "redshift-data-fips.us-gov-west-1.amazonaws.com", true,
		  false },
		{ "us-gov-west-1", "portal.sso", NULL, "portal.sso.us-gov-west-1.amazonaws.com", true, false },
		{ "us-gov-west-1", "s3", "buck", "buck.s3-fips.us-gov-west-1.amazonaws.com", true, false },
		{ "cn-north-1", "sts", NULL, "sts.cn-north-1.amazonaws.com.cn", false, false },
		{ "cn-north-1", "ec2", NULL, "ec2.cn-north-1.api.amazonwebservices.com.cn", false, true },
		{ "cn-northwest-1", "iam", NULL, "iam.global.api.amazonwebservices.com.cn", false, true },
		{ "us-iso-east-1", "ec2", NULL, "ec2-fips.us-iso-east-1.api.aws.ic.gov", true, true },
		{ "us-iso-west-1", "iam", NULL, "iam-fips.us-iso-east-1.c2s.ic.gov", true, false },
		{ "us-isob-east-1", "redshift", NULL, "redshift.us-isob-east-1.api.aws.scloud", false, true },
		{ "us-isob-east-1", "iam", NULL, "iam-fips.api.aws.scloud", true, true },
		{ "eu-isoe-west-1", "sts", NULL, "sts-fips.eu-isoe-west-1.cloud.adc-e.uk", true, false },
		{ "us-isof-east-1", "iam", NULL, "iam-fips.csp.hci.ic.gov", true, false },
		{ "eusc-de-east-1", "redshift", NULL, "redshift.eusc-de-east-1.api.amazonwebservices.eu", false, true },
		{ "eusc-de-east-1", "iam", NULL, "iam-fips.amazonaws.eu", true, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		expect(&rows[i]);
}

static void what_a_partition_has_not_is_refused(void **state)
{
	static const struct endpoint_wish wishes[] = {
		{ "s3", "cn-north-1", "buck", true, false },
		{ "iam", "cn-north-1", NULL, true, false },
		{ "sts", "eu-isoe-west-1", NULL, false, true },
		{ "iam", "us-isof-south-1", NULL, true, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wishes); i++) {
		struct address a;
		struct err err = { 0 };
		assert_int_equal(endpoint_of_service(&wishes[i], &a, &err), -1);
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_non_null(strstr(err.text, wishes[i].service));
		assert_non_null(strstr(err.hint, "AWS_USE_FIPS_ENDPOINT"));
	}
}

static void regions_tell_their_partition(void **state)
{
	static const struct {
		const char *region, *partition;
	} rows[] = {
		{ "us-west-2", "aws" },
		{ "mx-central-1", "aws" },
		{ "cn-north-1", "aws-cn" },
		{ "us-gov-west-1", "aws-us-gov" },
		{ "us-iso-east-1", "aws-iso" },
		{ "us-isob-east-1", "aws-iso-b" },
		{ "eu-isoe-west-1", "aws-iso-e" },
		{ "us-isof-east-1", "aws-iso-f" },
		{ "eusc-de-east-1", "aws-eusc" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_string_equal(endpoint_partition(rows[i].region), rows[i].partition);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_are_those_of_boto3),
		cmocka_unit_test(what_a_partition_has_not_is_refused),
		cmocka_unit_test(regions_tell_their_partition),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
