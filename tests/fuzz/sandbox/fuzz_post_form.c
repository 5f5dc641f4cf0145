/* Layer: sandbox. A form is refused, or its fields are texts within the limits and its file is a piece of the body.
 * Input: the Content-Type in the first line, the body behind it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/http/s3/s3.h"
#include "sandbox/http/s3/s3_form.h"
#include "spark/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_form(const struct s3_form *f, const char *body, size_t len)
{
	size_t before = 0;

	if (f->count > S3_FORM_FIELDS_MAX)
		abort();
	for (size_t i = 0; i < f->count; i++) {
		const struct s3_form_field *field = &f->fields[i];

		before += strlen(field->name) + strlen(field->value);
		if (!s3_text_is_utf8(field->name, strlen(field->name)) ||
		    !s3_text_is_utf8(field->value, strlen(field->value)) || !s3_form_get(f, field->name))
			abort();
	}
	if (before > S3_FORM_BEFORE_MAX)
		abort();
	if (!f->file)
		return;
	if (f->file < body || f->file_len > len || f->file > body + len - f->file_len)
		abort();
	if (strpbrk(f->file_name, "/\\") || !s3_text_is_utf8(f->file_name, strlen(f->file_name)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *line = size ? memchr(text, '\n', size) : NULL;
	char boundary[S3_FORM_BOUNDARY_MAX + 1];
	struct s3_form form = { 0 };
	struct err err;
	char *type, *body;
	size_t len;

	if (!line)
		return 0;
	/* Of its own, so that a read beyond its end is seen. */
	len = size - (size_t)(line + 1 - text);
	type = mem_strndup(text, (size_t)(line - text));
	body = mem_alloc(len ? len : 1);
	if (!type || !body)
		abort();
	memcpy(body, line + 1, len);
	if (s3_form_boundary(type, boundary) && strlen(boundary) <= S3_FORM_BOUNDARY_MAX) {
		if (s3_form_parse(body, len, boundary, &form, &err) == 0)
			check_form(&form, body, len);
		else if (err.kind != ERR_PARSE && err.kind != ERR_CONFLICT)
			abort();
	}
	s3_form_clear(&form);
	mem_free(body);
	mem_free(type);
	return 0;
}
