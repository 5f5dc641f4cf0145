#ifndef SPARK_SANDBOX_HISTORY_AUDIT_H
#define SPARK_SANDBOX_HISTORY_AUDIT_H

#include <stdint.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"

/* The history of a cluster in the form of Redshift's audit logs, a line each. */
enum audit_log { AUDIT_CONNECTIONS, AUDIT_ACTIVITY, AUDIT_LOGS };

/* "connectionlog", "useractivitylog" */
const char *audit_name(enum audit_log log);
/* Appends the lines of what was recorded in [from_us, to_us), in microseconds since 1970, from the files in dir. No
 * files there: none. */
int audit_write(const char *dir, enum audit_log log, int64_t from_us, int64_t to_us, struct buf *out,
		struct err *err) MUST_CHECK;

#endif
