#include "sandbox/access/managed.h"

#include <stddef.h>
#include <string.h>

#define ARN "arn:aws:iam::aws:policy/"

/* Permissions as AWS's documents of these names grant them, as far as they concern services that a data warehouse
 * uses. */
static const struct managed_policy rows[] = {
	{ ARN "AmazonS3ReadOnlyAccess", "AmazonS3ReadOnlyAccess", "/", "ANPAIZTJ4DXE7G6AGAE6M", "2015-02-06T18:40:59Z",
	  "2023-08-10T21:31:39Z", "v3", "Provides read only access to all buckets via the AWS Management Console.",
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"s3:Get*\",\"s3:List*\","
	  "\"s3:Describe*\",\"s3-object-lambda:Get*\",\"s3-object-lambda:List*\"],\"Resource\":\"*\"}]}" },
	{ ARN "AmazonS3FullAccess", "AmazonS3FullAccess", "/", "ANPAIFIR6V6BVTRAHWINE", "2015-02-06T18:40:58Z",
	  "2021-09-27T20:16:37Z", "v2", "Provides full access to all buckets via the AWS Management Console.",
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"s3:*\","
	  "\"s3-object-lambda:*\"],\"Resource\":\"*\"}]}" },
	{ ARN "AdministratorAccess", "AdministratorAccess", "/", "ANPAIWMBCKSKIEE64ZLYK", "2015-02-06T18:39:46Z",
	  "2015-02-06T18:39:46Z", "v1", "Provides full access to AWS services and resources.",
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}" },
	{ ARN "AmazonRedshiftFullAccess", "AmazonRedshiftFullAccess", "/", "ANPAISEKCHH4YDB46B5ZO",
	  "2015-02-06T18:40:50Z", "2022-07-07T23:31:49Z", "v5",
	  "Provides full access to Amazon Redshift via the AWS Management Console.",
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"redshift:*\","
	  "\"redshift-serverless:*\",\"ec2:DescribeAccountAttributes\",\"ec2:DescribeAddresses\","
	  "\"ec2:DescribeAvailabilityZones\",\"ec2:DescribeSecurityGroups\",\"ec2:DescribeSubnets\","
	  "\"ec2:DescribeVpcs\",\"ec2:DescribeInternetGateways\",\"sns:CreateTopic\",\"sns:Get*\",\"sns:List*\","
	  "\"cloudwatch:Describe*\",\"cloudwatch:Get*\",\"cloudwatch:List*\",\"cloudwatch:PutMetricAlarm\","
	  "\"cloudwatch:EnableAlarmActions\",\"cloudwatch:DisableAlarmActions\",\"tag:GetResources\","
	  "\"tag:UntagResources\",\"tag:GetTagValues\",\"tag:GetTagKeys\",\"tag:TagResources\"],\"Resource\":\"*\"},"
	  "{\"Effect\":\"Allow\",\"Action\":\"iam:CreateServiceLinkedRole\",\"Resource\":\"arn:aws:iam::*:role/"
	  "aws-service-role/redshift.amazonaws.com/AWSServiceRoleForRedshift\",\"Condition\":{\"StringLike\":"
	  "{\"iam:AWSServiceName\":\"redshift.amazonaws.com\"}}},{\"Sid\":\"DataAPIPermissions\",\"Effect\":\"Allow\","
	  "\"Action\":[\"redshift-data:ExecuteStatement\",\"redshift-data:CancelStatement\","
	  "\"redshift-data:ListStatements\",\"redshift-data:GetStatementResult\",\"redshift-data:DescribeStatement\","
	  "\"redshift-data:ListDatabases\",\"redshift-data:ListSchemas\",\"redshift-data:ListTables\","
	  "\"redshift-data:DescribeTable\"],\"Resource\":\"*\"}]}" },
	{ ARN "AmazonRedshiftAllCommandsFullAccess", "AmazonRedshiftAllCommandsFullAccess", "/",
	  "ANPAZKAPJZG4K4VWQUVY5", "2021-11-04T00:48:21Z", "2021-11-25T02:27:38Z", "v2",
	  "This policy includes permissions to run SQL commands to copy, load, unload, query, and analyze data on "
	  "Amazon "
	  "Redshift.",
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\","
	  "\"s3:GetBucketAcl\",\"s3:GetBucketCors\",\"s3:GetEncryptionConfiguration\",\"s3:GetBucketLocation\","
	  "\"s3:ListBucket\",\"s3:ListAllMyBuckets\",\"s3:ListMultipartUploadParts\","
	  "\"s3:ListBucketMultipartUploads\",\"s3:PutObject\",\"s3:PutBucketAcl\",\"s3:PutBucketCors\","
	  "\"s3:DeleteObject\",\"s3:AbortMultipartUpload\",\"s3:CreateBucket\"],\"Resource\":["
	  "\"arn:aws:s3:::redshift-downloads\",\"arn:aws:s3:::redshift-downloads/*\",\"arn:aws:s3:::*redshift*\","
	  "\"arn:aws:s3:::*redshift*/*\"]},{\"Effect\":\"Allow\",\"Action\":[\"glue:CreateDatabase\","
	  "\"glue:DeleteDatabase\",\"glue:GetDatabase\",\"glue:GetDatabases\",\"glue:UpdateDatabase\","
	  "\"glue:CreateTable\",\"glue:DeleteTable\",\"glue:BatchDeleteTable\",\"glue:UpdateTable\",\"glue:GetTable\","
	  "\"glue:GetTables\",\"glue:BatchCreatePartition\",\"glue:CreatePartition\",\"glue:DeletePartition\","
	  "\"glue:BatchDeletePartition\",\"glue:UpdatePartition\",\"glue:GetPartition\",\"glue:GetPartitions\","
	  "\"glue:BatchGetPartition\"],\"Resource\":[\"arn:aws:glue:*:*:table/*redshift*/*\","
	  "\"arn:aws:glue:*:*:catalog\",\"arn:aws:glue:*:*:database/*redshift*\"]},{\"Effect\":\"Allow\","
	  "\"Action\":\"iam:PassRole\",\"Resource\":\"arn:aws:iam::*:role/*\",\"Condition\":{\"StringEquals\":"
	  "{\"iam:PassedToService\":[\"redshift.amazonaws.com\",\"glue.amazonaws.com\",\"sagemaker.amazonaws.com\","
	  "\"athena.amazonaws.com\"]}}}]}" },
};

const struct managed_policy *managed_find(const char *arn)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!strcmp(rows[i].arn, arn))
			return &rows[i];
	return NULL;
}

const struct managed_policy *managed_at(size_t n)
{
	return n < sizeof(rows) / sizeof(*rows) ? &rows[n] : NULL;
}
