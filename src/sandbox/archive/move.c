#include "sandbox/archive/move.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "sandbox/archive/tar.h"
#include "sandbox/home.h"
#include "sandbox/store/pgtools.h"
#include "spark/base/file.h"
#include "spark/base/json.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

#define MANIFEST     "sparkctl-sandbox.json"
#define FORMAT       1
#define MANIFEST_MAX 4096
#define UNFINISHED   "import-unfinished"

/* What a sandbox's folder holds and a move takes along; the rest is made anew or belongs to a running daemon. `store`
 * comes last: where it is, the import is whole. */
static const struct part {
	const char *name;
	bool folder, of_server; /* the folders in it belong to the user who runs PostgreSQL */
} parts[] = {
	{ "credentials", false, false },
	{ "ca.pem", false, false },
	{ "ca-key.pem", false, false },
	{ "requests.jsonl", false, false },
	{ "requests.jsonl.old", false, false },
	{ "objects", true, false },
	{ "clusters", true, true },
	{ "snapshots", true, true },
	{ "statements", true, false },
	{ "store", true, false },
};
#define PART_COUNT (sizeof(parts) / sizeof(*parts))

/* The part that a name in the archive belongs to. */
static const struct part *part_of(const char *name)
{
	size_t len = strcspn(name, "/");

	for (size_t i = 0; i < PART_COUNT; i++)
		if (strlen(parts[i].name) == len && !strncmp(parts[i].name, name, len) &&
		    (parts[i].folder || !name[len]))
			return &parts[i];
	return NULL;
}

static bool has_clusters(const char *dir, const char *part)
{
	char *path = file_join(dir, part);
	DIR *d = path ? opendir(path) : NULL;
	struct dirent *entry;
	bool found = false;

	while (d && !found && (entry = readdir(d)))
		found = entry->d_name[0] != '.';
	if (d)
		closedir(d);
	mem_free(path);
	return found;
}

static int add_manifest(struct tar_writer *w, const char *dir, const char *pg_bindir, struct err *err)
{
	struct json *doc = json_new_object();
	struct pgtools tools = { .major = 0 };
	struct utsname machine;
	struct buf text;
	int rc = -1;

	buf_init(&text, MANIFEST_MAX);
	/* Without clusters it matters to nobody which PostgreSQL there is, or whether. */
	if ((has_clusters(dir, "clusters") || has_clusters(dir, "snapshots")) && pgtools_find(pg_bindir, &tools, err))
		goto out;
	uname(&machine);
	if (!doc || json_set_int(doc, "format", FORMAT) || json_set_str(doc, "version", SPARK_VERSION) ||
	    json_set_str(doc, "machine", machine.machine) || json_set_int(doc, "postgresql", tools.major)) {
		err_nomem(err);
		goto out;
	}
	if (!json_print(doc, true, &text, err))
		rc = tar_add_text(w, MANIFEST, &text, err);
out:
	pgtools_clear(&tools);
	buf_clear(&text);
	json_free(doc);
	return rc;
}

static int add_file(struct tar_writer *w, const char *path, const char *name, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), rc = -1;
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		err_set_errno(err, ERR_IO, errno, "cannot read '%s'", path);
	else
		rc = tar_add_file(w, name, st.st_mode & 0777, fd, st.st_size, err);
	if (fd >= 0)
		close(fd);
	return rc;
}

