#ifndef SPARK_AWS_REST_H
#define SPARK_AWS_REST_H

#include "spark/aws/client.h"

/* A signed request that is of none of the protocols that have functions of their own. `action` names it in messages. */
struct aws_rest {
	const char *service, *action; /* the signing name: "sparkctl"; "AddFault" */
	const char *method, *path;    /* "POST", "/_sparkctl/faults", encoded */
	const char *query;            /* encoded; NULL: none */
	const char *body;             /* NULL: none */
	bool idempotent;              /* may it be sent again when its reply is lost? */
};

/* Retried as aws_call() does. The body of a success is appended to reply; a refusal's code and message, when it is XML,
 * come back in err. */
int aws_rest_call(struct aws_client *c, const struct aws_rest *call, struct buf *reply, struct err *err) MUST_CHECK;

#endif
