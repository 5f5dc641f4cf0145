#ifndef SPARK_AWS_S3_PART_PRIVATE_H
#define SPARK_AWS_S3_PART_PRIVATE_H

#include <stddef.h>

#include "spark/base/err.h"

/* The file that a download ends in: written beside its name, which it gets when it is whole. */
struct s3_part {
	int fd;     /* -1: closed */
	char *path; /* NULL: there is none */
};
#define S3_PART_NONE ((struct s3_part){ .fd = -1 })

/* Makes the folders that are missing. */
int s3_part_open(struct s3_part *p, const char *target, struct err *err) MUST_CHECK;
/* Gives it its name. */
int s3_part_commit(struct s3_part *p, const char *target, struct err *err) MUST_CHECK;
/* Removes one that was not committed. */
void s3_part_close(struct s3_part *p);

/* The folder that the last file was written into: mostly the next one goes there too, and the way need not be looked up
 * again. One that is moved elsewhere meanwhile takes the file along. */
struct s3_folder {
	char *path; /* with its slash at the end; NULL: there is none */
	int fd;     /* -1: closed */
};
#define S3_FOLDER_NONE ((struct s3_folder){ .fd = -1 })
void s3_folder_close(struct s3_folder *f);

/* All of it at once. */
int s3_part_write(struct s3_folder *last, const char *target, const char *data, size_t len, struct err *err) MUST_CHECK;

#endif
