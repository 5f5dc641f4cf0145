#ifndef SPARK_SANDBOX_STORE_OBJECTS_FILE_H
#define SPARK_SANDBOX_STORE_OBJECTS_FILE_H

#include "spark/base/hash.h"

/* Files that are about to become objects. */
int objects_file_md5(const char *path, char out[MD5_HEX], struct err *err) MUST_CHECK;
/* One of its own in `dir` that holds these bytes, not yet durable. Its path, which the caller frees; NULL: err. */
char *objects_file_make(const char *dir, const void *data, size_t len, struct err *err) MUST_CHECK;

#endif
