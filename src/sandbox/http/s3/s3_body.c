#include "sandbox/http/s3/s3_body.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/http/s3/s3.h"
#include "spark/base/file.h"
#include "spark/base/hash.h"
#include "spark/base/mem.h"
#include "spark/base/secret.h"

/* Decoding chunks: into memory, or into a file when the body came as one. */
struct decoding {
	struct s3_call *c;
	struct s3_body *b;
	struct hash *md5;
	int fd; /* -1: memory */
	size_t total;
	bool is_signed;
	struct chunk_verifier verifier;
};

static int map_file(const char *path, struct s3_body *b, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int rc = -1;

	if (fd < 0 || fstat(fd, &st) < 0) {
		err_set_errno(err, ERR_IO, errno, "cannot open '%s'", path);
		goto out;
	}
	if (st.st_size == 0) {
		b->data = "";
		rc = 0;
		goto out;
	}
	b->map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (b->map == MAP_FAILED) {
		b->map = NULL;
		err_set_errno(err, ERR_IO, errno, "cannot read '%s'", path);
		goto out;
	}
	b->map_len = (size_t)st.st_size;
	b->data = b->map;
	b->len = b->map_len;
	rc = 0;
out:
	if (fd >= 0)
		close(fd);
	return rc;
}

static void unmap(struct s3_body *b)
{
	if (b->map)
		munmap(b->map, b->map_len);
	b->map = NULL;
}

static int take_chunk(void *arg, const void *bytes, size_t len, const char *signature, struct err *err)
{
	struct decoding *d = arg;

	if (d->is_signed && access_chunk_check(&d->verifier, bytes, len, signature, err) < 0)
		return -1;
	d->total += len;
	if (hash_update(d->md5, bytes, len, err) < 0)
		return -1;
	if (d->fd >= 0)
		return file_write_all(d->fd, bytes, len, err);
	buf_add(&d->b->decoded, bytes, len);
	return buf_check(&d->b->decoded, "the body", err);
}

static int take_trailer(void *arg, const char *name, const char *value, struct err *err)
{
	struct decoding *d = arg;

	/* x-amz-trailer-signature covers trailers only, which the checksum itself proves. */
	for (int k = 0; k < S3_CHECKSUM_KINDS; k++)
		if (strcasecmp(name, s3_checksums[k].header) == 0) {
			if (*d->b->checksum)
				return s3_failf(d->c, err, "InvalidRequest",
						"Expecting a single x-amz-checksum- header. Multiple checksum Types "
						"are not allowed.");
			d->b->checksum_kind = (enum s3_checksum_kind)k;
			snprintf(d->b->checksum, sizeof(d->b->checksum), "%s", value);
		}
	return 0;
}

static bool is_chunked(const struct http_request *r)
{
	const char *sha = http_header(r, "x-amz-content-sha256"), *encoding = http_header(r, "content-encoding");

	return (sha && strncmp(sha, "STREAMING-", 10) == 0) || (encoding && strcasestr(encoding, "aws-chunked"));
}

static int finish_decoding(struct decoding *d, struct err *err)
{
	const char *expected = http_header(d->c->r, "x-amz-decoded-content-length");
	unsigned char digest[32];
	size_t len;
	int rc = hash_finish(d->md5, digest, &len, err);

	d->md5 = NULL;
	if (rc < 0)
		return -1;
	hash_hex(digest, len, d->b->md5);
	if (expected && strtoull(expected, NULL, 10) != d->total)
		return s3_fail(d->c, err, "IncompleteBody");
	unmap(d->b);
	if (d->fd >= 0) {
		d->b->len = 0;
		d->b->path = d->b->own_path;
		return map_file(d->b->own_path, d->b, err);
	}
	d->b->data = d->b->decoded.data;
	d->b->len = d->b->decoded.len;
	return 0;
}

static int make_decoded_file(struct decoding *d, struct err *err)
{
	d->b->own_path = mem_printf("%s/decoded.XXXXXX", objects_tmp_dir(d->c->w->objects));
	if (!d->b->own_path)
		return err_nomem(err);
	d->fd = mkostemp(d->b->own_path, O_CLOEXEC);
	return d->fd < 0 ? err_set_errno(err, ERR_IO, errno, "cannot make a file for the body") : 0;
}

