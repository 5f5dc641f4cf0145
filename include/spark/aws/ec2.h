#ifndef SPARK_AWS_EC2_H
#define SPARK_AWS_EC2_H

#include <stdbool.h>

#include "spark/aws/client.h"
#include "spark/aws/types.h"

/* The default VPC's id; ERR_AWS with code "DefaultVpcNotFound" (ours) when the region has none. */
int ec2_find_default_vpc(struct aws_client *c, char vpc_id[32], struct err *err) MUST_CHECK;

struct ec2_rule {
	char protocol[8];       /* "tcp", "-1" */
	int from_port, to_port; /* -1: all */
	char cidr[44];
};
struct ec2_group {
	char id[32], name[256], vpc_id[32];
	struct aws_tags tags;
	struct ec2_rule *ingress; /* CIDR rules only */
	size_t ingress_count;
};
void ec2_group_clear(struct ec2_group *g);
/* Found by name in a VPC, or by tag when name is NULL. *found tells. */
int ec2_find_group(struct aws_client *c, const char *vpc_id, const char *name, const struct aws_tag *tag, bool *found,
		   struct ec2_group *out, struct err *err) MUST_CHECK;
/* Calls fn with each that carries a tag of that key, all pages; fn returns non-zero to stop, which is passed on. */
int ec2_each_tagged_group(struct aws_client *c, const char *tag_key,
			  int (*fn)(void *arg, const struct ec2_group *group), void *arg, struct err *err) MUST_CHECK;
int ec2_create_group(struct aws_client *c, const char *vpc_id, const char *name, const char *description,
		     const struct aws_tag *tags, size_t tag_count, char group_id[32], struct err *err) MUST_CHECK;
/* InvalidPermission.Duplicate is success. */
int ec2_authorize_ingress(struct aws_client *c, const char *group_id, const struct ec2_rule *rule,
			  const char *description, struct err *err) MUST_CHECK;
/* InvalidPermission.NotFound is success. */
int ec2_revoke_ingress(struct aws_client *c, const char *group_id, const struct ec2_rule *rule,
		       struct err *err) MUST_CHECK;
/* InvalidGroup.NotFound, DependencyViolation. */
int ec2_delete_group(struct aws_client *c, const char *group_id, struct err *err) MUST_CHECK;

#endif
