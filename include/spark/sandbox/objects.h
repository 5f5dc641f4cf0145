#ifndef SPARK_SANDBOX_OBJECTS_H
#define SPARK_SANDBOX_OBJECTS_H

#include <stdbool.h>
#include <stdint.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"
#include "spark/base/json.h"

/* The object store: one folder per bucket, made for thousands of tiny objects. Objects up to 1 MiB lie in an
 * append-only log (record: magic, CRC, sizes, key, metadata, bytes) whose index is in memory, sorted by the key's
 * bytes; larger ones are files of their own, named in the log. A torn tail is cut off at open. The bucket's own
 * attributes (region, creation time, owner) are a document of kind "s3:bucket" in the store and not here. Thread-safe.
 */
struct objects;

/* Metadata of this name is told in listings too. Absent: "STANDARD". */
#define OBJECT_STORAGE_CLASS "x-amz-storage-class"

struct object_info {
	char *key; /* UTF-8, 1 to 1,024 bytes; owned by the struct */
	uint64_t size_bytes;
	int64_t modified_ms;
	char etag[64]; /* without quotes */
	char content_type[128];
	char storage_class[24]; /* as the metadata tells it, "" when it does not; what is put is told by the metadata
				   alone */
	struct json *metadata;  /* x-amz-meta-* and the like by lower-case name; may be NULL */
};
void object_info_clear(struct object_info *i);

int objects_open(const char *dir, struct objects **out, struct err *err) MUST_CHECK;
void objects_close(struct objects *o);
int objects_create_bucket(struct objects *o, const char *bucket, struct err *err) MUST_CHECK; /* there already: fine */
int objects_delete_bucket(struct objects *o, const char *bucket,
			  struct err *err) MUST_CHECK; /* not empty: ERR_CONFLICT */
bool objects_bucket_exists(struct objects *o, const char *bucket);
bool objects_bucket_empty(struct objects *o, const char *bucket);

/* What info says is stored; modified_ms 0 becomes now, an empty etag the MD5 of the bytes, size_bytes is taken from the
 * bytes. Durability: `sync` false leaves the fsync to the next objects_sync() (loading many), the order of records
 * holds all the same. */
int objects_put(struct objects *o, const char *bucket, const struct object_info *info, const void *data, size_t len,
		bool sync, struct err *err) MUST_CHECK;
/* The same without waiting for the disk: the bytes are in the log and readers see them, but a crash may lose them until
 * objects_keep_promise() has returned 0, which waits for the fsync that covers them, one for all who wait. Nobody may
 * be told before. Until then nothing that the put replaces may be given up. */
struct object_promise {
	char bucket[64];
	uint64_t serial, upto; /* upto 0: it is durable already */
};
int objects_put_promised(struct objects *o, const char *bucket, const struct object_info *info, const void *data,
			 size_t len, struct object_promise *out, struct err *err) MUST_CHECK;
int objects_keep_promise(struct objects *o, const struct object_promise *p, struct err *err) MUST_CHECK;
/* The same from a file that is moved into the store (large bodies are received into one). */
int objects_put_file(struct objects *o, const char *bucket, const struct object_info *info, const char *path,
		     struct err *err) MUST_CHECK;
int objects_sync(struct objects *o, const char *bucket, struct err *err) MUST_CHECK;
/* False when absent. info is filled (clear it). */
bool objects_head(struct objects *o, const char *bucket, const char *key, struct object_info *info);
/* Appends bytes [offset, offset + len) of the object; ERR_IO with http_status 404 when there is no such object. */
int objects_read(struct objects *o, const char *bucket, const char *key, uint64_t offset, size_t len, struct buf *out,
		 struct err *err) MUST_CHECK;
int objects_delete(struct objects *o, const char *bucket, const char *key, bool sync,
		   struct err *err) MUST_CHECK; /* absent: fine */
/* One version of an object, whatever happens to its key meanwhile. 1 with info (may be NULL; clear it) and a reader, 0
 * when absent, -1 on failure. */
struct object_reader;
int objects_reader_open(struct objects *o, const char *bucket, const char *key, struct object_info *info,
			struct object_reader **out, struct err *err) MUST_CHECK;
uint64_t object_reader_size(const struct object_reader *r);
/* Reads len bytes at offset into `to`; more than there is: ERR_IO. */
int object_reader_read(struct object_reader *r, uint64_t offset, void *to, size_t len, struct err *err) MUST_CHECK;
void object_reader_close(struct object_reader *r); /* accepts NULL */
/* Calls fn for each object whose key begins with prefix and is greater than `after` (may be ""), in byte order. fn
 * returns non-zero to stop, which is returned. No lock is held meanwhile: fn may call any function here, and keys that
 * are there from the beginning of the walk to its end are seen exactly once. The metadata is not filled in. */
int objects_list(struct objects *o, const char *bucket, const char *prefix, const char *after,
		 int (*fn)(void *arg, const struct object_info *info), void *arg, struct err *err) MUST_CHECK;
/* A folder on the store's file system for bodies that are being received. Lends. */
const char *objects_tmp_dir(const struct objects *o);

#endif
