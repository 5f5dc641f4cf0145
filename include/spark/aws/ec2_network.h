#ifndef SPARK_AWS_EC2_NETWORK_H
#define SPARK_AWS_EC2_NETWORK_H

#include <stdbool.h>

#include "spark/aws/client.h"
#include "spark/aws/types.h"

/* What a network of one's own is made of. The four kinds are asked for, made and deleted in the same way. */
enum ec2_kind { EC2_VPC, EC2_SUBNET, EC2_GATEWAY, EC2_ROUTE_TABLE };

struct ec2_item {
	char id[32];
	char vpc_id[32]; /* a gateway's: the VPC that it is attached to, "" when to none */
	char state[16];  /* VPC and subnet: "pending", "available"; else "" */
	char cidr[44], zone[32];
	bool is_default;
	bool dns_hostnames;          /* filled by ec2_get_dns_hostnames() only */
	char default_route[32];      /* route table: the gateway that 0.0.0.0/0 leads to */
	char associations[8][2][48]; /* route table: { association, subnet }; the main one has no subnet */
	size_t association_count;    /* at most 8 are told */
	struct aws_tags tags;
};
void ec2_item_clear(struct ec2_item *i);

struct ec2_filter {
	const char *name, *value; /* "vpc-id", "tag:sparkctl:stack", "is-default", "attachment.vpc-id" */
};
/* Calls fn with each one that all filters let through, all pages; fn returns non-zero to stop, which is passed on. The
 * item is lent; fn may take its tags and leave it without. */
int ec2_each(struct aws_client *c, enum ec2_kind kind, const struct ec2_filter *filters, size_t count,
	     int (*fn)(void *arg, struct ec2_item *item), void *arg, struct err *err) MUST_CHECK;
/* The first one, with the smallest id, so that two looks agree. *found tells. */
int ec2_find(struct aws_client *c, enum ec2_kind kind, const struct ec2_filter *filters, size_t count, bool *found,
	     struct ec2_item *out, struct err *err) MUST_CHECK;

struct ec2_make {
	const char *vpc_id;         /* subnet, route table */
	const char *cidr;           /* VPC, subnet */
	const char *zone;           /* subnet */
	const char *token;          /* route table: a repeat with the same token makes no second one; NULL: none */
	const struct aws_tag *tags; /* put on in the same call */
	size_t tag_count;
};
/* VpcLimitExceeded, InvalidSubnet.Conflict, ... */
int ec2_make(struct aws_client *c, enum ec2_kind kind, const struct ec2_make *in, char id[32],
	     struct err *err) MUST_CHECK;
/* Invalid...ID.NotFound, DependencyViolation. */
int ec2_delete(struct aws_client *c, enum ec2_kind kind, const char *id, struct err *err) MUST_CHECK;
/* Does the error say that there is no such thing (any more)? */
bool ec2_is_gone(const struct err *err);

/* Names for addresses inside the VPC; a cluster's public name needs them. */
int ec2_get_dns_hostnames(struct aws_client *c, const char *vpc_id, bool *on, struct err *err) MUST_CHECK;
int ec2_enable_dns_hostnames(struct aws_client *c, const char *vpc_id, struct err *err) MUST_CHECK;
/* Resource.AlreadyAssociated is success when it is that VPC's: look before. */
int ec2_attach_gateway(struct aws_client *c, const char *gateway_id, const char *vpc_id, struct err *err) MUST_CHECK;
/* Gateway.NotAttached is success. DependencyViolation while public addresses are in use. */
int ec2_detach_gateway(struct aws_client *c, const char *gateway_id, const char *vpc_id, struct err *err) MUST_CHECK;
/* 0.0.0.0/0 to the gateway. RouteAlreadyExists is success. */
int ec2_route_to_gateway(struct aws_client *c, const char *table_id, const char *gateway_id,
			 struct err *err) MUST_CHECK;
/* A subnet follows one table: a repeat moves it. */
int ec2_associate_table(struct aws_client *c, const char *table_id, const char *subnet_id, struct err *err) MUST_CHECK;
/* InvalidAssociationID.NotFound is success. */
int ec2_disassociate_table(struct aws_client *c, const char *association_id, struct err *err) MUST_CHECK;
/* Names of the region's zones that are available, in order, at most max. */
int ec2_list_zones(struct aws_client *c, char zones[][32], size_t max, size_t *count, struct err *err) MUST_CHECK;

#endif