static int add_found(struct tar_writer *w, const FTSENT *e, size_t skip, struct err *err)
{
	const char *name = e->fts_path + skip;

	switch (e->fts_info) {
	case FTS_D:
		return tar_add_folder(w, name, e->fts_statp->st_mode & 0777, err);
	case FTS_F:
		/* Its server is gone; a new one would take the file for another's. */
		return strcmp(e->fts_name, "postmaster.pid") ? add_file(w, e->fts_path, name, err) : 0;
	case FTS_DP:
		return 0;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		return err_set_errno(err, ERR_IO, e->fts_errno, "cannot read '%s'", e->fts_path);
	default:
		log_warn("'%s' is neither file nor folder: it stays behind", e->fts_path);
		return 0;
	}
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int add_part(struct tar_writer *w, const char *dir, const struct part *part, struct err *err)
{
	char *roots[] = { file_join(dir, part->name), NULL };
	FTS *walk = NULL;
	FTSENT *entry;
	int rc = 0;

	if (!roots[0])
		return err_nomem(err);
	if (!file_exists(roots[0]))
		goto out;
	walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	if (!walk) {
		rc = err_set_errno(err, ERR_IO, errno, "cannot walk '%s'", roots[0]);
		goto out;
	}
	while (!rc && (entry = fts_read(walk)))
		rc = add_found(w, entry, strlen(dir) + 1, err);
out:
	if (walk)
		fts_close(walk);
	mem_free(roots[0]);
	return rc;
}

static bool has_store(const struct home *h)
{
	char *store = file_join(h->dir, "store");
	bool found = store && file_is_dir(store);

	mem_free(store);
	return found;
}

int move_export(const char *dir, const char *file, const char *pg_bindir, struct err *err)
{
	struct tar_writer *w = NULL;
	struct home home;
	int rc = -1;

	if (home_open(&home, dir, err))
		return -1;
	if (!has_store(&home)) {
		err_set(err, ERR_CONFIG, "there is no sandbox in '%s'", dir);
		err_hint(err, "'sparkctl sandbox start' makes one");
		goto out;
	}
	if (tar_create(file, &w, err) || add_manifest(w, home.dir, pg_bindir, err))
		goto out;
	for (size_t i = 0; i < PART_COUNT; i++)
		if (add_part(w, home.dir, &parts[i], err))
			goto out;
	rc = tar_finish(w, err);
	w = NULL;
out:
	tar_abort(w);
	home_close(&home);
	return rc;
}

static int check_manifest(const struct json *doc, const char *file, const char *pg_bindir, struct err *err)
{
	int64_t format = json_int(doc, "format", 0), major = json_int(doc, "postgresql", 0);
	struct pgtools tools = { .major = 0 };
	struct utsname machine;
	int rc = 0;

	if (format != FORMAT) {
		err_set(err, ERR_CONFIG, "'%s' is of the form %lld, this program knows %d", file, (long long)format,
			FORMAT);
		return err_hint(err, "it was made by sparkctl %.40s", json_str(doc, "version", "?"));
	}
	if (!major)
		return 0;
	uname(&machine);
	if (strcmp(json_str(doc, "machine", ""), machine.machine) != 0)
		return err_set(err, ERR_CONFIG,
			       "the clusters in '%s' are of a machine of the kind '%.40s', this is '%s'", file,
			       json_str(doc, "machine", ""), machine.machine);
	if (pgtools_find(pg_bindir, &tools, err))
		return -1;
	if (tools.major != major) {
		err_set(err, ERR_CONFIG, "the clusters in '%s' are of PostgreSQL %lld, here is %d", file,
			(long long)major, tools.major);
		rc = err_hint(err, "install PostgreSQL %lld, or name its folder with --pg-bindir", (long long)major);
	}
	pgtools_clear(&tools);
	return rc;
}

/* The first entry says what the rest is. */
static int read_manifest(struct tar_reader *r, const char *file, const char *pg_bindir, struct err *err)
{
	struct tar_entry e;
	char text[MANIFEST_MAX];
	struct json *doc = NULL;
	ssize_t got;
	int rc = tar_next(r, &e, err);

	if (rc < 0)
		return -1;
	if (!rc || strcmp(e.name, MANIFEST) != 0 || e.type != TAR_FILE || e.size > MANIFEST_MAX) {
		err_set(err, ERR_PARSE, "'%s' is no archive of a sandbox", file);
		return err_hint(err, "'sparkctl sandbox export' makes one");
	}
	got = tar_read(r, text, sizeof(text), err);
	if (got < 0)
		return -1;
	doc = json_parse(text, (size_t)got, err);
	rc = doc ? check_manifest(doc, file, pg_bindir, err) : err_wrap(err, "'%s'", file);
	json_free(doc);
	return rc;
}

static int write_file(struct tar_reader *r, const char *path, const struct tar_entry *e, struct err *err)
{
	char piece[16384];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600), rc = -1;
	ssize_t got;

	if (fd < 0)
		return err_set_errno(err, ERR_IO, errno, "cannot write '%s'", path);
	while ((got = tar_read(r, piece, sizeof(piece), err)) > 0)
		if (file_write_all(fd, piece, (size_t)got, err))
			goto out;
	if (got < 0)
		goto out;
	rc = fchmod(fd, e->mode) ? err_set_errno(err, ERR_IO, errno, "cannot set the mode of '%s'", path) : 0;
out:
	if (close(fd) && !rc)
		rc = err_set_errno(err, ERR_IO, errno, "cannot write '%s'", path);
	return rc;
}

/* Names are safe and folders are made by us alone, with O_EXCL and mkdir: there is no link to follow. */
static int extract_entry(struct tar_reader *r, const char *to, const struct tar_entry *e, struct err *err)
{
	const struct part *part = part_of(e->name);
	bool top = !strchr(e->name, '/');
	char *path;
	int rc;

	if (!part || (top && part->folder != (e->type == TAR_FOLDER)))
		return err_set(err, ERR_PARSE, "an archive of a sandbox has no '%.200s'", e->name);
	path = file_join(to, e->name);
	if (!path)
		return err_nomem(err);
	if (e->type == TAR_FILE)
		rc = write_file(r, path, e, err);
	else
		rc = mkdir(path, (e->mode & 0777) | 0700) ? err_set_errno(err, ERR_IO, errno, "cannot make '%s'", path)
							  : 0;
	mem_free(path);
	return rc;
}

