#ifndef SPARK_SANDBOX_ACCESS_ROLE_H
#define SPARK_SANDBOX_ACCESS_ROLE_H

#include "sandbox/access/identity.h"

/* The name that Redshift gives to its sessions of a role. */
#define ROLE_SESSION "RedshiftIamRoleSession"

/* The condition keys of what such a session does, with those of `more` (may be NULL) on top. */
struct json *role_context(struct world *w, const struct identity *role, const struct caller *who,
			  const struct json *more, struct err *err) MUST_CHECK;

#endif
