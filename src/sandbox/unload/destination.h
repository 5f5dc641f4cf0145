#ifndef SPARK_SANDBOX_UNLOAD_DESTINATION_H
#define SPARK_SANDBOX_UNLOAD_DESTINATION_H

#include "sandbox/copy/authorize.h"
#include "sandbox/unload/files.h"

/* Where a statement writes to, as whom, and what lies there already. */
struct unload_destination {
	const struct unload_statement *s;
	struct copy_access access;
	struct buf prefix;
	char **old; /* keys that CLEANPATH takes away */
	size_t old_count, old_cap;
};

/* Authorization, bucket, region, rights, and that nothing is in the way: what must be right before the query runs. */
int unload_destination_open(struct unload_destination *d, const struct copy_session *session,
			    const struct unload_statement *s, long long query, struct err *err) MUST_CHECK;
/* May that object be written? */
int unload_destination_allow(struct unload_destination *d, const char *key, struct err *err) MUST_CHECK;
/* CLEANPATH: finds what lies where the files go, and whether it may be deleted; after they are there it goes. */
int unload_destination_find_old(struct unload_destination *d, const struct unload_files *f, struct err *err) MUST_CHECK;
int unload_destination_delete_old(struct unload_destination *d, const struct unload_files *f,
				  struct err *err) MUST_CHECK;
void unload_destination_close(struct unload_destination *d); /* accepts a zeroed struct */

#endif