static int decode_chunks(struct s3_call *c, struct s3_body *b, struct err *err)
{
	const char *sha = http_header(c->r, "x-amz-content-sha256");
	struct decoding d = { .c = c, .b = b, .fd = -1 };
	struct s3_chunk_handler h = { take_chunk, take_trailer, &d };
	int rc = -1;

	d.is_signed = sha && strncmp(sha, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", 34) == 0;
	if (!(d.md5 = hash_new(HASH_MD5, err)))
		return -1;
	if (b->map && make_decoded_file(&d, err) < 0)
		goto out;
	if (d.is_signed && access_chunk_begin(c->w, c->r, &d.verifier, err) < 0) {
		d.is_signed = false;
		goto out;
	}
	if (s3_chunked_decode(b->data, b->len, &h, err) < 0) {
		if (!err || err->kind == ERR_PARSE)
			s3_fail(c, err, "IncompleteBody");
		goto out;
	}
	rc = finish_decoding(&d, err);
out:
	if (d.is_signed)
		access_chunk_end(&d.verifier);
	if (d.fd >= 0)
		close(d.fd);
	hash_free(d.md5);
	return rc;
}

static int check_md5(struct s3_call *c, const struct s3_body *b, struct err *err)
{
	const char *given = http_header(c->r, "content-md5");
	struct buf raw = { 0 };
	struct err ignored;
	char hex[2 * 64 + 1] = "";
	int rc = 0;

	if (!given)
		return 0;
	buf_init(&raw, 64);
	if (hash_base64_decode(given, strlen(given), &raw, &ignored) < 0 || raw.len != MD5_SIZE)
		rc = s3_fail(c, err, "InvalidDigest");
	else
		hash_hex(raw.data, raw.len, hex);
	if (rc == 0 && strcmp(hex, b->md5) != 0)
		rc = s3_fail(c, err, "BadDigest");
	buf_clear(&raw);
	return rc;
}

static int checksum_from_headers(struct s3_call *c, struct s3_body *b, struct err *err)
{
	for (int k = 0; k < S3_CHECKSUM_KINDS; k++) {
		const char *given = http_header(c->r, s3_checksums[k].header);

		if (given && take_trailer(&(struct decoding){ .c = c, .b = b }, s3_checksums[k].header, given, err) < 0)
			return -1;
	}
	return 0;
}

static int check_checksum(struct s3_call *c, const struct s3_body *b, struct err *err)
{
	const struct s3_checksum_row *row = &s3_checksums[b->checksum_kind];
	struct buf computed = { 0 }, given = { 0 };
	struct err ignored;
	int rc = -1;

	if (!*b->checksum)
		return 0;
	buf_init(&computed, 256);
	buf_init(&given, 256);
	if (hash_base64_decode(b->checksum, strlen(b->checksum), &given, &ignored) < 0 || given.len != row->size) {
		s3_failf(c, err, "InvalidRequest", "Value for %s header is invalid.", row->header);
		goto out;
	}
	if (s3_checksum_whole(b->checksum_kind, b->data, b->len, &computed, err) < 0)
		goto out;
	if (strcmp(computed.data, b->checksum) != 0) {
		s3_failf(c, err, "BadDigest", "The %s you specified did not match the calculated checksum.", row->name);
		goto out;
	}
	rc = 0;
out:
	buf_clear(&computed);
	buf_clear(&given);
	return rc;
}

int s3_body_open(struct s3_call *c, struct s3_body *out, struct err *err)
{
	struct s3_body b = { .data = c->r->body ? c->r->body : "", .len = c->r->body_len };

	buf_init(&b.decoded, BUF_MAX_DEFAULT);
	snprintf(b.md5, sizeof(b.md5), "%s", c->r->body_md5);
	if (c->r->body_file) {
		b.len = 0;
		b.path = c->r->body_file;
		if (map_file(b.path, &b, err) < 0)
			goto fail;
	}
	if (checksum_from_headers(c, &b, err) < 0)
		goto fail;
	if (is_chunked(c->r) && decode_chunks(c, &b, err) < 0)
		goto fail;
	if (check_md5(c, &b, err) < 0 || check_checksum(c, &b, err) < 0)
		goto fail;
	*out = b;
	return 0;
fail:
	s3_body_close(&b);
	return -1;
}

void s3_body_close(struct s3_body *b)
{
	unmap(b);
	buf_clear(&b->decoded);
	if (b->own_path)
		(void)unlink(b->own_path);
	mem_free(b->own_path);
	*b = (struct s3_body){ 0 };
}
