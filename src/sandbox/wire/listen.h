#ifndef SPARK_SANDBOX_WIRE_LISTEN_H
#define SPARK_SANDBOX_WIRE_LISTEN_H

#include "spark/base/err.h"

/* The sockets of one port: on 127.0.0.1 also on ::1, because "localhost" is either. */
struct listeners {
	int fd[2];
	int count;
};

/* ERR_CONFLICT names who holds the port. */
int listeners_open(struct listeners *l, const char *host, int port, struct err *err) MUST_CHECK;
void listeners_close(struct listeners *l);

#endif
