#include "aws/s3_part.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "spark/base/file.h"
#include "spark/base/mem.h"

static int make_parent(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char *dir;
	int rc;

	if (!slash || slash == path)
		return 0;
	dir = mem_strndup(path, (size_t)(slash - path));
	if (!dir)
		return err_nomem(err);
	rc = file_make_dirs(dir, 0777, err);
	mem_free(dir);
	return rc;
}

/* Beside the target, so that the rename stays within one file system. */
static char *part_path(const char *target)
{
	return mem_printf("%s.part-%ld", target, (long)getpid());
}

int s3_part_open(struct s3_part *p, const char *target, struct err *err)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;

	p->path = part_path(target);
	if (!p->path)
		return err_nomem(err);
	p->fd = open(p->path, flags, 0666);
	if (p->fd < 0 && errno == ENOENT) {
		if (make_parent(target, err) != 0)
			return -1;
		p->fd = open(p->path, flags, 0666);
	}
	if (p->fd < 0)
		return err_set_errno(err, ERR_IO, errno, "cannot write '%s'", p->path);
	return 0;
}

int s3_part_commit(struct s3_part *p, const char *target, struct err *err)
{
	int fd = p->fd;

	p->fd = -1;
	if (close(fd) != 0)
		return err_set_errno(err, ERR_IO, errno, "cannot write '%s'", p->path);
	if (rename(p->path, target) != 0)
		return err_set_errno(err, ERR_IO, errno, "cannot rename '%s' to '%s'", p->path, target);
	mem_free(p->path);
	p->path = NULL;
	return 0;
}

void s3_part_close(struct s3_part *p)
{
	if (p->fd >= 0)
		close(p->fd);
	if (p->path)
		unlink(p->path);
	mem_free(p->path);
	*p = S3_PART_NONE;
}

/* Gives an open file without a name this one; false with errno. */
static bool give_name(int fd, const char *name)
{
	char self[32];

	if (linkat(fd, "", AT_FDCWD, name, AT_EMPTY_PATH) == 0)
		return true;
	/* Before Linux 6.10 that was for root alone. */
	if (errno != ENOENT)
		return false;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
}

/* Over a file that is there already. */
static bool give_taken_name(int fd, const char *target)
{
	char *path = part_path(target);
	bool done;

	if (!path)
		return false;
	(void)unlink(path);
	done = give_name(fd, path);
	if (done && rename(path, target) != 0) {
		unlink(path);
		done = false;
	}
	mem_free(path);
	return done;
}

/* A file that has no name before it is whole: nothing is left of it, however this ends, and it is quicker. Not every
 * file system has such; what fails here is tried in the other way, which tells why. */
static bool write_nameless(const char *target, const char *data, size_t len)
{
	static _Atomic bool unknown;
	char dir[PATH_MAX];
	const char *slash = strrchr(target, '/');
	size_t dir_len = slash ? (size_t)(slash - target) + 1 : 0;
	bool done;
	int fd;

	if (dir_len >= sizeof(dir) || unknown)
		return false;
	memcpy(dir, target, dir_len);
	if (!dir_len)
		dir[dir_len++] = '.';
	dir[dir_len] = '\0';
	fd = open(dir, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
	if (fd < 0) {
		unknown = errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL;
		return false;
	}
	done = file_write_all(fd, data, len, NULL) == 0 &&
	       (give_name(fd, target) || (errno == EEXIST && give_taken_name(fd, target)));
	return close(fd) == 0 && done;
}

int s3_part_write(const char *target, const char *data, size_t len, struct err *err)
{
	struct s3_part p = S3_PART_NONE;
	int rc = -1;

	if (write_nameless(target, data, len))
		return 0;
	if (s3_part_open(&p, target, err) == 0 && file_write_all(p.fd, data, len, err) == 0)
		rc = s3_part_commit(&p, target, err);
	s3_part_close(&p);
	return rc;
}
