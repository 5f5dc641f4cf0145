#ifndef SPARK_SANDBOX_WIRE_PROBE_H
#define SPARK_SANDBOX_WIRE_PROBE_H

#include "sandbox/wire/session.h"
#include "spark/sandbox/dialect.h"

/* The functions of struct dialect_catalog; arg is the session. */
int probe_columns(void *session, const char *schema, const char *relation, struct buf *out);
bool probe_setting(void *session, const char *name, char *value, size_t size);

#endif
