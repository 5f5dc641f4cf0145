#ifndef SPARK_SANDBOX_UNLOAD_FILES_H
#define SPARK_SANDBOX_UNLOAD_FILES_H

#include "sandbox/unload/pack.h"
#include "sandbox/unload/row.h"

/* The files of a statement. While rows come they grow in a folder that nobody sees; they become objects together. */
struct unload_file {
	char *key;
	char *path;     /* NULL: it is an object by now */
	uint64_t bytes; /* as they lie there */
	int64_t rows;
	int64_t lines; /* with the header */
	char start[32], end[32];
};

struct unload_files {
	const struct copy_session *session;
	const struct unload_statement *s;
	const struct unload_columns *columns;
	/* May an object of that key be written? Asked before it is begun. */
	int (*allowed)(void *arg, const char *key, struct err *err);
	void *allowed_arg;

	struct unload_file *items;
	size_t count, cap;
	struct unload_pack pack; /* of the last one, while it grows */
	bool growing;
	struct buf pending;        /* rows of it that are not written yet */
	struct buf folder, wanted; /* where it lies; where the next row belongs */
	int64_t rows;
};

void unload_files_init(struct unload_files *f, const struct copy_session *session, const struct unload_statement *s,
		       const struct unload_columns *columns);
/* What all keys begin with: the address's prefix, with a slash when partitions follow. */
int unload_files_prefix(const struct unload_statement *s, struct buf *out, struct err *err) MUST_CHECK;
/* The key of the file `part` in a folder. */
int unload_files_key(const struct unload_statement *s, const char *folder, unsigned part, struct buf *out,
		     struct err *err) MUST_CHECK;
int unload_files_row(struct unload_files *f, const struct unload_value *values, struct err *err) MUST_CHECK;
/* No row follows. A query without rows makes one file without rows. */
int unload_files_finish(struct unload_files *f, struct err *err) MUST_CHECK;
/* A file that is there whole, as the manifest is. */
int unload_files_add(struct unload_files *f, const char *key, const struct buf *text, struct err *err) MUST_CHECK;
/* All become objects, or none. */
int unload_files_publish(struct unload_files *f, struct err *err) MUST_CHECK;
bool unload_files_have(const struct unload_files *f, const char *key);
void unload_files_clear(struct unload_files *f); /* what is no object is removed */

#endif
