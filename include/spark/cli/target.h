#ifndef SPARK_CLI_TARGET_H
#define SPARK_CLI_TARGET_H

#include <stdbool.h>

#include "spark/aws/client.h"
#include "spark/aws/credentials.h"
#include "spark/cli/command.h"

/* Where the calls go: the only place that knows the difference between the sandbox and AWS. */
struct target {
	bool local;
	char *endpoint;        /* NULL: each service's own */
	bool endpoint_for_all; /* it was given to sparkctl; else single services may have others, see settings */
	char *caller_ip_url;   /* answers the caller's address */
	char *sandbox_socket;  /* its way for this machine; NULL: over TCP */
	char *sandbox_ca;      /* what the sandbox's certificates are checked with; NULL: it is not the sandbox */
	const char *ssl_mode, *ssl_ca;
	const char *ca_bundle; /* NULL: the system's */
	struct aws_settings *settings;
	struct aws_provider *provider;      /* NULL: the sandbox's own keys, which never end */
	struct aws_credentials credentials; /* those of the beginning */
	struct aws_client *aws;
	const struct context *ctx; /* for the warning below */
};

/* With target local the sandbox is started when it does not run, unless an endpoint was given. The sandbox's own keys
 * are used unless the ones at hand are keys that it issued, or a profile was asked for by --profile: an account's real
 * keys are not sent to it by accident. */
int target_open(const struct context *ctx, struct target *out, struct err *err) MUST_CHECK;
/* The sandbox, whatever --target and --endpoint-url say. */
int target_open_sandbox(const struct context *ctx, struct target *out, struct err *err) MUST_CHECK;
/* Warns when the services taught that this machine's clock is wrong: the calls were made right, other programs' will be
 * refused. */
void target_close(struct target *t);

#endif
