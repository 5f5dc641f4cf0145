#ifndef SPARK_SANDBOX_RECORD_REDACT_H
#define SPARK_SANDBOX_RECORD_REDACT_H

#include "spark/sandbox/http.h"

/* The parameters of a call as a JSON object, for the record. Values of names that hold passwords, secret keys and
 * session tokens, SQL that names such, and signatures are "***". S3: method, path and query; never a body. Values over
 * 4 KiB are cut. */
void redact_parameters(const struct http_request *r, bool is_s3, struct buf *out);

#endif
