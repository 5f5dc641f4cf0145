#ifndef SPARK_CLI_LOCAL_H
#define SPARK_CLI_LOCAL_H

#include <stdbool.h>
#include <sys/types.h>

#include "spark/aws/credentials.h"
#include "spark/cli/command.h"

/* The sandbox's daemon, as its user sees it: a folder with sandbox.json (while it runs), credentials and log. */
struct local_sandbox {
	char *dir;
	bool running;
	pid_t pid; /* 0 while it does not run; this and the following */
	int port;
	char endpoint[160], https_endpoint[160], region[32], version[32], started[40], account[16];
	bool strict;   /* its clusters refuse what Redshift does not know */
	char *socket;  /* where its endpoint also listens, for this machine; NULL: nowhere */
	char *ca_file; /* what its certificate is checked with; NULL while it does not run */
};

/* Looks for it; never starts it. */
int local_find(const struct config *config, struct local_sandbox *out, struct err *err) MUST_CHECK;
void local_clear(struct local_sandbox *s);
/* Starts it when it does not run, and waits until it is ready. *started tells. What the daemon says of a failure comes
 * back in err, with the kind that gives its exit code. */
int local_start(const struct context *ctx, struct local_sandbox *out, bool *started, struct err *err) MUST_CHECK;
/* Asks it to end and waits until it has: at most wait_ms, then ERR_TIMEOUT. Fine when it does not run. */
int local_stop(const struct context *ctx, const struct local_sandbox *s, int wait_ms, struct err *err) MUST_CHECK;
/* The daemon's program with these options (NULL-terminated), to its end: what it reports as a failure comes back in
 * err.
 */
int local_run_tool(const struct context *ctx, const char *const *options, struct err *err) MUST_CHECK;
/* The keys that the sandbox issued to its user. */
int local_credentials(const struct local_sandbox *s, struct aws_credentials *out, struct err *err) MUST_CHECK;

#endif
