#ifndef SPARK_SANDBOX_OBJECTS_BUCKET_H
#define SPARK_SANDBOX_OBJECTS_BUCKET_H

#include <pthread.h>

#include "sandbox/store/objects_index.h"

/* A descriptor with several holders: the bucket, and readers, whose bytes stay there when the bucket is removed. */
struct bucket_file {
	atomic_uint holders;
	int fd;
};
struct bucket_file *bucket_file_new(int fd, struct err *err) MUST_CHECK; /* takes fd, closes it on failure */
struct bucket_file *bucket_file_hold(struct bucket_file *f);
void bucket_file_release(struct bucket_file *f); /* accepts NULL */

/* One bucket's folder: `log`, and `big/<16 hex digits>` for each large object. Offsets in the log stay what they are
 * while the bucket is open: only opening compacts. */
struct bucket {
	char name[64];
	uint64_t serial; /* of this opening: a bucket made anew under the old name has another one */
	char *dir, *log_path;
	int fd; /* of the log; belongs to `file` once the bucket is open */
	struct bucket_file *file;
	uint32_t salt;
	pthread_rwlock_t lock; /* index, tail, room, sealed, next_file, broken */
	struct object_index index;
	uint64_t tail;      /* bytes of the log */
	uint64_t room;      /* bytes of its file: zeros from the tail on; less than the tail when there is none */
	uint64_t sealed;    /* bytes of the log of which its own records say that they are durable, at least */
	uint64_t next_file; /* number of the next large object */
	bool broken;        /* a write or fsync failed in a way that leaves the log's end unknown: no more writes */
	/* One fsync at a time, for all who wait. Those whose bytes the running one covers wait for its end at
	 * settled[turn % 2], those who came later at the other one; the first of these runs the next. */
	pthread_mutex_t sync; /* syncing, turn, target; writing durable */
	pthread_cond_t settled[2];
	bool syncing;
	unsigned turn;
	uint64_t target;          /* bytes of the log that the running fsync covers */
	_Atomic uint64_t durable; /* bytes that an fsync has covered since the log was opened */
};

/* Makes the folder when it is missing, reads the log, cuts a torn tail, compacts when more than half is dead, removes
 * files that no record names. Damage before the tail: ERR_IO. */
int bucket_open(const char *dir, const char *name, struct bucket **out, struct err *err) MUST_CHECK;
void bucket_close(struct bucket *b); /* accepts NULL */

/* All below lock by themselves. */
/* r without data_at, total, file_number; kind LOG_PUT. *upto (may be NULL): what bucket_await() has to be asked for
 * when it was not synced. */
int bucket_put(struct bucket *b, struct log_record *r, bool sync, uint64_t *upto, struct err *err) MUST_CHECK;
/* Until the log is durable up to there. */
int bucket_await(struct bucket *b, uint64_t upto, struct err *err) MUST_CHECK;
/* The same for a file that is moved in; always durable. */
int bucket_put_file(struct bucket *b, struct log_record *r, const char *path, struct err *err) MUST_CHECK;
int bucket_delete(struct bucket *b, const char *key, bool sync, struct err *err) MUST_CHECK;
int bucket_sync(struct bucket *b, struct err *err) MUST_CHECK;
/* A held entry and a held descriptor whose bytes stay what they are; *base is where the object begins. 1 found, 0
 * absent, -1 failed. file NULL: only the entry. */
int bucket_find(struct bucket *b, const char *key, struct object_entry **entry, struct bucket_file **file,
		uint64_t *base, struct err *err) MUST_CHECK;
/* Reads len bytes at offset: 1 done, 0 no such object, -1 failed. */
int bucket_read(struct bucket *b, const char *key, uint64_t offset, void *to, size_t len, struct err *err) MUST_CHECK;
/* The same from the descriptor that bucket_find() gave. */
int object_entry_read(const struct object_entry *e, int fd, uint64_t base, uint64_t offset, void *to, size_t len,
		      struct err *err) MUST_CHECK;
/* Up to max held entries. */
size_t bucket_range(struct bucket *b, const char *prefix, const char *after, struct object_entry **out, size_t max);
bool bucket_is_empty(struct bucket *b);
/* Path of a large object's file; mem_free it. */
char *bucket_file_path(const struct bucket *b, uint64_t number) MUST_CHECK;

/* objects_compact.c: writes the live records into a new log in the old one's place. `map` is the old log. */
int bucket_compact(struct bucket *b, const unsigned char *map, struct err *err) MUST_CHECK;
/* Removes files of big/ that no entry names (a crash between file and record), finds next_file. */
int bucket_sweep_files(struct bucket *b, struct err *err) MUST_CHECK;

#endif
