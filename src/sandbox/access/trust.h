#ifndef SPARK_SANDBOX_ACCESS_TRUST_H
#define SPARK_SANDBOX_ACCESS_TRUST_H

#include "sandbox/access/identity.h"

/* What a role's trust policy says of somebody who wants the role. */
enum trust_word {
	TRUST_NONE,    /* does not mention him */
	TRUST_DENIED,  /* denies it to him */
	TRUST_ACCOUNT, /* trusts his account: his own policies decide */
	TRUST_DIRECT,  /* names him */
};

/* Of a service ("redshift.amazonaws.com"): TRUST_DIRECT when it may. */
enum trust_word trust_service(const struct json *trust, const char *action, const char *service,
			      const struct json *context);
/* Of the caller, by his ARN, his user's or role's ARN, or his account. */
enum trust_word trust_caller(const struct json *trust, const char *action, const struct caller *who,
			     const struct identity *identity, const struct json *context);

#endif
