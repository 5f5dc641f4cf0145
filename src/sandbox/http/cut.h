#ifndef SPARK_SANDBOX_HTTP_CUT_H
#define SPARK_SANDBOX_HTTP_CUT_H

#include <microhttpd.h>

#include "spark/sandbox/http.h"

/* Connections that break on purpose. */

/* The peer's socket, 0 when it cannot be told. */
int cut_socket(struct MHD_Connection *c);
/* The connection is to be reset, nothing more is sent. What a handler returns to MHD. */
enum MHD_Result cut_connection(struct MHD_Connection *c);
/* A reply whose length is told in full and of which reply->cut_at bytes are sent. NULL when memory runs out. */
struct MHD_Response *cut_response(const struct http_reply *reply);

#endif
