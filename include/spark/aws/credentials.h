#ifndef SPARK_AWS_CREDENTIALS_H
#define SPARK_AWS_CREDENTIALS_H

#include <stdint.h>

#include "spark/base/buf.h"
#include "spark/base/config.h"
#include "spark/base/secret.h"

/* Long-lived or temporary keys. expires_ms 0: never. source: where they came from, for people ("environment",
 * "dwh.cfg:3", "profile 'dev' in ~/.aws/credentials", "sandbox"). */
struct aws_credentials {
	char access_key_id[129];
	struct secret secret_access_key;
	struct secret session_token; /* not set for long-lived keys */
	int64_t expires_ms;
	char source[256];
};

void aws_credentials_clear(struct aws_credentials *c);
int aws_credentials_copy(struct aws_credentials *to, const struct aws_credentials *from, struct err *err) MUST_CHECK;

/* The chain, first hit wins: --profile flag (then only that profile), environment (AWS_ACCESS_KEY_ID,
 * AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; CREDS__AWS_UDACITY__KEY and ..._SECRET), dwh.cfg ([AWS] KEY, SECRET, TOKEN;
 * refused when the file is readable by others), the profile ($AWS_PROFILE or default) in $AWS_SHARED_CREDENTIALS_FILE
 * or
 * ~/.aws/credentials, then in $AWS_CONFIG_FILE or ~/.aws/config.
 * A half-set place (key without secret) is an error that names it. Nothing found: ERR_CREDENTIALS whose hint lists
 * every place that was looked at. */
int aws_credentials_find(const struct config *config, struct aws_credentials *out, struct err *err) MUST_CHECK;

#endif
