#ifndef SPARK_AWS_SERVERLESS_H
#define SPARK_AWS_SERVERLESS_H

#include <stdbool.h>
#include <stdint.h>

#include "spark/aws/client.h"
#include "spark/aws/types.h"
#include "spark/base/secret.h"

/* Redshift Serverless: a namespace holds the data, a workgroup serves it and is billed while it works. All codes of
 * this service are few: ResourceNotFoundException, ConflictException (there is one already, or something is under way),
 * ValidationException, InsufficientCapacityException. */

struct serverless_namespace {
	char name[65], arn[256], admin[129], db_name[65];
	char status[32];    /* "AVAILABLE", "MODIFYING", "DELETING" */
	int64_t created_ms; /* 0 when unknown */
	char (*roles)[256]; /* ARNs of those that COPY may take */
	size_t role_count, role_cap;
};
void serverless_namespace_clear(struct serverless_namespace *n);

struct serverless_create_namespace {
	const char *name, *db_name, *admin;
	const struct secret *password;
	bool manage_password; /* AWS makes it and keeps it in Secrets Manager; then password is not sent */
	const char *role_arn; /* the default one for COPY; NULL: none */
	const struct aws_tag *tags;
	size_t tag_count;
};
int serverless_create_namespace(struct aws_client *c, const struct serverless_create_namespace *in,
				struct err *err) MUST_CHECK;
int serverless_get_namespace(struct aws_client *c, const char *name, struct serverless_namespace *out,
			     struct err *err) MUST_CHECK;
/* Its roles become these; `standard`, one of them, is the one that COPY takes when none is named. */
int serverless_set_roles(struct aws_client *c, const char *name, const char *const *arns, size_t count,
			 const char *standard, struct err *err) MUST_CHECK;
/* ConflictException while a workgroup uses it. */
int serverless_delete_namespace(struct aws_client *c, const char *name, struct err *err) MUST_CHECK;

struct serverless_workgroup {
	char name[65], arn[256], namespace_name[65];
	char status[32];                 /* "CREATING", "AVAILABLE", "MODIFYING", "DELETING" */
	char host[256];                  /* "" while the service tells no endpoint */
	int port;                        /* 0 while unknown */
	int base_capacity, max_capacity; /* RPU; max 0: no bound */
	int64_t created_ms;              /* 0 when unknown */
};

struct serverless_create_workgroup {
	const char *name, *namespace_name;
	int base_capacity, max_capacity, port;
	const char *group_id;          /* of the security group */
	const char *const *subnet_ids; /* none: the default VPC's */
	size_t subnet_count;
	bool publicly_accessible;
	const struct aws_tag *tags;
	size_t tag_count;
};
int serverless_create_workgroup(struct aws_client *c, const struct serverless_create_workgroup *in,
				struct err *err) MUST_CHECK;
int serverless_get_workgroup(struct aws_client *c, const char *name, struct serverless_workgroup *out,
			     struct err *err) MUST_CHECK;
/* member: "baseCapacity" or "maxCapacity"; the service takes one change with each call. ConflictException while
 * something is under way. */
int serverless_set_capacity(struct aws_client *c, const char *name, const char *member, int rpu,
			    struct err *err) MUST_CHECK;
/* ConflictException while something is under way. */
int serverless_delete_workgroup(struct aws_client *c, const char *name, struct err *err) MUST_CHECK;

/* All of the region, all pages; fn returns non-zero to stop, which is passed on. */
int serverless_list_namespaces(struct aws_client *c, int (*fn)(void *arg, const struct serverless_namespace *n),
			       void *arg, struct err *err) MUST_CHECK;
int serverless_list_workgroups(struct aws_client *c, int (*fn)(void *arg, const struct serverless_workgroup *w),
			       void *arg, struct err *err) MUST_CHECK;
/* Of a namespace or a workgroup, by its ARN. */
int serverless_list_tags(struct aws_client *c, const char *arn, struct aws_tags *out, struct err *err) MUST_CHECK;

/* Temporary database credentials of the caller's own database user, which is made when it is not there: 15 to 60
 * minutes. *expires_ms since 1970. */
int serverless_get_credentials(struct aws_client *c, const char *workgroup, const char *db_name, int duration_s,
			       char user_out[136], struct secret *password_out, int64_t *expires_ms,
			       struct err *err) MUST_CHECK;

#endif
