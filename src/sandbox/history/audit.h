#ifndef SPARK_SANDBOX_HISTORY_AUDIT_H
#define SPARK_SANDBOX_HISTORY_AUDIT_H

#include <stdint.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"
#include "spark/base/json.h"

/* The history of a cluster in the form of Redshift's audit logs, a line each. */
enum audit_log { AUDIT_CONNECTIONS, AUDIT_ACTIVITY, AUDIT_USERS, AUDIT_LOGS };

/* "connectionlog", "useractivitylog", "userlog" */
const char *audit_name(enum audit_log log);
/* Appends the lines of what was recorded in [from_us, to_us), in microseconds since 1970, from the files in dir. No
 * files there: none. ids: {name: number} of the users that there are, for the log of users; may be NULL. */
int audit_write(const char *dir, enum audit_log log, int64_t from_us, int64_t to_us, const struct json *ids,
		struct buf *out, struct err *err) MUST_CHECK;

#endif
