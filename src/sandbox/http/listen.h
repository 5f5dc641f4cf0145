#ifndef SPARK_SANDBOX_HTTP_LISTEN_H
#define SPARK_SANDBOX_HTTP_LISTEN_H

#include "spark/base/err.h"

/* A socket that listens on an address in figures and a port; 0: any, *bound tells which. ERR_CONFLICT names who holds
 * the port. */
int http_listen(const char *host, int port, int *fd, int *bound, struct err *err) MUST_CHECK;

#endif
