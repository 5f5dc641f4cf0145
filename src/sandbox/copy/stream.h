#ifndef SPARK_SANDBOX_COPY_STREAM_H
#define SPARK_SANDBOX_COPY_STREAM_H

#include <stdbool.h>

#include "sandbox/copy/source.h"
#include "sandbox/copy/utf16.h"

/* An object's bytes, decompressed, as UTF-8, chunk by chunk. One stream serves many objects, one after the other. */
struct copy_stream {
	struct objects *objects;
	enum copy_compression compression;
	enum copy_encoding encoding;
	const struct copy_object *object;
	struct object_reader *reader; /* of one version of it, whatever happens to its key */
	uint64_t offset, size_bytes;  /* what was read of it, and all there is */
	struct buf packed;            /* compressed bytes that are not yet used up */
	void *codec;                  /* the decompressor's state */
	struct buf units;             /* UTF-16 that is not yet decoded */
	struct utf16 utf16;
	bool unpacked; /* the last byte was read and decompressed */
	bool between;  /* at the beginning or between two compressed members */
	bool ended;
};

void copy_stream_init(struct copy_stream *s, struct objects *objects, const struct copy_statement *statement);
void copy_stream_clear(struct copy_stream *s);
int copy_stream_start(struct copy_stream *s, const struct copy_object *object, struct err *err) MUST_CHECK;
/* Appends the next bytes to out; s->ended tells that these were the last. XX000 for data that is not so compressed, is
 * cut off or has no byte order mark where ENCODING wants one. */
int copy_stream_fill(struct copy_stream *s, struct buf *out, struct err *err) MUST_CHECK;

#endif
