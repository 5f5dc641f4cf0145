#ifndef SPARK_SANDBOX_COPY_MANIFEST_H
#define SPARK_SANDBOX_COPY_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "spark/base/err.h"

/* A manifest: {"entries":[{"url":"s3://b/k","mandatory":true,"meta":{"content_length":1}}]}. Calls fn for each entry,
 * in order, one that stands there twice also twice; stops when it fails. meta only counts for columnar files. */
int copy_manifest_read(const char *text, size_t len,
		       int (*fn)(void *arg, const char *url, bool mandatory, struct err *err), void *arg,
		       struct err *err) MUST_CHECK;

#endif
