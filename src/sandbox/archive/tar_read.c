#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

#include "sandbox/archive/tar.h"
#include "sandbox/archive/tar_header.h"
#include "spark/base/mem.h"

#define PIECE       ((size_t)128 * 1024)
#define RECORDS_MAX ((int64_t)64 * 1024)

struct tar_reader {
	int fd;
	const char *name;
	ZSTD_DCtx *zstd;
	char bytes[PIECE];
	ZSTD_inBuffer in;
	bool frame_over; /* the last byte of the compressed frame was seen */
	int64_t left;    /* of the entry's data */
	int64_t pad;     /* behind it */
};

bool tar_name_is_safe(const char *name)
{
	size_t len = strlen(name);

	if (!len || len >= TAR_NAME_MAX || *name == '/')
		return false;
	for (const char *part = name;; part++) {
		size_t n = strcspn(part, "/");

		if (!n || (n == 1 && *part == '.') || (n == 2 && !strncmp(part, "..", 2)))
			return false;
		part += n;
		if (!*part)
			return true;
	}
}

int tar_open(int fd, const char *name, struct tar_reader **out, struct err *err)
{
	struct tar_reader *r = mem_alloc(sizeof(*r));

	if (r)
		r->zstd = ZSTD_createDCtx();
	if (!r || !r->zstd) {
		mem_free(r);
		close(fd);
		return err_nomem(err);
	}
	r->fd = fd;
	r->name = name;
	r->in.src = r->bytes;
	*out = r;
	return 0;
}

void tar_close(struct tar_reader *r)
{
	if (!r)
		return;
	close(r->fd);
	ZSTD_freeDCtx(r->zstd);
	mem_free(r);
}

static int damaged(const struct tar_reader *r, struct err *err, const char *why)
{
	err_set(err, ERR_PARSE, "'%s' is no archive of a sandbox, or it is damaged: %s", r->name, why);
	return err_hint(err, "'sparkctl sandbox export' makes one");
}

/* More compressed bytes. *end: there are none. */
static int fill(struct tar_reader *r, bool *end, struct err *err)
{
	ssize_t got;

	*end = false;
	if (r->in.pos < r->in.size)
		return 0;
	do
		got = read(r->fd, r->bytes, sizeof(r->bytes));
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_set_errno(err, ERR_IO, errno, "cannot read '%s'", r->name);
	r->in.size = (size_t)got;
	r->in.pos = 0;
	*end = !got;
	return 0;
}

/* Exactly len bytes, or an error. */
static int take(struct tar_reader *r, void *to, size_t len, struct err *err)
{
	ZSTD_outBuffer out = { to, len, 0 };

	while (out.pos < out.size) {
		bool end;
		size_t hint, before = out.pos;

		if (fill(r, &end, err))
			return -1;
		hint = ZSTD_decompressStream(r->zstd, &out, &r->in);
		if (ZSTD_isError(hint))
			return damaged(r, err, ZSTD_getErrorName(hint));
		r->frame_over = hint == 0;
		if (end && out.pos == before)
			return damaged(r, err, "it is cut off");
	}
	return 0;
}

static int skip(struct tar_reader *r, struct err *err)
{
	char piece[4096];

	for (r->left += r->pad, r->pad = 0; r->left > 0;) {
		size_t n = r->left < (int64_t)sizeof(piece) ? (size_t)r->left : sizeof(piece);

		if (take(r, piece, n, err))
			return -1;
		r->left -= (int64_t)n;
	}
	return 0;
}

/* Octal digits, then a blank or zero byte or the field's end. */
static bool parse_octal(const char *field, size_t size, int64_t *out)
{
	int64_t n = 0;
	size_t i = 0;

	while (i < size && field[i] >= '0' && field[i] <= '7')
		n = n * 8 + (field[i++] - '0');
	*out = n;
	return i > 0 && (i == size || !field[i] || field[i] == ' ');
}

static bool is_zero(const struct tar_header *h)
{
	const char *bytes = (const char *)h;

	for (size_t i = 0; i < sizeof(*h); i++)
		if (bytes[i])
			return false;
	return true;
}

/* What the records of a pax header say about the entry behind it. */
struct overrides {
	char path[TAR_NAME_MAX];
	bool has_path, has_size;
	int64_t size;
};

static bool take_record(const char *key, size_t key_len, const char *value, size_t len, struct overrides *o)
{
	if (key_len == 4 && !strncmp(key, "path", 4)) {
		if (len >= sizeof(o->path) || memchr(value, 0, len))
			return false;
		memcpy(o->path, value, len);
		o->path[len] = 0;
		o->has_path = true;
	} else if (key_len == 4 && !strncmp(key, "size", 4)) {
		if (!len || len > 18 || strspn(value, "0123456789") < len)
			return false;
		o->size = strtoll(value, NULL, 10);
		o->has_size = true;
	}
	return true;
}

