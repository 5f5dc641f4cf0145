#ifndef SPARK_SANDBOX_UNLOAD_PACK_H
#define SPARK_SANDBOX_UNLOAD_PACK_H

#include <stdbool.h>
#include <stdint.h>

#include "sandbox/copy/statement.h"
#include "spark/base/err.h"

/* Bytes on their way into a file, compressed or as they are. */
struct unload_pack {
	int fd; /* -1: none is open; lent */
	enum copy_compression kind;
	void *codec;
	uint64_t written; /* bytes of the file */
	uint64_t inside;  /* bytes that went into the codec since it gave any back */
	char *block;
};

int unload_pack_open(struct unload_pack *p, enum copy_compression kind, int fd, struct err *err) MUST_CHECK;
int unload_pack_add(struct unload_pack *p, const void *bytes, size_t len, struct err *err) MUST_CHECK;
/* What the codec still holds goes to the file. */
int unload_pack_finish(struct unload_pack *p, struct err *err) MUST_CHECK;
void unload_pack_close(struct unload_pack *p); /* accepts a zeroed struct */
/* ".gz", or "" */
const char *unload_pack_extension(enum copy_compression kind);
const char *unload_pack_name(enum copy_compression kind); /* as sys_unload_history has it */

#endif
