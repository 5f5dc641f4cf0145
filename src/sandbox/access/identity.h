#ifndef SPARK_SANDBOX_ACCESS_IDENTITY_H
#define SPARK_SANDBOX_ACCESS_IDENTITY_H

#include "spark/sandbox/access.h"
#include "spark/sandbox/http.h"

/* Who acts, and the policies that say what he may do. Documents are described in http/iam.c. Everything here lends from
 * the store: hold its lock. */
struct identity {
	const struct json *doc; /* of the user or role; NULL when there is none (any more) */
	bool is_role;
	const char *arn; /* of the user or role itself, never of a session */
};

/* A session of the role, as a service makes it. */
void identity_role_session(const struct world *w, const struct json *role, const char *session, struct caller *out);
/* A user, role or group by its ARN; NULL when there is none with exactly this one. */
const struct json *identity_find(struct world *w, const char *kind, const char *arn);
/* Who signed. A role or user that was made anew under the old name is somebody else: doc is NULL then. */
void identity_of_caller(struct world *w, const struct caller *who, struct identity *out);
/* Lower-case name: the id of IAM's documents. False when it does not fit. */
bool identity_id(const char *name, char *out, size_t size);

/* The text of a managed policy's default version, AWS's or the account's own; NULL when there is none. */
const char *identity_managed_text(struct world *w, const char *arn);
/* The account's own managed policy of this ARN; NULL when there is none. */
const struct json *identity_policy_find(struct world *w, const char *arn);

/* One policy of an identity. type as SimulatePrincipalPolicy names it. */
struct identity_policy {
	const char *id, *type, *text;
	const struct json *parsed; /* the text, of AWS's own policies; NULL: not parsed yet */
};
/* Calls fn for each policy: attached and inline ones, and for a user those of his groups. Stops when it is not 0. */
int identity_each_policy(struct world *w, const struct json *doc, bool is_role,
			 int (*fn)(void *arg, const struct identity_policy *p), void *arg) MUST_CHECK;

/* What all policies of the identity say together. */
int identity_evaluate(struct world *w, const struct identity *who, const char *action, const char *resource,
		      const struct json *context, enum access_decision *out, struct err *err) MUST_CHECK;
/* One document's word, combined into *total. */
int identity_evaluate_text(const char *text, const char *action, const char *resource, const struct json *context,
			   enum access_decision *total, struct err *err) MUST_CHECK;

/* The condition keys of every request of this caller, as a new object. */
struct json *identity_context(struct world *w, const struct caller *who, const struct identity *identity,
			      struct err *err) MUST_CHECK;

#endif
