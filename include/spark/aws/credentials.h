#ifndef SPARK_AWS_CREDENTIALS_H
#define SPARK_AWS_CREDENTIALS_H

#include <stdint.h>

#include "spark/base/buf.h"
#include "spark/base/clock.h"
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

struct aws_settings;

/* What the search needs. All is lent, for as long as a provider made of it lives. */
struct aws_chain_options {
	const struct config *config;
	const char *region;                  /* whose STS is asked; NULL: the configuration's */
	const char *endpoint_url;            /* NULL: each service's own host */
	const struct aws_settings *settings; /* may be NULL */
	const char *ca_bundle, *user_agent;  /* may be NULL */
	int timeout_ms;                      /* one request, one program; 0: a minute */
	const struct clock *clock;           /* NULL: the system's */
	const volatile int *stop;            /* may be NULL */
	bool at_hand_only;                   /* no request is sent and no program run: files and environment only */
};

/* The chain, in the order of the AWS tools, first hit wins:
 * - with the flag --profile that profile only, and not the environment;
 * - environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; CREDS__AWS_UDACITY__KEY and ..._SECRET);
 * - dwh.cfg ([AWS] KEY, SECRET, TOKEN; refused when the file is readable by others);
 * - the profile ($AWS_PROFILE or default) of $AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials and $AWS_CONFIG_FILE or
 *   ~/.aws/config: role_arn with source_profile or credential_source, web identity (also by the environment), IAM
 *   Identity Center (sso_session or sso_start_url), keys of the credentials file, credential_process, keys of the
 * config file;
 * - a container's endpoint (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI);
 * - the EC2 instance's metadata service, version 2.
 * A place that is set but cannot be used (key without secret, program that fails) is an error that names it. Nothing
 * found: ERR_CREDENTIALS whose hint lists every place that was looked at. */
int aws_chain_find(const struct aws_chain_options *o, struct aws_credentials *out, struct err *err) MUST_CHECK;
/* The same with the configuration's time-out, and region and endpoints as the configuration and the settings say. */
int aws_credentials_find(const struct config *config, struct aws_credentials *out, struct err *err) MUST_CHECK;

/* Credentials that stay usable: found by the chain at first use, and again before they run out (five minutes before, or
 * in the last quarter of a shorter life). Thread-safe: one thread searches, others wait for it. A search that fails
 * while the old ones still hold is tried again later. */
struct aws_provider;
struct aws_provider *aws_provider_new(const struct aws_chain_options *o, struct err *err) MUST_CHECK;
void aws_provider_free(struct aws_provider *p);
/* A copy of the ones that hold now. */
int aws_provider_get(struct aws_provider *p, struct aws_credentials *out, struct err *err) MUST_CHECK;

#endif
