#include "sandbox/access/managed.h"

#include <stdatomic.h>
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
	{ ARN "AmazonRedshiftReadOnlyAccess", "AmazonRedshiftReadOnlyAccess", "/", "ANPAIGD46KSON64QBSEZM",
	  "2015-02-06T18:40:51Z", "2024-02-08T00:24:28Z", "v2",
	  "Provides read only access to Amazon Redshift via the AWS Management Console.",
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
	  "\"Action\":[\"redshift:Describe*\",\"redshift:ListRecommendations\","
	  "\"redshift:ViewQueriesInConsole\",\"ec2:DescribeAccountAttributes\",\"ec2:DescribeAddresses\","
	  "\"ec2:DescribeAvailabilityZones\",\"ec2:DescribeSecurityGroups\",\"ec2:DescribeSubnets\","
	  "\"ec2:DescribeVpcs\",\"ec2:DescribeInternetGateways\",\"sns:Get*\",\"sns:List*\","
	  "\"cloudwatch:Describe*\",\"cloudwatch:List*\",\"cloudwatch:Get*\"],\"Resource\":\"*\"}]}" },
	{ ARN "AmazonRedshiftDataFullAccess", "AmazonRedshiftDataFullAccess", "/", "ANPAZKAPJZG4IWQ5XWQKH",
	  "2020-09-09T19:23:13Z", "2023-05-05T17:34:18Z", "v4",
	  "This policy provides full access to Amazon Redshift Data APIs. This policy also grants scoped ac"
	  "cess to other required services.",
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
	  "\"Action\":[\"redshift-data:BatchExecuteStatement\",\"redshift-data:ExecuteStatement\","
	  "\"redshift-data:CancelStatement\",\"redshift-data:ListStatements\","
	  "\"redshift-data:GetStatementResult\",\"redshift-data:DescribeStatement\","
	  "\"redshift-data:ListDatabases\",\"redshift-data:ListSchemas\",\"redshift-data:ListTables\","
	  "\"redshift-data:DescribeTable\"],\"Resource\":\"*\"},{\"Effect\":\"Allow\","
	  "\"Action\":\"redshift:GetClusterCredentials\",\"Resource\":[\"arn:aws:redshift:*:*:dbname:*/*\","
	  "\"arn:aws:redshift:*:*:dbuser:*/redshift_data_api_user\"]},{\"Effect\":\"Allow\","
	  "\"Action\":\"redshift-serverless:GetCredentials\","
	  "\"Resource\":\"arn:aws:redshift-serverless:*:*:workgroup/*\","
	  "\"Condition\":{\"StringLike\":{\"aws:ResourceTag/RedshiftDataFullAccess\":\"*\"}}},"
	  "{\"Effect\":\"Deny\",\"Action\":\"redshift:CreateClusterUser\","
	  "\"Resource\":[\"arn:aws:redshift:*:*:dbuser:*/redshift_data_api_user\"]}]}" },
	{ ARN "AmazonRedshiftQueryEditor", "AmazonRedshiftQueryEditor", "/", "ANPAINVFHHP7CWVHTGBGM",
	  "2018-10-04T22:50:32Z", "2021-02-16T19:33:06Z", "v4",
	  "Provides full access to the Amazon Redshift Query Editor and saved queries via the AWS Managemen"
	  "t Console.",
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
	  "\"Action\":[\"redshift:GetClusterCredentials\",\"redshift:ListSchemas\",\"redshift:ListTables\","
	  "\"redshift:ListDatabases\",\"redshift:ExecuteQuery\",\"redshift:FetchResults\","
	  "\"redshift:CancelQuery\",\"redshift:DescribeClusters\",\"redshift:DescribeQuery\","
	  "\"redshift:DescribeTable\",\"redshift:ViewQueriesFromConsole\","
	  "\"redshift:DescribeSavedQueries\",\"redshift:CreateSavedQuery\",\"redshift:DeleteSavedQueries\","
	  "\"redshift:ModifySavedQuery\"],\"Resource\":\"*\"},{\"Effect\":\"Allow\","
	  "\"Action\":[\"redshift-data:ExecuteStatement\",\"redshift-data:ListDatabases\","
	  "\"redshift-data:ListSchemas\",\"redshift-data:ListTables\",\"redshift-data:DescribeTable\"],"
	  "\"Resource\":\"arn:aws:redshift:*:*:cluster:*\"},{\"Effect\":\"Allow\","
	  "\"Action\":[\"redshift-data:GetStatementResult\",\"redshift-data:CancelStatement\","
	  "\"redshift-data:DescribeStatement\",\"redshift-data:ListStatements\"],\"Resource\":\"*\","
	  "\"Condition\":{\"StringEquals\":{\"redshift-data:statement-owner-iam-userid\":\"${aws:userid}\"}"
	  "}}]}" },
	{ ARN "aws-service-role/AmazonRedshiftServiceLinkedRolePolicy", "AmazonRedshiftServiceLinkedRolePolicy",
	  "/aws-service-role/", "ANPAJPY2VXNRUYOY3SRZS", "2017-09-18T19:19:45Z", "2024-03-15T20:00:36Z", "v11",
	  "Allows Amazon Redshift to call AWS services on your behalf",
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
	  "\"Action\":[\"ec2:DescribeVpcs\",\"ec2:DescribeSubnets\",\"ec2:DescribeNetworkInterfaces\","
	  "\"ec2:DescribeAddress\",\"ec2:AssociateAddress\",\"ec2:DisassociateAddress\","
	  "\"ec2:CreateNetworkInterface\",\"ec2:DeleteNetworkInterface\","
	  "\"ec2:ModifyNetworkInterfaceAttribute\",\"ec2:DescribeSecurityGroups\","
	  "\"ec2:DescribeInternetGateways\",\"ec2:DescribeRouteTables\"],\"Resource\":\"*\"}]}" },
	{ ARN "AmazonEC2FullAccess", "AmazonEC2FullAccess", "/", "ANPAI3VAJF5ZCRZ7MCQE6", "2015-02-06T18:40:15Z",
	  "2018-11-27T02:16:56Z", "v5", "Provides full access to Amazon EC2 via the AWS Management Console.",
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"ec2:*\","
	  "\"Resource\":\"*\"},{\"Effect\":\"Allow\",\"Action\":\"elasticloadbalancing:*\","
	  "\"Resource\":\"*\"},{\"Effect\":\"Allow\",\"Action\":\"cloudwatch:*\",\"Resource\":\"*\"},"
	  "{\"Effect\":\"Allow\",\"Action\":\"autoscaling:*\",\"Resource\":\"*\"}]}" },
	{ ARN "AmazonEC2ReadOnlyAccess", "AmazonEC2ReadOnlyAccess", "/", "ANPAIGDT4SV4GSETWTBZK",
	  "2015-02-06T18:40:17Z", "2024-02-14T18:43:44Z", "v2",
	  "Provides read only access to Amazon EC2 via the AWS Management Console.",
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ec2:Describe*\","
	  "\"ec2:Get*\"],\"Resource\":\"*\"},{\"Effect\":\"Allow\","
	  "\"Action\":\"elasticloadbalancing:Describe*\",\"Resource\":\"*\"},{\"Effect\":\"Allow\","
	  "\"Action\":[\"cloudwatch:ListMetrics\",\"cloudwatch:GetMetricStatistics\","
	  "\"cloudwatch:Describe*\"],\"Resource\":\"*\"},{\"Effect\":\"Allow\","
	  "\"Action\":\"autoscaling:Describe*\",\"Resource\":\"*\"}]}" },
	{ ARN "AmazonVPCFullAccess", "AmazonVPCFullAccess", "/", "ANPAJBWPGNOVKZD3JI2P2", "2015-02-06T18:41:16Z",
	  "2024-02-08T16:03:29Z", "v9", "Provides full access to Amazon VPC via the AWS Management Console.",
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ec2:*Vpc*\","
	  "\"ec2:*Subnet*\",\"ec2:*InternetGateway*\",\"ec2:*RouteTable*\",\"ec2:*Route\","
	  "\"ec2:*SecurityGroup*\",\"ec2:*NetworkInterface*\",\"ec2:*NetworkAcl*\",\"ec2:*DhcpOptions\","
	  "\"ec2:*Address*\",\"ec2:CreateTags\",\"ec2:DeleteTags\",\"ec2:DescribeTags\","
	  "\"ec2:DescribeAccountAttributes\",\"ec2:DescribeAvailabilityZones\",\"ec2:DescribeKeyPairs\"],"
	  "\"Resource\":\"*\"}]}" },
	{ ARN "AmazonVPCReadOnlyAccess", "AmazonVPCReadOnlyAccess", "/", "ANPAIICZJNOJN36GTG6CM",
	  "2015-02-06T18:41:17Z", "2024-02-08T16:07:05Z", "v8",
	  "Provides read only access to Amazon VPC via the AWS Management Console.",
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
	  "\"Action\":[\"ec2:DescribeAccountAttributes\",\"ec2:DescribeAddresses\","
	  "\"ec2:DescribeAvailabilityZones\",\"ec2:DescribeDhcpOptions\",\"ec2:DescribeInternetGateways\","
	  "\"ec2:DescribeNetworkAcls\",\"ec2:DescribeNetworkInterfaces\",\"ec2:DescribeRouteTables\","
	  "\"ec2:DescribeSecurityGroupRules\",\"ec2:DescribeSecurityGroups\",\"ec2:DescribeSubnets\","
	  "\"ec2:DescribeTags\",\"ec2:DescribeVpcAttribute\",\"ec2:DescribeVpcs\"],\"Resource\":\"*\"}]}" },
	{ ARN "IAMFullAccess", "IAMFullAccess", "/", "ANPAI7XKCFMBPM3QQRRVQ", "2015-02-06T18:40:38Z",
	  "2019-06-21T19:40:00Z", "v2", "Provides full access to IAM via the AWS Management Console.",
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"iam:*\","
	  "\"organizations:DescribeAccount\",\"organizations:DescribeOrganization\","
	  "\"organizations:ListPolicies\"],\"Resource\":\"*\"}]}" },
	{ ARN "IAMReadOnlyAccess", "IAMReadOnlyAccess", "/", "ANPAJKSO7NDY4T57MWDSQ", "2015-02-06T18:40:39Z",
	  "2018-01-25T19:11:27Z", "v4", "Provides read only access to IAM via the AWS Management Console.",
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
	  "\"Action\":[\"iam:GenerateCredentialReport\",\"iam:GenerateServiceLastAccessedDetails\","
	  "\"iam:Get*\",\"iam:List*\",\"iam:SimulateCustomPolicy\",\"iam:SimulatePrincipalPolicy\"],"
	  "\"Resource\":\"*\"}]}" },
	{ ARN "PowerUserAccess", "PowerUserAccess", "/", "ANPAJYRXTHIB4FOVS3ZXS", "2015-02-06T18:39:47Z",
	  "2023-07-06T22:04:00Z", "v5",
	  "Provides full access to AWS services and resources,"
	  " but does not allow management of Users and groups.",
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"NotAction\":[\"iam:*\","
	  "\"organizations:*\",\"account:*\"],\"Resource\":\"*\"},{\"Effect\":\"Allow\","
	  "\"Action\":[\"iam:CreateServiceLinkedRole\",\"iam:DeleteServiceLinkedRole\",\"iam:ListRoles\","
	  "\"organizations:DescribeOrganization\",\"account:ListRegions\","
	  "\"account:GetAccountInformation\"],\"Resource\":\"*\"}]}" },
	{ ARN "ReadOnlyAccess", "ReadOnlyAccess", "/", "ANPAILL3HVNFSB6DCOWYQ", "2015-02-06T18:39:48Z",
	  "2024-02-06T19:16:21Z", "v110", "Provides read-only access to AWS services and resources.",
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ec2:Describe*\","
	  "\"ec2:Get*\",\"iam:Get*\",\"iam:List*\",\"iam:Simulate*\",\"redshift:Describe*\","
	  "\"redshift:GetReservedNodeExchangeOfferings\",\"redshift:List*\",\"redshift:View*\","
	  "\"redshift-data:Describe*\",\"redshift-data:List*\",\"redshift-data:GetStatementResult\","
	  "\"redshift-serverless:Get*\",\"redshift-serverless:List*\",\"s3:Get*\",\"s3:List*\","
	  "\"s3:DescribeJob\",\"sts:GetAccessKeyInfo\",\"sts:GetCallerIdentity\",\"sts:GetSessionToken\","
	  "\"cloudwatch:Describe*\",\"cloudwatch:Get*\",\"cloudwatch:List*\",\"glue:Get*\",\"glue:List*\","
	  "\"athena:Get*\",\"athena:List*\",\"kms:Describe*\",\"kms:Get*\",\"kms:List*\","
	  "\"logs:Describe*\",\"logs:Get*\",\"sns:Get*\",\"sns:List*\",\"tag:Get*\"],\"Resource\":\"*\"}]}" },
	{ ARN "AmazonAthenaFullAccess", "AmazonAthenaFullAccess", "/", "ANPAIPJMLMD4C7RYZ6XCK", "2016-11-30T16:46:01Z",
	  "2024-01-03T19:48:43Z", "v10",
	  "Provide full access to Amazon Athena and scoped access to the dependencies needed to enable quer"
	  "ying, writing results, and data management.",
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"athena:*\","
	  "\"Resource\":\"*\"},{\"Effect\":\"Allow\",\"Action\":[\"glue:Get*\",\"glue:BatchGet*\","
	  "\"glue:Create*\",\"glue:BatchCreatePartition\",\"glue:Update*\",\"glue:Delete*\","
	  "\"glue:BatchDelete*\"],\"Resource\":\"*\"},{\"Effect\":\"Allow\","
	  "\"Action\":[\"s3:GetBucketLocation\",\"s3:GetObject\",\"s3:ListBucket\","
	  "\"s3:ListBucketMultipartUploads\",\"s3:ListMultipartUploadParts\",\"s3:AbortMultipartUpload\","
	  "\"s3:CreateBucket\",\"s3:PutObject\",\"s3:PutBucketPublicAccessBlock\"],"
	  "\"Resource\":\"arn:aws:s3:::aws-athena-query-results-*\"},{\"Effect\":\"Allow\","
	  "\"Action\":[\"s3:GetBucketLocation\",\"s3:ListBucket\",\"s3:ListAllMyBuckets\"],"
	  "\"Resource\":\"*\"}]}" },
	{ ARN "AWSGlueConsoleFullAccess", "AWSGlueConsoleFullAccess", "/", "ANPAJNZGDEOD7MISOVSVI",
	  "2017-08-14T13:37:39Z", "2023-07-14T14:37:39Z", "v14",
	  "Provides full access to AWS Glue via the AWS Management Console",
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"glue:*\","
	  "\"redshift:DescribeClusters\",\"redshift:DescribeClusterSubnetGroups\",\"iam:ListRoles\","
	  "\"iam:ListUsers\",\"iam:ListGroups\",\"iam:ListRolePolicies\",\"iam:GetRole\","
	  "\"iam:GetRolePolicy\",\"iam:ListAttachedRolePolicies\",\"ec2:DescribeSecurityGroups\","
	  "\"ec2:DescribeSubnets\",\"ec2:DescribeVpcs\",\"ec2:DescribeRouteTables\","
	  "\"s3:ListAllMyBuckets\",\"s3:ListBucket\",\"s3:GetBucketAcl\",\"s3:GetBucketLocation\"],"
	  "\"Resource\":\"*\"},{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\",\"s3:PutObject\"],"
	  "\"Resource\":[\"arn:aws:s3:::aws-glue-*/*\",\"arn:aws:s3:::*/*aws-glue-*/*\"]},"
	  "{\"Effect\":\"Allow\",\"Action\":\"iam:PassRole\","
	  "\"Resource\":\"arn:aws:iam::*:role/AWSGlueServiceRole*\","
	  "\"Condition\":{\"StringLike\":{\"iam:PassedToService\":[\"glue.amazonaws.com\"]}}}]}" },
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

const struct json *managed_parsed(const struct managed_policy *m)
{
	static _Atomic(struct json *) all[sizeof(rows) / sizeof(*rows)];
	_Atomic(struct json *) *mine = &all[m - rows];
	struct json *there = atomic_load(mine), *made;
	struct err ignored;

	if (there || strstr(m->document, "Condition") || strstr(m->document, "${"))
		return there;
	made = json_parse(m->document, strlen(m->document), &ignored);
	if (!made || atomic_compare_exchange_strong(mine, &there, made))
		return made;
	json_free(made);
	return there;
}
