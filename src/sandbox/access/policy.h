#ifndef SPARK_SANDBOX_ACCESS_POLICY_H
#define SPARK_SANDBOX_ACCESS_POLICY_H

#include "spark/base/buf.h"
#include "spark/base/json.h"
#include "spark/sandbox/access.h"

/* The value of a context key, whatever its letter case; NULL when absent. */
const struct json *policy_context(const struct json *context, const char *key);
/* Puts context values in the place of ${key}; the result is a pattern for glob_match(). False when a key is absent. */
bool policy_expand(const char *text, const struct json *context, struct buf *out);

/* Does a statement's Condition hold? POLICY_UNKNOWN when it has an operator that we do not know. */
enum policy_truth { POLICY_FALSE, POLICY_TRUE, POLICY_UNKNOWN };
enum policy_truth policy_condition(const struct json *condition, const struct json *context);

/* Calls fn for a value that may be one string or a list of them, until it returns true. */
bool policy_any_text(const struct json *one_or_many, bool (*fn)(void *arg, const char *text), void *arg);

/* One string, or a list of at least one and nothing else. */
bool policy_is_texts(const struct json *one_or_many);
/* "StringLike", "ForAnyValue:ArnEqualsIfExists", "Null", ... */
bool policy_operator_is_known(const char *name);

/* Is the text a document that IAM would store? Parsed into *out (may be NULL). On failure MalformedPolicyDocument with
 * IAM's sentence. */
int policy_check_trust(const char *text, struct err *err) MUST_CHECK;
int policy_check_identity(const char *text, struct err *err) MUST_CHECK;

/* What one statement says, whoever it means. */
enum access_decision policy_statement(const struct json *statement, const char *action, const char *resource,
				      const struct json *context);
/* May a principal's policies together do it? */
void policy_combine(enum access_decision one, enum access_decision *total);

#endif
