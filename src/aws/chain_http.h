#ifndef SPARK_AWS_CHAIN_HTTP_PRIVATE_H
#define SPARK_AWS_CHAIN_HTTP_PRIVATE_H

#include "aws/chain.h"
#include "aws/http.h"

/* Unsigned requests to those who hand out credentials. */
struct chain_asker;

struct chain_request {
	const char *method, *url;
	struct sign_header header; /* name NULL: none */
};

/* timeout_ms: of one request; attempts: at most; no_proxy: the service is beside this machine. */
struct chain_asker *chain_asker_new(const struct chain *c, int timeout_ms, int attempts, bool no_proxy,
				    struct err *err) MUST_CHECK;
void chain_asker_free(struct chain_asker *a);
/* 0: *answer holds a whole reply of whatever status. Clear it also on failure; wipe its body. */
int chain_ask(struct chain_asker *a, const struct chain_request *r, struct http_answer *answer,
	      struct err *err) MUST_CHECK;

#endif
