#ifndef SPARK_PIPELINE_SERVERLESS_PARTS_H
#define SPARK_PIPELINE_SERVERLESS_PARTS_H

#include "pipeline/resource.h"
#include "pipeline/serverless.h"

/* The two parts of a serverless warehouse live the same way: looked at, waited for and deleted by the same functions.
 */
enum serverless_part { PART_NAMESPACE, PART_WORKGROUP };

/* The functions of a row. */
const char *serverless_label(const struct run *r);
int serverless_find(struct run *r, enum serverless_part part, enum presence *p, struct err *err) MUST_CHECK;
int serverless_wait(struct run *r, enum serverless_part part, bool *waited, struct err *err) MUST_CHECK;
int serverless_destroy(struct run *r, enum serverless_part part, struct err *err) MUST_CHECK;
/* What is being deleted has to be gone before one of its name can be made: *p is PRESENCE_ABSENT then. */
int serverless_clear_name(struct run *r, enum serverless_part part, enum presence *p, struct err *err) MUST_CHECK;

#endif
