#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sandbox/store/pgserver.h"
#include "spark/base/file.h"
#include "spark/base/hash.h"
#include "spark/base/mem.h"

#define SOCKET_NAME  "/.s.PGSQL.5432"
#define MOVED_PREFIX "/tmp/sparkctl-"

/* Clusters come and go at the same time: the folder that all of them share goes with the last, and must not go between
 * its making and that of what lies in it. */
static pthread_mutex_t shared_parent = PTHREAD_MUTEX_INITIALIZER;

static bool fits(const char *dir)
{
	return strlen(dir) + strlen(SOCKET_NAME) < sizeof(((struct sockaddr_un *)0)->sun_path);
}

/* A parent that the server's user may pass through but not read. */
static int make_parent(const struct pgtools *t, const char *path, struct err *err)
{
	mode_t mode = t->uid == (uid_t)-1 ? 0700 : 0711;
	struct stat st;

	if (mkdir(path, mode) && errno != EEXIST)
		return err_set_errno(err, ERR_IO, errno, "cannot make the folder '%s'", path);
	if (lstat(path, &st))
		return err_set_errno(err, ERR_IO, errno, "cannot look at '%s'", path);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid()) {
		err_set(err, ERR_CONFIG, "'%s' belongs to somebody else", path);
		return err_hint(err, "remove it, or choose a shorter --dir, so that it is not needed");
	}
	if ((st.st_mode & 07777) != mode && chmod(path, mode))
		return err_set_errno(err, ERR_IO, errno, "cannot set the mode of '%s'", path);
	return 0;
}

static int short_hash(const char *text, char out[17], struct err *err)
{
	char hex[SHA256_HEX];

	if (hash_sha256_hex(text, strlen(text), hex, err))
		return -1;
	memcpy(out, hex, 16);
	out[16] = 0;
	return 0;
}

/* The way out when the sandbox's folder lies too deep. */
static char *moved_dir(const struct pgtools *t, const char *home, const char *run, const char *name, struct err *err)
{
	char home_hash[17], name_hash[17], parent[80], *dir = NULL, *note = NULL;

	if (short_hash(home, home_hash, err) || short_hash(name, name_hash, err))
		return NULL;
	snprintf(parent, sizeof(parent), MOVED_PREFIX "%lu-%s", (unsigned long)geteuid(), home_hash);
	note = file_join(run, "moved");
	if (!note) {
		err_nomem(err);
		return NULL;
	}
	if (!make_parent(t, parent, err) && !file_write_atomic(note, parent, strlen(parent), 0600, err)) {
		dir = file_join(parent, name_hash);
		if (!dir)
			err_nomem(err);
	}
	mem_free(note);
	return dir;
}

static char *make_dir(const struct pgtools *t, const char *home, const char *name, struct err *err)
{
	char *run = file_join(home, "run"), *dir = run ? file_join(run, name) : NULL;

	if (!dir) {
		err_nomem(err);
		goto failed;
	}
	if (make_parent(t, run, err))
		goto failed;
	if (!fits(dir)) {
		mem_free(dir);
		dir = moved_dir(t, home, run, name, err);
		if (!dir)
			goto failed;
	}
	if (pgtools_make_dir(t, dir, err))
		goto failed;
	mem_free(run);
	return dir;
failed:
	mem_free(run);
	mem_free(dir);
	return NULL;
}

char *pgsocket_dir(const struct pgtools *t, const char *home, const char *name, struct err *err)
{
	char *dir;

	pthread_mutex_lock(&shared_parent);
	dir = make_dir(t, home, name, err);
	pthread_mutex_unlock(&shared_parent);
	return dir;
}

void pgsocket_remove(const char *socket_dir)
{
	const char *slash;
	char *parent;

	if (!socket_dir || file_remove_tree(socket_dir, NULL))
		return;
	slash = strrchr(socket_dir, '/');
	if (!slash || strncmp(socket_dir, MOVED_PREFIX, strlen(MOVED_PREFIX)) != 0)
		return;
	parent = mem_strndup(socket_dir, (size_t)(slash - socket_dir));
	/* Only when it is empty: other clusters' folders may be in it. */
	pthread_mutex_lock(&shared_parent);
	if (parent && rmdir(parent))
		errno = 0;
	pthread_mutex_unlock(&shared_parent);
	mem_free(parent);
}
