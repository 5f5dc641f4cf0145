#include "sandbox/store/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spark/base/file.h"
#include "spark/base/hash.h"
#include "spark/base/mem.h"

#define FILE_MAGIC      "sparkctl state1\n"
#define FILE_MAGIC_SIZE 16
#define RECORD_HEADER   16
#define RECORD_MAGIC    "\xF5\xC0SR"
#define RECORD_MAX      ((uint32_t)256 * 1024 * 1024)
#define LOG_MAX         ((size_t)4 * 1024 * 1024 * 1024)

struct store_log {
	char *path;
	int fd;
	uint64_t size;
	bool broken;
};

static void put_u32(unsigned char *to, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		to[i] = (unsigned char)(v >> (8 * i));
}

static uint32_t get_u32(const unsigned char *from)
{
	return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

void store_log_begin(struct buf *out)
{
	buf_add(out, FILE_MAGIC, FILE_MAGIC_SIZE);
}

void store_log_frame(struct buf *out, const char *payload, size_t len)
{
	unsigned char header[RECORD_HEADER];

	if (len > RECORD_MAX) {
		out->failed = out->too_long = true;
		return;
	}
	memcpy(header, RECORD_MAGIC, 4);
	put_u32(header + 4, (uint32_t)len);
	put_u32(header + 8, hash_crc32(0, payload, len));
	put_u32(header + 12, hash_crc32(0, header, 12));
	buf_add(out, header, sizeof(header));
	buf_add(out, payload, len);
}

/* Is there a whole record at the offset? Its payload's length. */
static bool record_at(const struct buf *file, size_t at, size_t *len)
{
	const unsigned char *h = (const unsigned char *)file->data + at;

	if (file->len - at < RECORD_HEADER || memcmp(h, RECORD_MAGIC, 4) || get_u32(h + 12) != hash_crc32(0, h, 12))
		return false;
	*len = get_u32(h + 4);
	return *len <= RECORD_MAX && *len <= file->len - at - RECORD_HEADER &&
	       get_u32(h + 8) == hash_crc32(0, h + RECORD_HEADER, *len);
}

static bool record_behind(const struct buf *file, size_t at)
{
	const char *from = file->data + at + 1, *end = file->data + file->len;
	size_t len;

	while (from < end) {
		from = memmem(from, (size_t)(end - from), RECORD_MAGIC, 4);
		if (!from)
			return false;
		if (record_at(file, (size_t)(from - file->data), &len))
			return true;
		from++;
	}
	return false;
}

/* Where the good records end. */
static int replay(struct store_log *l, const struct buf *file,
		  int (*fn)(void *arg, const char *payload, size_t len, struct err *err), void *arg, struct err *err)
{
	size_t at = FILE_MAGIC_SIZE, len;

	if (file->len < FILE_MAGIC_SIZE) {
		/* Died while the first bytes were written: nothing had been promised yet. */
		if (memcmp(file->data, FILE_MAGIC, file->len))
			return err_set(err, ERR_IO, "'%s' is not a state file of the sandbox", l->path);
		l->size = 0;
		return 0;
	}
	if (memcmp(file->data, FILE_MAGIC, FILE_MAGIC_SIZE)) {
		err_set(err, ERR_IO, "'%s' is not a state file of this version of the sandbox", l->path);
		return err_hint(err, "run 'sparkctl sandbox reset' to begin anew");
	}
	while (at < file->len && record_at(file, at, &len)) {
		if (fn(arg, file->data + at + RECORD_HEADER, len, err))
			return err_wrap(err, "'%s' at byte %zu", l->path, at);
		at += RECORD_HEADER + len;
	}
	if (at < file->len && record_behind(file, at)) {
		err_set(err, ERR_IO, "'%s' is damaged at byte %zu", l->path, at);
		return err_hint(err, "restore the file from a backup, or run 'sparkctl sandbox reset' to begin anew");
	}
	l->size = at;
	return 0;
}

static int write_at(const struct store_log *l, uint64_t at, const void *data, size_t len, struct err *err)
{
	const char *from = data;

	while (len) {
		ssize_t n = pwrite(l->fd, from, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set_errno(err, ERR_IO, n ? errno : ENOSPC, "cannot write '%s'", l->path);
		from += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

static int sync_file(const struct store_log *l, struct err *err)
{
	if (fdatasync(l->fd))
		return err_set_errno(err, ERR_IO, errno, "cannot sync '%s'", l->path);
	return 0;
}

/* Cuts the torn tail off, or writes the first bytes of a new file, and makes that durable. */
static int settle(struct store_log *l, uint64_t found, struct err *err)
{
	char *slash, *dir;
	int rc;

	if (l->size && l->size == found)
		return 0;
	if (ftruncate(l->fd, (off_t)l->size))
		return err_set_errno(err, ERR_IO, errno, "cannot cut '%s'", l->path);
	if (!l->size) {
		if (write_at(l, 0, FILE_MAGIC, FILE_MAGIC_SIZE, err))
			return -1;
		l->size = FILE_MAGIC_SIZE;
	}
	if (sync_file(l, err))
		return -1;
	dir = mem_strdup(l->path);
	if (!dir)
		return err_nomem(err);
	slash = strrchr(dir, '/');
	if (slash)
		*slash = 0;
	rc = file_sync_dir(slash ? dir : ".", err);
	mem_free(dir);
	return rc;
}

int store_log_open(const char *path, int (*fn)(void *arg, const char *payload, size_t len, struct err *err), void *arg,
		   struct store_log **out, struct err *err)
{
	struct store_log *l = mem_alloc(sizeof(*l));
	struct buf file;
	int rc = -1;

	if (!l)
		return err_nomem(err);
	buf_init(&file, LOG_MAX);
	l->fd = -1;
	l->path = mem_strdup(path);
	if (!l->path) {
		err_nomem(err);
		goto out;
	}
	l->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (l->fd < 0) {
		err_set_errno(err, ERR_IO, errno, "cannot open '%s'", path);
		goto out;
	}
	if (file_read(path, &file, err) || replay(l, &file, fn, arg, err) || settle(l, file.len, err))
		goto out;
	*out = l;
	l = NULL;
	rc = 0;
out:
	buf_clear(&file);
	store_log_close(l);
	return rc;
}

void store_log_close(struct store_log *l)
{
	if (!l)
		return;
	if (l->fd >= 0)
		close(l->fd);
	mem_free(l->path);
	mem_free(l);
}

uint64_t store_log_size(const struct store_log *l)
{
	return l->size;
}

int store_log_append(struct store_log *l, const struct buf *payload, struct err *err)
{
	struct buf record;
	int rc = -1;

	if (l->broken) {
		err_set(err, ERR_IO, "'%s' takes no more changes since writing it failed", l->path);
		return err_hint(err, "restart the sandbox");
	}
	buf_init(&record, LOG_MAX);
	store_log_frame(&record, payload->data, payload->len);
	if (buf_check(&record, "a change of the sandbox's state", err))
		goto out;
	if (write_at(l, l->size, record.data, record.len, err)) {
		/* Nothing of it may be found at the next start. */
		l->broken = ftruncate(l->fd, (off_t)l->size) != 0;
		goto out;
	}
	if (sync_file(l, err)) {
		/* What a failed sync leaves on the disk is unknown, and a second sync would not tell. */
		l->broken = true;
		if (ftruncate(l->fd, (off_t)l->size))
			err_hint(err, "the last change may reappear at the next start");
		goto out;
	}
	l->size += record.len;
	rc = 0;
out:
	buf_clear(&record);
	return rc;
}

int store_log_replace(struct store_log *l, const struct buf *records, struct err *err)
{
	int fd;

	if (buf_check(records, "the sandbox's state", err) ||
	    file_write_atomic(l->path, records->data, records->len, 0600, err))
		return -1;
	fd = open(l->path, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		l->broken = true;
		return err_set_errno(err, ERR_IO, errno, "cannot open '%s'", l->path);
	}
	close(l->fd);
	l->fd = fd;
	l->size = records->len;
	return 0;
}
