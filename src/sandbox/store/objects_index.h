#ifndef SPARK_SANDBOX_OBJECTS_INDEX_H
#define SPARK_SANDBOX_OBJECTS_INDEX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/store/objects_log.h"
#include "spark/base/err.h"

/* What is known of one object, in one piece of memory; never changed once it is in an index, counted so that walkers
 * can hold on to it without a lock. */
struct object_entry {
	atomic_uint holders;
	bool in_file;
	uint64_t at;          /* of the bytes in the log, or the file's number */
	uint64_t size_bytes;  /* of the object */
	uint64_t record_size; /* what its record takes in the log */
	int64_t modified_ms;
	const char *etag, *type, *metadata; /* terminated, metadata "" when none */
	char key[];
};
/* record_at: the record's first byte in the log. One holder, the caller; NULL when memory runs out. */
struct object_entry *object_entry_new(const struct log_record *r, uint64_t record_at) MUST_CHECK;
struct object_entry *object_entry_hold(struct object_entry *e);
void object_entry_release(struct object_entry *e); /* accepts NULL */

/* Entries sorted by the bytes of their keys, in chunks of some hundreds: finding is two binary searches, a change moves
 * at most one chunk's pointers, walking is walking arrays. Not locked. */
struct object_index {
	struct object_chunk **chunks;
	struct object_chunk *spare; /* so that an insertion cannot fail, see object_index_reserve() */
	size_t chunk_count, chunk_cap;
	size_t count;        /* entries */
	uint64_t live_bytes; /* sum of their records' sizes */
};
void object_index_clear(struct object_index *x);
/* Memory for one more entry; the next object_index_put() then cannot fail. */
int object_index_reserve(struct object_index *x, struct err *err) MUST_CHECK;
/* Takes e; returns the entry that had this key, which is now the caller's, or NULL. */
struct object_entry *object_index_put(struct object_index *x, struct object_entry *e);
/* Takes the entry out and gives it, or NULL. */
struct object_entry *object_index_remove(struct object_index *x, const char *key);
/* Lends. */
struct object_entry *object_index_get(const struct object_index *x, const char *key);
/* Fills out with up to max held entries whose keys begin with prefix and are greater than after. */
size_t object_index_range(const struct object_index *x, const char *prefix, const char *after,
			  struct object_entry **out, size_t max);
/* All entries in order, lent. fn returns non-zero to stop, which is returned. */
int object_index_each(const struct object_index *x, int (*fn)(void *arg, struct object_entry *e), void *arg);

#endif
