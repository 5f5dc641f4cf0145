/* Results as the Data API hands them out: a file with one JSON line for each record, a file with the columns. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "sandbox/statements/run.h"
#include "spark/base/file.h"
#include "spark/base/hash.h"
#include "spark/base/mem.h"

#define FLUSH_BYTES      ((size_t)256 * 1024)
#define PAGE_BYTES       ((size_t)1024 * 1024)
#define PAGE_RECORDS_MAX 1000

/* Types as Redshift names them, and the field of a record that holds their values. Precisions are those of Redshift's
 * JDBC driver, through which the service reads; -1: from the modifier. */
static const struct type_row {
	uint32_t oid;
	enum { AS_TEXT, AS_LONG, AS_DOUBLE, AS_BOOL, AS_BLOB } as;
	struct statements_type type;
} types[] = {
	{ 16, AS_BOOL, { "bool", 1, 0, false, false } },
	{ 17, AS_BLOB, { "varbyte", 0, 0, false, false } },
	{ 18, AS_TEXT, { "char", 1, 0, false, true } },
	{ 19, AS_TEXT, { "name", 63, 0, false, true } },
	{ 20, AS_LONG, { "int8", 19, 0, true, false } },
	{ 21, AS_LONG, { "int2", 5, 0, true, false } },
	{ 23, AS_LONG, { "int4", 10, 0, true, false } },
	{ 25, AS_TEXT, { "text", INT32_MAX, 0, false, true } },
	{ 26, AS_LONG, { "oid", 10, 0, false, false } },
	{ 700, AS_DOUBLE, { "float4", 8, 8, true, false } },
	{ 701, AS_DOUBLE, { "float8", 17, 17, true, false } },
	{ 705, AS_TEXT, { "text", INT32_MAX, 0, false, true } },
	{ 1042, AS_TEXT, { "bpchar", -1, 0, false, true } },
	{ 1043, AS_TEXT, { "varchar", -1, 0, false, true } },
	{ 1082, AS_TEXT, { "date", 13, 0, false, false } },
	{ 1083, AS_TEXT, { "time", 15, 6, false, false } },
	{ 1114, AS_TEXT, { "timestamp", 29, 6, false, false } },
	{ 1184, AS_TEXT, { "timestamptz", 35, 6, false, false } },
	{ 1266, AS_TEXT, { "timetz", 21, 6, false, false } },
	{ 1700, AS_TEXT, { "numeric", -1, -1, true, false } },
	{ 3802, AS_TEXT, { "super", 0, 0, false, true } },
};

static const struct type_row *type_find(uint32_t oid)
{
	static const struct type_row other = { 0, AS_TEXT, { "varchar", 0, 0, false, true } };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (types[i].oid == oid)
			return &types[i];
	return &other;
}

const struct statements_type *statements_type_find(const char *name)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (!strcmp(types[i].type.name, name))
			return &types[i].type;
	return NULL;
}

void result_init(struct result *r)
{
	memset(r, 0, sizeof(*r));
	r->fd = -1;
	buf_init(&r->text, BUF_MAX_DEFAULT * 4);
}

void result_clear(struct result *r)
{
	if (r->fd >= 0)
		close(r->fd);
	buf_clear(&r->text);
	mem_free(r->columns);
	result_init(r);
}

static int cut_short(struct err *err)
{
	return err_set(err, ERR_UNREACHABLE, "the cluster's answer is cut");
}

static int read_columns(struct result *r, const struct message *m, struct err *err)
{
	size_t at = 2;

	if (m->len < 2)
		return cut_short(err);
	r->count = wire_get16(m->body);
	r->columns = mem_alloc_array(r->count + 1, sizeof(*r->columns));
	if (!r->columns)
		return err_nomem(err);
	for (size_t i = 0; i < r->count; i++) {
		struct result_column *c = &r->columns[i];
		const char *name = message_text(m, &at);

		if (!name || m->len - at < 18)
			return cut_short(err);
		snprintf(c->name, sizeof(c->name), "%s", name);
		c->table = wire_get32(m->body + at);
		c->number = wire_get16(m->body + at + 4);
		c->type = wire_get32(m->body + at + 6);
		c->modifier = (int32_t)wire_get32(m->body + at + 12);
		at += 18;
	}
	return 0;
}

