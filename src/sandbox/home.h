#ifndef SPARK_SANDBOX_HOME_H
#define SPARK_SANDBOX_HOME_H

#include <stdio.h>

#include "spark/base/err.h"
#include "spark/base/secret.h"

/* The sandbox's folder: who holds it, and the files by which the client finds the daemon. */
struct home {
	char *dir;
	int lock_fd;
	FILE *log; /* DIR/log, appended to */
};

/* Makes the folder (0700; for root 0711, because the PostgreSQL servers run as another user), takes DIR/lock
 * (ERR_CONFLICT names the holder), opens the log; one over 10 MiB becomes DIR/log.old first. */
int home_open(struct home *h, const char *dir, struct err *err) MUST_CHECK;
/* A private folder (0700) in it. Appends nothing to h; the path is allocated. */
char *home_subfolder(const struct home *h, const char *name, struct err *err) MUST_CHECK;
/* DIR/credentials, 0600, in the AWS profile format. */
int home_write_credentials(const struct home *h, const char *key_id, const struct secret *secret,
			   struct err *err) MUST_CHECK;

struct home_announcement {
	const char *endpoint, *https_endpoint, *ca_path, *version, *account, *region;
	const char *socket_path; /* where the endpoint also listens; NULL: nowhere */
	bool strict;
	int port, https_port;
	long long started_ms;
};
/* DIR/sandbox.json, 0600: the daemon is there as long as this file is. */
int home_announce(const struct home *h, const struct home_announcement *a, struct err *err) MUST_CHECK;
/* Strict mode is kept in the folder. said: "yes", "no", or NULL for what was said last (no, when nothing was). */
int home_keep_strict(const struct home *h, const char *said, bool *strict, struct err *err) MUST_CHECK;
/* Takes sandbox.json away, gives the lock back. Accepts what home_open() left after a failure. */
void home_close(struct home *h);

#endif
