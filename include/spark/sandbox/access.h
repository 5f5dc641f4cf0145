#ifndef SPARK_SANDBOX_ACCESS_H
#define SPARK_SANDBOX_ACCESS_H

#include <stdbool.h>

#include "spark/base/err.h"
#include "spark/base/secret.h"
#include "spark/sandbox/world.h"

/* Who may do what. The decisions of identity policies, as IAM takes them. */
enum access_decision { ACCESS_ALLOWED, ACCESS_EXPLICIT_DENY, ACCESS_IMPLICIT_DENY };

/* Does the policy document `policy` (parsed JSON) allow, deny or not mention it? Wildcards * and ? in Action,
 * NotAction, Resource and NotResource; actions match in any letter case. A Condition is evaluated with the context
 * pairs given as a JSON object (may be NULL); a condition operator that is not known never matches for Allow and always
 * for Deny. */
enum access_decision access_evaluate(const struct json *policy, const char *action, const char *resource,
				     const struct json *context);

/* May a service take this role? From its trust policy: Principal.Service, Action sts:AssumeRole. */
bool access_trusts_service(const struct json *trust_policy, const char *service);

/* May this role (by ARN), through its attached managed and inline policies, do it? context: what conditions may ask
 * about, as an object, or NULL. ERR_AWS with code "NoSuchEntity" when there is no such role. */
int access_role(struct world *w, const char *role_arn, const char *action, const char *resource,
		const struct json *context, enum access_decision *out, struct err *err) MUST_CHECK;
/* The trust policy's word for a role by ARN: *trusted. NoSuchEntity likewise. */
int access_role_trusts(struct world *w, const char *role_arn, const char *service, bool *trusted,
		       struct err *err) MUST_CHECK;

/* Who an access key stands for, for COPY with CREDENTIALS 'aws_access_key_id=...': token "" when none was given. *who
 * is filled as for a call of S3 in that region. ERR_CREDENTIALS when unknown (code "InvalidAccessKeyId"), the secret
 * differs (code "SignatureDoesNotMatch"), the token differs ("InvalidToken") or its time is over ("ExpiredToken"). */
struct caller;
int access_check_key(struct world *w, const char *key_id, const char *secret, const char *token, const char *region,
		     struct caller *who, struct err *err) MUST_CHECK;

/* The account's first user, "sparkctl", who may do everything, and his access key; made and committed at the first
 * call, the same ever after. */
int access_ensure_root(struct world *w, char key_id[129], struct secret *secret, struct err *err) MUST_CHECK;

/* Does a security group of the cluster's document let this address reach the port? */
bool access_ingress_allows(struct world *w, const struct json *cluster, const char *peer_ip, int port);

#endif
