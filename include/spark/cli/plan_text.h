#ifndef SPARK_CLI_PLAN_TEXT_H
#define SPARK_CLI_PLAN_TEXT_H

#include <stdio.h>

#include "spark/base/json.h"

/* What run_plan() found, for people: a line per resource (+ create, ~ change, = keep), the calls below it when asked,
 * and the price. */
void plan_print(FILE *to, const struct json *plan, bool with_calls);

#endif
