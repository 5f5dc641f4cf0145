#ifndef SPARK_SANDBOX_HTTP_STS_H
#define SPARK_SANDBOX_HTTP_STS_H

#include "sandbox/access/keys.h"

#define STS_HANDLER(name) \
	int name(struct world *w, const struct caller *who, const struct params *p, struct buf *out, struct err *err)

/* DurationSeconds in range. ValidationError. */
int sts_duration(const struct params *p, int64_t fallback, int64_t max, int64_t *out, struct err *err) MUST_CHECK;
/* The Credentials of an answer. */
void sts_write_credentials(struct buf *out, const struct session_key *key, int64_t expires_ms);

STS_HANDLER(sts_assume_role);

#endif
