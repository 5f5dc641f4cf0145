#ifndef SPARK_AWS_QUERY_PRIVATE_H
#define SPARK_AWS_QUERY_PRIVATE_H

#include "spark/aws/client.h"
#include "spark/aws/types.h"

/* "<list>.N.Key" and "<list>.N.Value": list is "Tags.member" (IAM), "Tags.Tag" (Redshift), "TagSpecification.1.Tag". */
void params_add_tags(struct aws_params *p, const char *list, const struct aws_tag *tags, size_t count);
/* A call whose reply holds nothing of interest. Clears p. */
int query_call_void(struct aws_client *c, const char *service, struct aws_params *p, bool idempotent,
		    struct err *err) MUST_CHECK;

#endif
