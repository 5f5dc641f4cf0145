#ifndef SPARK_SANDBOX_STORE_LATER_H
#define SPARK_SANDBOX_STORE_LATER_H

#include "spark/sandbox/world.h"

/* What an object is given after it was put: a document of kind "s3:tags", id "<bucket>/<key>": {etag, modified, and
 * what was given}, which holds for that version of the object only. Under the store's lock, all of them. */

/* The document of this version of the object; NULL: nothing was given to it. Lends. */
const struct json *later_get(struct world *w, const char *bucket, const struct object_info *info);
/* Is there any, whatever version it speaks of? */
bool later_is_there(struct world *w, const char *bucket, const char *key);
/* Gives the object one more thing and commits; takes value. */
int later_set(struct world *w, const char *bucket, const struct object_info *info, const char *name, struct json *value,
	      struct err *err) MUST_CHECK;
/* After the object was replaced or deleted. What stays is believed by nobody. */
void later_forget(struct world *w, const char *bucket, const char *key);

/* ---- storage classes ---- */

/* A class that objects of such buckets can have. */
bool tier_is_known(const char *name);
/* Is what lies in this class read only after it was brought back? */
bool tier_is_archive(const char *name);
/* Until when the copy that was brought back is there, in milliseconds; 0: there is none. Takes the lock itself. */
int64_t tier_restored_until(struct world *w, const char *bucket, const struct object_info *info);
bool tier_is_readable(struct world *w, const char *bucket, const struct object_info *info);

#define LATER_TAGS           "tags"
#define LATER_RESTORED_UNTIL "restoredUntil"

#endif
