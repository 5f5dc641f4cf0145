#ifndef SPARK_SANDBOX_STORE_PGCATALOG_H
#define SPARK_SANDBOX_STORE_PGCATALOG_H

#include "spark/base/buf.h"
#include "spark/base/err.h"

/* The catalogue: the SQL files of sandbox/catalog, run in every database of a cluster, and the file in its data folder
 * that says which build's they were. It moves along with snapshots. */

/* Appends the names and texts, for a hash. */
void pgcatalog_put_texts(struct buf *out);
/* Runs all files in a database that has none of it, template1. */
int pgcatalog_fill(const char *socket_dir, const char *database, struct err *err) MUST_CHECK;
/* Notes in data_dir that its databases have this build's catalogue. */
int pgcatalog_mark(const char *data_dir, struct err *err) MUST_CHECK;
/* Brings all databases of a server that an older build made to this build's catalogue. What users have made of the old
 * one stays; nothing happens when the note says that it is this one. */
int pgcatalog_refresh(const char *data_dir, const char *socket_dir, struct err *err) MUST_CHECK;

#endif
