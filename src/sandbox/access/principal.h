#ifndef SPARK_SANDBOX_ACCESS_PRINCIPAL_H
#define SPARK_SANDBOX_ACCESS_PRINCIPAL_H

#include "sandbox/access/identity.h"

/* By what names a policy of a role or of a bucket may mean somebody. */
struct principal {
	const char *service; /* "redshift.amazonaws.com"; all else is NULL then */
	const char *session_arn, *own_arn, *account;
	const char
		*own_id; /* the unique id of the user or role, which bucket policies keep in its ARN's place; or NULL */
	bool anonymous;  /* has signed nothing: is meant by "*" only */
};
/* Of a caller and his user or role: lends from both. */
void principal_of(const struct caller *who, const struct identity *identity, struct principal *out);

/* How a statement means him; what comes later says more. */
enum principal_named {
	PRINCIPAL_NONE,
	PRINCIPAL_ACCOUNT, /* his account */
	PRINCIPAL_ANYBODY, /* with everybody */
	PRINCIPAL_OWN,     /* his user or role */
	PRINCIPAL_SESSION, /* this session of his role */
};
/* By the statement's Principal. */
enum principal_named principal_in(const struct json *statement, const struct principal *p);
/* Is he one of those that the statement's NotPrincipal takes out? A denial takes out who is named by all his names,
 * account and session among them; a permission who is named by any. */
bool principal_is_excepted(const struct json *statement, const struct principal *p);

/* "arn:aws:iam::123456789012:root", or the number alone. */
bool principal_is_account(const char *text, const char *account);

#endif
