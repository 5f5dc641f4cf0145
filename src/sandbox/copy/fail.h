#ifndef SPARK_SANDBOX_COPY_FAIL_H
#define SPARK_SANDBOX_COPY_FAIL_H

#include "spark/base/err.h"

/* ERR_DATABASE with that SQLSTATE. Returns -1. */
int copy_fail_state(struct err *err, const char *sqlstate, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* An error as the cluster's compute nodes word it: XX000, with the block of error, code, context, query, location and
 * process that clients see as DETAIL (err's hint). */
struct copy_fail {
	int code;
	const char *context; /* may be NULL */
	const char *location;
	const char *process;
	long long query;
	int pid;
};
int copy_fail_block(struct err *err, const struct copy_fail *f, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
