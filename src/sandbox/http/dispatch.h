#ifndef SPARK_SANDBOX_HTTP_DISPATCH_H
#define SPARK_SANDBOX_HTTP_DISPATCH_H

#include "spark/sandbox/http.h"

/* From a received request to its reply. Failures become error documents. */
void dispatch_request(struct world *w, const struct http_request *r, struct http_reply *reply);
/* May this request be heard at all? Refuses what a web page of someone else's could make a browser send: a Host that is
 * not this machine (DNS rebinding), an Origin that is not us. Looks at headers only. */
int dispatch_check_sender(const struct world *w, const struct http_request *r, struct err *err) MUST_CHECK;

/* One call of a query or ec2 service, once the caller is known: finds the action, runs it, commits. */
int query_handle(struct world *w, const struct service *s, const struct caller *who, const struct http_request *r,
		 struct http_reply *reply, struct err *err) MUST_CHECK;

#endif
