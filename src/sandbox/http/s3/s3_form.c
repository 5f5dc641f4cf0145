#include "sandbox/http/s3/s3_form.h"

#include <string.h>

#include "sandbox/http/s3/s3.h"
#include "spark/base/mem.h"

#define PART_HEAD_MAX ((size_t)4 * 1024)

bool s3_form_boundary(const char *content_type, char out[S3_FORM_BOUNDARY_MAX + 1])
{
	static const char type[] = "multipart/form-data", name[] = "boundary=";
	const char *p = content_type;
	size_t len;
	bool quoted;

	if (strncasecmp(p, type, sizeof(type) - 1) != 0)
		return false;
	do {
		p = strchr(p, ';');
		if (!p)
			return false;
		p++;
		p += strspn(p, " \t");
	} while (strncasecmp(p, name, sizeof(name) - 1) != 0);
	p += sizeof(name) - 1;
	quoted = *p == '"';
	p += quoted;
	len = strcspn(p, quoted ? "\"" : "; \t");
	if (len < 1 || len > S3_FORM_BOUNDARY_MAX || (quoted && p[len] != '"'))
		return false;
	memcpy(out, p, len);
	out[len] = 0;
	return true;
}

void s3_form_clear(struct s3_form *f)
{
	for (size_t i = 0; i < f->count; i++) {
		mem_free(f->fields[i].name);
		mem_free(f->fields[i].value);
	}
	mem_free(f->fields);
	mem_free(f->file_name);
	*f = (struct s3_form){ 0 };
}

const char *s3_form_get(const struct s3_form *f, const char *name)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcasecmp(f->fields[i].name, name) == 0)
			return f->fields[i].value;
	return NULL;
}

/* Where the reading is. */
struct reading {
	const char *at, *end;
	char mark[S3_FORM_BOUNDARY_MAX + 5]; /* "\r\n--boundary" */
	size_t mark_len;
	size_t before; /* bytes of names and values so far */
	struct s3_form *form;
};

/* One part, its bytes in the body. */
struct part {
	char name[256], file_name[1024];
	bool has_name, has_file_name;
	const char *data;
	size_t len;
};

static int fail(struct err *err, const char *what)
{
	return err_set(err, ERR_PARSE, "%s", what);
}

/* name="value" or name=value out of a header's value; a backslash saves a quote. False: absent or too long. */
static bool parameter(const char *text, const char *end, const char *name, char *out, size_t size)
{
	size_t name_len = strlen(name), n = 0;
	bool quoted = false;

	for (const char *p = text; p < end; p++) {
		if (*p == '"')
			quoted = !quoted;
		if (quoted || *p != ';')
			continue;
		p++;
		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		if ((size_t)(end - p) <= name_len || strncasecmp(p, name, name_len) != 0 || p[name_len] != '=') {
			p--;
			continue;
		}
		p += name_len + 1;
		quoted = p < end && *p == '"';
		for (p += quoted; p < end && *p != (quoted ? '"' : ';'); p++) {
			if (quoted && *p == '\\' && p + 1 < end && p[1] == '"')
				p++;
			if (n + 1 >= size)
				return false;
			out[n++] = *p;
		}
		out[n] = 0;
		return memchr(out, 0, n) == NULL;
	}
	return false;
}

/* One header line of a part. */
static void read_header(struct part *p, const char *line, const char *end)
{
	static const char name[] = "content-disposition:";

	if ((size_t)(end - line) < sizeof(name) - 1 || strncasecmp(line, name, sizeof(name) - 1) != 0)
		return;
	p->has_name = parameter(line, end, "name", p->name, sizeof(p->name));
	p->has_file_name = parameter(line, end, "filename", p->file_name, sizeof(p->file_name));
}

static int read_headers(struct reading *r, struct part *p, struct err *err)
{
	size_t left = (size_t)(r->end - r->at), seen = left < PART_HEAD_MAX ? left : PART_HEAD_MAX;
	const char *limit = r->at + seen;

	for (;;) {
		const char *eol = memmem(r->at, (size_t)(limit - r->at), "\r\n", 2);

		if (!eol)
			return fail(err, "a part's head has no end");
		if (eol == r->at) {
			r->at += 2;
			return 0;
		}
		read_header(p, r->at, eol);
		r->at = eol + 2;
	}
}

