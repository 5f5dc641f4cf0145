#ifndef SPARK_SANDBOX_STORE_PGCOPY_H
#define SPARK_SANDBOX_STORE_PGCOPY_H

#include "sandbox/store/pgserver.h"

struct pgcopy_options {
	const struct pgtools *tools;
	pid_t server;
	const char *socket_dir;
	const char *from, *to; /* folders with data in DIR/data; TO is made anew */
};
/* Copies the data of a running server as of one instant, durably; its sessions wait meanwhile. A server that is started
 * on the copy recovers as from a crash: what was committed before the call is there. */
int pgcopy_running(const struct pgcopy_options *o, struct err *err) MUST_CHECK;

/* Stops all processes of a server where they are, and lets them go on. A daemon that dies in between leaves them so:
 * thaw before a stale server is asked to end. */
int pgcopy_freeze(pid_t server, struct err *err) MUST_CHECK;
void pgcopy_thaw(pid_t server);

#endif
