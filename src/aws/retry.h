#ifndef SPARK_AWS_RETRY_PRIVATE_H
#define SPARK_AWS_RETRY_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#define RETRY_ATTEMPTS 3

/* What is known of an attempt that failed. */
struct retry_fact {
	int attempt;            /* from 1 */
	bool idempotent;        /* the call may be made twice */
	bool connection_failed; /* no whole reply came */
	bool may_have_arrived;  /* bytes of the request had left */
	bool timed_out;         /* the time for one request is used up */
	int http_status;        /* of the reply, when there was one */
	const char *code;       /* the service's error code, "" when none */
};

/* Is the failure of a kind that another attempt may mend (whatever the number of attempts)? */
bool retry_is_transient(const struct retry_fact *f);
/* ... and is another attempt both safe and within the number of attempts? */
bool retry_allowed(const struct retry_fact *f);
/* Delay before attempt + 1, in milliseconds: random(0, min(20 s, 2^attempt * 0.5 s)), but not less than the service's
 * Retry-After (retry_after_s, 0: none; a minute at most). random: any number.
 * Source: AWS SDK reference guide, "Retry behavior"; AWS Architecture Blog, "Exponential Backoff and Jitter". */
int64_t retry_delay_ms(int attempt, int retry_after_s, uint32_t random);

#endif
