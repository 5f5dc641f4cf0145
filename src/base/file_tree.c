/* Whole folders: removing, copying and walking them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spark/base/file.h"
#include "spark/base/mem.h"

#define COPY_CHUNK 65536

static bool is_dots(const char *name)
{
	return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

/* Opens a folder below dir_fd for reading, never through a link. */
static DIR *open_dir_at(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir;

	if (fd < 0)
		return NULL;
	dir = fdopendir(fd);
	if (!dir)
		close(fd);
	return dir;
}

/* Returns 0, or -1 with errno; what is gone already counts as removed. */
static int remove_at(int dir_fd, const char *name)
{
	struct dirent *entry;
	DIR *dir;
	int rc = 0;

	if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	dir = open_dir_at(dir_fd, name);
	if (!dir)
		return errno == ENOENT ? 0 : -1;
	while (rc == 0 && (entry = readdir(dir))) {
		if (!is_dots(entry->d_name))
			rc = remove_at(dirfd(dir), entry->d_name);
	}
	closedir(dir);
	if (rc == 0 && unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		rc = -1;
	return rc;
}

int file_remove_tree(const char *path, struct err *err)
{
	if (remove_at(AT_FDCWD, path) < 0)
		return err_set_errno(err, ERR_IO, errno, "cannot remove '%s'", path);
	return 0;
}

static int copy_by_hand(int from, int to)
{
	char chunk[COPY_CHUNK];
	ssize_t got;

	while ((got = read(from, chunk, sizeof(chunk))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 || file_write_all(to, chunk, (size_t)got, NULL) < 0)
			return -1;
	}
	return 0;
}

static int copy_bytes(int from, int to, off_t size)
{
	off_t done = 0;

	if (ioctl(to, FICLONE, from) == 0)
		return 0;
	while (done < size) {
		ssize_t n = copy_file_range(from, NULL, to, NULL, (size_t)(size - done), 0);

		if (n < 0 && errno == EINTR)
			continue;
		/* The first failure says what this pair of file systems cannot do; later ones are real. */
		if (n < 0 && done > 0)
			return -1;
		if (n <= 0)
			break;
		done += n;
	}
	return copy_by_hand(from, to);
}

static int copy_file_at(int from_dir, int to_dir, const char *name)
{
	int from = openat(from_dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), to = -1, rc = -1;
	struct stat st;

	if (from < 0 || fstat(from, &st) < 0)
		goto out;
	to = openat(to_dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0 || copy_bytes(from, to, st.st_size) < 0 || fchmod(to, st.st_mode & 07777) < 0)
		goto out;
	rc = 0;
out:
	if (from >= 0)
		close(from);
	if (to >= 0 && close(to) < 0)
		rc = -1;
	return rc;
}

static int copy_link_at(int from_dir, int to_dir, const char *name)
{
	char target[4096];
	ssize_t len = readlinkat(from_dir, name, target, sizeof(target) - 1);

	if (len < 0)
		return -1;
	target[len] = '\0';
	return symlinkat(target, to_dir, name);
}

static int copy_dir(DIR *from, int to_fd);

static int copy_entry(int from_dir, int to_dir, const char *name)
{
	struct stat st;
	DIR *from;
	int to, rc;

	if (fstatat(from_dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (S_ISREG(st.st_mode))
		return copy_file_at(from_dir, to_dir, name);
	if (S_ISLNK(st.st_mode))
		return copy_link_at(from_dir, to_dir, name);
	if (!S_ISDIR(st.st_mode))
		return 0; /* sockets and pipes belong to a running process */
	from = open_dir_at(from_dir, name);
	if (!from)
		return -1;
	rc = mkdirat(to_dir, name, 0700);
	if (rc == 0) {
		to = openat(to_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		rc = to < 0 ? -1 : copy_dir(from, to);
		if (rc == 0)
			rc = fchmod(to, st.st_mode & 07777);
		if (to >= 0)
			close(to);
	}
	closedir(from);
	return rc;
}

static int copy_dir(DIR *from, int to_fd)
{
	struct dirent *entry;

	while ((entry = readdir(from))) {
		if (!is_dots(entry->d_name) && copy_entry(dirfd(from), to_fd, entry->d_name) < 0)
			return -1;
	}
	return 0;
}

int file_copy_tree(const char *from, const char *to, struct err *err)
{
	DIR *source = opendir(from);
	struct stat st;
	int fd = -1, rc = -1;

	if (!source)
		return err_set_errno(err, ERR_IO, errno, "cannot open the folder '%s'", from);
	if (fstat(dirfd(source), &st) < 0 || (mkdir(to, 0700) < 0 && errno != EEXIST)) {
		err_set_errno(err, ERR_IO, errno, "cannot make the folder '%s'", to);
		goto out;
	}
	fd = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || copy_dir(source, fd) < 0 || fchmod(fd, st.st_mode & 07777) < 0) {
		err_set_errno(err, ERR_IO, errno, "cannot copy '%s' to '%s'", from, to);
		goto out;
	}
	rc = 0;
out:
	if (fd >= 0)
		close(fd);
	closedir(source);
	return rc;
}

struct found_file {
	char *rel;
	int64_t size_bytes;
};

struct walk {
	struct found_file *files;
	size_t count, cap;
};

static int collect(struct walk *w, DIR *dir, const char *prefix, struct err *err);

/* A regular file, also one that a link leads to, or a folder, but no link to one: it might lead back up. */
static int collect_entry(struct walk *w, int dir_fd, const char *name, const char *prefix, struct err *err)
{
	char *rel = *prefix ? file_join(prefix, name) : mem_strdup(name);
	struct stat st;
	DIR *dir;
	int rc = 0;

	if (!rel)
		return err_nomem(err);
	/* A link that leads nowhere, or a file that is gone by now, is no file. */
	if (fstatat(dir_fd, name, &st, 0) < 0)
		goto out;
	if (S_ISREG(st.st_mode)) {
		if (mem_grow(&w->files, &w->cap, w->count, sizeof(*w->files)) < 0) {
			rc = err_nomem(err);
			goto out;
		}
		w->files[w->count].size_bytes = st.st_size;
		w->files[w->count++].rel = rel;
		return 0;
	}
	if (S_ISDIR(st.st_mode)) {
		dir = open_dir_at(dir_fd, name);
		if (dir)
			rc = collect(w, dir, rel, err);
		else if (errno != ENOENT && errno != ELOOP && errno != ENOTDIR)
			rc = err_set_errno(err, ERR_IO, errno, "cannot open the folder '%s'", rel);
	}
out:
	mem_free(rel);
	return rc;
}

/* Closes dir. */
static int collect(struct walk *w, DIR *dir, const char *prefix, struct err *err)
{
	struct dirent *entry;
	int rc = 0;

	while (rc == 0 && (entry = readdir(dir))) {
		if (!is_dots(entry->d_name))
			rc = collect_entry(w, dirfd(dir), entry->d_name, prefix, err);
	}
	closedir(dir);
	return rc;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct found_file *)a)->rel, ((const struct found_file *)b)->rel);
}

int file_walk(const char *dir, int (*fn)(void *arg, const char *rel, int64_t size_bytes), void *arg, struct err *err)
{
	struct walk w = { 0 };
	DIR *top = opendir(dir);
	int rc;

	if (!top)
		return err_set_errno(err, ERR_IO, errno, "cannot open the folder '%s'", dir);
	rc = collect(&w, top, "", err);
	if (rc == 0 && w.count > 1)
		qsort(w.files, w.count, sizeof(*w.files), by_path);
	for (size_t i = 0; i < w.count && rc == 0; i++)
		rc = fn(arg, w.files[i].rel, w.files[i].size_bytes);
	for (size_t i = 0; i < w.count; i++)
		mem_free(w.files[i].rel);
	mem_free(w.files);
	return rc;
}
