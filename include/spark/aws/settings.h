#ifndef SPARK_AWS_SETTINGS_H
#define SPARK_AWS_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "spark/base/config.h"
#include "spark/base/err.h"

/* An address of one service. service: as its variable says it, lower case ("s3", "redshift_serverless"). */
struct aws_service_url {
	char service[40];
	char *url;
};

/* What the environment and the profile of the AWS tools say about requests, apart from credentials. */
struct aws_settings {
	char region[64];    /* of the profile; "": it names none */
	char *ca_bundle;    /* of the profile, or NULL */
	char *endpoint_url; /* for the services without one of their own, or NULL */
	struct aws_service_url *urls;
	size_t url_count, url_cap;
	bool use_fips, use_dualstack;
	int max_attempts;    /* of one call; 0: the mode's (3, legacy 5) */
	bool legacy_retries; /* no budget of repeats over all calls */
};

/* The variables AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS,
 * AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT, AWS_MAX_ATTEMPTS, AWS_RETRY_MODE, then the profile's keys
 * (endpoint_url, services, ignore_configured_endpoint_urls, use_fips_endpoint, use_dualstack_endpoint, max_attempts,
 * retry_mode, region, ca_bundle). ERR_CONFIG names what is not understood. Source: AWS SDKs and Tools Reference Guide,
 * "Settings reference"; botocore for the order. */
int aws_settings_load(const struct config *config, struct aws_settings *out, struct err *err) MUST_CHECK;
/* Attempts and retry mode of the environment only: for the sandbox, where the rest would lead elsewhere. */
int aws_settings_load_retries(struct aws_settings *out, struct err *err) MUST_CHECK;
void aws_settings_clear(struct aws_settings *s);
/* The address for a service (its signing name), or NULL: its own. */
const char *aws_settings_url(const struct aws_settings *s, const char *service);

#endif
