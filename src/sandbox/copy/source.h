#ifndef SPARK_SANDBOX_COPY_SOURCE_H
#define SPARK_SANDBOX_COPY_SOURCE_H

#include <stdint.h>

#include "sandbox/copy/statement.h"

/* What a statement loads from: the objects, after it was found out that the cluster may read them. */
struct copy_object {
	char *bucket, *key;
	uint64_t size_bytes;
};

struct copy_source {
	struct copy_object *items;
	size_t count, cap;
	struct buf jsonpaths; /* the JSONPaths file's text, when the statement names one */
};

/* Checks authorization, region and existence, and lists. Errors are worded as the cluster's compute nodes do. `query`:
 * the statement's number, which these errors tell. */
int copy_source_open(const struct copy_session *session, const struct copy_statement *s, long long query,
		     struct copy_source *out, struct err *err) MUST_CHECK;
void copy_source_clear(struct copy_source *s);

#endif
