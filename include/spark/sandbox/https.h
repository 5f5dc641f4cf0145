#ifndef SPARK_SANDBOX_HTTPS_H
#define SPARK_SANDBOX_HTTPS_H

#include "spark/sandbox/ca.h"
#include "spark/sandbox/http.h"

/* The sandbox's certificate: of the same APIs over TLS, on a port of their own, and of the clusters' ports. */
struct https_keys {
	struct buf cert, key; /* PEM; they have to live as long as the server */
};

/* For these names (sandbox/tls/names.h), which the CA is made to permit first. */
int https_keys_make(struct ca *ca, const char *const *names, size_t count, struct https_keys *out,
		    struct err *err) MUST_CHECK;
void https_keys_clear(struct https_keys *k); /* accepts a zeroed struct */
/* ERR_CONFLICT: port taken. Port 0: any. */
int https_server_start(struct world *w, const char *host, int port, const struct https_keys *keys,
		       struct http_server **out, struct err *err) MUST_CHECK;

#endif
