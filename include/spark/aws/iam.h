#ifndef SPARK_AWS_IAM_H
#define SPARK_AWS_IAM_H

#include <stdint.h>

#include "spark/aws/client.h"
#include "spark/aws/types.h"

/* IAM and STS, one function per action. Codes to expect are named; anything else is ERR_AWS as well. */
struct sts_identity {
	char account[16], arn[512], user_id[160];
};
int sts_get_caller_identity(struct aws_client *c, struct sts_identity *out, struct err *err) MUST_CHECK;

struct iam_role {
	char name[65], arn[256], id[32];
	int64_t created_ms;   /* 0 when unknown */
	struct aws_tags tags; /* GetRole only */
	char *trust_policy;   /* JSON, owned; NULL when the service tells none; not of iam_list_roles() */
};
void iam_role_clear(struct iam_role *r);
/* EntityAlreadyExists, MalformedPolicyDocument, LimitExceeded. out may be NULL. */
int iam_create_role(struct aws_client *c, const char *name, const char *trust_policy, const char *description,
		    const struct aws_tag *tags, size_t tag_count, struct iam_role *out, struct err *err) MUST_CHECK;
int iam_get_role(struct aws_client *c, const char *name, struct iam_role *out,
		 struct err *err) MUST_CHECK; /* NoSuchEntity */
/* Puts another trust policy in the place of the role's. NoSuchEntity, MalformedPolicyDocument. */
int iam_update_trust_policy(struct aws_client *c, const char *role, const char *document, struct err *err) MUST_CHECK;
int iam_attach_role_policy(struct aws_client *c, const char *role, const char *policy_arn, struct err *err) MUST_CHECK;
int iam_detach_role_policy(struct aws_client *c, const char *role, const char *policy_arn, struct err *err) MUST_CHECK;
/* Calls fn with each attached policy's ARN, all pages. */
int iam_list_attached_role_policies(struct aws_client *c, const char *role, int (*fn)(void *arg, const char *arn),
				    void *arg, struct err *err) MUST_CHECK;
int iam_list_role_policies(struct aws_client *c, const char *role, int (*fn)(void *arg, const char *name), void *arg,
			   struct err *err) MUST_CHECK;
int iam_put_role_policy(struct aws_client *c, const char *role, const char *name, const char *document,
			struct err *err) MUST_CHECK;
/* The text of an inline policy, appended. NoSuchEntity. */
int iam_get_role_policy(struct aws_client *c, const char *role, const char *name, struct buf *document,
			struct err *err) MUST_CHECK;
int iam_delete_role_policy(struct aws_client *c, const char *role, const char *name, struct err *err) MUST_CHECK;
int iam_delete_role(struct aws_client *c, const char *name,
		    struct err *err) MUST_CHECK; /* NoSuchEntity, DeleteConflict */
/* Calls fn with each role (without tags), all pages. */
int iam_list_roles(struct aws_client *c, int (*fn)(void *arg, const struct iam_role *role), void *arg,
		   struct err *err) MUST_CHECK;

/* What the account has, and the most that it may have; -1: the service does not tell. */
struct iam_summary {
	int64_t roles, roles_quota;
};
int iam_get_account_summary(struct aws_client *c, struct iam_summary *out, struct err *err) MUST_CHECK;

#endif
