#ifndef SPARK_BASE_ENV_H
#define SPARK_BASE_ENV_H

#include "spark/base/err.h"

/* An environment variable that is set and not empty, else NULL. */
const char *env_get(const char *name);
/* $XDG_STATE_HOME/sparkctl, else ~/.local/state/sparkctl. Allocated. */
char *env_state_dir(struct err *err) MUST_CHECK;
/* The sandbox's default folder: <state>/sandbox; for root /var/lib/sparkctl/sandbox, because the PostgreSQL servers run
 * as another user then and root's home is closed to it. $XDG_STATE_HOME, when set, wins also for root. Allocated. */
char *env_sandbox_dir(struct err *err) MUST_CHECK;
/* ~ or the passwd entry. Allocated. */
char *env_home(struct err *err) MUST_CHECK;

#endif
