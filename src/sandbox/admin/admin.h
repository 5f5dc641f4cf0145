#ifndef SPARK_SANDBOX_ADMIN_ADMIN_H
#define SPARK_SANDBOX_ADMIN_ADMIN_H

#include "spark/sandbox/http.h"

/* The sandbox's own calls, below /_sparkctl/. Signed for the service "sparkctl" by the account's first user, so that
 * neither a page in a browser nor another user of the machine can make them:
 *   GET    /_sparkctl/faults           {"faults": [{id, spec, seen, fired}]}
 *   POST   /_sparkctl/faults           the fault's text as body: {"id": "f1"}
 *   DELETE /_sparkctl/faults[?id=f1]   {"cleared": 1}
 *   GET    /_sparkctl/requests?since=N&service=S&action=A&mutating=true   JSON lines, see record/record.h */
bool admin_serves(const struct http_request *r);
int admin_handle(struct world *w, const struct caller *who, const struct http_request *r, struct http_reply *reply,
		 struct err *err) MUST_CHECK;

#endif
