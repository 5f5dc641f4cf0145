#ifndef SPARK_SANDBOX_FAULT_STUCK_H
#define SPARK_SANDBOX_FAULT_STUCK_H

#include "sandbox/fault/faults.h"
#include "spark/sandbox/http.h"

/* A cluster that stays in a state, as its owner sees it: replies show the state, and what Redshift refuses in it is
 * refused. The cluster itself goes on, so that it is whole again when the fault is cleared, and can be deleted. */

/* InvalidClusterState for an action that needs an available cluster, when the one it names is stuck. */
int stuck_refuse(struct faults *f, const char *action, const struct http_request *r, struct err *err) MUST_CHECK;
/* Redshift's XML: state, availability and (while it is being made) endpoint of stuck clusters. Memory that runs out
 * makes the buf fail. */
void stuck_show(struct faults *f, struct buf *body);

#endif
