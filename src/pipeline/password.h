#ifndef SPARK_PIPELINE_PASSWORD_H
#define SPARK_PIPELINE_PASSWORD_H

#include "spark/pipeline/pipeline.h"

/* The first user's password: the user's own, or one that AWS makes and keeps (OPT_MANAGE_PASSWORD), or a random one
 * that nobody ever learns. Without the user's own, sessions use temporary credentials. */

/* ERR_CONFIG when the settings ask for two of them. */
int password_check(struct run *r, struct err *err) MUST_CHECK;
/* For the call that makes the user. *managed: AWS makes it, and `out` stays as it is. */
int password_choose(struct run *r, struct secret *out, bool *managed, struct err *err) MUST_CHECK;

#endif
