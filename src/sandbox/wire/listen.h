#ifndef SPARK_SANDBOX_WIRE_LISTEN_H
#define SPARK_SANDBOX_WIRE_LISTEN_H

#include "spark/base/err.h"

#define LISTENERS_MAX 3

/* The sockets of one port: on 127.0.0.1 also on ::1, because "localhost" is either; and in the file system. */
struct listeners {
	int fd[LISTENERS_MAX];
	int count;
	bool local; /* the last of fd is the file system's */
	char *local_path;
};

/* dir: where libpq looks for .s.PGSQL.<port> when it is told this folder as its host; NULL: not there. ERR_CONFLICT
 * names who holds the port. */
int listeners_open(struct listeners *l, const char *host, int port, const char *dir, struct err *err) MUST_CHECK;
/* Also of { 0 }. */
void listeners_close(struct listeners *l);

#endif
