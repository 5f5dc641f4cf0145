#ifndef SPARK_AWS_RETRY_PRIVATE_H
#define SPARK_AWS_RETRY_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#define RETRY_ATTEMPTS        3
#define RETRY_ATTEMPTS_LEGACY 5

/* Standard mode: repeats of all calls together draw on a budget, so that a service in trouble is not asked ever more.
 * Source: AWS SDK reference guide, "Retry behavior". */
#define RETRY_BUDGET             500
#define RETRY_COST               5
#define RETRY_COST_NO_CONNECTION 10
#define RETRY_REFUND             1 /* of a call that went well at once */

struct retry_policy {
	int attempts;
	bool budget;
};

/* What is known of an attempt that failed. */
struct retry_fact {
	int attempt;            /* from 1 */
	int attempts;           /* at most; 0: RETRY_ATTEMPTS */
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
