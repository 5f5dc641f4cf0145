#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "sandbox/archive/tar.h"
#include "sandbox/archive/tar_header.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"

#define PIECE ((size_t)128 * 1024)

struct tar_writer {
	char *path, *unfinished;
	int fd;
	ZSTD_CCtx *zstd;
	char out[PIECE];
};

int tar_create(const char *path, struct tar_writer **out, struct err *err)
{
	struct tar_writer *w = mem_alloc(sizeof(*w));

	if (!w)
		return err_nomem(err);
	w->fd = -1;
	w->path = mem_strdup(path);
	w->unfinished = mem_printf("%s.part-%ld", path, (long)getpid());
	w->zstd = ZSTD_createCCtx();
	if (!w->path || !w->unfinished || !w->zstd) {
		err_nomem(err);
		tar_abort(w);
		return -1;
	}
	if (ZSTD_isError(ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_checksumFlag, 1))) {
		tar_abort(w);
		return err_set(err, ERR_BUG, "cannot compress with a checksum");
	}
	w->fd = open(w->unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (w->fd < 0) {
		err_set_errno(err, ERR_IO, errno, "cannot write '%s'", path);
		tar_abort(w);
		return -1;
	}
	*out = w;
	return 0;
}

static int compress(struct tar_writer *w, const void *data, size_t len, ZSTD_EndDirective how, struct err *err)
{
	ZSTD_inBuffer in = { data, len, 0 };
	size_t left;

	do {
		ZSTD_outBuffer out = { w->out, sizeof(w->out), 0 };

		left = ZSTD_compressStream2(w->zstd, &out, &in, how);
		if (ZSTD_isError(left))
			return err_set(err, ERR_BUG, "cannot compress: %s", ZSTD_getErrorName(left));
		if (file_write_all(w->fd, w->out, out.pos, err)) {
			err_wrap(err, "'%s'", w->path);
			return -1;
		}
	} while (how == ZSTD_e_end ? left > 0 : in.pos < in.size);
	return 0;
}

static int pad(struct tar_writer *w, int64_t size, struct err *err)
{
	static const char zeros[TAR_BLOCK];

	return size % TAR_BLOCK ? compress(w, zeros, (size_t)(TAR_BLOCK - size % TAR_BLOCK), ZSTD_e_continue, err) : 0;
}

static int put_header(struct tar_writer *w, const char *name, char type, mode_t mode, int64_t size, struct err *err)
{
	struct tar_header h = { .type = type, .magic = "ustar", .version = { '0', '0' } };
	char number[16];

	/* Longer names and sizes stand in the pax record before. */
	memcpy(h.name, name, strnlen(name, sizeof(h.name)));
	snprintf(h.mode, sizeof(h.mode), "%07o", (unsigned)mode & 07777);
	snprintf(h.uid, sizeof(h.uid), "%07o", 0u);
	snprintf(h.gid, sizeof(h.gid), "%07o", 0u);
	snprintf(number, sizeof(number), "%011llo", size <= TAR_SIZE_MAX ? (long long)size : 0LL);
	memcpy(h.size, number, sizeof(h.size));
	snprintf(h.mtime, sizeof(h.mtime), "%011o", 0u);
	snprintf(h.checksum, sizeof(h.checksum), "%06o", tar_checksum(&h));
	h.checksum[7] = ' ';
	return compress(w, &h, sizeof(h), ZSTD_e_continue, err);
}

/* "27 path=some/long/name\n": the length counts itself. */
static void add_record(struct buf *b, const char *key, const char *value)
{
	size_t rest = strlen(key) + strlen(value) + 3, len = rest + 1;

	for (size_t digits = 1, bound = 10; len >= bound; bound *= 10)
		len = rest + ++digits;
	buf_printf(b, "%zu %s=%s\n", len, key, value);
}

static int put_entry(struct tar_writer *w, const char *name, char type, mode_t mode, int64_t size, struct err *err)
{
	struct buf records;
	char number[32];
	int rc = -1;

	if (!tar_name_is_safe(name))
		return err_set(err, ERR_BUG, "'%s' is no name for an archive", name);
	buf_init(&records, 2 * TAR_NAME_MAX);
	if (strlen(name) > sizeof(((struct tar_header *)NULL)->name))
		add_record(&records, "path", name);
	snprintf(number, sizeof(number), "%lld", (long long)size);
	if (size > TAR_SIZE_MAX)
		add_record(&records, "size", number);
	if (buf_check(&records, "an archive's record", err))
		goto out;
	if (records.len &&
	    (put_header(w, "pax", TAR_TYPE_PAX, 0600, (int64_t)records.len, err) ||
	     compress(w, records.data, records.len, ZSTD_e_continue, err) || pad(w, (int64_t)records.len, err)))
		goto out;
	rc = put_header(w, name, type, mode, size, err);
out:
	buf_clear(&records);
	return rc;
}

int tar_add_folder(struct tar_writer *w, const char *name, mode_t mode, struct err *err)
{
	return put_entry(w, name, TAR_TYPE_FOLDER, mode, 0, err);
}

int tar_add_file(struct tar_writer *w, const char *name, mode_t mode, int fd, int64_t size, struct err *err)
{
	char piece[16384];

	if (put_entry(w, name, TAR_TYPE_FILE, mode, size, err))
		return -1;
	for (int64_t left = size; left > 0;) {
		ssize_t got = read(fd, piece, left < (int64_t)sizeof(piece) ? (size_t)left : sizeof(piece));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set_errno(err, ERR_IO, errno, "cannot read '%s'", name);
		if (!got)
			return err_set(err, ERR_IO, "'%s' became shorter while it was read", name);
		if (compress(w, piece, (size_t)got, ZSTD_e_continue, err))
			return -1;
		left -= got;
	}
	return pad(w, size, err);
}

int tar_add_text(struct tar_writer *w, const char *name, const struct buf *text, struct err *err)
{
	if (put_entry(w, name, TAR_TYPE_FILE, 0600, (int64_t)text->len, err) ||
	    compress(w, text->data, text->len, ZSTD_e_continue, err))
		return -1;
	return pad(w, (int64_t)text->len, err);
}

int tar_finish(struct tar_writer *w, struct err *err)
{
	static const char end[2 * TAR_BLOCK];
	int rc = -1;

	if (compress(w, end, sizeof(end), ZSTD_e_end, err))
		goto out;
	if (fsync(w->fd) || rename(w->unfinished, w->path)) {
		err_set_errno(err, ERR_IO, errno, "cannot write '%s'", w->path);
		goto out;
	}
	mem_free(w->unfinished);
	w->unfinished = NULL;
	rc = 0;
out:
	tar_abort(w);
	return rc;
}

void tar_abort(struct tar_writer *w)
{
	if (!w)
		return;
	if (w->fd >= 0) {
		close(w->fd);
		if (w->unfinished)
			unlink(w->unfinished);
	}
	ZSTD_freeCCtx(w->zstd);
	mem_free(w->unfinished);
	mem_free(w->path);
	mem_free(w);
}
