#ifndef SPARK_SANDBOX_CLUSTER_PARAMETERS_H
#define SPARK_SANDBOX_CLUSTER_PARAMETERS_H

#include <stdbool.h>

#include "sandbox/store/pgserver.h"
#include "spark/base/json.h"
#include "spark/sandbox/world.h"

/* What a parameter group means to a cluster's server. The cluster's document holds what it was started with
 * ("appliedGroup", "appliedParameters{}"): changes of the group wait for the next start that somebody asked for. */

/* The values of the group that the cluster's document names, as they are now: {} for a family's own group; of a
 * workgroup's, its own ones ("parameters{}"). Takes the store's lock. NULL: no memory. */
struct json *parameters_of_group(struct world *w, const struct json *cluster);
/* Is it a value that a server starts with? Of a parameter that no server knows every text is. */
bool parameters_value_fits(const char *name, const char *value);
/* The server's settings for these values (may be NULL); values that do not fit are left out and logged. */
int parameters_settings(const struct json *values, struct pgserver_settings *out, struct err *err) MUST_CHECK;

#endif
