#ifndef SPARK_SANDBOX_ACCESS_MANAGED_H
#define SPARK_SANDBOX_ACCESS_MANAGED_H

#include <stddef.h>

#include "spark/base/json.h"

/* AWS's own policies that the sandbox has. */
struct managed_policy {
	const char *arn, *name, *path, *id;
	const char *created, *updated; /* 2015-02-06T18:40:59Z */
	const char *version;           /* "v3" */
	const char *description;
	const char *document; /* JSON */
};

/* NULL when there is none of that ARN. */
const struct managed_policy *managed_find(const char *arn);
/* Its document, parsed once and lent for ever. NULL when memory ran out, and for a document whose word depends on more
 * than action and resource. */
const struct json *managed_parsed(const struct managed_policy *m);
/* The nth of them, NULL behind the last. */
const struct managed_policy *managed_at(size_t n);

#endif