int result_begin(struct result *r, const struct message *m, const char *path, struct err *err)
{
	if (read_columns(r, m, err))
		return -1;
	r->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	return r->fd < 0 ? err_set_errno(err, ERR_IO, errno, "cannot keep the result in '%s'", path) : 0;
}

static int flush(struct result *r, struct err *err)
{
	if (buf_check(&r->text, "a record", err) || file_write_all(r->fd, r->text.data, r->text.len, err))
		return -1;
	buf_reset(&r->text);
	return 0;
}

/* The server's hexadecimal form of bytes, as base64. */
static int add_blob(struct buf *out, const char *value, size_t len, struct err *err)
{
	struct buf bytes;
	int rc;

	buf_init(&bytes, BUF_MAX_DEFAULT * 2);
	for (size_t i = 2; i + 1 < len; i += 2) {
		const char pair[3] = { value[i], value[i + 1], 0 };

		buf_putc(&bytes, (char)strtol(pair, NULL, 16));
	}
	buf_puts(out, "{\"blobValue\":\"");
	hash_base64(out, bytes.data, bytes.len);
	buf_puts(out, "\"}");
	rc = buf_check(&bytes, "a value", err);
	buf_clear(&bytes);
	return rc;
}

static int add_value(struct buf *out, const struct type_row *type, const char *value, size_t len, struct err *err)
{
	switch (type->as) {
	case AS_LONG:
		buf_puts(out, "{\"longValue\":");
		buf_add(out, value, len);
		break;
	case AS_DOUBLE:
		/* JSON has no infinity and no NaN. */
		if (memchr(value, 'n', len) || memchr(value, 'N', len)) {
			buf_puts(out, "{\"stringValue\":");
			json_quote(out, value, len);
			break;
		}
		buf_puts(out, "{\"doubleValue\":");
		buf_add(out, value, len);
		break;
	case AS_BOOL:
		buf_printf(out, "{\"booleanValue\":%s", len && value[0] == 't' ? "true" : "false");
		break;
	case AS_BLOB:
		return add_blob(out, value, len, err);
	default:
		buf_puts(out, "{\"stringValue\":");
		json_quote(out, value, len);
	}
	buf_putc(out, '}');
	return 0;
}

int result_add(struct result *r, const struct message *m, struct err *err)
{
	size_t at = 2;

	if (m->len < 2 || wire_get16(m->body) != r->count)
		return cut_short(err);
	buf_putc(&r->text, '[');
	for (size_t i = 0; i < r->count; i++) {
		uint32_t len;

		if (m->len - at < 4)
			return cut_short(err);
		len = wire_get32(m->body + at);
		at += 4;
		if (i)
			buf_putc(&r->text, ',');
		if (len == UINT32_MAX) {
			buf_puts(&r->text, "{\"isNull\":true}");
			continue;
		}
		if (m->len - at < len)
			return cut_short(err);
		if (add_value(&r->text, type_find(r->columns[i].type), (const char *)m->body + at, len, err))
			return -1;
		at += len;
		r->size += len;
	}
	buf_puts(&r->text, "]\n");
	r->rows++;
	if (r->size > RESULT_MAX_BYTES)
		return err_set(err, ERR_CONFIG, "Query result is larger than the limit of 100 MB");
	return r->text.len < FLUSH_BYTES ? 0 : flush(r, err);
}

int result_end(struct result *r, struct err *err)
{
	int rc = flush(r, err);

	if (!rc && fsync(r->fd))
		rc = err_set_errno(err, ERR_IO, errno, "cannot keep a result");
	close(r->fd);
	r->fd = -1;
	return rc;
}

static struct json *describe(const struct result_column *c)
{
	const struct statements_type *type = &type_find(c->type)->type;
	int given = c->modifier >= 4 ? c->modifier - 4 : 0;
	bool numeric = c->type == 1700;
	struct json *doc = json_new_object();

