#ifndef SPARK_SANDBOX_COPY_CREDENTIALS_H
#define SPARK_SANDBOX_COPY_CREDENTIALS_H

#include "sandbox/copy/statement.h"

/* Only one way of authorization may be given: 42601 when one is there already. */
int copy_auth_once(const struct copy_statement *s, struct err *err) MUST_CHECK;
/* Fails unless a way was given, and wholly. */
int copy_auth_complete(const struct copy_statement *s, const char *verb, struct err *err) MUST_CHECK;
/* 'aws_iam_role=ARN' or 'aws_access_key_id=..;aws_secret_access_key=..[;token=..]' into s. The text is never told in
 * an error. */
int copy_credentials_parse(const char *text, struct copy_statement *s, struct err *err) MUST_CHECK;

#endif
