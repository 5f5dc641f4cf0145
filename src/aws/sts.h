#ifndef SPARK_AWS_STS_PRIVATE_H
#define SPARK_AWS_STS_PRIVATE_H

#include "spark/aws/client.h"

struct sts_role {
	const char *arn, *session_name;
	const char *external_id;        /* NULL: none */
	const struct secret *web_token; /* NULL: AssumeRole; else AssumeRoleWithWebIdentity, of an anonymous client */
	int duration_s;                 /* 0: the role's default */
};
/* out: all but the source. AccessDenied, ExpiredToken, InvalidIdentityToken, RegionDisabledException. */
int sts_assume_role(struct aws_client *c, const struct sts_role *role, struct aws_credentials *out,
		    struct err *err) MUST_CHECK;

#endif
