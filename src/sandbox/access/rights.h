#ifndef SPARK_SANDBOX_ACCESS_RIGHTS_H
#define SPARK_SANDBOX_ACCESS_RIGHTS_H

#include "spark/sandbox/access.h"
#include "spark/sandbox/http.h"

/* What a role or a caller may do, to be asked thousands of times: the policies are read and parsed once and are as they
 * were then. */
struct access_rights;

/* ERR_AWS with code "NoSuchEntity" when there is no such role. */
int access_rights_of_role(struct world *w, const char *role_arn, struct access_rights **out,
			  struct err *err) MUST_CHECK;
int access_rights_of_caller(struct world *w, const struct caller *who, struct access_rights **out,
			    struct err *err) MUST_CHECK;
/* With the word of the bucket that the resource lies in. For one thread at a time. */
bool access_rights_allow(struct access_rights *r, const char *action, const char *resource);
void access_rights_free(struct access_rights *r); /* accepts NULL */

/* May the one role take the other, as in a chain of roles: the other's trust policy names it (or its account), and its
 * own policies allow sts:AssumeRole. ERR_AWS with code "NoSuchEntity" when there is no such role. */
int access_role_may_assume(struct world *w, const char *role_arn, const char *other_arn, bool *may,
			   struct err *err) MUST_CHECK;

#endif
