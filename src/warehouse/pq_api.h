#ifndef SPARK_WAREHOUSE_PQ_API_H
#define SPARK_WAREHOUSE_PQ_API_H

#include <libpq-fe.h>

#include "spark/base/err.h"

/* The functions of libpq that are used. The library is loaded by the first session, so that commands which need no
 * warehouse do not pay for it. */
#define PQ_FUNCTIONS(X)         \
	X(PQconnectStartParams) \
	X(PQconnectPoll)        \
	X(PQsocket)             \
	X(PQfinish)             \
	X(PQstatus)             \
	X(PQerrorMessage)       \
	X(PQsetErrorVerbosity)  \
	X(PQsetNoticeReceiver)  \
	X(PQsendQuery)          \
	X(PQsetSingleRowMode)   \
	X(PQconsumeInput)       \
	X(PQisBusy)             \
	X(PQgetResult)          \
	X(PQgetCancel)          \
	X(PQcancel)             \
	X(PQfreeCancel)         \
	X(PQresultStatus)       \
	X(PQresultErrorField)   \
	X(PQresultErrorMessage) \
	X(PQcmdStatus)          \
	X(PQcmdTuples)          \
	X(PQntuples)            \
	X(PQnfields)            \
	X(PQfname)              \
	X(PQftype)              \
	X(PQgetisnull)          \
	X(PQgetvalue)           \
	X(PQclear)

struct pq_api {
#define PQ_POINTER(name) __typeof__(&name) name;
	PQ_FUNCTIONS(PQ_POINTER)
#undef PQ_POINTER
};

extern struct pq_api pq;

/* Thread-safe; cheap after the first success. ERR_CONFIG when the library is not installed. */
int pq_load(struct err *err) MUST_CHECK;

#endif
