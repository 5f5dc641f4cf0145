#ifndef SPARK_SANDBOX_WIRE_PROBE_H
#define SPARK_SANDBOX_WIRE_PROBE_H

#include "sandbox/wire/session.h"
#include "spark/sandbox/dialect.h"

/* The functions of struct dialect_catalog; arg is the session. */
int probe_columns(void *session, const char *schema, const char *relation, struct buf *out);
int probe_procedure(void *session, const char *schema, const char *name, const char *types, struct buf *out);
bool probe_setting(void *session, const char *name, char *value, size_t size);

/* A text is about to be run that may change what the catalogue says, for this session now and for others when its
 * transaction has ended. */
void probe_change(struct session *s);
/* Whenever the server may have ended a transaction, before the client hears of it; and at the session's end. */
void probe_settle(struct session *s, bool gone);

#endif
