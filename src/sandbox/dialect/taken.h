#ifndef SPARK_SANDBOX_DIALECT_TAKEN_H
#define SPARK_SANDBOX_DIALECT_TAKEN_H

#include "spark/base/json.h"

/* What a SUPER value is taken for; one of another type is NULL then. */
enum taken { AS_VALUE, AS_STRING, AS_NUMBER, AS_BOOLEAN };

/* By what stands beside it: a node of the tree, a list of which the first counts. */
enum taken taken_beside(const struct json *other, enum taken fallback);
/* By the function that it is an argument of. */
enum taken taken_by(const char *function);

#endif
