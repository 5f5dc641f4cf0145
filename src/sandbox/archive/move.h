#ifndef SPARK_SANDBOX_ARCHIVE_MOVE_H
#define SPARK_SANDBOX_ARCHIVE_MOVE_H

#include "spark/base/err.h"

/* A whole sandbox out of its folder into one file, and in again: resources, objects, clusters and snapshots with their
 * data, keys, the CA and the record of requests. Both take the folder's lock, so no daemon may run (ERR_CONFLICT names
 * it). Clusters' data are PostgreSQL's: they go to machines of the same kind with the same major version, and
 * move_import() refuses others by name. Faults are not moved. */

/* The file appears when it is whole. It holds the keys: mode 0600. */
int move_export(const char *dir, const char *file, const char *pg_bindir, struct err *err) MUST_CHECK;
/* Into a folder without a sandbox in it: ERR_CONFLICT otherwise. Nothing is there until the archive was read to its end
 * and found right. */
int move_import(const char *dir, const char *file, const char *pg_bindir, struct err *err) MUST_CHECK;

#endif
