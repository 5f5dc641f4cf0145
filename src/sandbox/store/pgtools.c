#include "sandbox/store/pgtools.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spark/base/file.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"
#include "spark/base/proc.h"

#define DEBIAN_ROOT "/usr/lib/postgresql"
#define ASK_MS      10000

bool pgtools_parse_version(const char *text, int *major, char *version, size_t size)
{
	const char *at = strstr(text, "(PostgreSQL) ");
	size_t len;
	long n;

	if (!at)
		return false;
	at += strlen("(PostgreSQL) ");
	if (!isdigit((unsigned char)*at))
		return false;
	n = strtol(at, NULL, 10);
	/* "15.20", "17beta1" */
	for (len = 0; isalnum((unsigned char)at[len]) || at[len] == '.';)
		len++;
	if (n > 1000 || len >= size)
		return false;
	memcpy(version, at, len);
	version[len] = 0;
	*major = (int)n;
	return true;
}

bool pgtools_newest(const char *root, int min, struct buf *path)
{
	DIR *dir = opendir(root);
	struct dirent *entry;
	long best = 0;

	if (!dir)
		return false;
	while ((entry = readdir(dir))) {
		char *end;
		long n = strtol(entry->d_name, &end, 10);

		if (isdigit((unsigned char)entry->d_name[0]) && !*end && n >= min && n > best && n < 1000) {
			char program[512];

			snprintf(program, sizeof(program), "%s/%ld/bin/postgres", root, n);
			if (!access(program, X_OK))
				best = n;
		}
	}
	closedir(dir);
	if (best)
		buf_printf(path, "%s/%ld/bin", root, best);
	return best > 0;
}

/* Which user runs the servers. */
static int choose_user(struct pgtools *t, struct err *err)
{
	static const char *const names[] = { "postgres", "nobody" };
	char text[4096];
	struct passwd entry, *found = NULL;

	t->uid = (uid_t)-1;
	t->gid = (gid_t)-1;
	if (geteuid() != 0)
		return 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !found; i++)
		if (getpwnam_r(names[i], &entry, text, sizeof(text), &found))
			found = NULL;
	if (!found || found->pw_uid == 0) {
		err_set(err, ERR_CONFIG,
			"PostgreSQL does not run as root, and there is no user 'postgres' or 'nobody'");
		return err_hint(err, "run the sandbox as an ordinary user, or add a user 'postgres'");
	}
	t->uid = found->pw_uid;
	t->gid = found->pw_gid;
	snprintf(t->user, sizeof(t->user), "%s", found->pw_name);
	return 0;
}

/* 0: usable, and t says what it is; -1: err says why not. */
static int try_folder(const char *dir, struct pgtools *t, struct err *err)
{
	char *postgres = file_join(dir, "postgres"), *initdb = file_join(dir, "initdb");
	const char *argv[] = { postgres, "--version", NULL };
	struct buf text;
	int code = 0, rc = -1;

	buf_init(&text, 4096);
	if (!postgres || !initdb) {
		err_nomem(err);
		goto out;
	}
	if (access(postgres, X_OK) || access(initdb, X_OK)) {
		err_set(err, ERR_CONFIG, "there is no PostgreSQL server in '%s'", dir);
		goto out;
	}
	if (proc_run(argv, t->uid, t->gid, ASK_MS, &text, &code, err)) {
		err_wrap(err, "cannot run PostgreSQL");
		goto out;
	}
	if (code || !pgtools_parse_version(text.data, &t->major, t->version, sizeof(t->version))) {
		err_set(err, ERR_CONFIG, "'%s' does not tell its version", postgres);
		goto out;
	}
	if (t->major < PGTOOLS_MIN_VERSION) {
		err_set(err, ERR_CONFIG, "PostgreSQL %s in '%s' is too old", t->version, dir);
		goto out;
	}
	t->bindir = mem_strdup(dir);
	rc = t->bindir ? 0 : err_nomem(err);
out:
	mem_free(postgres);
	mem_free(initdb);
	buf_clear(&text);
	return rc;
}

static bool ask_pg_config(struct buf *dir)
{
	static const char *const argv[] = { "pg_config", "--bindir", NULL };
	int code = 0;

	if (proc_run(argv, (uid_t)-1, (gid_t)-1, ASK_MS, dir, &code, NULL) || code)
		return false;
	while (dir->len && isspace((unsigned char)dir->data[dir->len - 1]))
		buf_cut(dir, dir->len - 1);
	return dir->len > 0;
}

static bool ask_debian(struct buf *dir)
{
	return pgtools_newest(DEBIAN_ROOT, PGTOOLS_MIN_VERSION, dir);
}

static bool ask_path(struct buf *dir)
{
	char *slash;

	if (!proc_find("postgres", NULL, dir))
		return false;
	slash = strrchr(dir->data, '/');
	if (!slash)
		return false;
	buf_cut(dir, (size_t)(slash - dir->data));
	return dir->len > 0;
}

