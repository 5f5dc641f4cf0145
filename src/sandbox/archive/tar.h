#ifndef SPARK_SANDBOX_ARCHIVE_TAR_H
#define SPARK_SANDBOX_ARCHIVE_TAR_H

#include <stdint.h>
#include <sys/types.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"

/* Archives of files and folders: POSIX ustar with pax records for long names and big files, compressed with Zstandard,
 * checksum included. `tar --zstd -tf` lists them. */

#define TAR_BLOCK    512
#define TAR_NAME_MAX 4096

enum tar_type { TAR_FILE, TAR_FOLDER };

struct tar_entry {
	char name[TAR_NAME_MAX]; /* relative, parts divided by one '/', none of them empty, "." or ".." */
	enum tar_type type;
	mode_t mode; /* permissions only */
	int64_t size;
};

struct tar_writer;
/* Writes beside `path`; the file appears at tar_finish(), with mode 0600. */
int tar_create(const char *path, struct tar_writer **out, struct err *err) MUST_CHECK;
int tar_add_folder(struct tar_writer *w, const char *name, mode_t mode, struct err *err) MUST_CHECK;
/* Exactly size bytes of fd: ERR_IO when it holds fewer. */
int tar_add_file(struct tar_writer *w, const char *name, mode_t mode, int fd, int64_t size, struct err *err) MUST_CHECK;
int tar_add_text(struct tar_writer *w, const char *name, const struct buf *text, struct err *err) MUST_CHECK;
int tar_finish(struct tar_writer *w, struct err *err) MUST_CHECK; /* frees w, also on failure */
void tar_abort(struct tar_writer *w);                             /* accepts NULL */

struct tar_reader;
/* Takes fd, also on failure; `name` is for messages and lent. */
int tar_open(int fd, const char *name, struct tar_reader **out, struct err *err) MUST_CHECK;
/* 1 and the next entry, 0 at the archive's proper end; what was left of the entry before is passed over. Links, devices
 * and names that lead out of the folder: ERR_PARSE, like everything that is damaged or cut. */
int tar_next(struct tar_reader *r, struct tar_entry *out, struct err *err) MUST_CHECK;
/* Up to len bytes of the entry's: the number, 0 at its end, -1. */
ssize_t tar_read(struct tar_reader *r, void *to, size_t len, struct err *err) MUST_CHECK;
void tar_close(struct tar_reader *r);

/* Is it a name that tar_entry may have? */
bool tar_name_is_safe(const char *name);

#endif
