#ifndef SPARK_BASE_JSON_ITEM_H
#define SPARK_BASE_JSON_ITEM_H

#include <stdbool.h>

#include "spark/base/json.h"

/* What only the printer needs to know of an item. */
bool json_is_true(const struct json *j);
/* The digits of an integer that a double cannot hold; NULL for every other item. */
const char *json_raw(const struct json *j);

#endif
