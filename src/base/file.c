#include "spark/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spark/base/clock.h"
#include "spark/base/mem.h"

#define READ_CHUNK 65536

static int read_all(int fd, const char *name, struct buf *out, struct err *err)
{
	size_t max = out->max ? out->max : BUF_MAX_DEFAULT;
	char beside = 0;

	for (;;) {
		size_t room = max - out->len < READ_CHUNK ? max - out->len : READ_CHUNK;
		char *to = room ? buf_reserve(out, room) : &beside;
		ssize_t got;

		if (!to)
			return err_nomem(err);
		/* When the buf is full, one byte more than it may hold tells "at the limit" from "too long". */
		got = read(fd, to, room ? room : 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set_errno(err, ERR_IO, errno, "cannot read '%s'", name);
		if (got == 0)
			return 0;
		if (room == 0)
			return err_set(err, ERR_PARSE, "'%s' is longer than %zu bytes", name, max);
		buf_commit(out, (size_t)got);
	}
}

int file_read(const char *path, struct buf *out, struct err *err)
{
	int fd, rc;

	if (strcmp(path, "-") == 0)
		return read_all(STDIN_FILENO, "standard input", out, err);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set_errno(err, ERR_IO, errno, "cannot open '%s'", path);
	rc = read_all(fd, path, out, err);
	close(fd);
	return rc;
}

int file_write_all(int fd, const void *data, size_t len, struct err *err)
{
	const char *p = data;

	while (len > 0) {
		ssize_t done = write(fd, p, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return err_set_errno(err, ERR_IO, errno, "cannot write");
		p += done;
		len -= (size_t)done;
	}
	return 0;
}

/* The folder that holds path; allocated. */
static char *parent_dir(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return mem_strdup(".");
	return slash == path ? mem_strdup("/") : mem_strndup(path, (size_t)(slash - path));
}

static int write_and_sync(int fd, const char *path, const void *data, size_t len, mode_t mode, struct err *err)
{
	if (file_write_all(fd, data, len, err) < 0)
		return err_wrap(err, "'%s'", path);
	if (fchmod(fd, mode) < 0 || fsync(fd) < 0)
		return err_set_errno(err, ERR_IO, errno, "cannot write '%s'", path);
	return 0;
}

int file_write_atomic(const char *path, const void *data, size_t len, mode_t mode, struct err *err)
{
	char *temporary = mem_printf("%s.XXXXXX", path), *dir = parent_dir(path);
	int fd = -1, rc = -1;

	if (!temporary || !dir) {
		err_nomem(err);
		goto out;
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		err_set_errno(err, ERR_IO, errno, "cannot write '%s'", path);
		goto out;
	}
	rc = write_and_sync(fd, path, data, len, mode, err);
	if (close(fd) < 0 && rc == 0)
		rc = err_set_errno(err, ERR_IO, errno, "cannot write '%s'", path);
	if (rc == 0 && rename(temporary, path) < 0)
		rc = err_set_errno(err, ERR_IO, errno, "cannot replace '%s'", path);
	if (rc < 0)
		unlink(temporary);
	else
		rc = file_sync_dir(dir, err);
out:
	mem_free(dir);
	mem_free(temporary);
	return rc;
}

int file_sync_dir(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return err_set_errno(err, ERR_IO, errno, "cannot open the folder '%s'", path);
	/* Some file systems cannot sync a folder and say EINVAL: there is nothing more to be had from them. */
	if (fsync(fd) < 0 && errno != EINVAL)
		rc = err_set_errno(err, ERR_IO, errno, "cannot write the folder '%s' to disk", path);
	close(fd);
	return rc;
}

static int make_one_dir(const char *path, mode_t mode, struct err *err)
{
	if (mkdir(path, mode) == 0) {
		/* mkdir's mode goes through the umask. */
		if (chmod(path, mode) < 0)
			return err_set_errno(err, ERR_IO, errno, "cannot set the mode of '%s'", path);
		return 0;
	}
	if (file_is_dir(path))
		return 0;
	return err_set_errno(err, ERR_IO, errno, "cannot make the folder '%s'", path);
}

int file_make_dirs(const char *path, mode_t mode, struct err *err)
{
	char *copy = mem_strdup(path);
	int rc = 0;

	if (!copy)
		return err_nomem(err);
	for (char *p = copy + 1; copy[0] && *p && rc == 0; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		rc = make_one_dir(copy, mode, err);
		*p = '/';
	}
	if (rc == 0)
		rc = make_one_dir(copy, mode, err);
	mem_free(copy);
	return rc;
}

bool file_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

bool file_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *file_join(const char *a, const char *b)
{
	size_t len = strlen(a);

	return mem_printf("%s%s%s", a, len && a[len - 1] == '/' ? "" : "/", b);
}

static int lock_taken(int fd, const char *what, const char *path, struct err *err)
{
	char text[512], pid[32] = "", host[256] = "", since[64] = "";
	ssize_t got = pread(fd, text, sizeof(text) - 1, 0);

	text[got > 0 ? got : 0] = '\0';
	if (sscanf(text, "%31s %255s %63s", pid, host, since) == 3)
		err_set(err, ERR_CONFLICT, "%s is in use by process %s on '%s' since %s", what, pid, host, since);
	else
		err_set(err, ERR_CONFLICT, "%s is in use by another process", what);
	return err_hint(err, "wait until it ends, or stop it; the lock '%s' dies with its owner", path);
}

/* Is what we locked still the file of that name? Its last owner may have removed it in between. */
static bool is_same_file(int fd, const char *path)
{
	struct stat ours, named;

	return fstat(fd, &ours) == 0 && stat(path, &named) == 0 && ours.st_ino == named.st_ino &&
	       ours.st_dev == named.st_dev;
}

static int sign_lock(int fd, const char *path, struct err *err)
{
	char text[512], host[256] = "localhost", since[CLOCK_TEXT];
	int len;

	(void)gethostname(host, sizeof(host) - 1);
	clock_iso_s(clock_now(&clock_system), since);
	len = snprintf(text, sizeof(text), "%ld %s %s\n", (long)getpid(), host, since);
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)len, 0) != len)
		return err_set_errno(err, ERR_IO, errno, "cannot write the lock '%s'", path);
	return 0;
}

int file_lock(const char *path, const char *what, struct err *err)
{
	int fd, rc;

	for (;;) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0)
			return err_set_errno(err, ERR_IO, errno, "cannot open the lock '%s'", path);
		do {
			rc = flock(fd, LOCK_EX | LOCK_NB);
		} while (rc < 0 && errno == EINTR);
		if (rc < 0) {
			rc = errno == EWOULDBLOCK ? lock_taken(fd, what, path, err)
						  : err_set_errno(err, ERR_IO, errno, "cannot lock '%s'", path);
			close(fd);
			return rc;
		}
		if (is_same_file(fd, path))
			break;
		close(fd);
	}
	if (sign_lock(fd, path, err) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}
