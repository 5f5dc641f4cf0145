#ifndef SPARK_SANDBOX_FAULT_APPLY_H
#define SPARK_SANDBOX_FAULT_APPLY_H

#include "sandbox/fault/spec.h"
#include "sandbox/record/operation.h"

/* What befalls one request, from its arrival to its reply. The dispatcher calls the four functions in this order. */
struct fault_hit {
	unsigned kinds; /* a bit for each */
	struct fault_spec spec[FAULT_KINDS];
	struct operation op;
	struct world shifted; /* with the clock that the request is checked by, and ... */
	struct clock wrong;   /* ... that clock */
	const struct world *real;
};

/* Which faults hit it; delays and hangs pass here. A w without faults is fine. True: it is not to be handled, because
 * the connection breaks (reply->drop is set). */
bool fault_arrive(struct world *w, const struct http_request *r, struct fault_hit *hit, struct http_reply *reply);
/* The same for a request that none may hit, because nobody may wait where it is handled. */
void fault_pass_by(struct world *w, const struct http_request *r, struct fault_hit *hit);
/* The world to check the request's time by: w, or one with another clock. */
struct world *fault_world(struct world *w, struct fault_hit *hit);
/* With the caller known: 0, or -1 with the service's error. */
int fault_refuse(struct fault_hit *hit, struct world *w, const struct caller *who, const struct http_request *r,
		 struct err *err) MUST_CHECK;
/* The reply is there: what becomes of it. */
void fault_spoil(struct fault_hit *hit, struct world *w, struct http_reply *reply);
/* "delay, throttle" appended, for the record. */
void fault_names(const struct fault_hit *hit, struct buf *out);

#endif
