#ifndef SPARK_SANDBOX_UNLOAD_MANIFEST_H
#define SPARK_SANDBOX_UNLOAD_MANIFEST_H

#include "sandbox/unload/files.h"

/* The manifest of the files: their addresses and lengths; VERBOSE: rows, columns and sums too. */
int unload_manifest_write(const struct unload_files *f, struct buf *out, struct err *err) MUST_CHECK;

#endif
