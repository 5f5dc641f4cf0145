#include "aws/s3_slot.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spark/base/file.h"
#include "spark/base/hash.h"
#include "spark/base/mem.h"

#define STREAM_FROM ((int64_t)8 * 1024 * 1024)
#define SMALL_MAX   ((int64_t)64 * 1024)
#define PUT_MAX     ((int64_t)5 * 1024 * 1024 * 1024)

static const struct {
	const char *suffix, *type;
} content_types[] = {
	{ ".json", "application/json" }, { ".jsonl", "application/x-ndjson" },
	{ ".csv", "text/csv" },          { ".txt", "text/plain" },
	{ ".html", "text/html" },        { ".gz", "application/gzip" },
};

static const char *content_type_of(const char *key)
{
	const char *dot = strrchr(key, '.');

	for (size_t i = 0; dot && i < sizeof(content_types) / sizeof(content_types[0]); i++)
		if (strcasecmp(dot, content_types[i].suffix) == 0)
			return content_types[i].type;
	return "application/octet-stream";
}

/* The payload's hash is signed before its first byte goes out, so a streamed file is read twice. */
static int hash_file(struct s3_slot *s, int64_t size, struct err *err)
{
	unsigned char digest[64];
	size_t len = 0, room = 256 * 1024;
	int64_t offset = 0;
	struct hash *h = hash_new(HASH_SHA256, err);
	char *piece = mem_alloc(room);
	int rc = -1;

	if (!piece) {
		err_nomem(err);
		goto out;
	}
	while (h && offset < size) {
		ssize_t n = pread(s->fd, piece, room, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			err_set_errno(err, ERR_IO, n < 0 ? errno : EIO, "cannot read '%s'", s->job.path);
			goto out;
		}
		if (n > size - offset)
			n = (ssize_t)(size - offset);
		if (hash_update(h, piece, (size_t)n, err) != 0)
			goto out;
		offset += n;
	}
	if (!h)
		goto out;
	rc = hash_finish(h, digest, &len, err);
	h = NULL;
	if (rc == 0)
		hash_hex(digest, len, s->hash);
out:
	hash_free(h);
	mem_free(piece);
	return rc;
}

static int open_upload(struct s3_slot *s, struct err *err)
{
	struct aws_request *r = &s->call.request;
	struct stat st;
	int fd = open(s->job.path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set_errno(err, ERR_IO, errno, "cannot open '%s'", s->job.path);
	s->fd = fd;
	if (fstat(fd, &st) != 0)
		return err_set_errno(err, ERR_IO, errno, "cannot look at '%s'", s->job.path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_IO, "'%s' is no regular file", s->job.path);
	if (st.st_size > PUT_MAX) {
		err_set(err, ERR_IO, "'%s' is larger than the 5 GiB that one upload takes", s->job.path);
		return err_hint(err, "split it");
	}
	s->job.size_bytes = st.st_size;
	aws_request_header(r, "Content-Type", content_type_of(s->job.key));
	r->body_len = (size_t)st.st_size;
	r->small = st.st_size <= SMALL_MAX;
	if (st.st_size > STREAM_FROM) {
		r->body_fd = fd;
		r->payload_hash = s->hash;
		return hash_file(s, st.st_size, err);
	}
	char *to = buf_reserve(&s->data, (size_t)st.st_size + 1);
	if (!to)
		return err_nomem(err);
	for (size_t got = 0; got < (size_t)st.st_size;) {
		ssize_t n = read(fd, to + got, (size_t)st.st_size - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set_errno(err, ERR_IO, n < 0 ? errno : EIO, "cannot read '%s'", s->job.path);
		got += (size_t)n;
	}
	buf_commit(&s->data, (size_t)st.st_size);
	close(fd);
	s->fd = -1;
	r->body = s->data.data;
	return 0;
}

int s3_slot_open(struct s3_slot *s, struct err *err)
{
	bool up = s->job.direction == S3_UPLOAD;

	s->fd = -1;
	s->part = S3_PART_NONE;
	s->attempts = (struct attempts){ 0 };
	buf_init(&s->data, BUF_MAX_DEFAULT);
	http_answer_init(&s->answer);
	if (s3_call_init(&s->call, up ? "PutObject" : "GetObject", up ? "PUT" : "GET", s->job.bucket, s->job.key,
			 err) != 0)
		return -1;
	s->call.request.bulk = true;
	if (up)
		return open_upload(s, err);
	s->call.request.small = s->job.size_bytes >= 0 && s->job.size_bytes <= SMALL_MAX;
	if (s->job.size_bytes >= 0 && s->job.size_bytes <= STREAM_FROM)
		return 0;
	if (s3_part_open(&s->part, s->job.path, err) != 0)
		return -1;
	s->call.request.sink_fd = s->part.fd;
	return 0;
}

int s3_slot_rewind(struct s3_slot *s, struct err *err)
{
	http_answer_clear(&s->answer);
	http_answer_init(&s->answer);
	/* Room for the object at once; what the listing told may be old, so that the body may still grow. */
	if (s->job.direction == S3_DOWNLOAD && s->call.request.small &&
	    !buf_reserve(&s->answer.body, (size_t)s->job.size_bytes + 1))
		return err_nomem(err);
	if (s->call.request.sink_fd >= 0 && (ftruncate(s->part.fd, 0) != 0 || lseek(s->part.fd, 0, SEEK_SET) != 0))
		return err_set_errno(err, ERR_IO, errno, "cannot begin '%s' again", s->part.path);
	return 0;
}

int s3_slot_commit(struct s3_slot *s, struct s3_folder *last, struct err *err)
{
	const struct buf *body = &s->answer.body;

	if (s->job.direction == S3_UPLOAD)
		return 0;
	if (s->part.fd >= 0) {
		s->job.size_bytes = s->answer.sink_bytes;
		return s3_part_commit(&s->part, s->job.path, err);
	}
	s->job.size_bytes = (int64_t)body->len;
	return s3_part_write(last, s->job.path, body->data, body->len, err);
}

void s3_slot_close(struct s3_slot *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s3_part_close(&s->part);
	signed_request_clear(&s->signed_request);
	s3_call_clear(&s->call);
	http_answer_clear(&s->answer);
	buf_clear(&s->data);
	mem_free(s->job.bucket);
	mem_free(s->job.key);
	mem_free(s->job.path);
	s->job = (struct s3_job){ 0 };
	s->state = SLOT_FREE;
	s->on_lane = false;
}