	if (doc && !(json_set_bool(doc, "isCaseSensitive", type->has_case) || json_set_bool(doc, "isCurrency", false) ||
		     json_set_bool(doc, "isSigned", type->is_signed) || json_set_str(doc, "label", c->name) ||
		     json_set_int(doc, "length", 0) || json_set_str(doc, "name", c->name) ||
		     json_set_int(doc, "nullable", c->known && c->not_null ? 0 : 1) ||
		     json_set_int(doc, "precision",
				  type->precision >= 0 ? type->precision
				  : numeric            ? (given >> 16) & 0xffff
						       : given) ||
		     json_set_int(doc, "scale", type->scale >= 0 ? type->scale : given & 0xffff) ||
		     json_set_str(doc, "schemaName", c->schema) || json_set_str(doc, "tableName", c->relation) ||
		     json_set_str(doc, "typeName", type->name)))
		return doc;
	json_free(doc);
	return NULL;
}

int result_write_columns(const struct result *r, const char *path, struct err *err)
{
	struct json *list = json_new_array();
	struct buf text;
	int rc = -1;

	buf_init(&text, BUF_MAX_DEFAULT);
	for (size_t i = 0; list && i < r->count; i++) {
		struct json *one = describe(&r->columns[i]);

		if (!one || json_append(list, one)) {
			json_free(list);
			list = NULL;
		}
	}
	if (!list)
		err_nomem(err);
	else if (!json_print(list, false, &text, err))
		rc = file_write_atomic(path, text.data, text.len, 0600, err);
	json_free(list);
	buf_clear(&text);
	return rc;
}

/* ---- reading ---- */

/* Appends whole lines from *offset on, at least one, with commas between; *offset goes behind them. */
static int read_records(int fd, uint64_t *offset, struct buf *out, struct err *err)
{
	struct buf piece;
	size_t at = 0, count = 0;
	int rc = -1;

	buf_init(&piece, BUF_MAX_DEFAULT * 4);
	for (;;) {
		const char *end = piece.len > at ? memchr(piece.data + at, '\n', piece.len - at) : NULL;
		char *room;
		ssize_t n;

		if (end) {
			if (count)
				buf_putc(out, ',');
			buf_add(out, piece.data + at, (size_t)(end - piece.data) - at);
			at = (size_t)(end - piece.data) + 1;
			if (++count < PAGE_RECORDS_MAX && at < PAGE_BYTES)
				continue;
			break;
		}
		room = buf_reserve(&piece, PAGE_BYTES);
		n = room ? pread(fd, room, PAGE_BYTES, (off_t)(*offset + piece.len)) : 0;
		if (n < 0) {
			err_set_errno(err, ERR_IO, errno, "cannot read a result");
			goto out;
		}
		buf_commit(&piece, (size_t)n);
		if (!n)
			break;
	}
	*offset += at;
	rc = piece.failed ? buf_check(&piece, "a page", err) : buf_check(out, "a page", err);
out:
	buf_clear(&piece);
	return rc;
}

static int check_offset(int fd, uint64_t offset, off_t size, struct err *err)
{
	char before = '\n';

	if (offset && (offset >= (uint64_t)size || pread(fd, &before, 1, (off_t)offset - 1) != 1 || before != '\n'))
		return err_set(err, ERR_PARSE, "no page begins there");
	return 0;
}

int statements_read_page(struct statements *s, const char *doc_id, size_t index, uint64_t *offset, struct buf *out,
			 struct err *err)
{
	char *rows = statement_path(s, doc_id, index, "rows"), *columns = statement_path(s, doc_id, index, "columns");
	int fd = -1, rc = -1;
	off_t size;

	if (!rows || !columns) {
		err_nomem(err);
		goto out;
	}
	fd = open(rows, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		err_set(err, ERR_CONFIG, "there is no such result");
		goto out;
	}
	size = lseek(fd, 0, SEEK_END);
	if (check_offset(fd, *offset, size, err))
		goto out;
	buf_puts(out, "{\"Records\":[");
	if (read_records(fd, offset, out, err))
		goto out;
	buf_puts(out, "],\"ColumnMetadata\":");
	if (file_read(columns, out, err))
		goto out;
	if (*offset >= (uint64_t)size)
		*offset = 0;
	rc = 0;
out:
	if (fd >= 0)
		close(fd);
	mem_free(rows);
	mem_free(columns);
	return rc;
}
