#ifndef SPARK_SANDBOX_HTTP_S3_FORM_H
#define SPARK_SANDBOX_HTTP_S3_FORM_H

#include <stddef.h>

#include "spark/base/err.h"
#include <stdbool.h>

/* A form as browsers send it, multipart/form-data (RFC 7578), as far as S3 takes it: fields up to the file, which is a
 * piece of the body and never copied. What follows the file is ignored. */
#define S3_FORM_BOUNDARY_MAX 70
#define S3_FORM_BEFORE_MAX   ((size_t)20 * 1024) /* names and values before the file */
#define S3_FORM_FIELDS_MAX   100

struct s3_form_field {
	char *name, *value; /* UTF-8 */
};
struct s3_form {
	struct s3_form_field *fields;
	size_t count, cap;
	const char *file; /* in the body; NULL: there is none */
	size_t file_len;
	char *file_name; /* without folders; "" when none was told */
};

/* The boundary that a Content-Type names; false when it is no form or names none. */
bool s3_form_boundary(const char *content_type, char out[S3_FORM_BOUNDARY_MAX + 1]);
/* ERR_PARSE: no such form; ERR_CONFLICT: more before the file than the limits take. */
int s3_form_parse(const char *body, size_t len, const char *boundary, struct s3_form *out, struct err *err) MUST_CHECK;
/* In any letter case; NULL when absent. */
const char *s3_form_get(const struct s3_form *f, const char *name);
void s3_form_clear(struct s3_form *f);

#endif
