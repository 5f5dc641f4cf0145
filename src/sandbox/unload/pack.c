#include "sandbox/unload/pack.h"

#include <bzlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "spark/base/file.h"
#include "spark/base/mem.h"

#define BLOCK        ((size_t)128 * 1024)
#define GZIP_WINDOW  (15 + 16) /* zlib's word for "32 KiB window, gzip header" */
#define GZIP_MEMORY  8
#define BZIP2_BLOCKS 9 /* 900 KB each */

/* One step of a codec. */
struct step {
	const char *in;
	size_t in_len;
	char *out;
	size_t out_made; /* of BLOCK bytes of room */
	bool finish, done;
};

struct codec {
	const char *extension, *name;
	int (*open)(void **state);
	int (*run)(void *state, struct step *s);
	void (*close)(void *state);
};

static void *z_alloc(void *opaque, unsigned items, unsigned size)
{
	(void)opaque;
	return mem_alloc_array(items, size);
}

static void *bz_alloc(void *opaque, int items, int size)
{
	(void)opaque;
	return mem_alloc_array((size_t)items, (size_t)size);
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
	if (deflateInit2(z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK) {
		mem_free(z);
		return -1;
	}
	*state = z;
	return 0;
}

static int gzip_run(void *state, struct step *s)
{
	z_stream *z = state;
	int rc;

	z->next_in = (Bytef *)(uintptr_t)s->in;
	z->avail_in = (uInt)s->in_len;
	z->next_out = (Bytef *)s->out;
	z->avail_out = (uInt)BLOCK;
	rc = deflate(z, s->finish ? Z_FINISH : Z_NO_FLUSH);
	s->in += s->in_len - z->avail_in;
	s->in_len = z->avail_in;
	s->out_made = BLOCK - z->avail_out;
	s->done = s->finish ? rc == Z_STREAM_END : s->in_len == 0;
	return rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR ? 0 : -1;
}

static void gzip_close(void *state)
{
	deflateEnd(state);
	mem_free(state);
}

static int zstd_open(void **state)
{
	*state = ZSTD_createCStream();
	return *state ? 0 : -1;
}

static int zstd_run(void *state, struct step *s)
{
	ZSTD_inBuffer in = { s->in, s->in_len, 0 };
	ZSTD_outBuffer out = { s->out, BLOCK, 0 };
	size_t rc = ZSTD_compressStream2(state, &out, &in, s->finish ? ZSTD_e_end : ZSTD_e_continue);

	s->in += in.pos;
	s->in_len -= in.pos;
	s->out_made = out.pos;
	s->done = s->finish ? rc == 0 : s->in_len == 0;
	return ZSTD_isError(rc) ? -1 : 0;
}

static void zstd_close(void *state)
{
	ZSTD_freeCStream(state);
}

static int bzip2_open(void **state)
{
	bz_stream *b = mem_alloc(sizeof *b);

	if (!b)
		return -1;
	b->bzalloc = bz_alloc;
	b->bzfree = z_free;
	if (BZ2_bzCompressInit(b, BZIP2_BLOCKS, 0, 0) != BZ_OK) {
		mem_free(b);
		return -1;
	}
	*state = b;
	return 0;
}

static int bzip2_run(void *state, struct step *s)
{
	bz_stream *b = state;
	int rc;

	b->next_in = (char *)(uintptr_t)s->in;
	b->avail_in = (unsigned)s->in_len;
	b->next_out = s->out;
	b->avail_out = (unsigned)BLOCK;
	rc = BZ2_bzCompress(b, s->finish ? BZ_FINISH : BZ_RUN);
	s->in += s->in_len - b->avail_in;
	s->in_len = b->avail_in;
	s->out_made = BLOCK - b->avail_out;
	s->done = s->finish ? rc == BZ_STREAM_END : s->in_len == 0;
	return rc == BZ_RUN_OK || rc == BZ_FINISH_OK || rc == BZ_STREAM_END ? 0 : -1;
}

static void bzip2_close(void *state)
{
	BZ2_bzCompressEnd(state);
	mem_free(state);
}

static const struct codec codecs[] = {
	[COPY_PLAIN] = { "", "none", NULL, NULL, NULL },
	[COPY_GZIP] = { ".gz", "gzip", gzip_open, gzip_run, gzip_close },
	[COPY_ZSTD] = { ".zst", "zstd", zstd_open, zstd_run, zstd_close },
	[COPY_BZIP2] = { ".bz2", "bzip2", bzip2_open, bzip2_run, bzip2_close },
};

const char *unload_pack_extension(enum copy_compression kind)
{
	return codecs[kind].extension;
}

const char *unload_pack_name(enum copy_compression kind)
{
	return codecs[kind].name;
}

int unload_pack_open(struct unload_pack *p, enum copy_compression kind, int fd, struct err *err)
{
	*p = (struct unload_pack){ .fd = fd, .kind = kind };
	if (!codecs[kind].open)
		return 0;
	p->block = mem_alloc(BLOCK);
	return p->block && codecs[kind].open(&p->codec) == 0 ? 0 : err_nomem(err);
}

static int run(struct unload_pack *p, struct step *s, struct err *err)
{
	s->out = p->block;
	do {
		if (codecs[p->kind].run(p->codec, s) < 0)
			return err_nomem(err); /* the codecs fail for no other reason while they compress */
		if (s->out_made == 0)
			continue;
		if (file_write_all(p->fd, p->block, s->out_made, err) < 0)
			return -1;
		p->written += s->out_made;
		p->inside = 0;
	} while (!s->done);
	return 0;
}

int unload_pack_add(struct unload_pack *p, const void *bytes, size_t len, struct err *err)
{
	struct step s = { .in = bytes, .in_len = len };

	if (len == 0)
		return 0;
	if (!codecs[p->kind].run) {
		p->written += len;
		return file_write_all(p->fd, bytes, len, err);
	}
	p->inside += len;
	return run(p, &s, err);
}

int unload_pack_finish(struct unload_pack *p, struct err *err)
{
	struct step s = { .in = "", .finish = true };

	return codecs[p->kind].run ? run(p, &s, err) : 0;
}

void unload_pack_close(struct unload_pack *p)
{
	if (p->codec)
		codecs[p->kind].close(p->codec);
	mem_free(p->block);
	*p = (struct unload_pack){ .fd = -1 };
}
