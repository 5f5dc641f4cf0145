#ifndef SPARK_PIPELINE_SESSION_H
#define SPARK_PIPELINE_SESSION_H

#include "spark/pipeline/pipeline.h"

/* Where the warehouse is and how to log in. */
struct endpoint {
	char host[256], user[136], database[65];
	int port;
	struct secret password;
	int64_t expires_ms; /* of temporary credentials; 0: never */
	bool serverless;    /* a workgroup's: credentials come from another service */
	bool asked;         /* host learnt from the service, not given: it may have become available just now */
};
/* The address from the configuration or the service; ERR_CONFLICT when there is no cluster or it is not available. */
int endpoint_find(struct run *r, struct endpoint *out, struct err *err) MUST_CHECK;
/* The password from the configuration, else temporary credentials. */
int endpoint_credentials(struct run *r, struct endpoint *e, struct err *err) MUST_CHECK;
void endpoint_clear(struct endpoint *e);
/* patience_ms: how long an address that cannot be reached is tried again. */
int endpoint_connect(struct run *r, const struct endpoint *e, int connect_timeout_ms, int64_t patience_ms,
		     struct conn **out, struct err *err) MUST_CHECK;

#endif
