#ifndef SPARK_PIPELINE_TCP_H
#define SPARK_PIPELINE_TCP_H

#include "spark/base/err.h"

/* Opens a TCP connection and closes it. ERR_UNREACHABLE with the system's reason, ERR_TIMEOUT, ERR_INTERRUPTED when
 * *stop (may be NULL) becomes non-zero. */
int tcp_knock(const char *host, int port, int timeout_ms, const volatile int *stop, struct err *err) MUST_CHECK;

#endif
