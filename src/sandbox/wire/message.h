#ifndef SPARK_SANDBOX_WIRE_MESSAGE_H
#define SPARK_SANDBOX_WIRE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"

/* Messages of the PostgreSQL protocol, version 3: a type byte, a length of four bytes that counts itself, a body. */
#define MESSAGE_HEAD      5
#define MESSAGE_MAX_BYTES ((uint32_t)0x3fffffff) /* PostgreSQL's own bound on one message */

#define STARTUP_MIN_BYTES 8
#define STARTUP_MAX_BYTES 10004 /* PostgreSQL counts 10,000 without the length word */
#define STARTUP_VERSION_3 196608
#define STARTUP_CANCEL    80877102
#define STARTUP_SSL       80877103
#define STARTUP_GSSENC    80877104

struct message {
	char type;
	const unsigned char *body; /* lent; `have` bytes of it are there */
	size_t len;                /* of the whole body */
	size_t have;
};

uint16_t wire_get16(const unsigned char *p);
uint32_t wire_get32(const unsigned char *p);

/* Looks at the message that begins at bytes. 1: its head is there (m->have tells how much of the body is); 0: more
 * bytes are needed for the head; -1: the length cannot be. */
int message_peek(const char *bytes, size_t len, struct message *m);
bool message_whole(const struct message *m);
/* The zero-terminated text at *at in the body; *at goes behind it. NULL when the end is not there (yet). */
const char *message_text(const struct message *m, size_t *at);
/* A field of ErrorResponse or NoticeResponse ('C' SQLSTATE, 'M' text, 'P' position ...); NULL when absent. */
const char *message_field(const struct message *m, char field);

/* Building: the mark of begin goes to end, which fills in the length. */
size_t message_begin(struct buf *out, char type);
void message_end(struct buf *out, size_t mark);
void message_put16(struct buf *out, unsigned v);
void message_put32(struct buf *out, uint32_t v);
void message_put_text(struct buf *out, const char *text); /* with its zero byte */
/* A whole message whose body is one text (Query), nothing (Sync), or bytes. */
void message_text_whole(struct buf *out, char type, const char *text);
void message_empty(struct buf *out, char type);
void message_bytes(struct buf *out, char type, const void *body, size_t len);
void message_ready(struct buf *out, char status);
void message_parameter(struct buf *out, const char *name, const char *value);

/* ErrorResponse or NoticeResponse ('N') from an err: SQLSTATE (XX000 when it has none), text, hint as DETAIL when
 * `hint_is_detail`, position in characters (0: none). */
struct message_report {
	char type; /* 'E' or 'N' */
	const char *severity;
	const char *sqlstate, *text, *detail, *hint;
	int position;
};
void message_put_report(struct buf *out, const struct message_report *r);
/* The message again, with another position (0: without). */
void message_put_moved(struct buf *out, const struct message *m, int position);
/* What the server said, as an err: ERR_DATABASE, SQLSTATE, text, its DETAIL or HINT. Returns -1. */
int message_to_err(const struct message *m, struct err *err);

#endif
