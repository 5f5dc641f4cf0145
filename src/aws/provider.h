#ifndef SPARK_AWS_PROVIDER_PRIVATE_H
#define SPARK_AWS_PROVIDER_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "spark/aws/credentials.h"

/* One set of credentials that several threads use while a newer one may take its place. */
struct held_credentials {
	struct aws_credentials keys;
	uint64_t serial; /* a newer set has a higher one */
	int holders;     /* private, atomic */
};
/* Takes the keys over, also on failure (they are cleared then). */
struct held_credentials *held_new(struct aws_credentials *keys, uint64_t serial, struct err *err) MUST_CHECK;
struct held_credentials *held_share(struct held_credentials *h);
void held_release(struct held_credentials *h); /* NULL is fine */

/* The ones that hold at now_ms (0: the clock's now); release them after use. */
struct held_credentials *provider_hold(struct aws_provider *p, int64_t now_ms, struct err *err) MUST_CHECK;
/* A service refused the set of that number: looks everywhere again. 1: there are others now, 0: the same ones were
 * found, -1: the search failed. */
int provider_renew(struct aws_provider *p, uint64_t refused_serial, struct err *err) MUST_CHECK;
/* For tests: another search. */
void provider_set_search(struct aws_provider *p, int (*search)(void *arg, struct aws_credentials *out, struct err *err),
			 void *arg);

#endif
