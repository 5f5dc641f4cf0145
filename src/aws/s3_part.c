#include "aws/s3_part.h"

#include <errno.h>
#include <fcntl.h>
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

void s3_folder_close(struct s3_folder *f)
{
	if (f->fd >= 0)
		close(f->fd);
	mem_free(f->path);
	*f = S3_FOLDER_NONE;
}

/* The descriptor of the folder that the first len bytes of the target name; -1 when it is not there. */
static int open_folder(struct s3_folder *f, const char *target, size_t len)
{
	if (f->path && strncmp(f->path, target, len) == 0 && f->path[len] == '\0')
		return f->fd;
	s3_folder_close(f);
	f->path = mem_strndup(target, len);
	if (f->path)
		f->fd = open(len ? f->path : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (f->fd < 0)
		s3_folder_close(f);
	return f->fd;
}

/* Gives an open file without a name this one; false with errno. */
static bool give_name(int fd, int dir, const char *name)
{
	char self[32];

	if (linkat(fd, "", dir, name, AT_EMPTY_PATH) == 0)
		return true;
	/* Before Linux 6.10 that was for root alone. */
	if (errno != ENOENT)
		return false;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, self, dir, name, AT_SYMLINK_FOLLOW) == 0;
}

/* Over a file that is there already. */
static bool give_taken_name(int fd, int dir, const char *name)
{
	char *path = part_path(name);
	bool done;

	if (!path)
		return false;
	(void)unlinkat(dir, path, 0);
	done = give_name(fd, dir, path);
	if (done && renameat(dir, path, dir, name) != 0) {
		(void)unlinkat(dir, path, 0);
		done = false;
	}
	mem_free(path);
	return done;
}

/* A file that has no name before it is whole: nothing is left of it, however this ends, and it is quicker. Not every
 * file system has such; what fails here is tried in the other way, which tells why. */
static bool write_nameless(struct s3_folder *last, const char *target, const char *data, size_t len)
{
	static _Atomic bool unknown;
	const char *slash = strrchr(target, '/');
	const char *name = slash ? slash + 1 : target;
	bool done;
	int dir, fd;

	if (unknown)
		return false;
	dir = open_folder(last, target, (size_t)(name - target));
	if (dir < 0)
		return false;
	fd = openat(dir, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
	if (fd < 0) {
		unknown = errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL;
		return false;
	}
	done = file_write_all(fd, data, len, NULL) == 0 &&
	       (give_name(fd, dir, name) || (errno == EEXIST && give_taken_name(fd, dir, name)));
	return close(fd) == 0 && done;
}

int s3_part_write(struct s3_folder *last, const char *target, const char *data, size_t len, struct err *err)
{
	struct s3_part p = S3_PART_NONE;
	int rc = -1;

	if (write_nameless(last, target, data, len))
		return 0;
	/* It may have been removed, and be made again here. */
	s3_folder_close(last);
	if (s3_part_open(&p, target, err) == 0 && file_write_all(p.fd, data, len, err) == 0)
		rc = s3_part_commit(&p, target, err);
	s3_part_close(&p);
	return rc;
}
