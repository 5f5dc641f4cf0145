#ifndef SPARK_SANDBOX_HTTP_DISPATCH_H
#define SPARK_SANDBOX_HTTP_DISPATCH_H

#include "sandbox/fault/apply.h"
#include "spark/sandbox/http.h"

/* What is known of a request between its two halves. */
struct dispatch {
	struct caller who;
	struct fault_hit hit;
	int64_t began_ms;
	char code[64]; /* of the error, "" for none */
	bool is_local; /* needs no signature and is not recorded */
};

/* One that waits for nobody and for no disk, so that it may be begun where other connections would wait with it: small
 * objects, and no faults that could delay it. */
bool dispatch_is_quick(const struct world *w, const struct http_request *r);
/* From a received request, whose sender was checked then, to its reply; failures become error documents. `quick` says
 * that dispatch_is_quick() did. */
void dispatch_begin(struct world *w, const struct http_request *r, bool quick, struct http_reply *reply,
		    struct dispatch *d);
/* Waits until what the reply promises is true (reply->promise), and tells the record. Then it may be sent. */
void dispatch_end(struct world *w, const struct http_request *r, struct http_reply *reply, struct dispatch *d);
/* May this request be heard at all? Refuses what a web page of someone else's could make a browser send: a Host that is
 * not this machine (DNS rebinding), an Origin that is not us. Looks at headers only. */
int dispatch_check_sender(const struct world *w, const struct http_request *r, struct err *err) MUST_CHECK;

/* One call of a query or ec2 service, once the caller is known: finds the action, runs it, commits. */
int query_handle(struct world *w, const struct service *s, const struct caller *who, const struct http_request *r,
		 struct http_reply *reply, struct err *err) MUST_CHECK;

#endif
