#ifndef SPARK_SANDBOX_COPY_STREAM_H
#define SPARK_SANDBOX_COPY_STREAM_H

#include <stdbool.h>

#include "sandbox/copy/source.h"

/* An object's bytes, decompressed, chunk by chunk. One stream serves many objects, one after the other. */
struct copy_stream {
	struct objects *objects;
	enum copy_compression compression;
	const struct copy_object *object;
	uint64_t offset;   /* what was read of the object */
	struct buf packed; /* compressed bytes that are not yet used up */
	void *codec;       /* the decompressor's state */
	bool between;      /* at the beginning or between two compressed members */
	bool ended;
};

void copy_stream_init(struct copy_stream *s, struct objects *objects, enum copy_compression compression);
void copy_stream_clear(struct copy_stream *s);
int copy_stream_start(struct copy_stream *s, const struct copy_object *object, struct err *err) MUST_CHECK;
/* Appends the next bytes to out; s->ended tells that these were the last. XX000 for data that is not so compressed or
 * is cut off. */
int copy_stream_fill(struct copy_stream *s, struct buf *out, struct err *err) MUST_CHECK;

#endif
