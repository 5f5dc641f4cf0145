#include "sandbox/unload/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/copy/cells.h"
#include "sandbox/copy/fail.h"
#include "spark/base/clock.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"
#include "spark/sandbox/objects.h"

#define KEY_MAX      1024
#define CHUNK        ((size_t)64 * 1024)
#define PENDING_MAX  ((size_t)1024 * 1024 * 1024)
#define NO_PARTITION "__HIVE_DEFAULT_PARTITION__"

void unload_files_init(struct unload_files *f, const struct copy_session *session, const struct unload_statement *s,
		       const struct unload_columns *columns)
{
	memset(f, 0, sizeof *f);
	f->session = session;
	f->s = s;
	f->columns = columns;
	f->pack.fd = -1;
	buf_init(&f->pending, PENDING_MAX);
	buf_init(&f->folder, BUF_MAX_DEFAULT);
	buf_init(&f->wanted, BUF_MAX_DEFAULT);
}

/* ---- names ---- */

int unload_files_prefix(const struct unload_statement *s, struct buf *out, struct err *err)
{
	const char *prefix = s->to->prefix;
	size_t len = strlen(prefix);

	buf_add(out, prefix, len);
	if (s->partition_count > 0 && len > 0 && prefix[len - 1] != '/')
		buf_putc(out, '/');
	return buf_check(out, "the prefix", err);
}

int unload_files_key(const struct unload_statement *s, const char *folder, unsigned part, struct buf *out,
		     struct err *err)
{
	buf_reset(out);
	buf_printf(out, s->serial ? "%s%03u" : "%s0000_part_%02u", folder, part);
	if (s->extension && *s->extension)
		buf_printf(out, ".%s", s->extension);
	else
		buf_puts(out, unload_pack_extension(s->to->compression));
	if (out->len > KEY_MAX)
		return copy_fail_state(err, "XX000", "the key '%.100s...' would be longer than %d bytes", out->data,
				       KEY_MAX);
	return buf_check(out, "the key", err);
}

/* Of a folder's name, as Hive has it: what means something in paths is written as %XX. */
static void put_partition_value(struct buf *out, const struct unload_value *v)
{
	static const char special[] = "\"#%'*/:=?\\{[]^\x7f";

	if (!v->text || v->len == 0) {
		buf_puts(out, NO_PARTITION);
		return;
	}
	for (size_t i = 0; i < v->len; i++) {
		unsigned char c = (unsigned char)v->text[i];

		if (c < 0x20 || strchr(special, c))
			buf_printf(out, "%%%02X", c);
		else
			buf_putc(out, (char)c);
	}
}

/* Blanks that only fill a CHAR are no part of its value. */
static struct unload_value trimmed(const struct unload_column *c, struct unload_value v)
{
	while (v.text && strcmp(c->type, "character") == 0 && v.len > 0 && v.text[v.len - 1] == ' ')
		v.len--;
	return v;
}

static int find_folder(struct unload_files *f, const struct unload_value *values, struct err *err)
{
	buf_reset(&f->wanted);
	if (unload_files_prefix(f->s, &f->wanted, err) < 0)
		return -1;
	for (size_t k = 0; values && k < f->columns->key_count; k++) {
		const struct unload_column *c = &f->columns->items[f->columns->keys[k]];
		struct unload_value v = trimmed(c, values[f->columns->keys[k]]);

		buf_printf(&f->wanted, "%s=", c->name);
		put_partition_value(&f->wanted, &v);
		buf_putc(&f->wanted, '/');
	}
	return buf_check(&f->wanted, "a partition's name", err);
}

bool unload_files_have(const struct unload_files *f, const char *key)
{
	for (size_t i = f->count; i-- > 0;) {
		if (strcmp(f->items[i].key, key) == 0)
			return true;
	}
	return false;
}

/* ---- growing ---- */

static struct unload_file *add_file(struct unload_files *f, const char *key, struct err *err)
{
	struct unload_file *file;

	if (mem_grow(&f->items, &f->cap, f->count, sizeof *f->items) < 0) {
		err_nomem(err);
		return NULL;
	}
	file = &f->items[f->count];
	*file = (struct unload_file){ .key = mem_strdup(key) };
	file->path = mem_printf("%s/unload.XXXXXX", objects_tmp_dir(f->session->world->objects));
	if (!file->key || !file->path) {
		mem_free(file->key);
		mem_free(file->path);
		err_nomem(err);
		return NULL;
	}
	f->count++;
	cell_now(f->session, file->start, sizeof file->start);
	return file;
}

static int make_file(struct unload_file *file, int *fd, struct err *err)
{
	*fd = mkostemp(file->path, O_CLOEXEC);
	if (*fd >= 0)
		return 0;
	err_set_errno(err, ERR_IO, errno, "cannot make a file for the object");
	mem_free(file->path);
	file->path = NULL;
	return -1;
}

static int begin_file(struct unload_files *f, struct err *err)
{
	struct unload_file *file;
	struct buf key;
	unsigned part = 0;
	int fd, rc = -1;

	buf_init(&key, BUF_MAX_DEFAULT);
	do {
		if (unload_files_key(f->s, f->folder.data, part++, &key, err) < 0)
			goto out;
	} while (unload_files_have(f, key.data));
	if ((f->allowed && f->allowed(f->allowed_arg, key.data, err) < 0) || !(file = add_file(f, key.data, err)) ||
	    make_file(file, &fd, err) < 0)
		goto out;
	f->growing = true;
	rc = unload_pack_open(&f->pack, f->s->to->compression, fd, err);
	if (rc == 0 && f->s->header) {
		rc = unload_row_header(f->s, f->columns, &f->pending, err);
		file->lines = 1;
	}
out:
	buf_clear(&key);
	return rc;
}

