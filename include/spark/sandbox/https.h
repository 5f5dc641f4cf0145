#ifndef SPARK_SANDBOX_HTTPS_H
#define SPARK_SANDBOX_HTTPS_H

#include "spark/sandbox/ca.h"
#include "spark/sandbox/http.h"

/* The same APIs over TLS, on a port of their own. */
struct https_keys {
	struct buf cert, key; /* PEM; they have to live as long as the server */
};

/* A certificate for localhost, *.s3.localhost (buckets in the host's name), 127.0.0.1, ::1 and `host`. */
int https_keys_make(struct ca *ca, const char *host, struct https_keys *out, struct err *err) MUST_CHECK;
void https_keys_clear(struct https_keys *k); /* accepts a zeroed struct */
/* ERR_CONFLICT: port taken. Port 0: any. */
int https_server_start(struct world *w, const char *host, int port, const struct https_keys *keys,
		       struct http_server **out, struct err *err) MUST_CHECK;

#endif
