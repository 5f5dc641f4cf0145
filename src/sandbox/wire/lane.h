#ifndef SPARK_SANDBOX_WIRE_LANE_H
#define SPARK_SANDBOX_WIRE_LANE_H

#include "spark/base/err.h"

/* Busy sessions that only move bytes share a few threads: one that finds several of them ready serves them all before
 * it sleeps again, where a thread for each would be woken twice for every statement. A session rides as long as it
 * sends what is known and takes little at a time (relay_carry() tells), and goes back to its own thread, which may
 * wait, for all else. */
struct lanes;
struct session;

/* stop_fd: when it becomes readable all riders go back, and nobody rides any more. */
int lanes_open(int stop_fd, struct lanes **out, struct err *err) MUST_CHECK;
/* After stop_fd was made readable and all sessions have ended. NULL is fine. */
void lanes_close(struct lanes *l);

/* On the session's own thread, which sleeps until the session is its own again. 0: it goes on; -1: the session is at
 * its end. */
int lanes_ride(struct lanes *l, struct session *s, struct err *err) MUST_CHECK;

#endif