/* As root the servers run as another user, who has to pass through the folder above and own what is in it. */
static int give_to_server(const char *to, const struct part *part, const struct pgtools *tools, struct err *err)
{
	char *dir = file_join(to, part->name), *path;
	DIR *d = dir ? opendir(dir) : NULL;
	struct dirent *entry;
	int rc = 0;

	if (!dir)
		return err_nomem(err);
	if (d && chmod(dir, tools->uid == (uid_t)-1 ? 0700 : 0711))
		rc = err_set_errno(err, ERR_IO, errno, "cannot set the mode of '%s'", dir);
	while (d && !rc && (entry = readdir(d))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		path = file_join(dir, entry->d_name);
		rc = path ? pgtools_own_tree(tools, path, err) : err_nomem(err);
		mem_free(path);
	}
	if (d)
		closedir(d);
	mem_free(dir);
	return rc;
}

static int give_servers(const char *to, const char *pg_bindir, struct err *err)
{
	struct pgtools tools = { .major = 0 };
	int rc = 0;

	if (!has_clusters(to, "clusters") && !has_clusters(to, "snapshots"))
		return 0;
	if (pgtools_find(pg_bindir, &tools, err))
		return -1;
	for (size_t i = 0; i < PART_COUNT && !rc; i++)
		if (parts[i].of_server)
			rc = give_to_server(to, &parts[i], &tools, err);
	pgtools_clear(&tools);
	return rc;
}

/* One call for the whole file system instead of an fsync for each of thousands of files. */
static int sync_disk(const char *dir, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

	if (fd < 0 || syncfs(fd))
		rc = err_set_errno(err, ERR_IO, errno, "cannot write '%s' to disk", dir);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* What an import that was killed has left is in nobody's use: there is no store beside it. */
static int put_in_place(const char *from, const char *dir, struct err *err)
{
	for (size_t i = 0; i < PART_COUNT; i++) {
		char *old = file_join(from, parts[i].name), *new = file_join(dir, parts[i].name);
		int rc = 0;

		if (!old || !new)
			rc = err_nomem(err);
		else if (file_remove_tree(new, err))
			rc = -1;
		else if (file_exists(old) && rename(old, new))
			rc = err_set_errno(err, ERR_IO, errno, "cannot rename '%s'", old);
		mem_free(old);
		mem_free(new);
		if (rc)
			return -1;
	}
	return sync_disk(dir, err);
}

static int extract(struct tar_reader *r, const char *to, const char *pg_bindir, struct err *err)
{
	struct tar_entry e;
	int more;

	while ((more = tar_next(r, &e, err)) > 0)
		if (extract_entry(r, to, &e, err))
			return -1;
	return more || give_servers(to, pg_bindir, err) ? -1 : sync_disk(to, err);
}

static int import_into(struct home *h, struct tar_reader *r, const char *pg_bindir, struct err *err)
{
	char *fresh = file_join(h->dir, UNFINISHED), *store = file_join(h->dir, UNFINISHED "/store");
	int rc = -1;

	if (!fresh || !store) {
		err_nomem(err);
		goto out;
	}
	if (file_remove_tree(fresh, err))
		goto out;
	if (mkdir(fresh, 0700)) {
		err_set_errno(err, ERR_IO, errno, "cannot make '%s'", fresh);
		goto out;
	}
	if (!extract(r, fresh, pg_bindir, err)) {
		if (!file_is_dir(store))
			err_set(err, ERR_PARSE, "the archive holds no resources");
		else
			rc = put_in_place(fresh, h->dir, err);
	}
	if (file_remove_tree(fresh, NULL))
		log_warn("'%s' cannot be removed", fresh);
out:
	mem_free(store);
	mem_free(fresh);
	return rc;
}

int move_import(const char *dir, const char *file, const char *pg_bindir, struct err *err)
{
	struct tar_reader *r = NULL;
	struct home home;
	int fd = open(file, O_RDONLY | O_CLOEXEC), rc = -1;

	if (fd < 0)
		return err_set_errno(err, ERR_IO, errno, "cannot read '%s'", file);
	if (tar_open(fd, file, &r, err))
		return -1;
	if (read_manifest(r, file, pg_bindir, err) || home_open(&home, dir, err))
		goto out;
	if (has_store(&home)) {
		err_set(err, ERR_CONFLICT, "there is a sandbox in '%s' already", dir);
		err_hint(err, "'sparkctl sandbox reset' empties it, --sandbox-dir names another folder");
	} else {
		rc = import_into(&home, r, pg_bindir, err);
	}
	home_close(&home);
out:
	tar_close(r);
	return rc;
}
