#include "sandbox/copy/stream.h"

#include <bzlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "sandbox/copy/fail.h"
#include "spark/base/mem.h"

#define CHUNK       ((size_t)256 * 1024)
#define GZIP_WINDOW (15 + 16) /* zlib's word for "32 KiB window, gzip header" */

/* What a decompressor did with a chunk. */
struct step {
	const char *in;
	size_t in_len, in_used;
	char *out;
	size_t out_room, out_made;
	bool member_end;
};

struct codec {
	const char *name;
	int (*open)(void **state);
	int (*run)(void *state, struct step *step); /* -1: broken data */
	int (*again)(void *state);                  /* for the next member */
	void (*close)(void *state);
};

static void *z_alloc(void *opaque, unsigned items, unsigned size)
{
	(void)opaque;
	return mem_alloc_array(items, size);
}

static void z_free(void *opaque, void *p)
{
	(void)opaque;
	mem_free(p);
}

static int gzip_open(void **state)
{
	z_stream *z = mem_alloc(sizeof *z);

	if (!z)
		return -1;
	z->zalloc = z_alloc;
	z->zfree = z_free;
	if (inflateInit2(z, GZIP_WINDOW) != Z_OK) {
		mem_free(z);
		return -1;
	}
	*state = z;
	return 0;
}

static int gzip_run(void *state, struct step *step)
{
	z_stream *z = state;
	int rc;

	z->next_in = (Bytef *)(uintptr_t)step->in;
	z->avail_in = (uInt)step->in_len;
	z->next_out = (Bytef *)step->out;
	z->avail_out = (uInt)step->out_room;
	rc = inflate(z, Z_NO_FLUSH);
	step->in_used = step->in_len - z->avail_in;
	step->out_made = step->out_room - z->avail_out;
	step->member_end = rc == Z_STREAM_END;
	return rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR ? 0 : -1;
}

static int gzip_again(void *state)
{
	return inflateReset(state) == Z_OK ? 0 : -1;
}

static void gzip_close(void *state)
{
	inflateEnd(state);
	mem_free(state);
}

static int zstd_open(void **state)
{
	*state = ZSTD_createDStream();
	return *state ? 0 : -1;
}

static int zstd_run(void *state, struct step *step)
{
	ZSTD_inBuffer in = { step->in, step->in_len, 0 };
	ZSTD_outBuffer out = { step->out, step->out_room, 0 };
	size_t rc = ZSTD_decompressStream(state, &out, &in);

	step->in_used = in.pos;
	step->out_made = out.pos;
	step->member_end = rc == 0;
	return ZSTD_isError(rc) ? -1 : 0;
}

static int zstd_again(void *state)
{
	return ZSTD_isError(ZSTD_initDStream(state)) ? -1 : 0;
}

static void zstd_close(void *state)
{
	ZSTD_freeDStream(state);
}

static void *bz_alloc(void *opaque, int items, int size)
{
	(void)opaque;
	return mem_alloc_array((size_t)items, (size_t)size);
}

static int bzip2_open(void **state)
{
	bz_stream *b = mem_alloc(sizeof *b);

	if (!b)
		return -1;
	b->bzalloc = bz_alloc;
	b->bzfree = z_free;
	if (BZ2_bzDecompressInit(b, 0, 0) != BZ_OK) {
		mem_free(b);
		return -1;
	}
	*state = b;
	return 0;
}

static int bzip2_run(void *state, struct step *step)
{
	bz_stream *b = state;
	int rc;

	b->next_in = (char *)(uintptr_t)step->in;
	b->avail_in = (unsigned)step->in_len;
	b->next_out = step->out;
	b->avail_out = (unsigned)step->out_room;
	rc = BZ2_bzDecompress(b);
	step->in_used = step->in_len - b->avail_in;
	step->out_made = step->out_room - b->avail_out;
	step->member_end = rc == BZ_STREAM_END;
	return rc == BZ_OK || rc == BZ_STREAM_END ? 0 : -1;
}

/* bzip2 has no reset: the state is ended and begun in place. */
static int bzip2_again(void *state)
{
	bz_stream *b = state;

	BZ2_bzDecompressEnd(b);
	memset(b, 0, sizeof *b);
	b->bzalloc = bz_alloc;
	b->bzfree = z_free;
	return BZ2_bzDecompressInit(b, 0, 0) == BZ_OK ? 0 : -1;
}

static void bzip2_close(void *state)
{
	BZ2_bzDecompressEnd(state);
	mem_free(state);
}

static const struct codec codecs[] = {
	[COPY_GZIP] = { "GZIP", gzip_open, gzip_run, gzip_again, gzip_close },
	[COPY_ZSTD] = { "ZSTD", zstd_open, zstd_run, zstd_again, zstd_close },
	[COPY_BZIP2] = { "BZIP2", bzip2_open, bzip2_run, bzip2_again, bzip2_close },
};

