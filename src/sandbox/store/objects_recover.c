/* Opening a bucket: the log is read from its beginning, which rebuilds the index. */
#include "sandbox/store/objects_bucket.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spark/base/file.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"
#include "spark/base/secret.h"

#define COMPACT_MIN_BYTES ((uint64_t)256 * 1024)

static int apply_record(struct bucket *b, const struct log_record *r, uint64_t at, struct err *err)
{
	struct object_entry *e, *old;

	if (r->kind == LOG_SEAL)
		return 0;
	if (r->kind == LOG_DELETE) {
		char key[LOG_KEY_MAX + 1];

		memcpy(key, r->key, r->key_len);
		key[r->key_len] = 0;
		old = object_index_remove(&b->index, key);
	} else {
		if (object_index_reserve(&b->index, err) < 0)
			return -1;
		if (!(e = object_entry_new(r, at)))
			return err_nomem(err);
		old = object_index_put(&b->index, e);
	}
	object_entry_release(old);
	return 0;
}

static bool is_zero(const unsigned char *bytes, size_t len)
{
	return !len || (!bytes[0] && !memcmp(bytes, bytes + 1, len - 1));
}

/* Sets tail to the end of the last whole record. */
static int read_records(struct bucket *b, const unsigned char *map, size_t size, struct err *err)
{
	struct log_record r;
	size_t at = LOG_HEADER_SIZE;

	while (at < size && log_record_decode(map + at, size - at, b->salt, &r)) {
		if (apply_record(b, &r, at, err) < 0)
			return -1;
		at += r.total;
	}
	if (at < size && log_record_follows(map + at, size - at, b->salt)) {
		err_set(err, ERR_IO, "the object log '%s' is damaged at byte %zu", b->log_path, at);
		return err_hint(err, "objects stand behind the damage, so nothing was cut off: restore the file from a "
				     "copy, or empty the sandbox with 'sparkctl sandbox reset'");
	}
	if (at < size && !is_zero(map + at, size - at))
		log_info("object log '%s': %zu bytes of a torn record cut off", b->log_path, size - at);
	b->tail = at;
	return 0;
}

static int create_log(const char *path, struct err *err)
{
	unsigned char head[LOG_HEADER_SIZE];
	uint32_t salt;

	if (secret_random_bytes(&salt, sizeof(salt), err) < 0)
		return -1;
	log_header_encode(head, salt);
	return file_write_atomic(path, head, sizeof(head), 0600, err);
}

/* A file shorter than its header holds no record that was ever acknowledged: it is begun anew. */
static int open_log(struct bucket *b, size_t *size, struct err *err)
{
	struct stat st;

	if (stat(b->log_path, &st) < 0 || st.st_size < LOG_HEADER_SIZE)
		if (create_log(b->log_path, err) < 0)
			return -1;
	b->fd = open(b->log_path, O_RDWR | O_CLOEXEC);
	if (b->fd < 0 || fstat(b->fd, &st) < 0)
		return err_set_errno(err, ERR_IO, errno, "cannot open '%s'", b->log_path);
	*size = (size_t)st.st_size;
	return 0;
}

static int load_log(struct bucket *b, struct err *err)
{
	unsigned char *map;
	size_t size = 0;
	int rc = -1;

	if (open_log(b, &size, err) < 0)
		return -1;
	map = mmap(NULL, size, PROT_READ, MAP_SHARED, b->fd, 0);
	if (map == MAP_FAILED)
		return err_set_errno(err, ERR_IO, errno, "cannot read '%s'", b->log_path);
	if (!log_header_decode(map, size, &b->salt)) {
		err_set(err, ERR_IO, "'%s' is not an object log", b->log_path);
		goto out;
	}
	if (read_records(b, map, size, err) < 0)
		goto out;
	if (b->tail < size && (ftruncate(b->fd, (off_t)b->tail) < 0 || fdatasync(b->fd) < 0)) {
		err_set_errno(err, ERR_IO, errno, "cannot cut the torn end of '%s'", b->log_path);
		goto out;
	}
	if (b->tail >= COMPACT_MIN_BYTES && b->index.live_bytes < b->tail / 2 && bucket_compact(b, map, err) < 0)
		goto out;
	rc = bucket_sweep_files(b, err);
out:
	munmap(map, size);
	return rc;
}

static int init_locks(struct bucket *b, struct err *err)
{
	pthread_rwlockattr_t attr;
	int rc;

	pthread_rwlockattr_init(&attr);
	/* Or a steady stream of readers keeps writers out for ever. */
	pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	rc = pthread_rwlock_init(&b->lock, &attr);
	pthread_rwlockattr_destroy(&attr);
	if (rc == 0 && (rc = pthread_mutex_init(&b->sync, NULL)) != 0)
		pthread_rwlock_destroy(&b->lock);
	/* Without attributes these cannot fail. */
	for (int i = 0; i < 2; i++)
		pthread_cond_init(&b->settled[i], NULL);
	return rc ? err_set_errno(err, ERR_NOMEM, rc, "cannot make a lock") : 0;
}

int bucket_open(const char *dir, const char *name, struct bucket **out, struct err *err)
{
	struct bucket *b = mem_alloc(sizeof(*b));
	char *big = NULL;
	int rc = -1;

	if (!b)
		return err_nomem(err);
	if (init_locks(b, err) < 0) {
		mem_free(b);
		return -1;
	}
	b->fd = -1;
	b->next_file = 1;
	snprintf(b->name, sizeof(b->name), "%s", name);
	if (!(b->dir = file_join(dir, name)) || !(b->log_path = file_join(b->dir, "log")) ||
	    !(big = file_join(b->dir, "big"))) {
		err_nomem(err);
		goto out;
	}
	if (file_make_dirs(big, 0700, err) < 0 || load_log(b, err) < 0)
		goto out;
	if (!(b->file = bucket_file_new(b->fd, err))) {
		b->fd = -1;
		goto out;
	}
	b->room = b->sealed = b->tail;
	*out = b;
	b = NULL;
	rc = 0;
out:
	mem_free(big);
	bucket_close(b);
	return rc;
}

void bucket_close(struct bucket *b)
{
	if (!b)
		return;
	/* Room that nobody needed. */
	if (b->fd >= 0 && b->room > b->tail && !b->broken && ftruncate(b->fd, (off_t)b->tail) < 0)
		log_debug("the log of bucket '%s' ends with zeros", b->name);
	if (b->file)
		bucket_file_release(b->file);
	else if (b->fd >= 0)
		close(b->fd);
	object_index_clear(&b->index);
	pthread_rwlock_destroy(&b->lock);
	pthread_mutex_destroy(&b->sync);
	for (int i = 0; i < 2; i++)
		pthread_cond_destroy(&b->settled[i]);
	mem_free(b->dir);
	mem_free(b->log_path);
	mem_free(b);
}
