#ifndef SPARK_PIPELINE_STATUS_H
#define SPARK_PIPELINE_STATUS_H

#include "spark/pipeline/pipeline.h"

/* Beside run_status(): how to log in, what was seen last, what the last run came to. */

/* Where the cluster is and who may log in, for other tools. */
struct run_access {
	char host[256], user[136], database[65];
	int port;
	struct secret password;
	int64_t expires_ms;            /* of temporary credentials, since 1970; 0: never */
	const char *ssl_mode, *ssl_ca; /* lent by the run; ssl_ca NULL: the system's */
	char role_arn[256];            /* for COPY; "" when there is none */
};
/* ERR_CONFLICT when there is no cluster or it is not available. */
int run_access(struct run *r, struct run_access *out, struct err *err) MUST_CHECK;
void run_access_clear(struct run_access *a);

/* What holds the stack's data, of what run_status() told: its cluster, else its workgroup; NULL: none. */
const struct json *status_warehouse(const struct json *status, bool *serverless);

/* Keeps what run_status() told, without the connection, in the state folder. Whether that worked is of no matter to the
 * caller. */
void run_keep_status(struct run *r, const struct json *status);
/* The same after run_up(), from what it learnt, without a further call. */
void run_keep_up(struct run *r);
/* After run_down(): there is nothing any more. */
void run_keep_down(struct run *r);
/* What was kept last of the stack of the settings, in whichever account. *seen_ms: when. ERR_CONFIG when nothing was
 * kept or it cannot be read. Needs no service. Free with json_free. */
struct json *status_recall(const struct config *config, int64_t *seen_ms, struct err *err) MUST_CHECK;

/* How a run ended, for `status`. */
struct run_record {
	int64_t began_ms;           /* since 1970 */
	const char *outcome;        /* "done", "failed", "interrupted" */
	const char *error;          /* one line; NULL: none */
	int passed, warned, failed; /* checks */
};
void run_keep_record(struct run *r, const struct run_record *record);

#endif