static bool parse_records(const char *text, size_t len, struct overrides *o)
{
	const char *end = text + len;

	while (text < end) {
		char *blank;
		unsigned long n = strtoul(text, &blank, 10);
		const char *mark, *stop;

		if (*text < '1' || *text > '9' || *blank != ' ' || n > (unsigned long)(end - text))
			return false;
		stop = text + n - 1;
		if (stop <= blank || *stop != '\n')
			return false;
		mark = memchr(blank, '=', (size_t)(stop - blank));
		if (!mark ||
		    !take_record(blank + 1, (size_t)(mark - blank) - 1, mark + 1, (size_t)(stop - mark) - 1, o))
			return false;
		text = stop + 1;
	}
	return true;
}

static int read_records(struct tar_reader *r, int64_t size, struct overrides *o, struct err *err)
{
	struct buf text;
	char *room;
	int rc = -1;

	if (size <= 0 || size > RECORDS_MAX)
		return damaged(r, err, "a record of a strange length");
	buf_init(&text, (size_t)RECORDS_MAX + 1);
	room = buf_reserve(&text, (size_t)size);
	if (!room)
		err_nomem(err);
	else if (!take(r, room, (size_t)size, err)) {
		buf_commit(&text, (size_t)size);
		r->left = 0;
		r->pad = (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
		rc = skip(r, err);
		if (!rc && !parse_records(text.data, text.len, o))
			rc = damaged(r, err, "a record that cannot be read");
	}
	buf_clear(&text);
	return rc;
}

/* Two blocks of zeros end it; behind them the compressed frame with its checksum has to end too. */
static int check_end(struct tar_reader *r, struct err *err)
{
	struct tar_header second;
	char byte;
	bool end;
	ZSTD_outBuffer none = { &byte, sizeof(byte), 0 };

	if (take(r, &second, sizeof(second), err))
		return -1;
	if (!is_zero(&second))
		return damaged(r, err, "its end is not one");
	while (!r->frame_over) {
		size_t hint;

		if (fill(r, &end, err))
			return -1;
		hint = ZSTD_decompressStream(r->zstd, &none, &r->in);
		if (ZSTD_isError(hint))
			return damaged(r, err, ZSTD_getErrorName(hint));
		if (none.pos)
			return damaged(r, err, "there is something behind its end");
		if (end && hint)
			return damaged(r, err, "it is cut off");
		r->frame_over = hint == 0;
	}
	if (fill(r, &end, err))
		return -1;
	return end ? 0 : damaged(r, err, "there is something behind its end");
}

static int fill_entry(struct tar_reader *r, const struct tar_header *h, const struct overrides *o, int64_t size,
		      struct tar_entry *out, struct err *err)
{
	int64_t mode;
	size_t len;

	if (h->type != TAR_TYPE_FILE && h->type != TAR_TYPE_FOLDER)
		return damaged(r, err, "it holds something that is neither file nor folder");
	if (o->has_path)
		memcpy(out->name, o->path, sizeof(o->path));
	else
		snprintf(out->name, sizeof(out->name), "%.*s", (int)strnlen(h->name, sizeof(h->name)), h->name);
	len = strlen(out->name);
	if (h->type == TAR_TYPE_FOLDER && len && out->name[len - 1] == '/')
		out->name[len - 1] = 0;
	if (h->prefix[0] || !tar_name_is_safe(out->name))
		return damaged(r, err, "a name in it leads elsewhere");
	if (!parse_octal(h->mode, sizeof(h->mode), &mode))
		return damaged(r, err, "a mode that is no number");
	out->type = h->type == TAR_TYPE_FILE ? TAR_FILE : TAR_FOLDER;
	out->mode = (mode_t)(mode & 0777);
	out->size = o->has_size ? o->size : size;
	if (out->type == TAR_FOLDER && out->size)
		return damaged(r, err, "a folder with bytes in it");
	r->left = out->size;
	r->pad = (TAR_BLOCK - out->size % TAR_BLOCK) % TAR_BLOCK;
	return 1;
}

int tar_next(struct tar_reader *r, struct tar_entry *out, struct err *err)
{
	struct overrides o = { .has_path = false };

	for (;;) {
		struct tar_header h;
		int64_t size, sum;

		if (skip(r, err) || take(r, &h, sizeof(h), err))
			return -1;
		if (is_zero(&h))
			return check_end(r, err);
		if (memcmp(h.magic, "ustar", 6) != 0 || !parse_octal(h.checksum, sizeof(h.checksum), &sum) ||
		    sum != (int64_t)tar_checksum(&h) || !parse_octal(h.size, sizeof(h.size), &size))
			return damaged(r, err, "a header that is none");
		if (h.type != TAR_TYPE_PAX)
			return fill_entry(r, &h, &o, size, out, err);
		if (read_records(r, size, &o, err))
			return -1;
	}
}

ssize_t tar_read(struct tar_reader *r, void *to, size_t len, struct err *err)
{
	size_t n = (int64_t)len < r->left ? len : (size_t)r->left;

	if (take(r, to, n, err))
		return -1;
	r->left -= (int64_t)n;
	return (ssize_t)n;
}
