#include "sandbox/store/objects_bucket.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/uio.h>
#include <unistd.h>

#include "spark/base/file.h"
#include "spark/base/mem.h"

#define ROOM_MIN ((uint64_t)32 * 1024)
#define ROOM_MAX ((uint64_t)1024 * 1024)

struct bucket_file *bucket_file_new(int fd, struct err *err)
{
	struct bucket_file *f = mem_alloc(sizeof(*f));

	if (!f) {
		close(fd);
		err_nomem(err);
		return NULL;
	}
	atomic_init(&f->holders, 1);
	f->fd = fd;
	return f;
}

struct bucket_file *bucket_file_hold(struct bucket_file *f)
{
	atomic_fetch_add(&f->holders, 1);
	return f;
}

void bucket_file_release(struct bucket_file *f)
{
	if (!f || atomic_fetch_sub(&f->holders, 1) != 1)
		return;
	close(f->fd);
	mem_free(f);
}

char *bucket_file_path(const struct bucket *b, uint64_t number)
{
	return mem_printf("%s/big/%016" PRIx64, b->dir, number);
}

/* Both parts at offset `at`, however short the writes. */
static int write_parts(int fd, uint64_t at, const void *head, size_t head_len, const void *data, size_t data_len)
{
	struct iovec parts[2] = { { (void *)(uintptr_t)head, head_len }, { (void *)(uintptr_t)data, data_len } };
	int first = 0;

	while (first < 2) {
		ssize_t n;

		if (parts[first].iov_len == 0) {
			first++;
			continue;
		}
		n = pwritev(fd, parts + first, 2 - first, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		at += (uint64_t)n;
		for (int i = first; i < 2 && n > 0; i++) {
			size_t taken = (size_t)n < parts[i].iov_len ? (size_t)n : parts[i].iov_len;

			parts[i].iov_base = (char *)parts[i].iov_base + taken;
			parts[i].iov_len -= taken;
			n -= (ssize_t)taken;
		}
	}
	return 0;
}

static int refuse_broken(const struct bucket *b, struct err *err)
{
	err_set(err, ERR_IO, "bucket '%s' takes no more writes since writing its log failed", b->name);
	return err_hint(err, "see that the disk has room and works, then restart the sandbox");
}

/* An fsync of bytes that are in the file already writes them and nothing else; one of a file that has grown also takes
 * a commit of the file system's journal, which costs five times as much. So the file grows by many records at once,
 * with zeros. Without room, for lack of space or of use, the record makes the file longer itself. */
static void make_room(struct bucket *b, uint64_t len)
{
	static const unsigned char zeros[64 * 1024];
	uint64_t more = b->tail < ROOM_MIN ? ROOM_MIN : b->tail < ROOM_MAX ? b->tail : ROOM_MAX;

	if (b->tail + len <= b->room || len > ROOM_MIN)
		return;
	if (b->room < b->tail)
		b->room = b->tail;
	more += b->tail + len;
	while (b->room < more) {
		size_t piece = more - b->room < sizeof(zeros) ? (size_t)(more - b->room) : sizeof(zeros);
		ssize_t n = pwrite(b->fd, zeros, piece, (off_t)b->room);

		if (n <= 0)
			return;
		b->room += (uint64_t)n;
	}
}

/* Under the write lock. On failure the log is as it was. r->total is set. */
static int append_record(struct bucket *b, struct log_record *r, struct err *err)
{
	struct buf head = { 0 };
	int rc = -1;

	if (b->broken)
		return refuse_broken(b, err);
	buf_init(&head, BUF_MAX_DEFAULT);
	r->uncovered = b->tail - atomic_load(&b->durable);
	if (log_record_encode(r, b->salt, &head, err) < 0)
		goto out;
	make_room(b, head.len + r->data_len);
	if (write_parts(b->fd, b->tail, head.data, head.len, r->data, r->data_len) < 0) {
		err_set_errno(err, ERR_IO, errno, "cannot write the log of bucket '%s'", b->name);
		if (ftruncate(b->fd, (off_t)b->tail) < 0)
			b->broken = true;
		b->room = b->tail;
		goto out;
	}
	r->data_at = head.len;
	r->total = head.len + r->data_len;
	b->tail += r->total;
	rc = 0;
out:
	buf_clear(&head);
	return rc;
}

/* Runs one fsync for all that is in the log. Holds b->sync, but not while the disk works. */
static int lead_sync(struct bucket *b, struct err *err)
{
	bool broken;
	int rc = 0;

	b->syncing = true;
	b->turn++;
	pthread_rwlock_rdlock(&b->lock);
	b->target = b->tail;
	broken = b->broken;
	pthread_rwlock_unlock(&b->lock);
	pthread_mutex_unlock(&b->sync);
	if (broken) {
		rc = refuse_broken(b, err);
	} else if (fdatasync(b->fd) < 0) {
		rc = err_set_errno(err, ERR_IO, errno, "cannot fsync the log of bucket '%s'", b->name);
		pthread_rwlock_wrlock(&b->lock);
		b->broken = true;
		pthread_rwlock_unlock(&b->lock);
	}
	pthread_mutex_lock(&b->sync);
	b->syncing = false;
	if (rc == 0)
		atomic_store(&b->durable, b->target);
	pthread_cond_broadcast(&b->settled[b->turn % 2]);
	pthread_cond_signal(&b->settled[(b->turn + 1) % 2]);
	return rc;
}

/* Must not be called under the lock. */
int bucket_await(struct bucket *b, uint64_t upto, struct err *err)
{
	int rc = 0;

	if (atomic_load(&b->durable) >= upto)
		return 0;
	pthread_mutex_lock(&b->sync);
	while (rc == 0 && atomic_load(&b->durable) < upto) {
		if (b->syncing)
			pthread_cond_wait(&b->settled[(b->turn + (upto > b->target)) % 2], &b->sync);
		else
			rc = lead_sync(b, err);
	}
	pthread_mutex_unlock(&b->sync);
	return rc;
}

/* Each record tells what was durable before it; a last one without an object does so for those before the end. A log
 * that cannot take it is as good, but its next reader cannot tell damage at its end from a torn tail. */
static void seal(struct bucket *b)
{
	struct log_record r = { .kind = LOG_SEAL, .key = "seal", .key_len = 4, .etag = "", .type = "", .metadata = "" };

	pthread_rwlock_wrlock(&b->lock);
	if (b->tail > b->sealed && !append_record(b, &r, NULL))
		b->sealed = b->tail;
	pthread_rwlock_unlock(&b->lock);
}

int bucket_sync(struct bucket *b, struct err *err)
{
	uint64_t tail;

	pthread_rwlock_rdlock(&b->lock);
	tail = b->tail;
	pthread_rwlock_unlock(&b->lock);
	if (bucket_await(b, tail, err) < 0)
		return -1;
	seal(b);
	return 0;
}

/* The entry that was replaced or deleted goes. Its file may only go when the record that says so is durable. */
static int retire_entry(struct bucket *b, struct object_entry *old, uint64_t upto, bool sync, struct err *err)
{
	int rc = 0;

	if (sync || (old && old->in_file))
		rc = bucket_await(b, upto, err);
	if (rc == 0 && old && old->in_file) {
		char *path = bucket_file_path(b, old->at);

		/* A file that stays is swept at the next open. */
		if (path)
			(void)unlink(path);
		mem_free(path);
	}
	object_entry_release(old);
	return rc;
}

int bucket_put(struct bucket *b, struct log_record *r, bool sync, uint64_t *upto, struct err *err)
{
	struct object_entry *e = NULL, *old = NULL;
	uint64_t end;
	int rc = -1;

	pthread_rwlock_wrlock(&b->lock);
	end = b->tail;
	r->data_at = LOG_RECORD_SIZE + r->key_len + r->etag_len + r->type_len + r->metadata_len;
	r->total = r->data_at + r->data_len;
	if (object_index_reserve(&b->index, err) < 0)
		goto out;
	if (!(e = object_entry_new(r, b->tail))) {
		err_nomem(err);
		goto out;
	}
	if (append_record(b, r, err) < 0)
		goto out;
	old = object_index_put(&b->index, e);
	e = NULL;
	end = b->tail;
	rc = 0;
out:
	pthread_rwlock_unlock(&b->lock);
	object_entry_release(e);
	if (rc == 0 && upto)
		*upto = end;
	return rc < 0 ? -1 : retire_entry(b, old, end, sync, err);
}

static int sync_file(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return err_set_errno(err, ERR_IO, errno, "cannot open '%s'", path);
	if (fsync(fd) < 0)
		rc = err_set_errno(err, ERR_IO, errno, "cannot fsync '%s'", path);
	close(fd);
	return rc;
}

int bucket_put_file(struct bucket *b, struct log_record *r, const char *path, struct err *err)
{
	char *to = NULL, *folder = file_join(b->dir, "big");
	int rc = -1;

	pthread_rwlock_wrlock(&b->lock);
	r->file_number = b->next_file++;
	pthread_rwlock_unlock(&b->lock);
	if (!folder || !(to = bucket_file_path(b, r->file_number))) {
		err_nomem(err);
		goto out;
	}
	if (sync_file(path, err) < 0)
		goto out;
	if (rename(path, to) < 0) {
		err_set_errno(err, ERR_IO, errno, "cannot move '%s' into the object store", path);
		goto out;
	}
	if (file_sync_dir(folder, err) < 0 || bucket_put(b, r, true, NULL, err) < 0)
		goto out;
	rc = 0;
out:
	mem_free(folder);
	mem_free(to);
	return rc;
}

int bucket_delete(struct bucket *b, const char *key, bool sync, struct err *err)
{
	struct log_record r = {
		.kind = LOG_DELETE, .key = key, .key_len = strlen(key), .etag = "", .type = "", .metadata = ""
	};
	struct object_entry *old = NULL;
	uint64_t upto = 0;
	int rc = 0;

	pthread_rwlock_wrlock(&b->lock);
	if (object_index_get(&b->index, key)) {
		rc = append_record(b, &r, err);
		if (rc == 0)
			old = object_index_remove(&b->index, key);
		upto = b->tail;
	}
	pthread_rwlock_unlock(&b->lock);
	return rc < 0 ? -1 : retire_entry(b, old, upto, sync, err);
}

/* Under the lock, since the file of a replaced object is removed after the lock was given up. */
static int open_big(struct bucket *b, const struct object_entry *e, struct err *err)
{
	char *path = bucket_file_path(b, e->at);
	int fd;

	if (!path)
		return err_nomem(err);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err_set_errno(err, ERR_IO, errno, "cannot open '%s'", path);
	mem_free(path);
	return fd;
}

/* The held descriptor that the entry's bytes are read from; NULL with err. */
static struct bucket_file *open_entry(struct bucket *b, const struct object_entry *e, struct err *err)
{
	int fd;

	if (!e->in_file)
		return bucket_file_hold(b->file);
	fd = open_big(b, e, err);
	return fd < 0 ? NULL : bucket_file_new(fd, err);
}

int bucket_find(struct bucket *b, const char *key, struct object_entry **entry, struct bucket_file **file,
		uint64_t *base, struct err *err)
{
	struct object_entry *e;
	int rc = 0;

	pthread_rwlock_rdlock(&b->lock);
	e = object_index_get(&b->index, key);
	if (e)
		rc = 1;
	if (e && file) {
		*base = e->in_file ? 0 : e->at;
		*file = open_entry(b, e, err);
		rc = *file ? 1 : -1;
	}
	if (rc == 1)
		*entry = object_entry_hold(e);
	pthread_rwlock_unlock(&b->lock);
	return rc;
}

int object_entry_read(const struct object_entry *e, int fd, uint64_t base, uint64_t offset, void *to, size_t len,
		      struct err *err)
{
	char *p = to;

	if (offset > e->size_bytes || len > e->size_bytes - offset)
		return err_set(err, ERR_IO, "bytes beyond the end of the object '%s' were asked for", e->key);
	while (len) {
		ssize_t n = pread(fd, p, len, (off_t)(base + offset));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set_errno(err, ERR_IO, errno, "cannot read the object '%s'", e->key);
		if (n == 0)
			return err_set(err, ERR_IO, "the file of the object '%s' is cut off", e->key);
		p += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

int bucket_read(struct bucket *b, const char *key, uint64_t offset, void *to, size_t len, struct err *err)
{
	const struct object_entry *e;
	int fd, rc = 0;

	pthread_rwlock_rdlock(&b->lock);
	e = object_index_get(&b->index, key);
	if (e) {
		fd = e->in_file ? open_big(b, e, err) : b->fd;
		rc = fd < 0 ? -1 : object_entry_read(e, fd, e->in_file ? 0 : e->at, offset, to, len, err);
		if (e->in_file && fd >= 0)
			close(fd);
		rc = rc < 0 ? -1 : 1;
	}
	pthread_rwlock_unlock(&b->lock);
	return rc;
}

size_t bucket_range(struct bucket *b, const char *prefix, const char *after, struct object_entry **out, size_t max)
{
	size_t n;

	pthread_rwlock_rdlock(&b->lock);
	n = object_index_range(&b->index, prefix, after, out, max);
	pthread_rwlock_unlock(&b->lock);
	return n;
}

bool bucket_is_empty(struct bucket *b)
{
	bool empty;

	pthread_rwlock_rdlock(&b->lock);
	empty = b->index.count == 0;
	pthread_rwlock_unlock(&b->lock);
	return empty;
}
