#ifndef SPARK_SANDBOX_FAULT_SPEC_H
#define SPARK_SANDBOX_FAULT_SPEC_H

#include <stdint.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"

enum fault_kind {
	FAULT_THROTTLE,   /* the service asks for fewer requests */
	FAULT_ERROR,      /* the service fails, nothing is done */
	FAULT_DELAY,      /* the request is handled late */
	FAULT_HANG,       /* no answer, nothing is done */
	FAULT_RESET,      /* the connection breaks before anything is done */
	FAULT_TRUNCATE,   /* done, but the connection breaks within the reply */
	FAULT_MALFORMED,  /* done, but the reply is no document */
	FAULT_LOST_REPLY, /* done, but the connection breaks before the reply */
	FAULT_DENY,       /* the caller may not */
	FAULT_STUCK,      /* a cluster stays in a state */
	FAULT_CLOCK,      /* the service's clock is wrong */
	FAULT_KINDS
};

#define FAULT_SPEC_MAX 512 /* bytes of its text */

/* What shall go wrong, and when. Texts "" and the numbers -1 where nothing was said. */
struct fault_spec {
	enum fault_kind kind;
	char service[32], action[64]; /* patterns with * and ?; "": any */
	char cluster[64];             /* stuck: of which cluster; "": any */
	char code[64], state[40];
	int64_t nth;        /* the first of the matching requests that is hit, from 1 */
	int64_t count;      /* how many are hit; 0: all */
	int64_t seed;       /* of the probability's dice */
	double probability; /* from 0 to 1 */
	int64_t status;     /* HTTP */
	int64_t ms;         /* delay */
	int64_t bytes;      /* truncate: so many of the body are sent; half of them when not said */
	int64_t offset_ms;  /* clock */
};

/* "kind=throttle service=redshift action=Describe* nth=3 count=2": blank-separated key=value, each key once. Only keys
 * that mean something for the kind are taken. ERR_USAGE says what is wrong, its hint what there is. */
int fault_spec_parse(const char *text, struct fault_spec *out, struct err *err) MUST_CHECK;
/* The same text again, keys in a fixed order. */
void fault_spec_print(const struct fault_spec *s, struct buf *out);
const char *fault_kind_name(enum fault_kind kind);

#endif
