/* What the Service Authorization Reference lists for S3, as far as a bucket's policy can speak of it. */
#include "sandbox/access/bucket_policy.h"
#include "sandbox/access/glob.h"

static const char *const of_objects[] = {
	"AbortMultipartUpload",
	"BypassGovernanceRetention",
	"DeleteObject",
	"DeleteObjectTagging",
	"DeleteObjectVersion",
	"DeleteObjectVersionTagging",
	"GetObject",
	"GetObjectAcl",
	"GetObjectAttributes",
	"GetObjectLegalHold",
	"GetObjectRetention",
	"GetObjectTagging",
	"GetObjectTorrent",
	"GetObjectVersion",
	"GetObjectVersionAcl",
	"GetObjectVersionAttributes",
	"GetObjectVersionForReplication",
	"GetObjectVersionTagging",
	"GetObjectVersionTorrent",
	"InitiateReplication",
	"ListMultipartUploadParts",
	"ObjectOwnerOverrideToBucketOwner",
	"PutObject",
	"PutObjectAcl",
	"PutObjectLegalHold",
	"PutObjectRetention",
	"PutObjectTagging",
	"PutObjectVersionAcl",
	"PutObjectVersionTagging",
	"ReplicateDelete",
	"ReplicateObject",
	"ReplicateTags",
	"RestoreObject",
	"UpdateObjectEncryption",
};

static const char *const of_buckets[] = {
	"CreateBucket",
	"CreateBucketMetadataTableConfiguration",
	"DeleteBucket",
	"DeleteBucketMetadataTableConfiguration",
	"DeleteBucketPolicy",
	"DeleteBucketWebsite",
	"GetAccelerateConfiguration",
	"GetAnalyticsConfiguration",
	"GetBucketAbac",
	"GetBucketAcl",
	"GetBucketCORS",
	"GetBucketLocation",
	"GetBucketLogging",
	"GetBucketMetadataTableConfiguration",
	"GetBucketNotification",
	"GetBucketObjectLockConfiguration",
	"GetBucketOwnershipControls",
	"GetBucketPolicy",
	"GetBucketPolicyStatus",
	"GetBucketPublicAccessBlock",
	"GetBucketRequestPayment",
	"GetBucketTagging",
	"GetBucketVersioning",
	"GetBucketWebsite",
	"GetEncryptionConfiguration",
	"GetIntelligentTieringConfiguration",
	"GetInventoryConfiguration",
	"GetLifecycleConfiguration",
	"GetMetricsConfiguration",
	"GetReplicationConfiguration",
	"ListBucket",
	"ListBucketMultipartUploads",
	"ListBucketVersions",
	"PutAccelerateConfiguration",
	"PutAnalyticsConfiguration",
	"PutBucketAbac",
	"PutBucketAcl",
	"PutBucketCORS",
	"PutBucketLogging",
	"PutBucketNotification",
	"PutBucketObjectLockConfiguration",
	"PutBucketOwnershipControls",
	"PutBucketPolicy",
	"PutBucketPublicAccessBlock",
	"PutBucketRequestPayment",
	"PutBucketTagging",
	"PutBucketVersioning",
	"PutBucketWebsite",
	"PutEncryptionConfiguration",
	"PutIntelligentTieringConfiguration",
	"PutInventoryConfiguration",
	"PutLifecycleConfiguration",
	"PutMetricsConfiguration",
	"PutReplicationConfiguration",
	"TagResource",
	"UntagResource",
	"UpdateBucketMetadataInventoryTableConfiguration",
	"UpdateBucketMetadataJournalTableConfiguration",
};

static bool any_matches(const char *pattern, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (glob_match(pattern, names[i], true))
			return true;
	return false;
}

int bucket_policy_action_levels(const char *pattern)
{
	int levels = 0;

	if (!strcmp(pattern, "*"))
		return BUCKET_ACTION | OBJECT_ACTION;
	if (strncasecmp(pattern, "s3:", 3))
		return 0;
	if (any_matches(pattern + 3, of_buckets, sizeof(of_buckets) / sizeof(*of_buckets)))
		levels |= BUCKET_ACTION;
	if (any_matches(pattern + 3, of_objects, sizeof(of_objects) / sizeof(*of_objects)))
		levels |= OBJECT_ACTION;
	return levels;
}
