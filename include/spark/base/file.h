#ifndef SPARK_BASE_FILE_H
#define SPARK_BASE_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"

/* Appends the whole file. "-" is standard input. Errors: ERR_IO with strerror; longer than out->max: ERR_PARSE. */
int file_read(const char *path, struct buf *out, struct err *err) MUST_CHECK;
/* Writes a temporary file beside path, fsyncs, renames, fsyncs the folder: path holds the old or the new text. */
int file_write_atomic(const char *path, const void *data, size_t len, mode_t mode, struct err *err) MUST_CHECK;
/* All of data, however short the writes. */
int file_write_all(int fd, const void *data, size_t len, struct err *err) MUST_CHECK;
/* The folder and its parents; those made get `mode`. */
int file_make_dirs(const char *path, mode_t mode, struct err *err) MUST_CHECK;
int file_sync_dir(const char *path, struct err *err) MUST_CHECK;
bool file_exists(const char *path);
bool file_is_dir(const char *path);
/* Removes the file, or the folder with everything below; links are removed, not followed. A missing path is fine. */
int file_remove_tree(const char *path, struct err *err) MUST_CHECK;
/* Copies a folder's regular files, folders and modes (reflink or copy_file_range where the system can). */
int file_copy_tree(const char *from, const char *to, struct err *err) MUST_CHECK;
/* Calls fn for each regular file below dir, in byte order of the path; rel is the path from dir. fn returns
 * non-zero to stop, which is then returned. */
int file_walk(const char *dir, int (*fn)(void *arg, const char *rel, int64_t size_bytes), void *arg,
	      struct err *err) MUST_CHECK;
/* a + "/" + b, allocated. */
char *file_join(const char *a, const char *b) MUST_CHECK;
/* Takes an exclusive kernel lock (flock) on path, which dies with its owner, and writes "pid host since" into it.
 * Returns the descriptor (close releases), or -1: ERR_CONFLICT names pid, host and since of the holder. */
int file_lock(const char *path, const char *what, struct err *err) MUST_CHECK;

#endif
