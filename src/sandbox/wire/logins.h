#ifndef SPARK_SANDBOX_WIRE_LOGINS_H
#define SPARK_SANDBOX_WIRE_LOGINS_H

#include <stdbool.h>

#include "spark/base/clock.h"
#include "spark/base/err.h"
#include "spark/base/secret.h"

/* How a password is proved: PostgreSQL's text of either kind, "md5..." or "SCRAM-SHA-256$...", fits. */
#define VERIFIER_SIZE 256

/* The temporary users of GetClusterCredentials. Each call gives another password, and all hold until they expire:
 * somebody may still be about to use an older one. Of each both verifiers are kept, since it is the server's role that
 * decides which exchange a client gets. Any thread. */
struct logins;

struct login {
	char db_user[140], maps_to[140];
	char md5[VERIFIER_SIZE], scram[VERIFIER_SIZE];
	int64_t expires_ms;
};

/* now: of the sandbox, by which passwords expire. */
struct logins *logins_new(const struct clock *now, struct err *err) MUST_CHECK;
void logins_free(struct logins *l); /* NULL is fine */
int logins_add(struct logins *l, const char *db_user, const char *maps_to, const struct secret *password,
	       int64_t expires_ms, struct err *err) MUST_CHECK;
/* The newest password of that user; older 1 and more: those before it. */
bool logins_find(struct logins *l, const char *user, size_t older, struct login *out);

#endif
