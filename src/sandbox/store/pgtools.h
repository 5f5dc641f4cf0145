#ifndef SPARK_SANDBOX_STORE_PGTOOLS_H
#define SPARK_SANDBOX_STORE_PGTOOLS_H

#include <stdbool.h>
#include <sys/types.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"

#define PGTOOLS_MIN_VERSION 15

/* The programs of the PostgreSQL that the sandbox stands on, and who runs them. */
struct pgtools {
	char *bindir;
	int major;
	char version[32]; /* "15.20" */
	/* As root we may not run the server ourselves: user postgres, else nobody. Otherwise (uid_t)-1: as we are. */
	uid_t uid;
	gid_t gid;
	char user[64];
};

/* Looks in `bindir` when given, else asks pg_config, then /usr/lib/postgresql/N/bin (the newest), then PATH. The first
 * folder with postgres and initdb of version 15 or newer is taken; none: ERR_CONFIG that says what to install. */
int pgtools_find(const char *bindir, struct pgtools *out, struct err *err) MUST_CHECK;
void pgtools_clear(struct pgtools *t);

/* "postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)": 15 and "15.20". False when it is not of that form. */
bool pgtools_parse_version(const char *text, int *major, char *version, size_t size);
/* Appends root/N/bin for the highest N that is at least min; false when there is none. */
bool pgtools_newest(const char *root, int min, struct buf *path);
/* May that user enter the folder (every part of the path, by mode and owner)? The first part that stops him is
 * appended. */
bool pgtools_may_enter(const char *dir, uid_t uid, gid_t gid, struct buf *obstacle);
/* Gives the tree to the user who runs the server. */
int pgtools_own_tree(const struct pgtools *t, const char *path, struct err *err) MUST_CHECK;
/* A folder (0700) for that user; there already and owned by another one: ERR_CONFIG. */
int pgtools_make_dir(const struct pgtools *t, const char *path, struct err *err) MUST_CHECK;

/* Writes the file system that holds the folder to disk: one call instead of an fsync for each of a thousand files. */
int pgtools_sync(const char *dir, struct err *err) MUST_CHECK;

#endif
