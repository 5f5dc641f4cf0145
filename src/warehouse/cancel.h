#ifndef SPARK_WAREHOUSE_CANCEL_PRIVATE_H
#define SPARK_WAREHOUSE_CANCEL_PRIVATE_H

#include <libpq-fe.h>

/* Asks the server to end what the session runs, and waits for its answer at most CANCEL_REQUEST_MS. A request that
 * comes to nothing is no error: the session is given up later when the statement does not end. */
#define CANCEL_REQUEST_MS 2000
void cancel_request(PGconn *pg);

#endif