/* Up to the next boundary. *last: it was the one that ends the form. */
static int read_data(struct reading *r, struct part *p, bool *last, struct err *err)
{
	const char *mark;

	/* The line end in front of a boundary belongs to it; that of an empty part ends its head. */
	if ((size_t)(r->end - r->at) >= r->mark_len - 2 && memcmp(r->at, r->mark + 2, r->mark_len - 2) == 0)
		mark = r->at - 2;
	else
		mark = memmem(r->at, (size_t)(r->end - r->at), r->mark, r->mark_len);
	if (!mark)
		return fail(err, "a part has no end");
	p->data = r->at;
	p->len = mark > r->at ? (size_t)(mark - r->at) : 0;
	r->at = mark + r->mark_len;
	*last = r->end - r->at >= 2 && memcmp(r->at, "--", 2) == 0;
	if (!*last && (r->end - r->at < 2 || memcmp(r->at, "\r\n", 2) != 0))
		return fail(err, "a boundary's line goes on");
	r->at += 2;
	return 0;
}

static int take_file(struct reading *r, const struct part *p, struct err *err)
{
	const char *name = p->has_file_name ? p->file_name : "";
	size_t at = strlen(name);

	/* Old browsers tell the whole path. */
	while (at > 0 && name[at - 1] != '/' && name[at - 1] != '\\')
		at--;
	name += at;
	if (!s3_text_is_utf8(name, strlen(name)))
		return fail(err, "a file's name is not UTF-8");
	r->form->file = p->data;
	r->form->file_len = p->len;
	r->form->file_name = mem_strdup(name);
	return r->form->file_name ? 0 : err_nomem(err);
}

static int take_field(struct reading *r, const struct part *p, struct err *err)
{
	struct s3_form *f = r->form;
	struct s3_form_field *field;
	size_t name_len = strlen(p->name);

	r->before += name_len + p->len;
	if (r->before > S3_FORM_BEFORE_MAX || f->count == S3_FORM_FIELDS_MAX)
		return err_set(err, ERR_CONFLICT, "there is too much before the file");
	if (memchr(p->data, 0, p->len) || !s3_text_is_utf8(p->data, p->len) || !s3_text_is_utf8(p->name, name_len))
		return fail(err, "a field is not UTF-8");
	if (mem_grow(&f->fields, &f->cap, f->count, sizeof(*f->fields)) < 0)
		return err_nomem(err);
	field = &f->fields[f->count++];
	*field = (struct s3_form_field){ mem_strdup(p->name), mem_strndup(p->data, p->len) };
	return field->name && field->value ? 0 : err_nomem(err);
}

static int read_parts(struct reading *r, struct err *err)
{
	bool last = false;

	while (!last && !r->form->file) {
		struct part p = { .has_name = false };

		if (read_headers(r, &p, err) < 0 || read_data(r, &p, &last, err) < 0)
			return -1;
		if (!p.has_name)
			return fail(err, "a part has no name");
		if ((strcasecmp(p.name, "file") == 0 ? take_file(r, &p, err) : take_field(r, &p, err)) < 0)
			return -1;
	}
	return 0;
}

int s3_form_parse(const char *body, size_t len, const char *boundary, struct s3_form *out, struct err *err)
{
	struct s3_form form = { 0 };
	struct reading r = { .at = body, .end = body + len, .form = &form };

	r.mark_len = (size_t)snprintf(r.mark, sizeof(r.mark), "\r\n--%.70s", boundary);
	if (len < r.mark_len || memcmp(body, r.mark + 2, r.mark_len - 2) != 0 ||
	    memcmp(body + r.mark_len - 2, "\r\n", 2) != 0)
		return fail(err, "the form does not begin with its boundary");
	r.at += r.mark_len;
	if (read_parts(&r, err) < 0) {
		s3_form_clear(&form);
		return -1;
	}
	*out = form;
	return 0;
}