int pgtools_find(const char *bindir, struct pgtools *out, struct err *err)
{
	static bool (*const places[])(struct buf *) = { ask_pg_config, ask_debian, ask_path };
	struct pgtools t = { 0 };
	struct err why = { 0 };
	struct buf dir;
	int rc = -1;

	if (choose_user(&t, err))
		return -1;
	buf_init(&dir, 8192);
	if (bindir && *bindir) {
		rc = try_folder(bindir, &t, err);
		if (rc)
			err_hint(err, "pg_bindir (--pg-bindir) must name the bin folder of PostgreSQL %d or newer",
				 PGTOOLS_MIN_VERSION);
		goto out;
	}
	for (size_t i = 0; rc && i < sizeof(places) / sizeof(places[0]); i++) {
		buf_reset(&dir);
		if (places[i](&dir) && !dir.failed) {
			rc = try_folder(dir.data, &t, &why);
			log_debug("PostgreSQL in '%s': %s", dir.data, rc ? why.text : t.version);
		}
	}
	if (rc) {
		err_set(err, ERR_CONFIG, "PostgreSQL %d or newer is not installed", PGTOOLS_MIN_VERSION);
		err_hint(err,
			 "apt-get install postgresql-15, or name its bin folder by pg_bindir in section [SANDBOX]");
	}
out:
	buf_clear(&dir);
	if (rc)
		pgtools_clear(&t);
	else
		*out = t;
	return rc;
}

void pgtools_clear(struct pgtools *t)
{
	mem_free(t->bindir);
	memset(t, 0, sizeof(*t));
}

static bool may_search(const struct stat *st, uid_t uid, gid_t gid)
{
	if (st->st_uid == uid)
		return st->st_mode & S_IXUSR;
	if (st->st_gid == gid)
		return st->st_mode & S_IXGRP;
	return st->st_mode & S_IXOTH;
}

bool pgtools_may_enter(const char *dir, uid_t uid, gid_t gid, struct buf *obstacle)
{
	char *path = mem_strdup(dir);
	bool may = path != NULL;

	for (char *p = path; may && p && *p;) {
		char *next = strchr(p + 1, '/'), kept = 0;
		struct stat st;

		if (next) {
			kept = *next;
			*next = 0;
		}
		if (stat(path, &st) || !S_ISDIR(st.st_mode) || !may_search(&st, uid, gid)) {
			buf_puts(obstacle, path);
			may = false;
		}
		if (next)
			*next = kept;
		p = next;
	}
	mem_free(path);
	return may;
}

int pgtools_own_tree(const struct pgtools *t, const char *path, struct err *err)
{
	char *roots[] = { mem_strdup(path), NULL };
	FTS *walk = NULL;
	FTSENT *entry;
	int rc = 0;

	if (!roots[0])
		return err_nomem(err);
	if (t->uid == (uid_t)-1)
		goto out;
	walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	if (!walk) {
		rc = err_set_errno(err, ERR_IO, errno, "cannot walk '%s'", path);
		goto out;
	}
	while (!rc && (entry = fts_read(walk)))
		if (entry->fts_info != FTS_DP && lchown(entry->fts_accpath, t->uid, t->gid))
			rc = err_set_errno(err, ERR_IO, errno, "cannot give '%s' to user %s", entry->fts_path, t->user);
out:
	if (walk)
		fts_close(walk);
	mem_free(roots[0]);
	return rc;
}

int pgtools_make_dir(const struct pgtools *t, const char *path, struct err *err)
{
	uid_t owner = t->uid == (uid_t)-1 ? geteuid() : t->uid;
	struct stat st;

	if (mkdir(path, 0700) && errno != EEXIST)
		return err_set_errno(err, ERR_IO, errno, "cannot make the folder '%s'", path);
	/* Others could have been here first when it lies in /tmp. */
	if (lstat(path, &st))
		return err_set_errno(err, ERR_IO, errno, "cannot look at '%s'", path);
	if (!S_ISDIR(st.st_mode) || (st.st_uid != geteuid() && st.st_uid != owner)) {
		err_set(err, ERR_CONFIG, "'%s' belongs to somebody else", path);
		return err_hint(err, "remove it, or choose another folder with --dir");
	}
	if ((st.st_mode & 07777) != 0700 && chmod(path, 0700))
		return err_set_errno(err, ERR_IO, errno, "cannot set the mode of '%s'", path);
	if (st.st_uid != owner && lchown(path, owner, t->gid))
		return err_set_errno(err, ERR_IO, errno, "cannot give '%s' to user %s", path, t->user);
	return 0;
}

int pgtools_sync(const char *dir, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

	if (fd < 0 || syncfs(fd))
		rc = err_set_errno(err, ERR_IO, errno, "cannot write '%s' to disk", dir);
	if (fd >= 0)
		close(fd);
	return rc;
}
