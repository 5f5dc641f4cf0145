#ifndef SPARK_SANDBOX_STORE_H
#define SPARK_SANDBOX_STORE_H

#include "spark/base/err.h"
#include "spark/base/json.h"

/* The state of all resources but objects: JSON documents by kind and id, held in memory, durable on disk. One
 * append-only file; a record is one batch of puts and deletes with its CRC, written and fsynced before commit returns,
 * so that a batch is there wholly or not at all whenever the process dies. Compacted at open when most of it is dead.
 * Kinds: "iam:role", "iam:user", "iam:access-key", "ec2:vpc", "ec2:security-group", "redshift:cluster", "s3:bucket",
 * ... Ids are unique within a kind; regional resources put the region first: "us-west-2/sg-0123". */
struct store;

int store_open(const char *dir, struct store **out,
	       struct err *err) MUST_CHECK; /* torn tail: cut off; damage before it: ERR_IO */
void store_close(struct store *s);

/* One lock over everything; recursive on the same thread. API handlers hold it from reading to committing. */
void store_lock(struct store *s);
void store_unlock(struct store *s);

/* Lends; valid until the next put or delete of that id, under the lock. NULL when absent. */
const struct json *store_get(struct store *s, const char *kind, const char *id);
/* Calls fn for each id of a kind in byte order, under the lock; prefix "" for all. fn returns non-zero to stop. fn must
 * not change that kind. */
int store_each(struct store *s, const char *kind, const char *prefix,
	       int (*fn)(void *arg, const char *id, const struct json *doc), void *arg);
size_t store_count(struct store *s, const char *kind, const char *prefix);

/* Changes are gathered and take effect, in memory and on disk, together at store_commit(); store_rollback() forgets
 * them. doc is taken, also on failure. store_get() sees committed state only. */
int store_put(struct store *s, const char *kind, const char *id, struct json *doc, struct err *err) MUST_CHECK;
int store_delete(struct store *s, const char *kind, const char *id, struct err *err) MUST_CHECK;
int store_commit(struct store *s, struct err *err) MUST_CHECK;
void store_rollback(struct store *s);

#endif