static int flush(struct unload_files *f, struct err *err)
{
	int rc = unload_pack_add(&f->pack, f->pending.data, f->pending.len, err);

	buf_reset(&f->pending);
	return rc;
}

static int end_file(struct unload_files *f, struct err *err)
{
	struct unload_file *file;
	int fd = f->pack.fd, rc;

	if (!f->growing)
		return 0;
	f->growing = false;
	file = &f->items[f->count - 1];
	rc = flush(f, err) < 0 || unload_pack_finish(&f->pack, err) < 0 ? -1 : 0;
	file->bytes = f->pack.written;
	unload_pack_close(&f->pack);
	close(fd);
	cell_now(f->session, file->end, sizeof file->end);
	return rc;
}

/* Is the file too long with what waits for it? */
static bool is_full(const struct unload_files *f)
{
	return f->items[f->count - 1].rows > 0 &&
	       f->pack.written + f->pack.inside + f->pending.len > f->s->max_file_bytes;
}

/* The file that the row belongs to grows then. */
static int find_file(struct unload_files *f, const struct unload_value *values, struct err *err)
{
	bool parted = f->columns->key_count > 0;
	struct buf old;

	if (f->growing && !parted)
		return 0;
	if (find_folder(f, values, err) < 0)
		return -1;
	if (f->growing && strcmp(f->folder.data, f->wanted.data) == 0)
		return 0;
	if (end_file(f, err) < 0)
		return -1;
	old = f->folder;
	f->folder = f->wanted;
	f->wanted = old;
	return begin_file(f, err);
}

/* The last row, from `from` on, goes to the next part. */
static int begin_part(struct unload_files *f, size_t from, struct err *err)
{
	struct buf row;
	int rc;

	buf_init(&row, PENDING_MAX);
	buf_add(&row, f->pending.data + from, f->pending.len - from);
	buf_cut(&f->pending, from);
	rc = buf_check(&row, "a row", err);
	if (rc == 0)
		rc = end_file(f, err) < 0 ? -1 : begin_file(f, err);
	if (rc == 0)
		buf_add(&f->pending, row.data, row.len);
	buf_clear(&row);
	return rc;
}

int unload_files_row(struct unload_files *f, const struct unload_value *values, struct err *err)
{
	size_t before;

	if (find_file(f, values, err) < 0)
		return -1;
	before = f->pending.len;
	if (unload_row_put(f->s, f->columns, values, &f->pending, err) < 0)
		return -1;
	if (is_full(f) && begin_part(f, before, err) < 0)
		return -1;
	f->items[f->count - 1].rows++;
	f->items[f->count - 1].lines++;
	f->rows++;
	return f->pending.len >= CHUNK ? flush(f, err) : buf_check(&f->pending, "a row", err);
}

int unload_files_finish(struct unload_files *f, struct err *err)
{
	if (f->count == 0 && f->columns->key_count == 0) {
		if (unload_files_prefix(f->s, &f->folder, err) < 0 || begin_file(f, err) < 0)
			return -1;
	}
	return end_file(f, err);
}

int unload_files_add(struct unload_files *f, const char *key, const struct buf *text, struct err *err)
{
	struct unload_file *file = add_file(f, key, err);
	int fd, rc;

	if (!file || make_file(file, &fd, err) < 0)
		return -1;
	rc = file_write_all(fd, text->data, text->len, err);
	close(fd);
	file->bytes = text->len;
	return rc;
}

/* ---- objects ---- */

static int publish_file(struct unload_files *f, struct unload_file *file, struct err *err)
{
	struct object_info info = { .key = file->key, .modified_ms = clock_now(f->session->world->clock) };

	snprintf(info.content_type, sizeof info.content_type, "binary/octet-stream");
	if (objects_put_file(f->session->world->objects, f->s->to->bucket, &info, file->path, err) < 0)
		return -1;
	mem_free(file->path);
	file->path = NULL;
	return 0;
}

int unload_files_publish(struct unload_files *f, struct err *err)
{
	struct err ignored = { 0 };
	size_t done = 0;

	while (done < f->count && publish_file(f, &f->items[done], err) == 0)
		done++;
	if (done == f->count)
		return 0;
	while (done-- > 0) {
		if (objects_delete(f->session->world->objects, f->s->to->bucket, f->items[done].key, true, &ignored) <
		    0)
			err_clear(&ignored); /* what matters is in err */
	}
	return -1;
}

void unload_files_clear(struct unload_files *f)
{
	int fd = f->pack.fd;

	if (f->growing) {
		unload_pack_close(&f->pack);
		close(fd);
	}
	for (size_t i = 0; i < f->count; i++) {
		if (f->items[i].path)
			(void)unlink(f->items[i].path);
		mem_free(f->items[i].path);
		mem_free(f->items[i].key);
	}
	mem_free(f->items);
	buf_clear(&f->pending);
	buf_clear(&f->folder);
	buf_clear(&f->wanted);
}
