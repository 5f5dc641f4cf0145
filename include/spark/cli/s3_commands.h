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

/* All keys below the prefix. ERR_INTERRUPTED when the user stops it. */
int s3_names_list(const struct context *ctx, const struct target *t, const char *bucket, const char *prefix,
		  struct s3_names *out, struct err *err) MUST_CHECK;
/* Deletes keys, a thousand with each call. *deleted counts. */
int s3_names_delete(const struct context *ctx, const struct target *t, const char *bucket, const struct s3_names *list,
		    size_t *deleted, struct err *err) MUST_CHECK;

#endif