void copy_stream_init(struct copy_stream *s, struct objects *objects, const struct copy_statement *statement)
{
	memset(s, 0, sizeof *s);
	s->objects = objects;
	s->compression = statement->compression;
	s->encoding = statement->encoding;
	buf_init(&s->packed, 4 * CHUNK);
	buf_init(&s->units, 4 * CHUNK);
}

static void close_object(struct copy_stream *s)
{
	if (s->codec)
		codecs[s->compression].close(s->codec);
	s->codec = NULL;
	object_reader_close(s->reader);
	s->reader = NULL;
}

void copy_stream_clear(struct copy_stream *s)
{
	close_object(s);
	buf_clear(&s->packed);
	buf_clear(&s->units);
}

int copy_stream_start(struct copy_stream *s, const struct copy_object *object, struct err *err)
{
	int found;

	close_object(s);
	buf_reset(&s->packed);
	buf_reset(&s->units);
	s->object = object;
	s->offset = 0;
	s->between = true;
	utf16_start(&s->utf16, s->encoding);
	found = objects_reader_open(s->objects, object->bucket, object->key, NULL, &s->reader, err);
	if (found == 0)
		return copy_fail_state(err, "XX000", "s3://%s/%.200s was deleted before it could be read",
				       object->bucket, object->key);
	if (found < 0)
		return -1;
	s->size_bytes = object_reader_size(s->reader);
	s->ended = s->unpacked = s->size_bytes == 0;
	if (s->compression != COPY_PLAIN && codecs[s->compression].open(&s->codec) < 0) {
		s->codec = NULL;
		return err_nomem(err);
	}
	return 0;
}

static int read_chunk(struct copy_stream *s, struct buf *out, struct err *err)
{
	uint64_t left = s->size_bytes - s->offset;
	size_t len = left < CHUNK ? (size_t)left : CHUNK;
	char *to = buf_reserve(out, len);

	if (!to)
		return buf_check(out, "a record", err);
	if (object_reader_read(s->reader, s->offset, to, len, err) < 0)
		return err_wrap(err, "cannot read s3://%s/%.200s", s->object->bucket, s->object->key);
	buf_commit(out, len);
	s->offset += len;
	return 0;
}

static int fail_codec(const struct copy_stream *s, const char *what, struct err *err)
{
	return copy_fail_state(err, "XX000", "s3://%s/%.200s is not %s data: %s", s->object->bucket, s->object->key,
			       codecs[s->compression].name, what);
}

static int unpack(struct copy_stream *s, struct buf *out, struct err *err)
{
	const struct codec *codec = &codecs[s->compression];
	struct step step = { .in = s->packed.data, .in_len = s->packed.len, .out_room = CHUNK };

	step.out = buf_reserve(out, CHUNK);
	if (!step.out)
		return buf_check(out, "a record", err);
	if (codec->run(s->codec, &step) < 0)
		return fail_codec(s, "it is damaged", err);
	buf_commit(out, step.out_made);
	buf_consume(&s->packed, step.in_used);
	if (step.in_used > 0)
		s->between = false;
	if (step.member_end) {
		s->between = true;
		if (codec->again(s->codec) < 0)
			return err_nomem(err);
	}
	if (s->packed.len == 0 && s->offset == s->size_bytes && step.out_made < CHUNK) {
		if (!s->between)
			return fail_codec(s, "it is cut off", err);
		s->unpacked = true;
	}
	return 0;
}

/* More of the object as it was before it was compressed. */
static int fill_bytes(struct copy_stream *s, struct buf *out, struct err *err)
{
	if (s->compression == COPY_PLAIN) {
		if (read_chunk(s, out, err) < 0)
			return -1;
		s->unpacked = s->offset == s->size_bytes;
		return 0;
	}
	if (s->packed.len < CHUNK && s->offset < s->size_bytes && read_chunk(s, &s->packed, err) < 0)
		return -1;
	return unpack(s, out, err);
}

static int fill_decoded(struct copy_stream *s, struct buf *out, struct err *err)
{
	bool no_mark = false;

	if (fill_bytes(s, &s->units, err) < 0 || buf_check(&s->units, "a record", err) < 0)
		return -1;
	buf_consume(&s->units, utf16_decode(&s->utf16, s->units.data, s->units.len, s->unpacked, out, &no_mark));
	if (no_mark)
		return copy_fail_state(err, "XX000",
				       "s3://%s/%.200s has no byte order mark, which ENCODING UTF16 needs",
				       s->object->bucket, s->object->key);
	return 0;
}

int copy_stream_fill(struct copy_stream *s, struct buf *out, struct err *err)
{
	int rc;

	if (s->ended)
		return 0;
	rc = s->encoding == COPY_UTF8 ? fill_bytes(s, out, err) : fill_decoded(s, out, err);
	s->ended = s->unpacked;
	return rc;
}
