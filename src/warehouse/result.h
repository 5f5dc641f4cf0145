#ifndef SPARK_WAREHOUSE_RESULT_H
#define SPARK_WAREHOUSE_RESULT_H

#include "spark/warehouse/conn.h"
#include "warehouse/pq_api.h"

/* Takes res, also on failure. */
int result_take(struct result *out, PGresult *res, struct err *err) MUST_CHECK;

#endif
