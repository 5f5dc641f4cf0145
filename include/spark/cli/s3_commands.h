#ifndef SPARK_CLI_S3_COMMANDS_H
#define SPARK_CLI_S3_COMMANDS_H

#include "spark/cli/command.h"
#include "spark/cli/target.h"

/* The parts of `s3`. */
extern const struct command s3_ls_command, s3_cp_command, s3_rm_command, s3_mb_command, s3_rb_command;

/* Where something is copied from or to. */
struct s3_place {
	bool remote;
	char bucket[64];  /* remote */
	const char *key;  /* remote: behind the bucket, may be "" */
	const char *path; /* local; "-" is standard input or output */
};
int s3_place_parse(const char *text, struct s3_place *out, struct err *err) MUST_CHECK;
/* "s3://bucket/key", nothing else. */
int s3_place_parse_remote(const char *text, struct s3_place *out, struct err *err) MUST_CHECK;

/* Names gathered from a folder or a listing. */
struct s3_names {
	struct s3_name {
		char *name; /* path below the folder, or key */
		int64_t size_bytes;
	} * items;
	size_t count, cap;
};
int s3_names_add(struct s3_names *list, const char *name, int64_t size_bytes);
void s3_names_clear(struct s3_names *list);
/* Keys that end in '/' stand for folders in consoles; there is nothing to copy. */
bool s3_name_is_folder(const char *key, int64_t size_bytes);

/* All keys below the prefix. ERR_INTERRUPTED when the user stops it. */
int s3_names_list(const struct context *ctx, const struct target *t, const char *bucket, const char *prefix,
		  struct s3_names *out, struct err *err) MUST_CHECK;
/* The same while what is listed is worked on already: a thread of its own asks for the pages. Keys that stand for
 * folders are left out. bucket and prefix are lent until s3_ahead_stop(). */
struct s3_ahead;
struct s3_ahead *s3_ahead_start(const struct context *ctx, const struct target *t, const char *bucket,
				const char *prefix, struct err *err) MUST_CHECK;
/* 1 with the next key, out->name to be freed; 0 behind the last; S3_NEXT_LATER when it is not listed yet; -1 with err
 * behind the last that could be listed. */
int s3_ahead_next(struct s3_ahead *a, struct s3_name *out, struct err *err) MUST_CHECK;
/* Listed so far. *all: there are no more. */
size_t s3_ahead_count(struct s3_ahead *a, bool *all);
void s3_ahead_stop(struct s3_ahead *a); /* accepts NULL */
/* Deletes keys, a thousand with each call. *deleted counts. */
int s3_names_delete(const struct context *ctx, const struct target *t, const char *bucket, const struct s3_names *list,
		    size_t *deleted, struct err *err) MUST_CHECK;

#endif
